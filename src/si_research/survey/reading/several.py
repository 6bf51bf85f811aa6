"""Several exports of one survey, read as one: each file is recorded, and columns are joined by question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from si_research.errors import CodebookError, Problem, SurveyDataError
from si_research.survey.codebook import Codebook
from si_research.survey.joining import JoinedExports, join_exports
from si_research.survey.reading.contradictions import refuse_contradictions
from si_research.survey.reading.door import look_at, refuse_people
from si_research.survey.reading.raw import read_raw
from si_research.survey.reading.read import read_survey, survey_of
from si_research.survey.reading.rules import ReadingRules, rules_for
from si_research.survey.reading.scale_spellings import refuse_two_spellings
from si_research.survey.reading.written_numbers import decimal_of
from si_research.survey.survey_data import RawSurvey, Survey
from si_research.survey.undecided import said_of_undecided


def read_surveys(paths: Sequence[Path], codebook: Codebook) -> Survey:
    """Read several exports of one survey as one.

    Use it for overlapping downloads, or where each month or department was exported by itself. Columns are
    joined by their question, never by their name; cleaning keeps the latest complete copy of each response.

    Parameters
    ----------
    paths : sequence of Path
        The files as they left the survey tool; one file is read as :func:`read_survey` does.
    codebook : Codebook
        What the columns mean. Names are those of the first file; ``aliases`` may give those of others.

    Returns
    -------
    Survey
        Rows are numbered through, in the order of the files; the ledger says which rows are whose.

    Raises
    ------
    SurveyDataError
        As :func:`read_survey` and :func:`~si_research.survey.joining.join_exports`; files that write decimals
        in two ways.
    CodebookError
        Columns that the codebook names and a file does not have, or items of which the files give other
        answers for the same responses; all at once.
    """
    if len(paths) == 1:
        return read_survey(Path(paths[0]), codebook)
    joined = join_raws([read_raw(Path(path), codebook.source) for path in paths], codebook)
    rules = joined_rules(joined, codebook)
    door = look_at(joined.raw, rules)
    refuse_people(door, joined.raw, rules, codebook)
    refuse_two_spellings(joined.raw, codebook)
    survey = replace(survey_of(joined.raw, rules, door), undecided=said_of_undecided(codebook))
    refuse_contradictions(survey, codebook)
    return survey


def raw_of(paths: Sequence[Path], codebook: Codebook) -> RawSurvey:
    """Return one file as it stands, or several joined."""
    raws = [read_raw(Path(path), codebook.source) for path in paths]
    return raws[0] if len(raws) == 1 else join_raws(raws, codebook).raw


def join_raws(raws: Sequence[RawSurvey], codebook: Codebook) -> JoinedExports:
    """Join exports with the aliases of a codebook."""
    return join_exports(raws, [codebook.column_names(name) for name in codebook.used_names])


def joined_rules(joined: JoinedExports, codebook: Codebook) -> ReadingRules:
    """Return the reading rules of joined exports, or raise with every column that a file lacks."""
    rules = rules_for(joined.raw, codebook)
    problems = tuple(_lacking(joined, rules))
    if problems:
        raise CodebookError(
            problems,
            where=joined.raw.facts.name,
            expected="every question that the codebook names, in every file",
        )
    _refuse_two_decimal_signs(joined.raw, rules)
    return rules


def _lacking(joined: JoinedExports, rules: ReadingRules) -> Iterator[Problem]:
    name_of = {answer.column: name for name, answer in rules.answers.items()}
    for row in joined.not_joined.itertuples():
        if row.column in name_of:
            yield Problem(
                where=f"{name_of[str(row.column)]}, in {row.lacking_in}",
                expected=f"the question of column `{str(row.column)[:60]}`",
                found=str(row.reason),
                todo="Name its column there under `aliases` if it is the same question in other words; "
                "or leave it out of the codebook.",
            )


def _refuse_two_decimal_signs(raw: RawSurvey, rules: ReadingRules) -> None:
    """Refuse files of which one writes 3,5 and another 3.5: read by one sign, half of them would be wrong."""
    if raw.options.decimal is not None:
        return
    for name, answer in rules.answers.items():
        if answer.kind not in ("item", "number"):
            continue
        cells = raw.frame[answer.column]
        signs = {_sign_of(cells.loc[part.first_row : part.last_row]) for part in raw.parts} - {None}
        if len(signs) > 1:
            raise SurveyDataError(
                expected="one decimal sign in all files",
                found=f"a comma in one and a point in another, in `{name}`",
                where=raw.facts.name,
                todo="export the files with the same decimal sign",
            )


def _sign_of(cells: pd.Series[Any]) -> str | None:
    if cells.dtype == "float64":
        return None
    return decimal_of(text for text in cells.dropna().unique() if isinstance(text, str))
