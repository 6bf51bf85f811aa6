"""Questions that stand in two sets of columns, each put to a part of the people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

import pandas as pd

from si_research.survey.drafting.facts import ColumnFacts
from si_research.survey.response_format import normalise

_FEWEST_WORDS: Final = 3
_MOST_IN_BOTH: Final = 0.01
"""Share of the smaller set that may have answered both, such as somebody who tried the questionnaire."""


def split_halves(frame: pd.DataFrame, facts: Mapping[str, ColumnFacts]) -> dict[str, str]:
    """Return, for each question, the column with the same wording that other people answered.

    Parameters
    ----------
    frame : pandas.DataFrame
        Cells as text or numbers.
    facts : Mapping of str to ColumnFacts
        The questions, by column.
    """
    by_text: dict[str, list[str]] = {}
    for name, each in facts.items():
        if name in frame and len(each.text.split()) >= _FEWEST_WORDS and each.n_filled:
            by_text.setdefault(normalise(each.text), []).append(name)
    found: dict[str, str] = {}
    for names in by_text.values():
        for first, second in combinations(names, 2):
            one, other = (frame[name].notna() & (frame[name] != "") for name in (first, second))
            if (one & other).sum() <= _MOST_IN_BOTH * min(one.sum(), other.sum()):
                found.setdefault(first, second)
                found.setdefault(second, first)
    return found


def said_of_halves(columns: Sequence[str], halves: Mapping[str, str]) -> list[str]:
    """Say that a scale holds questions of which others answered a copy; nothing where it holds none."""
    twins = [(name, halves[name]) for name in columns if name in halves]
    if not twins:
        return []
    first, copy = twins[0]
    return [
        f"{len(twins)} of them stand in other columns too, answered by other people (`{first}` is `{copy}`): "
        "a split half, of which each scale holds the people of its own columns only"
    ]
