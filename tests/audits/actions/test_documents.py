"""Documents: versions handed over by their side, signatures, and what gates ask of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from audits.actions import decisions, documents
from audits.models.documents import DocumentSignature, DocumentVersion
from audits.queries.documents import standing, to_sign
from audits.rules.documents import cited_in
from grc.sample.cures.documents import cure
from tenants.actions import engagements
from tenants.errors import Invalid, NotVisible, Refused
from tenants.models import TrailEntry
from tenants.queries.findings import open_findings
from tests import factories
from tests.audits.actions.test_choosing import SOC1, termed
from tests.conftest import as_

TODAY = date(2026, 11, 20)
FIRM = ("partner", "lead", "senior", "auditor", "reviewer")


def home(world, who):
    return world.firm if who in FIRM else world.client_organization


def acts(world, who):
    return as_(getattr(world, who), home(world, who))


def written(world, kind="assertion", text="We assert it.", who="client", **more):
    with acts(world, who), transaction.atomic():
        return documents.write(world.engagement, kind, text, by=getattr(world, who), **more)


def held(version):
    rows = DocumentVersion.objects.select_related("engagement__client", "document")
    return rows.get(pk=version.pk)


def signed(world, version, who="executive", **more):
    with acts(world, who), transaction.atomic():
        return documents.sign(held(version), by=getattr(world, who), **more)


def open_at(world, phase):
    with acts(world, "lead"), transaction.atomic():
        return {each.finding.subject: each for each in open_findings(world.engagement, phase)
                if each.finding.route[0] == "audits:document"}  # fmt: skip


def raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_a_draft_is_its_own_side_s_until_it_is_handed_over_ac_02_ac_03(world):
    for kind, who, other in (
        ("description", "owner", "lead"), ("engagement_letter", "lead", "client")
    ):  # fmt: skip
        draft = written(world, kind, "A draft.", who)
        with acts(world, other):
            assert not DocumentVersion.objects.filter(pk=draft.pk).exists()
            with pytest.raises(NotVisible):
                DocumentVersion.objects.find(getattr(world, other), draft.pk)
            assert not TrailEntry.objects.filter(verb="drafted", subject_id=draft.pk).exists()
        hands = {"owner": "client", "lead": "partner"}[who]
        with acts(world, who), pytest.raises(PermissionDenied):
            documents.hand_over(held(draft), by=getattr(world, who))
        with acts(world, hands), transaction.atomic():
            documents.hand_over(held(draft), by=getattr(world, hands), seen=1)
            with pytest.raises(Refused):
                documents.hand_over(held(draft), by=getattr(world, hands))
        with acts(world, other):
            assert DocumentVersion.objects.find(getattr(world, other), draft.pk).text == "A draft."


@pytest.mark.parametrize(
    ("kind", "who", "final", "allowed"),
    [
        ("engagement_letter", "lead", False, True), ("engagement_letter", "lead", True, False),
        ("engagement_letter", "partner", True, True), ("engagement_letter", "senior", False, False),
        ("engagement_letter", "client", False, False), ("assertion", "owner", False, True),
        ("assertion", "owner", True, False), ("assertion", "client", True, True),
        ("assertion", "executive", False, False), ("assertion", "partner", False, False),
    ],
)  # fmt: skip
def test_each_side_writes_its_own_documents(world, kind, who, final, allowed):
    if allowed:
        assert written(world, kind, who=who, final=final).number == 1
    else:
        with pytest.raises(PermissionDenied):
            written(world, kind, who=who, final=final)


def test_words_never_change_and_versions_are_counted(world):
    first, second = written(world), written(world, text="Better.\r\nYes.", final=True)
    assert (first.number, second.number, second.text) == (1, 2, "Better.\nYes.")
    for wrong in (" ", "a\0b", "a" * 400_001):
        with pytest.raises(Invalid):
            written(world, text=wrong)
    with acts(world, "client"):
        for change in ("text = 'Otherwise'", "handed_over_at = NULL, handed_over_by_id = NULL"):
            with pytest.raises(IntegrityError, match="never change"):
                raw(f"UPDATE audits_documentversion SET {change} WHERE id = %s", second.pk)
    with acts(world, "lead"), pytest.raises(Exception, match=r"policy|never"):
        raw("UPDATE audits_documentversion SET version = 9 WHERE id = %s", second.pk)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Measured by the trust services criteria.", ["tsc"]),
        ("Criteria of DC section 200 and TSP section 100.", ["tsc", "dc200"]),
        ("Suitable to achieve the Control Objectives.", ["objectives"]),
        ("As AT-C section 320 asks.", ["atc320"]), ("Washington, DC 2001", []),
    ],
)  # fmt: skip
def test_what_words_cite_is_read_from_them(text, cited):
    assert cited_in("assertion", text) == cited
    assert cited_in("engagement_letter", text) == []


@pytest.mark.parametrize(
    ("soc1", "foreign", "own"),
    [
        (True, "It meets DC 200.", "It meets the control objectives."),
        (False, "It meets the control objectives.", "It meets DC 200."),
    ],
)
def test_rt_18_an_assertion_cites_its_own_basis(world, soc1, foreign, own):
    if soc1:
        termed(world, SOC1)
    for kind in ("assertion", "description"):
        with pytest.raises(Invalid, match="RT-18"):
            written(world, kind, foreign)
        assert written(world, kind, own).criteria_cited
    letter = written(world, "engagement_letter", foreign, "partner")
    assert letter.criteria_cited == []
    cited = "{dc200}" if soc1 else "{objectives}"
    with acts(world, "client"), pytest.raises(IntegrityError, match="RT-18"):
        raw(
            "INSERT INTO audits_documentversion (id, version, engagement_id, document_id, side, "
            "number, text, sha256, stage, criteria_cited, made_by_id) SELECT gen_random_uuid(), 1, "
            "engagement_id, document_id, side, 99, text, sha256, stage, %s, made_by_id FROM "
            "audits_documentversion WHERE side = 'client' LIMIT 1",
            cited,
        )


def test_an_executive_signs_what_is_final_as_it_is(world):
    draft = written(world)
    with pytest.raises(Refused, match="draft"):
        signed(world, draft)
    final = written(world, final=True)
    for who in ("client", "partner", "owner"):
        with pytest.raises(PermissionDenied):
            signed(world, final, who)
    with pytest.raises(Invalid, match="ahead"):
        signed(world, final, dated_on=date(2040, 1, 1))
    word = signed(world, final, dated_on=TODAY)
    assert (word.role, word.side, word.content_hash) == ("executive", "client", final.sha256)
    later = written(world, text="Once more.", final=True)
    with pytest.raises(Refused, match="later version"):
        signed(world, final)
    assert signed(world, later)
    with acts(world, "executive"):
        for sql in ("UPDATE audits_documentsignature SET reason = 'x'",
                    "DELETE FROM audits_documentsignature"):  # fmt: skip
            with pytest.raises(Exception, match=r"permission denied|never changed"):
                raw(sql)
    with acts(world, "executive"), pytest.raises(IntegrityError, match="final version"):
        raw(
            "INSERT INTO audits_documentsignature (id, version, engagement_id, word, reason, side, "
            "role, dated_on, content_hash, document_version_id, signer_id) SELECT "
            "gen_random_uuid(), 1, engagement_id, word, reason, side, role, dated_on, "
            "content_hash, %s, signer_id FROM audits_documentsignature LIMIT 1", draft.pk,
        )  # fmt: skip


def test_acceptance_ends_with_a_letter_that_both_have_signed(world):
    factories.moved_to(world, "acceptance")

    def said():
        return [each.finding.text for each in open_at(world, "acceptance").values()]

    assert said() == ["There is no engagement letter yet."]
    written(world, "engagement_letter", who="lead")
    assert said() == ["There is no engagement letter yet."]  # a draft of the firm's
    letter = written(world, "engagement_letter", "Terms.", "partner", final=True)
    assert said() == [
        (
            "The engagement letter is not signed by an executive of the client and the engagement "
            "partner."
        )
    ]
    signed(world, letter, "partner")
    assert said() == ["The engagement letter is not signed by an executive of the client."]
    with acts(world, "executive"):
        assert [each.total for each in to_sign(world.executive)] == [1]
    with acts(world, "partner"):
        assert to_sign(world.partner) == []
    signed(world, letter)
    assert said() == []
    with acts(world, "executive"):
        assert to_sign(world.executive) == []
    written(world, "engagement_letter", "Other terms.", "partner", final=True)
    assert "is not signed by an executive" in said()[0]


def test_walkthroughs_end_once_description_and_assertion_are_received(world):
    factories.moved_to(world, "walkthrough")
    assert set(open_at(world, "walkthrough")) == {"description", "assertion"}
    draft = written(world, "description", "A draft.")
    assert set(open_at(world, "walkthrough")) == {"description", "assertion"}
    with acts(world, "client"), transaction.atomic():
        documents.hand_over(held(draft), by=world.client)
    assert set(open_at(world, "walkthrough")) == {"assertion"}
    cure(factories.Cast(world), world.engagement)
    assert open_at(world, "walkthrough") == {}


def test_a_report_is_released_with_letters_signed_as_of_its_date(world):
    factories.moved_to(world, "reporting", report_date=TODAY)
    kinds = {"description", "assertion", "representation_letter"}
    assert set(open_at(world, "reporting")) == kinds
    letters = {kind: written(world, kind, "As it is.", final=True) for kind in kinds}
    assert all("not signed" in each.finding.text for each in open_at(world, "reporting").values())
    for letter in letters.values():
        signed(world, letter, dated_on=TODAY - timedelta(days=1))
    assert all("the report is dated" in each.finding.text
               for each in open_at(world, "reporting").values())  # fmt: skip
    for letter in letters.values():
        signed(world, letter, dated_on=TODAY)
    assert open_at(world, "reporting") == {}


def test_op_03_a_refused_assertion_holds_the_report_until_a_partner_decides(world):
    factories.moved_to(world, "reporting", report_date=TODAY)
    cure(factories.Cast(world), world.engagement)
    assert open_at(world, "reporting") == {}
    with acts(world, "lead"):
        assertion = standing(world.engagement)["assertion"].version
    with pytest.raises(Invalid, match="why"):
        signed(world, assertion, refused=True)
    signed(world, assertion, refused=True, reason="We do not agree with the boundary.")
    (found,) = open_at(world, "reporting").values()
    assert (found.finding.rule, found.holds) == ("OP-03", True)
    with acts(world, "partner"), transaction.atomic():
        decisions.decide(
            world.engagement, "OP-03", "assertion", reason="Law forbids withdrawing; disclaimed.",
            by=world.partner,
        )  # fmt: skip
    assert not open_at(world, "reporting")["assertion"].holds
    signed(world, assertion, refused=True, reason="Still not.")
    assert open_at(world, "reporting")["assertion"].holds  # another refusal, another decision
    signed(world, assertion, dated_on=TODAY)
    assert open_at(world, "reporting") == {}


def test_after_release_no_document_changes_lk_04(world):
    final = written(world, final=True)
    factories.moved_to(world, "released")
    with pytest.raises(Refused):
        written(world)
    with pytest.raises(Refused):
        signed(world, final)
    with acts(world, "client"), pytest.raises(IntegrityError, match="LK-04"):
        raw("INSERT INTO audits_document (id, version, engagement_id, kind, side) VALUES "
            "(gen_random_uuid(), 1, %s, 'description', 'client')", world.engagement.pk)  # fmt: skip


def test_a_side_writes_nothing_in_the_name_of_the_other(world):
    final = written(world, final=True)
    with acts(world, "lead"), pytest.raises(Exception, match="row-level security"):
        raw(
            "INSERT INTO audits_documentsignature (id, version, engagement_id, word, reason, side, "
            "role, dated_on, content_hash, document_version_id, signer_id) VALUES "
            "(gen_random_uuid(), 1, %s, 'signed', '', 'client', 'executive', '2026-11-20', %s, %s, "
            "%s)", world.engagement.pk, final.sha256, final.pk, world.lead.pk,
        )  # fmt: skip
    assert not DocumentSignature.objects.filter(document_version=final.pk).exists()


def test_standing_asks_the_same_few_questions_of_any_number(world, django_assert_num_queries):
    for number in range(5):
        written(world, "description", f"Version {number}.", final=True)
    with acts(world, "lead"), transaction.atomic(), django_assert_num_queries(2):
        standing(world.engagement)


def test_the_whole_way_needs_the_letter(world):
    with acts(world, "lead"), transaction.atomic():
        engagements.move(world.engagement, "begin", by=world.lead)
    factories.taken_on(world, ("take_on", "partner"))
    assert world.engagement.status == "planning"
