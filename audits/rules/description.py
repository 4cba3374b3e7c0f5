"""Which criteria the description of a system answers, and what the client states for each."""

from __future__ import annotations

from typing import Final

from audits.choices.system import EntryKind as K
from audits.rules.statements import TYPE_1_HAS_NO_CHANGES
from tenants.choices import ExamType
from tenants.errors import Invalid

CHANGES: Final = ("DC9", "S1-D9")
STATED: Final[dict[str, tuple[str, ...]]] = {
    "DC1": (K.SERVICE,), "DC2": (K.COMMITMENT, K.REQUIREMENT),
    "DC3": (K.BOUNDARY, K.COMPONENT, K.DATA_TYPE, K.DATA_FLOW, K.LOCATION), "DC4": (K.INCIDENT,),
    "DC6": (K.CUEC, K.USER_RESPONSIBILITY), "DC7": (K.SUBSERVICE, K.CSOC), "DC9": (K.CHANGE,),
    "S1-D1": (K.SERVICE, K.TRANSACTION_CLASS), "S1-D3": (K.APPLICATION,),
    "S1-D6": (K.SUBSERVICE,), "S1-D7": (K.CUEC, K.CSOC), "S1-D9": (K.CHANGE,),
}  # fmt: skip
"""Description criterion → the kinds of entries that speak to it."""


def applies(applies_to: str, exam_type: str) -> bool:
    """Whether a criterion is asked of such an examination."""
    return f"type{exam_type.removeprefix('T')}" in applies_to.split(";")


def refuse_point(identifier: str, of_report: str, report_type: str, exam_type: str) -> None:
    """Raise Invalid for another report's criterion (RT-18), or changes in a Type 1 (RT-07)."""
    if of_report != report_type:
        raise Invalid(
            f"RT-18: {identifier} describes a {of_report}; this is a {report_type}, which is "
            "described by criteria of its own.",
            code="another_description", field="criterion",
        )  # fmt: skip
    if identifier in CHANGES and exam_type == ExamType.TYPE_1:
        raise Invalid(TYPE_1_HAS_NO_CHANGES, code="type_1_has_no_changes", field="criterion")
