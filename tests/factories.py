"""Records that already satisfy every constraint, made by the real actions where there is one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from grc.sample.cures import cure_all
from tenants import acting
from tenants.actions import assignments, engagements, independence, organizations
from tenants.choices import CLIENT_ROLES, OrganizationKind, Role
from tenants.models import Engagement, Membership, Organization, User
from tenants.rules.engagements import Terms

_numbers = itertools.count(1)
PASSWORD = "correct horse battery staple"
PERIOD = Terms("SOC2", "T2", ("security", "availability", "confidentiality"),
               period_start=date(2025, 10, 1), period_end=date(2026, 9, 30))  # fmt: skip


def person(name: str = "", **fields: Any) -> User:
    """A person who can sign in with PASSWORD (hashed once for all)."""
    number = next(_numbers)
    name = name or f"Person {number}"
    email = fields.pop("email", f"{name.split()[0].lower()}{number}@people.example")
    user = User(email=email, name=name, **fields)
    user.password = _hashed()
    user.save()
    return user


def _hashed() -> str:
    from django.contrib.auth.hashers import make_password

    if not hasattr(_hashed, "known"):
        _hashed.known = make_password(PASSWORD)  # type: ignore[attr-defined]
    return str(_hashed.known)  # type: ignore[attr-defined]


def organization(kind: str, name: str = "", **fields: Any) -> Organization:
    """A tenant without people."""
    name = name or f"{kind.capitalize()} {next(_numbers)}"
    zone = fields.pop("time_zone", "America/New_York")
    return organizations.found(
        name, OrganizationKind(kind), by=acting.SYSTEM, time_zone=zone, **fields
    )


def member(organization: Organization, role: Role, who: User | None = None, name: str = "") -> User:
    """A person with a role in the organization."""
    who = who or person(name)
    with transaction.atomic(), acting.inside(organization.pk):
        Membership.objects.create(organization=organization, person=who, role=role)
    return who


def assigned(engagement: Engagement, organization: Organization, who: User, role: Role) -> None:
    """Put a member on the engagement, past the question who may; the firm's are independent."""
    founder = User.objects.get(pk=engagement.founded_by_id)
    with transaction.atomic(), acting.on_behalf_of_the_engagement(engagement.pk):
        assignments.place(
            engagement, organization, who, role, by=founder, starts_on=date(2025, 1, 1)
        )
    if organization.kind == OrganizationKind.FIRM:
        actor = acting.Actor(person_id=who.pk, organization_id=organization.pk)
        with transaction.atomic(), acting.acting(actor):
            independence.confirm(engagement, by=who)


def engagement(firm: Organization, client: Organization, by: User, **fields: Any) -> Engagement:
    """An engagement opened by `by`, a partner or manager of the firm who must not be acting yet."""
    terms = fields.pop("terms", PERIOD)
    fields.setdefault("independent", True)
    fields.setdefault("title", f"Examination {next(_numbers)}")
    with acting.acting(acting.Actor(person_id=by.pk, organization_id=firm.pk)):
        return engagements.open_engagement(firm, client, terms=terms, by=by, **fields)


def known_client(firm: Organization, by: User, name: str = "") -> Organization:
    """A client of the firm."""
    with acting.acting(acting.Actor(person_id=by.pk, organization_id=firm.pk)):
        return organizations.add_client(
            firm, name=name or f"Client {next(_numbers)}", time_zone="America/New_York", by=by
        )


@transaction.atomic
def world(**terms: Any) -> SimpleNamespace:
    """A firm and a client with an engagement and its cast.

    lead (manager), partner, senior, auditor (staff), reviewer (quality), client (its
    administrator), owner (control owner), contributor, executive; colleague is of the firm and
    not assigned, outsider has the client administrator's role in another organization, rival is
    partner of another firm, operator looks after the platform (once `conftest` has made them one).
    """
    firm = organization("firm", "Harbour & Finch LLP")
    lead = member(firm, Role.MANAGER, name="Lena Lead")
    client_organization = known_client(firm, lead, "Tallowbrook Payroll")
    engagement_ = engagement(firm, client_organization, lead, title="SOC 2 2026", **terms)
    cast = {"lead": lead}
    for key, organization_, role in (
        ("partner", firm, Role.PARTNER),
        ("senior", firm, Role.SENIOR),
        ("auditor", firm, Role.STAFF),
        ("reviewer", firm, Role.QUALITY_REVIEWER),
        ("client", client_organization, Role.CLIENT_ADMIN),
        ("owner", client_organization, Role.CONTROL_OWNER),
        ("contributor", client_organization, Role.CONTRIBUTOR),
        ("executive", client_organization, Role.EXECUTIVE),
    ):
        cast[key] = member(organization_, role, name=f"{key.capitalize()} Person")
        assigned(engagement_, organization_, cast[key], role)
    cast["colleague"] = member(firm, Role.SENIOR, name="Colleague Person")
    other_firm = organization("firm", "Quill & Stone LLP")
    cast["rival"] = member(other_firm, Role.PARTNER, name="Rival Person")
    other_client = known_client(other_firm, cast["rival"], "Brightwater Funds")
    cast["outsider"] = member(other_client, Role.CLIENT_ADMIN, name="Outsider Person")
    return SimpleNamespace(
        firm=firm, client_organization=client_organization, engagement=engagement_,
        other_firm=other_firm, other_client=other_client, operator=person("Olive Operator"),
        **cast,
    )  # fmt: skip


def arrange(record: Any, **columns: Any) -> Any:
    """Set columns of a row beside all walls and moves, inside the test's own transaction."""
    with acting.on_behalf_of_the_engagement(record.engagement_id):
        type(record)._base_manager.filter(pk=record.pk).update(**columns)
    for name, value in columns.items():
        setattr(record, name, value)
    return record


def moved_to(world: SimpleNamespace, status: str, **columns: Any) -> None:
    """Put the engagement into a phase, past what holds it in the earlier ones."""
    if status not in ("draft", "acceptance"):
        columns.setdefault("types_frozen_at", timezone.now())
    stamped = {"released": "released_at", "withdrawn": "withdrawn_at", "locked": "locked_at"}
    if status in stamped:
        columns.setdefault(stamped[status], timezone.now())
    arrange(world.engagement, status=status, **columns)


class Cast:
    """The world's people as the cures know them (`grc/sample/cures`)."""

    def __init__(self, world: SimpleNamespace) -> None:
        people = (
            "partner",
            "lead",
            "senior",
            "auditor",
            "reviewer",
            "client",
            "owner",
            "executive",
        )
        self.world = world
        self.of = dict(zip(_ROLES, people, strict=True))

    @contextmanager
    def acting_as(self, engagement: Engagement, role: Role) -> Iterator[User]:
        """Somebody of this role acts."""
        who = getattr(self.world, self.of[role])
        home = self.world.client_organization if role in CLIENT_ROLES else self.world.firm
        actor = acting.Actor(person_id=who.pk, organization_id=home.pk)
        with acting.acting(actor), transaction.atomic():
            yield who


_ROLES = (
    Role.PARTNER, Role.MANAGER, Role.SENIOR, Role.STAFF, Role.QUALITY_REVIEWER, Role.CLIENT_ADMIN,
    Role.CONTROL_OWNER, Role.EXECUTIVE,
)  # fmt: skip


def taken_on(world: SimpleNamespace, *moves: tuple[str, Role]) -> None:
    """Play moves of the engagement for real, each by a role, with all that they ask for done."""
    cast = Cast(world)
    for name, role in moves:
        cure_all(cast, world.engagement)
        with cast.acting_as(world.engagement, role) as by:
            engagements.move(world.engagement, name, by=by)


def nobody_waits() -> bool:
    """Whether the database is outside any transaction (for tests of threads)."""
    return not connection.in_atomic_block


@transaction.atomic
def taken_controls(world: SimpleNamespace) -> None:
    """The client imports the sample control set, the firm takes it into the engagement."""
    from audits.actions import controls, library

    content = (Path(__file__).parents[1] / "grc/sample/sample-control-set.csv").read_bytes()
    client = world.client_organization
    with acting.acting(acting.Actor(person_id=world.client.pk, organization_id=client.pk)):
        library.import_control_list(client, content, by=world.client)
    with acting.acting(acting.Actor(person_id=world.lead.pk, organization_id=world.firm.pk)):
        controls.take_controls(world.engagement, None, by=world.lead)
