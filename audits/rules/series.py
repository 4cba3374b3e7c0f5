"""What each series of trust services criteria is about, in our own words (soc.md, section 7)."""

from __future__ import annotations

from typing import Final

SERIES_TITLES: Final = {
    "CC1": "Control environment",
    "CC2": "Communication and information",
    "CC3": "Risk assessment",
    "CC4": "Monitoring",
    "CC5": "Control activities",
    "CC6": "Logical and physical access",
    "CC7": "System operations",
    "CC8": "Change management",
    "CC9": "Risk mitigation",
    "A1": "Availability",
    "C1": "Confidentiality",
    "PI1": "Processing integrity",
    "P1": "Privacy: notice",
    "P2": "Privacy: choice and consent",
    "P3": "Privacy: collection",
    "P4": "Privacy: use, retention and disposal",
    "P5": "Privacy: access",
    "P6": "Privacy: disclosure",
    "P7": "Privacy: quality",
    "P8": "Privacy: monitoring",
}


def series_title(series: str) -> str:
    """What a series is about; empty for the domain of an objective, which says it itself."""
    return SERIES_TITLES.get(series, "")
