"""Known worlds with measurement error: adjusted least squares finds the three-way coefficient again.

500 surveys each, resumable: SI_RUNS=folder pytest -m slow -n 0 tests/model/test_measurement_error_recovery.py
With SI_STORE=1 the figures of the runs are stored in data/simulations, where the notebook reads them.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from noisy_scores import NAMES, TRUE, items_of, noisy_answers, noisy_scores
from resumable import run_or_resume
from si_research.measurement.person_errors import person_error_variances
from si_research.measurement.reliability import cronbach_alpha
from si_research.model.interaction import fit_interaction
from si_research.model.measurement_error import correct_measurement_error

TERM = "kunnen:willen:mogen"
STORED = "data/simulations/measurement_error.csv"
HEAD = """\
# Made up, nobody's answers: simulated by tests/model/test_measurement_error_recovery.py. 2,000 people in
# 60 firms a run; true three-way coefficient .10, conditions with a standard deviation of 1.
# errors: normal, or four items from 1 to 5 a condition (their mean and spread in brackets), where alpha is
# worked out from the answers. reliability: of the scores, before answers are rounded. estimate: as measured
# (plain), corrected with errors of each person's own (for normal errors: alike), or with errors alike.
# mean and percentiles of the estimate over the runs; mean_error: Monte Carlo error; held: share of 95 %
# intervals that hold .10. Made again by
# SI_STORE=1 SI_RUNS=folder pytest -m slow -n 0 tests/model/test_measurement_error_recovery.py
"""
ITEMS = ((3.4, 0.7), (3.0, 0.6))
RELIABILITIES = (0.7, 0.8)


def of_scores(seed: int, *, reliability: float, n: int = 2000) -> dict[str, float]:
    """Normal errors, reliabilities known."""
    fit = fit_interaction(noisy_scores(n, reliability, seed=[77, seed]), cluster="firm")
    found = correct_measurement_error(fit, dict.fromkeys(NAMES, reliability))
    return compared(found.plain.loc[TERM], found.coefficients.loc[TERM], 1.0)


def compared(plain: pd.Series, corrected: pd.Series, unit: float) -> dict[str, float]:
    """Return both estimates for conditions with a standard deviation of 1, and whether the interval held."""
    return {
        "plain": float(plain["estimate"] * unit),
        "corrected": float(corrected["estimate"] * unit),
        "plain_error": float(plain["std_error"] * unit),
        "corrected_error": float(corrected["std_error"] * unit),
        "held": float(corrected["conf_low"] * unit <= TRUE <= corrected["conf_high"] * unit),
    }


def check_bounds(runs: pd.DataFrame, bias: float) -> None:
    """The stated bounds, each within two Monte Carlo errors."""
    n, off = len(runs), runs["corrected"] - TRUE
    error = runs["corrected"].std() / np.sqrt(n)
    print(
        f"\n{n} runs: bias {off.mean() / TRUE:+.1%} ({error / TRUE:.1%}), median "
        f"{off.median() / TRUE:+.1%}, interval held {runs['held'].mean():.1%}, "
        f"plain keeps {runs['plain'].mean() / TRUE:.1%}"
    )
    assert runs["corrected"].notna().all()
    assert abs(off.mean()) < bias * TRUE + 2 * error
    assert runs["held"].mean() > 0.92 - 2 * np.sqrt(0.92 * 0.08 / n)
    assert runs["plain"].mean() < 0.6 * TRUE + 2 * runs["plain"].std() / np.sqrt(n)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs are kept when SI_RUNS names no folder: the tests of this file share them."""
    return tmp_path_factory.mktemp("runs")


def normal_runs(folder: Path, reliability: float) -> pd.DataFrame:
    name = f"measurement_error_normal_{reliability}"
    return run_or_resume(name, lambda seed: of_scores(seed, reliability=reliability), runs=500, folder=folder)


def item_runs(folder: Path, reliability: float, mean: float, std_dev: float) -> pd.DataFrame:
    name = f"measurement_error_items_{reliability}_{mean}_{std_dev}"
    return run_or_resume(
        name,
        lambda seed: of_answers(seed, reliability=reliability, mean=mean, std_dev=std_dev),
        runs=500,
        folder=folder,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("reliability", "bias"), [(0.7, 0.12), (0.8, 0.06)])
def test_normal_errors(folder: Path, reliability: float, bias: float) -> None:
    check_bounds(normal_runs(folder, reliability), bias)


def of_answers(seed: int, *, reliability: float, mean: float, std_dev: float) -> dict[str, float]:
    """Four items from 1 to 5, as a user meets them: alpha and errors come from the answers.

    Estimates are for true scores with a standard deviation of 1: sqrt(alpha) times that of the scores.
    """
    answers = noisy_answers(2000, reliability, mean=mean, std_dev=std_dev, seed=[78, seed])
    scores, known, errors = answers[["innovative_behaviour", "firm"]].copy(), {}, {}
    for name in NAMES:
        items = answers[items_of(name)]
        scores[name], known[name] = items.mean(axis=1), cronbach_alpha(items).alpha
        errors[name] = person_error_variances(items)
    fit = fit_interaction(scores, cluster="firm")
    unit = float(np.prod([np.sqrt(known[name]) * fit.std_devs[name] for name in NAMES]))
    found = correct_measurement_error(fit, known, own_errors=pd.DataFrame(errors))
    alike = correct_measurement_error(fit, known)
    row = compared(found.plain.loc[TERM], found.coefficients.loc[TERM], unit)
    return row | {
        "alpha": float(np.mean(list(known.values()))),
        "alike": float(alike.coefficients.loc[TERM, "estimate"] * unit),
        "alike_held": compared(alike.plain.loc[TERM], alike.coefficients.loc[TERM], unit)["held"],
        "ends": float(answers.filter(regex=r"_\d$").isin([1, 5]).to_numpy().mean()),
    }


@pytest.mark.slow
@pytest.mark.parametrize("reliability", RELIABILITIES)
@pytest.mark.parametrize(("mean", "std_dev"), ITEMS)
def test_four_items_from_1_to_5(folder: Path, reliability: float, mean: float, std_dev: float) -> None:
    """At mean 3.4 and spread .7, as in the simulated surveys, one answer in five stands at an end."""
    runs = item_runs(folder, reliability, mean, std_dev)
    check_bounds(runs, 0.25)
    alike = runs["alike"].mean() / TRUE - 1
    print(
        f"errors taken as alike: bias {alike:+.1%}, held {runs['alike_held'].mean():.1%}; "
        f"alpha {runs['alpha'].mean():.2f}, at the ends {runs['ends'].mean():.0%}"
    )


@pytest.mark.slow
def test_the_figures_of_the_notebook_are_those_of_the_runs(folder: Path, project: Path) -> None:
    """To a fifth of the Monte Carlo error: another machine may add up in another order."""
    found = stored_figures(folder)
    path = project / STORED
    if os.environ.get("SI_STORE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(HEAD + found.round(5).to_csv(index=False), "utf-8")
    kept = pd.read_csv(path, comment="#")
    heads = ["errors", "reliability", "estimate", "runs"]
    assert kept[heads].equals(found[heads])
    numbers = found.drop(columns=heads)
    assert (abs(kept["mean"] - found["mean"]) < found["mean_error"] / 5).all()
    np.testing.assert_allclose(kept[list(numbers)], numbers, atol=0.003)


def stored_figures(folder: Path) -> pd.DataFrame:
    """Return the spread of every estimate over the runs, a row an estimate and kind of error."""
    parts = []
    for reliability in RELIABILITIES:
        worlds = {"normal": normal_runs(folder, reliability)}
        for mean, std_dev in ITEMS:
            worlds[f"items ({mean}, {std_dev})"] = item_runs(folder, reliability, mean, std_dev)
        for errors, runs in worlds.items():
            for name, held in (("plain", None), ("corrected", "held"), ("alike", "alike_held")):
                if name in runs:
                    row = {"errors": errors, "reliability": reliability, "estimate": name, "runs": len(runs)}
                    parts.append(row | spread(runs[name], None if held is None else runs[held]))
    return pd.DataFrame(parts)


def spread(estimates: pd.Series, held: pd.Series | None) -> dict[str, float]:
    places = {f"p{share:02}": float(np.percentile(estimates, share)) for share in (5, 25, 50, 75, 95)}
    error = float(estimates.std() / np.sqrt(len(estimates)))
    share = np.nan if held is None else float(held.mean())
    return {"mean": float(estimates.mean()), "mean_error": error, **places, "held": share}
