"""What the firm's tables register: their place in the navigation."""

from __future__ import annotations


def join() -> None:
    """A firm's administrators find its tables."""
    from tenants.permissions import P
    from tenants.portal import base

    base.NAVIGATION.append(
        base.Entry(45, "Tables", "audits:firm_tables", "table", (base.FIRM,), P.MANAGE_FIRM_TABLES)
    )
