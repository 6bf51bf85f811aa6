"""A Table Schema as a codebook: exactly what was written, or what another program's schema says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from si_research.errors import SurveyDataError
from si_research.survey.codebook import MissingReason, number_of
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

_READ: Final = {"name", "title", "description", "type", "categories", "categoriesOrdered", "missingValues"}
_ALSO_READ: Final = {"constraints", "format"}
_OF_SCHEMA: Final = {"$schema", "title", "name", "fields", "missingValues", "primaryKey", "fieldsMatch"}
_NUMBERS: Final = ("integer", "number")
_TEXTS: Final = ("string", "any", "boolean", "year")


def read_table_schema(path: Path | str, *, language: str = "en") -> ImportedCodebook:
    """Read a Table Schema (version 1 or 2) into a codebook.

    Parameters
    ----------
    path : path
        A JSON file with ``fields``; a schema inside a data package counts as well when it has one table.
    language : {"nl", "en"}
        Language of the titles in a schema that others wrote.

    Returns
    -------
    ImportedCodebook
        The codebook that was written, if ``write_table_schema`` made the file and nobody changed it. Else:
        ordered and numbered categories become items with a response format, other categories a variable with
        labels, numbers a number, a primary key of one field the respondent.

    Raises
    ------
    SurveyDataError
        No JSON, or no Table Schema.
    """
    path = Path(path)
    schema = _schema_in(path)
    own = schema.get(OWN_KEY)
    codebook = codebook_written(own, {key: part for key, part in schema.items() if key != OWN_KEY})
    if codebook is not None:
        return ImportedCodebook(codebook)
    reading = _Reading(language)
    reading.read(schema)
    changed = [CHANGED, *take_over(reading.tree, own)] if own is not None else []
    listed = [*changed, *reading.not_understood]
    return imported(reading.tree, listed, path)


def _schema_in(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise _no_schema(path, "no file of that name", "check the name and the folder") from None
    except (OSError, ValueError, RecursionError):
        raise _no_schema(path, "a file that is no JSON in UTF-8", "name the .json file") from None
    if isinstance(found, dict) and isinstance(found.get("resources"), list) and len(found["resources"]) == 1:
        found = found["resources"][0]
    if isinstance(found, dict) and isinstance(found.get("schema"), dict):
        found = found["schema"]
    fields = found.get("fields") if isinstance(found, dict) else None
    if not isinstance(fields, list) or not all(
        isinstance(f, dict) and isinstance(f.get("name"), str) for f in fields
    ):
        raise _no_schema(
            path, "no list of `fields` with a name each", "name the file that holds the schema of a table"
        )
    return found  # type: ignore[no-any-return]


def _is_named(field: Any) -> bool:
    return isinstance(field, dict) and isinstance(field.get("name"), str)


def _no_schema(path: Path, found: str, todo: str) -> SurveyDataError:
    return SurveyDataError(expected="a Table Schema", found=found, where=path.name, todo=todo)


class _Reading:
    """Gathers the parts of a codebook from the fields of a schema, and what it could not use."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.not_understood: list[str] = []
        self.formats: dict[str, Any] = {}
        self.items: dict[str, Any] = {}
        self.variables: dict[str, Any] = {}
        self.tree: dict[str, Any] = {}

    def read(self, schema: Mapping[str, Any]) -> None:
        """Read the whole schema."""
        for key in schema.keys() - _OF_SCHEMA - {OWN_KEY}:
            self.not_understood.append(f"{key} of the schema")
        general = dict(self._missing(schema.get("missingValues", []), "the schema"))
        for field in schema["fields"]:
            self._read_field(field, general)
        keys = schema.get("primaryKey", [])
        keys = [keys] if isinstance(keys, str) else keys
        roles = {}
        columns = {entry.get("column", name): name for name, entry in self.variables.items()}
        if len(keys) == 1 and keys[0] in columns:
            roles["respondent"] = columns[keys[0]]
            self.variables[columns[keys[0]]]["kind"] = "identifier"
        elif keys:
            self.not_understood.append(f"a primary key of {len(keys)} fields")
        self.tree = {
            "title": str(schema.get("title") or schema.get("name") or "Imported codebook"),
            "missing_codes": general,
            "formats": self.formats,
            "items": self.items,
            "variables": self.variables,
            "scales": {},
            "roles": roles,
        }

    def _read_field(self, field: Mapping[str, Any], general: Mapping[str, str]) -> None:
        column = field["name"]
        name = free_name(column, {*self.items, *self.variables})
        for key in field.keys() - _READ - _ALSO_READ - {OWN_KEY}:
            self.not_understood.append(f"{key} of {column}")
        entry: dict[str, Any] = {} if name == column else {"column": column}
        codes = dict(self._missing(field.get("missingValues", []), column))
        own = {code: why for code, why in codes.items() if general.get(code) != why}
        entry |= {"missing_codes": own} if own else {}
        text = str(field.get("title") or field.get("description") or "")
        categories = list(self._categories(field, {*general, *codes}))
        numbers = [number_of(value) for value, _ in categories]
        is_numbered = len(categories) > 1 and None not in numbers and field.get("type") in _NUMBERS
        if is_numbered or (len(categories) > 1 and field.get("categoriesOrdered")):
            values = numbers if is_numbered else range(1, len(categories) + 1)
            options = [
                {"value": value, "labels": [label] if label else []}
                for value, (_, label) in zip(values, categories, strict=True)
            ]
            if not is_numbered:
                self.not_understood.append(f"the numbers of the ordered texts of {column}: counted from 1")
            entry["format"] = format_name({"options": options}, name, self.formats)
            self.items[name] = entry | ({f"wording_{self.language}": text} if text else {})
            return
        self.variables[name] = entry | self._variable(field, categories, column)
        self.variables[name] |= {f"label_{self.language}": text} if text else {}

    def _variable(
        self, field: Mapping[str, Any], categories: list[tuple[str, str]], column: str
    ) -> dict[str, Any]:
        constraints = field.get("constraints")
        constraints = constraints if isinstance(constraints, Mapping) else {}
        kind = field.get("type", "string")
        if kind in _NUMBERS and not categories:
            ends = {"lowest": constraints.get("minimum"), "highest": constraints.get("maximum")}
            self._list_constraints(constraints.keys() - {"minimum", "maximum", "required"}, column)
            known = {end: float(value) for end, value in ends.items() if isinstance(value, int | float)}
            return {"kind": "number", **known}
        self._list_constraints(constraints.keys() - {"required", "enum"}, column)
        if kind not in (*_NUMBERS, *_TEXTS):
            self.not_understood.append(f"type {kind} of {column}: read as text")
        return {"labels": {value: label or value for value, label in categories}} if categories else {}

    def _list_constraints(self, names: set[str], column: str) -> None:
        self.not_understood.extend(f"constraint {name} of {column}" for name in sorted(names))

    def _categories(self, field: Mapping[str, Any], missing: set[str]) -> Iterator[tuple[str, str]]:
        """Give value and label of each category that is an answer."""
        constraints = field.get("constraints")
        enum = constraints.get("enum", []) if isinstance(constraints, Mapping) else []
        found = field.get("categories") or enum
        if not isinstance(found, list):
            self.not_understood.append(f"categories of {field['name']}")
            return
        for each in found:
            is_pair = isinstance(each, Mapping)
            value = _text(each.get("value") if is_pair else each)
            if value not in missing:
                yield value, str(each.get("label") or "") if is_pair else ("" if _is_number(each) else value)

    def _missing(self, values: Any, where: str) -> Iterator[tuple[str, MissingReason]]:
        """Give each code that is no answer with its reason; an empty cell needs none."""
        for each in values if isinstance(values, list) else []:
            is_pair = isinstance(each, Mapping)
            code, label = (
                _text(each.get("value") if is_pair else each),
                each.get("label") if is_pair else None,
            )
            if not code.strip():
                continue
            reason = label if label in get_args(MissingReason) else reason_in_words(str(label or code))
            if reason is None:
                self.not_understood.append(f"why {code} is missing in {where}: declared_missing")
            yield code, reason or "declared_missing"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return text_of_number(value) if isinstance(value, float) else str(value)
