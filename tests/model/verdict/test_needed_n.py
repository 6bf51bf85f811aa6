"""The N that would decide: worlds that look like the data, and sizes that make sense."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError
from si_research.model.forms.rows import FormRows, form_rows
from si_research.model.verdict.fitted_worlds import WORLDS, FittedWorlds, fit_worlds
from si_research.model.verdict.needed_n import NeededN, needed_n
from si_research.model.verdict.power import icc
from si_research.model.verdict.rule import VerdictRule
from si_research.model.verdict.verdict import Verdict, reach_verdict
from si_research.report.labels import Labels
from si_research.report.verdict_words import needed_sentences
from si_research.report.voice import voice
from si_research.simulation.worlds import World, simulate_world_scores

NAMES = ("kunnen", "willen", "mogen")
KNOWN = dict.fromkeys((*NAMES, "innovative_behaviour"), 0.8)
STRONG = World(form="minimum", n_employees=240, n_firms=12, r_squared=0.8, reliability=0.9)


def rows_of(scores: pd.DataFrame, *, firms: bool = True) -> FormRows:
    return form_rows(
        scores,
        outcome="innovative_behaviour",
        predictors=NAMES,
        controls=(),
        cluster="firm_id" if firms else None,
        ends=None,
        where="a test",
    )


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return simulate_world_scores(World(form="minimum", n_employees=2400, n_firms=120, icc=0.15), seed=2)


@pytest.fixture(scope="module")
def worlds(scores: pd.DataFrame) -> FittedWorlds:
    return fit_worlds(rows_of(scores), KNOWN, VerdictRule())


def r2(rows: FormRows, signal: np.ndarray) -> float:
    return float(np.corrcoef(rows.y, signal)[0, 1] ** 2)


@pytest.mark.parametrize("name", WORLDS)
def test_a_fitted_world_looks_like_the_data(worlds: FittedWorlds, name: str) -> None:
    """Mean, spread, correlations, R² of the mean, likeness within firms, and answers that can be given."""
    rows = worlds.rows
    drawn = worlds.drawn(name, 4.0, np.random.default_rng(1))
    assert drawn.n == pytest.approx(4 * rows.n, rel=0.1)
    assert drawn.n_firms == 4 * rows.n_firms
    assert drawn.y.mean() == pytest.approx(rows.y.mean(), abs=0.03)
    assert drawn.y.std() == pytest.approx(rows.y.std(), rel=0.05)
    assert np.corrcoef(drawn.x01.T) == pytest.approx(np.corrcoef(rows.x01.T), abs=0.05)
    assert r2(drawn, drawn.x01.mean(axis=1)) == pytest.approx(r2(rows, rows.x01.mean(axis=1)), abs=0.04)
    assert icc(drawn.y, drawn.firms)[0] == pytest.approx(icc(rows.y, rows.firms)[0], abs=0.06)
    assert set(np.round(np.unique(drawn.y), 9)) <= set(np.round(np.arange(1, 5.01, 0.25), 9))


def test_only_the_minimum_bends_as_a_minimum(worlds: FittedWorlds) -> None:
    better = {}
    for name in WORLDS:
        drawn = worlds.drawn(name, 4.0, np.random.default_rng(1))
        better[name] = r2(drawn, drawn.x01.min(axis=1)) - r2(drawn, drawn.x01.mean(axis=1))
    assert better["minimum"] > 0 > better["additive"]


def test_drawn_firms_are_whole_firms(worlds: FittedWorlds) -> None:
    rows = worlds.rows
    drawn = worlds.drawn("additive", 0.1, np.random.default_rng(3))
    sums = {tuple(np.round(rows.x01[rows.firms == firm].sum(axis=0), 6)) for firm in range(rows.n_firms)}
    for firm in range(drawn.n_firms):
        assert tuple(np.round(drawn.x01[drawn.firms == firm].sum(axis=0), 6)) in sums


def test_people_without_firms_are_drawn_one_by_one(scores: pd.DataFrame) -> None:
    alone = fit_worlds(rows_of(scores.iloc[:300], firms=False), KNOWN, VerdictRule())
    drawn = alone.drawn("product", 2.0, np.random.default_rng(1))
    assert (drawn.n, drawn.firms) == (600, None)


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    known = dict.fromkeys(KNOWN, 0.9)
    return reach_verdict(
        simulate_world_scores(STRONG, seed=1), cluster="firm_id", reliability=known, draws=199, seed=1
    )


@pytest.fixture(scope="module")
def progress() -> list[tuple[int, int]]:
    return []


@pytest.fixture(scope="module")
def found(verdict: Verdict, progress: list[tuple[int, int]]) -> NeededN:
    return needed_n(verdict, runs=10, target=0.6, seed=1, progress=lambda *done: progress.append(done))


def test_each_world_has_its_n_and_the_largest_counts(found: NeededN) -> None:
    assert list(found.worlds.index) == ["relation", *WORLDS]
    assert found.worlds["reached"].all()
    asked = found.worlds.loc[list(WORLDS)]
    assert found.n_employees == asked["n_employees"].max()
    assert found.n_firms == asked["n_firms"].max()
    assert found.n_employees / found.n_firms == pytest.approx(20, rel=0.2)
    assert (found.runs["runs"] <= 10).all()
    assert "would decide" in str(found)
    assert found._repr_html_().startswith("<p>")


def test_sizes_told_are_multiples_of_the_survey(found: NeededN, verdict: Verdict) -> None:
    """Not a mean over drawn firms, which differ in size."""
    factors = found.runs["n_employees"] / verdict.n_used
    assert set(factors) <= {1, 2, 4, 8}
    assert (found.runs["n_firms"] / verdict.n_firms).tolist() == factors.to_list()


def test_worlds_that_are_recognised_already_need_no_more_people(verdict: Verdict) -> None:
    """A target that each world reaches at the present size."""
    found = needed_n(verdict, runs=10, target=0.05, seed=1)
    assert set(found.runs["n_employees"]) == {240}
    assert (found.n_employees, found.n_firms) == (240, 12)
    assert str(found).startswith("more than these 240 employees would not settle it")
    for language, said in (("en", "would not settle it"), ("nl", "zouden het niet beslissen")):
        labels = Labels(voice(language))
        assert said in next(needed_sentences(found, labels))
        part = replace(
            found, n_employees=np.nan, worlds=found.worlds.assign(reached=[True, True, True, False])
        )
        first = next(needed_sentences(part, labels))
        assert first == labels.voice.say(
            "verdict.needed_some_now",
            share=labels.voice.percent(0.05),
            worlds=labels.voice.listed([labels.voice.say(f"verdict.worlds.{name}") for name in WORLDS[:2]]),
        )


def test_progress_runs_up_to_the_end(found: NeededN, progress: list[tuple[int, int]]) -> None:
    done = [each for each, _ in progress]
    assert done == sorted(done)
    assert progress[-1][0] == progress[-1][1] == 10 * 4 * len(WORLDS)


def test_the_same_seed_gives_the_same_n(
    verdict: Verdict, found: NeededN, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("si_research.model.verdict.needed_n.FACTORS", (1.0,))
    again = needed_n(verdict, runs=10, target=0.6, seed=1).runs
    first = found.runs.drop_duplicates("world").reset_index(drop=True)
    pd.testing.assert_frame_equal(again, first)


def test_without_a_relation_only_the_relation_is_asked() -> None:
    scores = simulate_world_scores(World(form="nothing", n_employees=200, n_firms=20), seed=1)
    verdict = reach_verdict(scores, cluster="firm_id", reliability=KNOWN, draws=199, seed=1)
    found = needed_n(verdict, seed=1)
    assert [note.code for note in found.notes] == ["no_relation_to_fit"]
    assert found.runs.empty
    assert found.n_employees > 200  # power for R2 = .02 takes some 550 people without firms
    assert 500 < found.n_employees < 1500
    alone = needed_n(reach_verdict(scores, reliability=KNOWN, draws=199, seed=1), seed=1)
    assert np.isnan(alone.n_firms)
    assert 480 < alone.n_employees < 620


def test_what_is_not_reached_is_said(verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("si_research.model.verdict.needed_n.FACTORS", (1.0,))
    assert verdict.rows is not None
    rng = np.random.default_rng(1)
    noise = verdict.rows.y + 3 * rng.normal(size=verdict.rows.n)
    weak = replace(verdict, rows=replace(verdict.rows, y=np.clip(noise, 1, 5)))
    found = needed_n(weak, runs=10, target=0.99, seed=1)
    assert np.isnan(found.n_employees)
    assert "not_reached" in [note.code for note in found.notes]


def test_what_cannot_be_asked_is_refused(verdict: Verdict) -> None:
    with pytest.raises(ModelSpecificationError):
        needed_n(verdict, target=1.0, seed=1)
    with pytest.raises(ModelSpecificationError):
        needed_n(verdict, runs=5, seed=1)
    with pytest.raises(ModelSpecificationError):
        needed_n(replace(verdict, rows=None), seed=1)
    with pytest.raises(ModelSpecificationError):
        needed_n(verdict.readings, seed=1)  # type: ignore[arg-type]
