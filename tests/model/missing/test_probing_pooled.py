"""Probing of filled-in tables: every combination is that of Rubin's rules over the tables, one by one.

Relative tolerance 1e-9: the same sums in another order.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from si_research.model.corners import corner_comparison
from si_research.model.inference import covariance
from si_research.model.interaction import fit_interaction, regress
from si_research.model.johnson_neyman import johnson_neyman
from si_research.model.missing.impute import impute_scores
from si_research.model.missing.imputed import ImputedScores
from si_research.model.missing.pool import PooledInteraction, pool_interaction
from si_research.model.missing.pooling import pool_estimates
from si_research.model.probing import effect_weights, simple_slopes
from si_research.model.significance_map import significance_map
from si_research.model.slope_differences import slope_differences
from si_research.simulation.worlds import simulate_scores

SAME = 1e-9
AT = {"willen": [2.0, 4.0], "mogen": [2.5]}


@pytest.fixture(scope="module")
def imputed() -> ImputedScores:
    scores = simulate_scores(240, three_way=0.2, n_firms=16, seed=1)
    scores.loc[scores["innovative_behaviour"] > 3.2, "kunnen"] = np.nan
    return impute_scores(scores, cluster="firm_id", imputations=8, iterations=10, seed=1)


@pytest.fixture(scope="module")
def pooled(imputed: ImputedScores) -> PooledInteraction:
    return pool_interaction(imputed)


def by_hand(imputed: ImputedScores, pooled: PooledInteraction, weights: np.ndarray) -> pd.Series:
    """The combination in every completed table by itself, then pooled as one number."""
    values, variances = [], []
    for table in imputed.tables():
        fit = regress(table, pooled.roles, centres=pooled.centres)
        values.append(float(weights @ fit.estimate))
        variances.append([float(weights @ covariance(fit, "CR3 jackknife") @ weights)])
    found = pool_estimates(pd.DataFrame({"it": values}), variances, df_complete=15)
    return found.coefficients.loc["it"]


def test_simple_slopes_and_their_differences(imputed: ImputedScores, pooled: PooledInteraction) -> None:
    slopes = simple_slopes(pooled, of="kunnen", at=AT)
    points = [{"willen": w, "mogen": 2.5} for w in (2.0, 4.0)]
    weights = [effect_weights(pooled, ("kunnen",), point) for point in points]
    differences = slope_differences(pooled, of="kunnen", at={"willen": (2.0, 4.0), "mogen": (2.5, 4.0)})
    rows = [slopes.iloc[0], slopes.iloc[1]]
    pair = differences.differences.query("first == 'high low' and second == 'low low'")
    assert len(pair) == 1
    rows.append(pair.iloc[0])
    weights.append(weights[1] - weights[0])
    for row, c in zip(rows, weights, strict=True):
        hand = by_hand(imputed, pooled, c)
        for column in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
            assert row[column] == pytest.approx(hand[column], rel=SAME), column
    assert slopes["df"].nunique() == 2


def test_corners_and_the_map(imputed: ImputedScores, pooled: PooledInteraction) -> None:
    found = corner_comparison(pooled, smallest_difference=0.25)
    assert len(found.corners) == 8
    assert found.corners["df"].between(1, 15).all()
    points = significance_map(pooled, of="mogen", grid=5).points
    row = points.iloc[7]
    at = {name: float(row[name]) for name in ("kunnen", "willen")}
    hand = by_hand(imputed, pooled, effect_weights(pooled, ("mogen",), at))
    assert (row["estimate"], row["df"]) == pytest.approx((hand["estimate"], hand["df"]), rel=SAME)


def test_johnson_neyman_takes_the_fewest_degrees_of_freedom(
    imputed: ImputedScores, pooled: PooledInteraction
) -> None:
    found = johnson_neyman(pooled, of="kunnen:willen", over="mogen")
    start, end = (effect_weights(pooled, ("kunnen", "willen"), {"mogen": value}) for value in (0.0, 1.0))
    values = np.linspace(-40, 40, 4001)
    along = pooled.combination_df(start + np.outer(values, end - start))
    fewest = float(stats.t.sf(found.lines["critical"].iloc[0], along.min()) * 2)
    assert fewest == pytest.approx(0.05, abs=1e-5)
    row = found.curve.iloc[20]
    hand = by_hand(imputed, pooled, start + row["mogen"] * (end - start))
    assert (row["estimate"], row["std_error"]) == pytest.approx(
        (hand["estimate"], hand["std_error"]), rel=SAME
    )


def test_tables_without_differences_give_the_fit_itself() -> None:
    """Where nothing is missing but one score of no weight, the pooled slopes are nearly those of the fit."""
    scores = simulate_scores(300, three_way=0.2, n_firms=20, seed=3)
    plain = fit_interaction(scores, cluster="firm_id")
    scores.loc[0, "kunnen"] = np.nan
    pooled = pool_interaction(impute_scores(scores, cluster="firm_id", imputations=6, iterations=10, seed=1))
    ours, theirs = (simple_slopes(each, of="kunnen", at=AT) for each in (pooled, plain))
    np.testing.assert_allclose(ours["estimate"], theirs["estimate"], atol=0.02)
    np.testing.assert_allclose(ours["df"], 19 * 20 / 22, rtol=0.05)  # Barnard-Rubin's d(d + 1)/(d + 3)
