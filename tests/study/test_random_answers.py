"""Answers without any structure (5,000 people, 40 items): refused, in words that name the reliabilities."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from si_research.cli import main
from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.measurement.product_reliability import product_reliability
from si_research.measurement.reliability import cronbach_alpha
from si_research.model.interaction import fit_interaction
from si_research.model.measurement_error import correct_measurement_error
from si_research.model.simex import extrapolate_measurement_error
from si_research.report.voice import voice
from si_research.report.words import sentence
from si_research.study.run import StudyOutcome, run_study

N, ITEMS = 5_000, 10
SCALES = ("kunnen", "willen", "mogen", "innovative_behaviour")
DOWNSTREAM = ("fit", "joint", "corners", "slopes", "screening_comparison", "corrected", "pooled", "answer")


def random_answers() -> pd.DataFrame:
    points = np.random.default_rng(20261126).integers(1, 6, size=(N, len(SCALES) * ITEMS))
    names = [f"{scale[0]}{number}" for scale in SCALES for number in range(1, ITEMS + 1)]
    return pd.DataFrame(points, columns=names).assign(firm=[f"B{row % 80:02d}" for row in range(N)])


def random_study(folder: Path) -> Path:
    folder.mkdir()
    table = random_answers()
    table.to_csv(folder / "survey.csv", index=False)
    items = "".join(f"  {name}: {{format: five}}\n" for name in table.columns.drop("firm"))
    scales = "".join(
        f"  {scale}: {{construct: {scale}, items: [{', '.join(f'{scale[0]}{i}' for i in range(1, 11))}]}}\n"
        for scale in SCALES
    )
    (folder / "codebook.yml").write_text(
        "title: Willekeurig\nformats:\n  five: {lowest: 1, highest: 5}\n"
        f"items:\n{items}scales:\n{scales}roles: {{organisation: firm}}\n",
        "utf-8",
    )
    (folder / "study.yml").write_text("title: Willekeurige antwoorden\ndata: survey.csv\nseed: 1\n", "utf-8")
    return folder


@dataclass(frozen=True)
class Ended:
    """How the command line ended, and what it made."""

    result: Result
    outcome: StudyOutcome


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    made: list[StudyOutcome] = []

    def remember(*arguments: Any, **named: Any) -> StudyOutcome:
        made.append(run_study(*arguments, **named))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("si_research.study.run.run_study", remember)
        study = random_study(tmp_path_factory.mktemp("random") / "studie")
        result = CliRunner().invoke(main, ["run", str(study)])
    assert made, result.output
    return Ended(result, made[0])


@pytest.fixture(scope="module")
def random(ended: Ended) -> StudyOutcome:
    return ended.outcome


def text_of(page: str) -> str:
    body = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(body).replace("\N{NO-BREAK SPACE}", " "))


def results_of(outcome: StudyOutcome) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(outcome.report.with_name("results.json").read_text("utf-8"))
    return content


def test_every_scale_is_named_with_its_figures(random: StudyOutcome) -> None:
    assert random.refusal is not None
    assert random.refusal.code == "unreliable_scales"
    refusal = results_of(random)["refusal"]["values"]
    assert refusal["scales"] == list(SCALES)
    answers = random_answers()
    for scale in SCALES:
        own = answers[[f"{scale[0]}{number}" for number in range(1, ITEMS + 1)]]
        assert refusal["reliabilities"][scale]["alpha"] == pytest.approx(cronbach_alpha(own).alpha)
        assert max(refusal["reliabilities"][scale].values()) < refusal["floor"] == 0.5


@pytest.mark.parametrize(
    ("language", "alpha", "says"),
    [("nl", "alfa", "De betrouwbaarheid ligt onder ,50"), ("en", "alpha", "The reliability lies below .50")],
)
def test_the_report_says_so_in_both_languages(
    random: StudyOutcome, language: str, alpha: str, says: str
) -> None:
    said = sentence(random.findings, language)
    assert says in said
    figures = results_of(random)["refusal"]["values"]["reliabilities"]
    for scale in SCALES[:3]:
        shown = voice(language).bounded(figures[scale]["alpha"])
        assert f"{scale} ({alpha} {shown}" in said, scale
    if language == "nl":
        assert said[said.index(says) :] in text_of(random.report.read_text("utf-8"))


def test_nothing_downstream_is_computed(random: StudyOutcome) -> None:
    results = results_of(random)
    assert {name: results[name] for name in DOWNSTREAM if results.get(name) is not None} == {}
    findings = random.findings
    assert (findings.fit, findings.joint, findings.corners, findings.slopes) == (None, None, None, None)
    assert results["reliability"]["scales"][0]["omega"]["n_used"] == N, "measurement is still told"
    figures = {path.stem for path in (random.report.parent / "figures").iterdir()}
    assert figures.isdisjoint({"coefficients", "corners", "slopes"})
    assert "item_answers" in figures


def test_run_and_check_end_in_a_refusal_that_names_them(ended: Ended) -> None:
    check = CliRunner().invoke(main, ["check", str(ended.outcome.report.parent.parent)])
    for result in (ended.result, check):
        assert result.exit_code == 3, result.output
        for scale in SCALES:
            assert re.search(rf"{scale}: alpha -?0\.\d\d", result.output), scale


def test_functions_that_correct_for_unreliability_give_a_name_and_no_number() -> None:
    answers = random_answers()
    own = {scale: answers[[f"{scale[0]}{number}" for number in range(1, ITEMS + 1)]] for scale in SCALES}
    scores = pd.DataFrame({scale: items.mean(axis=1) for scale, items in own.items()})
    fit = fit_interaction(scores)
    alphas = {scale: cronbach_alpha(own[scale]).alpha for scale in fit.predictors}
    positive = {scale: max(alpha, 0.03) for scale, alpha in alphas.items()}
    for found in (
        correct_measurement_error(fit, positive),
        extrapolate_measurement_error(fit, positive, draws=2, seed=1),
    ):
        assert found.status == "not identified"
        assert found.coefficients["estimate"].isna().all()
        assert "no correction" in str(found)
    with pytest.raises(ModelSpecificationError, match="reliability above 0"):
        correct_measurement_error(fit, positive | {"kunnen": -0.02})
    assert min(alphas.values()) < 0
    with pytest.raises(SurveyDataError, match="above 0 and up to 1"):
        product_reliability(pd.Series(alphas), scores[list(alphas)].corr())
