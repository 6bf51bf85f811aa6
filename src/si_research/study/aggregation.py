"""May each scale be averaged to the organisation, or to the team?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from si_research.measurement.aggregation import Aggregation, Level, describe_aggregation
from si_research.survey.codebook import ROLE_COLUMNS, Codebook
from si_research.survey.scoring import Scores, keyed_items
from si_research.survey.survey_data import Survey

PARTS: Final[tuple[Level, ...]] = ("department", "team")


def aggregate_scales(
    survey: Survey, scores: Scores, codebook: Codebook, conf_level: float
) -> tuple[Aggregation, ...]:
    """Return whether each scale may be averaged to each level that the codebook names.

    Returns
    -------
    tuple of Aggregation
        Empty where the codebook names no organisations, departments or teams, or where a row is an
        organisation itself.
    """
    if codebook.unit != "respondent":
        return ()
    table = scores.table()
    people = table.get(ROLE_COLUMNS["respondent"])
    repeated = people is not None and bool(people.dropna().duplicated().any())
    items = {column: keyed_items(survey, codebook, facts.name) for column, facts in scores.scales.items()}
    return tuple(
        describe_aggregation(
            table[column],
            items[column],
            groups,
            lowest=facts.lowest,
            highest=facts.highest,
            scale=column,
            level=level,
            repeated=repeated,
            conf_level=conf_level,
        )
        for level, groups in _groups(table)
        for column, facts in scores.scales.items()
    )


def _groups(table: pd.DataFrame) -> Iterator[tuple[Level, pd.Series[Any]]]:
    """Give the firm, department and team of each row; one is within those above it, whatever its name."""
    firm, names = ROLE_COLUMNS["organisation"], list[str]()
    if firm in table:
        names.append(firm)
        yield "organisation", table[firm]
    for level in PARTS:
        part = ROLE_COLUMNS[level]
        if part in table:
            names.append(part)
            known = table[[name for name in (firm, part) if name in names]].notna().all(axis=1)
            yield level, table.groupby(names, dropna=False).ngroup().astype("float64").where(known)
