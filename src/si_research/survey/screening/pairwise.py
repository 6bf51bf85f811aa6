"""Covariances and correlations over the answers that both sides have, without a loop over people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
_ONE_THREAD: Final = 200_000
"""Multiplications below which libraries for linear algebra do not divide the work."""
_ROWS: Final = 20_000
"""Rows that are worked on at a time, so that the memory stays small."""
_NO_SPREAD: Final = 1e-12
"""Share of the sum of squares below which what is left is rounding and not spread."""


class _Sums(NamedTuple):
    """Sums over the rows where both items of a pair are answered; the first item runs over the rows."""

    n: Array
    first: Array
    squares: Array
    products: Array


def _sums(values: Array) -> _Sums:
    known = ~np.isnan(values)
    counted = known.astype("float64")
    total = np.where(known, values, 0.0).sum(axis=0)
    n = np.maximum(counted.sum(axis=0), 1)
    centred = np.where(known, values - total / n, 0.0)
    return _Sums(
        _cross_products(counted, counted),
        _cross_products(centred, counted),
        _cross_products(centred**2, counted),
        _cross_products(centred, centred),
    )


def _cross_products(first: Array, second: Array) -> Array:
    """Return the sum over rows of every product of two columns."""
    sums = _blocks(first).transpose(0, 2, 1) @ _blocks(second)
    return np.asarray(sums.sum(axis=0))


def combine(values: Array, weights: Array) -> Array:
    """Return weighted sums of the columns: ``values @ weights``, the same whatever the machine's cores."""
    combined = _blocks(values) @ weights
    return np.asarray(combined.reshape(-1, weights.shape[1])[: len(values)])


def _blocks(values: Array) -> Array:
    """Return the rows in blocks, the last one filled up with zeros.

    A product of blocks so small is worked out by one thread: it costs no more, does not wait for a busy
    core, and its last digit does not hang on the number of cores.
    """
    n, k = values.shape
    rows = max(1, _ONE_THREAD // max(k, 1) ** 2)
    filled = np.zeros((max(1, -(-n // rows)) * rows, k))
    filled[:n] = values
    return filled.reshape(-1, rows, k)


def pairwise_covariance(values: Array) -> Array:
    """Return covariances (n - 1), each over the rows where both columns are answered, shape (k, k).

    Examples
    --------
    >>> pairwise_covariance(np.array([[1, 2.0], [3, 6], [5, np.nan]])).tolist()
    [[4.0, 4.0], [4.0, 8.0]]
    """
    sums = _sums(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        within = sums.products - sums.first * sums.first.T / sums.n
        return np.asarray(np.where(sums.n > 1, within / (sums.n - 1), np.nan))


def pairwise_correlation(values: Array) -> Array:
    """Return correlations, each over the rows where both columns are answered, shape (k, k).

    Missing where a column does not vary on those rows.

    Examples
    --------
    >>> pairwise_correlation(np.array([[1, 2.0], [3, 6], [5, np.nan]])).round(12).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    sums = _sums(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        products = sums.products - sums.first * sums.first.T / sums.n
        squares = sums.squares - sums.first**2 / sums.n
        spread = squares > _NO_SPREAD * sums.squares
        r = products / np.sqrt(squares * squares.T)
    return np.asarray(np.where(spread & spread.T & (sums.n > 1), np.clip(r, -1, 1), np.nan))


def paired_correlations(first: Array, second: Array) -> tuple[Array, Counts]:
    """Return, for each row, the correlation between the columns of two tables.

    Parameters
    ----------
    first, second : array, shape (n, k)

    Returns
    -------
    correlation : array, shape (n,)
        Over the columns where both have a value; missing where either does not vary there.
    n_pairs : array of int, shape (n,)

    Examples
    --------
    >>> paired_correlations(np.array([[1, 2.0, 3]]), np.array([[2, np.nan, 4.0]]))
    (array([1.]), array([2]))
    """
    known = ~(np.isnan(first) | np.isnan(second))
    n = known.sum(axis=1)
    x, y = (_centred(each, known, n) for each in (first, second))
    spread_x, spread_y = (np.einsum("ij,ij->i", each, each) for each in (x, y))
    enough = (spread_x > _rounding(first, known)) & (spread_y > _rounding(second, known))
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.einsum("ij,ij->i", x, y) / np.sqrt(spread_x * spread_y)
    return np.asarray(np.where(enough, np.clip(r, -1, 1), np.nan)), n.astype("int64")


def linked_correlations(values: Array, first: Sequence[int], second: Sequence[int]) -> tuple[Array, Counts]:
    """Return, for each row, the correlation over pairs of its own columns.

    Parameters
    ----------
    values : array, shape (n, k)
    first, second : sequence of int, each of length p
        The columns of each pair.

    Returns
    -------
    correlation : array, shape (n,)
        Over the pairs of which both are there; missing where either side does not vary.
    n_pairs : array of int, shape (n,)

    Notes
    -----
    The sums over pairs come from products with the k by k matrix of links, so that hundreds of pairs cost
    as little as a few. The middle answer is taken off first: sums of small whole numbers are exact.

    Examples
    --------
    >>> linked_correlations(np.array([[1, 2.0, 3, 5]]), [0, 1], [2, 3])
    (array([1.]), array([2]))
    """
    links = np.zeros((values.shape[1], values.shape[1]))
    np.add.at(links, (list(second), list(first)), 1.0)
    middle = 0.0 if np.isnan(values).all() else np.round(np.nanmean(values))
    starts = range(0, max(len(values), 1), _ROWS)
    parts = [_linked(values[start : start + _ROWS] - middle, links) for start in starts]
    return np.concatenate([r for r, _ in parts]), np.concatenate([n for _, n in parts])


def _linked(values: Array, links: Array) -> tuple[Array, Counts]:
    known = ~np.isnan(values)
    z, m = np.where(known, values, 0.0), known.astype("float64")

    def over_pairs(one: Array, other: Array) -> Array:
        return np.asarray(np.einsum("ij,ij->i", one, combine(other, links)))

    n, total_x, total_y = over_pairs(m, m), over_pairs(z, m), over_pairs(m, z)
    squares_x, squares_y = n * over_pairs(z**2, m), n * over_pairs(m, z**2)
    spread_x, spread_y = squares_x - total_x**2, squares_y - total_y**2
    enough = (spread_x > _NO_SPREAD * squares_x) & (spread_y > _NO_SPREAD * squares_y)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (n * over_pairs(z, z) - total_x * total_y) / np.sqrt(spread_x * spread_y)
    return np.asarray(np.where(enough, np.clip(r, -1, 1), np.nan)), n.astype("int64")


def _centred(values: Array, known: Marks, n: Counts) -> Array:
    filled = np.where(known, values, 0.0)
    return np.asarray((filled - (filled.sum(axis=1) / np.maximum(n, 1))[:, None]) * known)


def _rounding(values: Array, known: Marks) -> Array:
    """Return the sum of squares that rounding alone may leave in a row without spread."""
    filled = np.where(known, values, 0.0)
    return np.asarray(_NO_SPREAD * np.einsum("ij,ij->i", filled, filled))
