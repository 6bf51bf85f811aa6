"""How far one fuzzy set lies within another: consistency, PRI, coverage and relevance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
NEGLIGIBLE: Final = 1e-5
"""Parameters of fit below it are 0, as in the R package QCA."""
ROWS_AT_ONCE: Final = 4096
ABSENT, PRESENT, EITHER = 0, 1, -1


def ratio(part: npt.ArrayLike, whole: npt.ArrayLike) -> Array:
    """Return part / whole, missing where the whole is nothing and 0 where next to nothing."""
    top, bottom = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    found = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=found, where=bottom > 0)
    return np.where(found < NEGLIGIBLE, 0.0, found)


def sufficiency(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Return inclS, PRI and covS of each column of ``x`` for the outcome ``y``."""
    both = np.minimum(x, y[:, None])
    neither_clear = np.minimum(both, 1 - y[:, None]).sum(axis=0)
    held, all_x = both.sum(axis=0), x.sum(axis=0)
    pri = ratio(held - neither_clear, all_x - neither_clear)
    return ratio(held, all_x), pri, ratio(held, y.sum())


def necessity(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Return inclN, RoN and covN of each column of ``x`` for the outcome ``y``."""
    held, all_x = np.minimum(x, y[:, None]).sum(axis=0), x.sum(axis=0)
    return necessity_of_sums(held, all_x, float(y.sum()), len(y))


def necessity_of_sums(held: Array, all_x: Array, all_y: float, n: int) -> tuple[Array, Array, Array]:
    """Return inclN, RoN and covN from the sums of min(x, y), of x and of y, and the number of people."""
    return ratio(held, all_y), ratio(n - all_x, n - held), ratio(held, all_x)


def unique_coverage(x: Array, y: Array) -> Array:
    """Return covU of each column of ``x``: what no other column covers; missing for a single column."""
    n_terms = x.shape[1]
    if n_terms < 2:
        return np.full(n_terms, np.nan)
    both = np.minimum(x, y[:, None])
    shared = np.empty(n_terms)
    for term in range(n_terms):
        others = np.delete(both, term, axis=1).max(axis=1)
        shared[term] = np.minimum(both[:, term], others).sum()
    return ratio(both.sum(axis=0) - shared, y.sum())


def term_memberships(sets: Array, terms: Sequence[Sequence[int]]) -> Array:
    """Return each person's membership of each term: the least of its sets, absent ones turned round."""
    found = np.ones((len(sets), len(terms)))
    for place, term in enumerate(terms):
        for column, value in enumerate(term):
            if value != EITHER:
                member = sets[:, column] if value == PRESENT else 1 - sets[:, column]
                np.minimum(found[:, place], member, out=found[:, place])
    return found


def corners(sets: Array) -> Array:
    """Return each person's membership of each row of the truth table, absent before present."""
    found = np.ones((len(sets), 1))
    for member in sets.T[:, :, None]:
        pair = [np.minimum(found, 1 - member), np.minimum(found, member)]
        found = np.stack(pair, axis=2).reshape(len(sets), -1)
    return found


def every_term(sets: Array) -> Array:
    """Return everybody's membership of every term, a row a term in the order of ``minimise.all_terms``."""
    found = np.ones((1, len(sets)))
    for member in sets.T:
        longer = np.empty((3 * len(found), len(sets)))
        longer[0::3] = found
        np.minimum(found, 1 - member, out=longer[1::3])
        np.minimum(found, member, out=longer[2::3])
        found = longer
    return found


def blocks(n: int) -> Iterator[slice]:
    """Return the rows a few thousand at a time, so that memory does not grow with them."""
    return (slice(start, start + ROWS_AT_ONCE) for start in range(0, n, ROWS_AT_ONCE))


def term_text(term: Sequence[int], names: Sequence[str]) -> str:
    """Return a term as it is written: ``kunnen*~willen``; 1 for the term that holds for all."""
    parts = [
        ("" if value else "~") + name for value, name in zip(term, names, strict=True) if value != EITHER
    ]
    return "*".join(parts) or "1"


def formula(terms: Sequence[Sequence[int]], names: Sequence[str]) -> str:
    """Return terms as one expression."""
    return " + ".join(term_text(term, names) for term in terms)
