"""What walkthroughs register: their tab."""

from __future__ import annotations


def join() -> None:
    """The firm's people find the walkthroughs of an engagement."""
    from tenants.permissions import P
    from tenants.portal.tabs import TABS, Tab

    TABS.append(
        Tab("Testing", 10, "Walkthroughs", "audits:walkthroughs", P.VIEW_FIRM_FILE,
            ("consistency",))
    )  # fmt: skip
