"""Exact minimisation of a truth table: prime implicants, all smallest solutions, easy counterfactuals.

With at most six conditions there are 729 terms and 64 rows: every term is looked at, so that nothing rests on
the order in which terms would be merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from si_research.model.configurations.set_relations import EITHER

Booleans = npt.NDArray[np.bool_]
Term = tuple[int, ...]
Solution = tuple[Term, ...]
MOST_SOLUTIONS: Final = 200
"""Equally small solutions that are listed; beyond it a table says nothing that anybody can read."""


class Intermediate(NamedTuple):
    """The solutions between one complex and one parsimonious one.

    Attributes
    ----------
    complex, parsimonious : int
        Their places, from 0.
    solutions : tuple of solutions
    easy, difficult : tuple of int
        Rows without people, from 0, that the parsimonious solution takes to be sufficient: in line with what
        was expected, or not.
    """

    complex: int
    parsimonious: int
    solutions: tuple[Solution, ...]
    easy: tuple[int, ...]
    difficult: tuple[int, ...]


@lru_cache(maxsize=8)
def all_terms(k: int) -> tuple[npt.NDArray[np.int64], Booleans]:
    """Return every term of ``k`` conditions, and which rows of the truth table each covers."""
    terms = np.array(list(product((EITHER, 0, 1), repeat=k)), dtype=np.int64).reshape(-1, k)
    rows = np.array(list(product((0, 1), repeat=k)), dtype=np.int64).reshape(-1, k)
    covers = ((terms[:, None, :] == EITHER) | (terms[:, None, :] == rows[None])).all(axis=2)
    return terms, covers


def covered(terms: Sequence[Term], k: int) -> Booleans:
    """Return which rows of the truth table each term covers."""
    places = [int("".join(str(value + 1) for value in term) or "0", 3) for term in terms]
    return all_terms(k)[1][places]


def prime_implicants(on: Booleans, allowed: Booleans) -> list[Term]:
    """Return the terms that cover a row of ``on`` and only allowed ones, and cannot be shorter.

    The shortest come first, then those that name earlier conditions, absent before present.
    """
    k = int(np.log2(len(on)))
    terms, covers = all_terms(k)
    valid: Booleans = np.logical_not(covers[:, ~allowed].any(axis=1))
    prime = valid & covers[:, on].any(axis=1)
    for place in range(k):
        weight = 3 ** (k - 1 - place)
        named = terms[:, place] != EITHER
        shorter = np.arange(len(terms)) - np.where(named, (terms[:, place] + 1) * weight, 0)
        prime &= ~(named & valid[shorter])
    return sorted((tuple(term) for term in terms[prime].tolist()), key=in_order)


def in_order(term: Term) -> tuple[int, list[tuple[int, int]]]:
    """Return what terms are sorted by: how many conditions they name, and which."""
    named = [(place, value) for place, value in enumerate(term) if value != EITHER]
    return len(named), named


def smallest_covers(covers: Booleans) -> tuple[list[tuple[int, ...]], bool]:
    """Return all smallest sets of rows of ``covers`` that cover every column, and whether there are more."""
    n_columns = covers.shape[1]
    if n_columns == 0:
        return [()], False
    masks = [_as_bits(row) for row in covers]
    by_column = [_as_bits(column) for column in covers.T[::-1]]
    for size in range(1, n_columns + 1):
        found: list[tuple[int, ...]] = []
        for each in _covers_of(size, (1 << n_columns) - 1, masks, by_column, (1 << len(masks)) - 1):
            if len(found) == MOST_SOLUTIONS:
                return sorted(found), True
            found.append(tuple(sorted(each)))
        if found:
            return sorted(found), False
    return [], False


def _as_bits(cells: Booleans) -> int:
    """Return cells as the digits of a number, the first the highest."""
    return int("".join("1" if cell else "0" for cell in cells.tolist()), 2)


def _bits_of(number: int) -> list[int]:
    return [place for place in range(number.bit_length()) if number >> place & 1]


def _covers_of(
    size: int, left: int, masks: Sequence[int], by_column: Sequence[int], usable: int
) -> Iterator[tuple[int, ...]]:
    """Yield each cover of ``left`` by ``size`` usable terms once: by the column that fewest terms cover.

    Columns and terms are bits: ``masks`` has the columns of each term, ``by_column`` the terms of each
    column, the first term the highest bit.
    """
    if left == 0:
        yield ()
        return
    last = len(masks) - 1
    most = max((int.bit_count(masks[last - bit] & left) for bit in _bits_of(usable)), default=0)
    if most * size < int.bit_count(left):
        return
    terms = min((by_column[bit] & usable for bit in _bits_of(left)), key=int.bit_count)
    for bit in reversed(_bits_of(terms)):
        term = last - bit
        usable &= ~(1 << bit)
        for rest in _covers_of(size - 1, left & ~masks[term], masks, by_column, usable):
            yield (term, *rest)


def minimise(on: Booleans, allowed: Booleans) -> tuple[list[Term], tuple[Solution, ...], bool]:
    """Return the prime implicants, all solutions with the fewest terms, and whether there are more of these.

    Parameters
    ----------
    on : array of bool
        Rows that are sufficient, 2^k of them in the order of the truth table.
    allowed : array of bool
        Rows that a term may cover: ``on``, and those without people where these are assumed.

    Examples
    --------
    >>> on = np.array([False, False, False, False, False, False, True, True])
    >>> minimise(on, on)[1]
    (((1, 1, -1),),)
    """
    if not on.any():
        return [], (), False
    k = int(np.log2(len(on)))
    primes = prime_implicants(on, allowed)
    found, more = smallest_covers(covered(primes, k)[:, on])
    return primes, tuple(tuple(primes[place] for place in each) for each in found), more


def intermediate(
    on: Booleans,
    complex_solutions: Sequence[Solution],
    parsimonious_solutions: Sequence[Solution],
    expected: Sequence[int | None],
) -> list[Intermediate]:
    """Return the solutions that take only easy counterfactuals from the parsimonious one, a pair at a time.

    ``expected`` has for each condition 1 (its presence should help), 0 (its absence should) or None.
    """
    k = len(expected)
    found = []
    for (c, complex_), (p, parsimonious) in product(
        enumerate(complex_solutions), enumerate(parsimonious_solutions)
    ):
        assumed = covered(parsimonious, k).any(axis=0) & ~on
        between = _between(complex_, parsimonious, expected)
        easy = assumed & covered(between, k).any(axis=0)
        _, solutions, _ = minimise(on, on | easy)
        rows = (np.flatnonzero(each).tolist() for each in (easy, assumed & ~easy))
        found.append(Intermediate(c, p, solutions, *(tuple(each) for each in rows)))
    return found


def _between(complex_: Solution, parsimonious: Solution, expected: Sequence[int | None]) -> list[Term]:
    """Return the complex terms without what goes against expectation, where a parsimonious term allows it."""
    found = []
    for long, short in product(complex_, parsimonious):
        if all(value in (EITHER, held) for value, held in zip(short, long, strict=True)):
            kept = [
                held if value != EITHER or direction in (None, held) else EITHER
                for held, value, direction in zip(long, short, expected, strict=True)
            ]
            found.append(tuple(kept))
    return found
