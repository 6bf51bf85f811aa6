"""Raw cells to answers, by the rules; each column through its distinct values, never row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from si_research.errors import LabelError, Problem
from si_research.survey.reading.column import CellReader, ColumnReading, How, read_column, with_reasons
from si_research.survey.reading.label_problems import problems_with
from si_research.survey.reading.rules import ReadingRules
from si_research.survey.reading.written_numbers import has_two_readings
from si_research.survey.survey_data import REASONS, RawSurvey


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """All columns read, with what was counted on the way.

    Attributes
    ----------
    values, reasons : pandas.DataFrame
        As in :class:`~si_research.survey.survey_data.Survey`.
    n_filled, n_labels, n_cut_off, n_numbered : int
        Cells that are not empty; cells whose label became a value; those of them that hold only the
        beginning of a label; and those that are read by the number before their label.
    n_stated : int
        Empty cells whose reason another column of the file states.
    n_coded : Counter
        Cells that hold a missing code, by reason.
    n_recoded : Counter
        Cells with a number that the codebook gives to another answer, by item.
    n_unreadable : Counter
        Cells that should hold a number and do not, by variable.
    n_two_readings : int
        Those of them that are two numbers, by the decimal sign.
    n_written : Counter
        Cells whose text is not how their value is kept, by how they are written.
    """

    values: pd.DataFrame = field(repr=False)
    reasons: pd.DataFrame = field(repr=False)
    n_filled: int
    n_labels: int
    n_cut_off: int
    n_numbered: int
    n_coded: Counter[str]
    n_recoded: Counter[str]
    n_unreadable: Counter[str]
    n_written: Counter[str]
    n_stated: int
    n_two_readings: int


def read_answers(raw: RawSurvey, rules: ReadingRules) -> Answers:
    """Turn raw cells into answers and reasons.

    Parameters
    ----------
    raw : RawSurvey
        The file.
    rules : ReadingRules
        What to do with each column.

    Returns
    -------
    Answers

    Raises
    ------
    LabelError
        Texts that fit no label of their format, and labels in the file that contradict the
        codebook; all together.
    """
    columns: dict[str, ColumnReading] = {}
    problems: list[Problem] = []
    n_stated = 0
    for name, answer in rules.answers.items():
        reader = reader_of(raw, rules, name)
        columns[name] = read_column(raw.frame[answer.column], reader)
        if answer.reasons_in is not None:
            stated = raw.frame[answer.reasons_in]
            columns[name] = with_reasons(columns[name], stated, raw.facts.name)
            n_stated += int(stated.isin(REASONS).sum())
        problems.extend(problems_with(name, reader, columns[name]))
    if problems:
        raise LabelError(problems, where=raw.facts.name, expected="answers that fit their response format")
    return _collect(columns, n_stated)


def reader_of(raw: RawSurvey, rules: ReadingRules, name: str) -> CellReader:
    """Return what reads the cells of one name of the codebook."""
    answer = rules.answers[name]
    return CellReader(
        missing=rules.missing[name],
        answer=answer,
        form=rules.formats.get(answer.format or ""),
        labels=raw.value_labels.get(answer.column, {}),
        words=answer.words,
    )


def _collect(columns: Mapping[str, ColumnReading], n_stated: int) -> Answers:
    coded: Counter[str] = Counter()
    recoded: Counter[str] = Counter()
    unreadable: Counter[str] = Counter()
    written: Counter[str] = Counter()
    how: Counter[How] = Counter()
    n_two_readings = 0
    for name, column in columns.items():
        for cell, reading, count in zip(column.distinct, column.readings, column.counts, strict=True):
            how[reading.how] += count
            if reading.how == "coded":
                coded[str(reading.reason)] += count
            elif reading.how == "other_code":
                recoded[name] += count
            elif reading.how == "unreadable":
                unreadable[name] += count
                n_two_readings += count * has_two_readings(cell)
            if reading.written is not None:
                written[reading.written] += count
    return Answers(
        values=pd.DataFrame({name: column.answers for name, column in columns.items()}, copy=False),
        reasons=pd.DataFrame({name: column.reasons for name, column in columns.items()}, copy=False),
        n_filled=how.total() - how["empty"],
        n_labels=how["label"] + how["cut_off"] + how["numbered"],
        n_cut_off=how["cut_off"],
        n_numbered=how["numbered"],
        n_coded=coded,
        n_recoded=recoded,
        n_unreadable=unreadable,
        n_written=written,
        n_stated=n_stated,
        n_two_readings=n_two_readings,
    )
