"""Which report fits: answers in, recommendations out (soc.md, section 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from tenants.choices import Category, ExamType, ReportType
from tenants.rules.engagements import Terms


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody who knows the service says of it."""

    moves_money: bool = False
    auditors_rely: bool = False
    asked_about_trust: bool = False
    for_the_public: bool = False
    first_report: bool = False
    needed_soon: bool = False
    controls_are_new: bool = False
    proof_over_time: bool = False
    promises_uptime: bool = False
    promises_correct_output: bool = False
    promises_secrecy: bool = False
    holds_personal_data: bool = False
    promises_to_persons: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the answer's name, its words, and what it is about."""

    name: str
    words: str
    group: str


QUESTIONS: Final = (
    Question("moves_money", "The service starts, authorizes, records, processes or reports "
             "transactions or balances that end in its customers’ financial statements.", "needs"),
    Question("auditors_rely", "Customers’ auditors need to rely on its controls.", "needs"),
    Question("asked_about_trust", "Customers ask about security, uptime, correct processing, "
             "secrecy or privacy of the system.", "needs"),
    Question("for_the_public", "The result is to be shown to the public.", "needs"),
    Question("first_report", "This is the first report.", "time"),
    Question("needed_soon", "It is needed within a few weeks.", "time"),
    Question("controls_are_new", "Important controls are new.", "time"),
    Question("proof_over_time", "Customers want proof that controls worked over time.", "time"),
    Question("promises_uptime", "Uptime or recovery is promised.", "promises"),
    Question("promises_correct_output", "Correct, complete or timely output is promised.",
             "promises"),
    Question("promises_secrecy", "Data named confidential is to be kept or destroyed as promised.",
             "promises"),
    Question("holds_personal_data", "The service handles personal data.", "promises"),
    Question("promises_to_persons", "The service organization itself makes promises to or about "
             "the persons: notice, choice, access and the like.", "promises"),
)  # fmt: skip
GROUPS: Final = {
    "needs": ("What it is for", "Who needs the report, and to rely on what."),
    "time": ("Time", "Whether one day is enough, or a period is to be covered."),
    "promises": ("Promises", "What is promised to customers, in contracts or in public."),
}


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One report, to be made in an engagement of its own, and why."""

    report: str
    exam: str
    categories: tuple[str, ...]
    why: tuple[str, ...]

    @property
    def name(self) -> str:
        """Such as “SOC 2 Type 2”."""
        return _name(self.report, self.exam)

    @property
    def category_names(self) -> list[str]:
        """The categories in words."""
        return [str(Category(each).label) for each in self.categories]


def recommend(answers: Answers) -> list[Recommendation]:
    """The reports that fit, each an engagement of its own; none when no report does.

    A SOC 1 and a SOC 2 stand beside each other over one library, never in one engagement; a SOC 3
    stands beside a SOC 2 Type 2, over the same period and the same tests.
    """
    exam, when = _exam(answers)
    found = []
    if answers.moves_money and answers.auditors_rely:
        found.append(Recommendation(ReportType.SOC1, exam, (), (
            "Customers’ auditors rely on controls over what ends in financial statements.", when,
        )))  # fmt: skip
    if answers.asked_about_trust or answers.for_the_public:
        categories, why = _categories(answers)
        later = answers.for_the_public and exam == ExamType.TYPE_1
        first = (
            "Customers ask whether what the system promises is kept."
            if answers.asked_about_trust
            else "A SOC 3 for the public rests on a SOC 2 Type 2."
        )
        more = ("A SOC 3 can follow with the Type 2: it covers a period.",) if later else ()
        found.append(Recommendation(ReportType.SOC2, exam, categories, (first, when, *why, *more)))
        if answers.for_the_public and not later:
            found.append(Recommendation(ReportType.SOC3, exam, categories, (
                "Anybody may read a SOC 3; it has the period and the tests of the SOC 2.",
            )))  # fmt: skip
    return found


def _exam(answers: Answers) -> tuple[ExamType, str]:
    """Type 1 first where there is no time or nothing to look back on, else Type 2."""
    if answers.needed_soon:
        return ExamType.TYPE_1, "It is needed soon: a Type 1 first, then a Type 2."
    if answers.controls_are_new:
        return ExamType.TYPE_1, "The controls are new: a Type 1 first, then a Type 2."
    if answers.proof_over_time:
        return ExamType.TYPE_2, "Customers want proof over time: a Type 2 covers a period."
    if answers.first_report:
        return ExamType.TYPE_1, "It is the first report: a Type 1 first, then a Type 2."
    return ExamType.TYPE_2, "Reports after the first cover a period without a gap."


def _categories(answers: Answers) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found: list[str] = [Category.SECURITY]
    why = []
    if answers.promises_uptime:
        found.append(Category.AVAILABILITY)
        why.append("Uptime or recovery is promised: Availability.")
    if answers.promises_correct_output:
        found.append(Category.PROCESSING_INTEGRITY)
        why.append("Correct output is promised: Processing integrity.")
    private = answers.holds_personal_data and answers.promises_to_persons
    if answers.promises_secrecy:
        why.append("Data is to be kept confidential as promised: Confidentiality.")
    elif answers.holds_personal_data and not private:
        why.append(
            "Personal data is held for customers, without promises to the persons: Confidentiality "
            "is usually the fit, not Privacy."
        )
    if answers.promises_secrecy or (answers.holds_personal_data and not private):
        found.append(Category.CONFIDENTIALITY)
    if private:
        found.append(Category.PRIVACY)
        why.append("Promises are made to or about persons: Privacy.")
    return tuple(each for each in Category if each in found), tuple(why)


def difference(recommended: Sequence[Recommendation], terms: Terms) -> str:
    """In what the chosen terms are not what the answers point to; empty when they are."""
    chosen = _name(terms.report_type, terms.exam_type)
    if not recommended:
        return f"The answers point to none of the SOC reports; this is a {chosen}."
    alike = [each for each in recommended if each.report == terms.report_type]
    if not alike or alike[0].exam != terms.exam_type:
        names = " and a ".join(each.name for each in recommended)
        return f"The answers point to a {names}; this is a {chosen}."
    wanted, held = set(alike[0].categories), set(terms.categories)
    if wanted == held:
        return ""
    parts = [
        f"{said} {', '.join(str(each.label) for each in Category if each in some)}"
        for said, some in (("leave out", held - wanted), ("include", wanted - held))
        if some
    ]
    return f"The answers would {' and '.join(parts)}."


def chosen_of(terms: Terms) -> dict[str, Any]:
    """What was chosen, as it is kept beside the answers."""
    return {
        "report": str(terms.report_type), "exam": str(terms.exam_type),
        "categories": sorted(str(each) for each in terms.categories),
    }  # fmt: skip


def as_kept(recommended: Sequence[Recommendation]) -> list[dict[str, Any]]:
    """Recommendations as rows keep them."""
    return [
        {"report": str(each.report), "exam": str(each.exam),
         "categories": [str(one) for one in each.categories], "why": list(each.why)}
        for each in recommended
    ]  # fmt: skip


def from_kept(rows: Sequence[Mapping[str, Any]]) -> list[Recommendation]:
    """The same the other way."""
    return [
        Recommendation(row["report"], row["exam"], tuple(row["categories"]), tuple(row["why"]))
        for row in rows
    ]


def answers_of(kept: Mapping[str, Any]) -> Answers:
    """Answers as rows keep them, read back."""
    return Answers(**{each.name: bool(kept.get(each.name)) for each in fields(Answers)})


def _name(report: str, exam: str) -> str:
    return f"{ReportType(report).label} {ExamType(exam).label}"
