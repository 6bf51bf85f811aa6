"""Questions put to two parts of the people, each in its own columns: told, never joined in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.survey.drafting import draft_codebook
from si_research.survey.reading.raw import read_raw
from tool_exports import qualtrics

ASKED = ("I may try things", "I may fail now and then", "I may say no")
POINTS = ("Agree", "Disagree", "Neutral")


def scales_of(path: Path, *, n_in_both: int) -> list[str]:
    """Draft 40 people, of whom the first half answers A1 to A3 and the second B1 to B3."""
    questions = [(f"{block}{n}", text, f"QID{block}{n}") for block in "AB" for n, text in enumerate(ASKED, 1)]
    rows = []
    for person in range(40):
        given = [POINTS[(person + n) % 3] for n in range(3)]
        first = given if person < 20 or person >= 40 - n_in_both else ["", "", ""]
        second = given if person >= 20 else ["", "", ""]
        system = ["2026-01-01", "IP Address", "192.0.2.1", "100", "True", f"R_{person}"]
        rows.append([*system, *first, *second])
    path.write_text(qualtrics(rows, questions), "utf-8")
    return [scale.proposed for scale in draft_codebook(read_raw(path)).scales.values()]


def test_each_half_says_that_the_other_is_there(tmp_path: Path) -> None:
    first, second = scales_of(tmp_path / "survey.csv", n_in_both=0)
    assert "3 of them stand in other columns too, answered by other people (`A1` is `B1`)" in first
    assert "(`B1` is `A1`)" in second


@pytest.mark.parametrize("n_in_both", [3, 20])
def test_questions_that_the_same_people_answer_twice_are_no_halves(tmp_path: Path, n_in_both: int) -> None:
    assert not any("other people" in each for each in scales_of(tmp_path / "survey.csv", n_in_both=n_in_both))
