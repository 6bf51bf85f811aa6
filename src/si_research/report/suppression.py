"""What is hidden so that nobody can be recognised: nothing of fewer people than the profile in force allows.

Five people inside the house, ten in a publication. The rule, with its exceptions and its reasons, is decision
0010; the profiles are decision 0017. A small group is merged with the next
smallest one rather than blanked: a blank cell can be worked out from the total, a merged one cannot. Zero
counts as small: "nobody said so" tells on everybody.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.privacy.profiles import profile_in_force, told_people
from si_research.report.withheld import log_withheld


def smallest_cell() -> int:
    """Return how many people the smallest group has of which anything is shown, by the profile in force.

    Examples
    --------
    >>> smallest_cell()
    5
    """
    return profile_in_force().smallest_cell


def is_small(count: float) -> bool:
    """Whether a group is too small to show; an unknown size is.

    Examples
    --------
    >>> [is_small(count) for count in (0, 4, 5, float("nan"))]
    [True, True, False, True]
    """
    small = not count >= smallest_cell()
    if small:
        log_withheld("small", count)
    return small


def hide_small(counts: pd.Series) -> pd.Series:
    """Return counts with the small ones missing; only for groups that do not add up to a known total.

    Examples
    --------
    >>> hide_small(pd.Series([12, 3])).tolist()
    [12.0, nan]
    """
    return counts.astype("float64").mask(counts.map(is_small))


def told_of_all(n: float, *totals: float) -> int:
    """Return a number that may stand beside its totals: the total, where it leaves out fewer than five.

    The total is known from elsewhere, so that 1,463 of 1,465 would tell of two people. What holds for one
    question or one scale goes through here; the people of a model stand as they are (decision 0010).

    Parameters
    ----------
    n : int
        People; fewer than five stay as they are, for the caller to hide.
    *totals : int
        Larger groups that ``n`` is a part of, the smallest first: who has a score, everybody.

    Examples
    --------
    >>> [told_of_all(n, 100) for n in (100, 98, 95)]
    [100, 100, 95]
    >>> told_of_all(93, 97, 100)
    100
    """
    if is_small(n):
        return int(n)
    for total in sorted(totals):
        if 0 < total - n < smallest_cell():
            log_withheld("told_as_total", n)
            n = total
    return int(n)


def is_published() -> bool:
    """Whether what is made is for everybody: told of ten people and more, and coarsely."""
    return profile_in_force().is_coarse


def told_count(n: float) -> int:
    """Return a number of people as finely as the profile in force tells it.

    Examples
    --------
    >>> told_count(1463)
    1463
    """
    return told_people(n)


def is_exact(told: float, n: float) -> bool:
    """Whether the number that is told is the number itself, so that figures need not be coarse.

    Examples
    --------
    >>> is_exact(100, 98), is_exact(98, 98)
    (False, True)
    """
    return told == n and not is_published()


def share_step(n_all: float) -> float:
    """Return how finely a share of people may be told that is not told exactly."""
    profile = profile_in_force()
    return max(told_step(n_all), profile.share_step(n_all)) if profile.is_coarse else told_step(n_all)


def tail_percent(n_all: int) -> int:
    """Return at which percentile a picture may end: in a publication one beyond which enough people are.

    Examples
    --------
    >>> tail_percent(60)
    1
    >>> from si_research.privacy.profiles import PUBLICATION, disclosing
    >>> with disclosing(PUBLICATION):
    ...     tail_percent(1465), tail_percent(240), tail_percent(60)
    (1, 5, 20)
    """
    profile = profile_in_force()
    if not profile.is_coarse:
        return 1
    return next((percent for percent in (1, 5, 10) if percent * n_all >= 100 * profile.smallest_cell), 20)


def check_may_be_drawn(what: str) -> None:
    """Refuse a picture in which a mark is one person or one organisation, where it is for everybody.

    Raises
    ------
    ModelSpecificationError
        Under the profile for publication.
    """
    if is_published():
        raise ModelSpecificationError(
            expected="a picture of groups of people, under the profile for publication",
            found=what,
            where="the disclosure profile in force",
            todo="draw it outside `disclosing(PUBLICATION)`, and keep it inside the house",
        )


def told_step(n_all: float) -> float:
    """Return how finely a mean or share may be told whose n may not: coarser than one person of all.

    The mean of whole answers of 11 people differs from any that 12 can have; told to a tenth it may be both.

    Examples
    --------
    >>> [told_step(n) for n in (240, 60, 12)]
    [0.01, 0.05, 0.1]

    A publication tells means coarser, so that the sum of the answers is not known closer than to ten.

    >>> from si_research.privacy.profiles import PUBLICATION, disclosing
    >>> with disclosing(PUBLICATION):
    ...     [told_step(n) for n in (1465, 600, 240, 60)]
    [0.01, 0.02, 0.05, 0.1]
    """
    if is_published():
        cell = smallest_cell()
        return next((step for step in (0.01, 0.02, 0.05) if step * n_all >= cell), 0.1)
    return 0.01 if n_all >= 100 else 0.05 if n_all >= 20 else 0.1


def told_figure(figure: float, n_all: float) -> float:
    """Return a mean or spread in steps of :func:`told_step`.

    Examples
    --------
    >>> told_figure(31 / 11, 12), told_figure(34 / 12, 12)
    (2.8, 2.8)
    """
    step = told_step(n_all)
    return round(round(figure / step) * step, 2) if math.isfinite(figure) else figure


def told_shares(shares: Sequence[float], step: float) -> list[float]:
    """Return shares of a whole in such steps; they still add up to their sum, rounded.

    Examples
    --------
    >>> [round(share, 2) for share in told_shares([5 / 11, 6 / 11], 0.1)]
    [0.5, 0.5]
    """
    ends = np.round(np.cumsum(shares) / step) * step
    return [float(share) for share in np.diff(ends, prepend=0.0)]


def merge_small_groups(counts: pd.Series) -> list[tuple[str, ...]]:
    """Return groups of labels such that every group holds five people or none of its size can be told.

    Parameters
    ----------
    counts : pandas.Series
        People a label; the index holds the labels. Labels that nobody has may stand among them.

    Returns
    -------
    list of tuple
        In the order of ``counts``; the labels that had to be merged form the last group. Small groups
        go together with the next smallest until the group is large enough, so that it cannot be
        worked out from a total. A single group that is small even so is left for the caller, who
        knows whether the total is shown anyway.

    Examples
    --------
    >>> merge_small_groups(pd.Series({"zorg": 40, "bouw": 6, "visserij": 3}))
    [('zorg',), ('bouw', 'visserij')]
    >>> merge_small_groups(pd.Series({"ja": 30, "nee": 2}))
    [('ja', 'nee')]
    """
    ordered = counts.sort_values(kind="stable")
    merged = [str(label) for label, count in ordered.items() if is_small(count)]
    rest = [str(label) for label in ordered.index if str(label) not in merged]
    while merged and rest and (len(merged) == 1 or is_small(counts.loc[merged].sum())):
        merged.append(rest.pop(0))
    groups: list[tuple[str, ...]] = [(str(label),) for label in counts.index if str(label) not in merged]
    last = tuple(str(label) for label in counts.index if str(label) in merged)
    return [*groups, last] if last else groups


def merge_small_neighbours(counts: Sequence[int]) -> list[slice]:
    """Return runs of neighbouring bins that hold five people or more each; for histograms.

    A bin that is too small joins the run on its left, or the next ones where it is the first. When
    nobody or fewer than five are there at all, there is no run.

    Examples
    --------
    >>> [(run.start, run.stop) for run in merge_small_neighbours([1, 2, 9, 30, 6, 0])]
    [(0, 3), (3, 4), (4, 6)]
    >>> merge_small_neighbours([1, 2])
    []
    """
    runs: list[slice] = []
    start, held = 0, 0
    for stop, count in enumerate(counts, start=1):
        held += count
        if not is_small(held):
            runs.append(slice(start, stop))
            start, held = stop, 0
    if start < len(counts) and runs:
        runs[-1] = slice(runs[-1].start, len(counts))
    return runs
