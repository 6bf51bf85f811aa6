"""Answers at an end of a scale that nobody gave in one wave: was there another response format?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd

from si_research.survey.codebook import Codebook

FEWEST_PEOPLE: Final = 20
"""People in a wave below whom an answer that nobody gave says nothing."""
FEWEST_EXPECTED: Final = 10
"""People who would have given such answers, had they been as usual as in the other wave."""
OFTEN: Final = 0.05
"""Share of the answers in the other wave from which they are usual there."""
_WIDEST: Final = 10
"""Width of a range above which its numbers are no answers to choose from."""


def own_answers(items: Sequence[str], waves: tuple[pd.DataFrame, pd.DataFrame]) -> list[tuple[str, str, str]]:
    """Return that no answer to the items of a scale was given in both of two waves; empty where one was."""
    first, second = (_answered(wave, items) for wave in waves)
    if not items or min(len(first), len(second)) < FEWEST_PEOPLE:
        return []
    given = [set(np.unique(each.to_numpy()[each.notna().to_numpy()])) for each in (first, second)]
    if given[0] & given[1] or min(map(len, given)) < 2:
        return []
    words = [", ".join(f"{value:g}" for value in sorted(each)) for each in given]
    return [("answers", *words)]  # type: ignore[list-item]


def unused_ends(
    codebook: Codebook, items: Sequence[str], waves: tuple[pd.DataFrame, pd.DataFrame]
) -> Iterator[tuple[str, str, str]]:
    """Give the ends of a response format that no item of a scale has in one of two waves.

    Parameters
    ----------
    codebook : Codebook
    items : sequence of str
        Items of the scale that both waves have.
    waves : tuple of pandas.DataFrame
        The answers in either wave.

    Yields
    ------
    tuple of (str, str, str)
        ``unused`` (the format names no labels, so nothing says that they could be chosen) or ``seldom`` (it
        names them); and, for either wave, whether they were given.
    """
    for form in dict.fromkeys(codebook.items[item].format for item in items):
        sharing = [item for item in items if codebook.items[item].format == form]
        first, second = (_answered(wave, sharing) for wave in waves)
        options = codebook.format_of(sharing[0])
        if options.lowest is None or options.highest is None or options.highest - options.lowest > _WIDEST:
            continue
        kind = "seldom" if any(each.labels for each in options.options) else "unused"
        for sign, ends in ((1, (options.lowest, options.highest)), (-1, (-options.highest, -options.lowest))):
            words = _above(sign * first, sign * second, ends, sign)
            if words is not None:
                yield (kind, *words)


def _answered(wave: pd.DataFrame, items: Sequence[str]) -> pd.DataFrame:
    return wave[list(items)].astype("float64").dropna(how="all")


def _above(
    first: pd.DataFrame, second: pd.DataFrame, ends: tuple[float, float], sign: int
) -> tuple[str, str] | None:
    """Say which answers above all that one wave has are usual in the other; None where there are none."""
    if min(len(first), len(second)) < FEWEST_PEOPLE:
        return None
    tops = [float(np.nanmax(wave.to_numpy())) for wave in (first, second)]
    if tops[0] == tops[1]:
        return None
    lacking, other = (first, second) if tops[0] < tops[1] else (second, first)
    above = other > min(tops)
    share = above.to_numpy().sum() / other.notna().to_numpy().sum()
    if share < OFTEN or above.any(axis=1).mean() * len(lacking) < FEWEST_EXPECTED:
        return None
    steps = np.arange(ends[0], ends[1] + 1)
    listed = ", ".join(f"{step:g}" for step in sorted(sign * steps[steps > min(tops)]))
    never, usual = f"{listed} never given", f"{listed} given"
    return (never, usual) if lacking is first else (usual, never)
