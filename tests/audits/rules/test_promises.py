"""What a client's promises must cover (RT-10, RT-11)."""

from __future__ import annotations

from audits.choices.system import ProcessingAspect
from audits.rules.promises import Promised, aspects_missing, privacy_doubted, without

ALL = tuple(ProcessingAspect.values)


def test_rt_10_each_category_is_promised():
    assert without(["security", "privacy"], [Promised("privacy")]) == ["security"]
    assert without(["security"], [Promised("security")]) == []


def test_rt_10_processing_commitments_name_all_five_aspects_together():
    chosen = ["processing_integrity"]
    half = [Promised("processing_integrity", ALL[:3]), Promised("security", ALL)]
    assert aspects_missing(chosen, half) == list(ALL[3:])
    assert aspects_missing(chosen, [*half, Promised("processing_integrity", ALL[3:])]) == []
    assert aspects_missing(["security"], []) == []


def test_rt_11_privacy_wants_personal_data_and_a_promise_about_it():
    promised = [Promised("privacy")]
    assert privacy_doubted(["privacy"], promised, personal_data=True) == ""
    assert privacy_doubted(["security"], [], personal_data=False) == ""
    assert "no personal data" in privacy_doubted(["privacy"], promised, personal_data=False)
    both = privacy_doubted(["privacy"], [], personal_data=False)
    assert "no personal data is stated and nothing is promised" in both
