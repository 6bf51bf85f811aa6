"""Which rows of several files are one response: told by what stays with it, never by its number alone.

Some survey tools count the responses of each form from 1: the same number in two files is then one response
(overlapping downloads) or two people (a form for each department).
"""

from __future__ import annotations

from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.survey.reading.cells import text_of_number
from si_research.survey.survey_data import RawSurvey

_NUMBERED_EVERYWHERE: Final = frozenset({"qualtrics", "surveymonkey", "kobotoolbox"})
"""Tools of which no two responses have one number, whatever the form."""
_SEED: Final = frozenset({"seed", "zufallsgeneratorstartwert"})
_NEARLY_ALL, _HARDLY_ANY = 0.9, 0.1
_ENOUGH: Final = 5
"""Numbers in two files, all with other answers, that show that each file counts from 1."""
_FEW: Final = 3
_TIMES: Final = ("recorded", "submitted", "started")


def copies_over_files(raw: RawSurvey, responses: pd.DataFrame) -> pd.DataFrame:
    """Tell which rows of joined exports are one response.

    Parameters
    ----------
    raw : RawSurvey
        Several files, joined.
    responses : pandas.DataFrame
        What the tool says of each row: response_id, recorded.

    Returns
    -------
    pandas.DataFrame
        Index as in the file. Columns file (from 1), response (a number that the rows of one response share)
        and is_doubtful (whether the files leave it open which rows those are).

    Notes
    -----
    A response is known by its number where the tool numbers everywhere; else by its number with its seed or
    its start, which never change; else by its number with its time or its answers, which then must agree for
    nearly all numbers or for hardly any. Without a number it is known by the whole row with its time; without
    a time, only where nearly all rows of one file stand in the other too.
    """
    index = raw.frame.index
    lengths = [part.last_row - part.first_row + 1 for part in raw.parts]
    file = np.repeat(np.arange(1, len(raw.parts) + 1), lengths)
    known = pd.DataFrame({"file": file, "response": np.arange(len(index)), "is_doubtful": False}, index=index)
    numbered = responses["response_id"].notna()
    if numbered.any():
        key, doubtful = _by_number(raw, responses[numbered], known.loc[numbered, "file"])
        known.loc[numbered, "response"] = len(index) + key
        known.loc[numbered, "is_doubtful"] = doubtful
    else:
        known["response"], known["is_doubtful"] = _by_row(raw, responses, known["file"])
    return known


def _by_number(
    raw: RawSurvey, numbered: pd.DataFrame, file: pd.Series[Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the response of each row with a number, and whether that is doubtful."""
    ids = numbered["response_id"]
    doubtful = np.zeros(len(ids), dtype=bool)
    if raw.facts.tool in _NUMBERED_EVERYWHERE:
        return pd.factorize(ids)[0], doubtful
    mark = _lasting_mark(raw, ids.index)
    form = {number: number for number in file.unique()}
    for one, other in combinations(form, 2):
        pair = _pair(ids, file, one, other)
        if pair.empty:
            continue
        agree, same_time = _answers_agree(raw, pair), _same_time(numbered["recorded"], pair)
        is_one_form = False
        if mark is not None:
            same = mark.loc[pair["one"]].to_numpy() == mark.loc[pair["other"]].to_numpy()
            odd = np.where(same, ~agree & ~same_time, agree)
            unclear = any(_are_most(odd[side]) for side in (same, ~same))
        else:
            share = float((agree | same_time).mean())
            is_one_form = share >= _NEARLY_ALL
            unclear = not is_one_form and (share > _HARDLY_ANY or len(pair) < _ENOUGH)
        if unclear:
            doubtful |= ids.isin(pair.index).to_numpy()
        if is_one_form:
            form = {number: form[one] if of == form[other] else of for number, of in form.items()}
    beside = (file.map(form) if mark is None else mark).to_numpy()
    return _numbers_of([ids.to_numpy(), beside]), doubtful


def _numbers_of(columns: list[Any]) -> np.ndarray[Any, Any]:
    """Number the different rows of some columns."""
    table = pd.DataFrame(dict(enumerate(columns)))
    return table.groupby(list(table), sort=False, dropna=False).ngroup().to_numpy()


def _are_most(odd: np.ndarray[Any, Any]) -> bool:
    return int(odd.sum()) >= max(_FEW, len(odd) / 2)


def _pair(ids: pd.Series[Any], file: pd.Series[Any], one: int, other: int) -> pd.DataFrame:
    """Return the last row in either file of each number that is in both."""
    last = [ids[file == number].drop_duplicates(keep="last") for number in (one, other)]
    rows = [pd.Series(each.index, index=each.to_numpy()) for each in last]
    return pd.concat(rows, axis=1, join="inner", keys=["one", "other"])


def _lasting_mark(raw: RawSurvey, rows: pd.Index[Any]) -> pd.Series[Any] | None:
    """Return what stays with a response from its first to its last answer: its seed, else its start."""
    shared = _shared_columns(raw)
    seeds = [name for name in shared if name.strip().casefold() in _SEED and raw.roles.get(name)]
    starts = [name for name in shared if raw.roles.get(name) == "started"]
    for name in (*seeds, *starts):
        cells = _as_text(raw.frame.loc[rows, name])
        if (cells != "").all() and cells.nunique() > max(1, len(raw.parts)):
            return cells
    return None


def _same_time(recorded: pd.Series[Any], pair: pd.DataFrame) -> np.ndarray[Any, Any]:
    one, other = (recorded.loc[pair[side]].to_numpy(dtype=object) for side in ("one", "other"))
    tells = recorded.nunique() > len(recorded) / 4  # one moment for everybody says nothing
    return np.asarray((one == other) & pd.notna(one) & tells)


def _answers_agree(raw: RawSurvey, pair: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Whether all questions that were answered in both rows have one answer, and there are some."""
    agree, n_both = np.ones(len(pair), dtype=bool), np.zeros(len(pair), dtype=int)
    for name in _shared_columns(raw):
        if raw.roles.get(name) is None:
            one, other = (_as_text(raw.frame.loc[pair[side], name]).to_numpy() for side in ("one", "other"))
            both = (one != "") & (other != "")
            agree &= ~both | (one == other)
            n_both += both
    return np.asarray(agree & (n_both > 0))


def _by_row(
    raw: RawSurvey, responses: pd.DataFrame, file: pd.Series[Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the response of each row of files without numbers, by all that stands in it."""
    names = _shared_columns(raw)
    texts = [_as_text(raw.frame[name]).to_numpy() for name in names]
    doubtful, apart = np.zeros(len(file), dtype=bool), np.arange(len(file))
    if not texts:
        return apart, doubtful
    number = file.to_numpy()
    whole = _numbers_of(texts)
    in_file = pd.DataFrame({"file": number, "whole": whole})
    response = _numbers_of([whole, in_file.groupby(["file", "whole"]).cumcount().to_numpy()])
    is_empty = np.logical_and.reduce([cells == "" for cells in texts])
    response = np.where(is_empty, len(file) + apart, response)
    look_alike = bool(in_file[~is_empty].duplicated(keep=False).mean() > _HARDLY_ANY)
    times = [cells for name, cells in zip(names, texts, strict=True) if raw.roles.get(name) in _TIMES]
    if any((cells != "").mean() > _NEARLY_ALL for cells in times) and not look_alike:
        return response, doubtful
    for one, other in combinations(np.unique(number), 2):
        smaller, larger = sorted((one, other), key=lambda each: int((number == each).sum()))
        again = (number == smaller) & np.isin(response, response[number == larger])
        share = again.sum() / (number == smaller).sum()
        if again.sum() < _FEW or share < _HARDLY_ANY:
            response = np.where(again, 2 * len(file) + apart, response)
        elif share < _NEARLY_ALL or look_alike:
            doubtful |= again
    return response, doubtful


def _shared_columns(raw: RawSurvey) -> list[str]:
    """Return the columns that every file has, in the order of the first."""
    others = [set(part.columns) for part in raw.parts[1:]]
    return [name for name in raw.parts[0].columns if all(name in other for other in others)]


def _as_text(cells: pd.Series[Any]) -> pd.Series[Any]:
    """Return cells as they would be written, an empty one as an empty text."""
    if cells.dtype == "str":
        return cells.fillna("").str.strip()
    texts = {
        cell: text_of_number(cell) if isinstance(cell, float) else str(cell).strip()
        for cell in cells.dropna().unique()
    }
    return cells.map(texts).astype("object").where(cells.notna(), "").astype("str")
