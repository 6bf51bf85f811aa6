"""The tables of a verdict: a row a reading, a row a number, a row a wrong sign."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.interaction import InteractionFit
from si_research.model.joint import JointTest
from si_research.model.necessity.beyond_correlation import BeyondCorrelation
from si_research.model.verdict.rule import (
    BOTTLENECK,
    COMPENSATING,
    MINIMUM,
    NECESSARY,
    NO_RELATION,
    PRODUCT,
    REINFORCING,
    Decision,
    Evidence,
    Figure,
    VerdictRule,
    against_any_combination,
    against_bottleneck,
    against_compensating,
    against_necessary,
    against_no_relation,
    against_reinforcing,
    agreeing_on_products,
    slopes,
)

SUPPORTED, EXCLUDED, OPEN = "supported", "excluded", "open"
READINGS: Final = (COMPENSATING, REINFORCING, BOTTLENECK, NECESSARY, NO_RELATION)
READING_COLUMNS: Final = [
    "status",
    "measure",
    "estimate",
    "conf_low",
    "conf_high",
    "p_value",
    "speaks_for",
    "speaks_against",
    "n_used",
]
EVIDENCE_COLUMNS: Final = ["item", "term", "estimate", "conf_low", "conf_high", "p_value", "p_holm", "n_used"]
SIGN_COLUMNS: Final = ["term", "estimate", "conf_low", "conf_high", "p_value", "found", "n_used"]
Row = dict[str, object]


def reading_table(
    numbers: Evidence | None, decision: Decision | None, fit: InteractionFit | None, rule: VerdictRule
) -> pd.DataFrame:
    """Return a row a reading; none without evidence."""
    if numbers is None or decision is None or fit is None:
        return pd.DataFrame(columns=READING_COLUMNS, index=pd.Index([], name="reading"))
    rows = []
    for reading in READINGS:
        figure, measure = _strength(reading, numbers, fit, rule)
        status = SUPPORTED if decision.code == reading else _status(reading, numbers, rule)
        rows.append(
            {
                "reading": reading,
                "status": status,
                "measure": measure,
                **_columns(figure),
                "speaks_for": _speaks_for(reading, numbers, rule),
                "speaks_against": _speaks_against(reading, numbers, decision, rule),
                "n_used": numbers.n_used,
            }
        )
    return pd.DataFrame(rows).set_index("reading")[READING_COLUMNS]


def _columns(figure: Figure) -> Row:
    return {
        "estimate": figure.estimate,
        "conf_low": figure.low,
        "conf_high": figure.high,
        "p_value": figure.p_value,
    }


def _strength(reading: str, numbers: Evidence, fit: InteractionFit, rule: VerdictRule) -> tuple[Figure, str]:
    """Return how strong a reading is, and by which measure."""
    if reading == COMPENSATING:
        return numbers.p_hat, "p_hat"
    if reading == REINFORCING:
        return numbers.shares[PRODUCT], "share_product"
    if reading == BOTTLENECK:
        return numbers.shares[MINIMUM], "share_minimum"
    if reading == NECESSARY:
        found = [p for p in numbers.necessity.values() if p <= rule.alpha]
        count = float(len(found)) if numbers.necessity_tested else np.nan
        return Figure(count, p_value=numbers.necessity_of_two), "conditions_necessary"
    return Figure(main_r2(fit), p_value=numbers.relation_p), "r2"


def main_r2(fit: InteractionFit) -> float:
    """Return what the conditions add to R² as main effects."""
    return float(fit.steps["r2_gain"]["main effects"])


def _status(reading: str, numbers: Evidence, rule: VerdictRule) -> str:
    """Return whether these data exclude a reading that is not the verdict."""
    product, minimum = numbers.shares[PRODUCT], numbers.shares[MINIMUM]
    agree = len(agreeing_on_products(numbers, rule)) >= rule.tests_for_reinforcing
    excluded = {
        COMPENSATING: numbers.p_hat.high < rule.essential_below or (agree and minimum.low > 0),
        REINFORCING: product.high < rule.whole_share,
        BOTTLENECK: numbers.p_hat.low > rule.essential_below or minimum.high < rule.whole_share,
        NECESSARY: False,  # that necessity is not found is no evidence against it
        NO_RELATION: _related(numbers, rule) or _found_without_slopes(numbers, rule),
    }
    return EXCLUDED if excluded[reading] and (reading == NO_RELATION or _related(numbers, rule)) else OPEN


def _related(numbers: Evidence, rule: VerdictRule) -> bool:
    """Tell whether there is a relation at all: without one its form is not known."""
    return bool(numbers.relation_p <= rule.alpha)


def _found_without_slopes(numbers: Evidence, rule: VerdictRule) -> bool:
    missing = against_no_relation(numbers, rule)
    return bool(missing) and missing != ("relation_power_low",)


def _speaks_against(
    reading: str, numbers: Evidence, decision: Decision, rule: VerdictRule
) -> tuple[str, ...]:
    """Return what a reading lacks; where it lacks nothing and is not the verdict, what comes before it."""
    if reading == NO_RELATION:
        return ("relation_found",) if _related(numbers, rule) else against_no_relation(numbers, rule)
    lacks = {
        COMPENSATING: against_compensating,
        REINFORCING: against_reinforcing,
        BOTTLENECK: against_bottleneck,
        NECESSARY: against_necessary,
    }[reading](numbers, rule)
    zero, power = rule.essential_below, numbers.p_hat
    own: dict[str, dict[str, bool]] = {
        REINFORCING: {"product_ruled_out": numbers.shares[PRODUCT].high < rule.whole_share},
        BOTTLENECK: {
            "minimum_ruled_out": numbers.shares[MINIMUM].high < rule.whole_share,
            "p_hat_interval_holds_zero": numbers.p_hat_below < zero and power.low <= zero <= power.high,
        },
    }
    doubts = () if reading == COMPENSATING else against_any_combination(numbers, rule)
    held = [code for code, holds in own.get(reading, {}).items() if holds]
    # a share that is not known keeps a bottleneck from being said, and rules nothing out
    unknown = {"minimum_ruled_out"} if np.isnan(numbers.shares[MINIMUM].high) else set()
    found = tuple(code for code in dict.fromkeys((*held, *lacks, *doubts)) if code not in unknown)
    if found or reading == decision.code:
        return found
    return ("earlier",) if _related(numbers, rule) else ("relation_not_found",)


def _speaks_for(reading: str, numbers: Evidence, rule: VerdictRule) -> tuple[str, ...]:
    """Return what speaks for a reading, whatever else is missing."""
    product, minimum = numbers.shares[PRODUCT], numbers.shares[MINIMUM]
    joint = numbers.joint_p <= rule.alpha
    holds: dict[str, dict[str, bool | np.bool_]] = {
        COMPENSATING: {
            "p_hat_above_zero": numbers.p_hat_above > rule.essential_below,
            "p_hat_reaches_one": numbers.p_hat.low <= 1 <= numbers.p_hat.high,
            "products_not_found": numbers.joint_p > rule.alpha,
            "product_ruled_out": product.high < rule.whole_share,
            "minimum_ruled_out": minimum.high < rule.whole_share,
        },
        REINFORCING: {
            "products_found": joint,
            "product_share_found": product.low > 0,
            "slopes_rise": len(slopes(numbers, rule, rising=True)) >= rule.slopes_rising,
            "mean_behind": numbers.mean_behind > rule.aic_gap,
        },
        BOTTLENECK: {
            "p_hat_below_zero": numbers.p_hat.high < rule.essential_below,
            "p_hat_below_zero_one_sided": numbers.p_hat_below < rule.essential_below <= numbers.p_hat.high,
            "products_found": joint,
            "minimum_found": minimum.low > 0,
        },
        NECESSARY: {f"necessity_of_{name}": p <= rule.alpha for name, p in numbers.necessity.items()},
        NO_RELATION: {
            "relation_not_found": numbers.relation_p > rule.alpha,
            "relation_would_be_found": not _related(numbers, rule) and numbers.relation_power >= rule.power,
        },
    }
    return tuple(code for code, so in holds[reading].items() if so)


def evidence_table(
    numbers: Evidence | None,
    fit: InteractionFit | None,
    joint: JointTest | None,
    necessity: BeyondCorrelation | None,
) -> pd.DataFrame:
    """Return a row a number of the evidence."""
    if numbers is None or fit is None or joint is None or necessity is None:
        return pd.DataFrame(columns=EVIDENCE_COLUMNS)
    table = pd.DataFrame(_numbers(numbers, fit, joint, necessity)).reindex(columns=EVIDENCE_COLUMNS)
    return table.assign(n_used=numbers.n_used)


def _numbers(
    numbers: Evidence, fit: InteractionFit, joint: JointTest, necessity: BeyondCorrelation
) -> Iterator[Row]:
    yield _row("relation", "r2", Figure(main_r2(fit), p_value=numbers.relation_p))
    yield _row("power_mean", "p_hat", numbers.p_hat)
    yield _row("power_mean", "one_sided_low", Figure(numbers.p_hat_above))
    yield _row("power_mean", "one_sided_high", Figure(numbers.p_hat_below))
    yield _row("joint", "r2_gain", Figure(joint.r2_gain, p_value=numbers.joint_p))
    yield _row("without_slopes", "products", numbers.products)
    yield _row("without_slopes", "squares", numbers.squares)
    for name, each in numbers.differences.items():
        yield {**_row("differences", name, each), "p_value": np.nan, "p_holm": each.p_value}
    for form, behind in numbers.aic.items():
        yield _row("forms", form, Figure(behind))
    for form, share in numbers.shares.items():
        yield _row("shares", form, share)
    for name, p in numbers.necessity.items():
        yield {**_row("necessity", name, Figure(float(necessity.conditions["z"][name]))), "p_holm": p}
    yield _row("necessity", "at least two", Figure(p_value=numbers.necessity_of_two))
    for name, value in numbers.reliability.items():
        yield _row("reliability", name, Figure(value))
    yield _row("power", "relation", Figure(numbers.relation_power))
    for form, power in numbers.share_power.items():
        yield _row("power", form, Figure(power))


def _row(item: str, term: str, figure: Figure) -> Row:
    return {"item": item, "term": term, **_columns(figure)}


def wrong_sign_table(numbers: Evidence | None, fit: InteractionFit | None, rule: VerdictRule) -> pd.DataFrame:
    """Return what has the wrong sign for the theory: the three-way term, slopes, and what products add."""
    rows = [] if numbers is None or fit is None else list(_wrong_signs(numbers, fit, rule))
    table = pd.DataFrame(rows, columns=["finding", *SIGN_COLUMNS[:-1]])
    return table.assign(n_used=0 if numbers is None else numbers.n_used).set_index("finding")


def _wrong_signs(numbers: Evidence, fit: InteractionFit, rule: VerdictRule) -> Iterator[Row]:
    three_way = _coefficient(fit, fit.tested_term)
    if three_way.estimate < 0:
        yield _sign("three_way_negative", fit.tested_term, three_way, rule)
    for name in fit.predictors:
        slope = _coefficient(fit, name)
        if slope.estimate < 0:
            yield _sign("slope_negative", name, slope, rule)
    for name in slopes(numbers, rule, rising=False):
        yield _sign("slope_falls", name, numbers.differences[name], rule)
    for form, share in numbers.shares.items():
        if share.high < 0:
            yield _sign("share_negative", form, share, rule)


def _coefficient(fit: InteractionFit, term: str) -> Figure:
    columns = ("estimate", "conf_low", "conf_high", "p_value")
    return Figure(*(float(fit.coefficients[name][term]) for name in columns))


def _sign(finding: str, term: str, figure: Figure, rule: VerdictRule) -> Row:
    found = bool(figure.p_value <= rule.alpha)
    return {"finding": finding, "term": term, **_columns(figure), "found": found}
