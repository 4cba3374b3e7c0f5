"""What populations register: what holds fieldwork, and who is waited for."""

from __future__ import annotations


def join() -> None:
    """Populations and samples hold fieldwork; they wait for those who accept and who draw."""
    from audits.queries import waiting_populations
    from audits.queries.sample_findings import open_at_fieldwork
    from tenants.choices import EngagementStatus
    from tenants.findings import SOURCES
    from tenants.queries import waiting

    SOURCES[EngagementStatus.FIELDWORK].append(open_at_fieldwork)
    waiting.SOURCES += [
        waiting_populations.populations_to_accept, waiting_populations.samples_to_draw,
    ]  # fmt: skip
