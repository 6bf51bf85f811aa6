"""Totals, means and sources below the answers: rows of a table that are no respondent."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from si_research.survey.reading.cells import typed_column
from si_research.survey.reading.written_numbers import read_number
from si_research.survey.survey_data import RawSurvey

_WORD: Final = re.compile(
    r"(?:sub|eind|grand )?(?:totaal|totalen|total|totals|gemiddelden?|gem\.|mean|average|gesamt|summe|som|"
    r"sum|mittelwert|durchschnitt|mediaan|median|standaardafwijking|standaarddeviatie|std|sd|aantal|n)\.?:?"
    r"|(?:bron|source|quelle|noot|note|anmerkung):?.*",
    re.IGNORECASE | re.DOTALL,
)
_ID: Final = re.compile(r"[A-Za-z]{1,5}[-_.]?[0-9]+")
"""A number with letters before it, such as R01 or VP-12: what people are numbered by. `Team 3` is a name."""
_SEARCHED: Final = 10
_FEWEST: Final = 3


def leave_out_rows_below(raw: RawSurvey) -> RawSurvey:
    """Leave out rows at the end that begin with a word for a total, a mean or a source, and count them.

    Only where a number, or an id such as R01, stands in that column in every row above: a table of
    organisations, with their names there, keeps its totals for who reads it as such.
    """
    if raw.facts.tool != "plain":
        return raw
    place, n_below = _found(raw.frame.tail(_SEARCHED))
    above = raw.frame.iloc[: len(raw.frame) - n_below]
    if not n_below or not _all_numbered(above.iloc[:, place]):
        return raw
    frame = above.apply(typed_column) if raw.facts.kind == "excel" else above
    facts = replace(
        raw.facts,
        n_rows=len(frame),
        detected=(*raw.facts.detected, f"rows of totals or notes below the answers, left out: {n_below}"),
        repairs={**raw.facts.repairs, "rows_below": n_below},
    )
    return replace(raw, frame=frame, facts=facts)


def _found(last: pd.DataFrame) -> tuple[int, int]:
    """Return the column in which the words stand, and how many rows at the end begin with one."""
    place, n_below = 0, 0
    rows = last.astype("object").where(last.notna(), "").to_numpy().tolist()
    for n, row in enumerate(reversed(rows), start=1):
        filled = [(at, str(cell).strip()) for at, cell in enumerate(row) if str(cell).strip()]
        if filled and not _WORD.fullmatch(filled[0][1]):
            break
        if filled:
            place, n_below = filled[0][0], n
    return place, n_below


def _all_numbered(cells: pd.Series[Any]) -> bool:
    texts = [str(cell).strip() for cell in cells.dropna()]
    return len(texts) >= _FEWEST and all(
        read_number(text) is not None or _ID.fullmatch(text) for text in texts
    )
