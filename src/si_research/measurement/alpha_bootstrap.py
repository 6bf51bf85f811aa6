"""Cronbach's alpha with an interval from resampled people, or resampled firms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.measurement.reliability import NO_VARIANCE, Missing, Reliability, cronbach_alpha

Array = npt.NDArray[np.float64]
FEWEST_DRAWS: Final = 200
FEWEST_GROUPS: Final = 5
"""Firms below which a bootstrap of firms tells nothing: too few different samples."""
_CHUNK: Final = 4_000_000
"""Weights in one block (32 MB)."""


def bootstrap_alpha(
    items: pd.DataFrame,
    *,
    seed: int,
    draws: int = 2000,
    clusters: pd.Series[Any] | None = None,
    scale: str = "scale",
    missing: Missing = "listwise",
    conf_level: float = 0.95,
) -> Reliability:
    """Return alpha with a bootstrap interval: percentiles of alpha in resampled people, or firms.

    Use it for skewed or coarse answers, and wherever people share firms: Feldt's interval takes answers as
    normal and people as unrelated, and is too narrow otherwise.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_rows, n_items)
        As in :func:`~si_research.measurement.reliability.cronbach_alpha`.
    seed : int
    draws : int, at least 200
    clusters : pandas.Series, same index, or None
        Firm of each row: whole firms are resampled. A row without a firm is one by itself.
    scale : str
    missing : str
    conf_level : float, in (0, 1)

    Returns
    -------
    Reliability
        With ``interval`` "bootstrap", or "bootstrap of firms"; all else as from ``cronbach_alpha``.

    Raises
    ------
    SurveyDataError
        As ``cronbach_alpha``; with fewer than five firms; clusters that are not those of the rows.
    ModelSpecificationError
        For fewer than 200 draws.

    Notes
    -----
    Alpha needs no more than sums of answers and of their cross-products; these are added up once for each
    person or firm and then weighed by how often it is drawn. Draws in which alpha does not exist are left
    out.

    References
    ----------
    Efron & Tibshirani (1993), An introduction to the bootstrap, ch. 13; Raykov (1998),
    https://doi.org/10.1177/014662169802200407; Field & Welsh (2007),
    https://doi.org/10.1111/j.1467-9868.2007.00593.x (whole clusters).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> answers = rng.normal(size=(300, 1)) + rng.normal(size=(300, 4))
    >>> found = bootstrap_alpha(pd.DataFrame(answers, columns=list("abcd")), seed=1)
    >>> found.interval, found.conf_low < found.alpha < found.conf_high
    ('bootstrap', True)
    """
    if draws < FEWEST_DRAWS:
        raise ModelSpecificationError(
            expected=f"at least {FEWEST_DRAWS} draws", found=str(draws), where="draws", todo="use 2000"
        )
    found = cronbach_alpha(items, scale=scale, missing=missing, conf_level=conf_level)
    numbers = items.astype("float64").to_numpy()
    kept = ~(np.isnan(numbers).any(axis=1) if missing == "listwise" else np.isnan(numbers).all(axis=1))
    x = numbers[kept] - np.nanmean(numbers[kept], axis=0)  # about 0, so that no sum swamps another
    x = x[:, (found.items["std_dev"] > 0).to_numpy()]  # as in alpha itself
    parts = _whole(x) if missing == "listwise" else _by_pair(x)
    if clusters is not None:
        parts = _by_cluster(parts, _numbered(clusters, items, kept))
    alphas = np.concatenate(
        [_alphas(weights @ parts, x.shape[1], missing) for weights in _weights(len(parts), draws, seed)]
    )
    tail = (1 - conf_level) / 2
    alphas = alphas[np.isfinite(alphas)]
    low, high = np.quantile(alphas, [tail, 1 - tail]) if len(alphas) else (np.nan, np.nan)
    return replace(
        found,
        conf_low=float(low),
        conf_high=float(high),
        interval="bootstrap" if clusters is None else "bootstrap of firms",
    )


def _numbered(clusters: pd.Series[Any], items: pd.DataFrame, kept: npt.NDArray[np.bool_]) -> Array:
    """Return the number of the firm of each row that is used."""
    if not clusters.index.equals(items.index):
        raise SurveyDataError(
            expected="a firm for each row, with the index of the items",
            found=f"{len(clusters)} firms for {len(items)} rows",
            where="clusters",
            todo="pass the column of the same data",
        )
    number = pd.factorize(clusters.to_numpy()[kept])[0]
    alone = number < 0
    number[alone] = number.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    n_groups = len(np.unique(number))
    if n_groups < FEWEST_GROUPS:
        raise SurveyDataError(
            expected=f"at least {FEWEST_GROUPS} firms to draw from",
            found=str(n_groups),
            where="clusters",
            todo="leave the clusters out; the interval then takes people as unrelated",
        )
    return np.asarray(number)


def _by_cluster(parts: Array, number: Array) -> Array:
    from scipy import sparse

    member: Any = sparse.csr_array((np.ones(len(number)), (number, np.arange(len(number)))))
    return np.asarray(member @ parts)


def _whole(x: Array) -> Array:
    """Return of each row: 1, its answers, the sum of their squares, the square of their sum."""
    return np.column_stack([np.ones(len(x)), x, (x**2).sum(axis=1), x.sum(axis=1) ** 2])


def _by_pair(x: Array) -> Array:
    """Return of each row and pair of items: whether it has both, both answers and their product."""
    i, j = np.triu_indices(x.shape[1])
    there = ~np.isnan(x)
    both = (there[:, i] & there[:, j]).astype("float64")
    filled = np.where(there, x, 0.0)
    first, second = filled[:, i] * both, filled[:, j] * both
    return np.concatenate([both, first, second, first * second], axis=1)


def _weights(n: int, draws: int, seed: int) -> Iterator[Array]:
    """Yield how often each person or firm is drawn, a block of draws at a time."""
    rng = np.random.default_rng(seed)
    block = max(1, _CHUNK // n)
    for first in range(0, draws, block):
        size = min(block, draws - first)
        chosen = rng.integers(n, size=(size, n)) + n * np.arange(size)[:, None]
        yield np.bincount(chosen.ravel(), minlength=size * n).reshape(size, n).astype("float64")


def _alphas(sums: Array, k: int, missing: Missing) -> Array:
    """Return alpha of each draw from its sums."""
    if missing == "listwise":
        n, each, squares, of_sum = sums[:, 0], sums[:, 1 : k + 1], sums[:, k + 1], sums[:, k + 2]
        trace = squares - (each**2).sum(axis=1) / n
        total = of_sum - each.sum(axis=1) ** 2 / n
    else:
        i, j = np.triu_indices(k)
        with np.errstate(divide="ignore", invalid="ignore"):
            n, first, second, product = np.split(sums, 4, axis=1)
            C = (product - first * second / n) / (n - 1)
        trace = C[:, i == j].sum(axis=1)
        total = trace + 2 * C[:, i != j].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = k / (k - 1) * (1 - trace / total)
        return np.asarray(np.where(np.abs(total) > NO_VARIANCE * trace, alpha, np.nan))
