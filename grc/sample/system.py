"""The sample client's own account of its system, by kind: what it is made of and promises."""

from __future__ import annotations

from typing import Any, Final

from audits.rules.system_entries import Told
from tenants.choices import Category

RELATED: Final[dict[str, tuple[str, ...]]] = {
    "CP-01": ("SV-01",), "CP-02": ("SV-01",), "CP-03": ("SV-01",), "CP-04": ("SV-01",),
    "CP-05": ("SV-01",), "DF-01": ("DT-01",), "TC-01": ("AP-01",), "TC-02": ("AP-01",),
    "CS-01": ("SO-01",), "SO-01": ("SV-01",), "IN-01": ("CP-02",), "CH-01": ("CP-02",),
}  # fmt: skip
"""Entry → what it is related to."""

_STEPS: Final = {
    "started_by": "user_entity", "authorized_by": "user_entity", "recorded_by": "client",
    "processed_by": "client", "corrected_by": "client", "reported_by": "client",
}  # fmt: skip
_ALL_ASPECTS: Final = ("accuracy", "authorization", "completeness", "timeliness", "validity")
_PROMISES: Final[dict[str, tuple[str, str]]] = {
    Category.SECURITY: (
        "Approved people alone reach customer data; access ends one business day after its need.",
        "Accounts are given on approval, carry a second factor and end with the employment.",
    ),
    Category.AVAILABILITY: (
        "The platform answers 99.9 percent of each month, and data is recovered within four hours.",
        "Capacity is watched, copies are made nightly and a recovery is rehearsed every half year.",
    ),
    Category.CONFIDENTIALITY: (
        "Payroll data is encrypted, shown to nobody else and destroyed 90 days after a contract.",
        "Data is encrypted at rest and on its way, and its destruction is recorded.",
    ),
    Category.PROCESSING_INTEGRITY: (
        "Every approved pay run is calculated in full, once, as approved, before its pay date.",
        "Input is validated, totals are reconciled and failed runs are stopped and corrected.",
    ),
    Category.PRIVACY: (
        "Employees are told which data is held about them and may ask to see and correct it.",
        "Notices are kept current and requests of persons are answered within 30 days.",
    ),
}  # fmt: skip


def _told(kind: str, ref: str, title: str, text: str, **more: Any) -> Told:
    category, aspects = more.pop("category", ""), more.pop("aspects", ())
    return Told(kind, ref, title, text, category, aspects, more)


_FIXED: Final = (
    _told("service", "SV-01", "Payroll processing",
          "Calculates pay, taxes and deductions and prepares payments and filings.",
          used_by="Employers with up to 5,000 employees, and their payroll teams."),
    _told("boundary", "BD-01", "The payroll platform",
          "From the customer portal and interfaces to the payment files handed to the bank.",
          left_out="Own billing of customers, the marketing site, and advice on tax law."),
    _told("component", "CP-01", "Production servers", "Virtual machines in two zones.",
          category="infrastructure", held_at="The hosting provider"),
    _told("component", "CP-02", "Payroll application", "Web portal, engine and interfaces.",
          category="software"),
    _told("component", "CP-03", "Operations and support", "Engineers, operators, service desk.",
          category="people"),
    _told("component", "CP-04", "Policies and runbooks", "Reviewed every year.",
          category="procedures"),
    _told("component", "CP-05", "Payroll records", "Master data, pay runs, filings.",
          category="data"),
    _told("data_type", "DT-01", "Employee master and pay data",
          "Names, addresses, tax numbers, bank accounts, pay.",
          personal=True, kept_for="Seven years after the pay run, or 90 days after the contract."),
    _told("data_flow", "DF-01", "Hours from time systems", "Approved hours arrive before a run.",
          source="Customer’s time system", destination="Payroll application",
          means="Signed file over SFTP"),
    _told("location", "LO-01", "Head office", "Operations and support work from here."),
    _told("transaction_class", "TC-01", "Pay runs",
          "Hours and salaries become net pay, deductions and payment files.", **_STEPS),
    _told("transaction_class", "TC-02", "Tax filings", "Withheld tax is reported and remitted.",
          **{**_STEPS, "started_by": "client"}),
    _told("application", "AP-01", "Payroll engine", "Calculates and keeps every pay run.",
          made_by="The service organization"),
    _told("subservice", "SO-01", "Northgate Hosting", "Runs the data centres.",
          does="Hosts servers and network in two data centres.",
          needed_for="Physical access and power are theirs alone to control.",
          watched="Its SOC 2 report is read every year; outages are reviewed monthly."),
    _told("vendor", "VE-01", "Copperline Mailing", "Prints year-end statements.",
          does="Prints and mails statements that the platform prepares.",
          assessed_on="2026-02-16"),
    _told("cuec", "UE-01", "Input is approved by the customer",
          "Hours and changes of pay are approved by the customer before they are sent.",
          answers_to=["CC6.2", "CO-13"]),
    _told("csoc", "CS-01", "Data centres are guarded",
          "Only approved people enter the rooms in which the servers stand.",
          answers_to=["CC6.4", "CO-04"]),
    _told("user_responsibility", "UR-01", "Current contacts",
          "The customer keeps its list of contacts for the service desk current."),
    _told("incident", "IN-01", "Late payment files in March",
          "A full disk stopped the nightly job that writes payment files.",
          happened_on="2026-03-12", ended_on="2026-03-12",
          extent="Files of 14 customers, three hours late.",
          outcome="Sent the same day; the disk is watched since.", reportable=True),
    _told("change", "CH-01", "New payroll engine for deductions",
          "Deductions are calculated by a new module, tested beside the old one for two runs.",
          changed_on="2026-01-15", before="Deductions were part of the engine itself."),
)  # fmt: skip


def _promised() -> list[Told]:
    told = []
    for at, (category, (promise, need)) in enumerate(_PROMISES.items(), 1):
        label = Category(category).label
        aspects = _ALL_ASPECTS if category == Category.PROCESSING_INTEGRITY else ()
        told += [
            _told("commitment", f"SC-{at:02}", f"{label}, as promised", promise, source="contract",
                  where="Master services agreement, section 4", category=category,
                  aspects=aspects),
            _told("requirement", f"SR-{at:02}", f"{label}, as needed", need, source="policy",
                  category=category),
        ]  # fmt: skip
    return told


ENTRIES: Final[tuple[Told, ...]] = (*_FIXED, *_promised())
