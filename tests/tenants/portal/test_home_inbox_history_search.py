"""What a person looks at every morning: what waits, what is new, what happened, where it is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from tenants import acting, notices, trail
from tenants.actions import engagements
from tenants.choices import Role
from tenants.models import Notice, TrailEntry
from tenants.queries.waiting import SOURCES, WaitingGroup, WaitingItem
from tests import factories
from tests.conftest import as_


def titles(browser: Any) -> list[str]:
    return [group.title for group in browser.get("/").context["groups"]]


def test_home_shows_what_waits_for_each_role(world, lead, client_admin, browser_of, sent_links):
    form = {"email": "new@people.example", "role": "contributor"}
    sent_links(lambda: client_admin.post("/people/invite/", form))
    assert "Engagements to begin" in titles(lead)
    assert "Invitations not yet accepted" in titles(client_admin)
    for who in ("auditor", "contributor", "colleague", "outsider"):
        shown = titles(browser_of(who))
        assert "Engagements to begin" not in shown
        assert "Invitations not yet accepted" not in shown


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("colleague", "your work on it stands here"),
        ("rival", "Open the first engagement"),
        ("contributor", "When your administrator puts you"),
        ("admin", "Invite your colleagues first"),
    ],
)
def test_home_tells_a_new_person_what_comes_next(world, browser_of, who, says):
    world.contributor = factories.member(world.other_client, Role.CONTRIBUTOR)
    world.admin = factories.member(world.firm, Role.FIRM_ADMIN)
    answer = browser_of(who).get("/")
    assert answer.status_code == 200
    assert says in answer.content.decode()


def test_a_higher_apps_work_stands_on_the_home_page(world, lead, monkeypatch):
    item = WaitingItem("PBC-007 <b>", "/requests/7/", status="submitted", status_label="Submitted")
    group = WaitingGroup("Evidence to review", "To review", [item], 12, late=2, url="/requests/")
    monkeypatch.setattr("tenants.queries.waiting.SOURCES", [*SOURCES, lambda user: [group]])
    text = lead.get("/").content.decode()
    assert "PBC-007 &lt;b&gt;" in text
    assert "See all 12" in text
    assert "2 late" in text


@pytest.fixture
def told(world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> list[Notice]:
    """Two notices to the manager, of a kind that leads to the engagement."""

    def describe(rows: Any, user: Any) -> dict[Any, tuple[str, str]]:
        path = reverse("tenants:engagement", args=[world.engagement.pk])
        return {row.pk: (f"Something about {row.period}", path) for row in rows}

    monkeypatch.setitem(notices.KINDS, "test/kind", notices.Kind("Something", describe))
    with acting.on_behalf_of_the_engagement(world.engagement.pk):
        for period in ("one", "two"):
            notices.tell(
                "test/kind", world.engagement.pk, world.engagement.pk, [world.lead.pk],
                period=period,
            )  # fmt: skip
    with as_(world.lead, world.firm):
        return list(Notice.objects.order_by("period"))


def test_the_inbox_shows_ones_own_notices_and_marks_them_read(world, lead, told):
    page = lead.get("/inbox/").content.decode()
    assert "Something about one" in page
    assert "2<span" in page  # the bell's count
    first = reverse("tenants:read", args=[told[0].pk])
    assert lead.get(first).status_code == 405  # a link changes nothing (HDR-7)
    answer = lead.post(first)
    assert answer.headers["Location"] == reverse("tenants:engagement", args=[world.engagement.pk])
    assert "Something about one" not in lead.get("/inbox/").content.decode()
    assert "Something about one" in lead.get("/inbox/?view=all").content.decode()
    lead.post("/inbox/read/")
    assert "Nothing unread" in lead.get("/inbox/").content.decode()


@pytest.mark.parametrize("who", ["auditor", "client", "rival"])
def test_anothers_notice_is_absent(world, browser_of, told, who):
    browser = browser_of(who)
    assert browser.post(reverse("tenants:read", args=[told[0].pk])).status_code == 404
    browser.post("/inbox/read/")
    with as_(world.lead, world.firm):
        assert Notice.objects.filter(read_at=None).count() == 2


@pytest.fixture
def long_history(world: SimpleNamespace) -> str:
    """A history of more than two pages; answers its address."""
    with as_(world.lead, world.firm):
        engagements.move(world.engagement, "begin", by=world.lead, note="All set.")
        for number in range(90):
            trail.record(
                "checked", world.engagement, by=world.lead, engagement_id=world.engagement.pk,
                note=f"Check {number}",
            )  # fmt: skip
    return reverse("tenants:history", args=[world.engagement.pk])


def test_history_is_read_page_by_page_both_ways(world, lead, long_history):
    seen, address, pages = [], long_history, 0
    while address:
        answer = lead.get(address)
        seen += [entry["text"] for entry in answer.context["entries"]]
        onward = answer.context["page"]["next_url"]
        address, pages = (long_history + onward if onward else ""), pages + 1
    with as_(world.lead, world.firm):
        assert len(seen) == TrailEntry.objects.visible_to(world.lead).count()
    assert [text for text in seen if text.startswith("Check")] == [
        f"Check {number}" for number in reversed(range(90))
    ]
    back = lead.get(long_history + answer.context["page"]["previous_url"])
    assert back.context["entries"][-1]["text"] == "Check 10"
    assert pages == 3


def test_history_is_narrowed_and_a_strange_cursor_is_the_first_page(world, lead, long_history):
    moved = lead.get(long_history + "?verb=begin")
    assert [entry["text"] for entry in moved.context["entries"]] == ["All set."]
    assert "began acceptance" in moved.content.decode()
    by_client = lead.get(long_history + f"?person={world.client.pk}")
    assert by_client.context["filtered"] is False  # nobody of that name is in it
    for strange in ("x", str(world.firm.pk), "%00"):
        assert lead.get(f"{long_history}?before={strange}").status_code == 200


def test_history_costs_a_fixed_number_of_queries(
    world, lead, long_history, django_assert_max_num_queries
):
    with django_assert_max_num_queries(22):
        lead.get(long_history)


def test_what_the_firm_alone_wrote_is_not_the_clients_to_read(world, lead, client_admin):
    with as_(world.lead, world.firm):
        trail.record(
            "noted", world.engagement, by=world.lead, engagement_id=world.engagement.pk,
            note="For the firm.", zone="firm",
        )  # fmt: skip
    for name in ("history", "engagement"):
        address = reverse(f"tenants:{name}", args=[world.engagement.pk])
        assert "For the firm." in lead.get(address).content.decode()
        assert "For the firm." not in client_admin.get(address).content.decode()


def test_search_finds_only_what_is_visible(world, lead, browser_of):
    factories.engagement(
        world.other_firm, world.other_client, world.rival, title="SOC 2 of another firm"
    )
    for who, words, shown in (
        ("lead", "soc 2", {"SOC 2 2026"}),
        ("lead", "Tallowbrook", {"SOC 2 2026"}),
        ("lead", "another firm", set()),
        ("client", "harbour", {"SOC 2 2026"}),
        ("colleague", "soc", set()),
        ("rival", "soc", {"SOC 2 of another firm"}),
        ("lead", "s", set()),
        ("lead", "%", set()),
        ("lead", "\x00", set()),
    ):
        answer = browser_of(who).get("/search/", {"q": words})
        assert answer.status_code == 200
        hits = {hit.title for kind in answer.context["found"] for hit in kind.hits}
        assert hits == shown, (who, words)


def test_names_from_people_are_printed_as_text_hdr_10(world, lead):
    factories.arrange(world.engagement, title="<script>alert(1)</script>")
    for path in ("/", "/engagements/", "/search/?q=script"):
        text = lead.get(path).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text
