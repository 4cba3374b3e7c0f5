"""What an engagement may be: RT-01, RT-04 to RT-06, RT-12, RT-13, in sentences to act on."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tenants.choices import Basis, Category, ExamType, ReportType
from tenants.errors import Invalid


@dataclass(frozen=True, slots=True)
class Terms:
    """What is examined, and when. Dates are local to the client; both ends count."""

    report_type: str
    exam_type: str
    categories: Sequence[str] = ()
    as_of: date | None = None
    period_start: date | None = None
    period_end: date | None = None


def basis_of(report_type: str) -> Basis:
    """What a report of this type is measured against (RT-02, RT-03)."""
    return Basis.OBJECTIVE if report_type == ReportType.SOC1 else Basis.CRITERION


def check_terms(terms: Terms) -> None:
    """Raise Invalid for the first rule broken, naming rule, field and cure."""
    if terms.report_type not in ReportType.values:
        _refuse("RT-01: choose SOC 1, SOC 2 or SOC 3.", "report_type_unknown", "report_type")
    if terms.exam_type not in ExamType.values:
        _refuse("RT-01: choose Type 1 or Type 2.", "exam_type_unknown", "exam_type")
    _check_categories(terms)
    if terms.report_type == ReportType.SOC3 and terms.exam_type == ExamType.TYPE_1:
        _refuse("RT-05: a SOC 3 covers a period; there is no Type 1.", "soc3_type_1", "exam_type")
    check_dates(terms)


@dataclass(frozen=True, slots=True)
class Doubt:
    """What deserves a second look. `decided`: a partner decides it before the work is taken on."""

    rule: str
    text: str
    decided: bool = False


def doubts(terms: Terms) -> list[Doubt]:
    """What is allowed and may be wrong: RT-12 and RT-13, whole calendar months counted."""
    found = []
    if terms.categories and Category.SECURITY not in terms.categories:
        found.append(Doubt(
            "RT-12", "Security is not among the categories. The common criteria apply anyway; "
            "leaving it out may mislead readers.", decided=True,
        ))  # fmt: skip
    if terms.period_start is None or terms.period_end is None:
        return found
    days = (terms.period_end - terms.period_start).days + 1
    least = 6 if terms.report_type == ReportType.SOC1 else 3
    report = ReportType(terms.report_type).label
    if not covers(terms.period_start, terms.period_end, 2):
        said = f"{days} days is less than two months; a partner decides whether that is enough."
        found.append(Doubt("RT-13", said, decided=True))
    elif not covers(terms.period_start, terms.period_end, least):
        said = f"{days} days is short for a {report}; readers expect at least {least} months."
        found.append(Doubt("RT-13", said))
    if covers(terms.period_start, terms.period_end + timedelta(days=-1), 12):
        found.append(Doubt("RT-13", f"{days} days is more than twelve months, which is rare."))
    return found


def covers(start: date, end: date, months: int) -> bool:
    """Whether the days from `start` to `end`, both counted, hold that many calendar months."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return end + timedelta(days=1) >= date(year, month + 1, min(start.day, last))


def warnings(terms: Terms) -> list[str]:
    """The same in sentences for the page of the terms."""
    return [f"{each.rule}: {each.text}" for each in doubts(terms)]


def refuse_other_scope(held: Terms, wanted: Terms) -> None:
    """Raise Invalid where categories or dates are other ones (RT-17): acceptance has ended."""
    names = ("period_start", "period_end", "as_of")
    changed = [name for name in names if getattr(held, name) != getattr(wanted, name)]
    if set(held.categories) != set(wanted.categories):
        changed.insert(0, "categories")
    if changed:
        _refuse(
            "RT-17: after acceptance categories and dates change by a change of scope that the "
            "partner approved. Propose one on the page of the terms.",
            "scope_change_needed", changed[0],
        )  # fmt: skip


def _check_categories(terms: Terms) -> None:
    unknown = [category for category in terms.categories if category not in Category.values]
    if unknown:
        _refuse(f"“{unknown[0]}” is no category.", "category_unknown", "categories")
    if terms.report_type == ReportType.SOC1 and terms.categories:
        _refuse(
            "RT-02: a SOC 1 is measured against control objectives; it has no trust services "
            "categories. Leave them out, or open a SOC 2.",
            "categories_in_soc1", "categories",
        )  # fmt: skip
    if terms.report_type != ReportType.SOC1 and not terms.categories:
        _refuse("RT-04: choose at least one category.", "categories_missing", "categories")


def check_dates(terms: Terms) -> None:
    """Raise Invalid where the dates do not fit the exam type (RT-06)."""
    if terms.exam_type == ExamType.TYPE_1:
        if terms.as_of is None:
            _refuse("RT-06: a Type 1 needs its as-of date.", "as_of_missing", "as_of")
        if terms.period_start or terms.period_end:
            _refuse(
                "RT-06: a Type 1 is as of one date; leave the period empty.",
                "period_in_type_1", "period_start",
            )  # fmt: skip
        return
    if terms.as_of is not None:
        _refuse(
            "RT-06: a Type 2 covers a period; leave the as-of date empty.",
            "as_of_in_type_2",
            "as_of",
        )
    if terms.period_start is None or terms.period_end is None:
        _refuse(
            "RT-06: a Type 2 needs the first and the last day of its period.",
            "period_missing", "period_end" if terms.period_start else "period_start",
        )  # fmt: skip
    if terms.period_start and terms.period_end and terms.period_start >= terms.period_end:
        _refuse("RT-06: the period must end after it starts.", "period_backwards", "period_end")


def _refuse(message: str, code: str, field: str) -> None:
    raise Invalid(message, code=code, field=field)
