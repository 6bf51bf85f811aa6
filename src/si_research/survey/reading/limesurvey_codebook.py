"""A draft codebook out of the structure of a LimeSurvey questionnaire."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from si_research.constructs import CONSTRUCTS
from si_research.survey.codebook import (
    ChoiceQuestion,
    Codebook,
    Item,
    MissingReason,
    Option,
    ResponseFormat,
    Route,
    Scale,
    Variable,
    number_of,
)
from si_research.survey.reading.limesurvey_answers import WORDS, category_of, format_of, options_of
from si_research.survey.reading.limesurvey_columns import ExportColumn, columns_of, safe_name, wording_of
from si_research.survey.reading.limesurvey_structure import (
    SurveyStructure,
    read_structure,
)

_FIXED: Final[Mapping[str, ResponseFormat]] = {
    "points_5": ResponseFormat(options=tuple(Option(value=value) for value in range(1, 6))),
    "points_10": ResponseFormat(options=tuple(Option(value=value) for value in range(1, 11))),
    "yes_uncertain_no": ResponseFormat(
        options=(
            Option(value=1, labels=("Y", "Yes", "Ja")),
            Option(value=2, labels=("N", "No", "Nee", "Nein")),
            Option(value=3, labels=("U", "Uncertain", "Onzeker", "Unsicher")),
        )
    ),
    "increase_same_decrease": ResponseFormat(
        options=(
            Option(value=1, labels=("I", "Increase")),
            Option(value=2, labels=("S", "Same")),
            Option(value=3, labels=("D", "Decrease")),
        )
    ),
}
_WHY_SCALE: Final = "the rows of one array; what they measure, the structure does not say"
_LISTS: Final = "L!O"
_FEWEST_STEPS: Final = 3
_SIMPLE_ROUTE: Final = re.compile(r"\(*\s*(\w+?)(?:\.NAOK)?\s*==\s*[\"']?([\w-]+)[\"']?\s*\)*")


@dataclass(slots=True)
class _Draft:
    """A codebook in the making."""

    language: str
    aliases: Mapping[str, tuple[str, ...]]
    formats: dict[str, ResponseFormat] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    of_question: dict[str, list[str]] = field(default_factory=dict)
    arrays: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)


def codebook_from_structure(path: Path) -> Codebook:
    """Draft a codebook from the file of a LimeSurvey structure.

    Parameters
    ----------
    path : Path
        As for :func:`read_structure`.

    Returns
    -------
    Codebook
        As of :func:`codebook_of`.

    Raises
    ------
    SurveyDataError
        The file is no structure that can be read.
    """
    return codebook_of(read_structure(path))


def codebook_of(structure: SurveyStructure) -> Codebook:
    """Draft a codebook from a structure: what its export will hold, under any header and in any language.

    Use it as a beginning. What a scale measures, and which item is worded the other way round, is for a
    person to fill in: no structure says so.

    Parameters
    ----------
    structure : SurveyStructure
        Of the survey that was exported.

    Returns
    -------
    Codebook
        Rows of arrays, chosen options and points are items (a value is the code where codes are numbers,
        else the place in the order shown); lists are categories, or items where several share one list;
        numbers are numbers. Each carries the names that LimeSurvey gives its column. An array of two rows or
        more is a scale with the construct ``other``. Answers such as *weet niet* are missing codes.

    Notes
    -----
    Left out: free text, dates, files, results of formulas, and columns of one name under full texts get no
    alias for it.
    """
    columns = columns_of(structure)
    draft = _Draft(structure.languages[0] if structure.languages else "", _aliases(columns))
    repeated = _repeated_lists(structure)
    for column in columns:
        _add(draft, column, as_item=column.question.type not in _LISTS or column.question.code in repeated)
    title = structure.titles.get(draft.language) or next(iter(structure.titles.values()), "")
    return Codebook(
        title=title or Path(structure.name).stem,
        formats=draft.formats,
        items=draft.items,
        variables=draft.variables,
        scales=_scales(draft),
        multiple_choice=tuple(
            ChoiceQuestion(items=tuple(options)) for options in draft.options.values() if len(options) > 1
        ),
        routing=tuple(_routes(draft, structure)),
    )


def _aliases(columns: Sequence[ExportColumn]) -> dict[str, tuple[str, ...]]:
    """Return the other names of each column; a text that stands above two columns names neither."""
    counts = Counter(text for column in columns for text in {*column.joined, *column.printed})
    return {
        column.name: tuple(
            text
            for text in dict.fromkeys((*column.joined, *column.printed))
            if counts[text] == 1 and text != column.name
        )
        for column in columns
    }


def _repeated_lists(structure: SurveyStructure) -> set[str]:
    """Return the single questions that share their answers with another one: statements, not categories."""
    lists = {
        question.code: tuple((answer.code, *answer.texts.values()) for answer in question.answers)
        for question in structure.questions
        if question.type in _LISTS and not question.has_other and len(question.answers) >= _FEWEST_STEPS
    }
    counts = Counter(lists.values())
    return {code for code, answers in lists.items() if counts[answers] > 1}


def _add(draft: _Draft, column: ExportColumn, *, as_item: bool) -> None:
    """Add what a column is: an item, a variable, or nothing."""
    kind = column.kind
    name = _unused(safe_name(column.name), {*draft.items, *draft.variables})
    if kind in ("points_5", "points_10"):
        _add_item(draft, name, column, kind, _FIXED[kind])
    elif kind == "three":
        form = "yes_uncertain_no" if column.question.type == "C" else "increase_same_decrease"
        _add_item(draft, name, column, form, _FIXED[form])
    elif kind == "chosen":
        _add_item(draft, name, column, "yes_no", None)
        draft.options.setdefault(column.question.code, []).append(name)
    elif kind == "closed" and as_item and column.question.type != "R":
        options, missing = options_of(column.answers)
        if len(options) > 1:
            answers = format_of(options, column.answers)
            _add_item(draft, name, column, _name_of_format(draft, column, answers), answers, missing)
    elif kind == "closed" or column.question.type in WORDS:
        draft.variables[name] = category_of(column, draft.aliases[column.name], draft.language)
    elif kind == "number":
        draft.variables[name] = _number(draft, column)
    else:
        return
    draft.of_question.setdefault(column.question.code, []).append(name)


def _unused(name: str, taken: Iterable[str]) -> str:
    """Return a name that is not taken yet: ``a_b`` and ``a-b`` are one name here."""
    known = set(taken)
    return next(
        each for n in range(1, len(known) + 2) if (each := name if n == 1 else f"{name}_{n}") not in known
    )


def _add_item(
    draft: _Draft,
    name: str,
    column: ExportColumn,
    form_name: str,
    form: ResponseFormat | None,
    missing: Mapping[str, MissingReason] | None = None,
) -> None:
    if form is not None:
        draft.formats[form_name] = form
    draft.items[name] = Item(
        column=column.name if column.name != name else None,
        aliases=draft.aliases[column.name],
        format=form_name,
        missing_codes=dict(missing or {}),
        **{f"wording_{language}": text for language, text in wording_of(column).items()},
    )
    if column.row is not None and column.kind != "chosen" and column.question.type not in ("C", "E"):
        key = column.question.code + (f"_{column.scale + 1}" if column.question.type == "1" else "")
        draft.arrays.setdefault(key, []).append(name)


def _name_of_format(draft: _Draft, column: ExportColumn, form: ResponseFormat) -> str:
    """Return the name of the same format if there is one, else a new one after the question."""
    known = next((name for name, each in draft.formats.items() if each == form), None)
    scale = f"_{column.scale + 1}" if column.question.type == "1" else ""
    return known or _unused(f"answers_{safe_name(column.question.code)}{scale}", draft.formats)


def _number(draft: _Draft, column: ExportColumn) -> Variable:
    """Return a measured number, with its ends where the questionnaire sets both."""
    ends = _ends(column.question.settings)
    return Variable(
        column=column.name if column.name != safe_name(column.name) else None,
        aliases=draft.aliases[column.name],
        kind="number",
        lowest=ends[0] if ends else None,
        highest=ends[1] if ends else None,
        **{f"label_{language}": text for language, text in wording_of(column).items()},
    )


def _ends(settings: Mapping[str, str]) -> tuple[float, float] | None:
    """Return the lowest and highest number that the questionnaire takes; None where an end is open."""
    for low, high in (
        ("slider_min", "slider_max"),
        ("multiflexible_min", "multiflexible_max"),
        ("min_num_value_n", "max_num_value_n"),
    ):
        ends = (number_of(settings.get(low, "")), number_of(settings.get(high, "")))
        if ends[0] is not None and ends[1] is not None and ends[0] < ends[1]:
            return ends[0], ends[1]
    return None


def _scales(draft: _Draft) -> dict[str, Scale]:
    """Return one scale an array whose answers are at least three steps of one: what it measures is open."""
    scales: dict[str, Scale] = {}
    for key, items in draft.arrays.items():
        form = draft.formats[draft.items[items[0]].format]
        steps = [high - low for low, high in zip(form.values, form.values[1:], strict=False)]
        if len(items) < 2 or len(form.values) < _FEWEST_STEPS or len(set(steps)) > 1:
            continue
        name = _unused(safe_name(key), {*draft.items, *draft.variables, *scales})
        scales[name] = Scale.model_validate(
            {"construct": name if name in CONSTRUCTS else "other", "items": tuple(items)}
            | {"confirm": False, "proposed": _WHY_SCALE}
        )
    return scales


def _routes(draft: _Draft, structure: SurveyStructure) -> Iterable[Route]:
    """Give the routes whose condition is one answer to one question; a person sees to the others."""
    for question in structure.questions:
        found = _SIMPLE_ROUTE.fullmatch(question.relevance)
        asked = draft.of_question.get(question.code, [])
        if found is None or not asked:
            continue
        deciding = draft.of_question.get(found[1], [])
        if len(deciding) == 1 and found[2] in _values(draft, deciding[0]):
            yield Route(items=tuple(asked), variable=deciding[0], values=(found[2],))


def _values(draft: _Draft, name: str) -> tuple[str, ...]:
    return tuple(draft.variables[name].labels) if name in draft.variables else ()
