"""SCIM 2.0 (RFC 7643, RFC 7644) below `/scim/v2/`, for an organization's directory (AUT-12)."""
