"""How often the tests of the power err where there is nothing to find, and find what is there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pytest

from resumable import run_or_resume
from si_research.model.forms.compensation import fit_compensation
from si_research.model.forms.power_tests import power_tests
from si_research.model.forms.profile import bootstrap_p_hat, bounded, lowest_of_rows, profile_grid, unbounded
from si_research.model.forms.rows import FormRows, form_rows
from si_research.model.forms.unreliability import error_curve
from si_research.model.forms.zero_point import percentile_ends
from si_research.simulation.worlds import World, simulate_survey

NAMES: Final = ["kunnen", "willen", "mogen"]
OUTCOME: Final = "innovative_behaviour"
UNEQUAL: Final = (0.70, 0.25, 0.05)
DRAWS: Final = 399
LEVEL: Final = 0.05
EXACT: Final = {"reliability": 1.0, "points": 81}
"""Scores without error, and hardly rounded: what shows is true."""
HARSH: Final = {"mean": 4.1, "outcome_mean": 4.2, "halo": 0.4}
COLUMNS: Final = ["situation", "people", "firms", "figure", "runs", "found", "error"]
HEAD: Final = """\
# Made up, nobody's answers: simulated by tests/model/forms/test_forms_size.py; worlds of si_research.
# p = 1, p = 0: share of surveys in which that power is rejected (p at most .05). covered: share in which the
# 95 % interval over firms holds the true power, where scores have no error. p_hat, 5 %, 50 %, 95 %:
# percentiles of the power that fits best; without error: corrected by the true reliability. error: Monte
# Carlo error of a share. Made by
# SI_STORE=1 SI_RUNS=folder pytest -m slow -n 0 tests/model/forms/test_forms_size.py
"""


@dataclass(frozen=True, slots=True)
class Situation:
    """A world, the true power, the tests whose null holds in it, and whether error is taken off the power."""

    world: World
    truth: float
    nulls: tuple[float, ...] = ()
    firms: bool = True
    corrected: bool = False
    runs: int = 150


def _world(form: str, people: int, firms: int, **options: object) -> World:
    return World(form=form, n_employees=people, n_firms=firms, **options)


SITUATIONS: Final = {
    "additive": Situation(_world("additive", 1500, 60), 1, (1,), runs=300),
    "additive, unequal weights": Situation(_world("additive", 1500, 60, weights=UNEQUAL), 1, (1,), runs=300),
    "additive, 600 people": Situation(_world("additive", 600, 60), 1, (1,), runs=300),
    "additive, unequal weights, 600 people": Situation(
        _world("additive", 600, 60, weights=UNEQUAL), 1, (1,), runs=300
    ),
    "additive, 15 firms": Situation(_world("additive", 600, 15), 1, (1,), runs=300),
    "additive, without firms": Situation(_world("additive", 600, 1, icc=0.0), 1, (1,), firms=False, runs=300),
    "additive, 15 firms, at the ceiling, halo": Situation(
        _world("additive", 1500, 15, **HARSH), 1, (1,), runs=300
    ),
    "additive, exact": Situation(_world("additive", 1000, 60, **EXACT), 1, (1,), runs=300),
    "geometric, exact": Situation(_world("geometric", 1000, 60, **EXACT), 0, (0,)),
    "geometric, unequal weights, exact": Situation(
        _world("geometric", 1000, 60, weights=(0.5, 0.3, 0.2), **EXACT), 0, (0,)
    ),
    "nothing": Situation(_world("nothing", 1500, 60), np.nan, (1, 0)),
    "minimum, 600 people": Situation(_world("minimum", 600, 60), -np.inf),
    "minimum": Situation(_world("minimum", 1500, 60), -np.inf, corrected=True),
    "harmonic": Situation(_world("harmonic", 1500, 60), -1, corrected=True),
    "product": Situation(_world("product", 1500, 60), 0, corrected=True),
    "concave": Situation(_world("concave", 1500, 60), np.nan),
    "convex": Situation(_world("convex", 1500, 60), np.nan),
}


def made(of: Situation, seed: int) -> pd.DataFrame:
    answers, items = simulate_survey(of.world, seed=seed), range(1, of.world.n_items + 1)
    scores = {
        name: answers[[f"{name}_{item:02d}" for item in items]].mean(axis=1) for name in (*NAMES, OUTCOME)
    }
    return pd.DataFrame(scores).assign(firm_id=answers["firm_id"])


def rows_of(scores: pd.DataFrame, of: Situation) -> FormRows:
    return form_rows(
        scores,
        outcome=OUTCOME,
        predictors=NAMES,
        controls=(),
        cluster="firm_id" if of.firms else None,
        ends=None,
        where="a simulation",
    )


def one_run(of: Situation, seed: int) -> dict[str, float]:
    """What a user would get of one survey; its parts that cost time and are not looked at are left out."""
    rows = rows_of(made(of, seed), of)
    x, y, controls, firms = rows.x01, rows.y, rows.controls, rows.firms
    tests = power_tests(x, y, controls, firms, draws=DRAWS, seed=seed)
    p = tests.loc[tests["recommended"], "p_value"]
    grid = profile_grid(x, y)
    found = {
        "p = 1": float(p[1.0]),
        "p = 0": float(p[0.0]),
        "u": float(lowest_of_rows(bounded(grid.p), grid.rss[None])[0]),
    }
    if of.corrected:
        curve = error_curve(x, np.full(3, of.world.reliability), seed=seed)
        found["back"] = float(bounded(curve.back(float(unbounded(found["u"])))))
    if of.world.reliability < 1:
        return found
    low, high = percentile_ends(bootstrap_p_hat(x, y, firms, draws=DRAWS, seed=seed), 0.95)
    return found | {"low": float(bounded(low)), "high": float(bounded(high))}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs are kept when SI_RUNS names no folder: the tests of this file share them."""
    return tmp_path_factory.mktemp("runs")


def figures(folder: Path, situation: str) -> pd.DataFrame:
    """Return a row a figure of one situation."""
    of = SITUATIONS[situation]
    name = "forms_" + "".join(sign if sign.isalnum() else "_" for sign in situation)
    runs = run_or_resume(name, lambda seed: one_run(of, seed), runs=of.runs, folder=folder)
    shares = {null: float((runs[null] <= LEVEL).mean()) for null in ("p = 1", "p = 0")}
    if of.world.reliability == 1:
        truth = float(bounded(of.truth))
        shares["covered"] = float(((runs["low"] <= truth) & (truth <= runs["high"])).mean())
    rows = [(figure, share, np.sqrt(share * (1 - share) / len(runs))) for figure, share in shares.items()]
    for column, name in (("u", "p_hat"), ("back", "p_hat without error"))[: 1 + of.corrected]:
        ends = np.quantile(runs[column], [0.05, 0.5, 0.95])
        rows += [
            (f"{name}, {share} %", float(unbounded(u)), np.nan)
            for share, u in zip((5, 50, 95), ends, strict=True)
        ]
    head = {
        "situation": situation,
        "people": of.world.n_employees,
        "firms": of.world.n_firms if of.firms else 0,
    }
    table = pd.DataFrame(rows, columns=["figure", "found", "error"])
    return table.assign(**head, runs=len(runs))[COLUMNS]


def found_in(table: pd.DataFrame, figure: str) -> tuple[float, float]:
    row = table.set_index("figure").loc[figure]
    return float(row["found"]), float(row["error"])


def test_one_run_has_the_figures_that_a_user_gets() -> None:
    of = SITUATIONS["geometric, exact"]
    found = fit_compensation(made(of, 3), cluster="firm_id", draws=DRAWS, seed=3)
    run = one_run(of, 3)
    assert run["p = 1"] == found.p_value(1)
    assert run["p = 0"] == found.p_value(0)
    expected = bounded(np.array([found.p_hat, found.boot_low, found.boot_high]))
    assert [run["low"], run["high"]] == pytest.approx(expected[1:].tolist())
    assert run["u"] == pytest.approx(expected[0], abs=0.01)  # by a parabola, here


@pytest.mark.slow
@pytest.mark.parametrize("situation", SITUATIONS)
def test_figures_of(folder: Path, situation: str) -> None:
    """Where a null holds it is rejected in 3 to 8 % of surveys, within two Monte Carlo errors."""
    table = figures(folder, situation)
    print("\n", table.round(4).to_string())
    for null in SITUATIONS[situation].nulls:
        found, error = found_in(table, f"p = {null:g}")
        assert 0.03 - 2 * error <= found <= 0.08 + 2 * error


@pytest.mark.slow
def test_a_minimum_is_told_from_a_mean_with_600_people(folder: Path) -> None:
    for situation in ("minimum, 600 people", "minimum"):
        found, error = found_in(figures(folder, situation), "p = 1")
        assert found >= 0.95 - 2 * error


@pytest.mark.slow
@pytest.mark.parametrize("situation", ["additive, exact", "geometric, exact"])
def test_the_interval_over_firms_holds_the_truth_where_scores_have_no_error(
    folder: Path, situation: str
) -> None:
    found, error = found_in(figures(folder, situation), "covered")
    assert 0.92 - 2 * error <= found <= 0.98 + 2 * error


@pytest.mark.slow
def test_error_in_the_scores_pulls_the_power_towards_1(folder: Path) -> None:
    """As stated of reliability .8: a minimum shows at about -3.5, a harmonic mean at 0 to .25."""
    assert -5 < found_in(figures(folder, "minimum"), "p_hat, 50 %")[0] < -2
    assert -0.5 < found_in(figures(folder, "harmonic"), "p_hat, 50 %")[0] < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("situation", [name for name, of in SITUATIONS.items() if of.corrected])
def test_without_error_the_power_lies_nearer_to_the_truth(folder: Path, situation: str) -> None:
    table, truth = figures(folder, situation), float(bounded(SITUATIONS[situation].truth))
    shown, back = (
        abs(float(bounded(found_in(table, f"{name}, 50 %")[0])) - truth)
        for name in ("p_hat", "p_hat without error")
    )
    assert back < shown * 0.75


@pytest.mark.slow
def test_the_stored_figures_are_those_of_the_runs(folder: Path, project: Path) -> None:
    """To a fifth of the Monte Carlo error: another machine may add up in another order."""
    found = pd.concat([figures(folder, situation) for situation in SITUATIONS], ignore_index=True)
    path = project / "data/simulations/forms.csv"
    if os.environ.get("SI_STORE"):
        path.write_text(HEAD + found.round(5).to_csv(index=False), "utf-8")
    kept = pd.read_csv(path, comment="#")
    heads = ["situation", "people", "firms", "figure", "runs"]
    assert kept[heads].equals(found[heads])
    shares = found["error"].notna()
    assert (abs(kept["found"] - found["found"])[shares] <= np.sqrt(0.25 / found["runs"][shares]) / 5).all()
    apart = abs(bounded(kept["found"][~shares].to_numpy()) - bounded(found["found"][~shares].to_numpy()))
    assert (apart <= 0.01).all()
