"""The columns of a LimeSurvey export, worked out from the structure of the questionnaire."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

from si_research.survey.reading.limesurvey_structure import (
    AnswerOption,
    Question,
    SubQuestion,
    SurveyStructure,
    as_printed,
)
from si_research.survey.response_format import one_line

Kind = Literal["closed", "points_5", "points_10", "yes_no", "three", "chosen", "number", "text", "other"]
"""How a column is answered; ``three`` is yes, uncertain, no or increase, same, decrease."""

_SCALES: Final = ("Scale", "Schaal", "Skala")
_RANKS: Final = ("Rank", "Rang")
_OTHER: Final = ("Other", "Anders", "Sonstiges")
_COMMENTS: Final = ("Comment", "Opmerking", "Kommentar")
_KINDS: Final[dict[str, Kind]] = {
    **dict.fromkeys("L!OFH1R", "closed"),
    "5": "points_5",
    "A": "points_5",
    "B": "points_10",
    "Y": "yes_no",
    "G": "other",
    "C": "three",
    "E": "three",
    "M": "chosen",
    "P": "chosen",
    "N": "number",
    "K": "number",
    ":": "number",
    "Q": "text",
    "S": "text",
    "T": "text",
    "U": "text",
    ";": "text",
}
_WITHOUT_COLUMN: Final = ("X", "*", "|", "D", "I")
"""Texts on display, and what no codebook asks for: results of formulas, files, dates, the language chosen."""
_MOST_PRINTED: Final = 40


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column of an export.

    Attributes
    ----------
    name : str
        Under question codes: ``NAME``, ``NAME[row]``, ``NAME[row][1]``.
    joined : tuple of str
        The same as exports for SPSS and R have it: ``NAME_row``, ``NAME_row_0``, ``NAME_row#0``.
    printed : tuple of str
        What stands above it under full texts, in every language.
    question : Question
        The question it belongs to.
    row : SubQuestion or None
        Its row, where the question has rows.
    kind : str
        How it is answered.
    scale : int
        0, or 1 for the second scale.
    answers : tuple of AnswerOption
        Its closed answers, in order.
    """

    name: str
    joined: tuple[str, ...]
    printed: tuple[str, ...]
    question: Question
    row: SubQuestion | None
    kind: Kind
    scale: int = 0
    answers: tuple[AnswerOption, ...] = ()


def columns_of(structure: SurveyStructure) -> tuple[ExportColumn, ...]:
    """Return the columns of an export, in the order of the questionnaire; texts on display have none.

    Parameters
    ----------
    structure : SurveyStructure
        The questionnaire.

    Returns
    -------
    tuple of ExportColumn
    """
    asked = (question for question in structure.questions if question.type not in _WITHOUT_COLUMN)
    return tuple(column for question in asked for column in _columns(question))


def _columns(question: Question) -> Iterator[ExportColumn]:
    kind = _KINDS.get(question.type, "other")
    if question.type == "R":
        for place in range(1, len(question.answers) + 1):
            yield _column(question, kind, (str(place),), [f"{word} {place}" for word in _RANKS])
    elif question.type in (":", ";"):
        for row, column in product(question.rows(), question.rows(1)):
            code = f"{row.code}_{column.code}"
            yield _column(question, kind, (code,), row=row, within=column)
    elif question.type == "1":
        for row, scale in product(question.rows(), (0, 1)):
            yield _column(question, kind, (row.code,), row=row, scale=scale)
    elif question.rows():
        for row in question.rows():
            yield _column(question, kind, (row.code,), row=row)
            if question.type == "P":
                yield _column(question, "text", (f"{row.code}comment",), _COMMENTS)
    else:
        yield _column(question, kind, ())
    if question.has_other:
        yield _column(question, "text", ("other",), _OTHER)
    if question.type == "O":
        yield _column(question, "text", ("comment",), _COMMENTS)


def _column(
    question: Question,
    kind: Kind,
    parts: Sequence[str],
    below: Sequence[str] = (),
    *,
    row: SubQuestion | None = None,
    within: SubQuestion | None = None,
    scale: int | None = None,
) -> ExportColumn:
    """Put together one column: its name, and what stands above it in each language."""
    base = "_".join((question.code, *parts))
    numbers = () if scale is None else (scale,)
    ends = [f"[{word} {scale + 1}]" for word in _SCALES] if scale is not None else [""]
    return ExportColumn(
        name=question.code + "".join(f"[{part}]" for part in (*parts, *(number + 1 for number in numbers))),
        joined=tuple(dict.fromkeys(base + "".join(f"{sign}{n}" for n in numbers) for sign in "_#")),
        printed=tuple(_printed(question, below, (row, within), ends))[:_MOST_PRINTED],
        question=question,
        row=row,
        kind=kind,
        scale=scale or 0,
        answers=question.answers_of(scale or 0) if kind == "closed" else (),
    )


def _printed(
    question: Question,
    below: Sequence[str],
    rows: tuple[SubQuestion | None, SubQuestion | None],
    ends: Sequence[str],
) -> Iterator[str]:
    """Give what stands above a column under full texts: the question, and its row within brackets."""
    seen: set[str] = set()
    for language, html in question.html.items():
        parts = [as_printed(row.html.get(language, "")) or ("",) for row in rows if row is not None]
        for stem in as_printed(html) or ("",):
            inner = ["".join(f"[{part}]" for part in found) for found in product(*parts)] if parts else []
            for middle, end in product(inner or [f"[{text}]" for text in below] or [""], ends):
                text = one_line(f"{stem} {middle}{end}")
                if text not in seen and text.strip(" []"):
                    seen.add(text)
                    yield text


def safe_name(name: str) -> str:
    """Return a column name as a name in a codebook.

    Examples
    --------
    >>> safe_name("K1[SQ001]"), safe_name("act[a b][2]"), safe_name("1a")
    ('K1_SQ001', 'act_a_b_2', 'q_1a')
    """
    tidy = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    return tidy if tidy[:1].isalpha() else f"q_{tidy}"


def wording_of(column: ExportColumn) -> dict[str, str]:
    """Return what respondents read, in Dutch and in English: the row where there is one."""
    texts = column.row.texts if column.row is not None else column.question.texts
    found: dict[str, str] = {}
    for language, text in texts.items():
        short = language.partition("-")[0]
        if short in ("nl", "en"):
            found.setdefault(short, text or column.question.texts.get(language, ""))
    return found
