"""Which conditions, alone or together, hold wherever the outcome does: necessity of fuzzy sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.configurations.minimise import Booleans, all_terms, in_order
from si_research.model.configurations.set_relations import (
    EITHER,
    Array,
    Integers,
    blocks,
    every_term,
    necessity,
    necessity_of_sums,
    sufficiency,
    term_text,
)
from si_research.model.configurations.truth_table import TOLERANCE, CutOffs

NECESSITY: Final = ["inclN", "RoN", "covN"]
SUFFICIENCY: Final = ["inclS", "PRI", "covS"]


def single_sets(sets: Array, outcome: Array, conditions: Sequence[str], cuts: CutOffs) -> pd.DataFrame:
    """Return how necessary each condition is, and its absence.

    Returns
    -------
    pandas.DataFrame, indexed by ``condition``
        inclN (how far the outcome lies within the set), RoN (how far that is not trivial), covN (how far
        the set lies within the outcome), necessary.
    """
    both = np.hstack([sets, 1 - sets])
    table = pd.DataFrame(dict(zip(NECESSITY, necessity(both, outcome), strict=True)))
    table["necessary"] = passes(table, cuts)
    table.index = pd.Index([*conditions, *(f"~{name}" for name in conditions)], name="condition")
    return table


def passes(table: pd.DataFrame, cuts: CutOffs) -> pd.Series:
    """Return whether a set is necessary, and not trivially so."""
    consistent = table["inclN"] >= cuts.necessity - TOLERANCE
    return consistent & (table["RoN"].fillna(0.0) >= cuts.relevance - TOLERANCE)


def necessary_expressions(
    sets: Array,
    outcome: Array,
    conditions: Sequence[str],
    *,
    inclusion: float,
    relevance: float = 0.0,
    coverage: float = 0.0,
    depth: int | None = None,
) -> pd.DataFrame:
    """Return the combinations, and the smallest alternatives, that are necessary for the outcome.

    Parameters
    ----------
    sets, outcome : array of float
    conditions : sequence of str
    inclusion, relevance, coverage : float
        Cut-offs of inclN, RoN and covN.
    depth : int, optional
        Most conditions in one expression.

    Returns
    -------
    pandas.DataFrame, indexed by ``expression``
        Combinations (``*``) first, then alternatives (``+``) of conditions none of which, and no fewer of
        which, are consistent: inclN, RoN, covN.
    """
    joint, either = (fits[0] for fits in expression_fits(sets, [outcome]))
    cuts = {"inclusion": inclusion, "relevance": relevance, "coverage": coverage}
    return passing_expressions(joint, either, conditions, depth=depth, **cuts)


def expression_fits(sets: Array, outcomes: Sequence[Array]) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    """Return the necessity of every combination, and of every alternative, for each outcome."""
    n, total = len(sets), [float(outcome.sum()) for outcome in outcomes]
    sums = np.zeros((2, 1 + len(outcomes), 3 ** sets.shape[1]))
    for rows in blocks(n):
        for place, x in enumerate((every_term(sets[rows]), 1 - every_term(1 - sets[rows]))):
            sums[place, 0] += x.sum(axis=1)
            for at, outcome in enumerate(outcomes, start=1):
                sums[place, at] += np.minimum(x, outcome[rows]).sum(axis=1)
    joint, either = (
        [
            pd.DataFrame(dict(zip(NECESSITY, necessity_of_sums(held, kind[0], all_y, n), strict=True)))
            for held, all_y in zip(kind[1:], total, strict=True)
        ]
        for kind in sums
    )
    return joint, either


def passing_expressions(
    joint: pd.DataFrame,
    either: pd.DataFrame,
    conditions: Sequence[str],
    *,
    inclusion: float,
    relevance: float = 0.0,
    coverage: float = 0.0,
    depth: int | None = None,
) -> pd.DataFrame:
    """Return the expressions of :func:`expression_fits` that pass, as :func:`necessary_expressions` does."""
    named = _n_named(len(conditions))
    allowed = (named > 0) & (named <= (depth or len(conditions)))
    consistent = allowed & (either["inclN"].to_numpy() >= inclusion - TOLERANCE)
    minimal = consistent & (named > 1) & _nothing_within(consistent, len(conditions))
    parts = []
    for table, keep, sign in ((joint, allowed, "*"), (either, minimal, " + ")):
        enough = (table["inclN"] >= inclusion - TOLERANCE) & (table["RoN"] >= relevance - TOLERANCE)
        enough &= table["covN"] >= coverage - TOLERANCE
        parts.append(_named(table, enough.to_numpy() & keep, conditions, sign))
    return pd.concat(parts)


def sufficient_combinations(
    sets: Array, outcome: Array, conditions: Sequence[str], *, inclusion: float, coverage: float
) -> pd.DataFrame:
    """Return the smallest combinations that are sufficient for the outcome: inclS, PRI, covS."""
    table = pd.DataFrame(dict(zip(SUFFICIENCY, sufficiency(every_term(sets).T, outcome), strict=True)))
    enough = (table["inclS"] >= inclusion - TOLERANCE) & (table["covS"] >= coverage - TOLERANCE)
    found = enough.to_numpy() & (_n_named(len(conditions)) > 0)
    return _named(table, found & _nothing_within(found, len(conditions)), conditions, "*")


def _n_named(k: int) -> Integers:
    """Return how many conditions each term names."""
    return np.asarray((all_terms(k)[0] != EITHER).sum(axis=1))


def _nothing_within(consistent: Booleans, k: int) -> Booleans:
    """Return which terms hold no smaller consistent one: an axis a condition, the first place without it."""
    reached = consistent.reshape((3,) * k).copy()
    for axis in range(k):
        part = np.moveaxis(reached, axis, 0)
        part[1:] |= part[0]
    smaller = np.zeros_like(reached)
    for axis in range(k):
        np.moveaxis(smaller, axis, 0)[1:] |= np.moveaxis(reached, axis, 0)[0]
    return np.asarray(~smaller.ravel())


def _named(table: pd.DataFrame, keep: Booleans, conditions: Sequence[str], sign: str) -> pd.DataFrame:
    """Return the rows that are kept under their names, shortest first, earlier conditions first."""
    terms = all_terms(len(conditions))[0]
    places = sorted(np.flatnonzero(keep).tolist(), key=lambda place: in_order(tuple(terms[place].tolist())))
    texts = [term_text(terms[place], conditions).replace("*", sign) for place in places]
    return table.iloc[places].set_axis(pd.Index(texts, dtype="str", name="expression"))
