"""An XLSForm as a codebook: exactly what was written, or what a form that others made says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from si_research.errors import SurveyDataError
from si_research.survey.codebook import normalise, number_of
from si_research.survey.exchange.imported import (
    CHANGED,
    OWN_KEY,
    ImportedCodebook,
    codebook_written,
    format_name,
    free_name,
    imported,
)
from si_research.survey.exchange.taken_over import take_over
from si_research.survey.reading.cells import text_of_number
from si_research.survey.reading.reason_words import reason_in_words

_SHEETS: Final = ("survey", "choices", "settings")
_HEADERS: Final = {
    "list name": "list_name",
    "value": "name",
    "relevance": "relevant",
    "bind::relevant": "relevant",
}
_LANGUAGE_NAMES: Final = {"nederlands": "nl", "dutch": "nl", "english": "en", "engels": "en"}
_NO_QUESTION: Final = frozenset(
    {"start", "end", "today", "deviceid", "phonenumber", "username", "email", "audit", "simserial", "note"}
)
_NUMBERS: Final = ("integer", "decimal", "range")
_LIMIT: Final = re.compile(r"\.\s*(<=|>=)\s*(-?\d+(?:\.\d+)?)")
_CHOSEN: Final = re.compile(
    r"selected\(\s*\$\{(\w+)\}\s*,\s*['\"]([^'\"]*)['\"]\s*\)"
    r"|\$\{(\w+)\}\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|(-?[\d.]+))"
)

Row = dict[str, str]


def read_xlsform(path: Path | str, *, language: str = "en") -> ImportedCodebook:
    """Read an XLSForm into a codebook.

    Parameters
    ----------
    path : path
        A workbook with the sheets survey and choices.
    language : {"nl", "en"}
        Language of labels that do not say theirs.

    Returns
    -------
    ImportedCodebook
        The codebook that was written, if ``write_xlsform`` made the file and nobody changed it. Else: a
        question with one choice out of numbered answers becomes an item, out of named ones a variable with
        labels, a number a number; simple conditions become routes. Columns of groups are found under
        ``group/name`` and ``group-name`` as well.

    Raises
    ------
    SurveyDataError
        No workbook, or no XLSForm.
    """
    path = Path(path)
    sheets = _sheets_in(path)
    own = _own_part(sheets)
    tables = {title: _rows(sheets.get(title, [])) for title in _SHEETS}
    codebook = codebook_written(own, tables)
    if codebook is not None:
        return ImportedCodebook(codebook)
    reading = _Reading(tables, language)
    changed = [CHANGED, *take_over(reading.tree, own)] if own is not None else []
    listed = [*changed, *reading.not_understood]
    return imported(reading.tree, listed, path)


def _sheets_in(path: Path) -> dict[str, list[list[str]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    expected, todo = "an XLSForm: a workbook with a sheet `survey`", "name the workbook that holds the form"
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheets = {
            name: [[_text(cell) for cell in row] for row in workbook.get_sheet_by_name(name).to_python()]
            for name in workbook.sheet_names
        }
    except (CalamineError, OSError):
        found = "something else" if path.exists() else "no file of that name"
        raise SurveyDataError(expected=expected, found=found, where=path.name, todo=todo) from None
    header = [_header(cell) for cell in next(iter(sheets.get("survey", [])), [])]
    if not {"type", "name"} <= set(header):
        found = "no sheet `survey` with the columns `type` and `name`"
        raise SurveyDataError(expected=expected, found=found, where=path.name, todo=todo)
    return sheets


def _text(cell: Any) -> str:
    return text_of_number(float(cell)) if isinstance(cell, int | float) else str(cell).strip("\r\n")


def _header(cell: str) -> str:
    tidy = " ".join(cell.split())
    return _HEADERS.get(tidy.casefold(), tidy.casefold() if "::" not in tidy else tidy)


def _rows(sheet: list[list[str]]) -> list[Row]:
    """Return the rows of a sheet by column, all columns of the header in each; blank rows left out."""
    if not sheet:
        return []
    header = [_header(cell) for cell in sheet[0]]
    rows = (dict(zip(header, row, strict=False)) for row in sheet[1:] if any(cell.strip() for cell in row))
    return [{column: text for column, text in row.items() if column} for row in rows]


def _own_part(sheets: Mapping[str, list[list[str]]]) -> Any:
    lines = [row[0] for row in sheets.get(OWN_KEY, []) if row]
    try:
        return json.loads("\n".join(lines)) if lines else None
    except ValueError:
        return {}


class _Reading:
    """Gathers the parts of a codebook from the sheets of a form, and what it could not use."""

    def __init__(self, tables: Mapping[str, list[Row]], language: str) -> None:
        settings = next(iter(tables["settings"]), {})
        default = settings.get("default_language", "")
        self.language = _language_of(default, language) if default else language
        self.not_understood: list[str] = []
        self.choices: dict[str, list[Row]] = {}
        for row in tables["choices"]:
            self.choices.setdefault(row.get("list_name", "").strip(), []).append(row)
        self.formats: dict[str, Any] = {}
        self.items: dict[str, Any] = {}
        self.variables: dict[str, Any] = {}
        self.name_of: dict[str, str] = {}
        self.groups: list[str] = []
        conditions = [(row, name) for row in tables["survey"] if (name := self._question(row)) is not None]
        self.routing = [route for row, name in conditions for route in self._routes(row, name)]
        self.tree = {
            "title": settings.get("form_title") or settings.get("title") or "Imported form",
            "formats": self.formats,
            "items": self.items,
            "variables": self.variables,
            "scales": {},
            "routing": self.routing,
        }

    def _question(self, row: Row) -> str | None:
        """Read one row; return the name of its question in the codebook."""
        words = row.get("type", "").split()
        kind, asked = (words[0].casefold() if words else ""), row.get("name", "").strip()
        if kind in ("begin_group", "begin_repeat") or words[:1] == ["begin"]:
            self.groups.append(asked)
            self.not_understood += [f"the repeated questions of {asked}"] if "repeat" in row["type"] else []
            return None
        if kind in ("end_group", "end_repeat") or (words[:1] == ["end"] and len(words) > 1):
            self.groups = self.groups[:-1]
            return None
        if not kind or not asked or kind in _NO_QUESTION:
            return None
        if kind in ("select_multiple", "rank", "calculate", "hidden", "file", "image", "audio", "video"):
            self.not_understood.append(f"{kind} {asked}")
            return None
        return self._entry(row, kind, words, asked)

    def _entry(self, row: Row, kind: str, words: list[str], asked: str) -> str:
        name = self.name_of.setdefault(asked, free_name(asked, {*self.items, *self.variables}))
        path = [*self.groups, asked]
        entry: dict[str, Any] = {} if name == asked else {"column": asked}
        entry |= {"aliases": ["/".join(path), "-".join(path)]} if self.groups else {}
        texts = self._texts(row)
        if kind.startswith("select_one") and len(words) > 1:
            chosen = self._chosen(self.choices.get(words[1], []), words[1], asked)
            if "format" in chosen:
                wordings = {f"wording_{each}": texts[each] for each in ("nl", "en") if each in texts}
                self.items[name] = entry | chosen | wordings
                return name
            entry |= chosen
        elif kind in _NUMBERS:
            entry |= {"kind": "number", **self._limits(row, asked)}
        elif kind != "text":
            self.not_understood.append(f"type {kind} of {asked}: read as text")
        labels = {f"label_{each}": texts[each] for each in ("nl", "en") if each in texts}
        self.variables[name] = entry | labels
        return name

    def _chosen(self, rows: list[Row], title: str, asked: str) -> dict[str, Any]:
        """Return what answers stand for: a response format where all have a number, else labels."""
        missing = {}
        answers = []
        for row in rows:
            code, texts = row.get("name", "").strip(), self._texts(row)
            reasons = {reason for text in texts.values() if (reason := reason_in_words(text)) is not None}
            if len(reasons) == 1 and normalise(code) not in ("", *(map(normalise, texts.values()))):
                missing[code] = reasons.pop()
            else:
                answers.append((code, texts))
        entry: dict[str, Any] = {"missing_codes": missing} if missing else {}
        numbers = [number_of(code) for code, _ in answers]
        if len(answers) > 1 and None not in numbers:
            options = [
                {"value": number, "labels": list(dict.fromkeys(texts.values()))}
                for number, (_, texts) in zip(numbers, answers, strict=True)
            ]
            return entry | {"format": format_name({"options": options}, title, self.formats)}
        if not answers:
            self.not_understood.append(f"the list {title} of {asked}")
        first = {
            code: texts.get(self.language) or next(iter(texts.values()), code) for code, texts in answers
        }
        others = {
            code: sorted({text for text in texts.values() if text != first[code]}) for code, texts in answers
        }
        spellings = {code: words for code, words in others.items() if words}
        return entry | {"labels": first} | ({"spellings": spellings} if spellings else {})

    def _texts(self, row: Row) -> dict[str, str]:
        """Return the label in each language."""
        found = {}
        for column, text in row.items():
            what, _, title = column.partition("::")
            if what.casefold() == "label" and text.strip():
                found[_language_of(title, self.language)] = text
        return found

    def _limits(self, row: Row, asked: str) -> dict[str, float]:
        condition = row.get("constraint", "").strip()
        limits: dict[str, float] = {}
        for part in re.split(r"\s+and\s+", condition) if condition else []:
            limit = _LIMIT.fullmatch(part.strip())
            if limit is None:
                self.not_understood.append(f"constraint of {asked}")
                return {}
            limits["lowest" if limit[1] == ">=" else "highest"] = float(limit[2])
        return limits

    def _routes(self, row: Row, name: str) -> Iterator[dict[str, Any]]:
        """Give the route of a question whose condition lists values of one earlier question."""
        condition = row.get("relevant", "").strip()
        if not condition:
            return
        parts = [_CHOSEN.fullmatch(part.strip()) for part in re.split(r"\s+or\s+", condition)]
        found = [(part[1] or part[3], _first(part.group(2, 4, 5, 6))) for part in parts if part]
        decides = {asked for asked, _ in found}
        if len(found) < len(parts) or len(decides) > 1 or not decides <= self.name_of.keys():
            self.not_understood.append(f"the condition of {row['name']}")
            return
        yield {
            "items": [name],
            "variable": self.name_of[decides.pop()],
            "values": [value for _, value in found],
        }


def _first(texts: Iterable[str | None]) -> str:
    return next(text for text in texts if text is not None)


def _language_of(title: str, default: str) -> str:
    code = re.search(r"\((\w+)\)\s*$", title)
    tidy = title.strip()
    return code[1].casefold() if code else _LANGUAGE_NAMES.get(tidy.casefold(), tidy or default)
