"""Minimisation against brute force, on truth tables of any kind."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.model.configurations.minimise import (
    MOST_SOLUTIONS,
    Term,
    covered,
    intermediate,
    minimise,
    smallest_covers,
)


def rows_of(term: Term) -> set[int]:
    """Rows of the truth table that a term holds for, one by one."""
    table = enumerate(product((0, 1), repeat=len(term)))
    return {at for at, row in table if all(a in (-1, b) for a, b in zip(term, row, strict=True))}


def by_brute_force(on: set[int], allowed: set[int], k: int) -> tuple[set[Term], set[frozenset[Term]]]:
    terms = [term for term in product((-1, 0, 1), repeat=k) if rows_of(term) <= allowed]
    largest = {term for term in terms if not any(rows_of(term) < rows_of(other) for other in terms)}
    primes = {term for term in largest if rows_of(term) & on}
    for size in range(len(on) + 1):
        found = {
            frozenset(chosen)
            for chosen in combinations(primes, size)
            if on <= set().union(*map(rows_of, chosen))
        }
        if found:
            return primes, found
    raise AssertionError


@settings(max_examples=60)
@given(st.lists(st.sampled_from("01?"), min_size=8, max_size=8))
def test_three_conditions_against_brute_force(out: list[str]) -> None:
    """Prime implicants, and every smallest solution, of any table of eight rows."""
    on = np.array([each == "1" for each in out])
    allowed = np.array([each != "0" for each in out])
    primes, solutions, more = minimise(on, allowed)
    if not on.any():
        assert (primes, solutions) == ([], ())
        return
    expected = by_brute_force(set(np.flatnonzero(on)), set(np.flatnonzero(allowed)), 3)
    assert (set(primes), {frozenset(each) for each in solutions}) == expected
    assert len(solutions) == len(expected[1])
    assert not more


@settings(max_examples=40)
@given(st.lists(st.sampled_from("01??"), min_size=64, max_size=64))
def test_six_conditions_cover_what_they_must(out: list[str]) -> None:
    """Every solution covers all sufficient rows and no insufficient one; no term can be left out."""
    on, off = np.array([each == "1" for each in out]), np.array([each == "0" for each in out])
    _, plain, _ = minimise(on, on)
    _, short, _ = minimise(on, ~off)
    between = intermediate(on, plain[:2], short[:2], [1] * 6)
    listed = [*plain, *short, *(one for each in between for one in each.solutions)]
    for solution in listed[:20]:
        covers = covered(solution, 6)
        assert covers.any(axis=0)[on].all()
        assert not covers.any(axis=0)[off].any()
        for place in range(len(solution)):
            assert not np.delete(covers, place, axis=0).any(axis=0)[on].all()
    for each in between:
        assert set(each.easy) | set(each.difficult) == {
            int(row) for row in np.flatnonzero(covered(short[each.parsimonious], 6).any(axis=0) & ~on)
        }


def test_ties_are_all_listed() -> None:
    """All rows but the first and last: two ways of three terms, and neither may be passed over."""
    on = np.array([False, *[True] * 6, False])
    _, solutions, more = minimise(on, on)
    assert len(solutions) == 2
    assert not more
    assert {len(each) for each in solutions} == {3}


def test_a_list_of_ties_without_end_is_cut_and_said() -> None:
    """Ten pairs of equal terms: 1,024 smallest sets."""
    covers = np.repeat(np.eye(10, dtype=bool), 2, axis=0)
    found, more = smallest_covers(covers)
    assert len(found) == MOST_SOLUTIONS
    assert more


@pytest.mark.parametrize("k", [3, 6])
def test_all_rows_sufficient_is_the_term_of_everybody(k: int) -> None:
    on = np.ones(2**k, dtype=bool)
    assert minimise(on, on)[1] == (((-1,) * k,),)
