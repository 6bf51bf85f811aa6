"""A codebook as an XLSForm: the questions as KoboToolbox and ODK put them to people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook, ResponseFormat, Route, Variable
from si_research.survey.codebook_writer import plain_of
from si_research.survey.exchange.imported import OWN_KEY, digest_of, free_name
from si_research.survey.labels import answer_labels, label_of
from si_research.survey.listed_values import value_in_survey
from si_research.survey.reading.cells import text_of_number
from si_research.survey.whole_file import writing_whole

LANGUAGES: Final = {"nl": "Nederlands (nl)", "en": "English (en)"}
LABELS: Final = tuple(f"label::{title}" for title in LANGUAGES.values())
SURVEY: Final = ("type", "name", *LABELS, "relevant", "constraint")
CHOICES: Final = ("list_name", "name", *LABELS)
SETTINGS: Final = ("form_title", "form_id", "default_language")
_LONGEST_ID: Final = 60
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CHOICE_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """The sheets of an XLSForm: the columns of each, and its rows by column."""

    survey: list[Row]
    choices: list[Row]
    settings: list[Row]
    columns: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS}
    )

    @property
    def sheets(self) -> dict[str, list[Row]]:
        """The rows by the name of their sheet."""
        return {"survey": self.survey, "choices": self.choices, "settings": self.settings}


def write_xlsform(codebook: Codebook, path: Path | str, *, overwrite: bool = False) -> Path:
    """Write a codebook as an XLSForm, ready for KoboToolbox or ODK.

    Parameters
    ----------
    codebook : Codebook
        Items and variables become questions, in their order; roles that name a bare column become a text.
    path : path
        A name that ends in ``.xlsx``.
    overwrite : bool
        Whether a file of that name may be replaced.

    Returns
    -------
    Path
        The file. A sheet ``si_research``, which other programs pass over, holds the whole codebook.

    Raises
    ------
    SurveyDataError
        A file of that name is there; nothing is changed then.

    Notes
    -----
    What people choose is stored as the number of the answer, or the code of the category. Where such a code
    cannot be a name in a form (it has spaces), it becomes one that can.
    """
    form = form_of(codebook)
    own = {"digest": digest_of(form.sheets), "codebook": plain_of(codebook)}
    with writing_whole([Path(path)], overwrite=overwrite) as (place,):
        write_form(form, place, own)
    return Path(path)


def write_form(form: Form, path: Path, own: Mapping[str, Any] | None = None) -> None:
    """Write the sheets of a form as a workbook of texts, none of which is a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    workbook = Workbook(write_only=True)
    tables = {title: _table(form.columns[title], rows) for title, rows in form.sheets.items()}
    if own is not None:
        tables[OWN_KEY] = [[line] for line in json.dumps(own, indent=1, ensure_ascii=False).split("\n")]
    for title, rows in tables.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            cells = [WriteOnlyCell(sheet, text or None) for text in row]
            for cell, text in zip(cells, row, strict=True):
                cell.data_type = "s" if text else "n"
            sheet.append(cells)
    workbook.save(path)


def _table(columns: Sequence[str], rows: Sequence[Row]) -> list[list[str]]:
    return [list(columns), *([row.get(column, "") for column in columns] for row in rows)]


def form_of(codebook: Codebook) -> Form:
    """Return the sheets of a codebook.

    Examples
    --------
    >>> from si_research.survey.codebook import Item
    >>> codebook = Codebook(title="", items={"k1": Item(format="yes_no", wording_en="Can you?")}, scales={})
    >>> form_of(codebook).survey[0]["type"], [row["name"] for row in form_of(codebook).choices]
    ('select_one yes_no', ['0', '1'])
    """
    names = question_names(codebook)
    lists = _lists(codebook)
    survey = [
        {
            "type": _type_of(codebook, name, lists),
            "name": asked,
            **_in_languages(lambda language, name=name: label_of(codebook, name, language)),
            "relevant": _relevant(codebook, name, names),
            "constraint": _constraint(codebook, name),
        }
        for name, asked in names.items()
    ]
    choices = [row for owner, title in lists.items() for row in _choices(codebook, owner, title)]
    title = codebook.title.strip() or "survey"
    settings = {
        "form_title": title,
        "form_id": free_name(title, ())[:60],
        "default_language": LANGUAGES["nl"],
    }
    tidy = [[_without_controls(row) for row in rows] for rows in (survey, choices, [settings])]
    return Form(tidy[0], tidy[1], tidy[2])


def _without_controls(row: Row) -> Row:
    """Return a row without the control characters that no workbook holds."""
    return {column: _CONTROLS.sub("", text) for column, text in row.items()}


def question_names(codebook: Codebook) -> dict[str, str]:
    """Return the name of each question in a form: that of the codebook, unless it is a bare column."""
    given: dict[str, str] = {}
    for name in codebook.used_names:
        if not codebook.columns_of(name):  # the wave, where the file holds the waves side by side
            continue
        given[name] = free_name(name, given.values())
    return given


def _in_languages(label: Any) -> Row:
    return {f"label::{title}": label(language) for language, title in LANGUAGES.items()}


def _lists(codebook: Codebook) -> dict[str, str]:
    """Return the name of the list of each response format in use, and of each category with labels.

    The owner is ``format NAME`` or ``variable NAME``.
    """
    formats = dict.fromkeys(item.format for item in codebook.items.values())
    owners = [f"format {name}" for name in formats if codebook.known_formats[name].options]
    owners += [f"variable {name}" for name, each in codebook.variables.items() if _is_list(each)]
    lists: dict[str, str] = {}
    for owner in owners:
        lists[owner] = free_name(owner.split(" ", 1)[1], lists.values())
    return lists


def _is_list(variable: Variable) -> bool:
    return variable.kind == "category" and bool(variable.labels)


def _type_of(codebook: Codebook, name: str, lists: Mapping[str, str]) -> str:
    if name in codebook.items:
        form = codebook.format_of(name)
        if form.options:
            return f"select_one {lists[f'format {codebook.items[name].format}']}"
        return "integer" if form.whole else "decimal"
    variable = codebook.variable(name)
    if _is_list(variable):
        return f"select_one {lists[f'variable {name}']}"
    return "decimal" if variable.kind == "number" else "text"


def _constraint(codebook: Codebook, name: str) -> str:
    """Return the limits of a number as a condition."""
    entry = codebook.format_of(name) if name in codebook.items else codebook.variable(name)
    if isinstance(entry, ResponseFormat) and entry.options:
        return ""
    ends = ((">=", entry.lowest), ("<=", entry.highest))
    return " and ".join(f". {sign} {text_of_number(end)}" for sign, end in ends if end is not None)


def _choices(codebook: Codebook, owner: str, title: str) -> Iterator[Row]:
    kind, name = owner.split(" ", 1)
    if kind == "format":
        form = codebook.known_formats[name]
        by_language = {language: answer_labels(form, language) for language in LANGUAGES}
        for value in (option.value for option in form.options):
            number = text_of_number(value)
            texts = {
                language: labels.get(value, "").strip() or number for language, labels in by_language.items()
            }
            yield {"list_name": title, "name": number, **_in_languages(texts.__getitem__)}
        return
    variable = codebook.variables[name]
    for code, asked in choice_names(variable).items():
        word = variable.labels[code].strip() or code.strip() or asked
        yield {"list_name": title, "name": asked, **_in_languages(lambda _, word=word: word)}


def choice_names(variable: Variable) -> dict[str, str]:
    """Return the name of each category in a form: its code, or one that has no spaces."""
    given: dict[str, str] = {}
    for code in variable.labels:
        plain = code if _CHOICE_NAME.fullmatch(code) else re.sub(r"[^A-Za-z0-9_.-]+", "_", code)
        number, name = 1, plain
        while name in given.values() or (name != code and name in variable.labels):
            number += 1
            name = f"{plain}_{number}"
        given[code] = name
    return given


def _relevant(codebook: Codebook, name: str, names: Mapping[str, str]) -> str:
    """Return to whom a question is put: who chose one of the listed values, for every route it is on."""
    routes = [route for route in codebook.routing if name in route.items and route.variable is not None]
    parts = [_condition(codebook, route, names) for route in routes]
    return parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)


def _condition(codebook: Codebook, route: Route, names: Mapping[str, str]) -> str:
    decides = str(route.variable)
    given = {}
    if decides in codebook.variables and _is_list(codebook.variables[decides]):
        given = choice_names(codebook.variables[decides])
    values = [value_in_survey(codebook, decides, value) for value in route.values]
    return " or ".join(f"${{{names[decides]}}} = {_quoted(given.get(value, value))}" for value in values)


def _quoted(text: str) -> str:
    """Return a text for a condition, which knows two kinds of quotes and no way to escape them."""
    if "'" in text and '"' in text:
        raise SurveyDataError(
            expected="values of a route with one kind of quotes, which is what an XLSForm holds",
            found="a value with both kinds",
            where="routing",
            todo="give the category a code without quotes in the codebook",
        )
    return f'"{text}"' if "'" in text else f"'{text}'"
