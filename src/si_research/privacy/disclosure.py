"""The disclosure gate: which counts, means and fits may leave the house, and what was withheld why.

Rules and numbers only; decision 0017 says what they guard and what they do not. What a reader could still
work out of the released counts, :func:`si_research.privacy.disclosure_audit.audit` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.privacy.complementary import hide_in_cross_table, hide_in_tree
from si_research.privacy.disclosure_audit import ALL, N
from si_research.privacy.profiles import (
    INTERNAL,
    PUBLICATION,
    DisclosureProfile,
    Dominance,
    disclosing,
    profile_in_force,
    profile_named,
)

__all__ = [
    "INTERNAL",
    "PUBLICATION",
    "DisclosureProfile",
    "Dominance",
    "GatedTable",
    "disclosing",
    "dominated",
    "gate_counts",
    "may_tell_fit",
    "profile_in_force",
    "profile_named",
    "rounded_counts",
]

Reason = Literal["small", "complementary", "dominance", "few_df", "hundred_percent"]
_OWN_REASONS: Final = ("small", "dominance", "few_df", "hundred_percent")
REASON: Final = "reason"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GatedTable:
    """A table of counts that passed the gate.

    Attributes
    ----------
    released : pandas.DataFrame
        One row a cell, totals included: the parts (``*``: the total over it) and ``n``, missing where it is
        hidden. This may be told.
    withheld : pandas.DataFrame
        The hidden rows with their true ``n`` and ``reason`` (``small``, ``complementary``, ``dominance``,
        ``few_df``, ``hundred_percent``). For whoever holds the raw file: it may never be released, and
        neither may the reasons alone, which tell the small cells from the others.
    profile : DisclosureProfile
    """

    released: pd.DataFrame
    withheld: pd.DataFrame
    profile: DisclosureProfile

    def table(self) -> pd.DataFrame:
        """Return what may be told."""
        return self.released.copy()

    def __str__(self) -> str:
        return self.released.to_string(index=False)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return str(self.released.to_html(index=False))


def gate_counts(
    table: pd.DataFrame,
    *,
    parts: Sequence[str],
    profile: DisclosureProfile,
    nested: bool = True,
    zeros_are_small: bool = True,
) -> GatedTable:
    """Hide the counts of a table that tell of too few people, and as many more as would give them away.

    Use it for every table of counts of which totals are shown too: units in units, or two characteristics
    with margins.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a group of the lowest level: the columns ``parts`` and ``n`` (people, whole); rows of the same
        group are added up. It may have a column ``reason``: why a group must be hidden whatever its size
        (``dominance``, ``few_df``), missing for the others.
    parts : sequence of str
        Columns from the highest level down (organisation, department, team), or the two that are crossed.
    profile : DisclosureProfile
        :data:`INTERNAL` or :data:`PUBLICATION`.
    nested : bool
        Whether ``parts`` are units in units; False: a cross table of two characteristics, in which a pair
        that does not occur counts 0.
    zeros_are_small : bool
        Whether "nobody" is hidden too, and in a cross table "everybody": that no one or each one of a group
        said so tells on all of them. False where zeros say nothing, as for a unit that cannot have people.

    Returns
    -------
    GatedTable
        Every hidden count could be anything over a range of ``profile.smallest_cell`` people or more.

    Raises
    ------
    SurveyDataError
        If columns are missing, a unit has no name or is called ``*``, or counts are not whole numbers.

    Notes
    -----
    In a hierarchy the smallest unit beside is hidden until the hidden ones under a shown unit are two and
    hold ``smallest_cell`` people; in a cross table linear programming says which hidden cell can be told too
    closely. That is safe, but not always the fewest cells that could be hidden.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley. doi:10.1002/9781118348239

    Examples
    --------
    >>> teams = pd.DataFrame({"firm": list("AAAB"), "team": list("xyzx"), "n": [3, 8, 20, 15]})
    >>> gate_counts(teams, parts=("firm", "team"), profile=INTERNAL)
    firm team    n
       *    * 46.0
       A    * 31.0
       B    * 15.0
       A    x  NaN
       A    y  NaN
       A    z 20.0
       B    x 15.0
    >>> gate_counts(teams, parts=("firm", "team"), profile=INTERNAL).withheld
      firm team  n         reason
    0    A    x  3          small
    1    A    y  8  complementary
    """
    groups = _groups(table, list(parts), nested)
    cells = _with_totals(groups, list(parts), nested)
    reasons = _own_reasons(cells, groups, list(parts), profile, zeros_are_small, nested)
    hidden = (reasons != "").to_numpy()
    hide = hide_in_tree if nested else hide_in_cross_table
    hidden = hide(cells, hidden, profile.smallest_cell)
    released = cells.assign(n=cells[N].astype("float64").where(~hidden))
    reasons = reasons.where(reasons != "", "complementary")
    withheld = cells.assign(reason=reasons)[hidden].reset_index(drop=True)
    return GatedTable(released, withheld, profile)


def dominated(contributions: Sequence[float] | pd.Series, profile: DisclosureProfile) -> bool:
    """Say whether so few decide a sum or mean that it tells what they have.

    Parameters
    ----------
    contributions : sequence of float
        What each person or firm adds, such as turnover; missing ones do not count, and negative ones by size.
    profile : DisclosureProfile

    Examples
    --------
    >>> dominated([500, 450, 20, 10, 10], PUBLICATION), dominated([30, 25, 20, 15, 10], PUBLICATION)
    (True, False)
    >>> dominated([500, 450, 20, 10, 10], INTERNAL)
    False
    """
    if profile.dominance is None:
        return False
    sizes = np.sort(pd.Series(contributions, dtype="float64").dropna().abs().to_numpy())
    if len(sizes) <= profile.dominance.k:
        return True
    return bool(sizes[-profile.dominance.k :].sum() > profile.dominance.share * sizes.sum())


def rounded_counts(counts: pd.Series, profile: DisclosureProfile) -> pd.Series:
    """Round counts to the base of the profile, half upwards; hidden ones stay missing.

    Rounding alone guards nothing under the threshold, and rounded parts need not add up to a rounded total.

    Examples
    --------
    >>> rounded_counts(pd.Series([12, 13, 22.5, None]), PUBLICATION).tolist()
    [10.0, 15.0, 25.0, nan]
    """
    base = profile.rounding_base
    return (counts.astype("float64") / base + 0.5) // 1 * base


def may_tell_fit(residual_df: float, profile: DisclosureProfile) -> bool:
    """Say whether a model leaves enough degrees of freedom to be told; unknown ones are too few.

    With few, its coefficients could be solved for the answers of those it rests on.

    Examples
    --------
    >>> [may_tell_fit(df, PUBLICATION) for df in (10, 9, float("nan"))]
    [True, False, False]
    """
    return bool(residual_df >= profile.smallest_df)


def _groups(table: pd.DataFrame, parts: list[str], nested: bool) -> pd.DataFrame:
    """Check the table and add up rows of the same group, in order of first occurrence."""
    wanted = {*parts, N}
    if not parts or not wanted <= set(table.columns) or (not nested and len(parts) != 2):
        raise _refused(
            "the columns of the parts (two for a cross table) and n", f"{len(table.columns)} columns"
        )
    names = table[parts].astype("str").where(table[parts].notna())
    if names.isna().to_numpy().any() or (names == ALL).to_numpy().any() or table.empty:
        raise _refused(
            f"a name for every unit, other than {ALL}", "units without a name, or called so, or none"
        )
    n = pd.to_numeric(table[N], errors="coerce").astype("float64")
    if not (np.isfinite(n) & (n >= 0) & (n == n.round())).all():
        raise _refused("whole numbers of people", "counts that are missing, negative or broken")
    own = table[REASON].fillna("") if REASON in table.columns else pd.Series("", index=table.index)
    if not own.isin(["", *_OWN_REASONS]).all():
        raise _refused(f"reasons among {', '.join(_OWN_REASONS)}", "another reason")
    counted = names.assign(n=n.astype("int64"), reason=own)
    summed: pd.DataFrame = counted.groupby(parts, sort=False, as_index=False).agg({N: "sum", REASON: "max"})
    return summed


def _with_totals(groups: pd.DataFrame, parts: list[str], nested: bool) -> pd.DataFrame:
    """Add the totals, the highest first; a cross table gets the pairs that do not occur."""
    inner = groups[[*parts, N]]
    if not nested:
        values = [groups[name].unique() for name in parts]
        pairs = pd.MultiIndex.from_product(values, names=parts).to_frame(index=False)
        inner = pairs.merge(inner, how="left").fillna({N: 0}).astype({N: "int64"})
    kept = [parts[:depth] for depth in range(len(parts))] if nested else [[], parts[:1], parts[1:]]
    totals = [_total(inner, parts, by) for by in kept]
    return pd.concat([*totals, inner], ignore_index=True)


def _total(inner: pd.DataFrame, parts: list[str], by: list[str]) -> pd.DataFrame:
    over = {name: ALL for name in parts if name not in by}
    if not by:
        return pd.DataFrame([{**over, N: int(inner[N].sum())}])[[*parts, N]]
    summed = inner.groupby(by, sort=False)[[N]].sum().reset_index()
    return summed.assign(**over)[[*parts, N]]


def _own_reasons(
    cells: pd.DataFrame,
    groups: pd.DataFrame,
    parts: list[str],
    profile: DisclosureProfile,
    zeros_are_small: bool,
    nested: bool,
) -> pd.Series:
    """Say why each cell is hidden for its own sake; empty where it is not."""
    n = cells[N]
    reasons = cells[parts].merge(groups[[*parts, REASON]], how="left")[REASON].fillna("").astype("object")
    small = (n < profile.smallest_cell) & (zeros_are_small | (n > 0))
    reasons = reasons.mask((reasons == "") & small, "small")
    if nested or not zeros_are_small:
        return reasons
    return reasons.mask((reasons == "") & _everybody(cells, parts), "hundred_percent")


def _everybody(cells: pd.DataFrame, parts: list[str]) -> pd.Series:
    """Mark the inner cells of a cross table that hold everybody of their row or column."""
    inner = (cells[parts] != ALL).all(axis=1)
    found = pd.Series(False, index=cells.index)
    for name, other in (parts, parts[::-1]):
        totals = cells[(cells[name] != ALL) & (cells[other] == ALL)].set_index(name)[N]
        several = cells.loc[inner, other].nunique() > 1
        found |= inner & several & (cells[N] == cells[name].map(totals))
    return found


def _refused(expected: str, found: str) -> SurveyDataError:
    return SurveyDataError(
        expected=expected,
        found=found,
        where="the table of counts",
        todo="give one row a group of the lowest level, with a count and a name in each column of `parts`",
    )
