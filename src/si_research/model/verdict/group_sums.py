"""Least squares and jackknife over firms from each firm's sums of squares and products, without a refit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.model.firm_sums import cross_products
from si_research.model.inference import changes_without, covariance_of_changes, lengths, wald_statistic
from si_research.model.verdict.rule import Figure

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
MOST_GROUPS: Final = 2000
"""People without firms are left out one by one up to here; more of them in so many groups."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupFit:
    """A fit, and how it changes without each group.

    Attributes
    ----------
    terms : tuple of str
    estimate : array, shape (k,)
    covariance : array, shape (k, k)
        Jackknife over groups.
    lost : array of bool, shape (k,)
        Terms that a single group decides.
    n_groups : int
    """

    terms: tuple[str, ...]
    estimate: Array
    covariance: Array
    lost: npt.NDArray[np.bool_]
    n_groups: int

    @property
    def df(self) -> float:
        """Degrees of freedom of t: groups minus 1."""
        return float(self.n_groups - 1)

    def combination(self, weights: Mapping[str, float], alpha: float, *, unit: float = 1.0) -> Figure:
        """Return c'b/unit with its interval and p; the interval covers 1 - alpha."""
        from scipy import stats

        c = np.array([weights.get(term, 0.0) for term in self.terms])
        value, std_error = float(c @ self.estimate), float(np.sqrt(max(c @ self.covariance @ c, 0)))
        if std_error == 0 or unit == 0:
            return Figure()
        width = float(stats.t.ppf(1 - alpha / 2, self.df)) * std_error
        p = float(2 * stats.t.sf(abs(value) / std_error, self.df))
        low, high = sorted(((value - width) / unit, (value + width) / unit))
        return Figure(value / unit, low, high, p)

    def hotelling_p(self, terms: Sequence[str]) -> float:
        """Return p of the hypothesis that these terms are all 0, by Hotelling's form.

        Missing with no more groups than terms, and where a single group decides one of the terms.
        """
        return self._p(np.array([self._row(term) for term in terms]))

    def equality_p(self, first: str, rest: Sequence[str]) -> float:
        """Return p of the hypothesis that these terms are all the same, in the same way."""
        return self._p(np.array([self._row(first) - self._row(term) for term in rest]))

    def _row(self, term: str) -> Array:
        return np.asarray(np.eye(len(self.terms))[self.terms.index(term)])

    def _p(self, weights: Array) -> float:
        from scipy import stats

        q, G = len(weights), self.n_groups
        if q >= G or self.lost[(weights != 0).any(axis=0)].any():
            return np.nan
        W = wald_statistic(weights @ self.estimate, weights @ self.covariance @ weights.T)
        return float(stats.f.sf(W * (G - q) / ((G - 1) * q), q, G - q))


@dataclass(frozen=True, slots=True, eq=False)
class GroupSums:
    """Sums of squares and products of named columns, each of unit length, in each group."""

    names: tuple[str, ...]
    sums: Array = field(repr=False)
    scale: Array = field(repr=False)

    def fit(self, terms: Sequence[str], outcome: str) -> GroupFit:
        """Fit a column on others."""
        A, y = [self.names.index(term) for term in terms], self.names.index(outcome)
        own, towards = self.sums[:, A][:, :, A], self.sums[:, A, y]
        estimate = np.linalg.lstsq(own.sum(axis=0), towards.sum(axis=0), rcond=1e-14)[0]
        changes, lost = changes_without(own, towards - own @ estimate, estimate)
        unit = self.scale[y] / self.scale[A]
        return GroupFit(
            terms=tuple(terms),
            estimate=estimate * unit,
            covariance=covariance_of_changes(changes) * np.outer(unit, unit),
            lost=np.asarray(lost.any(axis=0)),
            n_groups=len(own),
        )

    def rss(self, terms: Sequence[str], outcome: str) -> float:
        """Return what is left of a column's squares beside others."""
        A, y = [self.names.index(term) for term in terms], self.names.index(outcome)
        whole = self.sums.sum(axis=0)
        estimate = np.linalg.lstsq(whole[np.ix_(A, A)], whole[A, y], rcond=1e-14)[0]
        return float((whole[y, y] - whole[A, y] @ estimate) * self.scale[y] ** 2)


def group_sums(columns: Mapping[str, Array], groups: Numbers) -> GroupSums:
    """Return the sums of each group."""
    table = np.column_stack(list(columns.values()))
    scale = lengths(table)
    return GroupSums(tuple(columns), cross_products(table / scale, groups), scale)


def groups_of(n: int, firms: Numbers | None, seed: int, most: int = MOST_GROUPS) -> Numbers:
    """Return the firm of each row; without firms each person is a group, or one of so many drawn groups."""
    if firms is not None:
        return firms
    if n <= most:
        return np.arange(n, dtype=np.intp)
    return np.asarray(np.random.default_rng(seed).permutation(n) % most, dtype=np.intp)
