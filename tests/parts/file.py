"""The firm's file in the generated tests: a paper a senior signed, one open, a note, a decision."""

from __future__ import annotations

from typing import Any

from audits.actions import decisions, review_notes, sign_offs, workpapers
from audits.models.sign_offs import PaperOpened
from audits.queries.papers import standing
from tenants import acting, findings
from tenants.findings import OVERRIDE, Finding
from tests.access.scenes import acts

KIND = "other"
FIELDS_TXT = """
shown firm audits.api.papers.SignatureDifferenceShape: path before after
shown firm audits.api.papers.SignatureDifferencesShape: places
shown firm audits.api.papers.PaperListShape: papers
shown firm audits.api.papers.PaperShape: kind id name content_hash levels missing signatures
shown firm audits.api.papers.SignOffSerializer: id version engagement paper_kind paper_id paper_name level signer role signed_at content content_hash taken_back_at taken_back_reason
shown firm audits.api.papers.SignatureShape: id level signer role signed_at current
shown firm audits.api.papers.WholePaperShape: kind id name content_hash levels missing signatures content
shown firm audits.api.workpapers.ReviewNoteSerializer: id version engagement paper_kind paper_id paper_name author text written_at answer answered_by answered_at cleared_by cleared_at
shown firm audits.api.workpapers.RuleDecisionSerializer: id version engagement rule subject text facts facts_hash reason decided_by decided_at
shown firm audits.api.workpapers.WorkpaperSerializer: id version engagement kind ref title text fields_of_kind made_by made_at
sent firm audits.api.papers.OpenedBody: kind paper
sent firm audits.api.papers.SignBody: kind paper level seen
sent firm audits.api.papers.SignManyBody: kind papers level
sent firm audits.api.papers.TakeBackBody: reason
sent firm audits.api.workpapers.DecisionBody: engagement rule subject reason
sent firm audits.api.workpapers.NewNoteBody: text engagement kind paper
sent firm audits.api.workpapers.NewWorkpaperBody: title text fields_of_kind engagement kind
sent firm audits.api.workpapers.NoteTextBody: text
sent firm audits.api.workpapers.WorkpaperBody: title text fields_of_kind
form firm audits.portal.file_forms.DecideForm: subject reason
form firm audits.portal.file_forms.NoteTextForm: text
form firm audits.portal.file_forms.ReasonForm: version reason
form firm audits.portal.file_forms.SignForm: level seen
form firm audits.portal.file_forms.SignManyForm: level papers
form firm audits.portal.file_forms.WorkpaperForm: version title text
"""  # noqa: E501  (a line is a class)
PORTAL_IDS = {
    "paper": "paper to sign", "workpaper": "audits.Workpaper", "sign_off": "audits.SignOff",
    "review_note": "audits.ReviewNote",
}  # fmt: skip
NAMES = {"paper": "audits.Workpaper", "papers": "audits.Workpaper"}
FIXED = {"rule": "RT-00", "level": "prepared", "kind": KIND}
WORDS = {"paper_kind": (KIND,), "rule": ("RT-00",)}
FORM_IDS = {"papers": "audits.Workpaper"}
FINDING = Finding(
    "RT-00", OVERRIDE, "Something to decide.", "Decide it.", ("tenants:engagement", ())
)


def play(world: Any) -> dict[str, Any]:
    """Papers of kind “other”: one to sign, one signed by the senior with a manager's note."""
    with acts(world.senior, world.firm):
        signed = workpapers.write(world.engagement, KIND, title="Signed", by=world.senior)
        seen = standing(world.engagement, KIND, signed.pk).content_hash
        signature = sign_offs.sign(
            world.engagement, KIND, signed.pk, "prepared", seen=seen, by=world.senior
        )
        to_sign = workpapers.write(world.engagement, KIND, title="To sign", by=world.senior)
        looked = standing(world.engagement, KIND, to_sign.pk).content_hash
    with acts(world.lead, world.firm):
        note = review_notes.write(world.engagement, KIND, signed.pk, text="Why?", by=world.lead)
    return {
        "audits.SignOff": signature.pk, "audits.Workpaper": to_sign.pk,
        "paper to sign": to_sign.pk, "seen": looked, "audits.ReviewNote": note.pk,
        "audits.RuleDecision": _decided(world),
    }  # fmt: skip


def _decided(world: Any) -> Any:
    status = world.engagement.status
    kept = findings.SOURCES[status]
    findings.SOURCES[status] = [lambda engagement: [FINDING]]
    try:
        with acts(world.partner, world.firm):
            return decisions.decide(
                world.engagement, "RT-00", reason="It fits.", by=world.partner
            ).pk
    finally:
        findings.SOURCES[status] = kept


def furnish(world: Any, word: str) -> None:
    """A paper of the firm with its signature and a note; the client may read none of it."""
    with acts(world.senior, world.firm):
        paper = workpapers.write(
            world.engagement, KIND, title=f"{word}-firm paper", by=world.senior
        )
        seen = standing(world.engagement, KIND, paper.pk).content_hash
        sign_offs.open_paper(world.engagement, KIND, paper.pk, by=world.senior)
        sign_offs.sign(world.engagement, KIND, paper.pk, "prepared", seen=seen, by=world.senior)
        workpapers.write(world.engagement, KIND, title=f"{word}-firm draft", by=world.senior)
        review_notes.write(world.engagement, KIND, paper.pk, text=f"{word}-firm", by=world.senior)
    _decided(world)


def _decides(play: Any, state: str, who: Any) -> None:
    findings.SOURCES["draft"] = [lambda engagement: [FINDING]]


def _opened(play: Any, state: str, who: Any) -> None:
    """Whoever asks has opened the paper as it is."""
    person = play.callers[who.key].who
    with acting.on_behalf_of_the_engagement(play.world.engagement.pk):
        PaperOpened.objects.update_or_create(
            engagement=play.world.engagement, paper_kind=KIND, person=person,
            paper_id=play.ids["paper to sign"], defaults={"content_hash": play.ids["seen"]},
        )  # fmt: skip


ARRANGED = {"rule_decision.decide": _decides, "paper.sign_several": _opened}
FIELDS = {
    "paper": lambda play, who: {
        "kind": KIND, "paper": str(play.ids["paper to sign"]), "level": "prepared",
        "seen": play.ids["seen"], "papers": [str(play.ids["paper to sign"])],
    },
    "workpaper": lambda play, who: {
        "kind": KIND, "title": "Another title", "text": "Words", "fields_of_kind": {},
        "version": "1", "engagement": str(play.world.engagement.pk),
    },
    "review_note": lambda play, who: {
        "kind": KIND, "paper": str(play.ids["paper to sign"]), "text": "Words",
    },
    "rule_decision": lambda play, who: {"rule": "RT-00", "subject": "", "reason": "It fits."},
    "sign_off": lambda play, who: {"reason": "Wrong paper.", "version": "1"},
}  # fmt: skip
