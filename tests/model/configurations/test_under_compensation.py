"""The truth table beside compensating outcomes: by hand, and the size and power of its p."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from resumable import run_or_resume
from si_research.errors import ModelSpecificationError
from si_research.model.configurations.configurations import Configurations, fit_configurations
from si_research.model.configurations.under_compensation import _compensating, under_compensation
from si_research.simulation.worlds import World, simulate_world_scores

NAMES = ["kunnen", "willen", "mogen"]
Y = "innovative_behaviour"


def fitted(form: str, seed: int = 1, n: int = 400) -> Configurations:
    scores = simulate_world_scores(World(form=form, n_employees=n, n_firms=20), seed=seed)
    return fit_configurations(scores, cluster="firm_id", at_crossover="in", draws=199, seed=1)


def test_the_last_step_by_hand() -> None:
    found = fitted("minimum")
    told = under_compensation(found, draws=199, seed=1)
    incl = found.rows.loc[Y, "inclS"]
    one, two = (
        [
            incl[f"{a}*{b}*{c}"]
            for a, b, c in product(*(("~" + name, name) for name in NAMES))
            if sum("~" in each for each in (a, b, c)) == lacking
        ]
        for lacking in (1, 2)
    )
    assert len(one) == len(two) == 3
    last = incl["kunnen*willen*mogen"] - np.mean(one)
    assert told.last_step == pytest.approx(last - (np.mean(one) - np.mean(two)))
    assert told.code == found.answer.code
    assert told.answers["n"].sum() == 199
    only = told.answers["share"].reindex(["only", "only_judged"]).sum()
    assert told.share_only == pytest.approx(only)
    assert told.share_same == pytest.approx(told.answers["share"].get(told.code, 0.0))


def test_compensating_outcomes_are_scores_near_the_prediction() -> None:
    """Every membership is one that somebody has; the mean is prediction and residuals near it, by hand."""
    found = fitted("minimum")
    members, y = found.sets.members[Y].to_numpy(), found.scores[Y].to_numpy()
    drawn = np.array(list(_compensating(found, found.scores, members, 300, 1)))
    assert set(np.unique(drawn)) <= set(members)
    score_of = dict(zip(members, y, strict=True))
    mean = np.vectorize(score_of.get)(drawn).mean(axis=0)
    x = found.scores[NAMES].to_numpy()
    design = np.column_stack([np.ones(len(x)), x, x**2])
    prediction = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    order = np.argsort(prediction, kind="stable")
    near = [(y - prediction)[order][max(at - 20, 0) : at + 21].mean() for at in range(len(y))]
    assert np.corrcoef(mean[order], prediction[order] + near)[0, 1] > 0.97
    assert abs(mean.mean() - y.mean()) < 0.05


def test_shuffled_people_give_the_same_draws() -> None:
    scores = simulate_world_scores(World(n_employees=200, n_firms=10), seed=3)
    told = [
        under_compensation(fit_configurations(each, at_crossover="in", draws=199, seed=1), draws=199, seed=1)
        for each in (scores, scores.sample(frac=1, random_state=1))
    ]
    assert told[0].p_value == told[1].p_value
    pd.testing.assert_frame_equal(told[0].answers, told[1].answers)


def test_what_is_no_analysis_is_refused() -> None:
    with pytest.raises(ModelSpecificationError, match="a fuzzy-set analysis"):
        under_compensation(pd.DataFrame(), seed=1)  # type: ignore[arg-type]


WORLDS = {
    "additive": World(),
    "unequal": World(weights=(0.7, 0.25, 0.05)),
    "concave": World(form="concave"),
    "convex": World(form="convex"),
    "additive, no error": World(reliability=1.0),
    "product": World(form="product"),
    "minimum": World(form="minimum"),
    "nothing": World(form="nothing"),
}


def one_run(world: World, seed: int) -> dict[str, float]:
    """The answer in one survey, and p of the last step."""
    scores = simulate_world_scores(world, seed=seed)
    found = fit_configurations(scores, cluster="firm_id", at_crossover="in", draws=199, seed=1)
    told = under_compensation(found, draws=199, seed=seed)
    return {
        "only": float(told.code in {"only", "only_judged"}),
        "some_row": float(bool(found.answer.sufficient)),
        "p": told.p_value,
        "share_only": told.share_only,
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_the_answer_is_no_evidence_and_the_last_step_is_some(name: str, tmp_path: Path) -> None:
    """1,500 people in 60 firms, reliability .8 but for one: what the docstring tells of."""
    file = f"configurations {name}"
    runs = run_or_resume(file, lambda seed: one_run(WORLDS[name], seed), runs=200, folder=tmp_path)
    only, found = runs["only"].mean(), (runs["p"] <= 0.05).mean()
    if name == "nothing":
        assert runs["some_row"].mean() <= 0.05
        assert found <= 0.08
    elif name in {"product", "minimum"}:
        assert only >= 0.3
        assert found >= {"product": 0.3, "minimum": 0.65}[name]
    else:
        assert only >= 0.1, "an additive world gives the answer that only the combination will do"
        assert found <= 0.08
