"""Every clause of the rule, by evidence made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from si_research.model.verdict.rule import (
    BOTTLENECK,
    COMPENSATING,
    NECESSARY,
    NO_RELATION,
    REFUSED,
    REINFORCING,
    UNDECIDED,
    VERDICTS,
    Evidence,
    Figure,
    VerdictRule,
    against_reinforcing,
    decide,
)

NAMES = ("kunnen", "willen", "mogen")
SCALES = (*NAMES, "innovative_behaviour")
RISING = {name: Figure(0.2, 0.1, 0.3, 0.01) for name in NAMES}
FLAT = {name: Figure(0.0, -0.1, 0.1, 0.90) for name in NAMES}
NONE_FOUND = {form: Figure(0.0, -0.4, 0.4, 0.99) for form in ("product", "harmonic", "minimum")}
ALL_FOUND = {form: Figure(1.0, 0.5, 1.5, 0.001) for form in ("product", "harmonic", "minimum")}
WIDE = Figure(0.3, -0.5, 1.1)
SURE = {"product": 0.95, "harmonic": 0.90, "minimum": 0.99}

ADDITIVE = Evidence(
    n_used=1500,
    n_firms=60,
    relation_p=0.001,
    relation_power=0.99,
    p_hat=Figure(1.0, 0.4, 1.7),
    p_hat_above=0.5,
    p_hat_below=1.6,
    joint_p=0.60,
    differences=FLAT,
    aic={"mean": 0.0, "product": 30.0},
    shares=NONE_FOUND,
    share_power=SURE,
    necessity=dict.fromkeys(NAMES, 0.8),
    reliability=dict.fromkeys(SCALES, 0.8),
)
PRODUCT = replace(
    ADDITIVE,
    p_hat=Figure(0.4, -0.5, 1.2),
    p_hat_above=-0.3,
    p_hat_below=1.0,
    joint_p=0.01,
    differences=RISING,
    aic={"mean": 12.0, "product": 0.0},
    shares=ALL_FOUND,
)
MINIMUM = replace(PRODUCT, p_hat=Figure(-3.0, -9.0, -1.0), p_hat_above=-8.0, p_hat_below=-1.2)
UNRELATED = replace(ADDITIVE, relation_p=0.40)


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        (ADDITIVE, COMPENSATING),
        (PRODUCT, REINFORCING),
        (MINIMUM, BOTTLENECK),
        (UNRELATED, NO_RELATION),
        (replace(ADDITIVE, necessity={"kunnen": 0.01, "willen": 0.04, "mogen": 0.5}), NECESSARY),
        (replace(ADDITIVE, necessity_of_two=0.05), NECESSARY),
        (replace(ADDITIVE, necessity={"kunnen": 0.01, "willen": 0.06, "mogen": 0.5}), COMPENSATING),
        (replace(ADDITIVE, reliability=dict.fromkeys(SCALES, 0.3)), REFUSED),
        (replace(UNRELATED, relation_power=0.79), UNDECIDED),
        (replace(ADDITIVE, relation_p=np.nan), UNDECIDED),
    ],
)
def test_each_world_by_the_book(evidence: Evidence, code: str) -> None:
    assert decide(evidence).code == code


def test_the_first_clause_that_holds_decides() -> None:
    """A bottleneck goes before necessity, necessity before reinforcement, and a refusal before all."""
    both = dict.fromkeys(NAMES, 0.01)
    assert decide(replace(MINIMUM, necessity=both)).code == BOTTLENECK
    assert decide(replace(PRODUCT, necessity=both)).code == NECESSARY
    assert decide(replace(UNRELATED, necessity=both)).code == NO_RELATION
    assert decide(replace(MINIMUM, reliability=dict.fromkeys(SCALES, 0.2))).code == REFUSED


def test_nearly_all_of_a_minimum_is_a_minimum() -> None:
    """With many people the interval is narrow, and answers in whole points lose a little."""
    shares = {**ALL_FOUND, "minimum": Figure(0.93, 0.90, 0.96)}
    assert decide(replace(MINIMUM, shares=shares)).code == BOTTLENECK


@pytest.mark.parametrize(
    "change",
    [
        {"p_hat_below": 0.0},
        {"p_hat_below": np.nan},
        {"joint_p": 0.051},
        {"joint_p": np.nan},
        {"shares": {**ALL_FOUND, "minimum": Figure(0.6, -0.01, 1.2)}},
        {"shares": {**ALL_FOUND, "minimum": Figure(0.6, 0.2, 0.99)}},
        {"shares": {}},
    ],
)
def test_a_bottleneck_takes_all_of_its_evidence(change: dict[str, object]) -> None:
    assert decide(replace(MINIMUM, **change)).code != BOTTLENECK


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({"differences": FLAT, "joint_p": 0.2}, "tests_disagree"),
        ({"differences": FLAT, "shares": NONE_FOUND}, "tests_disagree"),
        ({"joint_p": 0.2, "shares": NONE_FOUND}, "tests_disagree"),
        (
            {"joint_p": 0.2, "shares": {**ALL_FOUND, "minimum": Figure(0.4, -0.1, 0.9)}, "differences": FLAT},
            "tests_disagree",
        ),
        ({"differences": {**RISING, "mogen": Figure(-0.2, -0.3, -0.1, 0.01)}}, "slope_falls"),
        ({"aic": {"mean": 2.0, "product": 0.0}}, "mean_not_behind"),
        ({"aic": {}}, "mean_not_behind"),
    ],
)
def test_reinforcement_takes_two_tests_and_a_better_form(change: dict[str, object], lacks: str) -> None:
    decision = decide(replace(PRODUCT, **change))
    assert decision.code == UNDECIDED
    assert lacks in decision.reasons


@pytest.mark.parametrize("left", ["joint_p", "shares", "differences"])
def test_two_of_the_three_tests_of_products_are_enough(left: str) -> None:
    without = {"joint_p": 0.2, "shares": NONE_FOUND, "differences": FLAT}[left]
    assert decide(replace(PRODUCT, **{left: without})).code == REINFORCING


@pytest.mark.parametrize(
    "evidence",
    [
        replace(ADDITIVE, joint_p=1e-9),
        replace(ADDITIVE, differences=RISING),
        replace(ADDITIVE, shares={**NONE_FOUND, "product": Figure(0.9, 0.5, 1.3, 1e-6)}),
        replace(ADDITIVE, p_hat=Figure(-3.0, -9.0, -1.0), p_hat_below=-1.2),
        replace(ADDITIVE, aic={"mean": 50.0}),
    ],
)
def test_no_single_number_makes_a_combination(evidence: Evidence) -> None:
    """However small one p may be."""
    assert decide(evidence).code not in (BOTTLENECK, REINFORCING)


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({"p_hat_above": 0.0, "shares": {**NONE_FOUND, "harmonic": WIDE}}, "p_hat_not_above_zero"),
        ({"p_hat_above": 0.0, "p_hat": Figure(0.5, -0.2, 0.9)}, "p_hat_not_above_zero"),
        ({"joint_p": 0.05}, "products_found"),
        ({"differences": RISING}, "slopes_rise"),
        ({"shares": {**NONE_FOUND, "harmonic": Figure(0.5, 0.1, 0.9)}}, "combination_found"),
        ({"shares": {**NONE_FOUND, "product": Figure(0.3, -0.4, 1.0)}}, "product_not_ruled_out"),
        ({"shares": {**NONE_FOUND, "minimum": Figure(0.3, -0.4, 1.0)}}, "minimum_not_ruled_out"),
        ({"share_power": {"minimum": 0.79}}, "power_low"),
        ({"share_power": {}}, "power_low"),
        ({"shares": {}}, "combination_found"),
    ],
)
def test_compensation_takes_that_the_rivals_are_ruled_out(change: dict[str, object], lacks: str) -> None:
    decision = decide(replace(ADDITIVE, **change))
    assert decision.code == UNDECIDED
    assert lacks in decision.reasons


def test_conditions_that_replace_each_other_compensate() -> None:
    """Products are found, and all say that each condition counts less where the others are high."""
    negative = {form: Figure(-0.5, -0.9, -0.1, 0.02) for form in NONE_FOUND}
    assert decide(replace(ADDITIVE, joint_p=0.001, shares=negative)).code == COMPENSATING


def test_what_compensation_rests_on_tells_whether_p_hat_reaches_one() -> None:
    assert "p_hat_reaches_one" in decide(ADDITIVE).reasons
    assert "p_hat_below_one" in decide(replace(ADDITIVE, p_hat=Figure(0.5, 0.1, 0.9))).reasons


def test_numbers_that_are_missing_speak_for_nothing() -> None:
    empty = Evidence(30, 0, 0.01, np.nan, Figure(), np.nan, np.nan, np.nan, {}, {}, {}, {})
    assert decide(empty).code == UNDECIDED
    assert decide(replace(empty, relation_p=0.5)).code == UNDECIDED


def test_one_reliable_scale_is_no_refusal() -> None:
    some = {"kunnen": 0.3, "willen": 0.3, "mogen": 0.3, "innovative_behaviour": 0.5}
    assert decide(replace(ADDITIVE, reliability=some)).code == COMPENSATING
    assert decide(replace(ADDITIVE, reliability={})).code == COMPENSATING


def test_thresholds_are_named_have_sources_and_can_be_moved() -> None:
    table = VerdictRule().table()
    assert (table["source"].str.len() > 10).all()
    assert table["value"].to_dict()["smallest_r2"] == 0.02
    assert decide(PRODUCT, VerdictRule(aic_gap=20.0)).code == UNDECIDED
    assert decide(ADDITIVE, VerdictRule(alpha=0.7)).code != COMPENSATING
    assert decide(replace(UNRELATED, relation_power=0.6), VerdictRule(power=0.5)).code == NO_RELATION


def test_every_decision_is_one_of_the_verdicts_and_has_a_reason() -> None:
    for evidence in (ADDITIVE, PRODUCT, MINIMUM, UNRELATED, replace(PRODUCT, joint_p=0.9, differences=FLAT)):
        decision = decide(evidence)
        assert decision.code in VERDICTS
        assert decision.reasons
        assert len(set(decision.reasons)) == len(decision.reasons)


def test_conditions_that_all_work_downwards_reinforce_nothing() -> None:
    unknown = {form: Figure() for form in PRODUCT.shares}
    for shares in (unknown, {**PRODUCT.shares, "product": Figure(-1.0, -1.5, -0.5)}):
        assert "share_negative" in against_reinforcing(replace(PRODUCT, shares=shares), VerdictRule())
        assert decide(replace(PRODUCT, shares=shares)).code != REINFORCING
    assert decide(PRODUCT).code == REINFORCING


@pytest.mark.parametrize(
    "known", [{"innovative_behaviour": 0.3}, {"kunnen": -0.3}, dict.fromkeys(NAMES, 0.3)]
)
def test_a_refusal_takes_that_all_reliabilities_are_known(known: dict[str, float]) -> None:
    assert decide(replace(ADDITIVE, reliability=known)).code == COMPENSATING


@pytest.mark.parametrize("evidence", [MINIMUM, PRODUCT, replace(PRODUCT, necessity_of_two=0.01)])
def test_of_conditions_that_are_no_three_no_combination_is_claimed(evidence: Evidence) -> None:
    alike = decide(replace(evidence, distinct=False))
    assert (alike.code, alike.reasons) == (UNDECIDED, ("conditions_hardly_distinct",))
    vague = decide(replace(evidence, reliability={"mogen": 0.49}))
    assert (vague.code, vague.reasons) == (UNDECIDED, ("conditions_unreliable",))
    of_outcome = replace(evidence, reliability={"innovative_behaviour": 0.2})
    assert decide(of_outcome).code == decide(evidence).code != UNDECIDED


@pytest.mark.parametrize(("part", "reason"), [("products", "combinations"), ("squares", "turns")])
def test_what_goes_without_slopes_is_a_relation(part: str, reason: str) -> None:
    found = decide(replace(UNRELATED, **{part: Figure(0.02, p_value=0.0005)}))
    assert (found.code, found.reasons) == (UNDECIDED, ("relation_not_found", f"{reason}_without_slopes"))
    for figure in (Figure(0.019, p_value=1e-9), Figure(0.4, p_value=0.00051), Figure(0.4)):
        assert decide(replace(UNRELATED, **{part: figure})).code == NO_RELATION
    weak = replace(UNRELATED, relation_power=0.5, **{part: Figure(0.02, p_value=0.0005)})
    assert decide(weak).reasons == ("relation_not_found", "relation_power_low")


def test_the_limit_that_decides_a_bottleneck_is_the_one_that_is_told() -> None:
    assert "p_hat_below_zero" in decide(MINIMUM).reasons
    near = decide(replace(MINIMUM, p_hat=Figure(-3.0, -9.0, 0.2)))
    assert near.code == BOTTLENECK
    assert "p_hat_below_zero_one_sided" in near.reasons
