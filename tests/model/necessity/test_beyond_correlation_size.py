"""How often conditions are called necessary: where they are, and where they only add up or multiply.

Resumable: SI_RUNS=folder pytest -m slow -n 0 tests/model/necessity/test_beyond_correlation_size.py
With SI_STORE=1 the figures of the runs are stored in data/simulations.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pytest

from resumable import run_or_resume
from si_research.model.holm import holm
from si_research.model.necessity.beyond_correlation import _necessity, beyond_correlation
from si_research.model.necessity.corner_and_ceiling import People
from si_research.model.necessity.corner_deficit import closed
from si_research.simulation.worlds import CONDITIONS, World, simulate_world_scores

RUNS: Final = 200
LEVEL: Final = 0.05
OUTCOME: Final = "innovative_behaviour"
ORDER: Final = ["firm_id", OUTCOME, *sorted(CONDITIONS)]
"""Of the rows, as :func:`beyond_correlation` has them: draws are a row each."""
UNEQUAL: Final = (0.70, 0.25, 0.05)
NULL: Final = {
    "additive": World(),
    "additive, unequal weights": World(weights=UNEQUAL),
    "concave": World(form="concave"),
    "convex": World(form="convex"),
    "nothing": World(form="nothing"),
    "additive, reliability 1": World(reliability=1.0),
    "additive, 600 people in 24 firms": World(n_employees=600, n_firms=24),
}
HARSH: Final = {
    "additive, 15 firms": World(n_firms=15),
    "additive, conditions at the top": World(mean=4.1),
    "additive, outcome at its ceiling": World(outcome_mean=4.2),
    "additive, unequal weights, outcome at its ceiling": World(weights=UNEQUAL, outcome_mean=4.2),
    "concave, outcome at its ceiling": World(form="concave", outcome_mean=4.2),
    "convex, conditions at the top": World(form="convex", mean=4.1),
    "additive, halo": World(halo=0.4),
    "convex, halo": World(form="convex", halo=0.4),
    "additive, one in ten careless": World(careless=0.1),
    "additive, 15 firms, top, ceiling and halo": World(n_firms=15, mean=4.1, outcome_mean=4.2, halo=0.4),
}
COMBINED: Final = {
    "product": World(form="product"),
    "minimum": World(form="minimum"),
    "product, reliability 1": World(form="product", reliability=1.0),
}
NECESSARY: Final = {
    "floor": World(form="floor"),
    "floor, reliability .9": World(form="floor", reliability=0.9),
    "floor, reliability 1": World(form="floor", reliability=1.0),
    "floor, 600 people in 24 firms": World(form="floor", n_employees=600, n_firms=24),
    "floor, 15 firms": World(form="floor", n_firms=15),
    "floor, outcome at its ceiling": World(form="floor", outcome_mean=4.2),
    "threshold": World(form="threshold"),
}
WORLDS: Final = NULL | HARSH | COMBINED | NECESSARY
TESTS: Final = ["p_ceiling", "p_corner", "p_value"]
CORRECTED: Final = ["p_holm", "p_closed", "p_necessity"]
HEAD: Final = """\
# Made up, nobody's answers: simulated by tests/model/necessity/test_beyond_correlation_size.py, 199 draws.
# 1,500 people in 60 firms, ICC .05, reliability .8, R2 .35, where the world does not say otherwise.
# p_ceiling, p_corner, p_value: share of conditions with that p at most .05, uncorrected. holm, closed: share
# of runs with at least two conditions at .05 by Holm, and by closed testing. necessary: the same by
# p_necessity. error: the Monte Carlo error of necessary. two: share of runs with p_two at most .05. Made by
# SI_STORE=1 SI_RUNS=folder pytest -m slow -n 0 tests/model/necessity/test_beyond_correlation_size.py
"""


def one_run(world: World, seed: int) -> dict[str, float]:
    """Return every p of one survey; by arrays, which takes less time than the tables of a user."""
    scores = simulate_world_scores(world, seed=seed).sort_values(ORDER)
    x, y = scores[list(CONDITIONS)].to_numpy(), scores[OUTCOME].to_numpy()
    firms = pd.factorize(scores["firm_id"])[0]
    people = People(x, y, firms, None, [(1.0, 5.0)] * 3, (1.0, 5.0), 199, seed)
    plain, full = people.tests(products=False), people.tests(products=True)
    found, single = _necessity(plain, full), np.array([plain.p((place,)) for place in range(3)])
    columns = {
        **{name: plain.figures()[name] for name in ("p_ceiling", "p_corner")},
        "p_value": single,
        "p_holm": holm(single),
        "p_closed": closed(plain.p_any, 3),
        "p_necessity": found.each,
    }
    each = {
        f"{name}|{of}": float(p) for name in columns for of, p in zip(CONDITIONS, columns[name], strict=True)
    }
    together = {"joint": plain.p_any(plain.all), "joint_products": full.p_any(full.all), "two": found.two}
    return together | each


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs are kept when SI_RUNS names no folder: the tests of this file share them."""
    return tmp_path_factory.mktemp("runs")


def figures(folder: Path, name: str) -> pd.Series:
    """Return the row of one world."""
    words = "".join(sign if sign.isalnum() else "_" for sign in name)
    world = WORLDS[name]
    runs = run_or_resume(f"necessity_{words}", lambda seed: one_run(world, seed), runs=RUNS, folder=folder)
    found = {
        column: (runs[[f"{column}|{each}" for each in CONDITIONS]] <= LEVEL).to_numpy()
        for column in [*TESTS, *CORRECTED]
    }
    holm, closed, share = (float((found[column].sum(axis=1) >= 2).mean()) for column in CORRECTED)
    row = {"world": name, "runs": len(runs)} | {column: float(found[column].mean()) for column in TESTS}
    two = float((runs["two"] <= LEVEL).mean())
    error = float(np.sqrt(share * (1 - share) / len(runs)))
    return pd.Series(row | {"holm": holm, "closed": closed, "necessary": share, "error": error, "two": two})


def room(level: float) -> float:
    """Two Monte Carlo errors at this level."""
    return 2 * float(np.sqrt(level * (1 - level) / RUNS))


def test_one_run_has_the_p_values_that_a_user_gets() -> None:
    p = one_run(NECESSARY["floor, reliability .9"], 3)
    scores = simulate_world_scores(World(form="floor", reliability=0.9), seed=3)
    found = beyond_correlation(scores, cluster="firm_id", draws=199, seed=3)
    for column in [*TESTS, *CORRECTED]:
        each = [p[f"{column}|{name}"] for name in CONDITIONS]
        np.testing.assert_allclose(each, found.conditions[column])
    assert (p["two"], p["joint_products"]) == pytest.approx((found.p_two, found.p_joint_products))


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_figures_of(folder: Path, name: str) -> None:
    row = figures(folder, name)
    print("\n", row.to_frame().T.to_string())
    if name in NULL:
        assert row["p_value"] <= 0.06 + room(0.06)
        assert row["necessary"] <= 0.02
    if name in HARSH:
        assert row["necessary"] <= 0.04
    if name in COMBINED:
        assert row["necessary"] <= 0.02 + room(0.02)


@pytest.mark.slow
def test_necessity_is_found_under_noise_and_without(folder: Path) -> None:
    found = {name: figures(folder, name)["necessary"] for name in NECESSARY}
    assert found["floor"] > 0.30
    assert found["floor, reliability .9"] > 0.80
    assert found["floor, reliability 1"] > 0.80
    assert found["threshold"] > 0.35


@pytest.mark.slow
def test_the_stored_figures_are_those_of_the_runs(folder: Path, project: Path) -> None:
    """To a fifth of the largest Monte Carlo error: another machine may add up in another order."""
    found = pd.DataFrame([figures(folder, name) for name in WORLDS])
    path = project / "data/simulations/necessity_beyond_correlation.csv"
    shares = [*TESTS, "holm", "closed", "necessary", "two"]
    if os.environ.get("SI_STORE"):
        rounded = found.assign(**{name: found[name].astype(float).round(4) for name in [*shares, "error"]})
        path.write_text(HEAD + rounded.to_csv(index=False), "utf-8")
    kept = pd.read_csv(path, comment="#")
    assert kept["world"].tolist() == found["world"].tolist()
    assert kept["runs"].tolist() == found["runs"].tolist()
    np.testing.assert_allclose(kept[shares], found[shares].astype(float), atol=np.sqrt(0.25 / RUNS) / 5)
