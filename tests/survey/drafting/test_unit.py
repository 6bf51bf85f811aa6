"""Rows that are organisations are proposed as such; rows that are people never are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from si_research.survey.codebook import Codebook
from si_research.survey.drafting import draft_codebook
from si_research.survey.reading.raw import read_raw
from small_survey import LABELS, write_study

Draft = Callable[[dict[str, Sequence[object]]], Codebook]
N = 60
RANDOM = np.random.default_rng(5)
FIRMS = [f"Bedrijf {letter}{n}" for n in range(N // 4) for letter in "ABCD"]
FIGURES = {f"stelling {n}": [int(each) for each in RANDOM.integers(30, 90, N)] for n in range(6)}
SIGNED = {name: [f"{each}%" for each in figures] for name, figures in FIGURES.items()}
COUNTS = [int(each) for each in RANDOM.integers(20, 900, N)]
BENCHMARK = ["Benchmark (mediaan)", *FIRMS[1:]]


@pytest.mark.parametrize(
    "columns",
    [
        {"Organisatie": FIRMS, **SIGNED},
        {"organisation": BENCHMARK, **FIGURES},
        {"Agency name": FIRMS, "Response count": COUNTS, **FIGURES},
        {"Bedrijf": FIRMS, "aantal respondenten": COUNTS, **FIGURES},
        {"organisatie": FIRMS[: N // 2] * 2, "jaar": [2024] * 30 + [2025] * 30, **SIGNED},
    ],
)
def test_organisations_with_percentages(draft_of: Draft, columns: dict[str, Sequence[object]]) -> None:
    codebook = draft_of(columns)
    assert codebook.unit == "organisation"
    assert codebook.roles.organisation is not None
    firm = codebook.variables[codebook.roles.organisation]
    assert not firm.confirm
    assert "each row seems to be an organisation" in firm.proposed


def test_parts_of_a_whole_beside_a_count_of_answers(draft_of: Draft) -> None:
    first, second = RANDOM.integers(10, 50, N), RANDOM.integers(10, 45, N)
    parts = {"answer1": first, "answer2": second, "answer3": 100 - first - second}
    assert draft_of({"unit": range(N), **parts, "anscount": COUNTS}).unit == "organisation"
    assert draft_of({"unit": range(N), **parts}).unit == "respondent"  # hours over tasks, say


WORDS = [LABELS[n % 5] for n in range(N)]


@pytest.mark.parametrize(
    "columns",
    [
        {"bedrijf": FIRMS, **FIGURES},  # a director of each firm, and sliders
        {"bedrijf": FIRMS, "aantal medewerkers": COUNTS, **FIGURES},
        {"respondent": range(N), "bedrijf": FIRMS, **SIGNED},
        {"bedrijf": FIRMS, "k1": WORDS, **SIGNED},
        {"bedrijf": [FIRMS[n % 12] for n in range(N)], **SIGNED},  # five people a firm
        {"naam": FIRMS, **SIGNED},
        {"bedrijf": FIRMS, **{f"k{n}": [place % 5 + 1 for place in range(N)] for n in range(6)}},
        {"bedrijf": FIRMS, "omzet aandeel export": SIGNED["stelling 0"], "n": COUNTS},
    ],
)
def test_people_stay_people(draft_of: Draft, columns: dict[str, Sequence[object]]) -> None:
    assert draft_of(columns).unit == "respondent"


def test_the_survey_of_the_other_tests_is_of_people(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    assert draft_codebook(read_raw(study / "survey.csv")).unit == "respondent"


def test_a_department_is_no_team_and_no_part_of_itself(draft_of: Draft) -> None:
    answers = {f"k{n}": [int(each) for each in RANDOM.integers(1, 6, N)] for n in range(1, 5)}
    people = {"bedrijf": FIRMS[:10] * 6, "Afdeling": ["Hal", "Zaal", "Kas"] * 20, "team": ["A", "B"] * 30}
    roles = draft_of({"respondent": range(N), **people, **answers}).roles
    assert (roles.organisation, roles.department, roles.team) == ("bedrijf", "Afdeling", "team")
    departments = draft_of({"Department": FIRMS, **SIGNED})
    assert departments.unit == "organisation"
    assert (departments.roles.organisation, departments.roles.department) == ("Department", None)
