"""Which survey tool wrote this table? Decided by fixed marks, never by likeness, and said how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from si_research.errors import SurveyDataError
from si_research.survey.codebook import SourceOptions, SourceTool
from si_research.survey.reading import limesurvey, other_tools, qualtrics
from si_research.survey.reading.detect import RawFile
from si_research.survey.reading.layout import Layout, Rows, plain_layout

SEARCHED_ROWS: Final = 60
"""Rows at the top of a table among which the header is looked for."""
KEPT_ROWS: Final = 10
"""Rows at the top that are kept as they stand, for a message on a header that was not found."""
TOOLS: Final[Mapping[SourceTool, Callable[[Rows], Layout | None]]] = {
    "qualtrics": qualtrics.recognise,
    "limesurvey": limesurvey.recognise,
    "unipark": other_tools.recognise_unipark,
    "kobotoolbox": other_tools.recognise_kobotoolbox,
    "surveymonkey": other_tools.recognise_surveymonkey,
    "microsoft_forms": other_tools.recognise_microsoft_forms,
    "google_forms": other_tools.recognise_google_forms,
}


def layout_of(rows: Rows, options: SourceOptions) -> Layout | None:
    """Return how the rows of a table are to be read; None when there is no header, or not the stated one.

    Parameters
    ----------
    rows : sequence of sequence of str
        The first rows.
    options : SourceOptions
        A stated tool is the only one tried; a stated header row makes it a plain table.
    """
    if options.tool == "plain" or options.header_row is not None:
        return plain_layout(rows, options.header_row)
    if options.tool is not None:
        return TOOLS[options.tool](rows)
    found = (recognise(rows) for recognise in TOOLS.values())
    return next((layout for layout in found if layout), None) or plain_layout(rows)


def no_header(file: RawFile, options: SourceOptions) -> SurveyDataError:
    """Return the error for a table whose rows do not hold what was stated, or no names at all."""
    if options.tool not in (None, "plain"):
        return file.problem(
            expected=f"an export of {options.tool}",
            found="a table without the rows or columns that it writes",
            todo="leave out `tool` under `source` in the codebook, so that it is recognised, or export again",
        )
    return file.problem(
        expected=f"column names on row {options.header_row or 1}",
        found="no such row",
        todo="state the right `header_row` under `source` in the codebook",
    )
