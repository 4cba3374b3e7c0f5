"""What an identity provider says, and whether it may be believed: no row, no session."""
