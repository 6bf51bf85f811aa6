"""Textbook diagnostics of the regression: unequal spread, specification, influence, collinearity."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.design import INTERCEPT, product_terms, term_name
from si_research.model.inference import Array, LeastSquares, leverages, some_terms, unit_length
from si_research.model.interaction import InteractionFit, check_one_table, regress
from si_research.model.person_influence import cooks_distances, studentised_residuals

Row = tuple[str | float, ...]
MOST_FOR_SHAPIRO: Final = 5000
FOLLOWS: Final = 1e-9
"""Length that is left of a column of unit length, below which it follows from the terms."""
COLUMNS: Final = ["asks", "statistic", "df", "df_residual", "p_value"]


@dataclass(frozen=True, slots=True, eq=False)
class RegressionDiagnostics:
    """Diagnostics of least squares. Made by :func:`regression_diagnostics`.

    Attributes
    ----------
    n_used : int
    diagnostics : pandas.DataFrame, indexed by ``diagnostic``
        ``asks`` (heteroscedasticity, specification, normality, influence or collinearity), ``statistic``,
        ``df``, ``df_residual``, ``p_value``; the last three missing where there are none.
    """

    n_used: int
    diagnostics: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the diagnostics."""
        return self.diagnostics.copy()

    def __str__(self) -> str:
        return f"diagnostics of least squares, n = {self.n_used}\n{self.diagnostics.round(4).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self).splitlines()[0])}</p>{self.diagnostics.round(4).to_html()}"


def regression_diagnostics(fit: InteractionFit) -> RegressionDiagnostics:
    """Return the diagnostics of the model that a textbook asks for, in one table.

    Use it to describe the fit. No other number rests on it: standard errors here allow for unequal spread
    and for firms whatever a diagnostic says, as choosing a method by a test spoils that method's error rate.

    Parameters
    ----------
    fit : InteractionFit

    Returns
    -------
    RegressionDiagnostics
        ``Breusch-Pagan, studentised`` (all terms), ``Breusch-Pagan``, ``White`` (fitted values and their
        squares); ``RESET`` (second and third powers of the fitted values; missing where these follow from the
        terms, as with binary predictors); ``Shapiro-Wilk``, missing for more
        than 5,000 people; the largest ``Cook's distance``, ``leverage`` and ``studentised residual`` (in
        size); and ``VIF`` of each control and main effect in the model without products, as products with
        their own main effects are alike by construction.

    Raises
    ------
    ModelSpecificationError
        For a pooled fit.

    Notes
    -----
    The tests take people as independent, and reject too often where people of one firm are alike. With
    sampling weights they are left out, and the others are those of rows times the root of their weight.

    References
    ----------
    Breusch & Pagan (1979), https://doi.org/10.2307/1911963; Koenker (1981),
    https://doi.org/10.1016/0304-4076(81)90062-2; White (1980), https://doi.org/10.2307/1912934; Ramsey
    (1969), https://doi.org/10.1111/j.2517-6161.1969.tb00796.x.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> found = regression_diagnostics(fit_interaction(simulate_scores(300, seed=1)))
    >>> list(found.diagnostics.index[:4])
    ['Breusch-Pagan, studentised', 'Breusch-Pagan', 'White', 'RESET']
    """
    check_one_table(fit, "regression_diagnostics")
    model = regress(fit.rows, fit.roles)
    sizes = {
        "Cook's distance": cooks_distances(model),
        "leverage": leverages(model.unit_X, model.unit_bread),
        "studentised residual": np.abs(studentised_residuals(model)),
    }
    rows = _tests(model) if fit.weight is None else {}
    rows |= {f"largest {name}": ("influence", float(values.max())) for name, values in sizes.items()}
    rows |= {f"VIF {term}": ("collinearity", value) for term, value in _inflation(fit, model).items()}
    table = pd.DataFrame.from_dict({name: _filled(row) for name, row in rows.items()}, orient="index")
    table.columns, table.index.name = pd.Index(COLUMNS), "diagnostic"
    return RegressionDiagnostics(model.n, table)


def _filled(row: Row) -> list[str | float]:
    return [*row, *[np.nan] * (len(COLUMNS) - len(row))]


def _tests(model: LeastSquares) -> dict[str, Row]:
    """Return the tests of equal spread, of the form and of normal errors."""
    from scipy import stats

    u = model.residuals
    fitted = model.y - u
    apart = (fitted - fitted.mean()) / fitted.std()  # not centred, a value and its square are nearly alike
    powers = np.linalg.qr(np.column_stack([np.ones(model.n), apart, apart**2]))[0]
    excess = u**2 / np.mean(u**2) - 1
    by_terms = model.unit_X.T @ excess
    explained = float(by_terms @ model.unit_bread @ by_terms)
    share = model.n / float(excess @ excess)
    rows: dict[str, Row] = {}
    for name, statistic, df in (
        ("Breusch-Pagan, studentised", explained * share, len(model.terms) - 1),
        ("Breusch-Pagan", explained / 2, len(model.terms) - 1),
        ("White", float(((powers.T @ excess) ** 2).sum()) * share, 2),
    ):
        rows[name] = ("heteroscedasticity", statistic, df, np.nan, float(stats.chi2.sf(statistic, df)))
    rows["RESET"] = ("specification", *_reset(model, apart))
    shapiro = stats.shapiro(u) if model.n <= MOST_FOR_SHAPIRO else (np.nan, np.nan)
    rows["Shapiro-Wilk"] = ("normality", float(shapiro[0]), np.nan, np.nan, float(shapiro[1]))
    return rows


def _reset(model: LeastSquares, fitted: Array) -> tuple[float, float, float, float]:
    """Return F of the powers of the fitted values (as z-scores), its degrees of freedom and p.

    In z-scores the powers with the terms span the same as those of the fitted values themselves, whatever
    the unit of the outcome. Powers that follow from the terms, as where all predictors are binary, do not
    count; missing where all do.
    """
    from scipy import stats

    Q = np.linalg.qr(model.unit_X)[0]
    powers = unit_length(np.column_stack([fitted**2, fitted**3]))[0]
    apart = powers - Q @ (Q.T @ powers)
    directions, sizes, _ = np.linalg.svd(apart - Q @ (Q.T @ apart), full_matrices=False)
    own = directions[:, sizes > FOLLOWS]
    df, df_residual = own.shape[1], model.df_residual - own.shape[1]
    if not df or df_residual < 1:
        return (np.nan,) * 4
    gain = float(((own.T @ model.residuals) ** 2).sum())
    F = gain / df / ((model.rss - gain) / df_residual)
    return F, float(df), float(df_residual), float(stats.f.sf(F, df, df_residual))


def _inflation(fit: InteractionFit, model: LeastSquares) -> dict[str, float]:
    """Return the variance inflation of each term in the model without products."""
    products = {term_name(parts) for parts in product_terms(fit.predictors)}
    additive = some_terms(model, [place for place, term in enumerate(model.terms) if term not in products])
    around_mean = 1 - (additive.unit_X.T @ additive.unit_X[:, 0]) ** 2
    values = np.diag(additive.unit_bread) * around_mean
    return {term: float(values[place]) for place, term in enumerate(additive.terms) if term != INTERCEPT}
