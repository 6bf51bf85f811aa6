"""Two spellings of one step over the questions of a scale: they are two steps, and the format is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from si_research.errors import LabelError, Problem
from si_research.survey.codebook import Codebook
from si_research.survey.codebook_file import find_columns
from si_research.survey.formats import mixed_spellings
from si_research.survey.survey_data import RawSurvey

_LOOKED_AT = 5000
"""Rows over the whole file in which the labels of a question are looked for."""


def refuse_two_spellings(raw: RawSurvey, codebook: Codebook) -> None:
    """Raise where one question of a scale says "mee eens" and another "beetje mee eens", and both would be 4.

    Raises
    ------
    LabelError
        All such scales together.
    """
    problems = [problem for scale in codebook.scales for problem in _problems_of(raw, codebook, scale)]
    if problems:
        raise LabelError(problems, where=raw.facts.name, expected="one label for one answer in a scale")


def _problems_of(raw: RawSurvey, codebook: Codebook, scale: str) -> Iterator[Problem]:
    """Give the steps of a built-in format that the questions of a scale spell in two ways, in one wave."""
    labels: dict[tuple[str, str | None], set[str]] = {}
    for item in codebook.scales[scale].items:
        for wave, wanted in codebook.columns_of(item).items():
            for column in find_columns(tuple(raw.frame.columns), wanted, raw.asked)[:1]:
                found = labels.setdefault((codebook.items[item].format, wave), set())
                found |= _labels_of(raw.frame[column])
    for (form, wave), found in labels.items():
        for value, spellings in mixed_spellings(form, found).items():
            yield Problem(
                where=f"scales.{scale}" + (f" ({wave})" if wave else ""),
                expected=f"one label for the answer {value:g} of `{form}`",
                found=" and ".join(f"`{spelling}`" for spelling in spellings),
                todo="Give these questions an own format under `formats`, in which each label has its value; "
                "a scale whose questions were answered on other steps is no scale.",
            )


def _labels_of(column: pd.Series[str]) -> set[str]:
    if column.dtype == "float64":
        return set()
    some = column.iloc[:: max(1, len(column) // _LOOKED_AT)]
    return {cell for cell in some.unique() if isinstance(cell, str)}
