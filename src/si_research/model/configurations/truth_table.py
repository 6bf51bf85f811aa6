"""The truth table: each combination of conditions, its people, and how consistently the outcome follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, check_number
from si_research.model.configurations.set_relations import (
    Array,
    Integers,
    blocks,
    corners,
    ratio,
    term_text,
)

SUFFICIENT, INSUFFICIENT, BETWEEN, NOT_JUDGED = "1", "0", "C", "?"
TOLERANCE: Final = 1e-9
SHARE_OF_PEOPLE: Final = 0.01
FIGURES: Final = ("x", "with_outcome", "with_absence", "with_both", "n", "n_outcome")
"""What is summed a row: memberships, those shared with the outcome, its absence and both; people in it."""


@dataclass(frozen=True, slots=True)
class CutOffs:
    """From where a row counts as sufficient, and a condition as necessary.

    Attributes
    ----------
    inclusion : float
        inclS from which a row is sufficient: .80 (Ragin, 2008), and never below .75.
    pri : float
        PRI from which it is: .60. Below .50 a row goes with the absence as much as with the outcome
        (Greckhamer et al., 2018); at .50 some row is "sufficient" in eight of ten samples of a world in which
        nothing is related, at .60 in at most one of fifty.
    between : float or None
        inclS from which a row that is not sufficient is marked as contradictory (``C``).
    n : int or None
        People in a row from which it is judged; None is 1 % of all people, at least one. With many people a
        row of a few is noise (Greckhamer, Misangyi & Fiss, 2013).
    necessity : float
        inclN from which a condition is necessary: .90 (Schneider & Wagemann, 2012).
    relevance : float
        RoN from which it is not trivially so: .60; a set that nearly everybody is in is always "necessary".
    """

    inclusion: float = 0.80
    pri: float = 0.60
    between: float | None = None
    n: int | None = None
    necessity: float = 0.90
    relevance: float = 0.60

    def people(self, n_used: int) -> int:
        """Return from how many people a row is judged."""
        return max(1, int(np.ceil(SHARE_OF_PEOPLE * n_used - TOLERANCE))) if self.n is None else self.n


def check_cuts(cuts: CutOffs) -> None:
    """Refuse cut-offs that are no shares, or in no order."""
    shares = {"inclusion": cuts.inclusion, "pri": cuts.pri}
    shares |= {"necessity": cuts.necessity, "relevance": cuts.relevance}
    if cuts.between is not None:
        shares["between"] = cuts.between
    for name, value in shares.items():
        check_number(value, f"`{name}` of CutOffs")
        if not 0 <= value <= 1:
            _refuse(name, value, "a share from 0 to 1", "write 0.8 for 80 per cent")
    if cuts.between is not None and cuts.between > cuts.inclusion:
        _refuse("between", cuts.between, "at most the cut-off of inclusion", "choose a lower one")
    if cuts.n is not None and (isinstance(cuts.n, bool) or not isinstance(cuts.n, int) or cuts.n < 1):
        _refuse("n", cuts.n, "a whole number of people, 1 or above", "use 1 where every case is known well")


def _refuse(name: str, value: object, expected: str, todo: str) -> None:
    raise ModelSpecificationError(
        expected=expected, found=as_found(value), where=f"`{name}` of CutOffs", todo=todo
    )


def corner_sums(sets: Array, outcome: Array, groups: Integers, n_groups: int) -> Array:
    """Return the sums that a truth table rests on, for each group of people: group x row x figure."""
    sums = np.zeros((n_groups, len(FIGURES) << sets.shape[1]))
    for rows in blocks(len(outcome)):
        x, y = corners(sets[rows]), outcome[rows, None]
        inside = x > 0.5
        with_y, without_y = np.minimum(x, y), np.minimum(x, 1 - y)
        figures = [x, with_y, without_y, np.minimum(with_y, without_y), inside, inside & (y > 0.5)]
        values = np.stack(figures, axis=2).reshape(len(x), -1)
        size = len(x)
        belongs = csr_array((np.ones(size), (groups[rows], np.arange(size))), shape=(n_groups, size))
        sums += belongs @ values
    return sums.reshape(n_groups, -1, len(FIGURES))


def row_fit(sums: Array, *, negated: bool) -> tuple[Array, Array]:
    """Return inclS and PRI of rows, for the outcome or for its absence; figures are the last axis."""
    x, both = sums[..., 0], sums[..., 3]
    held = sums[..., 2 if negated else 1]
    return ratio(held, x), ratio(held - both, x - both)


def judged(inclusion: Array, pri: Array, n: Array, cuts: CutOffs, n_cut: int) -> np.ndarray:
    """Return OUT of each row: 1, 0, C (between two cut-offs) or ? (too few people to judge)."""
    passes_pri = np.nan_to_num(pri) >= cuts.pri - TOLERANCE
    passes = (inclusion >= cuts.inclusion - TOLERANCE) & passes_pri
    out = np.where(passes, SUFFICIENT, INSUFFICIENT)
    if cuts.between is not None:
        out = np.where(~passes & (inclusion >= cuts.between - TOLERANCE) & passes_pri, BETWEEN, out)
    return np.where(n < n_cut, NOT_JUDGED, out)


def truth_rows(conditions: Sequence[str]) -> pd.DataFrame:
    """Return the rows of the truth table: 0 and 1 a condition, indexed by ``kunnen*~willen*mogen``."""
    values = list(product((0, 1), repeat=len(conditions)))
    index = pd.Index([term_text(value, conditions) for value in values], name="configuration")
    return pd.DataFrame(values, columns=list(conditions), index=index)


def truth_table(
    sums: Array, conditions: Sequence[str], all_y: float, *, negated: bool, cuts: CutOffs, n_cut: int
) -> pd.DataFrame:
    """Return the truth table of the outcome, or of its absence, from the sums of every group.

    Returns
    -------
    pandas.DataFrame, indexed by ``configuration``
        A column of 0 and 1 a condition; ``out`` (1 sufficient, 0 not, C between two cut-offs, ? too few
        people),
        ``n`` (people more in than out of the row), ``n_outcome`` (of these, people more in than out of the
        outcome, or of its absence), ``n_groups`` (groups with such a person), inclS, PRI and covS, over the
        memberships of everybody; missing where nobody is in the row.

    Examples
    --------
    >>> sets, y, one = np.array([[0.9, 0.8], [0.7, 0.2], [0.1, 0.6]]), np.array([0.9, 0.3, 0.2]), CutOffs()
    >>> sums = corner_sums(sets, y, np.zeros(3, dtype=np.intp), 1)
    >>> table = truth_table(sums, ["kunnen", "willen"], y.sum(), negated=False, cuts=one, n_cut=1)
    >>> table["out"].to_dict()
    {'~kunnen*~willen': '?', '~kunnen*willen': '0', 'kunnen*~willen': '0', 'kunnen*willen': '1'}
    """
    total = sums.sum(axis=0)
    inclusion, pri = row_fit(total, negated=negated)
    n = total[:, 4]
    n_outcome = n - total[:, 5] if negated else total[:, 5]
    table = truth_rows(conditions)
    table["out"] = judged(inclusion, pri, n, cuts, n_cut)
    table["n"], table["n_outcome"] = n.astype("int64"), n_outcome.astype("int64")
    table["n_groups"] = (sums[..., 4] > 0).sum(axis=0)
    coverage = ratio(total[:, 2 if negated else 1], all_y)
    for name, values in (("inclS", inclusion), ("PRI", pri), ("covS", coverage)):
        table[name] = np.where(n > 0, values, np.nan)
    return table
