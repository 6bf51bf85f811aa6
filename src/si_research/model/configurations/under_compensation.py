"""What the truth table of the same people would be if conditions only made up for each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.arguments import check_draws, check_kind
from si_research.model.configurations.configurations import Configurations
from si_research.model.configurations.set_relations import Array, Integers, blocks, corners
from si_research.model.configurations.stability import ONLY, ONLY_JUDGED, answer_code
from si_research.model.configurations.truth_table import (
    FIGURES,
    NOT_JUDGED,
    SUFFICIENT,
    judged,
    row_fit,
    truth_rows,
)
from si_research.model.design import own_order

NEIGHBOURS: Final = 0.05
"""Share of the people on either side, by fitted outcome, of whom a residual is drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class UnderCompensation:
    """A truth table beside those of compensating outcomes. Made by :func:`under_compensation`.

    Attributes
    ----------
    row, code : str
        The row with all conditions, and the answer of the analysis.
    share_only, share_same : float
        In how many of the compensating outcomes that row is the only sufficient one (``only``,
        ``only_judged``); and the answer is the same. An answer that most of them give says nothing for the
        combination.
    last_step, last_step_expected : float
        What the last condition adds to inclS beyond what the one before it does: (all conditions, less the
        mean of the rows without one) less (that mean, less the mean of the rows without two); and its mean
        over the compensating outcomes.
    p_value : float
        (1 + draws with as large a last step) / (1 + draws). Small: more lies in the combination than
        conditions that make up for each other would show.
    answers : pandas.DataFrame, indexed by ``code``
        n, share: the answers of the compensating outcomes.
    n_used, n_draws, seed : int
    """

    row: str
    code: str
    share_only: float
    share_same: float
    last_step: float
    last_step_expected: float
    p_value: float
    answers: pd.DataFrame = field(repr=False)
    n_used: int
    n_draws: int
    seed: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the answers of the compensating outcomes."""
        return self.answers.copy()

    def _head(self) -> str:
        return (
            f"{self.row}: {self.code}; the only sufficient row in {self.share_only:.2f} of {self.n_draws} "
            f"compensating outcomes (n = {self.n_used})\n"
            f"last step {self.last_step:.3f}, expected {self.last_step_expected:.3f}, p = {self.p_value:.3f}"
        )

    def __str__(self) -> str:
        return f"{self._head()}\n{self.answers.round(3).to_string()}"

    def _repr_html_(self) -> str:
        head = escape(self._head()).replace("\n", "<br>")
        return f"<p>{head}</p>{self.answers.round(3).to_html()}"


def under_compensation(found: Configurations, *, draws: int = 999, seed: int) -> UnderCompensation:
    """Compare a truth table with those of the same people with an outcome that conditions only add to.

    Use it whenever the row with all conditions comes out as the only sufficient one. That answer is as common
    where conditions make up for each other: people who are high on all of them are high on any sum of them.

    Parameters
    ----------
    found : Configurations
    draws, seed : int
        Compensating outcomes.

    Returns
    -------
    UnderCompensation

    Raises
    ------
    ModelSpecificationError
        For another object, fewer than 199 draws, or a seed that is not a whole number.

    Notes
    -----
    A compensating outcome is what the conditions and their squares predict, plus the residual of somebody
    within 5 % of the ranks of that prediction, as the nearest score that somebody has; memberships, cut-offs
    and rows are those of the analysis. In simulated surveys (1,500 people, 60 firms, reliability .8; 200 of
    each, so that an error is at most .035) "only" was the answer in .49 of additive worlds (.22 with weights
    .70/.25/.05, .78 without measurement error), .60 of concave, .34 of convex ones, .39 of products and .75
    of minimums, and never where nothing was related. p was at most .05 in .02 of the worlds without a
    combination (.01 to .05 by world), in .38 of products and .72 of minimums. Residuals are drawn over
    people, not over whole firms.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> from si_research.model.configurations.configurations import fit_configurations
    >>> found = fit_configurations(simulate_scores(300, seed=1).clip(1, 5), seed=1)
    >>> under_compensation(found, draws=199, seed=1).n_draws
    199
    """
    todo = "give the result of fit_configurations"
    check_kind(found, Configurations, "a fuzzy-set analysis", "`found` of under_compensation", todo)
    check_draws(draws, seed, 999, "under_compensation")
    order = own_order(found.scores)
    scores, members = found.scores.iloc[order], found.sets.members.iloc[order]
    rows = corners(members[list(found.conditions)].to_numpy())
    code, step = _answer(found, _sums(rows, members[found.outcome].to_numpy()))
    drawn = [
        _answer(found, _sums(rows, outcome))
        for outcome in _compensating(found, scores, members[found.outcome].to_numpy(), draws, seed)
    ]
    codes, steps = pd.Series([each[0] for each in drawn]), np.array([each[1] for each in drawn])
    counts = codes.value_counts().rename_axis("code").to_frame("n")
    return UnderCompensation(
        row=found.answer.row,
        code=code,
        share_only=float(codes.isin([ONLY, ONLY_JUDGED]).mean()),
        share_same=float((codes == code).mean()),
        last_step=step,
        last_step_expected=float(steps.mean()),
        p_value=float((1 + (steps >= step - 1e-12).sum()) / (1 + draws)),
        answers=counts.assign(share=counts["n"] / draws),
        n_used=found.n_used,
        n_draws=draws,
        seed=seed,
    )


def _compensating(
    found: Configurations, scores: pd.DataFrame, members: Array, draws: int, seed: int
) -> Iterator[Array]:
    """Yield memberships of outcomes that the conditions and their squares add up to."""
    y = scores[found.outcome].to_numpy()
    fitted = _fitted(scores[list(found.conditions)].to_numpy(), y)
    order = np.argsort(fitted, kind="stable")
    in_order, residuals = fitted[order], (y - fitted)[order]
    values, first = np.unique(y, return_index=True)
    borders = (values[1:] + values[:-1]) / 2
    n, reach = len(y), max(1, int(NEIGHBOURS * len(y)))
    low, high = np.maximum(np.arange(n) - reach, 0), np.minimum(np.arange(n) + reach, n - 1)
    rng = np.random.default_rng([seed, 2])
    for _ in range(draws):
        near: Integers = rng.integers(low, high, endpoint=True)
        outcome = np.empty(n)
        outcome[order] = members[first][np.searchsorted(borders, in_order + residuals[near])]
        yield outcome


def _fitted(conditions: Array, outcome: Array) -> Array:
    """Return what conditions and their squares predict."""
    z = (conditions - conditions.mean(axis=0)) / conditions.std(axis=0)
    design = np.column_stack([np.ones(len(z)), z, z**2])
    return np.asarray(design @ np.linalg.lstsq(design, outcome, rcond=None)[0])


def _sums(rows: Array, outcome: Array) -> Array:
    """Return the sums of a truth table of all people: row x figure, as ``corner_sums`` does."""
    sums = np.zeros((len(FIGURES), rows.shape[1]))
    for part in blocks(len(outcome)):
        x, y = rows[part], outcome[part, None]
        with_y, without_y = np.minimum(x, y), np.minimum(x, 1 - y)
        for place, values in enumerate((x, with_y, without_y, np.minimum(with_y, without_y), x > 0.5)):
            sums[place] += values.sum(axis=0)
    return sums.T


def _answer(found: Configurations, sums: Array) -> tuple[str, float]:
    """Return the answer on the row with all conditions, and what its last condition adds."""
    inclusion, pri = row_fit(sums, negated=False)
    out = judged(inclusion, pri, sums[:, 4], found.choices.cuts, found.choices.n_cut)
    n_present = truth_rows(found.conditions).sum(axis=1).to_numpy()
    k = len(found.conditions)
    one_less, two_less = (float(np.nanmean(inclusion[n_present == k - less])) for less in (1, 2))
    step = float(inclusion[-1]) - 2 * one_less + two_less
    return answer_code(out == SUFFICIENT, out == NOT_JUDGED), step
