"""The sample's story: what each person does, by the same actions the portal and the API call."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from audits.actions import library
from evidence.actions import (
    evidence_requests,
    files,
    import_reading,
    import_rows,
    imports,
    request_edits,
    request_talk,
)
from evidence.models import EvidenceLink, EvidenceRequest
from evidence.rules.coverage_dates import Coverage
from grc.sample import cast
from grc.sample.cures import cure_all
from tenants import acting
from tenants.actions import (
    assignments,
    engagements,
    independence,
    invitations,
    organizations,
    tokens,
)
from tenants.choices import OrganizationKind, Role
from tenants.models import Engagement, Organization, User
from tenants.rules.engagements import Terms

HERE = Path(__file__).parent
PERIOD = (date(2025, 10, 1), date(2026, 9, 30))
WHOLE_PERIOD = Coverage(*PERIOD)


class Story:
    """Plays the sample once; `password` is everybody's, made for this installation."""

    def __init__(self, password: str) -> None:
        self.password = password
        self.people: dict[str, User] = {}
        self.places: dict[str, Organization] = {}
        self.roles = {person.email: person for person in cast.EVERYBODY}

    @contextmanager
    def scene(self, email: str) -> Iterator[User]:
        """One person acts in their organization; what they do is one transaction."""
        with self.alone(email) as person, transaction.atomic():
            yield person

    @contextmanager
    def alone(self, email: str) -> Iterator[User]:
        """One person acts; each action has its own transaction, as uploads need it."""
        person = self.people[email]
        place = self.places[self.roles[email].organization]
        with acting.acting(acting.Actor(person_id=person.pk, organization_id=place.pk)):
            yield person

    # --- people -------------------------------------------------------------------------------

    def found_firms(self) -> None:
        """Two firms, each founded with its administrator, who invites the others."""
        for people in (cast.FIRM, cast.SECOND_FIRM):
            first = people[0]
            with transaction.atomic():
                person = User.objects.create_user(first.email, self.password, name=first.name)
                self.people[first.email] = person
                self.places[first.organization] = organizations.found_with(
                    first.organization, OrganizationKind.FIRM, person=person, role=first.role,
                    time_zone="America/New_York",
                )  # fmt: skip
            for other in people[1:]:
                self.invite(first.email, other)

    def invite(self, host: str, guest: cast.Person, engagement: Engagement | None = None) -> None:
        """`host` invites, the guest opens the link, chooses a password and is in."""
        with self.scene(host) as by:
            invitation = invitations.invite(
                self.places[guest.organization], email=guest.email, role=guest.role, by=by,
                name=guest.name, engagement=engagement,
            )  # fmt: skip
        self.join(guest, invitation.secret)

    def join(self, guest: cast.Person, secret: str) -> None:
        """The guest accepts an invitation."""
        with acting.acting(acting.NOBODY), transaction.atomic():
            self.people[guest.email] = invitations.accept_as_new(
                secret, name=guest.name, password=self.password
            )

    def add_client(self, partner: str, name: str, administrator: cast.Person) -> Organization:
        """A firm takes a client on and invites its administrator with the first engagement."""
        with self.scene(partner) as by:
            firm = self.places[self.roles[partner].organization]
            client = organizations.add_client(firm, name=name, time_zone="America/New_York", by=by)
        self.places[name] = client
        self.roles[administrator.email] = administrator
        return client

    # --- engagements --------------------------------------------------------------------------

    def open(self, by_email: str, client: str, title: str, terms: Terms, **more: Any) -> Engagement:
        """An engagement with the firm's whole team on it."""
        with self.scene(by_email) as by:
            firm = self.places[self.roles[by_email].organization]
            engagement = engagements.open_engagement(
                firm, self.places[client], title=title, terms=terms, by=by,
                independent=True, **more,
            )  # fmt: skip
            for member in cast.FIRM[1:] if firm.name == cast.HARBOUR else ():
                if member.email != by_email:
                    assignments.assign(
                        engagement, person=self.people[member.email], role=member.role, by=by,
                        starts_on=date(2026, 9, 1),
                    )  # fmt: skip
        for member in cast.FIRM[1:] if firm.name == cast.HARBOUR else ():
            if member.email != by_email:
                with self.scene(member.email) as person:
                    independence.confirm(engagement, by=person)
        return engagement

    def first_administrator(self, engagement: Engagement, guest: cast.Person, by: str) -> None:
        """The firm invites the client's first administrator, who joins."""
        with self.scene(by) as host:
            invitation = invitations.write(
                self.places[guest.organization], email=guest.email, role=guest.role, by=host,
                name=guest.name, engagement=engagement,
            )  # fmt: skip
        self.join(guest, invitation.secret)

    def tell_controls(self, administrator: str) -> None:
        """The client's administrator imports the control set into the client's library."""
        with self.scene(administrator) as by:
            library.import_control_list(
                self.places[cast.TALLOWBROOK],
                (HERE / "sample-control-set.csv").read_bytes(), by=by,
            )  # fmt: skip

    def import_list(self, engagement: Engagement, by_email: str) -> None:
        """The firm imports its own list; due dates move to the weeks around today."""
        with self.alone(by_email) as by:
            content = io.BytesIO((HERE / "sample-pbc-list.xlsx").read_bytes())
            handed_in = imports.hand_in(
                engagement, content, name="Tallowbrook PBC list v3.xlsx", by=by
            )
            with transaction.atomic():
                import_reading.read_now(handed_in)
            with transaction.atomic():
                import_rows.import_rows(handed_in, by=by)
            with transaction.atomic():
                self._bring_near(engagement, by)

    def _bring_near(self, engagement: Engagement, by: User) -> None:
        today = timezone.localdate(timezone=engagement.client.zone)
        shift = today - date(2026, 10, 16)
        for row in EvidenceRequest.objects.visible_to(by).filter(engagement=engagement):
            due = row.due_on + shift
            due += timedelta(days=max(0, due.weekday() - 4) and 7 - due.weekday())
            asked_on = row.requested_on + shift if row.requested_on else today
            request_edits.edit(row, {"due_on": due, "requested_on": asked_on}, by=by)

    def token_for(self, email: str) -> str:
        """A token that acts as the person, for programs and for the ones who look around."""
        with self.scene(email) as by:
            place = self.places[self.roles[email].organization]
            return tokens.create(place, name="Sample program", by=by)[1]

    def move_on(self, engagement: Engagement, by_email: str, *moves: str) -> None:
        """Somebody takes the engagement through phases, each once nothing holds it."""
        for name in moves:
            cure_all(self, engagement)
            with self.scene(by_email) as by:
                engagements.move(engagement, name, by=by)

    @contextmanager
    def acting_as(self, engagement: Engagement, role: Role) -> Iterator[User]:
        """Somebody of this role on the engagement acts."""
        with acting.acting(acting.Actor(engagement_id=engagement.pk)), transaction.atomic():
            person = engagement.assignments.filter(role=role).select_related("person")[0].person
        with self.scene(person.email) as by:
            yield by

    # --- requests -----------------------------------------------------------------------------

    def find(self, engagement: Engagement, ref: str) -> EvidenceRequest:
        """A request by its reference, as the one who acts sees it."""
        row: EvidenceRequest = EvidenceRequest.objects.select_related("engagement__client").get(
            engagement=engagement, ref=ref
        )
        return row

    def send_all(self, engagement: Engagement, by_email: str, but: tuple[str, ...]) -> None:
        """The senior releases the list, all but a few drafts."""
        with self.scene(by_email) as by:
            rows = EvidenceRequest.objects.visible_to(by).filter(engagement=engagement)
            ready = [row for row in rows.exclude(ref__in=but) if row.owner_id]
            evidence_requests.move_all("send", ready, by=by)

    def upload(self, engagement: Engagement, ref: str, name: str, content: bytes,
               who: str = "") -> EvidenceLink:  # fmt: skip
        """The owner, or `who`, uploads a file that covers the whole period."""
        with self.alone(who or self._owner(engagement, ref)) as by:
            with transaction.atomic():
                row = self.find(engagement, ref)
            incoming = files.Upload(io.BytesIO(content), name, coverage=WHOLE_PERIOD)
            return files.upload(row, incoming, by=by)

    def _owner(self, engagement: Engagement, ref: str) -> str:
        with acting.acting(acting.Actor(engagement_id=engagement.pk)), transaction.atomic():
            owner = (
                EvidenceRequest.objects.select_related("owner")
                .get(engagement=engagement, ref=ref)
                .owner
            )
            assert owner is not None
            return owner.email

    def submit(self, engagement: Engagement, ref: str, **facts: Any) -> None:
        """The owner hands over, a population with its facts."""
        with self.scene(self._owner(engagement, ref)) as by:
            row = self.find(engagement, ref)
            if facts:
                request_talk.answer(row, facts, by=by)
            evidence_requests.submit(row, by=by)

    def review(self, engagement: Engagement, ref: str, by_email: str, verdict: str = "",
               **more: Any) -> None:  # fmt: skip
        """A reviewer begins, and accepts or gives back if `verdict` says so."""
        with self.scene(by_email) as by:
            row = self.find(engagement, ref)
            evidence_requests.begin_review(row, by=by)
            if verdict:
                evidence_requests.VERBS[verdict](row, by=by, **more)
