"""For which share of a unit's people each condition is the lowest of their own."""

from __future__ import annotations

import numpy as np

from si_research.practice.diagnosis.evidence import Array, Numbers
from si_research.practice.diagnosis.gaussian_tree import summed

SAME = 1e-9
"""Share of the range below which two conditions of a person are equally low."""


def lowest_of_each(values: Array) -> tuple[Array, Array]:
    """Return for each person which condition is the lowest, ties split, and who has a tie.

    Parameters
    ----------
    values : array, shape (n, k)
        Missing throughout for people who are left out.

    Returns
    -------
    share : array, shape (n, k)
        1 for the lowest, 1/2 or 1/3 where several are equally low; missing for people left out.
    tied : array, shape (n,)
        1 where several are, 0 where one is.

    Examples
    --------
    >>> lowest_of_each(np.array([[10.0, 20.0, 30.0], [10.0, 10.0, 30.0]]))[0].tolist()
    [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]
    """
    lowest = values.min(axis=1, keepdims=True)
    room = SAME * max(float(np.nanmax(np.abs(values), initial=0.0)), 1e-300)
    at = np.where(np.isnan(values), np.nan, values <= lowest + room)
    count = at.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        share = at / count
    tied = np.where(np.isnan(count[:, 0]), np.nan, count[:, 0] > 1)
    return share, tied


def mean_by_unit(values: Array, units: Numbers, n_units: int) -> tuple[Array, Array]:
    """Return the mean of each column over the people of each unit who have it, and how many they are."""
    columns = values[:, None] if values.ndim == 1 else values
    there = ~np.isnan(columns[:, 0])
    n = np.bincount(units[there], minlength=n_units).astype("float64")
    with np.errstate(invalid="ignore", divide="ignore"):
        means = summed(columns[there], units[there], n_units) / n[:, None]
    return (means[:, 0] if values.ndim == 1 else means), n


def share_interval(share: Array, n: Array, conf_level: float) -> tuple[Array, Array]:
    """Return Wilson's interval of shares of n people each.

    A split tie counts as a part of a person, which varies less than a whole one: the interval is then a
    little too wide.

    References
    ----------
    Wilson (1927), https://doi.org/10.1080/01621459.1927.10502953.
    """
    from scipy import stats

    z = stats.norm.ppf((1 + conf_level) / 2)
    count = n.reshape(-1, *[1] * (share.ndim - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
        half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
