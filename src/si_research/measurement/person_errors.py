"""How exact the scale score of each person is, from how far apart their own answers lie."""

from __future__ import annotations

import pandas as pd


def person_error_variances(items: pd.DataFrame) -> pd.Series[float]:
    """Return the error variance of each person's mean of items.

    Use it where errors cannot be alike for everybody: on answers from 1 to 5, people near an end have less
    room for error than people in the middle. One value is very inexact; it is right on average over
    people who score alike, which is what a correction needs.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_rows, n_items)
        Keyed answers to the items of one scale.

    Returns
    -------
    pandas.Series, indexed as ``items``
        Missing for who answered fewer than two items.

    Notes
    -----
    The variance (n - 1) of a person's answers about the means of the items, over the number of answers. It
    takes the items as measuring the same thing in the same unit. With complete answers its mean is
    (1 - alpha) times the variance of the score, alpha in Hoyt's form.

    References
    ----------
    Hoyt (1941), https://doi.org/10.1007/BF02289270.

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1, 3, 5, 3], "b": [3, 3, 5, 1]})
    >>> person_error_variances(answers).tolist()
    [1.0, 0.0, 0.0, 1.0]
    """
    about_means = items.astype("float64") - items.mean()
    return about_means.var(axis=1, ddof=1) / about_means.count(axis=1).where(lambda n: n > 1)
