"""Structures of LimeSurvey as tab-separated text: one row a part, repeated for each language."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from si_research.errors import SurveyDataError
from si_research.survey.reading.detect import RawFile, decode
from si_research.survey.reading.limesurvey_structure import (
    AnswerOption,
    Question,
    SubQuestion,
    SurveyStructure,
    structure_problem,
)

_NEEDED: Final = frozenset({"class", "type/scale", "name", "text", "language"})
_KNOWN: Final = frozenset(
    {
        "related_id", "id", "class", "type/scale", "name", "relevance", "text", "help", "language",
        "validation", "mandatory", "other", "default", "same_default",
    }
)  # fmt: skip
_Row = Mapping[str, str]


@dataclass(slots=True)
class _Draft:
    """A question while its rows come by; LimeSurvey lists it again for every language."""

    row: _Row
    group: dict[str, str]
    texts: dict[str, str] = field(default_factory=dict)
    parts: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)
    answers: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)
    worth: dict[tuple[int, str], str] = field(default_factory=dict)


@dataclass(slots=True)
class _Reading:
    """What was read so far, and of which group and question the next rows are."""

    groups: dict[int, dict[str, str]] = field(default_factory=dict)
    drafts: dict[str, _Draft] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    languages: dict[str, None] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    group: dict[str, str] = field(default_factory=dict)
    question: _Draft | None = None


def structure_in_table(name: str, content: bytes) -> SurveyStructure:
    """Return the structure in a tab-separated text.

    Raises
    ------
    SurveyDataError
        No text, or a table without the columns of a structure.
    """
    try:
        text = decode(RawFile(Path(name), "delimited", content))[0].decode()
    except SurveyDataError as error:
        raise structure_problem(name, "a file that is no text") from error
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t"))
    except csv.Error as error:
        raise structure_problem(name, "a table that cannot be cut into columns") from error
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if not set(header) >= _NEEDED:
        missing = ", ".join(sorted(_NEEDED - set(header)))
        raise structure_problem(name, f"a table without the columns {missing}")
    reading = _Reading()
    for cells in rows[1:]:
        _take(reading, dict(zip(header, cells, strict=False)))
    base = reading.settings.get("language", "")
    languages = dict.fromkeys([base] if base in reading.languages else [])
    languages |= reading.languages
    return SurveyStructure(
        name,
        reading.titles,
        tuple(languages),
        tuple(_question(code, draft) for code, draft in reading.drafts.items()),
    )


def _take(reading: _Reading, row: _Row) -> None:
    """Take up one row: a setting, a group, a question, one of its rows, or one of its answers."""
    kind, code, language = (row.get(key, "").strip() for key in ("class", "name", "language"))
    text = row.get("text", "")
    if kind == "S":
        reading.settings[code] = text.strip()
    elif kind == "SL" and code == "surveyls_title":
        reading.titles[language] = text.strip()
    elif kind == "G":
        reading.languages.setdefault(language)
        place = reading.counts[language] = reading.counts.get(language, 0) + 1
        reading.group = reading.groups.setdefault(place, {})  # the same groups, in the same order
        reading.group[language] = code
    elif kind == "Q":
        reading.languages.setdefault(language)
        reading.question = reading.drafts.setdefault(code, _Draft(row, reading.group))
        reading.question.texts[language] = text
    elif kind in ("SQ", "A") and reading.question is not None:
        key = (_whole(row.get("type/scale", "")), code)
        of = reading.question.parts if kind == "SQ" else reading.question.answers
        of.setdefault(key, {})[language] = text
        reading.question.worth.setdefault(key, row.get("assessment_value", ""))


def _question(code: str, draft: _Draft) -> Question:
    row = draft.row
    relevance = row.get("relevance", "").strip()
    return Question(
        code=code,
        type=row.get("type/scale", "").strip(),
        html=draft.texts,
        sub_questions=tuple(SubQuestion(key[1], texts, key[0]) for key, texts in draft.parts.items()),
        answers=tuple(
            AnswerOption(key[1], texts, _worth(draft.worth.get(key, "")), key[0])
            for key, texts in draft.answers.items()
        ),
        group=draft.group,
        relevance="" if relevance == "1" else relevance,
        mandatory=row.get("mandatory", "").strip() in ("Y", "S"),
        has_other=row.get("other", "").strip() == "Y",
        settings={key: value for key, value in row.items() if key not in _KNOWN and value},
    )


def _whole(text: str) -> int:
    return int(text) if text.strip().isdecimal() else 0


def _worth(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
