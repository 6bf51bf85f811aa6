"""Permutation p against R's NCA 5.0.1, and drawn records against shuffling and going through all orders."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare, ks_2samp

from nca_cases import cases, described, number, option
from si_research.errors import ModelSpecificationError
from si_research.model.necessity.ceiling_fits import Scope, data_scope
from si_research.model.necessity.ceilings import ce_fdh_effect, cr_fdh_effect
from si_research.model.necessity.necessity import describe_necessity
from si_research.model.necessity.permutation import permutation_test
from si_research.model.necessity.records import drawn_effects

EXACT = "example_six_rows_all_720_permutations"
CLAIMED = {
    *("example_perm_10000_seed123", "example_perm_corner4_2000_seed7", "likert_perm_2000_seed1"),
    EXACT,
}
MONTE_CARLO_SETS = 3.3
"""p within its accuracy for all twelve at once: their margin is that of 95 %, this one of 99.8 % each."""


@pytest.mark.parametrize("name", sorted(CLAIMED))
def test_p_within_its_accuracy(shared: Path, name: str) -> None:
    case = cases(shared, "nca_permutation.json")[name]
    exact = name == EXACT
    draws = 720 if exact else 40_000
    tests = permutation_test(described(shared, case, ["ce_fdh", "cr_fdh"]), draws=draws, seed=1).tests
    assert (tests["method"] == ("all orders" if exact else "records")).all()
    for condition, ceilings in case["result"]["tests"].items():
        for ceiling, theirs in ceilings.items():
            row = tests.loc[(condition, ceiling)]
            margin = number(theirs["p_accuracy"]) * MONTE_CARLO_SETS / 1.96
            assert row["p_value"] == pytest.approx(
                number(theirs["p_value_with_tolerance_1e_9"]), abs=margin + 1e-12
            )
            if exact:
                assert row["p_accuracy"] == 0
                assert row["threshold"] == pytest.approx(number(theirs["threshold_value"]), abs=1e-9)
    assert option(case["call"], r"test\.rep = (\d+)")


def made(n: int, levels_x: int | None, levels_y: int | None, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    columns = []
    for levels in (levels_x, levels_y):
        scores = rng.normal(size=n)
        columns.append(scores if levels is None else np.round(scores * levels) / levels)
    return columns[0], columns[1]


def shuffled(x: np.ndarray, y: np.ndarray, scope: Scope, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Effects by brute force: the outcomes put in the order of random keys."""
    rng = np.random.default_rng(1)
    ends = (scope.x_low, scope.x_high, scope.y_low, scope.y_high)
    parts = []
    for start in range(0, draws, 500):
        keys = rng.random((min(500, draws - start), len(y)), dtype=np.float32)
        orders = y[np.argsort(keys, axis=1)]
        parts.append((ce_fdh_effect(x, orders, *ends), cr_fdh_effect(x, orders, *ends)))
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))  # type: ignore[return-value]


def compare_with_shuffling(n: int, levels_x: int | None, levels_y: int | None, draws: int) -> float:
    """Return the smaller p, of steps and lines, that drawn and shuffled effects are distributed alike."""
    x, y = made(n, levels_x, levels_y, seed=n)
    own = data_scope(x, y)
    scope = Scope(own.x_low - 0.1, own.x_high, own.y_low, own.y_high + 0.2)
    records = drawn_effects(x, y, scope, draws, seed=2)
    pairs = zip((records.ce_fdh, records.cr_fdh), shuffled(x, y, scope, draws), strict=True)
    return min(float(ks_2samp(ours.round(9), brute.round(9)).pvalue) for ours, brute in pairs)


TIES = [(None, None), (2, None), (None, 2), (2, 2)]


@pytest.mark.parametrize(("levels_x", "levels_y"), TIES)
@pytest.mark.parametrize("n", [20, 100])
def test_records_follow_the_distribution_of_shuffling(
    n: int, levels_x: int | None, levels_y: int | None
) -> None:
    assert compare_with_shuffling(n, levels_x, levels_y, 20_000 if n == 20 else 5_000) > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize(("levels_x", "levels_y"), TIES)
@pytest.mark.parametrize("n", [20, 100, 1_000])
def test_records_follow_the_distribution_of_20000_shufflings(
    n: int, levels_x: int | None, levels_y: int | None
) -> None:
    assert compare_with_shuffling(n, levels_x, levels_y, 20_000) > 1e-3


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1, 1, 2, 2, 2, 3, 4], [1, 2, 2, 3, 3, 3, 4]),
        ([1, 2, 3, 4, 5, 6], [1, 2, 3, 3, 6, 6]),
        ([1, 1, 1, 2, 2, 3], [1, 2, 3, 4, 5, 6]),
    ],
)
def test_records_are_as_frequent_as_among_all_orders(x: list[float], y: list[float]) -> None:
    """Also the straight line, which turns on how many people share a peer's place."""
    scope = data_scope(np.array(x, dtype="float64"), np.array(y, dtype="float64"))
    orders = np.array(list(permutations(y)))
    drawn = drawn_effects(np.array(x, dtype="float64"), np.array(y, dtype="float64"), scope, 40_000, seed=3)
    ends = (scope.x_low, scope.x_high, scope.y_low, scope.y_high)
    for effects, ours in (
        (ce_fdh_effect(x, orders, *ends), drawn.ce_fdh),
        (cr_fdh_effect(x, orders, *ends), drawn.cr_fdh),
    ):
        values, counts = np.unique(effects.round(8), return_counts=True)
        found = np.searchsorted(values, ours.round(8) - 1e-7)
        np.testing.assert_allclose(values[found], ours, atol=1e-6)
        observed = np.bincount(found, minlength=len(values))
        assert chisquare(observed, counts / counts.sum() * len(ours)).pvalue > 1e-3


@settings(max_examples=10)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=3, max_size=25),
    st.integers(0, 2**20),
)
def test_drawn_effects_lie_between_none_and_all(people: list[tuple[int, int]], seed: int) -> None:
    x, y = (np.array(column, dtype="float64") for column in zip(*people, strict=True))
    found = drawn_effects(x, y, Scope(0, 5, 0, 5), 50, seed)
    assert ((found.ce_fdh >= 0) & (found.ce_fdh <= 1)).all()
    assert ((found.cr_fdh >= 0) & (found.cr_fdh <= 1)).all()


@pytest.fixture
def firms() -> pd.DataFrame:
    """Six firms: people of higher firms have more of both, and within firms nothing goes with anything."""
    rng = np.random.default_rng(3)
    level = np.repeat(np.arange(6), 20)
    scores = {"kunnen": level + rng.random(120), "innovative_behaviour": level + rng.random(120)}
    return pd.DataFrame({**scores, "firm": np.char.add("f", level.astype(str))})


def test_within_firms_differences_between_firms_are_no_evidence(firms: pd.DataFrame) -> None:
    found = describe_necessity(firms, predictors=["kunnen"], cluster="firm")
    over, within = (
        permutation_test(found, draws=400, seed=1, within_firms=inside).tests for inside in (False, True)
    )
    assert (over["p_value"] < 0.01).all()
    assert (within["p_value"] > 0.05).all()
    assert (within["method"] == "within firms").all()
    mixed = describe_necessity(firms.sample(frac=1, random_state=1), predictors=["kunnen"], cluster="firm")
    again = permutation_test(mixed, draws=400, seed=1, within_firms=True).tests
    pd.testing.assert_frame_equal(again, within)


def test_within_one_firm_as_over_people(firms: pd.DataFrame) -> None:
    found = describe_necessity(firms.iloc[:40].assign(firm="one"), predictors=["kunnen"], cluster="firm")
    over, within = (
        permutation_test(found, draws=8_000, seed=1, within_firms=inside).tests["p_value"]
        for inside in (False, True)
    )
    np.testing.assert_allclose(over, within, atol=0.03)


def test_holm_is_over_the_conditions_of_a_ceiling_and_no_order_of_rows_matters(firms: pd.DataFrame) -> None:
    rng = np.random.default_rng(1)
    scores = firms.assign(willen=rng.random(120), mogen=rng.random(120))
    tests = permutation_test(describe_necessity(scores), draws=999, seed=5).tests
    p = tests["p_value"].xs("ce_fdh", level="ceiling")
    assert tests.loc[("kunnen", "ce_fdh"), "p_holm"] == pytest.approx(3 * p["kunnen"])
    again = permutation_test(describe_necessity(scores.iloc[::-1]), draws=999, seed=5).tests
    pd.testing.assert_frame_equal(tests, again)


def test_nothing_to_draw_from_is_named(firms: pd.DataFrame) -> None:
    flat = describe_necessity(firms.assign(kunnen=3.0), predictors=["kunnen"], cluster="firm")
    tests = permutation_test(flat, draws=199, seed=1).tests
    assert (tests["note"] == "no_variance").all()
    assert tests["p_value"].isna().all()
    alone = firms.assign(firm=[f"f{i}" for i in range(120)])
    found = describe_necessity(alone, predictors=["kunnen"], cluster="firm")
    tests = permutation_test(found, draws=199, seed=1, within_firms=True).tests
    assert (tests["note"] == "nothing_to_shuffle").all()
    assert (tests["p_value"] == 1).all()


def test_what_has_no_test_is_refused(firms: pd.DataFrame) -> None:
    found = describe_necessity(firms, predictors=["kunnen"], ceilings=["c_lp"])
    with pytest.raises(ModelSpecificationError, match="ce_fdh, cr_fdh"):
        permutation_test(found, seed=1)
    found = describe_necessity(firms, predictors=["kunnen"])
    for wrong in ({"draws": 10}, {"seed": "today"}, {"within_firms": True}, {"within_firms": "yes"}):
        with pytest.raises(ModelSpecificationError):
            permutation_test(found, **{"seed": 1, **wrong})
