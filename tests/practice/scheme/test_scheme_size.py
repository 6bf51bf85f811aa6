"""How often a scheme is found that works, or that does not, and whether its intervals hold the truth.

Resumable: SI_RUNS=folder pytest -m slow -n 0 tests/practice/scheme/test_scheme_size.py
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from made_schemes import NAMES, made_scheme
from resumable import run_or_resume
from si_research.model.holm import holm
from si_research.practice.scheme.difference import same_firms, seen_twice, two_by_two
from si_research.practice.scheme.estimates import TWO_WAY
from si_research.practice.scheme.fixed_effects import CR1S, CR2, WILD
from si_research.practice.scheme.lottery import drawn_firms, intention_to_treat
from si_research.practice.scheme.panel import SchemeRoles, scheme_panel
from si_research.practice.scheme.staggered import staggered_effects

pytestmark = pytest.mark.slow
RUNS, STAGGERED_RUNS, DRAWS = 1000, 400, 199
LIFT, LEVEL = 0.3, 0.05
ROLES = SchemeRoles("firm", "wave", treated="scheme")
STARTS = SchemeRoles("firm", "wave", start="start", weighting="firm")
GROWTH, WAVES = 0.1, 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs are kept when SI_RUNS names no folder."""
    return tmp_path_factory.mktemp("runs")


def within(row: pd.Series, truth: float) -> float:
    return float(row["conf_low"] <= truth <= row["conf_high"])


def one_run(seed: int, lift: float) -> dict[str, float]:
    """Return what is found of a scheme for 30 of 60 firms in two waves, by 2x2 and as a lottery."""
    scores = made_scheme(effects={"mogen": lift}, seed=seed + (1_000_000 if lift == 0 else 0))
    panel = scheme_panel(scores, ROLES, NAMES)
    found: dict[str, float] = {}
    p = {}
    for name in NAMES:
        truth = lift if name == "mogen" else 0.0
        methods = (CR1S, CR2, WILD) if name == "mogen" else (CR1S,)
        rows = two_by_two(same_firms(panel, name), draws=DRAWS, seed=seed, methods=methods)
        rows = rows.set_index("method")
        p[name] = float(rows.loc[CR1S, "p_value"])
        for method in methods:
            found[f"{name}|{method}|p"] = float(rows.loc[method, "p_value"])
            found[f"{name}|{method}|within"] = within(rows.loc[method], truth)
    found |= {f"{name}|holm": value for name, value in zip(NAMES, holm(list(p.values())), strict=True)}
    lots = intention_to_treat(drawn_firms(panel, "mogen"), draws=DRAWS, seed=seed).set_index("method")
    for label, row in (("lots", lots.iloc[-1]), ("lots CR1S", lots.loc[CR1S])):
        found |= {f"mogen|{label}|p": float(row["p_value"]), f"mogen|{label}|within": within(row, lift)}
    return found


def shares(values: pd.Series) -> tuple[float, float]:
    """Return a share and its Monte Carlo error."""
    share = float(values.mean())
    return share, float(np.sqrt(share * (1 - share) / len(values)))


def shown(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the share of rejections and of intervals that hold the truth, a row an outcome and method."""
    rows = {}
    for name in [column.removesuffix("|p") for column in runs if column.endswith("|p")]:
        rejected, error = shares(runs[f"{name}|p"] <= LEVEL)
        held, held_error = shares(runs[f"{name}|within"])
        rows[name] = [rejected, error, held, held_error, len(runs)]
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["p<=.05", "error", "held", "error_", "runs"]
    )
    print(table.round(4).to_string())
    return table


def test_a_lift_of_mogen_is_found_on_mogen_and_not_elsewhere(folder: Path) -> None:
    runs = run_or_resume("scheme_lift", lambda seed: one_run(seed, LIFT), runs=RUNS, folder=folder)
    table = shown(runs)
    print("Holm:", {name: shares(runs[f"{name}|holm"] <= LEVEL) for name in NAMES})
    assert (runs["mogen|holm"] <= LEVEL).mean() > 0.9
    others = table.loc[[name for name in table.index if not name.startswith("mogen")]]
    assert 0.035 <= others["p<=.05"].mean() <= 0.065  # 3,000 tests; one outcome alone has an error of .007
    assert (others["p<=.05"] - 2 * others["error"] <= 0.065).all()
    any_other = runs[[f"{name}|holm" for name in NAMES if name != "mogen"]].min(axis=1) <= LEVEL
    assert any_other.mean() <= 0.065
    assert table["held"].between(0.93, 0.97).all()


def test_a_scheme_that_does_nothing_is_rarely_found(folder: Path) -> None:
    runs = run_or_resume("scheme_none", lambda seed: one_run(seed, 0.0), runs=RUNS, folder=folder)
    table = shown(runs)
    assert table["p<=.05"].between(0.035, 0.065).all()
    assert table["held"].between(0.93, 0.97).all()


def staggered_run(seed: int) -> dict[str, float]:
    """Return the mean effect of starts in waves 1, 3 and 5, growing by a tenth a wave."""
    names = ("mogen",)
    scores = made_scheme(starts=(1, 3, 5), waves=WAVES, effects={"mogen": LIFT}, growth=GROWTH, names=names,
                         seed=seed)  # fmt: skip
    firms = seen_twice(scheme_panel(scores, STARTS, names), "mogen")
    effects = staggered_effects(firms, [str(wave) for wave in range(WAVES)])
    assert effects is not None
    row = effects.overall.iloc[0]
    plain = two_by_two(firms, label=TWO_WAY, methods=(CR1S,)).iloc[0]
    since = np.concatenate([np.arange(WAVES - start) for start in (1, 3, 5)])
    truth = LIFT + GROWTH * since.mean()
    return {
        "truth": truth,
        "estimate": float(row["estimate"]),
        "within": within(row, truth),
        "plain": float(plain["estimate"]),
        "plain_within": within(plain, truth),
    }


def test_growing_effects_of_staggered_starts_are_recovered(folder: Path) -> None:
    if find_spec("diff_diff") is None:
        assert os.environ.get("CI") != "true"
        pytest.skip("diff-diff is not installed here (extra `did`; set the environment up anew)")
    runs = run_or_resume("scheme_staggered", staggered_run, runs=STAGGERED_RUNS, folder=folder)
    print(runs.mean().round(4).to_string(), runs.std().round(4).to_string())
    truth, error = runs["truth"].iloc[0], runs["estimate"].std() / np.sqrt(len(runs))
    assert abs(runs["estimate"].mean() - truth) < 3 * error
    assert 0.92 <= runs["within"].mean() <= 0.97
    assert truth - runs["plain"].mean() > 0.05
    assert runs["plain_within"].mean() < 0.8
