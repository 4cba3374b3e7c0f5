"""Who is in the sample: one person for each role, at fictional organizations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tenants.choices import Role

HARBOUR: Final = "Harbour & Finch LLP"
QUILL: Final = "Quill & Stone LLP"
TALLOWBROOK: Final = "Tallowbrook Payroll"
BRIGHTWATER: Final = "Brightwater Funds"
NORTHPIER: Final = "Northpier Logistics"


@dataclass(frozen=True, slots=True)
class Person:
    """One sample person; `role` is theirs in the organization and on its engagements."""

    name: str
    email: str
    organization: str
    role: Role


def _at(organization: str, domain: str, *people: tuple[str, Role]) -> tuple[Person, ...]:
    return tuple(
        Person(name, f"{name.lower().replace(' ', '.')}@{domain}", organization, role)
        for name, role in people
    )


FIRM = _at(
    HARBOUR, "harbourfinch.example",
    ("Amara Okafor", Role.FIRM_ADMIN), ("Eleanor Finch", Role.PARTNER),
    ("Hugo Larsen", Role.QUALITY_REVIEWER), ("Nadia Rahman", Role.MANAGER),
    ("Jonas Weber", Role.SENIOR), ("Mei Tanaka", Role.STAFF), ("Piotr Zielinski", Role.SPECIALIST),
)  # fmt: skip
SECOND_FIRM = _at(
    QUILL, "quillstone.example", ("Rosa Quill", Role.FIRM_ADMIN), ("Victor Stone", Role.PARTNER)
)
CLIENT = _at(
    TALLOWBROOK, "tallowbrook.example",
    ("Dana Whitlock", Role.CLIENT_ADMIN), ("Clara Boone", Role.EXECUTIVE),
    ("Marcus Oyelaran", Role.CONTROL_OWNER), ("Priya Nair", Role.CONTROL_OWNER),
    ("Lena Hoffmann", Role.CONTROL_OWNER), ("Tomas Reyes", Role.CONTROL_OWNER),
    ("Grace Adeyemi", Role.CONTROL_OWNER), ("Sam Ito", Role.CONTROL_OWNER),
    ("Helen Park", Role.CONTROL_OWNER), ("Owen Gallagher", Role.CONTROL_OWNER),
    ("Devon Clarke", Role.CONTRIBUTOR),
)  # fmt: skip
OTHER_CLIENTS = (
    *_at(BRIGHTWATER, "brightwater.example", ("Imani Brooks", Role.CLIENT_ADMIN)),
    *_at(NORTHPIER, "northpier.example", ("Stellan Berg", Role.CLIENT_ADMIN)),
)
EVERYBODY: Final = (*FIRM, *SECOND_FIRM, *CLIENT, *OTHER_CLIENTS)
