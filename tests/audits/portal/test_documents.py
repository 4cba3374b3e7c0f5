"""Pages and programs of documents and of the client's approvals."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audits.models.documents import DocumentVersion
from tests.conftest import as_
from tests.programs import program_of


def text(response):
    return response.content.decode()


def of(name, world, *args):
    return reverse(f"audits:{name}", args=[world.engagement.pk, *args])


def newest(world):
    with as_(world.client, world.client_organization):
        return DocumentVersion.objects.order_by("-made_at").first()


def test_a_document_goes_from_a_draft_to_its_signature(world, browser_of):
    owner, client, executive, lead = map(browser_of, ("owner", "client", "executive", "lead"))
    assert text(lead.get(of("documents", world))).count("Not yet") == 4
    write, page = of("document_write", world, "assertion"), of("document", world, "assertion")
    assert "Somebody else of your side" in text(owner.get(write))
    assert owner.post(write, {"text": ""}).status_code == 400
    assert owner.post(write, {"text": "We assert it.", "final": "on"}).status_code == 302
    draft = newest(world)
    assert (draft.stage, draft.handed_over_at) == ("draft", None)
    assert "We assert it." not in text(lead.get(page))
    assert "Your side alone" in text(client.get(page))
    hand = of("document_hand_over", world, draft.pk)
    assert owner.get(hand).status_code == 403
    assert client.post(hand, {"version": 1}).status_code == 302
    assert "We assert it." in text(lead.get(page))
    assert client.post(hand, {"version": 2}).status_code == 400
    wrong = client.post(write, {"text": "It meets the control objectives.", "final": "on"})
    assert "RT-18" in text(wrong)
    client.post(write, {"text": "We assert all of it.", "final": "on"})
    final = newest(world)
    sign = of("document_sign", world, final.pk)
    assert sign in text(executive.get(page))
    assert sign not in text(client.get(page))
    assert lead.get(sign).status_code == 403
    assert executive.get(of("document_sign", world, draft.pk)).status_code == 200
    late = executive.post(of("document_sign", world, draft.pk), {"dated_on": "2026-11-20"})
    assert late.status_code == 400
    assert "Say why" in text(executive.post(sign, {"dated_on": "2026-11-20", "refused": "on"}))
    assert executive.post(sign, {"dated_on": "2026-11-20"}).status_code == 302
    shown = text(lead.get(of("documents", world)))
    assert "Executive Person (Nov 20, 2026)" in shown
    assert "Signed</span>" in shown
    assert "We assert it." in text(lead.get(of("document_version", world, draft.pk)))


@pytest.mark.parametrize("who", ["rival", "outsider", "colleague"])
def test_documents_are_the_engagement_s_own(world, browser_of, who):
    browser = browser_of(who)
    for name, *args in (("documents",), ("document", "assertion"), ("approvals",)):
        assert browser.get(of(name, world, *args)).status_code == 404
    assert browser_of("client").get(of("document", world, "novel")).status_code == 404


def test_the_client_approves_its_description(world, browser_of):
    client, executive, lead = map(browser_of, ("client", "executive", "lead"))
    assert "Nothing to approve yet" in text(lead.get(of("approvals", world)))
    client.post(of("document_write", world, "description"), {"text": "A system.", "final": "on"})
    page = text(client.get(of("approvals", world)))
    assert "You wrote this last" in page
    page = text(executive.get(of("approvals", world)))
    seen = page.partition('name="seen" value="')[2][:64]
    sent = {"kind": "description", "seen": seen}
    assert lead.post(of("approve", world), sent).status_code == 403
    assert "SO-08" in text(client.post(of("approve", world), sent))
    assert "changed since" in text(executive.post(of("approve", world), sent | {"seen": "0" * 64}))
    assert executive.post(of("approve", world), sent).status_code == 302
    assert "Executive Person approved it" in text(lead.get(of("approvals", world)))
    client.post(of("document_write", world, "description"), {"text": "Another.", "final": "on"})
    assert "Changed since" in text(lead.get(of("approvals", world)))


def test_programs_write_hand_over_sign_and_approve(world):
    client, executive = (
        program_of(getattr(world, who), world.client_organization)
        for who in ("client", "executive")
    )
    lead = program_of(world.lead, world.firm)
    here = {"engagement": str(world.engagement.pk)}
    body = {**here, "kind": "description", "text": "A system."}
    draft = client.post("document-versions/", body)
    assert draft.status_code == 201
    path = f"document-versions/{draft.json()['id']}/"
    assert lead.get(path).status_code == 404
    assert lead.get("document-versions/?handed_over=true").json()["total"] == 0
    assert client.post(f"{path}hand-over/").json()["handed_over_by"]
    assert lead.get(path).json()["text"] == "A system."
    assert executive.post(f"{path}sign/", {}).status_code == 409
    final = client.post("document-versions/", {**body, "final": True}).json()
    path = f"document-versions/{final['id']}/"
    assert executive.post(f"{path}sign/", {"dated_on": "2026-11-20"}).status_code == 200
    signature = lead.get("document-signatures/").json()["results"][0]
    assert (signature["word"], signature["dated_on"]) == ("signed", "2026-11-20")
    found = executive.get(f"engagements/{world.engagement.pk}/approvals/").json()["approvals"]
    assert [(each["kind"], each["is_current"]) for each in found] == [("description", False)]
    sent = {**here, "kind": "description", "seen": found[0]["content_hash"]}
    assert client.post("client-approvals/", sent).status_code == 409  # wrote it (SO-08)
    assert executive.post("client-approvals/", sent).status_code == 201
    assert lead.get("client-approvals/").json()["total"] == 1
    assert lead.post("client-approvals/", sent).status_code == 403
