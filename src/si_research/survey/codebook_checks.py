"""Whether the parts of a codebook fit one another: names, columns, formats, scales, roles, codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain

from si_research.constructs import CONSTRUCTS
from si_research.survey.codebook import ROLE_COLUMNS, ROLE_NAMES, Codebook, Item, Scale, Variable
from si_research.survey.codebook_findings import Declared, Finding
from si_research.survey.codebook_question_checks import question_findings
from si_research.survey.formats import BUILT_IN_FORMATS
from si_research.survey.response_format import ResponseFormat, did_you_mean, normalise, number_of
from si_research.survey.yaml_file import Steps

__all__ = ["Declared", "Finding", "findings_in", "place_of"]


def findings_in(codebook: Codebook, declared: Declared | None = None) -> tuple[Finding, ...]:
    """Return everything in a codebook that does not fit together.

    Use it on a codebook made in Python; :func:`read_codebook` calls it for a file.

    Parameters
    ----------
    codebook : Codebook
        The parts that are valid one by one.
    declared : Declared, optional
        Names that count as known although their part could not be read.

    Returns
    -------
    tuple of Finding
        Empty when the codebook can be used.
    """
    names = declared or Declared.by(codebook)
    return tuple(
        chain(
            _formats(codebook),
            _items(codebook, names),
            _variables(codebook),
            _missing_codes(codebook),
            _columns(codebook),
            _scales(codebook, names),
            _roles(codebook),
            _score_columns(codebook),
            question_findings(codebook, names),
        )
    )


def place_of(codebook: Codebook, name: str) -> Steps:
    """Return where a codebook declares an item or variable, or the role that implies it."""
    if name in codebook.items:
        return ("items", name)
    if name in codebook.variables:
        return ("variables", name)
    for role in ROLE_NAMES:
        if codebook.variable_of_role(role) == name:
            return ("roles", role)
    part = "controls" if name in codebook.roles.controls else "covariates"
    return ("roles", part, getattr(codebook.roles, part).index(name))


def _formats(codebook: Codebook) -> Iterator[Finding]:
    for name, own in codebook.formats.items():
        if name in BUILT_IN_FORMATS:
            yield Finding(
                ("formats", name), "a name of its own", f"`{name}`, which is built in", "Rename it."
            )
        yield from _ambiguous_labels(name, own)


def _ambiguous_labels(name: str, own: ResponseFormat) -> Iterator[Finding]:
    """Labels of one format that stand for two answers, or that hide the number of another."""
    value_of: dict[str, float] = {}
    for option in own.options:
        for label in option.labels:
            tidy, number = normalise(label), number_of(label)
            taken = value_of.setdefault(tidy, option.value)
            if not tidy:
                yield Finding(("formats", name), "labels with a text", f"an empty label of {option.value:g}")
            elif taken != option.value:
                found = f"`{label}` for {taken:g} and for {option.value:g}"
                yield Finding(("formats", name), "each label for one answer", found)
            elif number is not None and number != option.value and own.holds(number):
                found = f"`{label}` as a label of {option.value:g}"
                yield Finding(("formats", name), "a label that is no other answer's number", found)


def _items(codebook: Codebook, names: Declared) -> Iterator[Finding]:
    known = codebook.known_formats
    in_scales = {item for scale in codebook.scales.values() for item in scale.items}
    for name, item in codebook.items.items():
        answers = known.get(item.format)
        if name in codebook.variables:
            yield Finding(("variables", name), "a name of its own", f"`{name}`, which is an item too")
        if answers is None:
            if names.formats is not None and item.format not in names.formats:
                expected = "a built-in format or one under `formats`"
                todo = did_you_mean(item.format, known) or f"Built in: {', '.join(BUILT_IN_FORMATS)}."
                yield Finding(("items", name, "format"), expected, f"`{item.format}`", todo)
        elif item.codes and (problem := _wrong_codes(item, answers)):
            yield Finding(("items", name, "codes"), "each answer of the format behind one number", problem)
        elif (item.reverse or name in in_scales) and (answers.lowest is None or answers.highest is None):
            why = "a reversed item" if item.reverse else "an item of a scale"
            yield Finding(
                ("items", name, "format"),
                f"a format with lowest and highest, for {why}",
                f"`{item.format}`, which leaves one open",
            )


def _wrong_codes(item: Item, answers: ResponseFormat) -> str:
    """Say what is wrong with the numbers of an export; nothing when each answer stands behind one of them."""
    numbers = [number_of(code) for code in item.codes]
    if not answers.options:
        return f"numbers for `{item.format}`, which has no closed answers"
    if None in numbers or len(set(numbers)) < len(numbers):
        return "a text, or one number twice"
    if sorted(item.codes.values()) != list(answers.values):
        missing = [f"{value:g}" for value in answers.values if value not in item.codes.values()]
        return (
            f"none for {', '.join(missing)}" if missing else "two numbers for one answer, or another answer"
        )
    return ""


def _variables(codebook: Codebook) -> Iterator[Finding]:
    for name, variable in codebook.variables.items():
        low, high = variable.lowest, variable.highest
        if variable.kind != "number" and (low is not None or high is not None):
            yield Finding(
                ("variables", name),
                "lowest and highest for a number only",
                f"kind {variable.kind}",
                "Write `kind: number`.",
            )
        elif low is not None and high is not None and low >= high:
            yield Finding(("variables", name), "a lowest value below the highest", f"{low:g} and {high:g}")
        value_of: dict[str, str] = {normalise(word): value for value, word in variable.labels.items()}
        for value, words in variable.spellings.items():
            for word in words:
                if value_of.setdefault(normalise(word), value) != value:
                    found = f"`{word}` for `{value_of[normalise(word)]}` and for `{value}`"
                    yield Finding(("variables", name, "spellings"), "each word for one value", found)


def _missing_codes(codebook: Codebook) -> Iterator[Finding]:
    """Codes that would turn real answers into missing ones, or that have two reasons."""
    sections: tuple[tuple[str, Mapping[str, Item | Variable]], ...] = (
        ("items", codebook.items),
        ("variables", codebook.variables),
    )
    yield from _two_reasons(("missing_codes",), codebook.missing_codes)
    for code in codebook.missing_codes:
        clashes = [n for _, part in sections for n, entry in part.items() if _answers(codebook, entry, code)]
        if clashes:
            more = f" and {len(clashes) - 1} more" if len(clashes) > 1 else ""
            found = f"`{code}`, which is an answer of `{clashes[0]}`{more}"
            todo = "Write the code under the items that use it."
            yield Finding(("missing_codes", code), "a code that is no answer anywhere", found, todo)
    for section, part in sections:
        for name, entry in part.items():
            yield from _two_reasons((section, name, "missing_codes"), entry.missing_codes)
            for code in entry.missing_codes:
                if _answers(codebook, entry, code):
                    steps = (section, name, "missing_codes", code)
                    yield Finding(steps, "a code that is no answer", f"`{code}`, which is one")


def _two_reasons(steps: Steps, codes: Mapping[str, str]) -> Iterator[Finding]:
    reasons: dict[str, str] = {}
    for code, reason in codes.items():
        if reasons.setdefault(normalise(code), reason) != reason:
            yield Finding((*steps, code), "one reason a code", f"`{code}` with two reasons")


def _answers(codebook: Codebook, entry: Item | Variable, code: str) -> bool:
    """Tell whether a missing code is also an answer; where a range is open, a number may be a code."""
    if isinstance(entry, Item):
        form = codebook.known_formats.get(entry.format)
        bounded = form is not None and form.lowest is not None and form.highest is not None
        return form is not None and bounded and form.value_of(code) is not None
    number = number_of(code)
    if number is None or entry.lowest is None or entry.highest is None:
        return False
    return entry.lowest <= number <= entry.highest


def _columns(codebook: Codebook) -> Iterator[Finding]:
    owner: dict[str, str] = {}
    for name in codebook.used_names:
        places = Counter(codebook.column_names(name))
        for column, times in places.items():
            first = owner.setdefault(column, name)
            if times > 1:
                expected = "a column for each wave"
                yield Finding((*place_of(codebook, name), "columns"), expected, f"`{column}` for two")
            if first != name:
                steps = place_of(codebook, name)
                todo = f"Write `{first}` here." if steps[0] == "roles" else "Name the column once."
                yield Finding(
                    steps,
                    "a column that nothing else names",
                    f"column `{column}`, already that of `{first}`",
                    todo,
                )


def _scales(codebook: Codebook, names: Declared) -> Iterator[Finding]:
    if not codebook.scales and not codebook.used_names:  # a run refuses to answer without scales, and says so
        yield Finding(("scales",), "at least one scale", "none")
    for name, scale in codebook.scales.items():
        steps: Steps = ("scales", name)
        if bool(scale.items) == (scale.score is not None):
            found = "both" if scale.items else "neither"
            yield Finding(steps, "either `items` or a `score`", found)
        yield from _scale_items(codebook, names, steps, scale)
        if scale.score is not None:
            yield from _score(codebook, names, (*steps, "score"), scale.score)
        if scale.construct_name != name and name in CONSTRUCTS:
            todo = "Rename the scale, or mend its construct."
            yield Finding(
                (*steps, "construct"),
                f"{name}, for a scale of that name",
                f"`{scale.construct_name}`",
                todo,
            )


def _scale_items(codebook: Codebook, names: Declared, steps: Steps, scale: Scale) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, item in enumerate(scale.items):
        if item in seen:
            yield Finding((*steps, "items", index), "each item once", f"`{item}` again")
        elif names.items is not None and item not in names.items:
            is_variable = item in codebook.variables
            todo = "It is a variable: write `score`." if is_variable else did_you_mean(item, names.items)
            yield Finding((*steps, "items", index), "a name under `items`", f"`{item}`", todo)
        seen.add(item)
    least = scale.min_answered
    if isinstance(least, int) and scale.items and not 1 <= least <= len(seen):
        expected = f"from 1 to {len(seen)}, the number of items"
        yield Finding((*steps, "min_answered"), expected, f"{least}")
    yield from _one_range(codebook, steps, scale)


def _one_range(codebook: Codebook, steps: Steps, scale: Scale) -> Iterator[Finding]:
    """A mean over items of 1 to 5 and items of 1 to 7 has no scale of its own."""
    known = codebook.known_formats
    formats = [known.get(codebook.items[item].format) for item in scale.items if item in codebook.items]
    ends = [(each.lowest, each.highest) for each in formats if each is not None]
    ranges = dict.fromkeys(
        f"{low:g} to {high:g}" for low, high in ends if low is not None and high is not None
    )
    if len(ranges) > 1:
        yield Finding((*steps, "items"), "items with one range", " and ".join(ranges))


def _score(codebook: Codebook, names: Declared, steps: Steps, score: str) -> Iterator[Finding]:
    variable = codebook.variables.get(score)
    if variable is None:
        if names.variables is not None and score not in names.variables:
            is_item = score in codebook.items
            todo = "It is an item: write `items`." if is_item else did_you_mean(score, names.variables)
            yield Finding(steps, "a name under `variables`", f"`{score}`", todo)
    elif variable.kind != "number":
        yield Finding(steps, "a variable of kind number", f"kind {variable.kind}", "Write `kind: number`.")
    elif variable.lowest is None or variable.highest is None:
        expected = "a variable with its lowest and highest possible value"
        yield Finding(steps, expected, f"`{score}` without", f"Write both under variables.{score}.")


_NUMBERS = ("weight", "duration", "dose")
_NAMES_SOMEONE = ("respondent", "organisation", "department", "team")
"""Roles whose values name people or firms: as a control, each name would be printed beside a figure."""


def _roles(codebook: Codebook) -> Iterator[Finding]:
    plays: dict[str, str] = {}
    for role in ROLE_NAMES:
        name = codebook.variable_of_role(role)
        if name is None:
            continue
        first = plays.setdefault(name, role)
        if first != role:
            yield Finding(("roles", role), "a variable of its own", f"`{name}`, already {first}")
        if role in _NUMBERS and _kind(codebook, name) not in ("number", None):
            yield Finding(("roles", role), "a variable of kind number", f"`{name}`", "Write `kind: number`.")
        yield from _no_variable(codebook, ("roles", role), name)
    if codebook.roles.stratum is not None and codebook.roles.assignment is None:
        found, todo = "no `assignment`", "Name the column that says who was drawn, or leave `stratum` out."
        yield Finding(("roles", "stratum"), "`assignment` beside it", found, todo)
    for part in ("controls", "covariates"):
        yield from _listed(codebook, plays, part)


def _listed(codebook: Codebook, plays: dict[str, str], part: str) -> Iterator[Finding]:
    names: tuple[str, ...] = getattr(codebook.roles, part)
    for index, name in enumerate(names):
        steps: Steps = ("roles", part, index)
        if name in names[:index]:
            yield Finding(steps, f"each {part.removesuffix('s')} once", f"`{name}` again")
        elif _kind(codebook, name) == "identifier":
            yield Finding(steps, "a number or a category", f"`{name}`, which is an identifier")
        elif plays.get(name) in _NAMES_SOMEONE:
            todo = "Its values name people or firms; firms are handled by `cluster` in the study file."
            yield Finding(steps, "a number or a category", f"`{name}`, the role {plays[name]}", todo)
        yield from _no_variable(codebook, steps, name)


def _kind(codebook: Codebook, name: str) -> str | None:
    """Return the kind of a declared variable; None for a bare column, whose kind follows its role."""
    return codebook.variables[name].kind if name in codebook.variables else None


def _no_variable(codebook: Codebook, steps: Steps, name: str) -> Iterator[Finding]:
    """A role is played by a variable or a bare column, not by a question or a score."""
    if name not in codebook.variables and (name in codebook.items or name in codebook.scales):
        what = "an item" if name in codebook.items else "a scale"
        todo = _as_variable(codebook, steps, name) or did_you_mean(name, codebook.variables)
        yield Finding(steps, "a variable or a column of the file", f"`{name}`, which is {what}", todo)


def _as_variable(codebook: Codebook, steps: Steps, name: str) -> str:
    """Say how an item that no scale holds becomes the variable that a role asks for; empty for another."""
    if name not in codebook.items or any(name in scale.items for scale in codebook.scales.values()):
        return ""
    own = {**dict.fromkeys((*_NUMBERS, "headcount"), "number"), "respondent": "identifier"}
    kind = own.get(str(steps[1]), "category")
    return (
        f"If that is the column that is meant, make it a variable: delete `{name}` under `items`, and write "
        f"it under `variables` with `kind: {kind}`."
    )


def _score_columns(codebook: Codebook) -> Iterator[Finding]:
    """Names that would give two columns of the table of scores the same name."""
    reserved = {column: role for role, column in ROLE_COLUMNS.items()}
    for name in codebook.scales:
        if name in reserved:
            yield Finding(("scales", name), "another name", f"`{name}`, the column of role {reserved[name]}")
    for name in codebook.roles.listed:
        part = "controls" if name in codebook.roles.controls else "covariates"
        steps: Steps = ("roles", part, getattr(codebook.roles, part).index(name))
        if name in codebook.scales and name in codebook.variables:
            yield Finding(steps, "another name", f"`{name}`, which is a scale too")
        role = reserved.get(name)
        if role is not None and getattr(codebook.roles, role) not in (None, name):
            yield Finding(steps, "another name", f"`{name}`, the column of role {role}")
