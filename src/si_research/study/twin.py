"""A study's export held against the other export of the same survey: texts against numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.study.inputs import read_inputs
from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook, SourceOptions
from si_research.survey.codebook_file import find_columns
from si_research.survey.reading.raw import read_raw
from si_research.survey.reading.several import raw_of
from si_research.survey.reading.written_numbers import read_number
from si_research.survey.survey_data import RawSurvey
from si_research.survey.twin_exports import check_twin_exports


def check_twin(place: str | Path, twin: str | Path, *, data: str | Path | None = None) -> CheckResult:
    """Tell whether the export of a study and the other export of the same survey say the same.

    Use it where the survey tool can write both the texts of the answers and their numbers: it shows which
    questions were turned in the tool, and which numbers have gaps. It changes nothing.

    Parameters
    ----------
    place : str or Path
        Folder with a ``study.yml``, or the file.
    twin : str or Path
        The other export. Which of the two holds the texts is seen from the answers.
    data : str or Path, optional
        Another data file than the study file names.

    Returns
    -------
    CheckResult
        As of :func:`~si_research.survey.twin_exports.check_twin_exports`.

    Raises
    ------
    SiResearchError
        For files that cannot be read, two exports of one kind, or exports without a response in common.
    """
    inputs = read_inputs(place, data)
    path, codebook = Path(twin), inputs.codebook
    if not path.exists():
        raise SurveyDataError(
            expected="the other export of the same survey",
            found="no file of that name",
            where=path.name,
            todo="name the file with --twin as you would name it from here",
        )
    own, other = raw_of(inputs.data, codebook), read_raw(path, SourceOptions(tool=codebook.source.tool))
    n_texts = [_n_in_texts(raw, codebook) for raw in (own, other)]
    if n_texts[0] == n_texts[1]:
        raise SurveyDataError(
            expected="one export with the answers as texts, and one with numbers",
            found=f"as many questions of the codebook answered in texts in both: {n_texts[0]}",
            where=f"{own.facts.name} and {other.facts.name}",
            todo="export the same survey twice: once with texts, once with numbers",
        )
    texts, numbers = (own, other) if n_texts[0] > n_texts[1] else (other, own)
    result = check_twin_exports(texts, numbers, codebook)
    return result if result.passed is not None else _without_answer(result)


def _n_in_texts(raw: RawSurvey, codebook: Codebook) -> int:
    """Count the columns of questions that hold more different texts than numbers."""
    columns: set[str] = set()
    for name in codebook.items:
        for wanted in codebook.columns_of(name).values():
            columns.update(find_columns(tuple(raw.frame.columns), wanted, raw.texts)[:1])
    return sum(_is_in_texts(raw.frame[column]) for column in columns)


def _is_in_texts(cells: pd.Series[Any]) -> bool:
    if cells.dtype == "float64":
        return False
    known = [cell for cell in cells.dropna().unique() if isinstance(cell, str) and cell.strip()]
    return sum(read_number(cell) is None for cell in known) > len(known) / 2


def _without_answer(result: CheckResult) -> CheckResult:
    """Say why nothing could be compared: the codebook knows only one of the two kinds of answers."""
    more = (
        "No answer can be compared: the codebook knows no texts for the numbers. Draft it from the export "
        "with texts (`si-research codebook FILE`), or write `labels` in its formats."
    )
    return CheckResult(
        result.name, result.question, None, result.table_, f"{result.text}\n{more}", result.rule
    )
