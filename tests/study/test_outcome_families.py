"""Quality of work, labour relations and performance can each be the outcome of a study."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from si_research.constructs import OUTCOMES
from si_research.model.fit_notes import is_of_firms
from si_research.model.interaction import fit_interaction
from si_research.report.labels import Labels
from si_research.report.reliability_words import reservations
from si_research.report.voice import voice
from si_research.simulation.worlds import simulate_scores
from si_research.study.combination import combination
from si_research.survey.codebook import Codebook
from si_research.survey.drafting.meaning import construct_of
from si_research.survey.drafting.unmeasured import unmeasured_constructs

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings

OTHERS = OUTCOMES[1:]


def _measures(folder: Path, outcome: str) -> None:
    """Let the questions on the outcome measure another one."""
    codebook = folder / "codebook.yml"
    codebook.write_text(codebook.read_text("utf-8").replace("innovative_behaviour", outcome), "utf-8")


def _asks(folder: Path, outcome: str) -> None:
    study = folder / "study.yml"
    asked = study.read_text("utf-8").replace("analysis: {", f"analysis: {{outcome: {outcome}, ")
    study.write_text(asked, "utf-8")


@pytest.mark.parametrize("outcome", OTHERS[:1])
def test_each_is_asked_about_by_its_own_name(small_study: Path, si_research: Any, outcome: str) -> None:
    _measures(small_study, outcome)
    _asks(small_study, outcome)
    result = si_research("check", small_study)
    assert result.exit_code == 0, result.output
    assert f"to be tested: {outcome} on kunnen, willen, mogen" in result.output
    assert "innovative_behaviour" not in result.output


def test_an_outcome_that_is_not_there_is_a_refusal_and_the_one_that_is_there_is_named(
    small_study: Path, si_research: Any
) -> None:
    _measures(small_study, "quality_of_work")
    result = si_research("check", small_study)
    assert result.exit_code == 3, result.output
    assert "no scale for innovative_behaviour" in result.output
    assert "write `outcome: quality_of_work`" in result.output
    _asks(small_study, "labour_relations")
    result = si_research("check", small_study)
    assert result.exit_code == 3, result.output
    assert "no scale for labour_relations" in result.output


def test_a_draft_recognises_each_by_its_own_words_and_asks_for_no_other() -> None:
    assert construct_of("Kwaliteit van de arbeid", [])[0] == "quality_of_work"
    assert construct_of("Arbeidsverhoudingen", [])[0] == "labour_relations"
    assert construct_of("bedrijfsprestaties", [])[0] == "organisational_performance"
    items = {f"q{n}": {"format": "agree_5"} for n in (1, 2)}
    scale = {"A": {"construct": "quality_of_work", "items": ["q1", "q2"]}}
    book = Codebook.model_validate({"title": "T", "items": items, "scales": scale})
    assert unmeasured_constructs(book) == ("kunnen", "willen", "mogen")


def test_a_figure_of_firms_has_no_verdict_and_the_page_says_how_many_figures_there_are() -> None:
    scores = simulate_scores(240, n_firms=20, seed=1)
    scores["organisational_performance"] = scores.groupby("firm_id")["innovative_behaviour"].transform("mean")
    of_people = fit_interaction(scores, cluster="firm_id")
    of_firms = fit_interaction(scores, outcome="organisational_performance", cluster="firm_id")
    assert not is_of_firms(of_people)
    assert is_of_firms(of_firms)
    asked = SimpleNamespace(analysis=SimpleNamespace(predictors=("kunnen", "willen", "mogen")))
    book = Codebook(title="T", items={}, scales={})
    assert combination(cast("Any", asked), book, cast("Any", None), of_firms, lambda step, done: None) is None
    study = SimpleNamespace(outcome="organisational_performance", predictors=(), reliability_floor=0.5)
    findings = cast("StudyFindings", SimpleNamespace(refusal=None, fit=of_firms, study=study, unreliable=()))
    (said,) = reservations(findings, Labels(voice("en")))
    assert "20 figures" in said
    assert "no verdict" in said
