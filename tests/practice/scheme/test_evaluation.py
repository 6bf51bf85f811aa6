"""The whole evaluation: the bottleneck view, Holm, costs, refusals, and the training grants."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from made_schemes import made_scheme
from si_research.constructs import CONDITIONS
from si_research.errors import ModelSpecificationError
from si_research.practice.scheme.binding import (
    BINDING,
    BINDING_NORM,
    TIED,
    binding_before,
    binding_counts,
    only_where_binding,
    with_binding,
)
from si_research.practice.scheme.cost import cost_per_effect
from si_research.practice.scheme.evaluation import SchemeEvaluation, evaluate_scheme
from si_research.practice.scheme.panel import SchemeRoles, scheme_panel

ROLES = {"firm": "firm", "wave": "wave", "treated": "scheme"}


@pytest.fixture(scope="module")
def lifted() -> pd.DataFrame:
    """A scheme that lifts mogen by half a standard deviation and nothing else; mogen is mostly the lowest."""
    scores = made_scheme(n_firms=24, people=20, effects={"mogen": 0.5}, seed=1)
    return scores.assign(mogen=scores["mogen"] - 1.2)


@pytest.fixture(scope="module")
def found(lifted: pd.DataFrame) -> SchemeEvaluation:
    return evaluate_scheme(lifted, **ROLES, cost=1000.0, draws=199, seed=1)


def test_the_condition_that_was_lifted_is_found_and_was_the_binding_one(found: SchemeEvaluation) -> None:
    table = found.table()
    assert table.index.to_list() == [*CONDITIONS, "innovative_behaviour", BINDING, BINDING_NORM]
    assert table.loc["mogen", "conf_low"] < 0.5 < table.loc["mogen", "conf_high"]
    assert table.loc["mogen", "p_holm"] < 0.05
    assert (table.loc[["kunnen", "willen", "innovative_behaviour"], "p_holm"] > 0.05).all()
    assert table.loc[BINDING, "p_holm"] < 0.05
    view = found.bottleneck
    assert view["n_treated"].sum() == view["n_comparison"].sum() == 12
    assert view.loc["mogen", "n_treated"] > 9
    assert view.loc["mogen", "estimate"] == table.loc["mogen", "estimate"]


def test_the_binding_condition_is_the_lowest_before_and_stays(lifted: pd.DataFrame) -> None:
    panel = scheme_panel(lifted, SchemeRoles(**ROLES), list(CONDITIONS))
    first = lifted[lifted["wave"] == 0]
    means = first.groupby("firm")[list(CONDITIONS)].mean()
    by_name = dict(zip(panel.firms["name"], binding_before(panel, CONDITIONS).argmax(axis=1), strict=True))
    assert [by_name[str(firm)] for firm in means.index] == means.to_numpy().argmin(axis=1).tolist()
    z = (means - first[list(CONDITIONS)].mean()) / first[list(CONDITIONS)].std()
    normed = binding_before(panel, CONDITIONS, norm=True).argmax(axis=1)
    by_norm = dict(zip(panel.firms["name"], normed, strict=True))
    assert [by_norm[str(firm)] for firm in means.index] == z.to_numpy().argmin(axis=1).tolist()
    own = lifted["firm"].map(dict(zip(means.index, means.to_numpy().argmin(axis=1), strict=True)))
    expected = lifted.assign(binding=np.choose(own, [lifted[name] for name in CONDITIONS]))
    one = evaluate_scheme(expected, **ROLES, outcomes=["binding"], draws=199, seed=1).effects
    whole = evaluate_scheme(lifted, **ROLES, outcomes=CONDITIONS, draws=199, seed=1).effects
    both = [each.loc[each["recommended"].astype("bool"), "estimate"] for each in (one, whole)]
    assert both[0]["binding"] == pytest.approx(both[1][BINDING])


def test_holm_is_over_the_planned_outcomes_alone(lifted: pd.DataFrame, found: SchemeEvaluation) -> None:
    table = found.table()
    planned = table[table["role"] == "planned"]
    smallest = planned["p_value"].min()
    assert planned["p_holm"].min() == pytest.approx(min(1, smallest * 5))
    assert table.loc[table["role"] == "exploratory", "p_holm"].isna().all()
    one = evaluate_scheme(lifted, **ROLES, outcomes=["mogen"], exploratory=["kunnen"], draws=199, seed=1)
    assert one.table().loc["mogen", "p_holm"] == pytest.approx(one.table().loc["mogen", "p_value"])
    assert BINDING not in one.effects.index


def test_an_outcome_that_changed_is_refused_and_still_counts_for_holm(lifted: pd.DataFrame) -> None:
    some = evaluate_scheme(lifted, **ROLES, outcomes=["mogen", "innovative_behaviour"],
                           changed=["innovative_behaviour"], draws=199, seed=1)  # fmt: skip
    assert some.refused == {"innovative_behaviour": "instrument_changed"}
    assert some.table().index.to_list() == ["mogen"]
    assert some.table().loc["mogen", "p_holm"] == pytest.approx(2 * some.table().loc["mogen", "p_value"])


def test_conditions_that_were_equally_low_count_for_none_and_as_their_mean() -> None:
    """The first would win by its place; .1 + .2 and .3 are one answer."""
    rows = pd.DataFrame(
        {
            "firm": ["a", "a", "b", "b", "c", "c"],
            "wave": [0, 1] * 3,
            "scheme": [1, 1, 1, 1, 0, 0],
            "kunnen": [0.1 + 0.2, 3.0, 2.0, 2.0, 1.0, 1.0],
            "willen": [0.3, 4.0, 1.0, 2.0, 1.0, 3.0],
            "mogen": [2.0, 9.0, 2.0, 2.0, 1.0, 8.0],
        }
    )
    panel = scheme_panel(rows, SchemeRoles(**ROLES), list(CONDITIONS))
    shares = dict(zip(panel.firms["name"], binding_before(panel, CONDITIONS).tolist(), strict=True))
    assert shares == {"a": [0.5, 0.5, 0.0], "b": [0.0, 1.0, 0.0], "c": pytest.approx([1 / 3] * 3)}
    counts = binding_counts(panel, CONDITIONS)
    assert counts["n_treated"].to_dict() == {"kunnen": 0, "willen": 1, "mogen": 0, TIED: 1}
    assert counts["n_comparison"].to_dict() == {"kunnen": 0, "willen": 0, "mogen": 0, TIED: 1}
    assert TIED not in binding_counts(panel, ["kunnen"]).index
    after = with_binding(panel, CONDITIONS).means[BINDING].xs(1, level="wave")
    assert dict(zip(panel.firms["name"], after, strict=True)) == {"a": 3.5, "b": 2.0, "c": 4.0}
    assert int(only_where_binding(panel, CONDITIONS, "willen").counts["willen"].gt(0).sum()) == 2


def test_one_wave_without_a_lottery_is_described_only(lifted: pd.DataFrame) -> None:
    after = lifted[lifted["wave"] == 1]
    refused = evaluate_scheme(after, **ROLES, outcomes=["mogen"], draws=199, seed=1)
    assert [note.code for note in refused.design.refusals] == ["one_wave_without_lottery"]
    assert refused.effects.empty
    assert refused.costs.empty
    means = refused.table().set_index("arm")["mean"]
    expected = after.groupby("scheme")["mogen"].mean()
    assert means[["comparison", "treated"]].to_list() == pytest.approx(expected.to_list())
    assert "refused: one_wave_without_lottery" in str(refused)
    assert (
        evaluate_scheme(after, **ROLES, lottery=True, outcomes=["mogen"], draws=199, seed=1).design.rung == 1
    )


def test_costs_have_the_interval_of_the_effect_turned_over(found: SchemeEvaluation) -> None:
    costs, effects = found.costs, found.table()
    assert costs.loc["mogen", "cost_per_unit"] == pytest.approx(1000 / effects.loc["mogen", "estimate"])
    assert costs.loc["mogen", "conf_low"] == pytest.approx(1000 / effects.loc["mogen", "conf_high"])
    assert costs.loc["mogen", "conf_high"] == pytest.approx(1000 / effects.loc["mogen", "conf_low"])
    open_ends = costs[costs["note"] == "unbounded"]
    assert len(open_ends) >= 2
    assert open_ends[["conf_low", "conf_high"]].isna().all(axis=None)


def test_costs_that_are_estimated_have_fiellers_interval() -> None:
    effect = pd.DataFrame({"estimate": [2.0], "std_error": [0.5], "df": [30.0], "n_used": [100]})
    row = cost_per_effect(effect, 10.0, cost_error=1.0).iloc[0]
    t = 2.0422724563
    for end in (row["conf_low"], row["conf_high"]):
        assert abs(10 - 2 * end) / np.sqrt(1 + (0.5 * end) ** 2) == pytest.approx(t)
    with pytest.raises(ModelSpecificationError, match="cost"):
        cost_per_effect(effect, 0.0)


def test_a_column_of_costs_is_read_over_the_firms_with_the_scheme(lifted: pd.DataFrame) -> None:
    paid = lifted.assign(paid=np.where(lifted["scheme"] == 1, 900.0 + lifted["firm"] % 12 * 10, np.nan))
    found = evaluate_scheme(paid, **ROLES, outcomes=["mogen"], cost="paid", draws=199, seed=1)
    assert found.costs.loc["mogen", "cost"] == pytest.approx(900 + 10 * 5.5)


def test_every_design_answers_with_the_same_parts(lifted: pd.DataFrame) -> None:
    rng = np.random.default_rng(1)
    size = rng.normal(size=24)
    scores = lifted.assign(
        size=size[lifted["firm"]],
        sector=np.where(lifted["firm"] % 2 == 0, "a", "b"),
        dose=lifted["scheme"] * (1 + lifted["firm"] % 4),
        applied=(lifted["firm"] < 22).astype(int),
    )
    base = {"firm": "firm", "wave": "wave", "outcomes": ["mogen"], "draws": 199, "seed": 1}
    asked = {
        "lottery": {"treated": "scheme", "stratum": "sector"},
        "rejected_applicants": {"treated": "scheme", "applied": "applied"},
        "dose": {"dose": "dose"},
        "before_after_comparison": {"treated": "scheme", "covariates": ["size"]},
    }
    for kind, roles in asked.items():
        found = evaluate_scheme(scores, **base, **roles)  # type: ignore[arg-type]
        assert found.design.kind == kind
        assert found.table()["recommended"].sum() == 1
        assert found.table()["p_value"].notna().all()
    assert set(found.effects["estimator"]) >= {"2x2", "doubly robust"}
    assert found.overlap.index.to_list() == ["treated", "comparison"]
    assert found.attrition["n_lost"].to_list() == [0, 0]


def test_two_names_or_names_of_its_own_are_refused(lifted: pd.DataFrame) -> None:
    for outcomes in (["mogen", "mogen"], [BINDING]):
        with pytest.raises(ModelSpecificationError, match="each outcome once"):
            evaluate_scheme(lifted, **ROLES, outcomes=outcomes, draws=199, seed=1)


def test_training_grants_raised_hours_for_sure_and_scrap_not_for_sure(shared: Path) -> None:
    if find_spec("diff_diff") is None and os.environ.get("CI") != "true":
        pytest.skip("diff-diff is not installed here (extra `did`; set the environment up anew)")
    grants = pd.read_csv(shared / "real_data" / "jtrain_grants" / "jtrain.csv")
    found = evaluate_scheme(
        grants, firm="fcode", wave="year", treated="grant", outcomes=["hrsemp", "lscrap"], draws=199, seed=1
    )
    assert (found.design.kind, found.design.starts) == ("staggered_start", ("1988", "1989"))
    table = found.table()
    assert table.loc["hrsemp", "p_holm"] < 0.001
    assert table.loc["hrsemp", "estimate"] > 10
    assert table.loc["lscrap", "estimate"] < 0 < table.loc["lscrap", "conf_high"]
    assert table.loc["lscrap", "n_firms"] == 54
