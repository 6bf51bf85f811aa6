"""Indices of careless responding, one value a respondent; nothing is marked or left out here.

Every function takes answers with one row a respondent and one column an item. Longstring, variability,
synonyms, antonyms, distance and person-total take the answers as they were given, in the order in which
the questions were asked; only even-odd takes items turned into one direction. The figures are those of
the R package careless 1.2.2, to rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from si_research.survey.screening.pairwise import (
    combine,
    linked_correlations,
    paired_correlations,
    pairwise_correlation,
    pairwise_covariance,
)

Array = npt.NDArray[np.float64]
SYNONYMS_FROM: Final = 0.60
"""Correlation above which two items count as synonyms (Meade & Craig, 2012)."""
FEWEST_PAIRS: Final = 3
"""Answered pairs below which a correlation within one person says nothing."""
_SMALLEST_VARIANCE: Final = 1e-10
"""Share of the largest variance below which a direction counts as none."""


def longstring(answers: pd.DataFrame) -> pd.Series[Any]:
    """Return the longest run of the same answer in a row.

    High where somebody chose one column throughout. In a questionnaire that is worded in one direction,
    a run may also be a sincere answer.

    Parameters
    ----------
    answers : pandas.DataFrame, shape (n, k)
        As given and in the order asked, on one response format.

    Returns
    -------
    pandas.Series, shape (n,)
        From 1 to k.

    Notes
    -----
    Every missing answer is a run of its own, of length 1.

    References
    ----------
    Curran (2016), https://doi.org/10.1016/j.jesp.2015.07.006.

    Examples
    --------
    >>> longstring(pd.DataFrame([[3, 3, 3, 2], [1, 2, 3, 4]])).tolist()
    [3.0, 1.0]
    """
    table = _columns(answers)
    run = np.ones(len(answers), dtype="int32")
    longest = run.copy()
    for before, column in pairwise(table):
        run *= before == column
        run += 1
        np.maximum(longest, run, out=longest)
    return pd.Series(longest.astype("float64"), answers.index, name="longstring")


def average_longstring(answers: pd.DataFrame) -> pd.Series[Any]:
    """Return the mean length of the runs of the same answer.

    Parameters
    ----------
    answers : pandas.DataFrame, shape (n, k)
        As for :func:`longstring`.

    Returns
    -------
    pandas.Series, shape (n,)
        k divided by the number of runs.

    Examples
    --------
    >>> average_longstring(pd.DataFrame([[3, 3, 3, 2], [1, 2, 3, 4]])).tolist()
    [2.0, 1.0]
    """
    table = _columns(answers)
    runs = np.ones(len(answers), dtype="int32")
    for before, column in pairwise(table):
        runs += before != column
    return pd.Series(len(table) / runs, answers.index, name="average_longstring")


def response_variability(answers: pd.DataFrame) -> pd.Series[Any]:
    """Return the standard deviation of each person's own answers (IRV).

    Low where somebody hardly varied. A straight row has 0, so that this index and :func:`longstring` are
    no two separate signs.

    Parameters
    ----------
    answers : pandas.DataFrame, shape (n, k)
        As given, on one response format. For a part of the questionnaire, give those columns.

    Returns
    -------
    pandas.Series, shape (n,)
        With n - 1 in the denominator, over what was answered; missing with fewer than two answers.

    References
    ----------
    Dunn, Heggestad, Shanock & Theilgard (2018), https://doi.org/10.1007/s10869-016-9479-0.

    Examples
    --------
    >>> response_variability(pd.DataFrame([[3, 3, 3], [1, 2, 3]])).tolist()
    [0.0, 1.0]
    """
    values = answers.to_numpy(dtype="float64")
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = values - (np.where(known, values, 0.0).sum(axis=1) / n)[:, None]
        squares = np.einsum("ij,ij->i", *[np.where(known, centred, 0.0)] * 2)
        spread = np.sqrt(squares / np.where(n > 1, n - 1, np.nan))
    return pd.Series(spread, answers.index, name="response_variability")


def mahalanobis(answers: pd.DataFrame) -> pd.DataFrame:
    """Return how far each person's answers lie from those of all, given how items go together.

    High where the combination of answers is unusual, for whatever reason. Answers on a few points are not
    normally distributed, so that more than one in a thousand attentive people has p < .001.

    Parameters
    ----------
    answers : pandas.DataFrame, shape (n, k)

    Returns
    -------
    pandas.DataFrame
        distance_squared, df, p_value (upper tail of chi squared). Missing for who answered nothing, and for
        all when nothing varies.

    Notes
    -----
    D² = (x - m)'S⁻¹(x - m); m over what was answered, S from pairwise complete answers. A missing answer
    drops out of the sum, as if it were the mean; df stays the number of items, which makes p cautious.
    Where items follow from one another, or S is not positive definite, only the directions that vary
    count, and df is their number.

    References
    ----------
    Meade & Craig (2012), https://doi.org/10.1037/a0028085.

    Examples
    --------
    >>> both = pd.DataFrame({"a": [1, 2, 3, 4.0], "b": [2, 1, 4, 3.0]})
    >>> mahalanobis(both)["distance_squared"].round(3).tolist()
    [1.5, 1.5, 1.5, 1.5]
    """
    values = answers.to_numpy(dtype="float64")
    known = ~np.isnan(values)
    size, axes = np.linalg.eigh(np.nan_to_num(pairwise_covariance(values), nan=0.0))
    varying = size > _SMALLEST_VARIANCE * max(float(size.max(initial=0.0)), np.finfo(float).tiny)
    df = int(varying.sum())
    distance = np.full(len(values), np.nan)
    if df:
        centred = np.where(known, values - _means(values), 0.0)
        scores = combine(centred, axes[:, varying] / np.sqrt(size[varying]))
        distance = np.where(known.any(axis=1), np.einsum("ij,ij->i", scores, scores), np.nan)
    p = stats.chi2.sf(distance, max(df, 1))
    columns = {"distance_squared": distance, "df": float(df), "p_value": p}
    return pd.DataFrame(columns, index=answers.index)


def even_odd(keyed: pd.DataFrame, scales: Mapping[str, Sequence[str]]) -> pd.Series[Any]:
    """Return how little the even items of each scale agree with the odd ones, within a person.

    High where halves of scales disagree. It needs many scales: with four or five the value is mostly chance.

    Parameters
    ----------
    keyed : pandas.DataFrame, shape (n, k)
        Items that were turned where needed, all on one response format.
    scales : mapping of str to sequence of str
        The columns of each scale, in the order asked; scales of one item do not count.

    Returns
    -------
    pandas.Series, shape (n,)
        From -1 (halves agree wholly) to 1; missing with fewer than two scales, or halves without spread.

    Notes
    -----
    Minus 2r/(1 + r), not below -1 before the change of sign, where r is the correlation over scales between
    the mean of the even and of the odd items. A higher value is more careless, as in careless since 1.2.0;
    older versions and most of the literature have the other sign.

    References
    ----------
    Johnson (2005), https://doi.org/10.1016/j.jrp.2004.09.009.

    Examples
    --------
    >>> keyed = pd.DataFrame([[5, 5, 1, 1, 3, 3], [5, 1, 1, 5, 3, 3.0]], columns=list("abcdef"))
    >>> even_odd(keyed, {"one": ["a", "b"], "two": ["c", "d"], "three": ["e", "f"]}).tolist()
    [-1.0, 1.0]
    """
    chosen = [list(items) for items in scales.values() if len(items) > 1]
    odd, even = (
        np.column_stack([_row_means(keyed[items[start::2]].to_numpy(dtype="float64")) for items in chosen])
        if chosen
        else np.empty((len(keyed), 0))
        for start in (0, 1)
    )
    r, n = paired_correlations(odd, even)
    with np.errstate(divide="ignore", invalid="ignore"):
        stepped_up = np.where(r <= -1, -np.inf, 2 * r / (1 + r))
    value = -np.maximum(stepped_up, -1.0)
    return pd.Series(np.where(n >= 2, value, np.nan), keyed.index, name="even_odd")


def item_pairs(answers: pd.DataFrame, *, beyond: float = SYNONYMS_FROM) -> pd.DataFrame:
    """Return the pairs of items that correlate strongly enough to stand for the same thing.

    Parameters
    ----------
    answers : pandas.DataFrame, shape (n, k)
    beyond : float, in (-1, 1)
        Positive: pairs whose correlation lies above it; negative: pairs below it.

    Returns
    -------
    pandas.DataFrame
        item_1 (the later one in the order of the columns), item_2, correlation (pairwise complete answers).

    Examples
    --------
    >>> item_pairs(pd.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3], "c": [3, 1, 2]}))
      item_1 item_2  correlation
    0      b      a          1.0
    """
    correlations = pairwise_correlation(answers.to_numpy(dtype="float64"))
    later, earlier = (each.ravel(order="F") for each in np.indices(correlations.shape))
    r = correlations.ravel(order="F")
    with np.errstate(invalid="ignore"):
        chosen = (later > earlier) & ((r > beyond) if beyond > 0 else (r < beyond))
    names = np.asarray(answers.columns, dtype=object)
    columns = {"item_1": names[later[chosen]], "item_2": names[earlier[chosen]], "correlation": r[chosen]}
    return pd.DataFrame(columns)


def psychometric_synonyms(answers: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return how far each person's answers agree within pairs of items that go together in all.

    Low where somebody answers differently to questions that the others answer alike. With antonyms (pairs
    that correlate negatively) a high value is the unusual one.

    Parameters
    ----------
    answers : pandas.DataFrame, shape (n, k)
        As given.
    pairs : pandas.DataFrame
        From :func:`item_pairs`.

    Returns
    -------
    pandas.DataFrame
        correlation (missing with fewer than three answered pairs, or without spread), n_pairs (answered).

    Notes
    -----
    A person whose answers do not vary has no correlation and stays missing; careless may draw random answers
    instead (``resample_na``), here nothing is drawn.

    References
    ----------
    Meade & Craig (2012), https://doi.org/10.1037/a0028085.

    Examples
    --------
    >>> answers = pd.DataFrame([[1, 1, 3, 3, 5, 5], [1, 5, 3, 3, 5, 1.0]], columns=list("abcdef"))
    >>> pairs = pd.DataFrame({"item_1": ["b", "d", "f"], "item_2": ["a", "c", "e"]})
    >>> psychometric_synonyms(answers, pairs)["correlation"].tolist()
    [1.0, -1.0]
    """
    values = answers.to_numpy(dtype="float64")
    place = {name: position for position, name in enumerate(answers.columns)}
    first, second = ([place[name] for name in pairs[key]] for key in ("item_1", "item_2"))
    r, n = linked_correlations(values, first, second)
    columns = {"correlation": np.where(n >= FEWEST_PAIRS, r, np.nan), "n_pairs": n}
    return pd.DataFrame(columns, index=answers.index)


def person_total(answers: pd.DataFrame) -> pd.Series[Any]:
    """Return the correlation of each person's answers with the mean answers of all.

    Low or negative where somebody agrees with what the others reject. It says little when all questions
    have about the same mean.

    Parameters
    ----------
    answers : pandas.DataFrame, shape (n, k)
        As given.

    Returns
    -------
    pandas.Series, shape (n,)
        Over what was answered; missing with fewer than three answers, or without spread.

    References
    ----------
    Curran (2016), https://doi.org/10.1016/j.jesp.2015.07.006.

    Examples
    --------
    >>> person_total(pd.DataFrame([[1, 2, 3], [1, 2, 4], [3, 2, 1], [1, 2, 3]])).round(2).tolist()
    [0.99, 1.0, -0.99, 0.99]
    """
    values = answers.to_numpy(dtype="float64")
    r, n = paired_correlations(values, np.broadcast_to(_means(values), values.shape))
    return pd.Series(np.where(n >= FEWEST_PAIRS, r, np.nan), answers.index, name="person_total")


def _columns(answers: pd.DataFrame) -> Array:
    """Return one row an item, so that a step from item to item reads memory in order."""
    return np.ascontiguousarray(answers.to_numpy(dtype="float64").T)


def _means(values: Array) -> Array:
    """Return the mean of each item over what was answered; missing where nobody did."""
    return _row_means(values.T)


def _row_means(values: Array) -> Array:
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    return np.asarray(np.where(known, values, 0.0).sum(axis=1) / np.where(n > 0, n, np.nan))
