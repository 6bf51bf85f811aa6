"""Neither the order of rows nor the number of threads of the linear algebra changes a result."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from si_research.model.interaction import InteractionFit, fit_interaction
from si_research.model.joint import joint_test
from si_research.model.simex import extrapolate_measurement_error
from si_research.simulation.worlds import simulate_scores

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
RUN = """
import json
from si_research import fit_interaction, simulate_scores
from si_research.model.effect_sizes import effect_sizes
from si_research.model.joint import joint_test
from si_research.model.missing.impute import impute_scores

scores = simulate_scores(20_000, three_way=0.02, n_firms=40, seed=4)
found = {}
for cluster in (None, "firm_id"):
    fit = fit_interaction(scores, cluster=cluster)
    test = joint_test(fit, draws=399, seed=1)
    found[f"joint p, {cluster}"] = [test.p_value]
    found[f"coefficients, {cluster}"] = fit.coefficients.to_numpy().ravel().tolist()
    found[f"tests, {cluster}"] = test.tests["statistic"].tolist()
sizes = effect_sizes(fit, draws=199, seed=2).sizes
found["sizes"] = sizes[["estimate", "conf_low", "conf_high"]].to_numpy().ravel().tolist()
holes = scores.iloc[:4000].copy()
holes.loc[holes.index[::5], "kunnen"] = float("nan")
filled = impute_scores(holes, cluster="firm_id", imputations=2, iterations=3, seed=3)
found["filled"] = filled.draws["kunnen"].to_numpy().ravel().tolist()
print(json.dumps(found))
"""


def test_one_thread_and_two_give_the_same() -> None:
    """p from draws are counts, and the same to the last digit; the rest may differ by rounding
    (that of a quadratic form in an inverse is larger)."""
    one, two = (_found(threads) for threads in ("1", "2"))
    assert one.keys() == two.keys()
    for name, values in one.items():
        assert np.isfinite(values).all()
        if name == "joint p, firm_id":
            assert 1 / 400 < values[0] < 1
            assert values == two[name]
        else:
            size, close = np.abs(values).max(), 1e-10 if name.startswith("tests") else 1e-12
            np.testing.assert_allclose(two[name], values, rtol=close, atol=0.1 * close * size, err_msg=name)


def _found(threads: str) -> dict[str, list[float]]:
    environment = os.environ | dict.fromkeys(THREADS, threads)
    done = subprocess.run([sys.executable, "-c", RUN], env=environment, capture_output=True, check=True)
    return dict(json.loads(done.stdout))


def shuffled(cluster: str | None) -> tuple[InteractionFit, InteractionFit]:
    """The same people of coarse answers, so that many are alike, in two orders."""
    scores = simulate_scores(240, three_way=0.3, n_firms=16, icc=0.1, seed=2)
    scores[["kunnen", "willen", "mogen"]] = scores[["kunnen", "willen", "mogen"]].round(0)
    turned = scores.sample(frac=1, random_state=3).reset_index(drop=True)
    return fit_interaction(scores, cluster=cluster), fit_interaction(turned, cluster=cluster)


def test_signs_of_firms_go_by_their_names_and_not_by_the_rows() -> None:
    first, other = (joint_test(fit, draws=399, seed=5) for fit in shuffled("firm_id"))
    assert 1 / 400 < first.p_value < 1
    assert other.p_value == first.p_value
    pd.testing.assert_frame_equal(other.tests, first.tests, rtol=1e-9)


@pytest.mark.parametrize("cluster", [None, "firm_id"])
def test_noise_goes_to_people_by_their_scores_and_not_by_the_rows(cluster: str | None) -> None:
    known = dict.fromkeys(("kunnen", "willen", "mogen"), 0.9)
    first, other = (
        extrapolate_measurement_error(fit, known, draws=20, seed=5).coefficients for fit in shuffled(cluster)
    )
    assert first["std_error"].gt(0).all()
    pd.testing.assert_frame_equal(other, first, rtol=1e-8)
