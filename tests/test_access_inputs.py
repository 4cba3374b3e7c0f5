"""What comes in is listed and looked up as the caller: fields, filters, batches, opaque ids.

Drawn from the viewsets and their bodies, so a new one takes part by itself.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from evidence.actions import request_edits
from evidence.models import EvidenceRequest
from tenants import acting, permissions
from tenants.actions import assignments, invitations, memberships
from tenants.choices import Role
from tenants.errors import Invalid, Refused
from tenants.models import EngagementAccess, Membership
from tenants.permissions import P
from tenants.visibility import new_key
from tests import factories
from tests.access.bodies import body_class, body_of
from tests.access.probing import Multipart
from tests.access.routes import Route, all_routes
from tests.conftest import as_
from tests.evidence import requests
from tests.programs import program_of

LISTS = [route for route in all_routes() if ("GET", "list") in route.actions and not route.ids]
WRITES = [
    (route, method, action)
    for route in all_routes()
    for method, action in route.actions
    if route.api and method in ("POST", "PATCH") and body_class(route, action) is not None
]
PATHS = ("id", "in", "contains", "gt", "isnull", "name", "pk", "regex")
OF_THE_PLATFORM = ("id", "version", "status", "created_at", "moves", "organization_id", "nonsense")


@pytest.fixture
def lead(world: Any) -> Any:
    """The manager's program."""
    return program_of(world.lead, world.firm)


def named(route: Route, **ids: Any) -> str:
    """The address with ids that nothing has, but for those given."""
    values = {name: ids.get(name, new_key()) for name, _ in route.ids}
    return route.address(values)


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.name)
def test_lists_are_filtered_and_ordered_by_listed_names_alone_acc_10(
    lead: Any, route: Route
) -> None:
    view = route.view.cls
    filters = set(getattr(view.filterset_class, "base_filters", {}))
    model = view.queryset.model
    columns = {field.name for field in model._meta.get_fields()}
    unlisted = sorted(columns - filters - {"fields", "search", "ordering", "limit", "cursor"})
    paths = [f"{name}__{then}" for name, then in zip(sorted(columns), PATHS, strict=False)]
    for name in (*unlisted, *paths, "firm__secret", "password", "_state"):
        refused = lead.get(f"{named(route)}?{name}=x")
        assert (refused.status_code, refused.json()["code"]) == (400, "unknown_parameter"), name
    for name in sorted(columns - set(view.orderings))[:6] + paths[:2]:
        refused = lead.get(f"{named(route)}?ordering={name}")
        assert refused.status_code == 400, name
        assert refused.json()["field"] == "ordering"
    assert lead.get(named(route)).status_code == 200


@pytest.mark.parametrize(
    ("route", "method", "action"), WRITES, ids=[f"{m} {r.name}" for r, m, _ in WRITES]
)
def test_extra_and_read_only_fields_are_refused_acc_9(
    world: Any, lead: Any, route: Route, method: str, action: str
) -> None:
    kind = body_class(route, action)
    assert kind is not None
    extra = [name for name in OF_THE_PLATFORM if name not in kind().fields]
    usual = body_of(kind, lambda label: [new_key()])
    if isinstance(usual, Multipart):
        part = b'--sweep\r\nContent-Disposition: form-data; name="nonsense"\r\n\r\nx\r\n'
        headers = {"Content_Type": usual.kind}
        refused = lead.send(method, named(route), part + usual.content, **headers,
                            Idempotency_Key="k" * 20)  # fmt: skip
        extra = ["nonsense"]
    else:
        headers = {"If_Match": '"1"'} if method == "PATCH" else {"Idempotency_Key": "k" * 20}
        body = {**usual, **dict.fromkeys(extra, "x")}
        pk = world.engagement.pk if route.ids else None
        refused = lead.send(method, named(route, pk=pk), body, **headers)
    if refused.status_code == 404:
        return  # what the address names is looked for first; its own test has it (ACC-4)
    told = refused.json()
    assert refused.status_code == 400
    unknown = {each["field"] for each in told["errors"] if each["code"] == "unknown_field"}
    assert unknown == set(extra)


def test_a_batch_with_one_foreign_id_changes_nothing_acc_11(world: Any, lead: Any) -> None:
    mine = requests.draft(world, title="Mine")
    other = factories.engagement(world.firm, world.client_organization, world.partner)
    with as_(world.partner, world.firm):
        foreign = request_edits.draft(other, {"title": "Foreign"}, by=world.partner)
    for path, body in (
        ("bulk", {"move": "send"}),
        ("bulk_edit", {"priority": "high"}),
    ):
        for wrong in (foreign.pk, new_key()):
            ids = [str(mine.pk), str(wrong)]
            refused = lead.post(f"evidence-requests/{path}/", {**body, "ids": ids})
            assert refused.status_code in (400, 404)
            assert refused.json()["code"] == "not_found"
        whole = lead.post(f"evidence-requests/{path}/", {**body, "ids": [str(mine.pk)]})
        assert whole.status_code == 200
    with as_(world.partner, world.firm):
        row = EvidenceRequest.objects.get(pk=foreign.pk)
        assert (row.status, row.priority) == ("draft", "medium")


@pytest.fixture
def managing(world: Any, monkeypatch: Any) -> Any:
    """A senior who manages people, as a role of lower rank may one day: rank is asked all the same.

    The firm has one administrator.
    """
    world.admin = factories.member(world.firm, Role.FIRM_ADMIN)
    grants = {**permissions.ORGANIZATION_GRANTS}
    grants[P.MANAGE_PEOPLE] = (*grants[P.MANAGE_PEOPLE], Role.SENIOR)
    monkeypatch.setattr(permissions, "ORGANIZATION_GRANTS", grants)
    with as_(world.senior, world.firm):
        yield world.senior


def member(world: Any, person: Any) -> Membership:
    """A person's place in the firm."""
    found: Membership = Membership.objects.get(person=person, organization=world.firm)
    return found


def test_nobody_grants_a_role_above_their_own_acc_15(world: Any, managing: Any) -> None:
    row = member(world, world.colleague)
    with pytest.raises(Invalid) as refused:
        memberships.change_role(row, role=Role.MANAGER, by=managing)
    assert refused.value.code == "role_above"
    assert memberships.change_role(row, role=Role.STAFF, by=managing).role == Role.STAFF


def test_nobody_invites_above_their_own_role_acc_15(world: Any, managing: Any) -> None:
    with pytest.raises(Invalid) as refused:
        invitations.invite(world.firm, email="a@b.example", role=Role.PARTNER, by=managing)
    assert refused.value.code == "role_above"
    assert invitations.invite(world.firm, email="a@b.example", role=Role.STAFF, by=managing).pk


def test_the_last_administrator_stays_acc_15(world: Any, managing: Any) -> None:
    for leave in (
        lambda: memberships.end(member(world, world.admin), by=managing),
        lambda: memberships.change_role(
            member(world, world.admin), role=Role.STAFF, by=managing
        ),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            leave()
        assert refused.value.code == "last_administrator"
    with acting.inside(world.firm.pk):
        factories.member(world.firm, Role.FIRM_ADMIN)
    assert memberships.end(member(world, world.admin), by=managing).status == "ended"


def test_nobody_changes_their_own_membership_acc_15(world: Any, managing: Any) -> None:
    with pytest.raises(Invalid) as refused:
        memberships.change_role(member(world, managing), role=Role.STAFF, by=managing)
    assert refused.value.code == "own_membership"


def test_a_right_ends_with_what_it_hangs_on_acc_16(world: Any) -> None:
    """Access rows go with the assignment, hang on real keys, and leave no orphan."""

    def rows() -> int:
        with acting.on_behalf_of_the_engagement(world.engagement.pk):
            return int(EngagementAccess.objects.filter(user=world.auditor).count())

    assert rows() > 0
    with as_(world.lead, world.firm):
        held = world.engagement.assignments.get(person=world.auditor)
        assignments.unassign(held, by=world.lead)
    assert rows() == 0
    with as_(world.lead, world.firm):
        assignments.assign(world.engagement, person=world.auditor, role=Role.STAFF, by=world.lead)
    with acting.on_behalf_of_the_engagement(world.engagement.pk):
        assert EngagementAccess.objects.filter(user=world.auditor).exists()
    with settings.OWNER_CONNECTION.cursor() as owner:
        owner.execute(
            "SELECT confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' "
            "AND conrelid = 'tenants_engagementaccess'::regclass ORDER BY 1"
        )
        held_by = [row[0] for row in owner.fetchall()]
    assert {"tenants_engagement", "tenants_user", "auth_permission"} <= set(held_by)


def test_a_name_of_ones_own_is_no_right_of_anothers_acc_17(world: Any) -> None:
    """Tokens and notices are found by their own person alone, whoever presents their id."""
    people = {"lead": world.firm, "senior": world.firm, "client": world.client_organization,
              "owner": world.client_organization, "outsider": world.other_client}  # fmt: skip
    programs, ids = {}, {}
    for name, organization in people.items():
        programs[name] = program_of(getattr(world, name), organization)
        ids[name] = programs[name].get("tokens/").json()["results"][0]["id"]
    for name, program in programs.items():
        for other, pk in ids.items():
            expected = 200 if other == name else 404
            assert program.get(f"tokens/{pk}/").status_code == expected, (name, other)
            if other != name:
                assert program.delete(f"tokens/{pk}/", If_Match='"1"').status_code == 404
    assert all(program.get("me/").status_code == 200 for program in programs.values())
