"""The bootstrap of alpha: the same as resampling rows, firms as wholes, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.measurement.alpha_bootstrap import bootstrap_alpha
from si_research.measurement.reliability import Missing, cronbach_alpha


def answers(n: int, seed: int, *, gaps: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1)) + rng.normal(size=(n, 4))
    x = np.where(rng.random(x.shape) < gaps, np.nan, np.clip(np.rint(3 + x), 1, 5))
    return pd.DataFrame(x, columns=list("abcd"))


@pytest.mark.parametrize("missing", ["listwise", "pairwise"])
def test_the_ends_are_those_of_resampled_rows(missing: Missing) -> None:
    """By brute force: the same rows drawn, alpha of each draw from the rows themselves."""
    items = answers(60, 1, gaps=0.05)
    kept = items.dropna(how="any" if missing == "listwise" else "all").reset_index(drop=True)
    found = bootstrap_alpha(items, seed=4, draws=200, missing=missing)
    chosen = np.random.default_rng(4).integers(len(kept), size=(200, len(kept)))
    alphas = [
        cronbach_alpha(kept.iloc[rows].reset_index(drop=True), missing=missing).alpha for rows in chosen
    ]
    np.testing.assert_allclose(
        [found.conf_low, found.conf_high], np.quantile(alphas, [0.025, 0.975]), atol=1e-10
    )


@pytest.mark.parametrize("missing", ["listwise", "pairwise"])
def test_an_item_that_everybody_answers_alike_does_not_count(missing: Missing) -> None:
    items = answers(100, 6)
    without = bootstrap_alpha(items, seed=1, draws=200, missing=missing)
    found = bootstrap_alpha(items.assign(e=3), seed=1, draws=200, missing=missing)
    assert (found.conf_low, found.conf_high) == pytest.approx((without.conf_low, without.conf_high))


def test_only_the_interval_differs() -> None:
    items = answers(100, 2)
    plain, found = cronbach_alpha(items, scale="kunnen"), bootstrap_alpha(items, seed=1, scale="kunnen")
    assert (found.alpha, found.n_used, found.scale) == (plain.alpha, plain.n_used, "kunnen")
    assert (plain.interval, found.interval) == ("Feldt", "bootstrap")
    pd.testing.assert_frame_equal(found.items, plain.items)


def test_normal_answers_have_feldts_interval() -> None:
    rng = np.random.default_rng(3)
    items = pd.DataFrame(rng.normal(size=(400, 1)) + rng.normal(size=(400, 4)))
    plain, found = cronbach_alpha(items), bootstrap_alpha(items, seed=1)
    assert found.conf_low == pytest.approx(plain.conf_low, abs=0.01)
    assert found.conf_high == pytest.approx(plain.conf_high, abs=0.01)


def test_firms_are_drawn_as_wholes() -> None:
    """Ten people who answer exactly alike are one firm: the interval is that of the firms."""
    firms = answers(80, 4)
    people = pd.DataFrame(np.repeat(firms.to_numpy(), 10, axis=0), columns=firms.columns)
    member = pd.Series(np.repeat(np.arange(80), 10))
    by_firm = bootstrap_alpha(people, seed=5, draws=1000, clusters=member)
    alone = bootstrap_alpha(firms, seed=5, draws=1000)
    assert by_firm.conf_low == pytest.approx(alone.conf_low, abs=1e-10)
    assert by_firm.conf_low < bootstrap_alpha(people, seed=5, draws=1000).conf_low - 0.02


def test_a_row_without_a_firm_is_one_by_itself() -> None:
    items = answers(80, 6)
    alone = bootstrap_alpha(items, seed=1, draws=300)
    nobody = bootstrap_alpha(items, seed=1, draws=300, clusters=pd.Series([None] * 80))
    assert nobody.conf_low == pytest.approx(alone.conf_low, abs=1e-12)


def test_the_seed_decides() -> None:
    items = answers(80, 6)
    first, again, other = (bootstrap_alpha(items, seed=seed, draws=300).conf_low for seed in (1, 1, 2))
    assert first == again != other


def test_what_cannot_be_resampled_is_refused() -> None:
    items = answers(80, 6)
    with pytest.raises(ModelSpecificationError, match="200 draws"):
        bootstrap_alpha(items, seed=1, draws=10)
    with pytest.raises(SurveyDataError, match="5 firms"):
        bootstrap_alpha(items, seed=1, clusters=pd.Series([1, 2] * 40))
    with pytest.raises(SurveyDataError, match="index of the items"):
        bootstrap_alpha(items, seed=1, clusters=pd.Series(range(80), index=range(1, 81)))
