"""The verdict as a whole: known worlds, what may not matter, and surveys that are hardly one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.necessity.beyond_correlation import beyond_correlation
from si_research.model.verdict.rule import Decision, Figure, against_reinforcing
from si_research.model.verdict.tables import reading_table
from si_research.model.verdict.verdict import Verdict, reach_verdict
from si_research.simulation.worlds import World, simulate_world_scores

NAMES = ("kunnen", "willen", "mogen")
KNOWN = dict.fromkeys((*NAMES, "innovative_behaviour"), 0.8)


def verdict_of(scores: pd.DataFrame, **options: Any) -> Verdict:
    usual: dict[str, Any] = {"cluster": "firm_id", "reliability": KNOWN, "draws": 199, "seed": 1}
    return reach_verdict(scores, **(usual | options))


@pytest.fixture(scope="module")
def minimum() -> pd.DataFrame:
    return simulate_world_scores(World(form="minimum", n_employees=400, n_firms=20, r_squared=0.7), seed=1)


@pytest.fixture(scope="module")
def found(minimum: pd.DataFrame) -> Verdict:
    return verdict_of(minimum)


@pytest.mark.parametrize(
    ("form", "code"),
    [("additive", "compensating"), ("product", "reinforcing"), ("nothing", "no_relation")],
)
def test_each_world_gets_its_own_verdict(form: str, code: str) -> None:
    verdict = verdict_of(simulate_world_scores(World(form=form), seed=1))
    assert verdict.code == code
    supported = verdict.readings.index[verdict.readings["status"] == "supported"]
    assert supported.to_list() == [code]


def test_a_minimum_is_a_bottleneck_and_its_rivals_are_excluded(found: Verdict) -> None:
    assert found.code == "bottleneck"
    status = found.readings["status"]
    assert status["bottleneck"] == "supported"
    assert status["compensating"] == status["no_relation"] == "excluded"
    assert set(found.reasons) <= set(found.readings.loc["bottleneck", "speaks_for"])


def test_that_a_relation_would_be_found_speaks_for_none_only_where_none_was(found: Verdict) -> None:
    assert found.numbers is not None
    assert found.fit is not None
    numbers = replace(found.numbers, relation_power=0.99)
    said = []
    for code, p_value in (("bottleneck", 0.001), ("no_relation", 0.4)):
        here = replace(numbers, relation_p=p_value)
        table = reading_table(here, Decision(code, ()), found.fit, found.rule)
        said.append(table.loc["no_relation", "speaks_for"])
    assert said == [(), ("relation_not_found", "relation_would_be_found")]


def test_a_reading_that_lacks_nothing_comes_after_the_verdict(found: Verdict) -> None:
    """What reinforcement asks for is there in this bottleneck too, which comes first by the rule."""
    assert found.numbers is not None
    assert found.fit is not None
    numbers = replace(found.numbers, aic={"mean": 9.0})
    assert against_reinforcing(numbers, found.rule) == ()
    table = reading_table(numbers, Decision("bottleneck", ()), found.fit, found.rule)
    assert table.loc["reinforcing", "speaks_against"] == ("earlier",)
    assert table.loc["bottleneck", "speaks_against"] == ()
    loose = replace(numbers, relation_p=0.3)
    table = reading_table(loose, Decision("undecided", ()), found.fit, found.rule)
    assert table.loc["reinforcing", "speaks_against"] == ("relation_not_found",)


def test_a_share_that_is_not_known_rules_nothing_out(found: Verdict) -> None:
    assert found.numbers is not None
    assert found.fit is not None
    for share, ruled_out in ((Figure(), False), (Figure(0.1, -0.2, 0.4), True)):
        numbers = replace(found.numbers, shares=dict.fromkeys(found.numbers.shares, share))
        table = reading_table(numbers, Decision("undecided", ()), found.fit, found.rule)
        against = table.loc["bottleneck", "speaks_against"]
        assert ("minimum_ruled_out" in against) is ruled_out
        assert "minimum_not_found" in against


def test_every_table_carries_n_and_the_evidence_names_each_item(found: Verdict) -> None:
    for table in (found.readings, found.evidence):
        assert (table["n_used"] == 400).all()
    items = {"relation", "power_mean", "joint", "differences", "forms", "shares", "necessity", "reliability"}
    assert items <= set(found.evidence["item"])
    assert "bottleneck" in str(found)
    assert found._repr_html_().startswith("<p>bottleneck")
    table = found.table()
    table.loc["bottleneck", "status"] = "changed"
    assert found.readings.loc["bottleneck", "status"] == "supported"


def test_what_a_verdict_cannot_see_is_said_always(found: Verdict) -> None:
    assert {"one_source", "one_wave", "response_style"} <= {note.code for note in found.notes}


def test_order_of_rows_and_names_of_firms_do_not_change_the_verdict(
    minimum: pd.DataFrame, found: Verdict
) -> None:
    shuffled = verdict_of(minimum.sample(frac=1, random_state=5))
    assert shuffled.reasons == found.reasons
    numbers = ["estimate", "conf_low", "conf_high"]
    np.testing.assert_allclose(shuffled.readings[numbers], found.readings[numbers], rtol=1e-8)
    renamed = verdict_of(minimum.assign(firm_id=minimum["firm_id"].str[::-1]))
    assert (renamed.code, renamed.readings["status"].to_list()) == (
        found.code,
        found.readings["status"].to_list(),
    )


def test_no_scale_is_reliable_so_there_is_no_verdict(minimum: pd.DataFrame) -> None:
    refused = verdict_of(minimum, reliability=dict.fromkeys(KNOWN, 0.4))
    assert (refused.code, refused.reasons) == ("refused", ("no_reliable_scale",))
    assert refused.readings.empty
    assert refused.evidence.empty
    assert refused.wrong_signs.empty
    assert "refused" in str(refused)
    some = verdict_of(minimum, reliability={**KNOWN, "mogen": 0.4})
    assert some.code != "refused"
    (note,) = [note for note in some.notes if note.code == "unreliable_scales"]
    assert note.values["scales"] == ["mogen"]


def test_unknown_reliability_is_assumed_and_said(minimum: pd.DataFrame) -> None:
    """And one below 0 is no refusal, as long as others may be reliable."""
    verdict = verdict_of(minimum, reliability={"kunnen": -0.3, "willen": np.nan})
    assert verdict.code == "undecided"
    notes = {note.code: note.values for note in verdict.notes}
    assert notes["reliability_assumed"] == {"value": 0.7, "n": 2}
    assert notes["reliability_not_positive"]["scales"] == notes["unreliable_scales"]["scales"] == ["kunnen"]
    assert "conditions_unreliable" in verdict.readings.loc["reinforcing", "speaks_against"]


def test_conditions_that_are_hardly_distinct_are_named(minimum: pd.DataFrame, found: Verdict) -> None:
    """They correlate .6, with reliabilities of .6: the true ones are one and the same."""
    assert "conditions_hardly_distinct" not in {note.code for note in found.notes}
    rng = np.random.default_rng(4)
    alike = {name: minimum["kunnen"] + 0.55 * rng.normal(size=400) for name in NAMES}
    scores = minimum.assign(**{name: value.clip(1, 5) for name, value in alike.items()})
    verdict = verdict_of(scores, reliability=dict.fromkeys(KNOWN, 0.6))
    assert "conditions_hardly_distinct" in {note.code for note in verdict.notes}
    assert verdict.code not in ("bottleneck", "reinforcing", "necessary")
    against = verdict.readings["speaks_against"]
    assert ["conditions_hardly_distinct" in each for each in against] == [False, True, True, True, False]


def test_the_wrong_sign_is_named() -> None:
    rng = np.random.default_rng(2)
    scores = simulate_world_scores(World(n_employees=600, n_firms=30, r_squared=0.2), seed=2)
    k, w, m = (scores[name] - scores[name].mean() for name in NAMES)
    outcome = 3 + 0.3 * (k + w) - 0.25 * m - 0.25 * k * w * m - 0.2 * k * w + 0.4 * rng.normal(size=600)
    verdict = verdict_of(scores.assign(innovative_behaviour=outcome.clip(1, 5)))
    signs = verdict.wrong_signs
    assert bool(signs.loc["three_way_negative", "found"])
    assert signs.loc["slope_negative", "term"] == "mogen"
    assert "slope_falls" in signs.index
    assert verdict.code not in ("reinforcing", "bottleneck")


@pytest.mark.parametrize(("n_firms", "note"), [(0, "no_clusters"), (1, "one_cluster")])
def test_no_firms_and_one_firm_are_named_and_people_count(
    minimum: pd.DataFrame, n_firms: int, note: str
) -> None:
    scores = minimum.assign(firm_id="only one")
    verdict = verdict_of(scores, cluster="firm_id" if n_firms else None)
    assert verdict.n_firms == 0
    assert note in {each.code for each in verdict.notes}
    assert verdict.code in ("bottleneck", "reinforcing", "undecided")


def test_three_firms_leave_nothing_to_test_with(minimum: pd.DataFrame) -> None:
    scores = minimum.assign(firm_id=np.arange(len(minimum)) % 3)
    verdict = verdict_of(scores)
    assert (verdict.code, verdict.reasons) == ("undecided", ("no_test",))
    codes = {note.code for note in verdict.notes}
    assert {"few_clusters", "joint_too_few_clusters"} <= codes


def test_p_at_its_limit_is_named() -> None:
    scores = simulate_world_scores(World(n_employees=400, n_firms=20), seed=3)
    noise = 0.2 * np.random.default_rng(3).normal(size=400)
    lowest = scores[list(NAMES)].min(axis=1)
    perfect = dict.fromkeys(KNOWN, 1.0)
    verdict = verdict_of(scores.assign(innovative_behaviour=(lowest + noise).clip(1, 5)), reliability=perfect)
    assert verdict.code == "bottleneck"
    assert verdict.numbers is not None
    assert verdict.numbers.p_hat.low == -np.inf


@pytest.mark.parametrize("name", [*NAMES, "innovative_behaviour"])
def test_a_column_that_does_not_vary_is_named(minimum: pd.DataFrame, name: str) -> None:
    with pytest.raises(SurveyDataError, match=name):
        verdict_of(minimum.assign(**{name: 3.0}))


def test_nineteen_people_are_too_few(minimum: pd.DataFrame) -> None:
    with pytest.raises(SurveyDataError, match="19"):
        verdict_of(minimum.iloc[:19])
    few = verdict_of(minimum.iloc[::10], cluster=None)
    assert few.n_used == 40
    assert few.code in ("undecided", "no_relation", "bottleneck")


@pytest.mark.parametrize(
    "options",
    [
        {"predictors": NAMES[:2]},
        {"predictors": "kunnen"},
        {"reliability": {"kunnen": 1.2}},
        {"reliability": {"kunnen": "high"}},
        {"reliability": {"kunnen": -np.inf}},
        {"reliability": {"skill": 0.8}},
        {"reliability": [0.8, 0.8, 0.8]},
        {"draws": 20},
        {"seed": -1},
        {"ends": (5, 1)},
        {"outcome": "turnover"},
    ],
)
def test_what_cannot_be_asked_is_refused(minimum: pd.DataFrame, options: dict[str, Any]) -> None:
    with pytest.raises(ModelSpecificationError):
        verdict_of(minimum, **options)


def test_controls_and_other_formats(minimum: pd.DataFrame, found: Verdict) -> None:
    scores = minimum.assign(
        kunnen=lambda table: (table["kunnen"] - 1) * 25,
        age=np.random.default_rng(1).integers(20, 65, 400),
        sector=np.random.default_rng(2).choice(["bouw", "zorg"], 400),
    )
    other = verdict_of(scores, controls=("age", "sector"), ends={"kunnen": (0, 100)})
    assert other.code == found.code
    shares = [verdict.numbers.shares["minimum"].estimate for verdict in (found, other) if verdict.numbers]
    assert shares[0] == pytest.approx(shares[1], abs=0.1)
    assert "unequal_formats" in {note.code for note in other.notes}


def test_answers_that_were_not_reversed_are_no_reinforcement() -> None:
    scores = simulate_world_scores(World(form="minimum"), seed=1)
    names = ["kunnen", "willen", "mogen"]
    turned = scores.assign(**{name: 6 - scores[name] for name in names})
    assert reach_verdict(turned, cluster="firm_id", draws=199, seed=1).code == "undecided"


def test_how_firms_are_called_makes_no_difference_to_necessity() -> None:
    """But for people with the same scores in different firms, who may change places."""
    scores = simulate_world_scores(World(form="floor"), seed=71)
    firms = scores["firm_id"].unique()
    found = []
    for seed in (0, 1, 2):
        names = np.random.default_rng(seed).permutation(len(firms))
        called = scores["firm_id"].map(dict(zip(firms, map(str, names), strict=True)))
        found.append(
            beyond_correlation(scores.assign(firm_id=called), cluster="firm_id", draws=199, seed=1).p_two
        )
    assert np.ptp(found) < 0.005


def test_the_verdict_and_its_readings_have_one_p_of_necessity() -> None:
    verdict = reach_verdict(simulate_world_scores(World(form="floor"), seed=8), draws=199, seed=1)
    assert verdict.numbers is not None
    assert verdict.necessity is not None
    assert verdict.numbers.necessity_of_two == verdict.necessity.p_two


def test_the_verdict_and_its_readings_have_one_interval_of_the_power(found: Verdict) -> None:
    power, numbers = found.compensation, found.numbers
    assert power is not None
    assert numbers is not None
    p_hat = numbers.p_hat
    assert np.isfinite(p_hat.high)
    assert (p_hat.estimate, p_hat.low, p_hat.high) == (power.p_hat, power.boot_low, power.boot_high)
