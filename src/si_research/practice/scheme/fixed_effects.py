"""Firm and wave fixed effects by the within transformation, with errors clustered by firm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.model.inference import (
    Array,
    LeastSquares,
    coefficient_table,
    covariance,
    least_squares,
    linear_combinations,
)
from si_research.model.wild_interval import wild_bootstrap_test

ErrorMethod = Literal["classical", "CR1S", "CR2", "wild bootstrap"]
CLASSICAL: Final = "classical"
CR1S: Final = "CR1S"
CR2: Final = "CR2"
WILD: Final = "wild bootstrap"
DEFAULT: Final[ErrorMethod] = "CR1S"
NOTHING: Final = 1e-10
"""Share of a term's length below which the firm and wave effects leave nothing of it."""


def within_fit(cells: pd.DataFrame, terms: pd.DataFrame) -> LeastSquares:
    """Fit y on the terms, with a level for each firm and each wave.

    Parameters
    ----------
    cells : pandas.DataFrame
        A row a firm and wave (or a person): ``firm`` and ``wave`` (numbers from 0), ``y``, ``weight``.
    terms : pandas.DataFrame
        Columns of the same rows, those that vary within firms; waves need not be among them.

    Returns
    -------
    LeastSquares
        The terms first, then a dummy ``wave[t]`` for all but the first wave; firms are not counted as terms.

    Raises
    ------
    SurveyDataError
        For a term that firms and waves say all about, such as a scheme that all firms start at once.

    Notes
    -----
    Firm-wave means with the number of people as weights give the estimate and the CR1 errors of the
    regression over people to the last digit, as every term is the same for the people of a firm and wave.
    """
    firm = cells["firm"].to_numpy(dtype=np.intp)
    weight = cells["weight"].to_numpy(dtype="float64")
    dummies = wave_dummies(cells)
    columns = np.column_stack([terms.to_numpy(dtype="float64"), *dummies.values()])
    y = without_firm_means(cells["y"].to_numpy(dtype="float64")[:, None], firm, weight)[:, 0]
    names = [*map(str, terms), *dummies]
    design = pd.DataFrame(without_firm_means(columns, firm, weight), columns=names)
    _check_identified(design.to_numpy(), columns, terms, weight)
    even = bool((weight == weight[0]).all())
    return least_squares(design, pd.Series(y), pd.Series(firm), None if even else pd.Series(weight))


def leaves_nothing(model: LeastSquares) -> bool:
    """Return whether a fit leaves rounding only, so that its errors would be rounding too."""
    return model.rss <= NOTHING**2 * float(model.y @ model.y)


def wave_dummies(cells: pd.DataFrame) -> dict[str, Array]:
    """Return a dummy for each wave that occurs, but the first."""
    wave = cells["wave"].to_numpy()
    return {f"wave[{each}]": (wave == each).astype("float64") for each in np.unique(wave)[1:]}


def without_firm_means(columns: Array, firm: npt.NDArray[np.intp], weight: Array) -> Array:
    """Return columns minus the (weighted) mean of each firm."""
    total = np.bincount(firm, weights=weight)
    total[total == 0] = 1.0
    left = np.empty_like(columns)
    for place, column in enumerate(columns.T):
        left[:, place] = column - (np.bincount(firm, weights=weight * column) / total)[firm]
    return left


def _check_identified(left: Array, columns: Array, terms: pd.DataFrame, weight: Array) -> None:
    """Refuse terms of which firm and wave effects, and the terms before, leave nothing."""
    k = terms.shape[1]
    root = np.sqrt(weight)[:, None]
    order = [*range(k, left.shape[1]), *range(k)]
    R = np.linalg.qr(left[:, order] * root, mode="r")
    own = np.abs(np.diag(R))[left.shape[1] - k :]
    whole = np.sqrt(((columns[:, :k] * root) ** 2).sum(axis=0))
    lost = [str(name) for name, o, w in zip(terms, own, whole, strict=True) if o <= NOTHING * max(w, 1e-300)]
    if lost:
        raise SurveyDataError(
            expected="terms that differ between firms within waves, and over the waves of a firm",
            found=f"{', '.join(lost)}: firm and wave effects say all about it",
            where="the regression with firm and wave effects",
            todo="look whether some firms are seen before and after, and some are without the scheme",
        )


def within_table(
    model: LeastSquares,
    terms: Sequence[str],
    method: ErrorMethod = DEFAULT,
    *,
    conf_level: float = 0.95,
    draws: int = 1999,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the coefficients of a fit of :func:`within_fit` with the errors of one method.

    Parameters
    ----------
    model : LeastSquares
    terms : sequence of str
    method : {"CR1S", "CR2", "wild bootstrap", "classical"}
        ``CR1S`` clustered by firm, G/(G - 1)·(n - 1)/(n - k) without the firm effects in k; ``CR2`` with
        Satterthwaite's degrees of freedom; ``wild bootstrap``, the interval by inversion; ``classical``, the
        firm effects counted: only for one row a firm and wave.

    Returns
    -------
    pandas.DataFrame, indexed by ``term``
        estimate, std_error, statistic, df, p_value, conf_low, conf_high.
    """
    if method == WILD:
        return pd.concat([_wild(model, term, conf_level, draws, seed) for term in terms])
    if method != CLASSICAL:
        table = coefficient_table(model, method, conf_level)
        return table.loc[list(terms)]
    n_firms, k = model.n_clusters, len(model.terms)
    df = model.n - k - n_firms
    V = covariance(model, "OLS") * ((model.n - k) / df if df > 0 else np.nan)
    table = linear_combinations(np.eye(k), model.terms, model.estimate, V, df=df, conf_level=conf_level)
    return table.loc[list(terms)]


def _wild(model: LeastSquares, term: str, conf_level: float, draws: int, seed: int) -> pd.DataFrame:
    found = wild_bootstrap_test(model, term, draws=draws, seed=seed, conf_level=conf_level)
    row = {
        "estimate": found.estimate,
        "std_error": np.nan,
        "statistic": found.statistic,
        "df": np.nan,
        "p_value": found.p_value,
        "conf_low": found.conf_low,
        "conf_high": found.conf_high,
    }
    return pd.DataFrame([row], index=pd.Index([term], name="term"))


def event_time_terms(cells: pd.DataFrame, times: Sequence[int]) -> pd.DataFrame:
    """Return a dummy for each event time: waves since the start of the firm, 0 in the wave of the start."""
    since = cells["wave"].to_numpy(dtype="float64") - cells["start"].to_numpy(dtype="float64")
    return pd.DataFrame({event_name(time): (since == time).astype("float64") for time in times})


def event_name(time: int) -> str:
    """Return the name of the term of an event time: ``event[-2]``."""
    return f"event[{time}]"
