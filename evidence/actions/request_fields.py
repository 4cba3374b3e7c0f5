"""What a request is written with: each field checked, each link inside the engagement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any
from uuid import UUID

from django.db.models import Model

from audits.models import EngagementControl, ScopeItem
from evidence.choices import Part, Priority, RequestKind, Sensitivity
from evidence.models import EvidenceRequest, RequestControl, RequestPerson, RequestScopeItem
from evidence.queries import people as concerned
from tenants.choices import CLIENT_ROLES, ExamType
from tenants.errors import Invalid
from tenants.models import Engagement, User

TEXTS = ("title", "description", "acceptance_hint", "area")
CHOICES = {"kind": RequestKind, "priority": Priority, "sensitivity": Sensitivity}
DATES = ("period_from", "period_to", "as_of", "due_on", "requested_on")
PLAIN = ("covers_all_scope", "list_status", "list_comment")
LINKS = ("controls", "scope_items", "contributors", "watchers")
FIELDS = (*TEXTS, *CHOICES, *DATES, *PLAIN, *LINKS, "ref", "owner", "owner_email")
"""What a request is written with; `controls` and so on are ids of the engagement's rows."""

Fields = Mapping[str, Any]


def addresses(text: str) -> list[str]:
    """The e-mail addresses of a list's cell, trimmed and in lower case (IM-05)."""
    return [part.strip().lower() for part in text.split(";") if part.strip()]


def free_refs(engagement: Engagement) -> Iterator[str]:
    """References of the form R-001 that nobody in sight has, the first free one first.

    A restricted request out of sight may have one of them; then the next is tried.
    """
    taken = set(EvidenceRequest.objects.filter(engagement=engagement).values_list("ref", flat=True))
    for number in count(len(taken) + 1):
        if f"R-{number:03}" not in taken:
            yield f"R-{number:03}"


def write_fields(
    row: EvidenceRequest, fields: Fields, *, people: Mapping[str, User] | None = None
) -> None:
    """Set columns of a request in hand, checked. Raises Invalid naming the field.

    `people`: the client's people here by e-mail, when many requests are written at once.
    """
    if unknown := sorted(set(fields) - set(FIELDS)):
        raise Invalid(
            f"“{unknown[0]}” is no field of a request.", code="field_unknown", field=unknown[0]
        )
    for name in ("ref", *TEXTS, *DATES, *PLAIN):
        if name in fields:
            value = fields[name]
            setattr(row, name, value.strip() if isinstance(value, str) else value)
    for name, choices in CHOICES.items():
        if name in fields:
            if fields[name] not in choices.values:
                raise Invalid(f"“{fields[name]}” is no {name}.", code=f"{name}_unknown", field=name)
            setattr(row, name, fields[name])
    if not row.title:
        raise Invalid("Say in a few words what is asked for.", code="title_required", field="title")
    if row.kind == RequestKind.SAMPLE and row.engagement.exam_type == ExamType.TYPE_1:
        raise Invalid(
            "RT-07: a Type 1 tests design as of one date; it has no samples.",
            code="sample_in_type_1", field="kind",
        )  # fmt: skip
    if row.period_from and row.period_to and row.period_from > row.period_to:
        raise Invalid(
            "The period must end after it starts.", code="period_backwards", field="period_to"
        )
    _write_owner(row, fields, people)


def _write_owner(row: EvidenceRequest, fields: Fields, people: Mapping[str, User] | None) -> None:
    """Owner by person, or by addresses that may join later: the first is the owner's (IM-05)."""
    if "owner_email" in fields:
        row.owner_email = "; ".join(addresses(fields["owner_email"]))
        first = addresses(row.owner_email)[:1]
        if "owner" not in fields:
            row.owner = _by_email(row.engagement_id, first, people)
    if "owner" in fields:
        owner = fields["owner"]
        if owner is not None and _client_person(row.engagement_id, pk=owner.pk) is None:
            raise Invalid(
                "Choose one of the client's people here.", code="not_assigned", field="owner"
            )
        row.owner = owner
        if owner is not None:
            row.owner_email = owner.email


def _by_email(
    engagement_id: UUID, emails: list[str], people: Mapping[str, User] | None
) -> User | None:
    if not emails:
        return None
    if people is not None:
        return people.get(emails[0])
    return _client_person(engagement_id, email=emails[0])


def _client_person(engagement_id: UUID, **who: Any) -> User | None:
    return User.objects.filter(
        assignments__engagement_id=engagement_id, assignments__role__in=CLIENT_ROLES, **who
    ).first()


def write_links(row: EvidenceRequest, fields: Fields) -> None:
    """Set what a request serves and who takes part, by ids. Raises Invalid for a foreign id."""
    if "controls" in fields:
        _set_links(row, RequestControl, "control", EngagementControl, fields["controls"])
    if "scope_items" in fields:
        _set_links(row, RequestScopeItem, "scope_item", ScopeItem, fields["scope_items"])
    for name, part in (("contributors", Part.CONTRIBUTOR), ("watchers", Part.WATCHER)):
        if name in fields:
            _set_people(row, part, fields[name])


def _set_links(
    row: EvidenceRequest, through: type[Model], name: str, target: type[Model], ids: Iterable[UUID]
) -> None:
    wanted = set(ids)
    found = set(
        target._default_manager.filter(engagement_id=row.engagement_id, pk__in=wanted)
        .values_list("pk", flat=True)
    )  # fmt: skip
    if wanted - found:
        what = "scope item" if name == "scope_item" else name
        raise Invalid(
            f"A {what} named here is not in this engagement.", code="link_unknown", field=f"{name}s"
        )
    links = through._default_manager.filter(evidence_request=row)
    held = set(links.values_list(f"{name}_id", flat=True))
    links.filter(**{f"{name}_id__in": held - wanted}).delete()
    through._default_manager.bulk_create(
        through(engagement_id=row.engagement_id, evidence_request=row, **{f"{name}_id": pk})
        for pk in sorted(wanted - held)
    )


def _set_people(row: EvidenceRequest, part: Part, ids: Iterable[UUID]) -> None:
    wanted = set(ids)
    allowed = {person.pk for person in concerned.client_people(row.engagement_id)}
    if wanted - allowed:
        raise Invalid(
            "Choose people of the client who are on this engagement.",
            code="not_assigned", field=f"{part}s",
        )  # fmt: skip
    RequestPerson.objects.filter(evidence_request=row, part=part).exclude(
        person_id__in=wanted
    ).delete()
    for person in sorted(wanted):
        RequestPerson.objects.update_or_create(
            engagement_id=row.engagement_id, evidence_request=row, person_id=person,
            defaults={"part": part},
        )  # fmt: skip
