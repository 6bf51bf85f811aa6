"""What a fitted factor model holds, and what its reader must know about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Literal

import pandas as pd

from si_research.measurement.factors.answers import Answers, Missing
from si_research.measurement.factors.estimation import Likelihood, Solution
from si_research.measurement.factors.fit_measures import Unrestricted
from si_research.measurement.factors.structure import Array

Estimator = Literal["ML", "MLR"]
Status = Literal["estimated", "improper", "not converged", "not identified"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a fit that its reader must know.

    Attributes
    ----------
    name : str
        ``negative_variance`` (a Heywood case), ``correlation_beyond_one``, ``two_item_factor``,
        ``saturated`` (no degrees of freedom: the fit cannot be tested), ``few_rows`` (fewer than five rows a
        parameter, Bentler & Chou 1987), ``not_converged`` or ``not_identified``.
    where : tuple of str
        Items or factors.
    """

    name: str
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """What was fitted, for the functions that go on from a fit (scores, hints, validity)."""

    likelihood: Likelihood
    solution: Solution
    answers: Answers
    free: Unrestricted
    covariance: Array


@dataclass(frozen=True, slots=True, eq=False)
class FactorFit:
    """A factor model and how it fits. Made by :func:`fit_factors`.

    Attributes
    ----------
    factors : mapping of str to tuple of str
        Factor -> items.
    estimator, missing : str
    status : str
        "estimated"; "improper" where a variance is negative or a correlation beyond 1 (the figures stand, and
        are not to be used); "not converged" or "not identified", where all figures are missing.
    findings : tuple of Finding
    n_rows, n_used : int
        Respondents offered, respondents the fit rests on.
    estimates, standardised : pandas.DataFrame
        term, left, operator, right, group, free, estimate, std_error, statistic, df (infinite: normal),
        p_value, conf_low, conf_high. ``standardised`` has every variable with a standard deviation of 1.
    fit : pandas.Series, indexed by ``measure``
        chi_square, df, p_value, cfi, tli, rmsea with its 90 % interval, srmr, log_likelihood, aic, bic and,
        for MLR, the scaled and robust ones.
    r2 : pandas.Series, indexed by ``item``
        Share of each item's variance that its factor accounts for (first group).
    conf_level : float
    engine : Fitted
    """

    factors: Mapping[str, tuple[str, ...]]
    estimator: Estimator
    missing: Missing
    status: Status
    findings: tuple[Finding, ...]
    n_rows: int
    n_used: int
    estimates: pd.DataFrame = field(repr=False)
    standardised: pd.DataFrame = field(repr=False)
    fit: pd.Series = field(repr=False)
    r2: pd.Series = field(repr=False)
    conf_level: float
    engine: Fitted = field(repr=False)

    @property
    def usable(self) -> bool:
        """Whether the figures may be used."""
        return self.status == "estimated"

    def table(self) -> pd.DataFrame:
        """Return a copy of the standardised parameters."""
        return self.standardised.copy()

    def __str__(self) -> str:
        named = "".join(f"\n{each.name}: {', '.join(each.where)}".rstrip(": ") for each in self.findings)
        head = f"{len(self.factors)} factor(s), {self.estimator}: {self.status}"
        head += f"; n = {self.n_used} of {self.n_rows}"
        if self.status in {"not converged", "not identified"}:
            return head + named
        value, scaled = self.fit, "_scaled" if self.estimator == "MLR" else ""
        kind = "_robust" if scaled else ""
        fits = (
            f"chi-square({value['df']:.0f}) = {value['chi_square' + scaled]:.2f}, "
            f"p = {value['p_value' + scaled]:.4f}; CFI = {value['cfi' + kind]:.3f}, "
            f"TLI = {value['tli' + kind]:.3f}, RMSEA = {value['rmsea' + kind]:.3f}, "
            f"SRMR = {value['srmr']:.3f}"
        )
        return f"{head}\n{fits}{named}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>{self.standardised.round(3).to_html(index=False)}"
