"""`check --twin`: the texts and the numbers of one survey, held against one another."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from small_survey import ITEMS, LABELS, answers, change_text, write_csv

Invoke = Callable[..., Result]
GAPS = ("1", "2", "3", "6", "7")


def numbers_of(row: list[str]) -> list[str]:
    """k1 has gaps, k2 was turned by the tool, all other questions count from 1."""
    places = [LABELS.index(label) for label in row[2:]]
    codes = [str(place + 1) for place in places]
    return [*row[:2], GAPS[places[0]], str(5 - places[1]), *codes[2:]]


@pytest.fixture
def twin(small_study: Path) -> Path:
    """The numbers of the same survey: in another order, one respondent less and one more."""
    rows = [numbers_of(row) for row in answers(240, 12, seed=3)]
    path = small_study.parent / "numbers.csv"
    write_csv(path, [["999", *rows[0][1:]], *reversed(rows[1:])])
    return path


def test_each_item_is_same_turned_or_recoded(small_study: Path, twin: Path, si_research: Invoke) -> None:
    result = si_research("check", small_study, "--twin", twin)
    assert result.exit_code == 3
    assert (
        "239 respondents are in both exports; 1 in the texts alone, 1 in the numbers alone." in result.output
    )
    assert "same: 10 of 12 items (k3, w1, w2, w3, m1, m2, m3, ig1, ig2, ig3)" in result.output
    assert "turned: 1 of 12 items (k2)" in result.output
    assert "recoded: 1 of 12 items (k1)" in result.output
    assert (
        "`k2`: the numbers have been turned. Write `codes: {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}`" in result.output
    )
    assert "Write `codes: {1: 1, 2: 2, 3: 3, 6: 4, 7: 5}`" in result.output


def test_what_it_says_to_write_makes_them_agree(small_study: Path, twin: Path, si_research: Invoke) -> None:
    for item, codes in (("k1", "1: 1, 2: 2, 3: 3, 6: 4, 7: 5"), ("k2", "1: 5, 2: 4, 3: 3, 4: 2, 5: 1")):
        old = f"  {item}: {{format: agree_5}}"
        change_text(small_study / "codebook.yml", old, f"  {item}: {{format: agree_5, codes: {{{codes}}}}}")
    for arguments in (
        (small_study, "--twin", twin),
        (small_study, "--data", twin, "--twin", small_study / "survey.csv"),
    ):
        result = si_research("check", *arguments)
        assert (result.exit_code, "same: 12 of 12 items" in result.output) == (0, True)


def test_an_answer_in_one_export_alone_contradicts(
    small_study: Path, twin: Path, si_research: Invoke
) -> None:
    header, *rows = twin.read_text("utf-8").splitlines()
    cut = [re.sub(r";[^;]*$", ";", row) if n < 6 else row for n, row in enumerate(rows)]
    twin.write_text("\n".join([header, *cut]) + "\n", "utf-8")
    result = si_research("check", small_study, "--twin", twin)
    assert "contradicts: 1 of 12 items (ig3)" in result.output
    assert "`ig3`: 5 respondents have an answer in one export alone" in result.output  # the sixth is in one


def test_numbers_of_another_answer_contradict(small_study: Path, twin: Path, si_research: Invoke) -> None:
    header, *rows = twin.read_text("utf-8").splitlines()
    twin.write_text("\n".join([header, *(re.sub(r";\d$", ";3", row) for row in rows)]) + "\n", "utf-8")
    result = si_research("check", small_study, "--twin", twin)
    assert result.exit_code == 3
    assert "`ig3`: a text stands beside several numbers" in result.output


def test_two_exports_of_one_kind_are_bad_input(small_study: Path, twin: Path, si_research: Invoke) -> None:
    result = si_research("check", small_study, "--twin", small_study / "survey.csv")
    assert (result.exit_code, "one with numbers" in result.output) == (2, True)
    result = si_research("check", small_study, "--twin", small_study / "none.csv")
    assert (result.exit_code, "no file of that name" in result.output) == (2, True)
    assert len(ITEMS) == 12


def test_both_exports_of_a_real_survey_through_a_study_folder(
    shared: Path, tmp_path: Path, si_research: Invoke
) -> None:
    """As its README says: Q4 and Q8 turned in the numbers, Q2 coded 1, 2, 3, 6, 7; 231 people."""
    folder = shared / "real_data" / "qualtrics_choice_vs_numeric"
    study = tmp_path / "study"
    made = si_research("new", study, "--data", folder / "engagement_choice_text.csv")
    assert made.exit_code == 0
    result = si_research("check", study, "--twin", folder / "engagement_numeric.csv")
    assert result.exit_code == 3
    assert "231 respondents are in both exports." in result.output
    said = dict(re.findall(r"^`(\w+)`: the numbers (.*)$", result.output, re.MULTILINE))
    assert {name for name, words in said.items() if words.startswith("have been turned")} >= {"Q4", "Q8"}
    assert "Write `codes: {1: 1, 2: 2, 3: 3, 6: 4, 7: 5}`" in said["Q2"]
    assert "`Q67`: nobody has confirmed the order of its labels" in result.output
