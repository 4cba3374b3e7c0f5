"""What walkthroughs register: their tab."""

from __future__ import annotations


def join() -> None:
    """The firm's people find the walkthroughs of an engagement."""
    from tenants.permissions import P
    from tenants.portal import base

    tab = ("Walkthroughs", "audits:walkthroughs", "eye", P.VIEW_FIRM_FILE)
    base.ENGAGEMENT_TABS.append(tab)
