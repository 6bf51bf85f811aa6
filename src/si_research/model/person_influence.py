"""Influence of people: how far single answers move the terms, as shares and sizes and never as persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.inference import Array, LeastSquares, leverages
from si_research.model.influence import chosen_terms
from si_research.model.interaction import InteractionFit, check_one_table, regress

COOK = "Cook's distance"
DFBETAS = "DFBETAS"
ROUNDING: Final = 1e-12
"""Share of the residual sum of squares below which nothing but rounding is left without a person."""


@dataclass(frozen=True, slots=True, eq=False)
class PersonInfluence:
    """How far single people move a fit, without saying who. Made by :func:`person_influence`.

    Attributes
    ----------
    n_used : int
    measures : pandas.DataFrame, indexed by ``measure``
        ``term`` (empty for Cook's distance), ``largest`` (in size), ``threshold`` (4/n for Cook's distance,
        2/sqrt(n) for DFBETAS), ``n_above`` and ``share_above`` (0 to 1) of people above it.
    """

    n_used: int
    measures: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the measures."""
        return self.measures.copy()

    def __str__(self) -> str:
        return f"influence of single people, n = {self.n_used}\n{self.measures.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self).splitlines()[0])}</p>{self.measures.round(3).to_html()}"


def person_influence(fit: InteractionFit, *, terms: Sequence[str] | None = None) -> PersonInfluence:
    """Return how far single people move the fit as a whole and the tested terms.

    Use it beside the test; where people sit in firms, read :func:`leave_one_firm_out` first. Estimates
    without one person are not offered, as their difference would tell that person's answers.

    Parameters
    ----------
    fit : InteractionFit
    terms : sequence of str, optional
        All products by default.

    Returns
    -------
    PersonInfluence

    Raises
    ------
    ModelSpecificationError
        For a pooled fit, or a term that the fit does not have.

    Notes
    -----
    With leverage h, residual u and k terms, Cook's D = u²h/((1 - h)²·k·s²); DFBETAS = (b - b without the
    person)/(s without the person·root of the term's diagonal of (X'X)^-1). Both are for equal spread and
    independent people, who count by their weight where there are weights. About 5 in 100 people lie above
    the threshold of DFBETAS where nothing is the matter. It is infinite for somebody without whom the terms
    determine the outcome wholly.

    References
    ----------
    Cook (1977), https://doi.org/10.1080/00401706.1977.10489493; Belsley, Kuh & Welsch (1980),
    https://doi.org/10.1002/0471725153.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> found = person_influence(fit_interaction(simulate_scores(300, seed=1)))
    >>> found.measures["term"].to_list()[-1], round(float(found.measures["threshold"].iloc[0]), 4)
    ('kunnen:willen:mogen', 0.0133)
    """
    check_one_table(fit, "person_influence")
    names = chosen_terms(fit, terms, "person_influence")
    model = regress(fit.rows, fit.roles)
    rows = [(COOK, "", cooks_distances(model), 4 / model.n)]
    sizes = dfbetas(model, [model.terms.index(name) for name in names])
    rows += [(DFBETAS, name, sizes[:, place], 2 / np.sqrt(model.n)) for place, name in enumerate(names)]
    table = pd.DataFrame(
        [
            {
                "measure": measure,
                "term": name,
                "largest": float(values.max()),
                "threshold": threshold,
                "n_above": int((values > threshold).sum()),
                "share_above": float((values > threshold).mean()),
            }
            for measure, name, values, threshold in rows
        ]
    )
    return PersonInfluence(model.n, table.set_index("measure"))


def cooks_distances(model: LeastSquares) -> Array:
    """Return how far each person moves all fitted values, in units of k·s²."""
    h = leverages(model.unit_X, model.unit_bread)
    spread = model.rss / model.df_residual
    return np.asarray(model.residuals**2 * h / ((1 - h) ** 2 * len(model.terms) * spread))


def spread_without(model: LeastSquares) -> Array:
    """Return the residual variance of the model without each person; 0 where the others leave none."""
    h = leverages(model.unit_X, model.unit_bread)
    squares = model.rss - model.residuals**2 / (1 - h)
    left = np.where(squares > ROUNDING * model.rss, squares, 0.0)
    return np.asarray(left / (model.df_residual - 1))


def studentised_residuals(model: LeastSquares) -> Array:
    """Return residuals over their standard error with the spread of the model without the person."""
    h = leverages(model.unit_X, model.unit_bread)
    return _over(model.residuals, np.sqrt(spread_without(model) * (1 - h)))


def dfbetas(model: LeastSquares, places: Sequence[int]) -> Array:
    """Return the size of DFBETAS of some terms, shape (n, terms)."""
    h = leverages(model.unit_X, model.unit_bread)
    rows = model.unit_bread[list(places)]
    changes = model.unit_X @ rows.T * (model.residuals / (1 - h))[:, None]
    spread = np.sqrt(np.outer(spread_without(model), np.diag(model.unit_bread)[list(places)]))
    return np.abs(_over(changes, spread))


def _over(values: Array, spread: Array) -> Array:
    """Return values over their spread: infinite where there is none, 0 where there is no value either."""
    still = (spread == 0) & (np.abs(values) <= ROUNDING)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(still, 0.0, values / spread), dtype="float64")
