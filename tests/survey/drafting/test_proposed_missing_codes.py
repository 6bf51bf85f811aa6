"""Words and numbers that mean "no answer", and numbers that only look like it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from si_research.survey.codebook import Codebook
from si_research.survey.drafting import draft_codebook
from si_research.survey.reading.raw import read_raw

Draft = Callable[[dict[str, Sequence[object]]], Codebook]


def times(answers: Sequence[object], n: int = 30) -> list[object]:
    return list(islice(cycle(answers), n))


def test_words_with_their_reason(draft_of: Draft) -> None:
    codebook = draft_of({"a": times(["mee eens", "neutraal", "Weet niet", "n.v.t.", "k.A."])})
    assert codebook.missing_codes == {
        "weet niet": "does_not_know",
        "n.v.t": "does_not_apply",
        "k.a": "refused",
    }
    assert codebook.items["a"].format == "agree_5"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([1, 2, 3, 4, 5, 9], {"9"}),
        ([1, 2, 3, 4, 5, -99], {"-99"}),
        ([1, 2, 3, 4, 5, -1, 99], {"-1", "99"}),
        ([1, 2, 3, 4, 5, 8, 9], {"8", "9"}),
        ([1, 2, 3, 4, 5, 6, 7, 9995, 9999], {"9995", "9999"}),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], set()),
        ([0, 1, 2, 3, 4], set()),
    ],
)
def test_sentinels_of_questions(draft_of: Draft, answers: list[int], expected: set[str]) -> None:
    codebook = draft_of({"a1": times(answers), "a2": times(answers)})
    item = codebook.items["a1"]
    assert set(item.missing_codes) == expected
    assert not expected or "stand apart" in item.proposed
    assert expected.isdisjoint(f"{number:g}" for number in _range_of(codebook))


def _range_of(codebook: Codebook) -> range:
    form = codebook.format_of("a1")
    assert form.lowest is not None and form.highest is not None
    return range(int(form.lowest), int(form.highest) + 1)


def test_sentinels_of_amounts(draft_of: Draft) -> None:
    ages = [*range(18, 66), 99, 99]
    full = [*range(50, 100)]
    codebook = draft_of({"age": ages, "score": full})
    assert codebook.variables["age"].missing_codes == {"99": "declared_missing"}
    assert codebook.variables["score"].missing_codes == {}
    assert not codebook.variables["age"].confirm


def test_numbers_and_a_point_among_letters(draft_of: Draft) -> None:
    codebook = draft_of({"sector": times(["A", "C", "Q", "9995", "9999", "."])})
    assert codebook.variables["sector"].missing_codes == {
        "9995": "declared_missing",
        "9999": "declared_missing",
    }
    assert codebook.missing_codes == {".": "declared_missing"}


@pytest.mark.parametrize(
    ("answers", "lowest", "highest", "asked"),
    [
        ([1, 2, 3, 4, 5, 7], 1, 7, "7"),  # nobody chose 6
        ([0, 1, 2, 3, 4, 5, 7], 0, 7, "7"),  # days of a week
        ([3, 5, 6, 8, 9], 1, 9, "8, 9"),  # marks
        ([-3, -2, -1, 0, 1, 2, 3], -3, 3, "-1, -2, -3"),
        ([-2, -1, 1, 2], -2, 2, "-1, -2"),
    ],
)
def test_what_may_be_an_answer_is_kept_and_asked(
    draft_of: Draft, answers: list[int], lowest: int, highest: int, asked: str
) -> None:
    codebook = draft_of({f"a{n}": times(answers, 35) for n in range(3)})
    for name, item in codebook.items.items():
        form = codebook.format_of(name)
        assert (form.lowest, form.highest, item.missing_codes) == (lowest, highest, {})
        assert not item.confirm
        assert f"{asked} may be answers" in item.proposed
    assert len(codebook.items) == 3


def test_an_answer_to_one_question_is_an_answer_to_its_neighbours(draft_of: Draft) -> None:
    codebook = draft_of({"a1": times([1, 2, 3, 4, 7]), "a2": times([1, 2, 3, 4, 5, 7])})
    assert [item.missing_codes for item in codebook.items.values()] == [{}, {}]
    assert codebook.format_of("a1").highest == 7


def test_a_code_that_nobody_labelled_is_asked(draft_of: Draft) -> None:
    codebook = draft_of({"a1": times([1, 2, 3, 4, 5, 9]), "a2": times([1, 2, 3, 4, 5])})
    assert [item.confirm for item in codebook.items.values()] == [False, True]


@pytest.mark.parametrize("numbers", [[-1, 0, 1, 2, 3, 4], [-9, 0, 2, 5, 8, 12, 20, 31]])
def test_a_negative_number_that_stands_near_is_kept_and_asked(draft_of: Draft, numbers: list[int]) -> None:
    variable = draft_of({"growth": times(numbers)}).variables["growth"]
    assert (variable.missing_codes, variable.confirm) == ({}, False)
    assert "may be answers" in variable.proposed


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ([*range(20, 65)], 999),
        ([*range(1, 61)], 9999),
        ([*range(20, 65)], -99),
        ([*range(20, 65)], 9995),
    ],
)
def test_one_sentinel_far_from_all_answers_is_proposed_and_asked(
    draft_of: Draft, numbers: list[int], code: int
) -> None:
    variable = draft_of({"amount": [*numbers, code]}).variables["amount"]
    assert (variable.kind, variable.missing_codes) == ("number", {str(code): "declared_missing"})
    assert not variable.confirm


def test_one_sentinel_leaves_a_question_in_its_scale(draft_of: Draft) -> None:
    codebook = draft_of({"k1": times([1, 2, 3, 4, 5]), "k2": [-99, *times([1, 2, 3, 4, 5], 29)]})
    assert codebook.items["k2"].missing_codes == {"-99": "declared_missing"}
    assert [item.confirm for item in codebook.items.values()] == [True, False]


def test_one_large_amount_may_be_an_answer_and_is_asked(draft_of: Draft) -> None:
    variable = draft_of({"staff": [*range(10, 500, 10), 999]}).variables["staff"]
    assert (variable.missing_codes, variable.confirm) == ({}, False)


def test_words_where_a_firm_should_be_named_are_proposed_and_open(draft_of: Draft) -> None:
    firms = times(["A1", "B2", "C3", "Onbekend", "?", "geen", "n.v.t."], 70)
    codebook = draft_of({"bedrijf": firms, "k1": times([1, 2, 3, 4, 5], 70)})
    firm = codebook.variables["bedrijf"]
    assert codebook.roles.organisation == "bedrijf"
    assert firm.missing_codes == {
        "onbekend": "does_not_know",
        "?": "does_not_know",
        "geen": "does_not_apply",
        "n.v.t": "does_not_apply",
    }
    assert not firm.confirm
    assert "40 rows hold a name that reads as no answer" in firm.proposed


def test_the_same_words_elsewhere_stay_answers(draft_of: Draft) -> None:
    codebook = draft_of({"hobby": times(["lezen", "geen", "fietsen"], 60), "k1": times([1, 2, 3, 4, 5], 60)})
    assert codebook.variables["hobby"].missing_codes == {}
    assert "geen" not in codebook.missing_codes


def test_a_firm_in_two_spellings_is_told_in_the_draft_and_not_merged(draft_of: Draft) -> None:
    firms = [*times(["Bakker BV", "Jansen NV"], 40), "Bakker B.V.", "Bakker  BV"]
    firm = draft_of({"bedrijf": firms, "k1": times([1, 2, 3, 4, 5], 42)}).variables["bedrijf"]
    told = "1 name is perhaps written in 2 ways, in 22 rows: `Bakker BV` (21 rows), a spelling of 1 row"
    assert told in firm.proposed
    assert "Bakker B.V." not in firm.proposed
    assert firm.spellings == {}
    assert not firm.confirm


def test_a_number_that_the_file_labels_unknown_is_no_firm(tmp_path: Path) -> None:
    frame = pd.DataFrame({"bedrijf": [1.0, 2.0, 9.0] * 10, "k1": [1.0, 2.0, 3.0] * 10})
    labels = {"bedrijf": {1.0: "Jansen", 2.0: "Bakker", 9.0: "Onbekend"}}
    pyreadstat.write_sav(frame, str(tmp_path / "f.sav"), variable_value_labels=labels)
    firm = draft_codebook(read_raw(tmp_path / "f.sav")).variables["bedrijf"]
    assert (firm.missing_codes, firm.confirm) == ({"9": "does_not_know"}, False)
    assert firm.labels == {"1": "Jansen", "2": "Bakker"}
