"""Which conditions, alone or together, hold wherever the outcome does: necessity of fuzzy sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.configurations.minimise import Booleans, Term, in_order
from si_research.model.configurations.set_relations import (
    EITHER,
    Array,
    Integers,
    blocks,
    members_allowed,
    necessity,
    necessity_of_sums,
    sufficiency,
    term_text,
    terms_allowed,
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
    table = pd.DataFrame(single_fits(sets, outcome))
    table["necessary"] = passes(table, cuts)
    table.index = pd.Index([*conditions, *(f"~{name}" for name in conditions)], name="condition")
    return table


def single_fits(sets: Array, outcome: Array) -> dict[str, Array]:
    """Return inclN, RoN and covN of each condition, then of the absence of each."""
    return dict(zip(NECESSITY, necessity(np.hstack([sets, 1 - sets]), outcome), strict=True))


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
    k, single = len(conditions), single_fits(sets, outcome)
    signs = {name: values.reshape(2, k).T[:, ::-1] for name, values in single.items()}
    passes_alone = signs["inclN"] >= inclusion - TOLERANCE
    # An alternative holds more people than each of its parts: it is as trivial as these, or more so.
    useful = ~passes_alone & (signs["RoN"] >= relevance - TOLERANCE)
    parts = []
    for allowed, turned in ((passes_alone, False), (useful, True)):
        table = _fits_of(sets, outcome, allowed, turned=turned)
        terms = np.array(table.index.to_list(), dtype=np.int64).reshape(-1, k)
        n_named = (terms != EITHER).sum(axis=1)
        keep = (n_named > int(turned)) & (n_named <= (depth or k))
        consistent = keep & (table["inclN"] >= inclusion - TOLERANCE).to_numpy()
        enough = consistent & (table["RoN"] >= relevance - TOLERANCE).to_numpy()
        enough &= (table["covN"] >= coverage - TOLERANCE).to_numpy()
        if turned:
            enough &= _nothing_within(terms, consistent)
        parts.append(_named(table[enough], conditions, " + " if turned else "*"))
    return pd.concat(parts)


def sufficient_combinations(
    sets: Array, outcome: Array, conditions: Sequence[str], *, inclusion: float, coverage: float
) -> pd.DataFrame:
    """Return the smallest combinations that are sufficient for the outcome: inclS, PRI, covS."""
    allowed = np.ones((len(conditions), 2), dtype=bool)
    terms = terms_allowed(allowed)
    fits = dict(zip(SUFFICIENCY, sufficiency(members_allowed(sets, allowed).T, outcome), strict=True))
    table = pd.DataFrame(fits, index=_as_index(terms))
    enough = (table["inclS"] >= inclusion - TOLERANCE) & (table["covS"] >= coverage - TOLERANCE)
    found = enough.to_numpy() & (terms != EITHER).any(axis=1)
    return _named(table[found & _nothing_within(terms, found)], conditions, "*")


def _fits_of(sets: Array, outcome: Array, allowed: Booleans, *, turned: bool) -> pd.DataFrame:
    """Return the necessity of each term of the signs allowed; ``turned`` makes alternatives (De Morgan)."""
    terms = terms_allowed(allowed)
    held, all_x = np.zeros((2, len(terms)))
    for rows in blocks(len(outcome)):
        x = 1 - members_allowed(1 - sets[rows], allowed) if turned else members_allowed(sets[rows], allowed)
        held += np.minimum(x, outcome[rows]).sum(axis=1)
        all_x += x.sum(axis=1)
    fits = necessity_of_sums(held, all_x, float(outcome.sum()), len(outcome))
    return pd.DataFrame(dict(zip(NECESSITY, fits, strict=True)), index=_as_index(terms))


def _as_index(terms: Integers) -> pd.Index:
    return pd.Index([tuple(term) for term in terms.tolist()], dtype="object", tupleize_cols=False)


def _nothing_within(terms: Integers, consistent: Booleans) -> Booleans:
    """Return which terms hold no smaller consistent one: an axis a condition, the first place without it."""
    k = terms.shape[1]
    places = tuple((terms + 1).T)
    reached = np.zeros((3,) * k, dtype=bool)
    reached[places] = consistent
    for axis in range(k):
        part = np.moveaxis(reached, axis, 0)
        part[1:] |= part[0]
    smaller = np.zeros_like(reached)
    for axis in range(k):
        np.moveaxis(smaller, axis, 0)[1:] |= np.moveaxis(reached, axis, 0)[0]
    return np.asarray(~smaller[places])


def _named(table: pd.DataFrame, conditions: Sequence[str], sign: str) -> pd.DataFrame:
    """Return terms under their names, shortest first, earlier conditions first."""
    terms: list[Term] = table.index.to_list()
    order = sorted(range(len(table)), key=lambda place: in_order(terms[place]))
    texts = [term_text(terms[place], conditions).replace("*", sign) for place in order]
    return table.iloc[order].set_axis(pd.Index(texts, dtype="str", name="expression"))
