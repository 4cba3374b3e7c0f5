"""What each kind of entry of a system says, and what it refuses."""

from __future__ import annotations

import pytest

from audits.choices.system import EntryKind
from audits.rules.system_entries import KINDS, RELATIONS, Told, checked, facts_of, targets_of
from tenants.errors import Invalid


def told(kind="service", **more):
    given = {"ref": "SV-01", "title": "Payroll", "text": "We run payrolls.",
             "facts": {"used_by": "Employers"}}  # fmt: skip
    return Told(kind, **given | more)


def test_every_kind_has_facts_that_a_form_can_ask_for():
    assert list(KINDS) == EntryKind.values
    assert len({kind.letters for kind in KINDS.values()}) == len(KINDS)
    for kind in KINDS:
        for fact in facts_of(kind):
            assert fact.label
            assert fact.name not in ("ref", "title", "text", "category", "aspects", "related",
                                     "owner", "version", "kind", "on")  # fmt: skip
    assert all(here in KINDS and to in KINDS for here, to in RELATIONS)
    assert targets_of("csoc") == ("subservice",)


def test_facts_are_kept_as_text_truth_dates_and_lists():
    kept = checked(
        told("incident", facts={"happened_on": "2026-03-01", "extent": " 12 customers ",
                                "outcome": "Fixed", "reportable": "on"})
    )  # fmt: skip
    assert kept["facts"] == {
        "happened_on": "2026-03-01", "ended_on": "", "extent": "12 customers", "outcome": "Fixed",
        "reportable": True,
    }  # fmt: skip
    named = checked(told("cuec", facts={"answers_to": "CC6.1; CO-01, CC6.1,"}))
    assert named["facts"] == {"answers_to": ["CC6.1", "CO-01"]}


@pytest.mark.parametrize(
    ("kind", "more", "field", "says"),
    [
        ("robot", {}, "kind", "no kind"),
        ("service", {"ref": " "}, "ref", "short id"),
        ("service", {"title": "x" * 161}, "title", "160"),
        ("service", {"text": ""}, "text", "what it is"),
        ("service", {"facts": {}}, "used_by", "Who uses it"),
        ("service", {"facts": {"colour": "red"}}, "facts", "it has: used_by"),
        ("location", {"facts": {"colour": "red"}}, "facts", "no facts besides"),
        ("service", {"category": "security"}, "category", "no category"),
        ("component", {"facts": {}}, "category", "infrastructure"),
        ("commitment", {"category": "security", "facts": {"source": "rumour"}}, "source", "sla"),
        ("commitment", {"category": "security", "aspects": ("accuracy",),
                        "facts": {"source": "sla"}}, "aspects", "processing integrity"),
        ("commitment", {"category": "processing_integrity", "aspects": ("beauty",),
                        "facts": {"source": "sla"}}, "aspects", "completeness"),
        ("change", {"facts": {"changed_on": "soon"}}, "changed_on", "2026-11-20"),
        ("cuec", {"facts": {"answers_to": []}}, "answers_to", "Fill in"),
        ("cuec", {"facts": {"answers_to": 7}}, "answers_to", "list"),
        ("service", {"facts": {"used_by": "x" * 4001}}, "used_by", "4000"),
    ],
)  # fmt: skip
def test_an_entry_that_does_not_fit_its_kind_is_refused(kind, more, field, says):
    with pytest.raises(Invalid, match=says) as refused:
        checked(told(kind, **more))
    assert refused.value.field == field
