"""The response format of a column, from what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle, islice

import pytest

from si_research.survey.codebook import Codebook

Draft = Callable[[dict[str, Sequence[object]]], Codebook]


def times(answers: Sequence[object], n: int = 20) -> list[object]:
    return list(islice(cycle(answers), n))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["Helemaal mee oneens", "mee eens", "neutraal"], "agree_5"),
        (["Strongly agree", "Somewhat agree", "Neither agree nor disagree", "Agree"], "agree_7"),
        (["nooit", "zelden", "altijd"], "frequency_5"),
        (["ja", "nee"], "yes_no"),
    ],
)
def test_labels_of_a_built_in_format(draft_of: Draft, labels: list[str], expected: str) -> None:
    item = draft_of({"a": times(labels)}).items["a"]
    assert (item.format, item.confirm) == (expected, True)
    assert item.proposed


def test_german_labels_get_their_own_order_and_not_that_of_the_alphabet(draft_of: Draft) -> None:
    labels = ["Trifft voll zu", "Trifft gar nicht zu", "Teils teils", "Trifft eher nicht zu"]
    codebook = draft_of({"a1": times(labels), "a2": times(labels[:2])})
    form = codebook.format_of("a1")
    ordered = ["Trifft gar nicht zu", "Trifft eher nicht zu", "Teils teils", "Trifft voll zu"]
    assert [form.value_of(label) for label in ordered] == [1, 2, 3, 5]
    assert codebook.items["a1"].format == codebook.items["a2"].format
    assert codebook.items["a1"].confirm


def test_six_steps_have_no_gap_where_others_have_their_middle(draft_of: Draft) -> None:
    six = ["Strongly disagree", "Disagree", "Somewhat disagree", "Somewhat agree", "Agree", "Strongly agree"]
    codebook = draft_of({"c1": times(six), "c2": times(six[1:])})
    assert [codebook.format_of("c1").value_of(label) for label in six] == [1, 2, 3, 4, 5, 6]
    assert codebook.items["c1"].format == codebook.items["c2"].format


def test_four_labels_are_four_of_five_where_the_neighbours_have_five(draft_of: Draft) -> None:
    five = ["helemaal mee oneens", "mee oneens", "neutraal", "mee eens", "helemaal mee eens"]
    codebook = draft_of({"k1": times(five), "k2": times([*five[:2], *five[3:]]), "x1": times(five[3:])})
    assert (codebook.items["k2"].format, codebook.items["x1"].format) == ("agree_5", "agree_4")


def test_two_spellings_of_one_step_are_no_ladder(draft_of: Draft) -> None:
    labels = ["zeer mee eens", "helemaal mee eens", "mee oneens", "neutraal"]
    codebook = draft_of({f"a{n}": times(labels) for n in (1, 2, 3)})
    assert not codebook.items["a1"].confirm
    assert "order cannot be known" in codebook.items["a1"].proposed


def test_an_unknown_order_is_open_and_that_of_the_file(draft_of: Draft) -> None:
    labels = ["te veel", "precies goed", "aan de lage kant"]
    codebook = draft_of({f"a{n}": times(labels) for n in (1, 2, 3)})
    item = codebook.items["a1"]
    assert not item.confirm
    assert "says nothing" in item.proposed
    assert [codebook.format_of("a1").value_of(label) for label in labels] == [1, 2, 3]
    assert labels != sorted(labels)


def test_labels_with_their_number(draft_of: Draft) -> None:
    labels = ["5 (zeer goed)", "1 (zeer slecht)", "2", "3", "4"]
    codebook = draft_of({"m1": times(labels)})
    assert codebook.format_of("m1").value_of("5 (zeer goed)") == 5
    assert codebook.items["m1"].confirm


def test_age_groups_are_groups_and_no_numbered_labels(draft_of: Draft) -> None:
    codebook = draft_of({"leeftijd": times(["18-20", "21-29", "30-39", "60 of ouder"])})
    assert codebook.variables["leeftijd"].kind == "category"


def test_whole_numbers_that_belong_together_share_a_range(draft_of: Draft) -> None:
    codebook = draft_of({"k1": times([1, 2, 3, 4, 5]), "k2": times([2, 3, 4, 5]), "leeftijd": range(20, 40)})
    assert codebook.items["k1"].format == codebook.items["k2"].format == "range_1_5"
    form = codebook.format_of("k2")
    assert (form.lowest, form.highest, form.holds(1.5)) == (1, 5, False)
    assert codebook.items["k2"].confirm
    assert codebook.variables["leeftijd"].kind == "number"


def test_a_range_whose_ends_nobody_used_is_open(draft_of: Draft) -> None:
    codebook = draft_of({"k1": times([2, 3, 4]), "k2": times([2, 3, 4])})
    assert not codebook.items["k1"].confirm
    assert "had more steps" in codebook.items["k1"].proposed


def test_a_zero_is_an_answer(draft_of: Draft) -> None:
    codebook = draft_of({"u1": times(range(7)), "u2": times(range(7))})
    form = codebook.format_of("u1")
    assert (form.lowest, form.highest, codebook.items["u1"].missing_codes) == (0, 6, {})


def test_nought_to_a_hundred(draft_of: Draft) -> None:
    codebook = draft_of({"se1": times([5, 35, 80, 100]), "se2": times([10, 20, 75, 100])})
    form = codebook.format_of("se1")
    assert (form.lowest, form.highest) == (0, 100)


def test_percentages_are_named_as_such(draft_of: Draft) -> None:
    codebook = draft_of({"% eens": list(range(40, 60)), "deel": times(["20", "10%", "0"])})
    share = next(variable for variable in codebook.variables.values() if variable.column == "% eens")
    assert (share.kind, share.lowest, share.highest) == ("number", 0, 100)
    signed = codebook.variables["deel"]
    assert (signed.kind, signed.highest) == ("number", 100)
    assert "carry the sign" in signed.proposed


def test_labels_without_either_end_are_a_format_of_their_own(draft_of: Draft) -> None:
    labels = ["Mee oneens", "Deels mee oneens", "Deels mee eens", "Mee eens"]
    codebook = draft_of({f"k{n}": labels * 10 for n in (1, 2, 3)})
    assert [codebook.format_of("k1").value_of(label) for label in labels] == [1, 2, 3, 4]
    assert not any(item.confirm for item in codebook.items.values())
    assert "nobody chose either end" in codebook.items["k1"].proposed


def test_a_scale_of_which_nobody_chose_an_end_is_asked(draft_of: Draft) -> None:
    labels = ["mee oneens", "neutraal", "mee eens"]
    codebook = draft_of({"k1": labels * 10, "k2": labels * 10})
    assert (codebook.items["k1"].format, codebook.items["k1"].confirm) == ("agree_5", False)
    assert "2 of the steps nobody chose" in codebook.items["k1"].proposed


def test_numbers_between_two_ends_in_words_are_a_question_that_is_open(draft_of: Draft) -> None:
    ends = ["helemaal mee oneens", "2", "3", "4", "helemaal mee eens"]
    codebook = draft_of({"k1": times(ends), "k2": times([*ends, "2"]), "k3": times([*ends, "3"])})
    form = codebook.format_of("k1")
    assert [form.value_of(answer) for answer in ends] == [1, 2, 3, 4, 5]
    assert {item.format for item in codebook.items.values()} == {"ends_1_5"}
    assert not any(item.confirm for item in codebook.items.values())
    (scale,) = codebook.scales.values()
    assert scale.items == ("k1", "k2", "k3")


def test_numbers_that_may_be_an_end_themselves_stay_groups(draft_of: Draft) -> None:
    assert not draft_of({"k1": times(["helemaal mee eens", "2", "hangt ervan af", "3"])}).items


@pytest.mark.parametrize("n_steps", [5, 4])
def test_ends_with_their_first_word_in_brackets_are_the_ends(draft_of: Draft, n_steps: int) -> None:
    labels = [
        "(Helemaal) niet mee eens",
        "Enigszins niet mee eens",
        *(["Neutraal"] if n_steps == 5 else []),
        "Enigszins mee eens",
        "(Helemaal) mee eens",
    ]
    codebook = draft_of({f"k{n}": times(labels[n:] + labels[:n]) for n in (1, 2, 3)})
    form = codebook.format_of("k1")
    assert [form.value_of(label) for label in labels] == [*range(1, n_steps + 1)]
    assert codebook.items["k1"].confirm


def test_one_number_far_outside_leaves_a_question_in_its_scale_and_is_told(draft_of: Draft) -> None:
    five, other = times([1, 2, 3, 4, 5]), times([5, 2, 2, 1, 4, 3, 3])
    codebook = draft_of({"k1": [*five[:-1], 44], "k2": five[::-1], "k3": other})
    assert [scale.items for scale in codebook.scales.values()] == [("k1", "k2", "k3")]
    assert (codebook.items["k1"].format, codebook.items["k1"].confirm) == ("range_1_5", False)
    assert f"1 of its {len(five)} answers lies outside that range" in codebook.items["k1"].proposed
    assert "44" not in codebook.items["k1"].proposed, "one person typed it"
    assert codebook.items["k2"].confirm


@pytest.mark.parametrize("k1", [[44, 44], [6], [44, 17], ["x"]])
def test_what_may_be_no_slip_is_no_answer_of_the_scale(draft_of: Draft, k1: list[object]) -> None:
    five = times([1, 2, 3, 4, 5])
    codebook = draft_of({"k1": [*five[: -len(k1)], *k1], "k2": five, "k3": five})
    assert not any("slip" in each.proposed for each in codebook.items.values())
