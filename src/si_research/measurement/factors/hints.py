"""Where a factor model misfits: what the chi-square would gain if one more parameter were free."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.measurement.factors.estimation import Likelihood, likelihood, solve
from si_research.measurement.factors.factor_fit import FactorFit
from si_research.measurement.factors.standardised import standardise
from si_research.measurement.factors.structure import Array, Parameter, structure

COLUMNS: Final = [
    "term",
    "left",
    "operator",
    "right",
    "statistic",
    "df",
    "p_value",
    "expected_change",
    "expected_change_standardised",
]


@dataclass(frozen=True, slots=True, eq=False)
class ModificationHints:
    """Parameters that the model left out, by how much the fit would gain. Made by :func:`modification_hints`.

    Attributes
    ----------
    hints : pandas.DataFrame
        term, left, operator, right, statistic (modification index, chi-square with 1 df), df, p_value,
        expected_change of the parameter, and standardised.
    n_used : int
    """

    hints: pd.DataFrame = field(repr=False)
    n_used: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the hints, largest first."""
        return self.hints.copy()

    def __str__(self) -> str:
        first = self.hints.head(10)[["term", "statistic", "expected_change"]].round(3)
        return f"{len(self.hints)} hints, none applied; n = {self.n_used}\n{first.to_string(index=False)}"

    def _repr_html_(self) -> str:
        head = escape(f"{len(self.hints)} hints, none applied; n = {self.n_used}")
        return f"<p>{head}</p>{self.hints.head(10).round(3).to_html(index=False)}"


def modification_hints(fit: FactorFit) -> ModificationHints:
    """List cross-loadings and residual covariances by what the chi-square would gain; nothing is changed.

    A large one says where two questions share more than their factor (the same words, the same place on the
    page) or where an item measures something else as well. It is no reason to change the model: a model
    that is mended on the data at hand fits those data only.

    Parameters
    ----------
    fit : FactorFit
        Of one group, with ``status`` "estimated" or "improper".

    Returns
    -------
    ModificationHints

    Raises
    ------
    ModelSpecificationError
        For a fit that was not found.

    Notes
    -----
    Score tests with the expected information (that of the answered items, under ``fiml``; the observed one
    can make more of a hint than the whole misfit): s²/V, with s the derivative of the log-likelihood and V
    its variance given the free parameters. Expected change: s/V.

    References
    ----------
    Sörbom (1989), https://doi.org/10.1007/BF02294623; MacCallum, Roznowski & Necowitz (1992),
    https://doi.org/10.1037/0033-2909.111.3.490.
    """
    if fit.status not in {"estimated", "improper"}:
        raise ModelSpecificationError(
            expected="a fit that was found", found=fit.status, where="fit", todo="see its findings first"
        )
    wide, theta, extra = _widened(fit)
    q = fit.engine.likelihood.model.n_free
    slope = -wide.value(theta)[1][q:]
    information = wide.information(theta, expected=True)
    inner, cross = information[:q, :q], information[:q, q:]
    variance = np.diag(information)[q:] - np.einsum("ij,ij->j", cross, solve(inner, cross))
    known = variance > 1e-8 * np.diag(information)[q:]
    statistic = np.where(known, slope**2 / np.where(known, variance, 1.0), np.nan)
    change = np.where(known, slope / np.where(known, variance, 1.0), np.nan)
    table = _table(extra, statistic, change, _per_unit(wide, theta, len(extra)))
    return ModificationHints(table, n_used=fit.n_used)


def _widened(fit: FactorFit) -> tuple[Likelihood, Array, list[Parameter]]:
    """Return the model with every hint free as well, at the estimates of the fit."""
    model = fit.engine.likelihood.model
    if len(model.groups) > 1:
        raise ModelSpecificationError(
            expected="a fit of one group", found=str(len(model.groups)), where="fit", todo="fit one group"
        )
    there = {frozenset((each.left, each.right)) for each in model.parameters if each.right}
    extra = [
        Parameter(factor, "=~", item)
        for factor in model.latent
        for item in model.observed
        if frozenset((factor, item)) not in there
    ]
    extra += [
        Parameter(first, "~~", second)
        for place, first in enumerate(model.observed)
        for second in model.observed[place + 1 :]
        if frozenset((first, second)) not in there
    ]
    data = fit.engine.likelihood.data
    wide = structure(
        model.observed,
        model.latent,
        [*model.parameters, *extra],
        means=None if model.mean_structure else [each.mean[0] for each in data],
    )
    return likelihood(wide, data), np.append(fit.engine.solution.theta, np.zeros(len(extra))), extra


def _per_unit(wide: Likelihood, theta: Array, count: int) -> Array:
    """Return the standardised size of a change of 1 in each added parameter."""
    moved = theta.copy()
    moved[-count:] = 1.0
    at_one = standardise(wide.model, theta.astype("complex128") + 1e-30j * (moved - theta))
    return np.asarray(at_one[-count:].imag / 1e-30)


def _table(extra: list[Parameter], statistic: Array, change: Array, unit: Array) -> pd.DataFrame:
    from scipy import stats

    table = pd.DataFrame(
        {
            "term": [each.term for each in extra],
            "left": [each.left for each in extra],
            "operator": [each.operator for each in extra],
            "right": [each.right for each in extra],
            "statistic": statistic,
            "df": 1,
            "p_value": stats.chi2.sf(statistic, 1),
            "expected_change": change,
            "expected_change_standardised": change * unit,
        }
    )[COLUMNS]
    return table.sort_values("statistic", ascending=False, kind="stable", ignore_index=True)
