"""The permutation test of necessity: is the empty corner larger than with shuffled outcomes?"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from itertools import permutations
from math import factorial
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import norm

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, check_draws, check_kind
from si_research.model.holm import holm
from si_research.model.necessity.ceiling_fits import CE_FDH, CR_FDH, Scope, signs
from si_research.model.necessity.ceilings import Array, ce_fdh_effect, cr_fdh_effect
from si_research.model.necessity.exchange import orders_within
from si_research.model.necessity.necessity import Necessity
from si_research.model.necessity.people import Pairs, Places
from si_research.model.necessity.records import drawn_effects

TESTED: Final = (CE_FDH, CR_FDH)
RECORDS, EXACT, WITHIN = "records", "all orders", "within firms"
SAME_EFFECT: Final = 1e-9
"""A drawn effect this close to the observed one is as large: equal lines differ in their last digits."""
MOST_ORDERED: Final = 8
"""People of whom all orders can be gone through: 40,320."""
AT_ONCE: Final = 4_000_000
"""Scores that are shuffled at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class PermutationTest:
    """Effect sizes against those of shuffled outcomes. Made by :func:`permutation_test`.

    Attributes
    ----------
    tests : pandas.DataFrame, indexed by ``condition`` and ``ceiling``
        effect (d), p_value, ``p_accuracy`` (half the width of the 95 % margin of p from the finite number of
        draws; 0 where all orders were gone through), p_holm (over the conditions of a ceiling), threshold
        (95th percentile of the draws), method (``records``, ``all orders`` or ``within firms``), n_draws,
        n_used, note: ``no_variance``; ``nothing_to_shuffle``, where no firm has two people.
    within_firms : bool
    seed : int
    """

    tests: pd.DataFrame = field(repr=False)
    within_firms: bool
    seed: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the tests."""
        return self.tests.copy()

    def _head(self) -> str:
        return f"Outcomes shuffled{' within firms' if self.within_firms else ''}"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.tests.round(4).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.tests.round(4).to_html()}"


def permutation_test(
    found: Necessity, *, draws: int = 10_000, seed: int, within_firms: bool = False
) -> PermutationTest:
    """Test whether the empty corner is larger than it would be without any association.

    Use it for parity with R's NCA. A small p is no evidence of necessity: any positive correlation empties
    the corner, and in purely additive worlds two of three conditions or more get d >= .1 and p < .05 in over
    nine of ten samples. The test that tells necessity from correlation is in
    :mod:`~si_research.model.necessity.beyond_correlation`.

    Parameters
    ----------
    found : Necessity
        With CE-FDH, CR-FDH or both; other ceilings have no test.
    draws : int, at least 199
    seed : int
        Every condition has the same draws, whichever others there are.
    within_firms : bool
        Shuffle outcomes within firms only, so that differences between firms, which may come from other
        things, are no evidence; takes ``cluster`` of describe_necessity, and each outcome is really shuffled.

    Returns
    -------
    PermutationTest

    Raises
    ------
    ModelSpecificationError
        For a Necessity without these ceilings or, within firms, without firms; too few draws; no seed.

    Notes
    -----
    p = (1 + draws with d* >= d)/(1 + draws), and not below 1/draws, as in R; the scope stays that of the
    data. Effects within 1e-9 of the observed one count as equal (R compares without a tolerance, so that with
    tied answers rounding decides on its p of the lines). Where there are no more orders than draws, up to
    eight people, all are gone through. Otherwise the draws are those of
    :mod:`~si_research.model.necessity.records`, which follow the same distribution without shuffling.

    References
    ----------
    Dul, van der Laan & Kuik (2020), https://doi.org/10.1177/1094428118795272.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> from si_research.model.necessity.necessity import describe_necessity
    >>> found = describe_necessity(simulate_scores(200, seed=1), ceilings=["ce_fdh"])
    >>> permutation_test(found, seed=1).tests["method"].to_list()
    ['records', 'records', 'records']
    """
    todo = "give what describe_necessity returns"
    check_kind(found, Necessity, "a Necessity", "`found` of permutation_test", todo)
    check_draws(draws, seed, 10_000, "permutation_test")
    _check(found, within_firms)
    rows = []
    for condition in found.predictors:
        fits = {
            name: found.ceilings[condition, name] for name in TESTED if (condition, name) in found.ceilings
        }
        some = next(iter(fits.values()))
        method, effects, note = _drawn(
            found.pairs[condition], some.scope, some.corner, draws, seed, within_firms
        )
        for name, fit in fits.items():
            row = {"condition": condition, "ceiling": name, "effect": fit.effect}
            p = _p(fit.effect, effects[name], exact=method == EXACT)
            rows.append({**row, **p, "method": method, "n_used": fit.n_used, "note": note})
    table = pd.DataFrame(rows)
    corrected = table.groupby("ceiling")["p_value"].transform(lambda p: holm(p.to_numpy()))
    table.insert(list(table.columns).index("p_accuracy") + 1, "p_holm", corrected)
    return PermutationTest(table.set_index(["condition", "ceiling"]), within_firms, seed)


def _check(found: Necessity, within_firms: bool) -> None:
    if not any(name in TESTED for _, name in found.ceilings):
        raise ModelSpecificationError(
            expected="ceilings that have a permutation test: ce_fdh, cr_fdh",
            found=", ".join(dict.fromkeys(name for _, name in found.ceilings)),
            where="`found` of permutation_test",
            todo="describe the necessity with these ceilings",
        )
    if not isinstance(within_firms, bool) or (within_firms and found.cluster is None):
        raise ModelSpecificationError(
            expected="firms to shuffle within",
            found="no firms" if isinstance(within_firms, bool) else as_found(within_firms),
            where="`within_firms` of permutation_test",
            todo="give describe_necessity the column of the firm as `cluster`",
        )


def _drawn(
    pairs: Pairs, scope: Scope, corner: int, draws: int, seed: int, within_firms: bool
) -> tuple[str, dict[str, Array], str]:
    """Return how was drawn, the effects of each ceiling, and a note."""
    x_sign, y_sign = signs(corner)
    x, y, turned = pairs.x * x_sign, pairs.y * y_sign, scope.turned(corner)
    method = WITHIN if within_firms else RECORDS
    if scope.area == 0 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return method, dict.fromkeys(TESTED, np.full(draws, np.nan)), "no_variance"
    if within_firms and pairs.firms is not None:
        lone = len(np.unique(pairs.firms)) == len(pairs.firms)
        effects = _shuffled_within(x, y, pairs.firms, turned, draws, seed)
        return method, effects, "nothing_to_shuffle" if lone else ""
    if len(x) <= MOST_ORDERED and factorial(len(x)) <= draws:
        orders = np.array(list(permutations(range(len(x)))))
        return EXACT, _effects(x, y[orders], turned), ""
    drawn = drawn_effects(x, y, turned, draws, seed)
    return method, {CE_FDH: drawn.ce_fdh, CR_FDH: drawn.cr_fdh}, ""


def _shuffled_within(
    x: Array, y: Array, firms: Places, scope: Scope, draws: int, seed: int
) -> dict[str, Array]:
    own = np.lexsort((y, x, firms))  # so that nothing hangs on the order of the rows
    x, y, firms = x[own], y[own], firms[own]
    random = np.random.default_rng(seed)
    size = max(1, AT_ONCE // len(x))
    parts = [
        _effects(x, y[orders_within(firms, min(size, draws - start), random)], scope)
        for start in range(0, draws, size)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in TESTED}


def _effects(x: Array, y: Array, scope: Scope) -> dict[str, Array]:
    ends = (scope.x_low, scope.x_high, scope.y_low, scope.y_high)
    return {CE_FDH: ce_fdh_effect(x, y, *ends), CR_FDH: cr_fdh_effect(x, y, *ends)}


def _p(effect: float, drawn: Array, *, exact: bool) -> dict[str, float]:
    drawn = drawn[~np.isnan(drawn)]
    n = len(drawn)
    if n == 0 or np.isnan(effect):
        return {"p_value": np.nan, "p_accuracy": np.nan, "threshold": np.nan, "n_draws": 0}
    as_large = int(np.sum(drawn >= effect - SAME_EFFECT))
    p = max((as_large + 1) / (n + 1), 1 / n)
    accuracy = 0.0 if exact else float(norm.ppf(0.975) * np.sqrt(p * (1 - p) / n))
    return {"p_value": p, "p_accuracy": accuracy, "threshold": float(np.quantile(drawn, 0.95)), "n_draws": n}
