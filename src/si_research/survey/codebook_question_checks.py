"""Whether what a codebook says of the asking fits its questions: routes, waves, checks, choices."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from si_research.survey.codebook import Codebook
from si_research.survey.codebook_findings import Declared, Finding
from si_research.survey.response_format import did_you_mean, normalise, number_of
from si_research.survey.yaml_file import Steps


def question_findings(codebook: Codebook, names: Declared) -> Iterator[Finding]:
    """Give everything that does not fit in how the questions were asked.

    Parameters
    ----------
    codebook : Codebook
    names : Declared
        Names that count as known although their part could not be read.
    """
    return chain(
        _multiple_choice(codebook),
        _routing(codebook),
        _kept_out(codebook),
        _attention_checks(codebook, names),
        _waves(codebook),
    )


def _routing(codebook: Codebook) -> Iterator[Finding]:
    """Routes name what the codebook knows; an item is not routed by itself."""
    known = codebook.used_names
    for place, route in enumerate(codebook.routing):
        named = [*route.items, *([route.variable] if route.variable is not None else [])]
        for name in named:
            if name not in known:
                steps: Steps = ("routing", place)
                yield Finding(
                    steps, "items and variables of the codebook", f"`{name}`", did_you_mean(name, known)
                )
        if route.variable in route.items:
            yield Finding(("routing", place), "a variable that is asked before", f"`{route.variable}` itself")


def _kept_out(codebook: Codebook) -> Iterator[Finding]:
    """A column is used or kept out, not both."""
    for name in codebook.used_names:
        for column in codebook.column_names(name):
            if column in codebook.kept_out:
                found = f"`{column}`, the column of `{name}`"
                yield Finding(
                    ("kept_out", column), "a column that nothing uses", found, "Keep one of the two."
                )


def _attention_checks(codebook: Codebook, names: Declared) -> Iterator[Finding]:
    """Checks are questions of their own, with right answers that can be given."""
    in_scales = {item for scale in codebook.scales.values() for item in scale.items}
    for name, right in codebook.attention_checks.items():
        steps: Steps = ("attention_checks", name)
        known = (*codebook.items, *codebook.variables)
        if name not in known:
            unread = names.items is None or names.variables is None
            if not unread and name not in {*(names.items or ()), *(names.variables or ())}:
                yield Finding(steps, "an item or variable", f"`{name}`", did_you_mean(name, known))
            continue
        if not right:
            yield Finding(steps, "at least one right answer", "none")
        if name in in_scales:
            todo = "Take it out of the scale: the right answer says nothing about its construct."
            yield Finding(steps, "a question of its own", f"`{name}`, an item of a scale", todo)
        for answer in right:
            if not _can_be_given(codebook, name, answer):
                yield Finding(steps, f"an answer to `{name}`", f"`{answer}`")


def _can_be_given(codebook: Codebook, name: str, answer: str) -> bool:
    """Tell whether an answer occurs: of a response format, of the labels of a category, or any number."""
    if name in codebook.items:
        form = codebook.known_formats.get(codebook.items[name].format)
        return form is None or form.value_of(answer) is not None
    variable = codebook.variables[name]
    if variable.kind == "number":
        return number_of(answer) is not None
    words = {normalise(word) for word in (*variable.labels, *variable.labels.values())}
    return not words or normalise(answer) in words


def _waves(codebook: Codebook) -> Iterator[Finding]:
    """Waves that stand side by side: two or more, each known, told apart by no column of the file."""
    order, name = codebook.wave_order, codebook.variable_of_role("wave")
    if codebook.waves and not order:
        yield Finding(("waves",), "items or variables with `columns`, one a wave", "none")
    if not order or name is None:
        return
    if len(order) < 2:
        yield Finding(("waves",), "two waves or more in `columns`", f"only `{order[0]}`")
    yield from _wave_names(codebook)
    entry = codebook.variables.get(name)
    if entry is not None and (entry.column is not None or entry.aliases or entry.columns):
        todo = "Leave out its column: each column of `columns` already belongs to a wave."
        yield Finding(("variables", name), "a wave without a column of its own", "one with a column", todo)
    elif codebook.roles.wave is None and name in {*codebook.items, *codebook.scales}:
        yield Finding(("roles", "wave"), f"another name than `{name}` for an item or scale", f"`{name}`")


def _wave_names(codebook: Codebook) -> Iterator[Finding]:
    """With a list of waves, it is complete and nothing in it is idle."""
    listed, used = codebook.waves, set[str]()
    for section, part in (("items", codebook.items), ("variables", codebook.variables)):
        for name, entry in part.items():
            used |= set(entry.columns)
            for wave in entry.columns:
                if listed and wave not in listed:
                    steps: Steps = (section, name, "columns", wave)
                    yield Finding(steps, "a wave listed in `waves`", f"`{wave}`", did_you_mean(wave, listed))
    for place, wave in enumerate(listed):
        if wave not in used:
            todo = did_you_mean(wave, used) or "Leave it out."
            yield Finding(("waves", place), "a wave that `columns` name", f"`{wave}`", todo)
        elif wave in listed[:place]:
            yield Finding(("waves", place), "each wave once", f"`{wave}` again")


def _multiple_choice(codebook: Codebook) -> Iterator[Finding]:
    """Options are items answered no or yes, each of one question."""
    seen: set[str] = set()
    for place, question in enumerate(codebook.multiple_choice):
        steps: Steps = ("multiple_choice", place)
        for name in (*question.items, *question.also):
            if name not in codebook.used_names:
                yield Finding(steps, "items and variables of the codebook", f"`{name}`")
        for name in question.items:
            form = codebook.known_formats.get(codebook.items[name].format) if name in codebook.items else None
            if form is not None and form.values != (0.0, 1.0):
                yield Finding(steps, "items with the values 0 and 1", f"`{name}`", "Write `format: yes_no`.")
            if name in seen:
                yield Finding(steps, "each option in one question", f"`{name}` again")
            seen.add(name)
