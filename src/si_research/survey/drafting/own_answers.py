"""A question that each wave answers in words of its own: then the waves had different response formats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import pandas as pd

from si_research.survey.drafting.columns import role_candidates
from si_research.survey.drafting.facts import ColumnFacts
from si_research.survey.drafting.missing import MissingCells

_FEWEST_PEOPLE: Final = 5


def said_of_own_answers(
    frame: pd.DataFrame, facts: Mapping[str, ColumnFacts], column: str, missing: MissingCells
) -> Iterator[str]:
    """Say that no answer of a column stands in two waves of a file with a row a wave."""
    wave = next((name for role, name in role_candidates(tuple(facts), facts) if role == "wave"), None)
    if wave is None or column not in frame or wave not in frame:
        return
    cells = frame[[wave, column]].dropna()
    given = cells[~cells[column].isin([cell for cell in facts[column].counts if missing.holds(cell)])]
    people = given[wave].value_counts()
    is_own = not given.empty and given.groupby(column)[wave].nunique().max() == 1
    if is_own and len(people) > 1 and people.min() >= _FEWEST_PEOPLE:
        yield (
            f"each wave (`{wave}`) uses answers of its own, and none stands in two of them: another response "
            "format, so do not compare or pool the waves; choose one with `select`"
        )
