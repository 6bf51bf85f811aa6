"""Published survey results: percentages of groups, such as organisations, out of any style of table.

Such a table holds no persons. Each row is a group, each figure the percentage of its people who gave an
answer; what holds between groups need not hold between people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any, Final

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.codebook import SourceOptions, did_you_mean
from si_research.survey.question_text import Question, question_of, spelling_of
from si_research.survey.reading.raw import read_raw
from si_research.survey.reading.written_numbers import DecimalSign, decimal_of, read_number
from si_research.survey.survey_data import RawSurvey, SourceFacts

STATEMENT: Final = (
    "Rows are groups and figures are percentages of their people: they say something of groups, "
    "and nothing of single people."
)
SUPPRESSED: Final = frozenset({".", "..", "-", "–", "*", "x", "z", "n/a", "na", "[c]", "[x]", "suppressed"})
"""Cells that a publisher leaves out, to protect few people or because nobody was asked."""
_NO_GROUP: Final = re.compile(
    r"\b(?:benchmark|median|mean|average|overall|total|gemiddelde|mediaan|totaal)\b", re.IGNORECASE
)
_COLUMNS: Final = ("wave", "unit", "code", "question", "figure", "percent")


@dataclass(frozen=True, slots=True, eq=False)
class PublishedTable:
    """Percentages by group and question. Made by :func:`read_published_table`.

    Attributes
    ----------
    table_ : pandas.DataFrame
        One row a group and question: wave, unit (name of the group), code (number of the question, as in the
        file), question (its wording; empty where only a code is given), figure (what is counted, such as
        ``% strongly agree or agree``), percent (0 to 100; NaN where it is not published).
    facts : SourceFacts
        The file.
    left_out : pandas.DataFrame
        Rows and columns that are no group or no question: what (``row``, ``column``), name, reason.
    n_suppressed : int
        Cells that the publisher left out with a sign of its own.
    """

    table_: pd.DataFrame = field(repr=False)
    facts: SourceFacts
    left_out: pd.DataFrame = field(repr=False)
    n_suppressed: int

    @property
    def wave(self) -> str:
        """The wave of the file."""
        return str(self.table_["wave"].iloc[0])

    def table(self) -> pd.DataFrame:
        """Return a copy of the percentages."""
        return self.table_.copy()

    def by_unit(self) -> pd.DataFrame:
        """Return one row a group, by its name in one spelling, and one column a question, by its code."""
        units = self.table_["unit"].map({name: spelling_of(name) for name in self.table_["unit"].unique()})
        return self.table_.assign(unit=units).set_index(["unit", "code"])["percent"].unstack()  # noqa: PD010

    def __str__(self) -> str:
        table = self.table_
        n_rows = int((self.left_out["what"] == "row").sum())
        return (
            f"{self.facts.name}: {table['unit'].nunique()} groups, {table['code'].nunique()} questions; "
            f"rows that are no group: {n_rows}; figures not published: {self.n_suppressed}\n{STATEMENT}"
        )

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def read_published_table(
    path: Path,
    *,
    wave: str,
    unit: str,
    questions: Mapping[str, Question] | None = None,
    source: SourceOptions | None = None,
) -> PublishedTable:
    """Read a table of percentages by group into one row a group and question.

    Use it for results that an organisation or a statistical office publishes; for answers of people use
    :func:`read_survey`.

    Parameters
    ----------
    path : Path
        Delimited text or a workbook; titles above the header and notes below the table are found.
    wave : str
        What to call this measurement, such as its year.
    unit : str
        Column with the names of the groups.
    questions : Mapping of str to Question, optional
        The questions by their code, where the columns hold codes only: :func:`read_question_list`.
    source : SourceOptions, optional
        How the file is written, where that should not be detected.

    Returns
    -------
    PublishedTable
        A column is a question when its header begins with a number such as ``B01``.

    Raises
    ------
    SurveyDataError
        No such column, no questions, a group or a question that is there twice, or cells that are neither a
        percentage nor a sign for "not published".

    Notes
    -----
    Numbers that all lie between 0 and 1 are shares, and become percentages. Rows named benchmark, median,
    mean, average, overall or total are no group; neither are rows without a single figure (headings, notes).
    """
    raw = read_raw(path, source)
    if unit not in raw.frame:
        raise _problem(raw, f"a column `{unit}`", "none", did_you_mean(unit, raw.frame.columns))
    named = _questions_in(raw, unit, questions or {})
    percent, n_suppressed = _percentages(raw, list(named))
    names = raw.frame[unit].astype("str").fillna("").str.split().str.join(" ")
    reason = _reasons(names, percent)
    outside = percent.columns[((percent < 0) | (percent > 100)).any()]
    left_out = _left_out(raw, unit, named, names, reason, outside)
    groups = percent[reason == ""].drop(columns=outside).set_axis(pd.Index(names[reason == ""], name="unit"))
    _refuse_twice(raw, groups.index, "group")
    return PublishedTable(_long(groups, named, wave), raw.facts, left_out, n_suppressed(reason == ""))


def _questions_in(raw: RawSurvey, unit: str, listed: Mapping[str, Question]) -> dict[str, Question]:
    """Return the columns that hold a question, with its code, wording and figure."""
    columns = [str(name) for name in raw.frame if name != unit]
    found = {name: question_of(raw.texts.get(name, name)) for name in columns}
    found = {name: question for name, question in found.items() if question.code}
    if not found:
        raise _problem(
            raw, "columns whose header begins with the number of a question, such as B01", "none", ""
        )
    _refuse_twice(raw, pd.Index([question.code for question in found.values()]), "question")
    return {
        name: listed.get(question.code, question) if not question.text else question
        for name, question in found.items()
    }


def _percentages(raw: RawSurvey, columns: list[str]) -> tuple[pd.DataFrame, Any]:
    """Return the figures as percentages, and a function that counts the suppressed ones in some rows."""
    frame = raw.frame[columns]
    texts = pd.Series(frame.select_dtypes(exclude="float64").to_numpy(dtype=object).ravel())
    distinct = [text for text in texts.unique() if isinstance(text, str)]
    sign = decimal_of(text.strip().rstrip("%") for text in distinct) or "."
    reading = {text: _figure_of(text, sign) for text in distinct}
    unreadable = [text for text, figure in reading.items() if figure is None]
    if unreadable:
        n_cells = int(texts.isin(unreadable).sum())
        raise _problem(
            raw,
            "percentages, or a sign for a figure that is not published",
            f"{n_cells} cells with something else in the columns of questions",
            "",
        )
    has_sign = any("%" in text for text in distinct)
    bare: pd.DataFrame = frame.select_dtypes(exclude="str").map(
        lambda cell: None if isinstance(cell, str) else cell
    )
    beside = has_sign and bool((bare.astype("float64").max() <= 1).all())  # shares beside percentages
    numbers = frame.map(
        lambda cell: reading[cell] if isinstance(cell, str) else round(cell * 100, 8) if beside else cell
    ).astype("float64")
    suppressed = frame.map(lambda cell: isinstance(cell, str) and cell.strip().casefold() in SUPPRESSED)
    is_share = bool((numbers.max() <= 1).all()) and not has_sign
    percent = (numbers * 100).round(8) if is_share else numbers  # 0.57 times 100 is 56.99999999999999
    return percent, lambda rows: int(suppressed[rows].to_numpy().sum())


def _figure_of(text: str, sign: DecimalSign) -> float | None:
    """Return the number that a cell writes; NaN where it is empty or not published, None for all else."""
    tidy = text.strip()
    if not tidy or tidy.casefold() in SUPPRESSED:
        return float("nan")
    return read_number(tidy.removesuffix("%").strip(), sign)


def _reasons(names: pd.Series[Any], percent: pd.DataFrame) -> pd.Series[Any]:
    """Say of each row why it is no group; nothing where it is one."""
    reason = pd.Series("", index=names.index, dtype="str")
    reason = reason.mask(names.str.contains(_NO_GROUP), "a figure over all groups")
    reason = reason.mask(names == "", "no name")
    return reason.mask(percent.isna().all(axis=1), "no figures")


def _left_out(
    raw: RawSurvey,
    unit: str,
    named: Mapping[str, Question],
    names: pd.Series[Any],
    reason: pd.Series[Any],
    outside: pd.Index[Any],
) -> pd.DataFrame:
    others = raw.frame.drop(columns=[*named, unit])
    filled = others.columns[(others.notna() & (others != "")).any()]
    columns = [("column", str(name), "no number of a question") for name in filled]
    columns += [("column", str(name), "not all from 0 to 100") for name in outside]
    rows = [("row", name, why) for name, why in zip(names, reason, strict=True) if why and name]
    return pd.DataFrame([*columns, *rows], columns=["what", "name", "reason"])


def _refuse_twice(raw: RawSurvey, names: pd.Index[Any], what: str) -> None:
    twice = names[names.duplicated()].unique()
    if len(twice):
        found = f"{len(twice)} that {'is' if len(twice) == 1 else 'are'} there twice: {', '.join(twice[:3])}"
        raise _problem(raw, f"each {what} once", found, "")


def _long(groups: pd.DataFrame, named: Mapping[str, Question], wave: str) -> pd.DataFrame:
    long = groups.melt(ignore_index=False, var_name="column", value_name="percent")
    long = long.reset_index().assign(wave=wave)
    for part, attribute in (("code", "code"), ("question", "text"), ("figure", "note")):
        long[part] = long["column"].map({name: getattr(each, attribute) for name, each in named.items()})
    return long[list(_COLUMNS)]


def _problem(raw: RawSurvey, expected: str, found: str, todo: str) -> SurveyDataError:
    return SurveyDataError(
        expected=expected,
        found=found,
        where=raw.facts.name,
        todo=todo
        or "look at the header and the cells of the table; state sheet or header row if they are wrong",
    )


def read_question_list(path: Path, sheet: str) -> dict[str, Question]:
    """Read the sheet of a workbook that says which question each code stands for.

    Parameters
    ----------
    path : Path
        The workbook.
    sheet : str
        The sheet with a column of codes, one of wordings and perhaps one that says what the figures are.

    Returns
    -------
    dict
        The question by its code. The column of codes is the one with most codes; the wording is the longest
        text beside it, the figure the column in which most cells hold a percent sign.

    Raises
    ------
    SurveyDataError
        No sheet of that name, or no column of codes.
    """
    raw = read_raw(path, SourceOptions(sheet=sheet))
    texts = raw.frame.astype("str").fillna("")
    is_code = texts.map(lambda cell: bool(question_of(cell).code) and not question_of(cell).text)
    column = is_code.sum().idxmax()
    texts = texts[is_code[column]]
    if texts.empty:
        raise _problem(raw, "a column with the numbers of questions, such as B01", "none", "")
    notes = texts.map(lambda cell: "%" in cell).sum()
    note = notes.idxmax() if notes.max() > len(texts) / 2 else None
    others = texts.drop(columns=[column, *([note] if note is not None else [])])
    wording = others.map(len).mean().idxmax()
    notes_of = texts[note].str.strip() if note is not None else [""] * len(texts)
    return {
        code: replace(question_of(text), code=code, note=figure)
        for code, text, figure in zip(texts[column].str.strip(), texts[wording], notes_of, strict=True)
    }


def combine_tables(tables: Sequence[PublishedTable]) -> pd.DataFrame:
    """Return the percentages of several tables as one, wave by wave.

    Only figures whose question is known: a code without a wording says nothing across waves. Wordings that
    differ in typography only are written as in the first table.
    """
    whole = pd.concat([table.table_ for table in tables], ignore_index=True)
    known = whole[whole["question"] != ""].reset_index(drop=True)
    keys = known["question"].map({text: spelling_of(text) for text in known["question"].unique()})
    return known.assign(question=known.groupby(keys, sort=False)["question"].transform("first"))
