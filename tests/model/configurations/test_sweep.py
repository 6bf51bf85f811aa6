"""Anchors and cut-offs moved: each variant is the analysis with these anchors and cut-offs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError
from si_research.model.configurations.configurations import Configurations, fit_configurations
from si_research.model.configurations.sweep import ConfigurationSweep, sweep_configurations
from si_research.model.configurations.truth_table import CutOffs
from si_research.simulation.worlds import simulate_scores

Y = "innovative_behaviour"


def rounded(n: int = 200) -> pd.DataFrame:
    """Scores in steps of a quarter, as means of four items are."""
    scores = simulate_scores(n, main=0.5, two_way=0.1, three_way=0.1, seed=3)
    return (scores.clip(1, 5) * 4).round() / 4


@pytest.fixture(scope="module")
def found() -> Configurations:
    return fit_configurations(rounded(), at_crossover="in", draws=199, seed=1)


@pytest.fixture(scope="module")
def sweep(found: Configurations) -> ConfigurationSweep:
    return sweep_configurations(found, moves=(-0.125, 0.0625), inclusions=(0.75,), pris=(0.5,))


def test_the_variants_are_all_there(sweep: ConfigurationSweep, found: Configurations) -> None:
    variants = sweep.variants
    assert len(variants) == (2 + 2 * 2) * 2 * 2 * 2
    assert len(variants.drop_duplicates(["anchors", "moved", "inclusion", "pri", "n_cut"])) == len(variants)
    own = variants[
        (variants["anchors"] == "as_chosen") & (variants["inclusion"] == 0.8) & (variants["pri"] == 0.6)
    ]
    assert own["code"].iloc[0] == found.answer.code == sweep.code
    assert own["sufficient"].iloc[0] == "; ".join(found.answer.sufficient)


def test_each_variant_is_the_analysis_made_anew(sweep: ConfigurationSweep) -> None:
    for row in sweep.variants.iloc[::5].to_dict("records"):
        move = 4 * row["moved"]
        outer = move if row["anchors"] == "all_anchors" else 0
        anchors = dict.fromkeys(["kunnen", "willen", "mogen", Y], (1.5 + outer, 3 + move, 4.5 + outer))
        again = fit_configurations(
            rounded(),
            anchors=anchors,
            at_crossover="out" if row["anchors"] == "half_turned" else "in",
            cuts=CutOffs(inclusion=row["inclusion"], pri=row["pri"], n=row["n_cut"]),
            draws=199,
            seed=1,
        )
        assert row["code"] == again.answer.code
        assert row["sufficient"] == "; ".join(again.answer.sufficient)
        short = again.solutions.reset_index()
        short = short[(short["outcome"] == Y) & (short["kind"] == "parsimonious")]
        assert row["parsimonious"] == "; ".join(short["formula"])


def test_shares_are_of_the_variants(sweep: ConfigurationSweep) -> None:
    variants = sweep.variants
    assert sweep.share_same == pytest.approx((variants["code"] == sweep.code).mean())
    one = variants[variants["inclusion"] == 0.75]
    told = sweep.summary.loc[("inclusion", "0.75")]
    assert told["n_variants"] == len(one)
    assert told["share_only"] == pytest.approx(one["code"].isin({"only", "only_judged"}).mean())
    with_row = one["code"].isin({"only", "only_judged", "and_others"})
    assert told["share_sufficient"] == pytest.approx(with_row.mean())


def test_people_at_a_crossover_and_anchors_that_cross_are_codes_not_answers() -> None:
    scores = rounded().replace(3.0, 3.25)
    found = fit_configurations(scores, draws=199, seed=1)
    sweep = sweep_configurations(found, moves=(0.125, 0.03, 0.4))
    codes = sweep.variants.groupby(["anchors", "moved"])["code"].agg(set)
    assert codes["crossover", 0.125] == {"at_crossover"}
    assert codes["crossover", 0.4] == {"anchors_cross"}
    assert not codes["crossover", 0.03] & {"at_crossover", "anchors_cross"}
    half = sweep.variants.set_index(["anchors", "moved"])["n_half"]["crossover", 0.125].iloc[0]
    assert half == int((scores == 3.5).any(axis=1).sum()) > 0
    told = sweep.summary.loc[("moved", "0.125")]
    assert told["n_judged"] == 0
    assert np.isnan(told["share_same"])


def test_what_cannot_be_swept(found: Configurations) -> None:
    with pytest.raises(ModelSpecificationError, match="a fuzzy-set analysis"):
        sweep_configurations(found.rows)  # type: ignore[arg-type]
    with pytest.raises(ModelSpecificationError, match="a share from 0 to 1"):
        sweep_configurations(found, inclusions=(80,))
