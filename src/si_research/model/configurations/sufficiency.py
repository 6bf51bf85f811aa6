"""Complex, parsimonious and intermediate solutions of one truth table, with their fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.model.configurations.minimise import (
    Booleans,
    Solution,
    covered,
    intermediate,
    minimise,
)
from si_research.model.configurations.set_relations import (
    Array,
    Integers,
    formula,
    sufficiency,
    term_memberships,
    term_text,
    unique_coverage,
)
from si_research.model.configurations.truth_table import NOT_JUDGED, SUFFICIENT

COMPLEX, PARSIMONIOUS, INTERMEDIATE = "complex", "parsimonious", "intermediate"
FIT: Final = ("inclS", "PRI", "covS")
TERMS: Final = ["kind", "solution", "term", "inclS", "PRI", "covS", "covU", "n", "n_firms", "n_used"]
SOLUTIONS: Final = [
    "kind",
    "solution",
    "pair",
    "formula",
    "n_terms",
    *FIT,
    "n",
    "n_used",
    "n_assumed",
    "assumed",
]


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """What the fit of a solution is counted over.

    Attributes
    ----------
    sets, outcome : array of float
    firms : array of int or None
    """

    sets: Array
    outcome: Array
    firms: Integers | None


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """The solutions of one truth table.

    Attributes
    ----------
    terms, solutions : pandas.DataFrame
        Columns as in ``TERMS`` and ``SOLUTIONS``.
    more : tuple of str
        Kinds with more equally small solutions than are listed.
    """

    terms: pd.DataFrame
    solutions: pd.DataFrame
    more: tuple[str, ...]


def solve(
    table: pd.DataFrame, names: Sequence[str], people: People, expected: Sequence[int | None]
) -> Solved:
    """Return every equally small solution of a truth table, complex, parsimonious and intermediate.

    The complex one rests on sufficient rows only; the parsimonious one may take rows that were not judged
    to be sufficient where that makes it shorter; the intermediate one only where that is in line with
    ``expected``.
    """
    on = (table["out"] == SUFFICIENT).to_numpy()
    empty = (table["out"] == NOT_JUDGED).to_numpy()
    _, plain, more_plain = minimise(on, on)
    _, short, more_short = minimise(on, on | empty)
    listed: list[tuple[str, str, Solution, Booleans]] = [
        (kind, "", each, covered(each, len(names)).any(axis=0) & empty)
        for kind, found in ((COMPLEX, plain), (PARSIMONIOUS, short))
        for each in found
    ]
    for pair in intermediate(on, plain, short, expected):
        easy = np.isin(np.arange(len(on)), pair.easy)
        where = f"C{pair.complex + 1}P{pair.parsimonious + 1}"
        used = [(each, covered(each, len(names)).any(axis=0) & easy) for each in pair.solutions]
        listed += [(INTERMEDIATE, where, each, assumed) for each, assumed in used]
    terms, solutions, number = [], [], dict.fromkeys((COMPLEX, PARSIMONIOUS, INTERMEDIATE), 0)
    fits = _fits([solution for _, _, solution, _ in listed], names, people)
    for (kind, pair_name, _, assumed), (rows, whole) in zip(listed, fits, strict=True):
        number[kind] += 1
        place = {"kind": kind, "solution": number[kind]}
        terms += [{**place, **row} for row in rows]
        told = {"n_assumed": int(assumed.sum()), "assumed": "; ".join(table.index[assumed])}
        solutions.append({**place, "pair": pair_name, **whole, **told})
    kinds = ((COMPLEX, more_plain), (PARSIMONIOUS, more_short))
    more = tuple(kind for kind, beyond in kinds if beyond)
    return Solved(pd.DataFrame(terms, columns=TERMS), pd.DataFrame(solutions, columns=SOLUTIONS), more)


def _fits(
    solutions: Sequence[Solution], names: Sequence[str], people: People
) -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
    """Yield the fit of each term of a solution, and of the whole; a term of several is looked at once."""
    terms = list(dict.fromkeys(term for solution in solutions for term in solution))
    x, y = term_memberships(people.sets, terms), people.outcome
    each, inside, n_used = sufficiency(x, y), x > 0.5, len(people.outcome)
    counts = {"n": inside.sum(axis=0).tolist(), "n_firms": _firms_in(inside, people.firms)}
    fit = {name: values.tolist() for name, values in zip(FIT, each, strict=True)} | counts
    for solution in solutions:
        places = [terms.index(term) for term in solution]
        members = x[:, places]
        unique = unique_coverage(members, y)
        rows = [
            {"term": term_text(term, names), **{name: values[place] for name, values in fit.items()}}
            | {"covU": float(alone), "n_used": n_used}
            for term, place, alone in zip(solution, places, unique, strict=True)
        ]
        together = members.max(axis=1)[:, None]
        total = {name: float(values[0]) for name, values in zip(FIT, sufficiency(together, y), strict=True)}
        head = {"formula": formula(solution, names), "n_terms": len(solution)}
        yield rows, {**head, **total, "n": int((together > 0.5).sum()), "n_used": n_used}


def _firms_in(inside: Booleans, firms: Integers | None) -> list[Any]:
    """Return how many firms have a person in each term; missing without firms."""
    if firms is None:
        return [pd.NA] * inside.shape[1]
    return [int((np.bincount(firms[column]) > 0).sum()) for column in inside.T]
