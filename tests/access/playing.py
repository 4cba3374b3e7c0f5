"""The cast of the access matrix on one engagement, and every line of it played for real.

One request, file, list, package and so on stand in a status where much is possible; `in_state`
puts a record into another one, as a task would, inside the savepoint of one probe.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audits.actions import library_controls
from audits.models import (
    CatalogObjective,
    Control,
    ControlCriterion,
    ControlMapping,
    ControlObjective,
    ScopeItem,
)
from audits.rules.controls import ControlFields
from evidence.actions import imports, request_talk
from evidence.models import AnswerDraft, EvidenceLink, EvidenceRequest, Package, RequestImport
from tenants import acting, signed_on
from tenants.access_matrix import STANDINGS, Line, Standing
from tenants.actions import (
    assignments,
    ethics,
    introductions,
    invitations,
    support,
    trail_checkpoints,
)
from tenants.choices import OF_READINESS_ALONE, READINESS_STATUSES, EngagementKind, Role
from tenants.models import (
    Assignment,
    DirectoryGroup,
    Engagement,
    EngagementAccess,
    IdentityProvider,
    Invitation,
    Membership,
    Notice,
    Opening,
    ProvisioningToken,
    TrailEntry,
)
from tenants.permissions import P
from tests import factories
from tests.access.probing import Caller
from tests.access.scenes import acts, ids_of, sign_on, work_off
from tests.evidence import packages, requests
from tests.evidence.import_helpers import csv_list, good_row
from tests.parts import added, parts

CAST = {
    "partner": "partner", "quality_reviewer": "reviewer", "manager": "lead", "senior": "senior",
    "staff": "auditor", "specialist": "specialist", "client_admin": "client",
    "executive": "executive", "control_owner": "owner", "contributor": "contributor",
    "owner_beside": "owner_beside", "contributor_beside": "contributor_beside",
    "firm_admin": "firm_admin", "colleague": "colleague", "rival": "rival",
    "outsider": "outsider",
}  # fmt: skip
"""Standing → who of the cast stands so."""


@dataclass(frozen=True)
class Play:
    """The engagement, a caller for each standing, and the record of each kind."""

    world: SimpleNamespace
    callers: dict[str, Caller]
    ids: dict[str, Any]
    """Model label → id of the record every line is about."""
    own: dict[str, dict[str, UUID]]
    """Standing → model label → id, where a line is about one's own organization or oneself."""

    def record(self, label: str, who: Standing) -> UUID:
        """The id a caller names: their own side's where the line speaks of their own."""
        if label == "tenants.SupportAccess":
            label = "support client" if who.is_client else "support firm"
        return self.own[who.key].get(label) or self.ids[label]


def stage(world: SimpleNamespace) -> Play:
    """Build it all with the real actions, and commit."""
    _more_people(world)
    factories.taken_controls(world)
    row = requests.submitted(
        world, title="Vendor register", contributors=[world.contributor.pk],
        controls=[],
    )  # fmt: skip
    with acts(world.auditor, world.firm):
        request_talk.comment(row, text="A message", by=world.auditor)
    with acts(world.owner, world.client_organization):
        link = EvidenceLink.objects.get(evidence_request=row)
        _draft_answer(row)
    requests.sent(world, title="Another", owner=world.owner_beside,
                  contributors=[world.contributor_beside.pk])  # fmt: skip
    with acts(world.lead, world.firm):
        stream = io.BytesIO(csv_list(good_row(1, request="Policy"), good_row(2, due_date="never")))
        list_ = imports.hand_in(world.engagement, stream, name="list.csv", by=world.lead)
        packages.asked_for(world)
    work_off()
    _client_side(world)
    _sign_on(world)
    work_off()
    told = _inside_the_firm(world)
    for part in parts():
        told |= part.play(world) if hasattr(part, "play") else {}
    ids = {label: found[0] for label, found in ids_of(world).items() if found}
    with acts(world.lead, world.firm):
        ids |= _the_best(world, row, link, list_)
    ids |= told
    callers = {}
    for standing in STANDINGS:
        person = getattr(world, CAST[standing.key])
        callers[standing.key] = Caller.known(standing.key, person, _home(world, standing))
    for home in (world.firm, world.client_organization, world.other_firm, world.other_client):
        trail_checkpoints.fresh(home.pk, of_engagement=False)
    return Play(world, callers, ids, {each.key: _own(world, each) for each in STANDINGS})


def _draft_answer(row: EvidenceRequest) -> None:
    """The client's answer as it was written, kept beside what was submitted."""
    AnswerDraft.objects.update_or_create(
        evidence_request=row, engagement_id=row.engagement_id,
        defaults={"text": "As asked.", "written_by_id": acting.current().person_id},
    )  # fmt: skip


def _home(world: SimpleNamespace, who: Standing) -> Any:
    if who.foreign:
        return world.other_client if who.is_client else world.other_firm
    return world.client_organization if who.is_client else world.firm


@transaction.atomic
def _more_people(world: SimpleNamespace) -> None:
    firm, client = world.firm, world.client_organization
    world.specialist = factories.member(firm, Role.SPECIALIST, name="Specialist Person")
    factories.assigned(world.engagement, firm, world.specialist, Role.SPECIALIST)
    world.firm_admin = factories.member(firm, Role.FIRM_ADMIN, name="Firmadmin Person")
    world.second_admin = factories.member(client, Role.CLIENT_ADMIN, name="Second Admin")
    factories.assigned(world.engagement, client, world.second_admin, Role.CLIENT_ADMIN)
    for key, role in (("owner_beside", Role.CONTROL_OWNER),
                      ("contributor_beside", Role.CONTRIBUTOR)):  # fmt: skip
        setattr(world, key, factories.member(client, role, name=f"{key.capitalize()} Person"))
        factories.assigned(world.engagement, client, getattr(world, key), role)
    for key, organization, role in (("spare", firm, Role.STAFF),
                                    ("client_spare", client, Role.CONTRIBUTOR)):  # fmt: skip
        setattr(world, key, factories.member(organization, role, name=f"{key} Person"))
        factories.assigned(world.engagement, organization, getattr(world, key), role)
    world.free = factories.member(firm, Role.STAFF, name="Free Person")
    world.client_free = factories.member(client, Role.CONTRIBUTOR, name="Clientfree Person")


def _client_side(world: SimpleNamespace) -> None:
    """Openings, invitations and notices of either side, and a control nobody has taken."""
    with acts(world.client, world.client_organization):
        told = ControlFields(
            ref="ZZ-01", title="A control", narrative="Somebody looks at it.", owner_role="Clerk",
            frequency="annual", nature="manual", type="preventive",
        )  # fmt: skip
        world.untaken = library_controls.add_control(
            world.client_organization, told, by=world.client
        )
        assignments.open_to(
            world.engagement, person=world.client_spare, permission=P.SUBMIT_REQUEST,
            reason="Stands in", by=world.client,
        )  # fmt: skip
        invitations.invite(world.client_organization, email="guest@people.example",
                           role=Role.CONTRIBUTOR, by=world.client)  # fmt: skip
    with acts(world.lead, world.firm):
        assignments.open_to(
            world.engagement, person=world.spare, permission=P.SEND_REQUEST,
            reason="Stands in", by=world.lead,
        )  # fmt: skip
    with acts(world.firm_admin, world.firm):
        invitations.invite(world.firm, email="recruit@people.example", role=Role.STAFF,
                           by=world.firm_admin)  # fmt: skip


def _sign_on(world: SimpleNamespace) -> None:
    """A provider, a key and a group of each organization's directory, everybody linked."""
    with transaction.atomic():
        other_admin = factories.member(world.other_firm, Role.FIRM_ADMIN, name="Rivaladmin Person")
    people: dict[Any, list[Any]] = {}
    for each in STANDINGS:
        people.setdefault(_home(world, each), []).append(getattr(world, CAST[each.key]))
    for organization, administrator in (
        (world.firm, world.firm_admin), (world.client_organization, world.client),
        (world.other_client, world.outsider), (world.other_firm, other_admin),
    ):  # fmt: skip
        members = [each for each in people[organization] if each != administrator]
        with acts(administrator, organization):
            sign_on(organization, administrator, f"idp{organization.pk.hex[:8]}", members)


def _inside_the_firm(world: SimpleNamespace) -> dict[str, Any]:
    """An ethics wall between two more clients, and a letter to the client's administrator."""
    with transaction.atomic():
        behind = [factories.known_client(world.firm, world.lead) for _ in range(2)]
    sides = [ethics.Side(clients=[each]) for each in behind]
    with acts(world.firm_admin, world.firm):
        wall = ethics.raise_wall(
            world.firm, name="A wall", reason="Why", sides=sides, by=world.firm_admin
        )
    operator = world.operator
    wishes = {}
    for side in ("firm", "client"):
        with transaction.atomic(), acting.acting(acting.Actor(person_id=operator.pk)):
            wishes[f"support {side}"] = support.ask(
                engagement_id=world.engagement.pk, side=side, reason="Why", hours=1, by=operator
            ).pk
    with acts(world.lead, world.firm):
        letter = introductions.ask(world.firm, email=world.client.email, by=world.lead)
    return {
        **wishes, "tenants.EthicsWall": wall.pk, "tenants.Introduction": letter.pk,
        "letter": letter.secret, "behind the wall": behind[0].pk,
    }  # fmt: skip


def _nobody_leads(play: Play, state: str, who: Standing) -> None:
    with acting.on_behalf_of_the_engagement(play.world.engagement.pk):
        EngagementAccess.objects.filter(
            content_object=play.world.engagement, permission__codename=P.ASSIGN_FIRM_PEOPLE
        ).update(until=timezone.now())


def _the_best(world: SimpleNamespace, row: Any, link: Any, list_: Any) -> dict[str, Any]:
    """The records most can be done with."""
    mapping = ControlMapping.objects.filter(engagement=world.engagement).first()
    return {
        "evidence.EvidenceRequest": row.pk, "evidence.EvidenceLink": link.pk,
        "evidence.FileVersion": link.file_version_id, "evidence.RequestImport": list_.pk,
        "evidence.Package": Package.objects.get(engagement=world.engagement).pk,
        "audits.EngagementControl": mapping.control_id, "audits.ScopeItem": mapping.scope_item_id,
        "tenants.TrailEntry": TrailEntry.objects.filter(
            engagement_id=world.engagement.pk, zone="shared").first().pk,
        "unmapped": _unmapped(world, mapping.control_id), "untaken": world.untaken.pk,
        "in the catalog": CatalogObjective.objects.exclude(
            identifier__in=ControlObjective.objects.values("ref")).first().identifier,
    }  # fmt: skip


def _unmapped(world: SimpleNamespace, control: UUID) -> UUID:
    items = ScopeItem.objects.filter(engagement=world.engagement, relevant=True)
    return items.exclude(mappings__control=control).first().pk


def _own(world: SimpleNamespace, who: Standing) -> dict[str, UUID]:
    """What the standing names where a line is about their own side; strangers name the target's."""
    client, home = who.is_client, _home(world, who)
    spare = world.client_spare if client else world.spare
    free = world.client_free if client else world.free
    organization = world.client_organization if client else world.firm
    with transaction.atomic(), acting.on_behalf_of_the_engagement(world.engagement.pk):
        place = Assignment.objects.get(engagement=world.engagement, person=spare).pk
        opening = Opening.objects.get(engagement=world.engagement, person=spare).pk
    with transaction.atomic(), acting.inside(organization.pk):
        entries = TrailEntry.objects.filter(organization_id=organization.pk, engagement_id=None)
        entry = entries.first().pk
        member = Membership.objects.get(organization=organization, person=spare).pk
        invitation = Invitation.objects.get(organization=organization).pk
        sign_on_ids = {
            model._meta.label: model.objects.get(organization=organization).pk
            for model in (IdentityProvider, ProvisioningToken, DirectoryGroup)
        }
    own = {
        "tenants.Assignment": place, "tenants.Opening": opening, "tenants.Membership": member,
        "tenants.Invitation": invitation, "tenants.User": free.pk, "placed": spare.pk,
        "tenants.Organization": home.pk, "entry of the organization": entry,
        "client": world.client_organization.pk,
        "own client": (world.other_client if who.foreign else world.client_organization).pk,
    }  # fmt: skip
    person = getattr(world, CAST[who.key])
    with acts(person, home):
        notice = Notice.objects.create(
            person=person, organization=home, kind="evidence.sent", engagement=world.engagement,
            subject=world.engagement.pk, period=f"matrix {who.key}",
        )  # fmt: skip
        token = person.tokens.first()
    own |= sign_on_ids
    return {**own, "tenants.Notice": notice.pk, "tenants.ApiToken": token.pk}


@contextmanager
def in_state(play: Play, line: Line, state: str, who: Standing) -> Iterator[None]:
    """Put the record of a line into `state`, inside the caller's transaction."""
    arrange = ARRANGED.get(line.key) or ARRANGED.get(line.resource.key)
    if arrange is not None:
        arrange(play, state, who)
    yield


def _request(play: Play, state: str, who: Standing) -> None:
    columns: dict[str, Any] = {"status": state or "in_progress", "version": 1}
    if state == "draft":
        columns["opened_at"] = None
    if state == "submitted":
        columns["submitted_at"] = timezone.now()
    _on_the_engagement(play, EvidenceRequest, **columns,
                       proposed_due_on=date(2026, 12, 20), proposed_due_reason="Why")  # fmt: skip


def _file(play: Play, state: str, who: Standing) -> None:
    _on_the_engagement(play, EvidenceRequest, status="returned")
    if state == "added":
        _on_the_engagement(play, EvidenceLink, handed_over_at=None)


def _import(play: Play, state: str, who: Standing) -> None:
    _on_the_engagement(play, RequestImport, status=state or "ready")


def _package(play: Play, state: str, who: Standing) -> None:
    _on_the_engagement(play, Package, status=state or "ready", version=1)


def _engagement(play: Play, state: str, who: Standing) -> None:
    held = {"held_from": "fieldwork"} if state == "on_hold" else {}
    if state in OF_READINESS_ALONE:
        held["kind"] = EngagementKind.READINESS
    with acting.on_behalf_of_the_engagement(play.world.engagement.pk):
        rows = Engagement.objects.filter(pk=play.world.engagement.pk)
        EvidenceRequest.objects.filter(engagement_id=play.world.engagement.pk).update(
            status="withdrawn"
        )
        rows.update(status=state or "planning", version=1, **held)


def _readiness(play: Play, state: str, who: Standing) -> None:
    """An assessment, which starts where an examination begins acceptance."""
    with acting.on_behalf_of_the_engagement(play.world.engagement.pk):
        rows = Engagement.objects.filter(pk=play.world.engagement.pk)
        status = state if state in READINESS_STATUSES else "locked"
        rows.update(kind=EngagementKind.READINESS, status=status, version=1)


def _scope_item(play: Play, state: str, who: Standing) -> None:
    if state == "out":
        _on_the_engagement(
            play, ScopeItem, relevant=False, reason="Not here", decided_by=play.world.lead
        )


def _control(play: Play, state: str, who: Standing) -> None:
    with acting.inside(play.world.client_organization.pk):
        rows = Control.objects.filter(pk=play.ids["audits.Control"])
        rows.update(retired_on=date(2026, 10, 1) if state == "retired" else None)


def _invitation(play: Play, state: str, who: Standing) -> None:
    world = play.world
    organization = world.client_organization if who.is_client else world.firm
    with acting.inside(organization.pk):
        Invitation.objects.filter(organization=organization).update(status=state or "sent")


def _provider(play: Play, state: str, who: Standing) -> None:
    """Off and tested, or on; whoever asks has shown a second factor of their own."""
    for organization in {_home(play.world, who), _target(play, who)}:
        with acting.inside(organization.pk):
            IdentityProvider.objects.update(is_on=state == "on", version=1)
    session = play.callers[who.key].browser.session
    session[signed_on.METHODS] = [{"method": "mfa"}]
    session.save()


def _no_provider(play: Play, state: str, who: Standing) -> None:
    with acting.inside(_home(play.world, who).pk):
        IdentityProvider.objects.all().delete()


def _target(play: Play, who: Standing) -> Any:
    return play.world.client_organization if who.is_client else play.world.firm


def _on_the_engagement(play: Play, model: Any, **columns: Any) -> None:
    with acting.on_behalf_of_the_engagement(play.world.engagement.pk):
        model._base_manager.filter(pk=play.ids[model._meta.label]).update(**columns)


ARRANGED = {
    "evidence_request": _request, "message": _request, "firm_note": _request, "file": _file,
    "request_import": _import, "package": _package, "engagement": _engagement,
    "scope_item": _scope_item, "control": _control, "invitation": _invitation,
    "identity_provider": _provider, "sign_on": _no_provider,
    "oversight": _nobody_leads, "engagement.start": _readiness,
}  # fmt: skip
ARRANGED |= added("ARRANGED")
"""Record or line → what puts it into a state."""


def why_of(play: Play) -> str:
    """A criterion that the library maps the control to."""
    with acts(play.world.client, play.world.client_organization):
        link = ControlCriterion.objects.filter(control=play.ids["audits.Control"]).first()
        return str(link.criterion_id)
