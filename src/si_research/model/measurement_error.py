"""The interaction without the measurement error of its scales: adjusted least squares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.design import INTERCEPT, control_terms, product_terms, square_name, term_name
from si_research.model.firm_sums import firm_sums
from si_research.model.inference import COLUMNS, NO_INFORMATION
from si_research.model.interaction import InteractionFit, check_one_table

Array = npt.NDArray[np.float64]
Status = Literal["estimated", "not identified", "unstable"]
SMALLEST: Final = 0.02
"""Eigenvalue of the corrected cross-products (unit diagonal), as a share of that of the observed ones, below
which error leaves too little of the scores to correct for it."""
NOISE: Final = 0.20
"""Reliability below which a score is next to nothing but error, whatever the cross-products come to."""
_CHUNK: Final = 4096


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedInteraction:
    """The interaction as it would be without measurement error in its predictors, beside the plain one.

    Made by :func:`correct_measurement_error`, or by
    :func:`~si_research.model.simex.extrapolate_measurement_error`.

    Attributes
    ----------
    method : str
        "adjusted least squares" or "simulation extrapolation".
    coefficients : pandas.DataFrame, indexed by ``term``
        estimate, std_error, statistic, df, p_value, conf_low, conf_high; missing unless ``status`` is
        "estimated".
    plain : pandas.DataFrame, indexed by ``term``
        The same columns of the fit that was corrected.
    reliabilities : pandas.Series, indexed by predictor
    status : str
        "estimated"; "not identified": error leaves too little of the scores (always so where a reliability is
        below .20); "unstable": without one firm,
        or one person, that would be so.
    tested_term : str
    n_used, n_groups : int
        Rows, and firms (0: the jackknife leaves out one person at a time).
    conf_level : float
    """

    method: str
    coefficients: pd.DataFrame = field(repr=False)
    plain: pd.DataFrame = field(repr=False)
    reliabilities: pd.Series = field(repr=False)
    status: Status
    tested_term: str
    n_used: int
    n_groups: int
    conf_level: float

    def table(self) -> pd.DataFrame:
        """Return both estimates of each term, in a column ``model``: plain and corrected."""
        both = {"plain": self.plain, "corrected": self.coefficients}
        return pd.concat(both, names=["model", "term"]).reset_index()

    def __str__(self) -> str:
        if self.status != "estimated":
            return f"{self.tested_term}: no correction for measurement error ({self.status})"
        plain, row = self.plain.loc[self.tested_term], self.coefficients.loc[self.tested_term]
        interval = f"{self.conf_level:.0%} interval {row['conf_low']:.3f} to {row['conf_high']:.3f}"
        return (
            f"{self.tested_term}: {row['estimate']:.3f} ({interval}) without measurement error, "
            f"{plain['estimate']:.3f} as it is; n = {self.n_used}"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>{self.table().round(3).to_html(index=False)}"


def correct_measurement_error(
    fit: InteractionFit,
    reliabilities: Mapping[str, float],
    *,
    squares: bool = False,
    own_errors: pd.DataFrame | None = None,
) -> CorrectedInteraction:
    """Return the interaction corrected for the measurement error of the predictors.

    Use it beside the plain estimate, never instead of it: it shows how much of "no interaction" may be
    unreliability. It takes the reliabilities as known and errors as independent between scales: an error
    that two scales share (a mood, a halo) it does not take out. Without ``own_errors`` errors are alike for
    everybody; with ``squares`` they are normal too.

    Parameters
    ----------
    fit : InteractionFit
    reliabilities : mapping of str to float in (0, 1]
        Of each predictor; 1 for one without error.
    squares : bool
        Whether the model also has the squares of the predictors that are not binary.
    own_errors : pandas.DataFrame, optional
        A column a predictor (not each need be there), indexed as the scores: error variance of each
        person's score (:func:`~si_research.measurement.person_errors.person_error_variances`). Only how they
        differ counts: their mean is what the reliability says. Answers with ends need it: of four items from
        1 to 5 the correction is else about 10 % too large (reliability .7). Not with ``squares``.

    Returns
    -------
    CorrectedInteraction

    Raises
    ------
    ModelSpecificationError
        A predictor without a reliability, or one outside (0, 1]; own errors together with squares.

    Notes
    -----
    Every entry of X'X and X'y is a sum of products of powers of the scores. With s² = (1 - reliability) times
    the variance of the score, each power is replaced by one whose expectation is that of the score without
    error: x, x² - s², x³ - 3s²x, x⁴ - 6s²x² + 3s⁴. Without squares in the model only the first two are
    needed, and those hold for errors of any shape. Standard errors leave out one firm (or person) at a time;
    t has G - 1 (or n - k) degrees of freedom, as for the plain estimate.

    References
    ----------
    Cheng & Schneeweiss (1998), https://doi.org/10.1111/1467-9868.00118.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> fit = fit_interaction(simulate_scores(800, three_way=0.1, seed=3))
    >>> found = correct_measurement_error(fit, {"kunnen": 0.9, "willen": 0.8, "mogen": 0.8})
    >>> found.status, found.n_used
    ('estimated', 800)
    """
    check_one_table(fit, "correct_measurement_error")
    known = known_reliabilities(fit, reliabilities)
    terms = _terms(fit, fit.squares if squares else ())
    groups = None if fit.cluster is None else pd.factorize(fit.rows[fit.cluster], sort=True)[0]
    if squares and own_errors is not None:
        raise ModelSpecificationError(
            expected="errors that differ between people, or squares",
            found="both",
            where="own_errors, squares",
            todo="leave one out: powers above two need errors that are normal and alike",
        )
    moments = _moments(fit, terms, _error_variances(fit, known, own_errors), groups)
    observed = np.inf if (known < NOISE).any() else _observed_share(fit, terms)
    estimate, changes, status = _solve(*moments, observed)
    n_groups = 0 if groups is None else int(groups.max()) + 1
    n, k = len(fit.rows), len(terms)
    df = n_groups - 1 if n_groups else n - k
    units = len(changes)
    V = (units - 1) / units * changes.T @ changes
    return CorrectedInteraction(
        method="adjusted least squares",
        coefficients=coefficient_rows(list(terms), estimate, V, df, fit.conf_level),
        plain=fit.coefficients[COLUMNS].copy(),
        reliabilities=known,
        status=status,
        tested_term=fit.tested_term,
        n_used=n,
        n_groups=n_groups,
        conf_level=fit.conf_level,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Term:
    """A column of the model: the power of each predictor, times a column without error."""

    powers: tuple[int, ...]
    exact: Array


def known_reliabilities(fit: InteractionFit, reliabilities: Mapping[str, float]) -> pd.Series:
    """Return the reliability of each predictor, or say which has none."""
    known = pd.Series({name: float(reliabilities.get(name, np.nan)) for name in fit.predictors})
    if not ((known > 0) & (known <= 1)).all():
        wrong = known[~((known > 0) & (known <= 1))]
        raise ModelSpecificationError(
            expected="a reliability above 0 and up to 1 for each predictor",
            found=", ".join(f"{name}: {value:.2f}" for name, value in wrong.items()),
            where="reliabilities",
            todo="look at the items of the scale; 1 stands for a predictor without measurement error",
        )
    return known


def _terms(fit: InteractionFit, squares: tuple[str, ...]) -> dict[str, _Term]:
    """Return the terms of the model, in the order of its design."""
    n, names = len(fit.rows), fit.predictors
    one, none = np.ones(n), (0,) * len(names)
    terms = {INTERCEPT: _Term(none, one)}
    extra = control_terms(fit.rows, fit.controls)
    terms |= {str(name): _Term(none, extra[name].to_numpy(dtype="float64")) for name in extra}
    terms |= {name: _Term(_powers(names, [name]), one) for name in names}
    terms |= {square_name(name): _Term(_powers(names, [name, name]), one) for name in squares}
    for parts in product_terms(names):
        terms[term_name(parts)] = _Term(_powers(names, parts), one)
    return terms


def _powers(names: tuple[str, ...], parts: tuple[str, ...] | list[str]) -> tuple[int, ...]:
    return tuple(list(parts).count(name) for name in names)


def _error_variances(fit: InteractionFit, known: pd.Series, own: pd.DataFrame | None) -> list[Array]:
    """Return the error variance of each person's score, a predictor each."""
    found = []
    for name in fit.predictors:
        mean = (1 - known[name]) * fit.std_devs[name] ** 2
        shape: npt.NDArray[Any] = np.ones(len(fit.rows))
        if own is not None and name in own:
            each = own[name].reindex(fit.rows.index).astype("float64")
            if each.mean() > 0:
                shape = np.asarray(each.fillna(each.mean()) / each.mean())
        found.append(mean * shape)
    return found


def _corrected_powers(x: Array, error_variance: Array) -> list[Array]:
    """Return x⁰ to x⁴ with what error adds to their expectation taken off."""
    s2 = error_variance
    return [np.ones_like(x), x, x**2 - s2, x**3 - 3 * s2 * x, x**4 - 6 * s2 * x**2 + 3 * s2**2]


def _moments(
    fit: InteractionFit,
    terms: Mapping[str, _Term],
    errors: list[Array],
    groups: npt.NDArray[np.intp] | None,
) -> tuple[Array, Array]:
    """Return the corrected X'X and X'y of each firm, or person: shapes (G, k, k) and (G, k)."""
    powers = []
    for name, error in zip(fit.predictors, errors, strict=True):
        x = (fit.rows[name] - fit.rows[name].mean()).to_numpy()
        powers.append(_corrected_powers(x, error))
    y = fit.rows[fit.outcome].to_numpy()
    listed, k = list(terms.values()), len(terms)
    n_groups = len(y) if groups is None else int(groups.max()) + 1
    M, v = np.empty((n_groups, k, k)), np.empty((n_groups, k))
    for i, first in enumerate(listed):
        v[:, i] = _summed(_expected(powers, first.powers) * first.exact * y, groups)
        for j in range(i, k):
            second = listed[j]
            both = tuple(a + b for a, b in zip(first.powers, second.powers, strict=True))
            M[:, i, j] = _summed(_expected(powers, both) * first.exact * second.exact, groups)
            M[:, j, i] = M[:, i, j]
    return M, v


def _expected(powers: list[list[Array]], of: tuple[int, ...]) -> Array:
    found = np.ones_like(powers[0][0])
    for power, each in zip(powers, of, strict=True):
        if each:
            found = found * power[each]
    return found


def _summed(rows: Array, groups: npt.NDArray[np.intp] | None) -> Array:
    return rows if groups is None else firm_sums(rows, groups)


def _observed_share(fit: InteractionFit, terms: Mapping[str, _Term]) -> float:
    """Return the smallest eigenvalue of the observed cross-products, with unit diagonal."""
    n = len(fit.rows)
    M, _ = _moments(fit, terms, [np.zeros(n) for _ in fit.predictors], np.zeros(n, dtype=np.intp))
    return float(np.linalg.eigvalsh(_unit(M[0])).min())


def _unit(M: Array) -> Array:
    length = np.sqrt(np.maximum(np.diag(M), np.finfo(float).tiny))
    return np.asarray(M / np.outer(length, length))


def _solve(M: Array, v: Array, observed: float) -> tuple[Array, Array, Status]:
    """Return the estimate, its change without each firm or person, and whether there is one."""
    whole, right = M.sum(axis=0), v.sum(axis=0)
    k = len(right)
    if not _is_positive(whole) or np.linalg.eigvalsh(_unit(whole)).min() < SMALLEST * observed:
        return np.full(k, np.nan), np.full((len(M), k), np.nan), "not identified"
    estimate = np.linalg.solve(whole, right)
    changes = np.empty((len(M), k))
    for start in range(0, len(M), _CHUNK):
        some = slice(start, start + _CHUNK)
        left = whole - M[some]
        smallest = np.linalg.eigvalsh(left / np.sqrt(np.outer(np.diag(whole), np.diag(whole)))).min()
        if smallest <= NO_INFORMATION:  # but for rounding, a term that one firm or person decides
            return estimate * np.nan, changes * np.nan, "unstable"
        changes[some] = estimate - np.linalg.solve(left, (right - v[some])[..., None])[..., 0]
    return estimate, changes, "estimated"


def _is_positive(M: Array) -> bool:
    return bool((np.diag(M) > 0).all() and np.linalg.eigvalsh(_unit(M)).min() > 0)


def coefficient_rows(
    terms: list[str], estimate: Array, V: Array, df: float, conf_level: float
) -> pd.DataFrame:
    """Return estimates with standard errors, t tests and intervals; a variance below 0 is none."""
    from scipy import stats

    variance = np.diag(V)
    std_error = np.sqrt(np.where(variance > 0, variance, np.nan))
    statistic = estimate / std_error
    reach = stats.t.ppf((1 + conf_level) / 2, df) * std_error
    table = {
        "estimate": estimate,
        "std_error": std_error,
        "statistic": statistic,
        "df": float(df),
        "p_value": 2 * stats.t.sf(np.abs(statistic), df),
        "conf_low": estimate - reach,
        "conf_high": estimate + reach,
    }
    return pd.DataFrame(table, index=pd.Index(terms, name="term"))
