"""What narratives register: who is waited for."""

from __future__ import annotations


def join() -> None:
    """Proposals wait for an administrator, versions for a second person."""
    from audits.queries import narratives_waiting
    from tenants.queries import waiting

    waiting.SOURCES += [narratives_waiting.proposals, narratives_waiting.approvals]
