"""Known worlds with a quarter of kunnen missing: the three-way coefficient comes back, by this road only.

500 data sets each, resumable: SI_RUNS=folder pytest -m slow -n 0 tests/model/missing/test_recovery.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from resumable import run_or_resume
from si_research.model.design import Roles
from si_research.model.inference import covariance, reference_df
from si_research.model.interaction import regress
from si_research.model.missing.impute import impute_scores
from si_research.model.missing.pool import pool_interaction
from si_research.model.missing.pooling import pool_estimates
from si_research.simulation.worlds import CONDITIONS, simulate_scores

TRUTH = 0.20
TERM = "kunnen:willen:mogen"
OUTCOME = "innovative_behaviour"


def whole(seed: int, *, n_firms: int | None = None) -> pd.DataFrame:
    return simulate_scores(2000, three_way=TRUTH, n_firms=n_firms, icc=0.10, seed=seed)


def holed(scores: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A quarter gives no kunnen, those with a high outcome more often."""
    z = (scores[OUTCOME] - scores[OUTCOME].mean()) / scores[OUTCOME].std()
    chance = 1 / (1 + np.exp(1.3 - z))
    missing = np.random.default_rng([seed, 1]).random(len(scores)) < chance
    return scores.assign(kunnen=scores["kunnen"].mask(missing))


def three_way_of(scores: pd.DataFrame) -> float:
    fit = regress(scores, Roles(OUTCOME, CONDITIONS))
    return float(fit.estimate[fit.terms.index(TERM)])


def compatible(seed: int, *, cluster: str | None = None) -> dict[str, float]:
    everything = whole(seed, n_firms=40 if cluster else None)
    scores = holed(everything, seed)
    imputed = impute_scores(scores, cluster=cluster, seed=seed)
    pooled = pool_interaction(imputed)
    found = {
        "share": float(scores["kunnen"].isna().mean()),
        "r_hat": float(imputed.convergence["r_hat"].max()),
        "full": three_way_of(everything),
        "joint_p": float(pooled.joint.loc["imputed", "p_value"]),
    }
    for name, table in (("imputed", pooled.coefficients), ("complete", pooled.complete_cases)):
        found |= {f"{name}_{what}": float(table.loc[TERM, what]) for what in ("estimate", "std_error")}
        found[f"{name}_covered"] = float(table.loc[TERM, "conf_low"] <= TRUTH <= table.loc[TERM, "conf_high"])
    return found


def nothing_to_find(seed: int, *, cluster: str | None) -> dict[str, float]:
    """Main effects only; who gives no kunnen still hangs on the outcome."""
    scores = simulate_scores(800, n_firms=20 if cluster else None, icc=0.10, seed=seed)
    imputed = impute_scores(holed(scores, seed), cluster=cluster, imputations=10, iterations=20, seed=seed)
    joint = pool_interaction(imputed).joint["p_value"]
    return {"imputed": float(joint["imputed"]), "complete": float(joint["complete cases"])}


def multiplied_after(seed: int) -> dict[str, float]:
    """Impute kunnen from the other columns by a normal linear model, and only then multiply."""
    everything = whole(seed)
    scores, rng, roles = holed(everything, seed), np.random.default_rng([seed, 2]), Roles(OUTCOME, CONDITIONS)
    missing = scores["kunnen"].isna().to_numpy()
    X = np.column_stack([np.ones(len(scores)), scores[["willen", "mogen", OUTCOME]]])
    known, y = X[~missing], scores["kunnen"].to_numpy()[~missing]
    b, (rss,), *_ = np.linalg.lstsq(known, y, rcond=None)
    root = np.linalg.cholesky(np.linalg.inv(known.T @ known))
    estimates, spreads = [], []
    for _ in range(20):
        spread = np.sqrt(rss / rng.chisquare(len(y) - 4))
        drawn = X[missing] @ (b + spread * root @ rng.normal(size=4)) + spread * rng.normal(
            size=missing.sum()
        )
        filled = scores.copy()
        filled.loc[missing, "kunnen"] = drawn
        fit = regress(filled, roles)
        place = fit.terms.index(TERM)
        estimates.append(fit.estimate[place])
        spreads.append([covariance(fit, "HC3")[place, place]])
    pooled = pool_estimates(pd.DataFrame({TERM: estimates}), spreads, df_complete=reference_df(fit, "HC3"))
    row = pooled.coefficients.loc[TERM]
    covered = row["conf_low"] <= TRUTH <= row["conf_high"]
    return {
        "estimate": float(row["estimate"]),
        "covered": float(covered),
        "full": three_way_of(everything),
    }


def summary(runs: pd.DataFrame, estimate: str, covered: str) -> tuple[float, float, float, float]:
    """Relative bias and its Monte Carlo error, coverage and the Monte Carlo error of 95 per cent.

    Least squares on the whole data is unbiased: the difference from it tells the bias with less chance in it.
    """
    off, n = (runs[estimate] - runs["full"]) / TRUTH, len(runs)
    return off.mean(), off.std() / np.sqrt(n), runs[covered].mean(), np.sqrt(0.95 * 0.05 / n)


@pytest.mark.slow
@pytest.mark.parametrize("cluster", [None, "firm_id"])
def test_the_three_way_coefficient_comes_back(tmp_path: Path, cluster: str | None) -> None:
    runs = run_or_resume(
        f"compatible_{cluster}", lambda seed: compatible(seed, cluster=cluster), runs=500, folder=tmp_path
    )
    bias, bias_error, coverage, coverage_error = summary(runs, "imputed_estimate", "imputed_covered")
    print(f"{len(runs)} runs: bias {bias:+.1%} ({bias_error:.1%}), coverage {coverage:.1%}")
    assert runs["share"].mean() == pytest.approx(0.25, abs=0.01)
    assert abs(bias) < 0.05
    assert abs(coverage - 0.95) < 3 * coverage_error
    assert runs["imputed_std_error"].mean() < runs["complete_std_error"].mean()


@pytest.mark.slow
def test_multiplying_after_imputing_loses_it(tmp_path: Path) -> None:
    runs = run_or_resume("multiplied_after", multiplied_after, runs=500, folder=tmp_path)
    bias, bias_error, coverage, coverage_error = summary(runs, "estimate", "covered")
    print(f"{len(runs)} runs: bias {bias:+.1%} ({bias_error:.1%}), coverage {coverage:.1%}")
    assert bias + 3 * bias_error < -0.05
    assert coverage < 0.95 - 3 * coverage_error


@pytest.mark.slow
@pytest.mark.parametrize("cluster", [None, "firm_id"])
def test_the_joint_test_keeps_its_level(tmp_path: Path, cluster: str | None) -> None:
    runs = run_or_resume(
        f"nothing_{cluster}", lambda seed: nothing_to_find(seed, cluster=cluster), runs=500, folder=tmp_path
    )
    found, error = (runs["imputed"] < 0.05).mean(), np.sqrt(0.05 * 0.95 / len(runs))
    print(f"{len(runs)} runs: {found:.1%} of true nulls rejected (Monte Carlo error {error:.1%})")
    assert found < 0.05 + 3 * error
