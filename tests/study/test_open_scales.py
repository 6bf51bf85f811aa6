"""Scales without a response format: their ends are the sample's, and the study has its verdict."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.simulation.worlds import World, simulate_world_scores
from si_research.study import combination
from si_research.study.open_scales import open_scales, sample_anchors, study_ends

NAMES = ("innovative_behaviour", "kunnen", "willen", "mogen")


def scales(**ends: tuple[float, float]) -> Any:
    """Facts of the scales of the model, 1 to 5 where nothing else is said."""
    known = dict.fromkeys(NAMES, (1.0, 5.0)) | ends
    return {name: SimpleNamespace(lowest=low, highest=high) for name, (low, high) in known.items()}


OPEN = scales(mogen=(np.nan, np.nan), willen=(0.0, np.nan))


def test_a_scale_is_open_without_one_of_its_ends() -> None:
    assert open_scales(OPEN, NAMES) == ("willen", "mogen")
    assert open_scales({}, ("kunnen",)) == ("kunnen",)
    assert open_scales(scales(), NAMES) == ()


@pytest.mark.parametrize(
    ("scores", "ends"),
    [
        ([0.83, 7.0, 47.2], (0, 48)),
        ([12_300, 40_000, 98_700], (10_000, 100_000)),
        ([-0.42, 0.1, 0.37], (-0.45, 0.4)),
        ([3.0, 3.0, 3.0], (2, 4)),
    ],
)
def test_open_ends_are_those_of_the_sample_rounded_outward(
    scores: list[float], ends: tuple[float, float]
) -> None:
    found = study_ends(pd.DataFrame({"mogen": [*scores, np.nan]}), OPEN, ("mogen",))
    assert found["mogen"] == pytest.approx(ends)


def test_everybody_is_within_open_ends_that_are_hardly_wider_than_the_sample() -> None:
    rng = np.random.default_rng(1)
    for width in 10.0 ** rng.uniform(-6, 6, 200):
        scores = rng.normal(scale=10) + width * rng.normal(size=30)
        low, high = study_ends(pd.DataFrame({"mogen": scores}), OPEN, ("mogen",))["mogen"]
        assert low <= scores.min() + 1e-9 * width
        assert high >= scores.max() - 1e-9 * width
        assert high - low <= 1.2 * np.ptp(scores) * (1 + 1e-9)


def test_ends_that_are_known_are_kept() -> None:
    rows = pd.DataFrame({"kunnen": [2.0, 4.0], "willen": [3.0, 61.0]})
    assert study_ends(rows, OPEN, ("kunnen", "willen")) == {"kunnen": (1, 5), "willen": (0, 65)}


def test_scales_without_scores_have_ends_too() -> None:
    """So that the models say that nobody has a score, and not that a number is none."""
    nobody = pd.DataFrame({"kunnen": [np.nan], "mogen": [np.nan]})
    assert study_ends(nobody, OPEN, ("kunnen", "mogen")) == {"kunnen": (1, 5), "mogen": (0, 1)}


def test_anchors_of_the_sample_do_not_hang_on_one_extreme_score() -> None:
    scores = np.arange(101.0)
    usual = sample_anchors(pd.DataFrame({"mogen": scores}), ["mogen"])
    assert usual == {"mogen": (5, 50, 95)}
    scores[100] = 1e6
    assert sample_anchors(pd.DataFrame({"mogen": scores}), ["mogen"]) == usual


def test_a_study_with_an_open_scale_has_its_verdict_and_every_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The 1st and 99th percentile, by which a picture is drawn, would leave people beyond the ends."""
    rows = simulate_world_scores(World(n_employees=150, n_firms=10), seed=1)
    rows["mogen"] = 2.0 ** (2 * rows["mogen"])
    known = pd.DataFrame({"reliability": dict.fromkeys(NAMES, 0.8)})
    monkeypatch.setattr(combination, "used_reliabilities", lambda scales, names: known)
    asked = SimpleNamespace(outcome=NAMES[0], predictors=NAMES[1:], bootstrap_draws=199, needed_n_runs=0)
    known_scales = scales(mogen=(np.nan, np.nan))
    ready = SimpleNamespace(scores=SimpleNamespace(scales=known_scales), scale_reliabilities=())
    fit = SimpleNamespace(rows=rows, controls=(), cluster="firm_id", notes=())
    given: Any = (SimpleNamespace(analysis=asked, seed=1), SimpleNamespace(unit="respondent"), ready, fit)
    found = combination.combination(*given, lambda step, done: None)
    assert found is not None
    assert found.open_scales == found.open_conditions == ("mogen",)
    assert found.verdict.rows is not None
    assert found.verdict.rows.ends["mogen"][0] <= rows["mogen"].min()
    assert found.forms is not None
    assert found.necessity is not None
    assert found.configurations is not None
    low, middle, high = found.configurations.anchors.loc["mogen", ["out", "crossover", "full"]]
    assert low < float(rows["mogen"].median()) < high
    assert middle == pytest.approx(float(rows["mogen"].median()), abs=0.1 * (high - low))
