"""The estimate by LMS beside the others: when it is asked for, of the people of the fit, with its words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from made_factor_answers import noisy, of
from si_research.measurement.factors.lms import fit_lms
from si_research.report.findings import StudyFindings
from si_research.report.labels import labels_of
from si_research.report.measurement_error_tables import corrections_table
from si_research.report.results_json import results_json
from si_research.report.words import sentence
from small_survey import ITEMS, LABELS, answers, change_text

Small = Callable[..., StudyFindings]
TESTED = "kunnen:willen:mogen"
SCALES = {"kunnen": ITEMS[:3], "willen": ITEMS[3:6], "mogen": ITEMS[6:9]}


def by_lms(folder: Path) -> None:
    change_text(
        folder / "study.yml", "analysis: {", "measurement_error: {simex: false, lms: true}\nanalysis: {"
    )


def by_lms_of_one_item(folder: Path) -> None:
    by_lms(folder)
    change_text(folder / "codebook.yml", "items: [m1, m2, m3]", "items: [m1]")


@pytest.fixture(scope="module")
def asked(small: Small) -> StudyFindings:
    return small(240, 12, by_lms)


def test_it_is_that_of_the_items_in_points_of_the_scales_and_allows_for_firms(asked: StudyFindings) -> None:
    rows = answers(240, 12, seed=3)
    points = pd.DataFrame([[LABELS.index(cell) + 1.0 for cell in row[2:]] for row in rows], columns=ITEMS)
    firms = pd.Series([row[1] for row in rows])
    by_hand = fit_lms(points, SCALES, {"innovative_behaviour": ITEMS[9:]}, clusters=firms)
    expected = by_hand.effects_in_points.set_index("term").loc[TESTED]
    assert asked.measurement_error is not None
    found = asked.measurement_error.estimates.loc["lms"]
    assert (found["status"], found["n_used"]) == (by_hand.status, 240)
    assert by_hand.usable
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert found[name] == pytest.approx(expected[name], rel=1e-6)
    stored = json.loads(results_json(asked))["measurement_error"]["estimates"]
    assert {row["method"]: row["estimate"] for row in stored}["lms"] == pytest.approx(found["estimate"])


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "LMS neemt aan dat"), ("en", "LMS takes factors and errors as normal")]
)
def test_the_table_says_what_it_takes_for_granted(asked: StudyFindings, language: str, words: str) -> None:
    table = corrections_table(asked, labels_of(asked, language))
    assert table is not None
    assert words in table.note
    assert any("LMS" in row[0] for row in table.rows)


def test_without_items_of_each_scale_there_is_none(small: Small) -> None:
    found = small(240, 12, by_lms_of_one_item).measurement_error
    assert found is not None
    assert found.estimates.loc["lms", "status"] == "no items"
    assert found.estimates.loc["lms", ["estimate", "std_error"]].isna().all()


def test_a_fit_has_its_sentence() -> None:
    data = noisy(500, 11, 0.6)
    found = fit_lms(data, of("km"), of("y"))
    row = found.effects.iloc[-1]
    assert f"b = {row['estimate']:.3f}" in sentence(found, "en")
    assert "n = 500" in sentence(found, "nl")
    lost = replace(found, status="not converged")
    assert "b =" not in sentence(lost, "en")
    assert "not converged" in sentence(lost, "en")
