"""How far one fuzzy set lies within another: consistency, PRI, coverage and relevance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.errors import ModelSpecificationError

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
NEGLIGIBLE: Final = 1e-5
"""Parameters of fit below it are 0, as in the R package QCA."""
ROWS_AT_ONCE: Final = 512
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
    second, first = np.partition(both, n_terms - 2, axis=1)[:, -2:].T[:, :, None]
    shared = np.minimum(both, np.where(both == first, second, first)).sum(axis=0)
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


def terms_allowed(allowed: npt.NDArray[np.bool_]) -> Integers:
    """Return the terms of the signs that are allowed: a row a condition, absent and present."""
    found = np.empty((1, 0), dtype=np.int64)
    for signs in allowed:
        values = [EITHER, *(value for value in (ABSENT, PRESENT) if signs[value])]
        found = np.vstack([np.insert(found, found.shape[1], value, axis=1) for value in values])
    return found


def members_allowed(sets: Array, allowed: npt.NDArray[np.bool_]) -> Array:
    """Return everybody's membership of each of these terms, a row a term."""
    found = np.ones((int(np.prod(1 + allowed.sum(axis=1))), len(sets)))
    n_made = 1
    for member, signs in zip(sets.T, allowed, strict=True):
        sides = [side for side, sign in zip((1 - member, member), signs, strict=True) if sign]
        for place, side in enumerate(sides, start=1):
            np.minimum(found[:n_made], side, out=found[place * n_made : (place + 1) * n_made])
        n_made *= 1 + len(sides)
    return found


def blocks(n: int) -> Iterator[slice]:
    """Return the rows some hundreds at a time, so that what is made of them stays in the cache."""
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


def terms_of(expression: str, names: Sequence[str]) -> list[tuple[int, ...]]:
    """Return the terms of an expression such as ``kunnen*~willen + mogen``.

    Examples
    --------
    >>> terms_of("kunnen*~willen + mogen", ["kunnen", "willen", "mogen"])
    [(1, 0, -1), (-1, -1, 1)]
    """
    found = []
    for term in expression.split("+"):
        signs = {part.strip().removeprefix("~"): int("~" not in part) for part in term.split("*")}
        unknown = [name for name in signs if name not in names]
        if unknown:
            raise ModelSpecificationError(
                expected=f"an expression of {', '.join(names)}, such as {names[0]}*~{names[-1]}",
                found="something else in it",
                where="the expression of sets",
                todo="join conditions by * and alternatives by +, with ~ before an absent one",
            )
        found.append(tuple(signs.get(name, EITHER) for name in names))
    return found
