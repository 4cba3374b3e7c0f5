"""Every move × every status × every role, drawn from the table of moves."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from evidence.actions import evidence_requests as requests
from evidence.choices import RequestStatus as S
from evidence.models import EvidenceRequest
from tenants import acting
from tenants.choices import Role
from tenants.errors import MoveRefused
from tenants.models import OutboxEntry, TrailEntry
from tenants.outbox import FOLLOWERS
from tenants.permissions import ENGAGEMENT_GRANTS
from tests.conftest import as_
from tests.evidence import requests as at
from tests.programs import program_of

ROLES = {
    "partner": Role.PARTNER, "lead": Role.MANAGER, "senior": Role.SENIOR, "auditor": Role.STAFF,
    "reviewer": Role.QUALITY_REVIEWER, "client": Role.CLIENT_ADMIN, "owner": Role.CONTROL_OWNER,
    "contributor": Role.CONTRIBUTOR, "executive": Role.EXECUTIVE,
}  # fmt: skip
"""Person of the cast → their role; `owner` owns the request, `contributor` contributes."""
ARGUMENTS = {"give_back": {"reason": "incomplete"}}
MOVES = [name for name, move in requests.LIFECYCLE.moves.items() if not move.hidden]


def organization_of(world, who):
    firm = ROLES[who] in (Role.PARTNER, Role.MANAGER, Role.SENIOR, Role.STAFF,
                          Role.QUALITY_REVIEWER)  # fmt: skip
    return world.firm if firm else world.client_organization


def allowed(who, name):
    """Whether the table grants `who` the move: a document, before fieldwork has ended."""
    move = requests.LIFECYCLE.moves[name]
    if ROLES[who] not in ENGAGEMENT_GRANTS[move.permission]:
        return False
    answering = name in ("submit", "recall", "propose_na")
    return who in ("owner", "client") if answering else True


def make(name, row, by):
    note = {"note": "Because."} if requests.LIFECYCLE.moves[name].note else {}
    return requests.VERBS[name](row, by=by, **note, **ARGUMENTS.get(name, {}))


def test_every_status_has_a_way_in_and_every_open_move_a_verb():
    reached = {move.target for move in requests.LIFECYCLE.moves.values()} | {S.DRAFT}
    assert reached == set(S) == set(at.AT)
    assert set(MOVES) == set(requests.VERBS)


@pytest.mark.parametrize("status", list(S))
def test_each_role_makes_the_moves_the_table_grants_from_where_it_says(world, status):
    row = at.AT[status](world, contributors=[world.contributor.pk])
    for who in ROLES:
        if status == S.DRAFT and organization_of(world, who) is world.client_organization:
            continue  # the client does not see a draft
        for name in MOVES:
            person, fits = getattr(world, who), status in requests.LIFECYCLE.moves[name].sources
            with as_(person, organization_of(world, who)):
                fresh = EvidenceRequest.objects.visible_to(person).get(pk=row.pk)
                offered = {move.name for move in requests.LIFECYCLE.offered(fresh, person)}
                assert (name in offered) == (fits and allowed(who, name)), (who, name)
                before = TrailEntry.objects.filter(subject_id=row.pk).count()
                outcome = _tried(name, fresh, person)
                after = TrailEntry.objects.filter(subject_id=row.pk).count()
            expected = "moved" if fits and allowed(who, name) else (
                MoveRefused if allowed(who, name) else PermissionDenied
            )  # fmt: skip
            assert outcome == expected, (who, name)
            assert after == before


def _tried(name, row, person):
    """What came of the move, which is taken back."""
    target = requests.LIFECYCLE.moves[name].target
    try:
        with transaction.atomic():
            assert make(name, row, person).status == target
            entry = TrailEntry.objects.filter(subject_id=row.pk).latest("at", "id")
            assert (entry.verb, entry.person_id, entry.after) == (name, person.pk, target)
            raise _TakenBack
    except _TakenBack:
        return "moved"
    except MoveRefused:
        return MoveRefused
    except PermissionDenied:
        return PermissionDenied


class _TakenBack(Exception):
    pass


@pytest.mark.parametrize(
    ("kind", "who", "accepts"),
    [
        ("document", "auditor", True), ("configuration", "auditor", True),
        ("population", "auditor", False), ("walkthrough", "auditor", False),
        ("confirmation", "auditor", False), ("population", "senior", True),
        ("sample", "senior", True), ("sample", "auditor", False),
    ],
)  # fmt: skip
def test_what_staff_accept_alone_and_what_takes_a_senior(world, kind, who, accepts):
    row, person = at.reviewed(world, kind=kind), getattr(world, who)
    with as_(person, world.firm):
        if accepts:
            assert requests.accept(row, by=person).status == "accepted"
            return
        with pytest.raises(PermissionDenied):
            requests.accept(row, by=person)


@pytest.mark.parametrize(("phase", "who", "may"), [
    ("fieldwork", "senior", True), ("review", "senior", False), ("review", "lead", True),
    ("reporting", "partner", True),
])  # fmt: skip
def test_after_fieldwork_a_manager_reopens(world, phase, who, may):
    row, person = at.accepted(world), getattr(world, who)
    with as_(world.lead, world.firm):
        type(world.engagement).objects.filter(pk=world.engagement.pk).update(status=phase)
    with as_(person, world.firm):
        if may:
            assert requests.reopen(row, by=person, note="A page is missing.").status == "reopened"
            return
        with pytest.raises(PermissionDenied):
            requests.reopen(row, by=person, note="A page is missing.")


@pytest.mark.parametrize("name", [name for name in MOVES if requests.LIFECYCLE.moves[name].note])
def test_a_move_that_asks_for_a_reason_is_not_made_without_one_rq_02(world, name):
    move = requests.LIFECYCLE.moves[name]
    row = at.AT[move.sources[0]](world)
    who = "senior" if Role.SENIOR in ENGAGEMENT_GRANTS[move.permission] else "owner"
    person = getattr(world, who)
    with as_(person, organization_of(world, who)):
        if move.note == "required":
            with pytest.raises(Exception, match="reason is needed"):
                requests.VERBS[name](row, by=person, note="  ", **ARGUMENTS.get(name, {}))
        requests.VERBS[name](row, by=person, note="Because.", **ARGUMENTS.get(name, {}))
        entry = TrailEntry.objects.filter(subject_id=row.pk).latest("at", "id")
    assert entry.note == "Because."
    assert (entry.person_id, entry.person_name) == (person.pk, person.name)
    assert entry.before in move.sources


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("with_version", [False, True])
def test_of_fifty_callers_of_one_move_one_wins_api_6(world, with_version):
    row = at.started(world)
    owner = program_of(world.owner, world.client_organization)
    read = owner.get(f"evidence-requests/{row.pk}/")
    barrier, answers = Barrier(50), []

    def call():
        program = type(owner)(owner.secret)
        sent = {"If_Match": read["ETag"]} if with_version else {}
        barrier.wait()
        answers.append(program.post(f"evidence-requests/{row.pk}/submit/", **sent))
        connection.close()

    threads = [Thread(target=call) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = sorted(each.status_code for each in answers)
    assert codes[0] == 200
    assert set(codes[1:]) == ({412} if with_version else {409})
    with transaction.atomic(), as_(world.owner, world.client_organization):
        assert TrailEntry.objects.filter(subject_id=row.pk, verb="submit").count() == 1
    with transaction.atomic(), acting.acting(acting.Actor(system=True)):
        followers = FOLLOWERS["evidence.evidencerequest", "submit"]
        written = OutboxEntry.objects.filter(subject=row.pk, task__in=followers)
        assert sorted(written.values_list("task", flat=True)) == sorted(followers)
