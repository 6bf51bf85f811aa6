"""How often the verdict is right, and how often it claims what is not so, in worlds whose truth is known.

Resumable: SI_RUNS=folder pytest -m slow -n 0 tests/model/verdict/test_error_rates.py
With SI_STORE=1 the figures of the runs are stored in the package, where the report reads them.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from resumable import run_or_resume
from si_research.model.verdict.error_table import COLUMNS, error_table
from si_research.model.verdict.rule import VERDICTS, decide
from si_research.model.verdict.verdict import reach_verdict
from si_research.simulation.worlds import simulate_world_scores
from verdict_worlds import (
    CLAIMS,
    COMPENSATING,
    DRAWS,
    FIRM,
    FORMS,
    NAMES,
    OUTCOME,
    RIGHT,
    RUNS,
    WORLDS,
    evidence_in,
    first_rule,
    flat,
    whole,
)

FALSE = (*COMPENSATING, "additive, weights .70/.25/.05", "nothing")
HEAD = """\
# Made up, nobody's answers: simulated by tests/model/verdict/test_error_rates.py, worlds in
# tests/verdict_worlds.py. Share of surveys with each verdict. 1,500 people in 60 unequal firms, ICC .05,
# four 5-point items a scale, R2 .35, reliability .8, but for what situation says. right: share with one of
# right_verdicts; error: its Monte Carlo error; first_right: the same by the clauses that were proposed
# first, in the same surveys.
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs are kept when SI_RUNS names no folder: the tests of this file share them."""
    return tmp_path_factory.mktemp("runs")


def runs_of(folder: Path, place: tuple[str, str]) -> pd.DataFrame:
    words = "".join(sign if sign.isalnum() else "_" for sign in " ".join(place))
    return run_or_resume(
        f"verdict_{words}", lambda seed: flat(evidence_in(WORLDS[place], seed)), runs=RUNS, folder=folder
    )


def figures(folder: Path, place: tuple[str, str]) -> dict[str, object]:
    """Return the row of one world."""
    runs, right = runs_of(folder, place), RIGHT[place[0]]
    found = [whole({str(name): number for name, number in row.items()}) for _, row in runs.iterrows()]
    codes = pd.Series([decide(evidence).code for evidence in found])
    first = pd.Series([first_rule(evidence) for evidence in found])
    share = float(codes.isin(right).mean())
    return {
        "world": place[0],
        "situation": place[1],
        "runs": len(runs),
        "right_verdicts": " or ".join(right),
        "right": share,
        "error": float(np.sqrt(share * (1 - share) / len(runs))),
        **{code: float((codes == code).mean()) for code in VERDICTS if code != "refused"},
        "first_right": float(first.isin(right).mean()),
    }


def test_one_run_has_the_verdict_that_a_user_gets() -> None:
    """Whatever a run takes a shorter road to."""
    world = FORMS["product"]
    known = dict.fromkeys((*NAMES, OUTCOME), world.reliability)
    scores = simulate_world_scores(world, seed=3)
    verdict = reach_verdict(scores, cluster=FIRM, reliability=known, draws=DRAWS, seed=3)
    evidence = evidence_in(world, 3)
    assert verdict.numbers is not None
    assert decide(evidence).code == verdict.code
    for name in ("relation_p", "joint_p", "p_hat_above", "p_hat_below", "mean_behind", "necessity_of_two"):
        assert getattr(evidence, name) == pytest.approx(getattr(verdict.numbers, name)), name
    # people stand in another order there, so that other draws are taken
    assert evidence.necessity == pytest.approx(verdict.numbers.necessity, abs=0.1)
    assert replace(whole(flat(evidence)), reliability=evidence.reliability) == evidence


def test_the_stored_table_is_whole() -> None:
    """Every world has its row, shares add up, and Monte Carlo errors are those of so many runs."""
    table = error_table()
    assert set(table.index) == set(WORLDS)
    assert (table["runs"] == RUNS).all()
    shares = table[[code for code in VERDICTS if code != "refused"]]
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-3)
    error = np.sqrt(table["right"] * (1 - table["right"]) / table["runs"])
    assert table["error"].to_numpy() == pytest.approx(error.to_numpy(), abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("place", WORLDS, ids=" - ".join)
def test_figures_of(folder: Path, place: tuple[str, str]) -> None:
    row = figures(folder, place)
    print("\n", row)
    if place[0] in FALSE:
        bound = 0.02 if place[1] == "usual" else 0.04
        for claim in CLAIMS:
            room = 2 * np.sqrt(bound * (1 - bound) / float(str(row["runs"])))
            assert float(str(row[claim])) <= bound + room, claim


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "least"),
    [("additive, equal weights", 0.75), ("product", 0.75), ("minimum", 0.90), ("nothing", 0.90)],
)
def test_the_usual_worlds_are_recognised(folder: Path, form: str, least: float) -> None:
    row = figures(folder, (form, "usual"))
    assert row["right"] >= least  # type: ignore[operator]
    if form == "product":
        assert row["compensating"] <= 0.12  # type: ignore[operator]


@pytest.mark.slow
def test_the_stored_figures_are_those_of_the_runs(folder: Path, project: Path) -> None:
    """To chance: the file may hold fewer runs, and another machine may add up in another order."""
    found = pd.DataFrame([figures(folder, place) for place in WORLDS])[COLUMNS]
    if os.environ.get("SI_STORE"):
        path = project / "src/si_research/model/verdict/error_rates.csv"
        path.write_text(HEAD + found.round(4).to_csv(index=False), "utf-8")
    kept = error_table().reset_index()[COLUMNS]
    assert kept[["world", "situation"]].equals(found[["world", "situation"]])
    for name in ("right", *(code for code in VERDICTS if code != "refused"), "first_right"):
        room = 3 * np.sqrt(found[name] * (1 - found[name]) / kept["runs"]) + 2 / kept["runs"]
        assert (abs(kept[name] - found[name]) <= room).all(), name
