"""What testing registers: its tab."""

from __future__ import annotations


def join() -> None:
    """The firm's people find the tests of an engagement."""
    from tenants.permissions import P
    from tenants.portal import base

    base.ENGAGEMENT_TABS.append(("Testing", "audits:testing", "checklist", P.VIEW_FIRM_FILE))
