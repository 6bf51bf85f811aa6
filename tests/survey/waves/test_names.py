"""Waves in names: found where structure tells, left alone where a number may be that of an item."""

from __future__ import annotations

import pytest

from si_research.survey.waves.names import find_waves
from si_research.survey.waves.sources import sources_of


@pytest.mark.parametrize(
    ("names", "pattern", "waves", "stems"),
    [
        ("id T1_k1 T1_k2 T2_k1 T2_k2", "t1_x", "t1 t2", "k1 k2"),
        ("k1_t1 k1_t2 k1_T3", "x_t1", "t1 t2 t3", "k1"),
        ("jobsatT1 jobsatT2", "x_t1", "t1 t2", "jobsat"),
        ("k1_after k1_before k2_after k2_before", "x_before", "before after", "k1 k2"),
        ("k1_post k1_pre k1_fu", "x_pre", "pre post fu", "k1"),
        ("pre_k1 post_k1", "pre_x", "pre post", "k1"),
        ("tevreden_voor tevreden_na", "x_voor", "voor na", "tevreden"),
        ("k_meting1 k_meting2", "x_meting1", "meting1 meting2", "k"),
        ("nulmeting_k1 eenmeting_k1", "nulmeting_x", "nulmeting eenmeting", "k1"),
        ("k1_0-meting k1_1-meting", "x_0meting", "0meting 1meting", "k1"),
        ("omzet_2017 omzet_2015 fte_2015", "x_2015", "2015 2017", "omzet fte"),
        ("omzet2015 omzet2016", "x_2015", "2015 2016", "omzet"),
        ("sEM01t1 sEM01t2", "xt1", "t1 t2", "sEM01"),
        ("JC1[a] JC1[b] SD1[x] SE1 JC2[2a] JC2[b] SD2[x] SE2", "x1[sub]", "1 2", "JC[a] JC[b] SD[x] SE"),
        ("k1_1 k2_1 k1_2 k2_2", "x_1", "1 2", "k1 k2"),
    ],
)
def test_what_names_say(names: str, pattern: str, waves: str, stems: str) -> None:
    found = find_waves(names.split())
    assert found.pattern == pattern, found.how
    assert found.waves == tuple(waves.split())
    assert set(found.columns["stem"]) == set(stems.split())
    assert {*found.columns["column"], *found.left_over} == set(names.split())


@pytest.mark.parametrize(
    ("names", "how"),
    [
        ("X1 X2 X3 X4 X5 X6 X7 X8", "ambiguous"),  # eight items of one scale
        ("k1 k2 k3 w1 w2 w3 m1 m2 m3", "ambiguous"),  # three items each
        ("k1 w1 m1 k2 w2 m2", "ambiguous"),  # the same, mixed in the questionnaire
        ("AF06 AF07 AP06 AP07", "no name"),  # numbers with a nought are those of items
        ("Q1_1 Q1_2 Q2_1 Q2_2", "ambiguous"),  # two matrix questions
        ("Q1[SQ001] Q1[SQ002] Q2[SQ001] Q2[SQ002]", "ambiguous"),  # the first and the second question
        ("Q1[a] G1 Q2[a] G2", "ambiguous"),  # one array question tells nothing of another
        ("start1 start2", "ambiguous"),
        ("k1_t1 w1_t2", "no name"),  # no variable has two waves
        ("k1_na w1_na", "no name"),  # "not available", of two variables
        ("k1_a k1_b w1_a w1_b w2_a", "no name"),  # w is a letter like k
        ("T1_x_pre T2_x_pre T1_x_post", "ambiguous"),  # two markers at once
        ("gender age", "no name"),
    ],
)
def test_what_names_do_not_say(names: str, how: str) -> None:
    found = find_waves(names.split())
    assert found.pattern is None, found
    assert found.waves == ()
    assert found.columns.empty
    assert found.left_over == tuple(names.split())
    assert found.how.startswith(how)
    assert how != "ambiguous" or "nothing was picked" in str(found)


def test_the_questions_tell_waves_from_items() -> None:
    names = ["know1", "may1", "know2", "may2"]
    same = {"know1": "I know how", "may1": "I may", "know2": "I know how.", "may2": "I  MAY"}
    assert find_waves(names).pattern is None
    assert find_waves(names, same).by_stem() == {
        "know": {"1": "know1", "2": "know2"},
        "may": {"1": "may1", "2": "may2"},
    }
    items = {"know1": "I know how", "may1": "I may", "know2": "I know why", "may2": "I may too"}
    assert find_waves(names, items).pattern is None


def test_questions_that_differ_make_numbers_items() -> None:
    names = ["k1_1", "k2_1", "k1_2", "k2_2"]
    texts = {name: f"question {name}" for name in names}
    assert find_waves(names).pattern == "x_1"
    assert find_waves(names, texts).pattern is None


def test_one_question_above_a_whole_block_is_no_wave() -> None:
    names = ["Q1_1", "Q2_1", "Q1_2", "Q2_2"]
    assert find_waves(names[:1] + names[2:3], dict.fromkeys(names, "To what extent?")).pattern is None


def test_a_source_needs_two_who_say_something_of_the_same() -> None:
    found = sources_of(["sEM01", "sEM02", "tEM01", "sRA01", "kunnen_self", "kunnen_leidinggevende", "tas"])
    assert found["sEM01"] == ("self", "EM", "01")
    assert found["tEM01"] == ("teacher", "EM", "01")
    assert found["sRA01"] == ("", "sRA", "01")
    assert found["kunnen_self"] == ("self", "kunnen", "")
    assert found["kunnen_leidinggevende"] == ("leidinggevende", "kunnen", "")
    assert found["tas"] == ("", "tas", "")


def test_a_result_prints_itself() -> None:
    found = find_waves(["id", "k1_t1", "k1_t2"])
    assert str(found).startswith("x_t1: waves t1, t2; 2 columns of 1 variables, 1 left over")
    assert found.table().to_dict("list") == {
        "column": ["k1_t1", "k1_t2"],
        "stem": ["k1", "k1"],
        "wave": ["t1", "t2"],
        "source": ["", ""],
        "construct": ["k", "k"],
        "item": ["1", "1"],
    }
