"""Known worlds with a quarter of kunnen missing: the three-way coefficient comes back, by this road only.

500 data sets each, resumable: SI_RUNS=folder pytest -m slow -n 0 tests/model/missing/test_recovery.py
With SI_STORE=1 the figures of the runs are stored in data/simulations, where the notebook reads them.
"""

from __future__ import annotations

import os
from functools import partial
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
STORED = "data/simulations/missing_kunnen.csv"
HEAD = """\
# Made up, nobody's answers: simulated by tests/model/missing/test_recovery.py. 2,000 people a run,
# a quarter of kunnen missing, more often where the outcome is high; true three-way coefficient .20.
# bias: against the same data without holes, as a share of the truth; *_error: Monte Carlo error.
# Made again by
# SI_STORE=1 SI_RUNS=folder pytest -m slow -n 0 tests/model/missing/test_recovery.py
"""


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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs are kept when SI_RUNS names no folder: the tests of this file share them."""
    return tmp_path_factory.mktemp("runs")


def compatible_runs(folder: Path, cluster: str | None) -> pd.DataFrame:
    work = partial(compatible, cluster=cluster)
    return run_or_resume(f"compatible_{cluster}", work, runs=500, folder=folder)


def multiplied_runs(folder: Path) -> pd.DataFrame:
    return run_or_resume("multiplied_after", multiplied_after, runs=500, folder=folder)


def summary(runs: pd.DataFrame, estimate: str, covered: str) -> tuple[float, float, float, float]:
    """Relative bias and its Monte Carlo error, coverage and the Monte Carlo error of 95 per cent.

    Least squares on the whole data is unbiased: the difference from it tells the bias with less chance in it.
    """
    off, n = (runs[estimate] - runs["full"]) / TRUTH, len(runs)
    return off.mean(), off.std() / np.sqrt(n), runs[covered].mean(), np.sqrt(0.95 * 0.05 / n)


@pytest.mark.slow
@pytest.mark.parametrize("cluster", [None, "firm_id"])
def test_the_three_way_coefficient_comes_back(folder: Path, cluster: str | None) -> None:
    runs = compatible_runs(folder, cluster)
    bias, bias_error, coverage, coverage_error = summary(runs, "imputed_estimate", "imputed_covered")
    print(f"{len(runs)} runs: bias {bias:+.1%} ({bias_error:.1%}), coverage {coverage:.1%}")
    assert runs["share"].mean() == pytest.approx(0.25, abs=0.01)
    assert abs(bias) < 0.05
    assert abs(runs["imputed_estimate"].mean() / TRUTH - 1) < 0.05
    assert abs(coverage - 0.95) < 2 * coverage_error
    assert runs["imputed_std_error"].mean() < runs["complete_std_error"].mean()


@pytest.mark.slow
def test_multiplying_after_imputing_loses_it(folder: Path) -> None:
    runs = multiplied_runs(folder)
    bias, bias_error, coverage, coverage_error = summary(runs, "estimate", "covered")
    print(f"{len(runs)} runs: bias {bias:+.1%} ({bias_error:.1%}), coverage {coverage:.1%}")
    assert bias + 3 * bias_error < -0.05
    assert coverage < 0.95 - 3 * coverage_error


@pytest.mark.slow
def test_the_figures_of_the_notebook_are_those_of_the_runs(folder: Path, project: Path) -> None:
    """To a fifth of the Monte Carlo error: another machine may add up in another order."""
    found = stored_figures(
        compatible_runs(folder, None), compatible_runs(folder, "firm_id"), multiplied_runs(folder)
    )
    path = project / STORED
    if os.environ.get("SI_STORE"):
        path.write_text(HEAD + found.round(5).to_csv(index=False), "utf-8")
    kept = pd.read_csv(path, comment="#")
    assert kept[["method", "firms", "runs"]].equals(found[["method", "firms", "runs"]])
    for name in ("bias", "coverage"):
        assert (abs(kept[name] - found[name]) < found[f"{name}_error"] / 5).all(), name
        assert kept[f"{name}_error"].tolist() == pytest.approx(found[f"{name}_error"].tolist(), rel=0.1)


def stored_figures(people: pd.DataFrame, firms: pd.DataFrame, multiplied: pd.DataFrame) -> pd.DataFrame:
    """Bias and coverage, a row a method; firms: how many of them, 0 for people without firms."""
    ways = [
        ("complete cases", 0, people, "complete_estimate", "complete_covered"),
        ("impute, then multiply", 0, multiplied, "estimate", "covered"),
        ("SMC-FCS", 0, people, "imputed_estimate", "imputed_covered"),
        ("complete cases", 40, firms, "complete_estimate", "complete_covered"),
        ("SMC-FCS", 40, firms, "imputed_estimate", "imputed_covered"),
    ]
    rows = [
        (method, n_firms, len(runs), *summary(runs, estimate, covered))
        for method, n_firms, runs, estimate, covered in ways
    ]
    columns = ["method", "firms", "runs", "bias", "bias_error", "coverage", "coverage_error"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.slow
@pytest.mark.parametrize("cluster", [None, "firm_id"])
def test_the_joint_test_keeps_its_level(folder: Path, cluster: str | None) -> None:
    runs = run_or_resume(
        f"nothing_{cluster}", lambda seed: nothing_to_find(seed, cluster=cluster), runs=500, folder=folder
    )
    found, error = (runs["imputed"] < 0.05).mean(), np.sqrt(0.05 * 0.95 / len(runs))
    print(f"{len(runs)} runs: {found:.1%} of true nulls rejected (Monte Carlo error {error:.1%})")
    assert found < 0.05 + 3 * error
