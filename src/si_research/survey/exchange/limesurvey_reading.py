"""The structure of a LimeSurvey questionnaire as a codebook, with what it says beyond one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from si_research.survey.codebook import Codebook
from si_research.survey.exchange.imported import NO_SCALES, ImportedCodebook
from si_research.survey.reading.limesurvey_codebook import codebook_of
from si_research.survey.reading.limesurvey_columns import columns_of
from si_research.survey.reading.limesurvey_structure import SurveyStructure, read_structure

_ON_DISPLAY: Final = "X"
_MOST_NAMED: Final = 12


def read_limesurvey_structure(path: Path | str) -> ImportedCodebook:
    """Read the structure of a LimeSurvey questionnaire into a codebook.

    Use it where the questionnaire is at hand: it knows every answer in its order, also those nobody gave.

    Parameters
    ----------
    path : path
        ``.lss``, ``.lsg``, ``.lsq``, or the tab-separated form (``.txt``, ``.tsv``).

    Returns
    -------
    ImportedCodebook
        Rows of arrays as candidates for a scale, each to be confirmed; questions of which no answer enters
        and conditions that became no route are listed.

    Raises
    ------
    SurveyDataError
        The file is no structure that can be read.
    """
    structure = read_structure(Path(path))
    codebook = codebook_of(structure)
    return ImportedCodebook(codebook, tuple(_not_understood(structure, codebook)))


def _not_understood(structure: SurveyStructure, codebook: Codebook) -> Iterator[str]:
    entries = {**codebook.items, **codebook.variables}
    name_of = {entry.column or name: name for name, entry in entries.items()}
    names: dict[str, set[str]] = {}
    for column in columns_of(structure):
        if column.name in name_of:
            names.setdefault(column.question.code, set()).add(name_of[column.name])
    routed = {name for route in codebook.routing for name in route.items}
    asked = [question for question in structure.questions if question.type != _ON_DISPLAY]
    absent = [question.code for question in asked if question.code not in names]
    if absent:
        yield f"own words, dates, files and results of formulas, which enter nothing: {_listed(absent)}"
    conditions = [
        question.code
        for question in asked
        if question.relevance and question.code in names and not names[question.code] & routed
    ]
    if conditions:
        yield (
            "conditions that became no route: write `routing`, else whoever was not asked counts as one who "
            f"did not answer: {_listed(conditions)}"
        )
    if not codebook.scales:
        yield NO_SCALES


def _listed(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - _MOST_NAMED} more" if len(codes) > _MOST_NAMED else ""
    return f"{', '.join(codes[:_MOST_NAMED])}{more}"
