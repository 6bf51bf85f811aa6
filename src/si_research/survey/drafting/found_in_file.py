"""What is found out about a raw file before a codebook is proposed: its columns, answers, names, waves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from si_research.survey.codebook import ResponseFormat
from si_research.survey.drafting.answers import Answers
from si_research.survey.drafting.batteries import answers_of, renamed
from si_research.survey.drafting.columns import ColumnParts, part_columns, role_candidates
from si_research.survey.drafting.facts import ColumnFacts, facts_of
from si_research.survey.drafting.meaning import language_of
from si_research.survey.drafting.missing import MissingCells, missing_by_column
from si_research.survey.drafting.names import names_for
from si_research.survey.drafting.side_by_side import SideBySide, side_by_side
from si_research.survey.drafting.unit import Organisations, organisations_in
from si_research.survey.formats import BUILT_IN_FORMATS
from si_research.survey.reading.responses import rows_of_people
from si_research.survey.survey_data import Code, RawSurvey


@dataclass(frozen=True, slots=True, eq=False)
class FoundInFile:
    """What was found out about a file, by column."""

    raw: RawSurvey
    people: pd.DataFrame
    facts: Mapping[str, ColumnFacts]
    missing: Mapping[str, MissingCells]
    parts: ColumnParts
    beside: SideBySide
    answers: Mapping[str, Answers]
    names: Mapping[str, str]
    language: str | None
    organisations: Organisations | None


def look_into(raw: RawSurvey) -> FoundInFile:
    """Find out what the columns of a file are, and what may not enter."""
    facts = facts_of(raw)
    missing = missing_by_column(facts)
    organisations, parts = organisations_in(raw, facts, missing, part_columns(raw, facts, missing))
    labels = (
        text for each in facts.values() for text in [*each.texts[:10], *list(each.labels.values())[:10]]
    )
    questions = [each.text for each in facts.values() if each.text and each.role is None]
    language = language_of([*questions, *facts, *map(str, labels)])
    apart = SideBySide(facts, missing, parts.open)
    beside = side_by_side(parts.open, facts, missing)
    answers = _answers(beside, language)
    if not any(name in beside.cells for name in answers) or _says_wave(parts.open, facts):
        beside, answers = apart, _answers(apart, language)
    if organisations is not None:  # its percentages are figures, also where only few of them occur
        answers = {name: each for name, each in answers.items() if each.shape != "range"}
    names = names_for({name: each.place for name, each in beside.facts.items() if name not in parts.kept_out})
    people = rows_of_people(raw)
    return FoundInFile(
        raw, people, beside.facts, beside.missing, parts, beside, answers, names, language, organisations
    )


def _answers(beside: SideBySide, language: str | None) -> dict[str, Answers]:
    played = {column for _, column in role_candidates(beside.open, beside.facts)}
    asked = [name for name in beside.open if name not in played]
    return renamed(answers_of(asked, beside.facts, beside.missing, language or "en"))


def _says_wave(names: tuple[str, ...], facts: Mapping[str, ColumnFacts]) -> bool:
    """Whether a column says the wave already: then a row is a person in one wave."""
    return any(role == "wave" for role, _ in role_candidates(names, facts))


def form_of(found: FoundInFile, column: str) -> ResponseFormat:
    """Return the response format of a question, proposed or built in."""
    answers = found.answers[column]
    return answers.form if answers.form is not None else BUILT_IN_FORMATS[answers.name]


def as_numbers(found: FoundInFile, column: str) -> pd.Series[Any]:
    """Return the answers to a question as numbers of its format; what is none is left out."""
    form, facts, missing = form_of(found, column), found.facts[column], found.missing[column]
    values: dict[Code, float] = {}
    for cell in facts.counts:
        if missing.holds(cell) or facts.is_declared_missing(cell):
            continue
        number = facts.numbers.get(cell)
        value = form.value_of(str(cell)) if isinstance(cell, str) and number is None else number
        if value is not None and form.holds(value):
            values[cell] = value
    frame, cells = found.people, found.beside.cells.get(column)
    if not found.beside.waves:
        return frame[column].map(values).astype("float64")
    empty = pd.Series(math.nan, index=frame.index)
    by_wave = {
        wave: empty if cells and wave not in cells else frame[cells[wave] if cells else column].map(values)
        for wave in found.beside.waves
    }
    return pd.concat(by_wave).astype("float64")
