"""A codebook as a Table Schema (version 2): the columns of a table with types, answers, missing codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from si_research.survey.codebook import Codebook, Item, ResponseFormat, Variable
from si_research.survey.codebook_writer import plain_of
from si_research.survey.exchange.imported import OWN_KEY, digest_of
from si_research.survey.labels import answer_labels, described_columns, label_of
from si_research.survey.whole_file import writing_whole

PROFILE: Final = "https://datapackage.org/profiles/2.0/tableschema.json"


def write_table_schema(
    codebook: Codebook, path: Path | str, *, language: str = "nl", overwrite: bool = False
) -> Path:
    """Write a codebook as a Table Schema, which describes its columns to other programs.

    Parameters
    ----------
    codebook : Codebook
    path : path
        A name that ends in ``.json``.
    language : {"nl", "en"}
        Of titles and labels: the standard holds one language.
    overwrite : bool
        Whether a file of that name may be replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SurveyDataError
        A file of that name is there; nothing is changed then.

    References
    ----------
    Data Package standard, version 2: Table Schema.
    """
    path = Path(path)
    text = json.dumps(table_schema_of(codebook, language), indent=2, ensure_ascii=False) + "\n"
    with writing_whole([path], overwrite=overwrite) as (place,):
        place.write_text(text, "utf-8", newline="\n")
    return path


def table_schema_of(codebook: Codebook, language: str = "nl") -> dict[str, Any]:
    """Return the Table Schema of a codebook, ready for ``json.dumps``.

    Returns
    -------
    dict
        One field a column, in the values that a survey holds after reading. Scales, roles, the other
        language and all else that the standard has no place for stand under ``si_research``.

    Examples
    --------
    >>> codebook = Codebook(title="", items={"k1": Item(format="mark_10")}, scales={})
    >>> table_schema_of(codebook)["fields"][0]["categories"][:3]
    [1, 2, 3]
    """
    standard = {
        "$schema": PROFILE,
        "title": codebook.title,
        "fields": [
            _field(codebook, name, column, language)
            for name in codebook.used_names
            for column in described_columns(codebook, name)
        ],
        "missingValues": _missing(codebook.missing_codes),
        **_primary_key(codebook),
    }
    return {**standard, OWN_KEY: {"digest": digest_of(standard), "codebook": plain_of(codebook)}}


def _primary_key(codebook: Codebook) -> dict[str, Any]:
    """A respondent with a wave is one row; without a respondent no row has a name."""
    named = (codebook.roles.respondent, codebook.roles.wave)
    keys = [column for name in named if name for column in described_columns(codebook, name)]
    return {"primaryKey": keys} if codebook.roles.respondent is not None else {}


def _missing(codes: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"value": "", "label": "unanswered"},
        *({"value": code, "label": why} for code, why in codes.items()),
    ]


def _field(codebook: Codebook, name: str, column: str, language: str) -> dict[str, Any]:
    label = label_of(codebook, name, language)
    entry: Item | Variable = codebook.items[name] if name in codebook.items else codebook.variable(name)
    if isinstance(entry, Item):
        answers = _of_format(codebook.format_of(name), language)
    else:
        answers = _of_variable(entry)
    field = {"name": column, **({"title": label} if label != name else {}), **answers}
    answers_here = [
        code for code in codebook.missing_codes if isinstance(entry, Variable) and entry.names(code)
    ]
    if entry.missing_codes or answers_here:  # a list of a field takes the place of the general one
        general = {code: why for code, why in codebook.missing_codes.items() if code not in answers_here}
        field["missingValues"] = _missing({**general, **entry.missing_codes})
    return field


def _of_format(form: ResponseFormat, language: str) -> dict[str, Any]:
    if not form.options:
        ends = {"minimum": form.lowest, "maximum": form.highest}
        return {"type": "integer" if form.whole else "number", **_constraints(ends)}
    labels = answer_labels(form, language)
    whole = all(value.is_integer() for value in form.values)
    values = [_number(value) for value in form.values]
    named = [{"value": value, "label": labels.get(value, str(value))} for value in values]
    categories: list[Any] = [*named] if labels else [*values]
    return {"type": "integer" if whole else "number", "categories": categories, "categoriesOrdered": True}


def _of_variable(variable: Variable) -> dict[str, Any]:
    if variable.kind == "number":
        return {"type": "number", **_constraints({"minimum": variable.lowest, "maximum": variable.highest})}
    if variable.kind == "identifier" or not variable.labels:
        return {"type": "string"}
    categories = [{"value": code, "label": word} for code, word in variable.labels.items()]
    return {"type": "string", "categories": categories, "categoriesOrdered": False}


def _constraints(ends: dict[str, float | None]) -> dict[str, Any]:
    known = {end: _number(value) for end, value in ends.items() if value is not None}
    return {"constraints": known} if known else {}


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() else value
