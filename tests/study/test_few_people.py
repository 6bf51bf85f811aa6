"""Too few people for the model: a refusal with a report, whatever the scales; check agrees."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from small_survey import LABELS, answers, write_csv

Invoke = Callable[..., Result]


def random_rows(n: int) -> list[list[str]]:
    """Answers in which willen has no structure, so that its reliability lies below any floor."""
    rng = np.random.default_rng(1)
    rows = answers(n, 3, seed=3)
    for row in rows:
        row[5:8] = [LABELS[point] for point in rng.integers(5, size=3)]
    return rows


@pytest.mark.parametrize("rows", [answers(12, 3, seed=3), random_rows(12)], ids=["coherent", "random"])
def test_twelve_people_are_refused_for_their_number(
    small_study: Path, si_research: Invoke, rows: list[list[str]]
) -> None:
    write_csv(small_study / "survey.csv", rows)
    result = si_research("run", small_study)
    assert result.exit_code == 3, result.output
    assert "at least 13 people with every score; there are 12" in result.output
    stored = json.loads((small_study / "output/results.json").read_text("utf-8"))["refusal"]
    assert stored["code"] == "too_few_people"
    assert (stored["values"]["n"], stored["values"]["needed"]) == (12, 13)
    checked = si_research("check", small_study)
    assert checked.exit_code == 3
    assert "at least 13 people with every score, and there are 12" in checked.output


@pytest.mark.parametrize(("language", "words"), [("nl", "te weinig mensen om"), ("en", "too few people to")])
def test_the_page_says_how_many_it_takes(
    small_study: Path, si_research: Invoke, language: str, words: str
) -> None:
    write_csv(small_study / "survey.csv", answers(12, 3, seed=3))
    assert si_research("run", small_study, "--language", language).exit_code == 3
    page = (small_study / "output/report.html").read_text("utf-8")
    assert words in page
    assert "12 " in page
    assert " 13 " in page


def test_as_many_as_it_takes_are_tested(small_study: Path, si_research: Invoke) -> None:
    write_csv(small_study / "survey.csv", answers(13, 3, seed=3))
    assert si_research("run", small_study).exit_code in (0, 2)  # 2: somebody may decide a term alone


@pytest.mark.parametrize("rows", [answers(4, 2, seed=3), random_rows(4)], ids=["coherent", "random"])
def test_fewer_than_five_people_are_not_described(
    small_study: Path, si_research: Invoke, rows: list[list[str]]
) -> None:
    write_csv(small_study / "survey.csv", rows)
    result = si_research("run", small_study)
    assert result.exit_code == 2, result.output
    assert not (small_study / "output").exists()


def test_a_condition_on_which_nobody_differs_is_a_refusal(small_study: Path, si_research: Invoke) -> None:
    rows = answers(60, 3, seed=3)
    for row in rows:
        row[8:11] = [LABELS[3]] * 3
    write_csv(small_study / "survey.csv", rows)
    result = si_research("run", small_study)
    assert result.exit_code == 3, result.output
    stored = json.loads((small_study / "output/results.json").read_text("utf-8"))["refusal"]
    assert stored["code"] == "no_variation"
    assert stored["values"]["scales"] == ["mogen"]
    assert "Niemand verschilt" in (small_study / "output/report.html").read_text("utf-8")
    checked = si_research("check", small_study)
    assert checked.exit_code == 3
    assert "the same one on mogen" in checked.output
