"""Break-glass (ACC-18): a reason, a second person, four hours, and all of it in the trail."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants import acting, notices
from tenants.actions import support
from tenants.choices import Role
from tenants.errors import Invalid, Refused
from tenants.models import Engagement, EngagementAccess, Notice, Operator, SupportAccess, TrailEntry
from tests.access.routes import patterns
from tests.conftest import as_
from tests.factories import member
from tests.programs import program_of
from tests.tenants.portal.test_second_factor import (
    APP,
    ENROLMENT,
    LOGIN,
    OWED,
    SEED,
    addresses,
    clock,  # noqa: F401  (a fixture)
    code,
)

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def without_factor(world: SimpleNamespace) -> Client:
    """The operator, by password alone."""
    browser = Client()
    browser.force_login(world.operator, backend=BACKEND)
    return browser


@pytest.fixture
def operator(world: SimpleNamespace, without_factor: Client) -> Client:
    """The operator, with an authenticator app."""
    TOTP.activate(world.operator, SEED)
    return without_factor


def asked(world: SimpleNamespace, side: str = "client", **more: Any) -> SupportAccess:
    words = {"engagement_id": world.engagement.pk, "reason": "The package fails.", "hours": 2}
    with transaction.atomic(), acting.acting(acting.Actor(person_id=world.operator.pk)):
        return support.ask(side=side, by=world.operator, **{**words, **more})


def agreed(world: SimpleNamespace, side: str = "client") -> SupportAccess:
    wish = asked(world, side)
    who, place = _administrator(world, side)
    with transaction.atomic(), as_(who, place):
        return support.agree(wish, by=who)


def _administrator(world: SimpleNamespace, side: str) -> tuple[Any, Any]:
    if side == "client":
        return world.client, world.client_organization
    return member(world.firm, Role.FIRM_ADMIN, name="Ada Admin"), world.firm


def page(world: SimpleNamespace, name: str = "engagement") -> str:
    return reverse(f"tenants:{name}", args=[world.engagement.pk])


def verbs(world: SimpleNamespace, who: Any, place: Any) -> list[str]:
    with as_(who, place):
        rows = TrailEntry.objects.filter(verb__startswith="support").order_by("at")
        return list(rows.values_list("verb", flat=True))


def test_an_operator_sees_nothing_by_themselves_acc_18(world, operator):
    for path in ("/", "/engagements/", page(world), page(world, "history"), "/people/"):
        assert operator.get(path).status_code == 403
    assert operator.get("/operator/").status_code == 200
    asked(world)
    assert operator.get(page(world)).status_code == 403
    with acting.acting(acting.Actor(person_id=world.operator.pk)):
        assert not Engagement.objects.exists()


def test_to_an_operator_nothing_opens_without_a_second_factor_aut_1_acc_18(world, without_factor):
    """No organization's policy speaks for them, and nobody of the sample is one: it is always
    asked. A customer's leave opens no page before it, and no look is recorded."""
    agreed(world)
    for name, path in (*addresses(), ("engagement", page(world)), ("home", "/")):
        for answer in (without_factor.get(path), without_factor.post(path)):
            owes = answer.headers.get("Location") == OWED
            signed_out = answer.headers.get("Location", "").startswith(LOGIN)
            assert owes or name in ENROLMENT or signed_out, (name, answer.status_code)
        without_factor.force_login(world.operator, backend=BACKEND)
    assert "support_looked" not in verbs(world, world.client, world.client_organization)
    TOTP.activate(world.operator, SEED)
    assert without_factor.get("/operator/").status_code == 200


def test_an_operator_adds_the_factor_and_keeps_one_aut_1_acc_18(without_factor, clock):  # noqa: F811
    browser = without_factor
    assert browser.get("/operator/").headers["Location"] == OWED
    assert (
        "Looking after the platform asks for a second factor" in browser.get(OWED).content.decode()
    )
    browser.get(APP)
    added = browser.post(APP, {"code": code(clock, seed=browser.session["app_secret"])})
    assert 'href="/operator/"' in added.content.decode()
    assert browser.get("/operator/").status_code == 200
    assert (
        "Looking after the platform asks for one"
        in browser.get("/settings/security/").content.decode()
    )
    key = Authenticator.objects.get(type="totp").pk
    address = reverse("tenants:factor_remove", args=[key])
    assert "Remove your authenticator app?" in browser.get(address).content.decode()
    refused = browser.post(address)
    assert refused.status_code == 400
    assert "Looking after the platform asks for a second factor" in refused.content.decode()
    assert Authenticator.objects.filter(pk=key).exists()


@pytest.mark.parametrize("side", ["client", "firm"])
def test_a_wish_shows_at_once_in_the_tenants_trail_and_mail_acc_18(
    world, side, django_capture_on_commit_callbacks
):
    who, place = _administrator(world, side)
    with django_capture_on_commit_callbacks(execute=True):
        asked(world, side)
    assert [letter.to for letter in mail.outbox] == [[who.email]]
    assert "The package fails." in str(mail.outbox[0].body)
    reader = world.lead if side == "firm" else who
    assert verbs(world, reader, place) == ["support_asked"]
    other = (
        (world.client, world.client_organization) if side == "firm" else (world.lead, world.firm)
    )
    assert verbs(world, *other) == []


def test_the_clients_administrator_finds_it_in_the_inbox_and_on_the_first_page(world, browser_of):
    asked(world)
    with as_(world.client, world.client_organization):
        (line,) = notices.lines_for(list(Notice.objects.all()), world.client)
        assert line.path == "/settings/support/"
    home = browser_of("client").get("/").content.decode()
    assert "Olive Operator asks to look at SOC 2 2026" in home
    assert "Olive Operator" not in browser_of("owner").get("/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_operator_looks_and_is_recorded_and_is_out_at_the_next_request_acc_18(world, operator):
    """In transactions of their own, as requests have them: a look makes one read-only."""
    wish = agreed(world)
    shown = operator.get(page(world))
    assert shown.status_code == 200
    assert "SOC 2 2026" in shown.content.decode()
    assert operator.get(page(world, "history")).status_code == 200
    assert operator.get("/people/").status_code == 403
    assert operator.post(page(world, "assign"), {}).status_code == 403
    actor = acting.Actor(
        person_id=world.operator.pk, organization_id=world.client_organization.pk, looks_only=True
    )
    with acting.acting(actor), transaction.atomic():
        assert Engagement.objects.filter(pk=world.engagement.pk).exists()
        with pytest.raises(Exception, match="read-only transaction"):
            Engagement.objects.filter(pk=world.engagement.pk).update(title="Mine")
    with as_(world.client, world.client_organization), transaction.atomic():
        looks = TrailEntry.objects.filter(verb="support_looked").order_by("at")
        paths = [page(world), page(world, "history"), page(world, "assign")]
        assert [entry.note for entry in looks] == paths
        support.end(wish, by=world.client)
    assert operator.get(page(world)).status_code == 403
    with transaction.atomic():
        found = verbs(world, world.client, world.client_organization)
    assert found[:2] == ["support_asked", "support_agreed"]
    assert found[-1] == "support_ended"


@pytest.mark.parametrize("side", ["client", "firm"])
def test_support_sees_what_the_side_that_agreed_sees_acc_18(world, side):
    agreed(world, side)
    place = world.client_organization if side == "client" else world.firm
    with as_(world.operator, place), connection.cursor() as cursor:
        sides = [
            cursor.execute("SELECT current_setting(%s)", [f"app.{name}_side"]).fetchone()[0]
            for name in ("firm", "client")
        ]
    assert [each != "{}" for each in sides] == [side == "firm", side == "client"]


def test_it_ends_by_itself_acc_18(world, operator, monkeypatch):
    then = timezone.now() - timedelta(minutes=121)
    with monkeypatch.context() as patch:
        patch.setattr("tenants.actions.support.timezone.now", lambda: then)
        wish = agreed(world)
    assert wish.until - wish.agreed_at == timedelta(hours=2)
    with acting.acting(acting.Actor(engagement_id=world.engagement.pk)):
        rows = EngagementAccess.objects.filter(user=world.operator)
        assert set(rows.values_list("until", flat=True)) == {wish.until}
    assert operator.get(page(world)).status_code == 403


@pytest.mark.parametrize("by", ["client", "operator"])
def test_it_is_ended_at_once_by_the_tenant_or_the_operator_acc_18(world, operator, by):
    wish = agreed(world)
    place = world.client_organization
    actor = (
        as_(world.client, place)
        if by == "client"
        else acting.acting(acting.Actor(person_id=world.operator.pk))
    )
    with actor:
        support.end(wish, by=getattr(world, by))
    assert operator.get(page(world)).status_code == 403
    assert verbs(world, world.client, place)[-1] == "support_ended"


def test_an_operator_neither_agrees_to_nor_widens_their_own_wish_acc_18(world):
    wish = asked(world)
    with acting.acting(acting.Actor(person_id=world.operator.pk)):
        with pytest.raises(PermissionDenied):
            support.agree(wish, by=world.operator)
        assert SupportAccess.objects.filter(pk=wish.pk).update(hours=4) == 0
        refused = pytest.raises(Exception, match="permission denied")
        with refused, transaction.atomic():
            Operator.objects.create(person=world.colleague)
    wish = agreed(world)
    with as_(world.client, world.client_organization):
        later = wish.agreed_at + timedelta(hours=5)
        with pytest.raises(Exception, match=r"ACC-18|agreed to"), transaction.atomic():
            SupportAccess.objects.filter(pk=wish.pk).update(until=later)


@pytest.mark.parametrize("change", [{"reason": " "}, {"hours": 5}, {"hours": 0}])
def test_a_wish_has_a_reason_and_four_hours_at_most_acc_18(world, change):
    with pytest.raises(Invalid):
        asked(world, **change)
    asked(world)


def test_a_wish_for_what_is_not_there_looks_like_any_other(world, operator):
    form = {"side": "client", "hours": "1", "reason": "Help"}
    for engagement in (world.engagement.pk, uuid4()):
        answer = operator.post("/operator/", {**form, "engagement": str(engagement)})
        assert answer.status_code == 302
    page = operator.get("/operator/").content.decode()
    assert page.count("Waits for the customer") == 2


def test_wishes_lapse_and_are_refused(world):
    wish = asked(world)
    with as_(world.client, world.client_organization):
        support.end(wish, by=world.client)
        with pytest.raises(Refused):
            support.agree(wish, by=world.client)
    assert verbs(world, world.client, world.client_organization)[-1] == "support_refused"


@pytest.mark.parametrize("who", ["owner", "lead", "outsider"])
def test_only_administrators_of_the_side_asked_answer(world, browser_of, who):
    wish = asked(world)
    browser = browser_of(who)
    expected = 404 if who == "outsider" else 403
    for name in ("support_agree", "support_end"):
        answer = browser.post(reverse(f"tenants:{name}", args=[wish.pk]))
        assert answer.status_code == expected
    admin = browser_of("client")
    address = reverse("tenants:support_agree", args=[wish.pk])
    assert "Let Olive Operator look?" in admin.get(address).content.decode()
    assert admin.post(address, follow=True).status_code == 200
    assert "looks" in admin.get("/settings/support/").content.decode()


def test_programs_of_administrators_list_agree_and_end(world, operator):
    wish = asked(world)
    admin = program_of(world.client, world.client_organization)
    assert [row["id"] for row in admin.get("support-access/").json()["results"]] == [str(wish.pk)]
    assert admin.post(f"support-access/{wish.pk}/agree/").json()["until"]
    assert admin.post(f"support-access/{wish.pk}/end/").json()["ended_at"]
    assert operator.get(page(world)).status_code == 403
    assert program_of(world.owner, world.client_organization).get("support-access/").json()[
        "total"
    ] == 0  # fmt: skip


def test_operators_and_members_are_different_people_acc_18(world):
    with pytest.raises(Exception, match="ACC-18"):
        member(world.firm, Role.STAFF, world.operator)
    with pytest.raises(CommandError, match="owner of the tables"):
        call_command("add_operator", world.colleague.email, "x", stdout=StringIO())


def test_djangos_admin_is_nowhere_ops_4():
    assert not apps.is_installed("django.contrib.admin")
    assert not [name for name, path, _ in patterns() if "admin/" in path or name[:6] == "admin:"]
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
