"""A codebook proposed from a raw file: formats, missing codes, scales, direction, roles, what is kept out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

import pandas as pd

from si_research.constructs import CONSTRUCTS
from si_research.survey.codebook import (
    ROLE_COLUMNS,
    Codebook,
    Item,
    MissingReason,
    ResponseFormat,
    RoleName,
    Roles,
    Scale,
    Variable,
    normalise,
)
from si_research.survey.drafting.answers import answer_codes
from si_research.survey.drafting.batteries import (
    Battery,
    at_several_times,
    batteries_of,
    perhaps_waves,
    without_times,
)
from si_research.survey.drafting.columns import role_candidates
from si_research.survey.drafting.found_in_file import FoundInFile, as_numbers, form_of, look_into
from si_research.survey.drafting.meaning import construct_of
from si_research.survey.drafting.missing import is_asked
from si_research.survey.drafting.names import (
    is_negated,
    readable_title,
    says_reversed,
    scale_name,
)
from si_research.survey.drafting.outcome import FOR_YOU, with_outcome
from si_research.survey.drafting.own_answers import said_of_own_answers
from si_research.survey.drafting.parting import parts_by_answers
from si_research.survey.drafting.reversals import (
    MOST_AT_ONCE,
    directions_nearby,
    directions_of,
    with_direction,
)
from si_research.survey.drafting.split_halves import said_of_halves, split_halves
from si_research.survey.drafting.unit import with_unit
from si_research.survey.drafting.variables import special_variable, tool_variable, variable_of
from si_research.survey.formats import BUILT_IN_FORMATS
from si_research.survey.response_format import one_line
from si_research.survey.survey_data import RawSurvey

_NEGATION_KNOWN: Final = ("nl", "en", "de")


def draft_codebook(raw: RawSurvey) -> Codebook:
    """Propose a codebook from a file: what each column seems to be, each proposal with its reason.

    Use it when there is no codebook yet; a person then decides on what is marked ``confirm: false``
    (``si-research codebook --confirm``). It looks at names, questions, labels and answers, and guesses no
    order of labels, no direction and no construct that these do not show.

    Parameters
    ----------
    raw : RawSurvey
        From :func:`read_raw`.

    Returns
    -------
    Codebook
        Valid for this file. ``proposed`` holds the reasons, ``kept_out`` the columns that enter nothing. A
        scale measures ``other`` until somebody says what it measures, except where its name is the
        construct's; and no scale is confirmed.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from pathlib import Path
    >>> from si_research.survey.reading import read_raw
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "survey.csv"
    ...     _ = path.write_text("nr;k1\\n1;mee eens\\n2;neutraal\\n3;weet niet\\n")
    ...     codebook = draft_codebook(read_raw(path))
    >>> codebook.items["k1"].format, codebook.missing_codes, codebook.roles.respondent
    ('agree_5', {'weet niet': 'does_not_know'}, 'nr')
    """
    found = look_into(raw)
    items = _items(found)
    batteries = _batteries(found)
    scales = _scales(found, items, batteries)
    items, scales = _directed(found, items, scales)
    variables, roles = _variables_and_roles(found)
    codebook = Codebook(
        title=readable_title(PurePath(raw.facts.name).stem),
        source=raw.stated,
        missing_codes=_general_codes(found),
        formats=_formats(found),
        items=items,
        variables=variables,
        scales=scales,
        roles=roles,
        kept_out=dict(found.parts.kept_out),
        attention_checks=_attention_checks(found),
        waves=found.beside.waves,
    )
    return with_unit(codebook, found.organisations, found.names)


def _column_of(found: FoundInFile, column: str) -> str | None:
    """Return what the codebook calls the column in the file; None where the name alone will do."""
    if column in found.beside.cells:
        return None
    if column in found.raw.repeated:
        return f"{column} (1)"
    return None if found.names[column] == column else column


def _columns_of(found: FoundInFile, column: str) -> dict[str, str]:
    """Return wave to column, as the codebook calls it; empty where the name says no wave."""
    repeated = found.raw.repeated
    cells = found.beside.cells.get(column, {})
    return {wave: f"{name} (1)" if name in repeated else name for wave, name in cells.items()}


def _general_codes(found: FoundInFile) -> dict[str, MissingReason]:
    """Return the words that mean no answer, in whatever column they stand."""
    words: dict[str, MissingReason] = {}
    for column in found.names:
        for cell, reason in found.missing[column].words.items():
            words.setdefault(normalise(str(cell)), reason)
    return words


def _formats(found: FoundInFile) -> dict[str, ResponseFormat]:
    return {
        each.name: each.form
        for each in found.answers.values()
        if each.form is not None and each.name not in BUILT_IN_FORMATS
    }


def _items(found: FoundInFile) -> dict[str, Item]:
    wording = f"wording_{found.language}" if found.language in ("nl", "en") else None
    items = {}
    for column, each in found.answers.items():
        facts, missing = found.facts[column], found.missing[column]
        question = facts.text or (one_line(column) if _is_in_words(found, column) else "")
        reasons = [each.reason]
        if each.descends:
            reasons.append("in the file a high code means little, so it is turned")
        in_waves = found.beside.said(column)
        if in_waves:
            reasons.append(in_waves)
        reasons.extend(said_of_own_answers(found.raw.frame, found.facts, column, missing))
        items[found.names[column]] = Item(
            column=_column_of(found, column),
            columns=_columns_of(found, column),
            format=each.name,
            reverse=each.descends,
            missing_codes=missing.codes_as_written,
            confirm=each.is_sure and not (each.descends or in_waves or is_asked(facts, missing)),
            proposed="; ".join([*reasons, *missing.said()]),
            **({wording: question} if wording and question else {}),
        )
    return items


def _is_in_words(found: FoundInFile, column: str) -> bool:
    """Whether a column is called by its question, and not by its place for want of a name to be shown."""
    return " " in column.strip() and column not in found.raw.withheld


def _batteries(found: FoundInFile) -> tuple[Battery, ...]:
    proposed = without_times(batteries_of(found.answers, found.facts, found.beside.open))
    return tuple(part for battery in proposed for part in _parted(found, battery))


def _parted(found: FoundInFile, battery: Battery) -> tuple[Battery, ...]:
    """Return a battery that no name holds together as the clusters of its answers, where these are clear."""
    if battery.stem or len(battery.columns) > MOST_AT_ONCE:
        return (battery,)
    parts = parts_by_answers(pd.DataFrame({name: as_numbers(found, name) for name in battery.columns}))
    if len(parts) == 1:
        return (battery,)
    among = f"of {battery.reason}: these {{}} hang together and hardly with the others"
    return tuple(Battery("", part, among.format(len(part))) for part in parts)


def _scales(
    found: FoundInFile, items: Mapping[str, Item], batteries: tuple[Battery, ...]
) -> dict[str, Scale]:
    again = at_several_times(batteries)
    numbered = perhaps_waves(batteries)
    halves = split_halves(found.raw.frame, {name: found.facts[name] for name in found.answers})
    scales: dict[str, Scale] = {}
    taken = {*items, *found.names.values(), *CONSTRUCTS, *ROLE_COLUMNS.values()}
    for battery in batteries:
        questions = [found.facts[column].question for column in battery.columns]
        construct, word = construct_of(battery.stem, questions)
        names = [found.names[column] for column in battery.columns]
        reasons = [battery.reason, *said_of_halves(battery.columns, halves)]
        if construct == "other":
            reasons.append(FOR_YOU)
        else:
            reasons.append(f"`{word}` says what they measure; look whether the questions do")
        if battery.stem in again:
            reasons.append(
                f"`{again[battery.stem]}` looks like the same questions at another time: keep them apart"
            )
        if battery.stem in numbered:
            reasons.append(numbered[battery.stem])
        is_free = (
            construct != "other"
            and construct not in scales
            and construct not in {*items, *found.names.values()}
        )
        name = construct if is_free else scale_name(battery.stem, names, {*taken, *scales})
        scales[name] = Scale(
            construct_name=construct, items=tuple(names), confirm=False, proposed="; ".join(reasons)
        )
    asked = {found.names[column]: found.facts[column].question for column in found.answers}
    return with_outcome(scales, asked, {*items, *found.names.values()})


def _directed(
    found: FoundInFile, items: dict[str, Item], scales: Mapping[str, Scale]
) -> tuple[dict[str, Item], dict[str, Scale]]:
    """Return the items with their direction looked at, scale by scale, and the scales with no copy of one."""
    columns = {name: column for column, name in found.names.items()}
    directed, once = dict(items), dict(scales)
    for key, scale in scales.items():
        if any(found.answers[columns[name]].shape == "words" for name in scale.items):
            continue  # a direction seen in an order that nobody knows would be made up
        table = pd.DataFrame({name: as_numbers(found, columns[name]) for name in scale.items})
        said = {
            name: words
            for name in scale.items
            if (words := says_reversed(columns[name], found.facts[columns[name]].text))
        }
        if len(scale.items) > MOST_AT_ONCE:
            directed |= {
                name: with_direction(directed[name], each)
                for name, each in directions_nearby(table, said).items()
            }
            continue
        form = form_of(found, columns[scale.items[0]])
        assert form.lowest is not None and form.highest is not None
        middle, width = (form.lowest + form.highest) / 2, form.highest - form.lowest
        directions = directions_of(table, said, middle, width, _negated(found, columns, scale))
        for name, direction in directions.items():
            directed[name] = with_direction(directed[name], direction)
        copies = {name: each.same_as for name, each in directions.items() if each.same_as is not None}
        once[key] = _without_copies(scale, copies)
    return directed, {key: scale for key, scale in once.items() if len(scale.items) > 1}


def _without_copies(scale: Scale, copies: Mapping[str, str]) -> Scale:
    if not copies:
        return scale
    out = ", ".join(f"`{copy}` is `{kept}` again" for copy, kept in copies.items())
    items = tuple(name for name in scale.items if name not in copies)
    return scale.model_copy(update={"items": items, "proposed": f"{scale.proposed}; left out: {out}"})


def _negated(found: FoundInFile, columns: Mapping[str, str], scale: Scale) -> frozenset[str] | None:
    """Return the items whose wording denies something; None without wordings in a language that is known."""
    questions = {name: found.facts[columns[name]].question for name in scale.items}
    if found.language not in _NEGATION_KNOWN or not all(" " in each.strip() for each in questions.values()):
        return None
    return frozenset(name for name, question in questions.items() if is_negated(question))


def _variables_and_roles(found: FoundInFile) -> tuple[dict[str, Variable], Roles]:
    """Return all other columns, and the parts that they seem to play."""
    roles: dict[RoleName, str] = {}
    variables: dict[str, Variable] = {}
    if found.parts.respondent is not None:
        name = found.names[found.parts.respondent]
        roles["respondent"] = name
        column = _column_of(found, found.parts.respondent)
        variables[name] = Variable(column=column, kind="identifier", proposed=found.parts.why_respondent)
    for role, column in found.parts.by_tool.items():
        roles[role] = found.names[column]
        tool, facts = found.raw.facts.tool, found.facts[column]
        variables[roles[role]] = tool_variable(role, facts, tool, _column_of(found, column))
    rest = tuple(column for column in found.beside.open if column not in found.answers)
    played = {column: role for role, column in role_candidates(rest, found.facts)}
    played = {column: role for column, role in played.items() if role not in roles}
    roles |= {role: found.names[column] for column, role in played.items()}
    for column in rest:
        variables[found.names[column]] = variable_of(
            found.facts[column],
            found.missing[column],
            column=_column_of(found, column),
            role=played.get(column),
            codes=answer_codes(found.facts[column], found.missing[column]),
        )
        if column in found.beside.cells:
            variables[found.names[column]] = _in_waves(found, column, variables[found.names[column]])
    for column, question in found.parts.special.items():
        variables[found.names[column]] = special_variable(question, _column_of(found, column))
    return variables, Roles(**roles)


def _in_waves(found: FoundInFile, column: str, variable: Variable) -> Variable:
    said = f"{variable.proposed}; {found.beside.said(column)}"
    update = {"columns": _columns_of(found, column), "confirm": False, "proposed": said}
    return variable.model_copy(update=update)


def _attention_checks(found: FoundInFile) -> dict[str, tuple[str, ...]]:
    return {
        found.names[column]: question.expected
        for column, question in found.parts.special.items()
        if question.kind == "attention_check"
    }
