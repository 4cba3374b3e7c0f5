"""The frozen scope of an engagement: it follows the categories, or is chosen from objectives.

`freeze` and `clear` are asked by tenants/actions/engagements.py (see apps.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from audits.models import ControlObjective, Criterion, ScopeItem
from audits.queries.scope import uses_of_scope_items
from audits.rules import scope as rules
from audits.rules.scope import ScopeChange, scope_change
from tenants import acting, trail
from tenants.actions import engagements
from tenants.choices import Basis
from tenants.errors import Invalid, NotVisible, Refused
from tenants.lifecycle import changing
from tenants.models import Engagement, User
from tenants.permissions import P, require
from tenants.rules.engagements import Terms

_confirmed: ContextVar[bool] = ContextVar("tickmark_scope_confirmed", default=False)

BEFORE_REMOVAL: list[Any] = []
"""A higher app adds what lets go of scope items before they are removed: called with the
engagement and the ids of the items, after the person has confirmed."""


def freeze(engagement: Engagement) -> None:
    """Give a SOC 2 or SOC 3 the scope its categories mean; a SOC 1 chooses its objectives.

    Copies identifier and text of each new criterion, keeps the items that stay with all that
    hangs on them, and removes the rest. Raises Refused with the list when mappings or requests
    hang on what goes and nobody confirmed it (RT-04).
    """
    if engagement.basis != Basis.CRITERION:
        return
    wanted = rules.in_scope(Criterion.objects.all(), engagement.categories)
    items = [_of_criterion(engagement, criterion) for criterion in wanted]
    change = _become(engagement, items, confirmed=_confirmed.get())
    _record(engagement, change)


def clear(engagement: Engagement) -> None:
    """Empty the scope before the engagement takes another basis. Raises Refused as `freeze`."""
    _become(engagement, [], confirmed=_confirmed.get())


def effect_of(engagement: Engagement, categories: Collection[str]) -> ScopeChange:
    """What other categories would add, remove and orphan; nothing is written."""
    held = engagement.scope_items.values_list("identifier", flat=True)
    wanted = rules.in_scope(Criterion.objects.all(), categories)
    return scope_change(
        list(held), [one.identifier for one in wanted], used=uses_of_scope_items(engagement)
    )


def change_categories(
    engagement: Engagement,
    categories: Collection[str],
    *,
    by: User,
    confirmed: bool = False,
    version: int | None = None,
) -> ScopeChange:
    """Examine other categories; the frozen scope follows. `confirmed`: orphans may go.

    Raises PermissionDenied, Invalid (RT-02, RT-04), Refused with the orphaned, StaleVersion.
    """
    require(by, P.SET_SCOPE, engagement)
    rules.refuse_closed(engagement.status)
    change = effect_of(engagement, categories)
    told = {name: getattr(engagement, name) for name in Terms.__dataclass_fields__}
    terms = Terms(**{**told, "categories": tuple(categories)})
    change_terms(engagement, terms, by=by, confirmed=confirmed, version=version)
    return change


def change_terms(
    engagement: Engagement, terms: Terms, *, by: User, confirmed: bool = False,
    version: int | None = None, scope_change_id: UUID | None = None,
) -> None:  # fmt: skip
    """Change the terms; `confirmed`: what hangs on criteria that go goes with them.

    Raises as `tenants.actions.engagements.set_terms`, and Refused with the orphaned.
    """
    with _confirming(confirmed):
        engagements.set_terms(
            engagement, terms=terms, by=by, version=version, scope_change_id=scope_change_id
        )


def take_objectives(
    engagement: Engagement, objective_ids: Collection[UUID], by: User, *, confirmed: bool = False
) -> ScopeChange:
    """Let a SOC 1 examine exactly these objectives of the client's library.

    Those that stay keep the words they were taken with. Raises PermissionDenied, Invalid (RT-03,
    or none chosen), NotVisible for one that is not the client's, Refused with the list when a
    removed one is in use and `confirmed` is not given.
    """
    require(by, P.SET_SCOPE, engagement)
    rules.refuse_closed(engagement.status)
    rules.refuse_other_basis(engagement.basis, Basis.OBJECTIVE)
    if not objective_ids:
        raise Invalid(
            "Choose at least one control objective.", code="objectives_missing", field="objectives"
        )
    chosen = ControlObjective.objects.visible_to(by).filter(client=engagement.client_id)
    objectives = list(chosen.filter(pk__in=objective_ids))
    if len(objectives) != len(set(objective_ids)):
        raise NotVisible("One of these objectives does not exist, or is not shown to you.")
    items = [_of_objective(engagement, at, one) for at, one in enumerate(objectives, 1)]
    with transaction.atomic():
        change = _become(engagement, items, confirmed=confirmed)
        _record(engagement, change, by=by)
    return change


def add_criterion(engagement: Engagement, identifier: str, by: User) -> None:
    """Refuse to add a criterion by hand: in a SOC 2 it follows from its category.

    Raises PermissionDenied, Invalid: RT-02 for a SOC 1, RT-04 for a criterion of a category that
    was not chosen. A criterion in scope is left as it is.
    """
    require(by, P.SET_SCOPE, engagement)
    rules.refuse_other_basis(engagement.basis, Basis.CRITERION)
    if not engagement.scope_items.filter(identifier=identifier).exists():
        raise Invalid(
            f"RT-04: “{identifier}” belongs to no chosen category. Choose its category; criteria "
            "are not picked one by one.",
            code="criterion_out_of_scope", field="criterion",
        )  # fmt: skip


def leave_out(item: ScopeItem, *, reason: str, by: User, version: int | None = None) -> ScopeItem:
    """A criterion does not apply: it is left out with a reason that readers see (RT-04, DC8).

    Raises PermissionDenied, Invalid without a reason, Refused for an objective or twice.
    """
    require(by, P.SET_SCOPE, item.engagement)
    rules.refuse_closed(item.engagement.status)
    if item.basis == Basis.OBJECTIVE:
        raise Refused("Take the objective out of the list of objectives instead.", code="objective")
    if not reason.strip():
        raise Invalid(
            "RT-04: say why the criterion does not apply; the description repeats it (DC8).",
            code="reason_required", field="reason",
        )  # fmt: skip
    with changing("left_out", item, by=by, version=version, note=reason.strip()) as row:
        if not row.relevant:
            raise Refused(f"{row.identifier} is left out.", code="left_out_already")
        row.relevant, row.reason, row.decided_by = False, reason.strip(), by
    return item


def take_back(item: ScopeItem, *, by: User, version: int | None = None) -> ScopeItem:
    """A criterion that was left out applies after all. Raises PermissionDenied, Refused."""
    require(by, P.SET_SCOPE, item.engagement)
    rules.refuse_closed(item.engagement.status)
    with changing("taken_back", item, by=by, version=version) as row:
        if row.relevant:
            raise Refused(f"{row.identifier} is in scope.", code="in_scope_already")
        row.relevant, row.reason, row.decided_by = True, "", None
    return item


def _become(engagement: Engagement, items: Sequence[ScopeItem], *, confirmed: bool) -> ScopeChange:
    """Let the scope hold these items and no others; those held stay as they are."""
    held = {
        item.identifier: item for item in engagement.scope_items.select_for_update(of=("self",))
    }
    after = [item.identifier for item in items]
    gone = [identifier for identifier in held if identifier not in set(after)]
    used = uses_of_scope_items(engagement) if gone else {}
    change = scope_change(list(held), after, used=used)
    if not confirmed:
        rules.refuse_orphans(change)
    if gone:
        _remove(engagement, [held[identifier] for identifier in gone])
    ScopeItem.objects.bulk_create(item for item in items if item.identifier not in held)
    _renumber(held, items)
    return change


def _remove(engagement: Engagement, items: Sequence[ScopeItem]) -> None:
    ids = [item.pk for item in items]
    for let_go in BEFORE_REMOVAL:
        let_go(engagement, ids)
    try:
        with transaction.atomic():
            ScopeItem.objects.filter(pk__in=ids).delete()
    except IntegrityError as held:
        names = ", ".join(item.identifier for item in items)
        raise Refused(
            f"Evidence requests still name what this takes out of scope ({names}). Change those "
            "requests first.",
            code="scope_in_use", field="categories",
        ) from held  # fmt: skip


def _renumber(held: dict[str, ScopeItem], items: Iterable[ScopeItem]) -> None:
    moved = []
    for item in items:
        stays = held.get(item.identifier)
        if stays and stays.position != item.position:
            stays.position = item.position
            moved.append(stays)
    if moved:
        ScopeItem.objects.bulk_update(moved, ["position"])


def _of_criterion(engagement: Engagement, criterion: Criterion) -> ScopeItem:
    return ScopeItem(
        engagement=engagement, client_id=engagement.client_id, basis=Basis.CRITERION,
        criterion=criterion, identifier=criterion.identifier, series=criterion.series,
        category=criterion.category, common=criterion.common, title=criterion.title,
        text=criterion.summary, position=criterion.position,
    )  # fmt: skip


def _of_objective(engagement: Engagement, at: int, objective: ControlObjective) -> ScopeItem:
    return ScopeItem(
        engagement=engagement, client_id=engagement.client_id, basis=Basis.OBJECTIVE,
        objective=objective, identifier=objective.ref, series=objective.domain,
        title=objective.title, text=objective.text, position=at,
    )  # fmt: skip


def _record(engagement: Engagement, change: ScopeChange, by: User | None = None) -> None:
    """One trail entry for a changed scope; the engagement's opening speaks for its first one."""
    person_id = acting.current().person_id
    person = by or (User.objects.get(pk=person_id) if person_id and not change.is_empty else None)
    if person and not change.is_empty:
        trail.record(
            "scope_changed", engagement, by=person, engagement_id=engagement.pk,
            detail=asdict(change),
        )  # fmt: skip


@contextmanager
def _confirming(confirmed: bool) -> Iterator[None]:
    token = _confirmed.set(confirmed)
    try:
        yield
    finally:
        _confirmed.reset(token)
