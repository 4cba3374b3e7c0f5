"""The grammar of criteria and objectives (soc.md section 7, RT-19)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.rules.criteria import (
    RequirementKind,
    is_objective_reference,
    is_tsc_reference,
    kind_for,
    parse_references,
)

SERIES = {
    **{f"CC{n}": count for n, count in enumerate((5, 3, 4, 2, 3, 8, 5, 1, 2), start=1)},
    "A1": 3,
    "C1": 2,
    "PI1": 5,
    **{f"P{n}": count for n, count in enumerate((1, 1, 2, 3, 2, 7, 1, 1), start=1)},
}
CATALOG = [f"{series}.{n}" for series, count in SERIES.items() for n in range(1, count + 1)]
IN_SCOPE = [identifier for identifier in CATALOG if identifier[0] in "CA"]
OBJECTIVES = [f"CO-{n:02}" for n in range(1, 26)]


def read(cell, kind=RequirementKind.TSC):
    known, scope = (
        (CATALOG, IN_SCOPE) if kind is RequirementKind.TSC else (OBJECTIVES, OBJECTIVES[:20])
    )
    found = parse_references(cell, kind=kind, known=known, in_scope=scope)
    return list(found.identifiers), [problem.code for problem in found.problems]


@pytest.mark.parametrize(
    ("cell", "identifiers"),
    [
        ("CC6.1", ["CC6.1"]),
        ("cc7.2, cc7.3", ["CC7.2", "CC7.3"]),
        ("CC 6.1, CC 6.3", ["CC6.1", "CC6.3"]),
        ("CC7.4/CC7.5", ["CC7.4", "CC7.5"]),
        ("CC6.1; C1.1", ["CC6.1", "C1.1"]),
        ("CC6.1 and CC6.2 & A1.2", ["CC6.1", "CC6.2", "A1.2"]),
        ("CC6.1 CC6.2\nCC6.3", ["CC6.1", "CC6.2", "CC6.3"]),
        ("CC6.1; 6.2", ["CC6.1", "CC6.2"]),
        ("CC6.1-CC6.3", ["CC6.1", "CC6.2", "CC6.3"]),
        ("CC6.1 – 6.3", ["CC6.1", "CC6.2", "CC6.3"]),
        ("CC6.1-3", ["CC6.1", "CC6.2", "CC6.3"]),
        ("CC6.8 through CC7.2", ["CC6.8", "CC7.1", "CC7.2"]),
        ("CC6.1 – Logical access, passwords", ["CC6.1"]),
        ("(CC6.1)", ["CC6.1"]),
        ("CC6.1, CC6.1", ["CC6.1"]),
        ("", []),
        ("N/A", []),
    ],
)
def test_what_firms_write_is_read_as_the_criteria_meant(cell, identifiers):
    assert read(cell) == (identifiers, [])


@pytest.mark.parametrize(
    ("cell", "identifiers", "code"),
    [
        ("CC10.1", ["CC10.1"], "unknown_criterion"),
        ("CC6.9", ["CC6.9"], "unknown_criterion"),
        ("A2.1", ["A2.1"], "unknown_criterion"),
        ("see policy", ["see policy"], "unknown_criterion"),
        ("CC6.1-CC6.9", ["CC6.9"], "unknown_criterion"),
        ("CC6.3-CC6.1", [], "bad_range"),
        ("CC6.8-A1.1", [], "bad_range"),
        ("P5.1", ["P5.1"], "criterion_out_of_scope"),
        ("CO-16", ["CO-16"], "soc1_reference_in_soc2"),
        ("CO-1", ["CO-1"], "soc1_reference_in_soc2"),
    ],
)
def test_a_reference_that_cannot_stand_is_named_with_its_code(cell, identifiers, code):
    assert read(cell) == (identifiers, [code])


@pytest.mark.parametrize("cell", ["CC6", "cc 6", "CC6.x", "CC6 series"])
def test_a_bare_series_is_its_criteria_in_scope_with_a_warning(cell):
    found = parse_references(
        cell, kind=RequirementKind.TSC, known=CATALOG, in_scope=[*IN_SCOPE[:20], "CC6.8"]
    )
    assert all(identifier.startswith("CC6.") for identifier in found.identifiers)
    assert [(problem.code, problem.is_error) for problem in found.problems] == [
        ("series_reference", False)
    ]


def test_all_means_the_whole_scope_and_nothing_else():
    found = parse_references(" All ", kind=RequirementKind.TSC, known=CATALOG, in_scope=IN_SCOPE)
    assert (found.identifiers, found.whole_scope) == (tuple(IN_SCOPE), True)
    assert not found.problems


def test_a_category_named_in_words_is_its_series():
    assert read("Availability") == (["A1.1", "A1.2", "A1.3"], ["series_reference"])
    assert read("Privacy")[1] == ["criterion_out_of_scope"]


@pytest.mark.parametrize(
    ("cell", "identifiers", "codes"),
    [
        ("CO-01", ["CO-01"], []),
        ("CO1, co 2", ["CO-01", "CO-02"], []),
        ("CO-01 to CO-03", ["CO-01", "CO-02", "CO-03"], []),
        ("CO-01-CO-03", ["CO-01", "CO-02", "CO-03"], []),
        ("CO-99", ["CO-99"], ["unknown_objective"]),
        ("CO-25", ["CO-25"], ["objective_out_of_scope"]),
        ("CC6.1", ["CC6.1"], ["tsc_reference_in_soc1"]),
        ("CC6.1-CC6.3", ["CC6.1-CC6.3"], ["tsc_reference_in_soc1"]),
        ("CO-01, A1.2", ["CO-01", "A1.2"], ["tsc_reference_in_soc1"]),
    ],
)
def test_a_soc_1_list_names_objectives_and_no_criteria(cell, identifiers, codes):
    assert read(cell, RequirementKind.OBJECTIVE) == (identifiers, codes)


def test_the_basis_follows_from_the_report_type():
    assert kind_for("SOC1") is RequirementKind.OBJECTIVE
    assert kind_for("SOC2") is kind_for("SOC3") is RequirementKind.TSC


@pytest.mark.parametrize("identifier", CATALOG)
def test_every_criterion_is_of_the_grammar_and_reads_as_itself(identifier):
    assert is_tsc_reference(identifier.lower())
    assert not is_objective_reference(identifier)
    found = parse_references(identifier, kind=RequirementKind.TSC, known=CATALOG, in_scope=CATALOG)
    assert found.identifiers == (identifier,)


@given(st.lists(st.sampled_from(IN_SCOPE), min_size=1), st.sampled_from([", ", ";", " / ", "\n"]))
def test_any_list_of_criteria_comes_back_each_once_in_order(identifiers, separator):
    assert read(separator.join(identifiers)) == (list(dict.fromkeys(identifiers)), [])


@given(st.text(max_size=80), st.sampled_from(list(RequirementKind)))
def test_no_text_breaks_the_reader(cell, kind):
    found = parse_references(cell, kind=kind, known=CATALOG, in_scope=IN_SCOPE)
    assert set(found.identifiers) <= set(CATALOG) or found.problems
