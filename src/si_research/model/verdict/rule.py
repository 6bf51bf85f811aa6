"""The rule: which verdict follows from the evidence, by named thresholds, the first clause that holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np
import pandas as pd

NO_RELATION: Final = "no_relation"
BOTTLENECK: Final = "bottleneck"
NECESSARY: Final = "necessary"
REINFORCING: Final = "reinforcing"
COMPENSATING: Final = "compensating"
UNDECIDED: Final = "undecided"
REFUSED: Final = "refused"
VERDICTS: Final = (NO_RELATION, BOTTLENECK, NECESSARY, REINFORCING, COMPENSATING, UNDECIDED, REFUSED)
PRODUCT, MINIMUM, HARMONIC = "product", "minimum", "harmonic"
COMBINING: Final = (PRODUCT, HARMONIC, MINIMUM)
"""Forms in which no condition wholly makes up for another, from the mildest to the strictest."""


def _threshold(default: float, source: str) -> Any:
    return field(default=default, metadata={"source": source})


@dataclass(frozen=True, slots=True)
class VerdictRule:
    """The thresholds of the verdict, each with its source in :meth:`table`.

    Attributes
    ----------
    alpha : float
        Of every test.
    smallest_r2 : float
        The smallest share of variance that would count as a relation: "no relation" is said only where it
        would have been found.
    power : float
        With which something would have been found, before its absence is told.
    essential_below : float
        Power p of the power mean at and below which every condition is essential.
    whole_share : float
        Share of the combination that a form predicts, which is found where the form is true.
    near_share : float
        Share that counts as the whole: answers in whole points lose a little of what a form predicts.
    hidden_p : float
        p of products or squares without slopes, corrected for two tests, at which "no relation" is not said.
    aic_gap : float
        By which the mean is behind the best form of as many parameters.
    tests_for_reinforcing, slopes_rising, conditions_necessary : int
        How many must agree.
    reliability_floor : float
        Below which a scale is unreliable.
    assumed_reliability : float
        Where the reliability of a condition is not known.
    """

    alpha: float = _threshold(0.05, "Fisher (1925); the level of every test of this toolkit")
    smallest_r2: float = _threshold(0.02, "Cohen (1988), Statistical Power Analysis, ch. 9: small, f2 = .02")
    power: float = _threshold(0.80, "Cohen (1988), Statistical Power Analysis, ch. 2")
    essential_below: float = _threshold(
        0.0, "Arrow, Chenery, Minhas & Solow (1961), https://doi.org/10.2307/1927286"
    )
    whole_share: float = _threshold(1.0, "by definition: what the form predicts is found in full")
    near_share: float = _threshold(
        0.75, "decision record 0014: between a true minimum (.93) and a necessary threshold (.56)"
    )
    hidden_p: float = _threshold(
        0.001, "decision record 0014: a world without any relation loses at most 1 verdict in 1,000 by it"
    )
    aic_gap: float = _threshold(2.0, "Burnham & Anderson (2002), Model Selection, ch. 2.6")
    tests_for_reinforcing: int = _threshold(2, "decision record 0014: of three tests of the products")
    slopes_rising: int = _threshold(2, "decision record 0014: of the three conditions, after Holm")
    conditions_necessary: int = _threshold(2, "decision record 0014: of the three conditions, after Holm")
    reliability_floor: float = _threshold(0.50, "decision record 0003; the usual floor of a study file")
    assumed_reliability: float = _threshold(
        0.70, "Nunnally (1978), Psychometric Theory: modest, for early research"
    )

    def table(self) -> pd.DataFrame:
        """Return value and source of each threshold."""
        rows = [
            {"threshold": each.name, "value": getattr(self, each.name), "source": each.metadata["source"]}
            for each in fields(self)
        ]
        return pd.DataFrame(rows).set_index("threshold")


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate with its interval; missing numbers are not a number."""

    estimate: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p_value: float = np.nan


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the rule looks at: plain numbers, all with firms as the unit of inference where there are firms.

    Attributes
    ----------
    n_used, n_firms : int
        0 firms: people without firms.
    relation_p, relation_power : float
        Test of the three slopes, and its power for the smallest R² of the rule.
    p_hat : Figure
        Power of the power mean, with its bootstrap interval.
    p_hat_above, p_hat_below : float
        One-sided lower and upper limit of p_hat, at alpha.
    joint_p : float
        Joint test of all products, squares beside them.
    differences : mapping of condition to Figure
        Slope where both others are high minus slope where both are low; ``p_value`` after Holm.
    aic : mapping of form to float
        AIC minus that of the best of the forms with as many parameters.
    shares : mapping of form to Figure
        How much of the combination that the form predicts is found, beside main effects and squares.
    share_power : mapping of form to float
        Power of the test that finds a share of 1.
    necessity : mapping of condition to float
        Corrected p of necessity beyond correlation; empty where it was not asked.
    necessity_of_two : float
        p that at least two conditions are necessary, whichever they are.
    reliability : mapping of scale to float
        As it was given; empty where it was not.
    products, squares : Figure
        What they add to R², and Hotelling's p of that, which no number of draws keeps from being small.
    distinct : bool
        False where conditions correlate as much as their reliabilities allow.
    """

    n_used: int
    n_firms: int
    relation_p: float
    relation_power: float
    p_hat: Figure
    p_hat_above: float
    p_hat_below: float
    joint_p: float
    differences: Mapping[str, Figure]
    aic: Mapping[str, float]
    shares: Mapping[str, Figure]
    share_power: Mapping[str, float]
    necessity: Mapping[str, float] = field(default_factory=dict)
    necessity_of_two: float = np.nan
    reliability: Mapping[str, float] = field(default_factory=dict)
    products: Figure = Figure()
    squares: Figure = Figure()
    distinct: bool = True

    @property
    def mean_behind(self) -> float:
        """By how much AIC the mean is behind the best form."""
        return float(self.aic.get("mean", np.nan))

    @property
    def necessity_tested(self) -> bool:
        """Whether any p of necessity is there."""
        return not bool(np.isnan([*self.necessity.values(), self.necessity_of_two]).all())


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and why: codes, which a report puts into words.

    Attributes
    ----------
    code : str
        One of ``VERDICTS``.
    reasons : tuple of str
        What led to it; for ``undecided`` what stood in the way of each other verdict.
    """

    code: str
    reasons: tuple[str, ...]


def decide(evidence: Evidence, rule: VerdictRule | None = None) -> Decision:
    """Return the first verdict whose clause holds.

    Parameters
    ----------
    evidence : Evidence
    rule : VerdictRule, optional

    Returns
    -------
    Decision

    Notes
    -----
    In this order. *Refused*: all reliabilities are known and no scale reaches the floor. *No relation*: the
    three slopes are not found, though the smallest R² would have been, nor are products or squares that add
    as much (else undecided). *Bottleneck*: p_hat lies
    below 0, the products are found together, and what a minimum predicts is found, nearly all of it.
    *Necessary*: at least two conditions are, beyond correlation. *Reinforcing*: two of three tests of the
    products agree (all together; what each form predicts; two rising slopes), no slope falls, what is
    found of a product is not all negative, and the mean is more than 2 AIC behind. *Compensating*: p_hat
    lies above 0 (or what a harmonic mean predicts is ruled out), nothing of a combination is found, and a
    product and a minimum are ruled out: less is found than they predict. *Undecided* otherwise, and in the
    place of the first three of these where conditions are hardly distinct or one is unreliable. A number that
    is missing never speaks for a verdict.

    Examples
    --------
    >>> nothing = Evidence(1500, 60, 0.4, 0.99, Figure(), 0.1, 2.0, 0.5, {}, {}, {}, {})
    >>> decide(nothing).code
    'no_relation'
    """
    rule = VerdictRule() if rule is None else rule
    if none_reliable(evidence, rule):
        return Decision(REFUSED, ("no_reliable_scale",))
    if np.isnan(evidence.relation_p):
        return Decision(UNDECIDED, ("no_test",))
    if evidence.relation_p > rule.alpha:
        missing = against_no_relation(evidence, rule)
        return Decision(UNDECIDED if missing else NO_RELATION, ("relation_not_found", *missing))
    clauses = {
        BOTTLENECK: against_bottleneck,
        NECESSARY: against_necessary,
        REINFORCING: against_reinforcing,
        COMPENSATING: against_compensating,
    }
    lacking = {code: clause(evidence, rule) for code, clause in clauses.items()}
    for code, reasons in lacking.items():
        doubts = () if code == COMPENSATING else against_any_combination(evidence, rule)
        if not reasons and doubts:
            return Decision(UNDECIDED, doubts)
        if not reasons:
            return Decision(code, reasons_for(code, evidence, rule))
    return Decision(UNDECIDED, tuple(dict.fromkeys(_all(lacking))))


def _all(missing: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return what stood in the way, nearest verdict first: the one that lacks least."""
    return [reason for each in sorted(missing.values(), key=len) for reason in each]


def reliable_scales(evidence: Evidence, rule: VerdictRule) -> tuple[str, ...]:
    """Return the scales whose reliability reaches the floor."""
    return tuple(name for name, value in evidence.reliability.items() if value >= rule.reliability_floor)


def none_reliable(evidence: Evidence, rule: VerdictRule) -> bool:
    """Tell whether the reliabilities of the outcome and of all conditions are known, and all too low."""
    known = len(evidence.reliability) > len(evidence.differences)
    return known and not reliable_scales(evidence, rule)


def against_no_relation(evidence: Evidence, rule: VerdictRule) -> tuple[str, ...]:
    """Return what "no relation" lacks where slopes are not found: power, or what goes without slopes."""
    if not evidence.relation_power >= rule.power:
        return ("relation_power_low",)
    lacks = {
        "combinations_without_slopes": not _found_beside(evidence.products, rule),
        "turns_without_slopes": not _found_beside(evidence.squares, rule),
    }
    return _lacking(lacks)


def _found_beside(figure: Figure, rule: VerdictRule) -> bool:
    return 2 * figure.p_value <= rule.hidden_p and figure.estimate >= rule.smallest_r2


def against_any_combination(evidence: Evidence, rule: VerdictRule) -> tuple[str, ...]:
    """Return why nothing can be claimed of combinations, whatever is found of them.

    A bend in one common condition looks like a combination of several, and so does what error leaves of it.
    """
    known = [evidence.reliability.get(name, np.nan) for name in evidence.differences]
    lacks = {
        "conditions_hardly_distinct": evidence.distinct,
        "conditions_unreliable": not any(value < rule.reliability_floor for value in known),
    }
    return _lacking(lacks)


def against_bottleneck(evidence: Evidence, rule: VerdictRule) -> tuple[str, ...]:
    """Return what a bottleneck lacks; nothing where its clause holds."""
    minimum = _share(evidence, MINIMUM)
    lacks = {
        "p_hat_not_below_zero": evidence.p_hat_below < rule.essential_below,
        "products_not_found": evidence.joint_p <= rule.alpha,
        "minimum_not_found": minimum.low > 0,
        "minimum_ruled_out": minimum.high >= rule.whole_share or minimum.estimate >= rule.near_share,
    }
    return _lacking(lacks)


def against_necessary(evidence: Evidence, rule: VerdictRule) -> tuple[str, ...]:
    """Return what necessity lacks."""
    found = sum(p <= rule.alpha for p in evidence.necessity.values()) >= rule.conditions_necessary
    found = found or evidence.necessity_of_two <= rule.alpha
    lacks = {
        "necessity_not_tested": evidence.necessity_tested,
        "necessity_not_found": found or not evidence.necessity_tested,
    }
    return _lacking(lacks)


def against_reinforcing(evidence: Evidence, rule: VerdictRule) -> tuple[str, ...]:
    """Return what reinforcement lacks."""
    lacks = {
        "tests_disagree": len(agreeing_on_products(evidence, rule)) >= rule.tests_for_reinforcing,
        "slope_falls": bool(evidence.differences) and not slopes(evidence, rule, rising=False),
        "mean_not_behind": evidence.mean_behind > rule.aic_gap,
        "share_negative": _share(evidence, PRODUCT).high > 0,  # unknown where the conditions work downwards
    }
    return _lacking(lacks)


def against_compensating(evidence: Evidence, rule: VerdictRule) -> tuple[str, ...]:
    """Return what compensation lacks."""
    found = [form for form, share in evidence.shares.items() if share.low > 0]
    product, harmonic, minimum = (_share(evidence, form) for form in COMBINING)
    replacing = product.high < 0  # products are there, and all say that conditions replace each other
    # with very unequal weights p_hat says little, and what a harmonic mean (p = -1) predicts may say more
    milder = evidence.p_hat.high >= 1 and harmonic.high < rule.whole_share
    lacks = {
        "p_hat_not_above_zero": evidence.p_hat_above > rule.essential_below or milder,
        "products_found": evidence.joint_p > rule.alpha or replacing,
        "slopes_rise": len(slopes(evidence, rule, rising=True)) < rule.slopes_rising,
        "combination_found": bool(evidence.shares) and not found,
        "product_not_ruled_out": product.high < rule.whole_share,
        "minimum_not_ruled_out": minimum.high < rule.whole_share,
        "power_low": evidence.share_power.get(MINIMUM, np.nan) >= rule.power,
    }
    return _lacking(lacks)


def agreeing_on_products(evidence: Evidence, rule: VerdictRule) -> tuple[str, ...]:
    """Return which of three tests find that conditions reinforce each other."""
    found = {
        "products_found": evidence.joint_p <= rule.alpha,
        "shares_found": shares_found(evidence),
        "slopes_rise": len(slopes(evidence, rule, rising=True)) >= rule.slopes_rising,
    }
    return tuple(test for test, holds in found.items() if holds)


def shares_found(evidence: Evidence) -> bool:
    """Tell whether something of a combination is found, whichever form it is taken to have."""
    return bool(evidence.shares) and all(share.low > 0 for share in evidence.shares.values())


def slopes(evidence: Evidence, rule: VerdictRule, *, rising: bool) -> tuple[str, ...]:
    """Return the conditions whose slope is found to rise (or to fall) with the others."""
    sign = 1 if rising else -1
    return tuple(
        name
        for name, each in evidence.differences.items()
        if each.p_value <= rule.alpha and sign * each.estimate > 0
    )


def reasons_for(code: str, evidence: Evidence, rule: VerdictRule) -> tuple[str, ...]:
    """Return what speaks for a verdict whose clause holds."""
    if code == BOTTLENECK:
        one_sided = "" if evidence.p_hat.high < rule.essential_below else "_one_sided"
        return f"p_hat_below_zero{one_sided}", "products_found", "minimum_found"
    if code == NECESSARY:
        return ("necessity_found",)
    if code == REINFORCING:
        return *agreeing_on_products(evidence, rule), "mean_behind"
    p_hat = evidence.p_hat
    reach = (
        "p_hat_above_one" if p_hat.low > 1 else "p_hat_reaches_one" if p_hat.high >= 1 else "p_hat_below_one"
    )
    return "no_combination_found", "product_ruled_out", "minimum_ruled_out", reach


def _share(evidence: Evidence, form: str) -> Figure:
    return evidence.shares.get(form, Figure())


def _lacking(lacks: Mapping[str, bool | np.bool_]) -> tuple[str, ...]:
    return tuple(reason for reason, holds in lacks.items() if not holds)
