"""Full question texts above the columns of a LimeSurvey export, brought back to question codes.

Texts repeat, and are cut differently by every version; codes do not. Two files can tell: the same export
under question codes, and the structure of the questionnaire.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from si_research.survey.codebook import normalise
from si_research.survey.reading.detect import RawFile
from si_research.survey.reading.header import header_of
from si_research.survey.reading.limesurvey_columns import ExportColumn, columns_of
from si_research.survey.reading.limesurvey_structure import (
    SurveyStructure,
    as_printed,
    is_structure,
    read_structure,
)
from si_research.survey.response_format import one_line
from si_research.survey.survey_data import RawSurvey, SystemRole


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """Which question code each column of a file has.

    Attributes
    ----------
    codes : Mapping of str to str
        Column of the file to question code.
    unmatched : tuple of str
        Columns for which nothing is proven; they keep their name.
    how : str
        What proves it, as a sentence.
    """

    codes: Mapping[str, str]
    unmatched: tuple[str, ...]
    how: str


def match_twin(texts: RawSurvey, codes: RawSurvey) -> HeaderMatch:
    """Match the columns of one survey under two headers: by place, and proven by what they hold.

    Parameters
    ----------
    texts : RawSurvey
        The export under full texts.
    codes : RawSurvey
        The same answers under question codes; answers may be codes there and texts here.

    Returns
    -------
    HeaderMatch
        Every column, or none: where one column does not hold the same, the files are not the same export.

    Notes
    -----
    Two columns hold the same when each answer of the one always stands beside the same answer of the other.
    """
    columns = [str(name) for name in texts.frame]
    rows = _same_rows(texts, codes)
    if rows is None or len(columns) != codes.frame.shape[1]:
        return HeaderMatch({}, tuple(columns), "another number of columns, or other respondents")
    here, there = rows
    different = [
        column
        for place, column in enumerate(columns)
        if not _hold_the_same(here.iloc[:, place], there.iloc[:, place])
    ]
    if different:
        return HeaderMatch({}, tuple(different), f"columns that hold other answers: {len(different)}")
    how = f"{len(columns)} columns at the same place, each with the same answers of {len(here)} respondents"
    return HeaderMatch(dict(zip(columns, map(str, codes.frame), strict=True)), (), how)


def _same_rows(left: RawSurvey, right: RawSurvey) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Return both frames with the same respondents on each row; None when they are others."""
    ids = [next((n for n, role in raw.roles.items() if role == "respondent"), None) for raw in (left, right)]
    if ids[0] is None or ids[1] is None or len(left.frame) != len(right.frame):
        return None
    frames = [
        raw.frame.assign(_id=raw.frame[name].astype("str")).sort_values("_id", kind="stable")
        for raw, name in zip((left, right), ids, strict=True)
    ]
    if frames[0]["_id"].tolist() != frames[1]["_id"].tolist() or frames[0]["_id"].duplicated().any():
        return None
    return frames[0].drop(columns="_id"), frames[1].drop(columns="_id")


def _hold_the_same(left: pd.Series[Any], right: pd.Series[Any]) -> bool:
    """Whether each answer of one column stands beside one answer of the other, and the other way round.

    One export may leave empty what another fills with one word: an option that was not chosen.
    """
    pairs = {
        (str(one).strip(), str(other).strip())
        for one, other in zip(left.fillna(""), right.fillna(""), strict=True)
    }
    filled = [pair for pair in pairs if all(pair)]
    beside_empty = {pair for pair in pairs if any(pair) and not all(pair)}
    return len(filled) == len({one for one, _ in filled}) == len({other for _, other in filled}) and (
        len(beside_empty) <= 1
    )


def match_structure(texts: RawSurvey, structure: SurveyStructure) -> HeaderMatch:
    """Match the columns of an export to the questions of its structure, by the text above them.

    Parameters
    ----------
    texts : RawSurvey
        The export under full texts.
    structure : SurveyStructure
        The questionnaire.

    Returns
    -------
    HeaderMatch
        A text that stands above several columns is matched in order, if the questionnaire has it as often and
        the answers fit the question.
    """
    asked: dict[str, list[ExportColumn]] = defaultdict(list)
    for column in columns_of(structure):
        for text in column.printed:
            asked[text].append(column)
    above: dict[str, list[str]] = defaultdict(list)
    for name in map(str, texts.frame):
        if name not in texts.roles:
            above[one_line(texts.texts.get(name, name))].append(name)
    codes: dict[str, str] = {}
    for text, names in above.items():
        questions = asked.get(text, [])
        if len(questions) == len(names) and all(
            _fits(texts.frame[name], question) for name, question in zip(names, questions, strict=True)
        ):
            codes |= {name: question.name for name, question in zip(names, questions, strict=True)}
    unmatched = tuple(name for names in above.values() for name in names if name not in codes)
    return HeaderMatch(codes, unmatched, f"{len(codes)} columns by the questions of {structure.name}")


def _fits(cells: pd.Series[Any], column: ExportColumn) -> bool:
    """Whether a column holds nothing but answers of the question; an open question takes anything."""
    if column.kind != "closed" or column.question.has_other:
        return True
    spelt = {normalise(answer.code) for answer in column.answers}
    for answer in column.answers:
        printed = [each for html in answer.html.values() for each in as_printed(html)]
        spelt |= {normalise(text) for text in (*answer.texts.values(), *printed)}
    found = {normalise(str(cell)) for cell in cells.dropna().unique() if str(cell).strip()}
    return found <= spelt


def name_by_codes(raw: RawSurvey, match: HeaderMatch) -> RawSurvey:
    """Return a file with its columns under question codes; the texts stay as the questions.

    Parameters
    ----------
    raw : RawSurvey
        The export under full texts.
    match : HeaderMatch
        Which code each column has.

    Returns
    -------
    RawSurvey
        The same cells.
    """
    old = [str(name) for name in raw.frame]
    names = header_of([match.codes.get(name, name) for name in old]).names
    new = dict(zip(old, names, strict=True))
    texts = {new[name]: raw.texts.get(name, name) for name in old if name in match.codes or name in raw.texts}
    roles: dict[str, SystemRole] = {new[name]: role for name, role in raw.roles.items()}
    left = [raw.texts.get(name, name) for name in match.unmatched]
    return replace(
        raw,
        frame=raw.frame.set_axis(list(names), axis=1),
        facts=replace(raw.facts, detected=(*raw.facts.detected, *_said(match))),
        texts=texts,
        roles=roles,
        error_cells={new[name]: cells for name, cells in raw.error_cells.items()},
        repeated=tuple(name for name in raw.repeated if left.count(name) > 1 or name in match.unmatched),
    )


def _said(match: HeaderMatch) -> Iterator[str]:
    yield f"question codes: {match.how}"
    if match.unmatched:
        yield f"columns that keep their text as name, as nothing proves their code: {len(match.unmatched)}"


def named_from(file: RawFile, raw: RawSurvey, name: str) -> RawSurvey:
    """Name the columns of a file by another file in its folder.

    Raises
    ------
    SurveyDataError
        No such file, or one that belongs to another survey.
    """
    from si_research.survey.reading.raw import read_raw

    other = file.path.with_name(Path(name).name)
    if is_structure(other):
        match = match_structure(raw, read_structure(other))
    else:
        match = match_twin(raw, read_raw(other))
    if not match.codes:
        raise file.problem(
            expected=f"the columns of {other.name}, under other names",
            found=match.how,
            todo="as `names_from`, give this export under question codes, or the structure of this survey",
        )
    return name_by_codes(raw, match)
