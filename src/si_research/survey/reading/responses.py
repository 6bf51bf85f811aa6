"""What a survey tool says of each response: a preview or an answer, sent in or not, when, and how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.survey.codebook import normalise, number_of
from si_research.survey.reading.cells import text_of_number
from si_research.survey.reading.moments import in_order_of_time
from si_research.survey.reading.stored_copies import copies_over_files
from si_research.survey.reading.written_numbers import read_number
from si_research.survey.survey_data import RawSurvey, SystemRole

_QUALTRICS_KINDS: Final[Mapping[str, str]] = {
    "ip address": "answer",
    "imported": "answer",
    "offline response": "answer",
    "ex": "answer",
    "survey preview": "preview",
    "offline survey preview": "preview",
    "survey test": "test",
    "spam": "spam",
    "survey preview spam": "preview",
    "imported spam": "spam",
    "offline response spam": "spam",
    "offline survey preview spam": "preview",
}
_PREVIEW, _TEST, _SPAM = 1, 2, 8
"""Bits of the numeric status that Qualtrics writes; 4 is imported, 16 offline."""
_UNIPARK_FINISHED: Final = (31.0, 32.0)
"""Disposition codes: completed, and completed after a break."""
_FINISHED: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("1", "true", "waar", "yes", "ja", "wahr"), True),
    **dict.fromkeys(("0", "false", "onwaar", "no", "nee", "nein", "falsch"), False),
}
NO_ANSWERS: Final = ("preview", "test", "spam")
"""Kinds of rows that no respondent gave."""
_NOT_SENT: Final = frozenset({"", "n/a"})


def responses_of(raw: RawSurvey) -> pd.DataFrame | None:
    """Return what the survey tool says of each response.

    Parameters
    ----------
    raw : RawSurvey
        The file, with the columns of its tool recognised.

    Returns
    -------
    pandas.DataFrame or None
        Index as in the file. Columns kind (``answer``, ``preview``, ``test``, ``spam``, or ``unknown`` where
        the tool says something else), finished (boolean; NA where the tool does not say), response_id and
        recorded (text; in the order of time, missing where that is unknown) and duration (seconds);
        for joined exports also file, response and is_doubtful, see
        :func:`~si_research.survey.reading.stored_copies.copies_over_files`. None for one table without
        columns of a tool.
    """
    if not raw.roles and not raw.parts:
        return None
    said = pd.DataFrame(
        {
            "kind": _kinds(raw),
            "finished": _finished(raw),
            "response_id": _texts(raw, "respondent"),
            "recorded": _times(raw),
            "duration": _durations(raw),
        },
        index=raw.frame.index,
    )
    return said.join(copies_over_files(raw, said)) if raw.parts else said


def rows_of_people(raw: RawSurvey) -> pd.DataFrame:
    """Return the rows of a file without those that its tool marks as previews, tests or spam."""
    return raw.frame[~_kinds(raw).isin(NO_ANSWERS)]


def _texts(raw: RawSurvey, role: SystemRole) -> pd.Series[Any]:
    """Return the cells of the first column with a role as text; missing where empty or not there."""
    column = next((name for name, each in raw.roles.items() if each == role), None)
    if column is None:
        return pd.Series(np.nan, index=raw.frame.index, dtype="str")
    cells = raw.frame[column]
    if cells.dtype != "str":
        cells = cells.map(_text_of, na_action="ignore").astype("str")
    cells = cells.str.strip()
    return cells.mask(cells == "")


def _text_of(cell: Any) -> str:
    return text_of_number(cell) if isinstance(cell, float) else str(cell)


def _kinds(raw: RawSurvey) -> pd.Series[Any]:
    status = _texts(raw, "status")
    read = _kind_of_tester if raw.facts.tool == "unipark" else _kind_of_status
    kinds = {text: read(text) for text in status.dropna().unique()}
    return pd.Series([kinds.get(text, "answer") for text in status], status.index, dtype="str")


def _kind_of_tester(text: str) -> str:
    return "test" if read_number(text) else "answer"


def _kind_of_status(text: str) -> str:
    """Return the kind of a Qualtrics status: a label, or a number of which each bit says something.

    Examples
    --------
    >>> [_kind_of_status(text) for text in ("IP Address", "0", "17", "Survey Preview", "8", "iets anders")]
    ['answer', 'answer', 'preview', 'preview', 'spam', 'unknown']
    """
    number = number_of(text)
    if number is None or not number.is_integer() or number < 0:
        return _QUALTRICS_KINDS.get(normalise(text), "unknown")
    bits = int(number)
    if bits & _PREVIEW:
        return "preview"
    return "test" if bits & _TEST else "spam" if bits & _SPAM else "answer"


def _finished(raw: RawSurvey) -> pd.Series[Any]:
    """Return who came to the end, by the first column that says so."""
    said = set(raw.roles.values())
    index = raw.frame.index
    if raw.facts.tool == "unipark" and "finished" in said:
        codes = _texts(raw, "finished").map(read_number, na_action="ignore")
        return codes.isin(_UNIPARK_FINISHED).astype("boolean")
    if "finished" in said:
        words = _texts(raw, "finished").str.casefold()
        return pd.Series(
            [_FINISHED.get(word) if isinstance(word, str) else None for word in words], index, dtype="boolean"
        )
    if raw.facts.tool == "limesurvey" and "submitted" in said:
        sent = _texts(raw, "submitted").fillna("").str.casefold()
        return (~sent.isin(_NOT_SENT)).astype("boolean")
    if "progress" in said:
        shares = _texts(raw, "progress").map(read_number, na_action="ignore").astype("float64")
        return (shares >= 100).astype("boolean").mask(shares.isna())
    return pd.Series(pd.NA, index=index, dtype="boolean")


def _times(raw: RawSurvey) -> pd.Series[Any]:
    """Return when a response was stored: only where the order of the texts is the order in time."""
    role: SystemRole = "recorded" if "recorded" in raw.roles.values() else "submitted"
    times = _texts(raw, role)
    moments = in_order_of_time(times.dropna().unique())
    return times.map(moments, na_action="ignore").astype("str")


def _durations(raw: RawSurvey) -> pd.Series[Any]:
    seconds = _texts(raw, "duration").map(lambda text: read_number(text, "."), na_action="ignore")
    return seconds.astype("float64")
