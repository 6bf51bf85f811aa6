"""Size classes at their borders, and a unit beside the others of its group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.practice.diagnosis.comparison_groups import compare_with_groups
from si_research.practice.diagnosis.diagnosis import Diagnosis, diagnose
from si_research.practice.diagnosis.size_class import size_class

NAMES = ["kunnen", "willen", "mogen"]


@pytest.mark.parametrize(
    ("people", "rvo", "cbs"),
    [
        (1, "micro", "small"),
        (9.9, "micro", "small"),
        (10, "small", "small"),
        (49.9, "small", "small"),
        (50, "medium", "medium"),
        (249, "medium", "medium"),
        (250, "large", "large"),
    ],
)
def test_borders_of_both_definitions(people: float, rvo: str, cbs: str) -> None:
    firms = pd.DataFrame({"people": [people]})
    assert size_class(firms, "people", definition="rvo").tolist() == [rvo]
    assert size_class(firms, "people", definition="cbs").tolist() == [cbs]


def test_money_counts_for_rvo_only_and_either_figure_keeps_a_firm_small() -> None:
    firms = pd.DataFrame(
        {
            "n": [5, 5, 5, 5, 40, np.nan],
            "turnover": [2, 3, 60, 60, np.nan, 1],
            "balance": [9, 9, 1, 44, 44, 1],
        }
    )
    both = size_class(firms, "n", definition="rvo", turnover="turnover", balance="balance")
    assert both.fillna("?").tolist() == ["micro", "small", "micro", "large", "large", "?"]
    assert size_class(firms, "n", definition="rvo").fillna("?").tolist()[:5] == ["micro"] * 4 + ["small"]
    cbs = size_class(firms, "n", definition="cbs", turnover="turnover")
    assert cbs.fillna("?").tolist() == ["small"] * 5 + ["?"]
    assert (both.name, cbs.name) == ("size_class_rvo", "size_class_cbs")


def test_a_definition_must_be_named_and_people_are_not_below_nothing() -> None:
    with pytest.raises(ModelSpecificationError, match="rvo, cbs"):
        size_class(pd.DataFrame({"n": [1]}), "n", definition="eu")
    with pytest.raises(SurveyDataError, match="0 or more"):
        size_class(pd.DataFrame({"n": [-1]}), "n", definition="cbs")


def firms_in_sectors(**options: Any) -> tuple[Diagnosis, pd.DataFrame]:
    rng = np.random.default_rng(7)
    firm = np.repeat(np.arange(16), 12)
    values = 50 + 8 * rng.normal(size=(16, 3))[firm] + 10 * rng.normal(size=(len(firm), 3))
    scores = pd.DataFrame(values, columns=NAMES).assign(organisation=[f"F{each:02d}" for each in firm])
    scores["sector"] = np.where(firm < 7, "bouw", np.where(firm < 13, "zorg", "handel"))
    scores.loc[firm == 15, "sector"] = None
    scores.loc[firm.tolist().index(0), "sector"] = "zorg"  # one person of firm 0 says otherwise
    return diagnose(scores, outcome=None, ends=(0, 100), seed=1, **options), scores


def test_a_unit_beside_the_others_by_brute_force() -> None:
    """The joint posterior of all units, drawn: grand means, errors of the spread, units given both."""
    found, scores = firms_in_sectors()
    table = compare_with_groups(found, scores, by="sector").comparisons
    own = found.posteriors[0]
    rng = np.random.default_rng(1)
    grand = rng.multivariate_normal(own.grand, own.grand_cov, size=100_000)
    spread = rng.normal(size=(100_000, own.moves.shape[2]))
    draws = {}
    for unit in range(7, 13):  # zorg
        noise = rng.multivariate_normal(np.zeros(3), own.rest_cov[unit], size=100_000)
        draws[unit] = grand @ own.on_grand[unit].T + own.rest[unit] + noise + spread @ own.moves[unit].T
    gap = draws[8] - np.mean([draws[unit] for unit in draws if unit != 8], axis=0)
    row = table.loc[8]
    assert_allclose(row["estimate"], gap.mean(axis=0), atol=0.05)
    assert_allclose(row["std_error"], gap.std(axis=0), rtol=0.01)
    assert_allclose(row["p_below"], (gap < 0).mean(axis=0), atol=0.007)
    assert_allclose(row["unit_mean"] - row["group_mean"], row["estimate"])
    assert (row["n_units"] == 5).all()


def test_units_without_a_group_of_their_own_are_said_to_be() -> None:
    found, scores = firms_in_sectors()
    compared = compare_with_groups(found, scores, by=["sector"])
    note = compared.comparisons["note"].xs("mogen", level="condition")
    assert note.to_list() == [
        "group_varies", *[""] * 12, "few_in_group", "few_in_group", "group_unknown",
    ]  # fmt: skip
    assert compared.comparisons.loc[[0, 13, 15], "estimate"].isna().all()
    assert {each.code: each.values["n"] for each in compared.notes} == {
        "group_varies": 1, "few_in_group": 2, "group_unknown": 1,
    }  # fmt: skip
    assert compared.groups.set_index("sector")["n_units"].to_dict() == {"bouw": 6, "handel": 2, "zorg": 6}
    assert "3 groups" in str(compared)
    assert "<table" in compared._repr_html_()


def test_the_order_of_rows_changes_nothing_and_small_units_stay_hidden() -> None:
    found, scores = firms_in_sectors()
    first = compare_with_groups(found, scores, by="sector").table()
    other = compare_with_groups(found, scores.sample(frac=1, random_state=2), by="sector").table()
    assert_frame_equal(first, other)
    hidden, _ = firms_in_sectors(minimum=13)
    table = compare_with_groups(hidden, scores, by="sector").table()
    assert table["note"].eq("too_few_people").all()
    assert table[["unit_mean", "estimate"]].isna().all(axis=None)
