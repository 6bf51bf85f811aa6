"""What each column is: a question, another fact about people, or something that enters nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import pandas as pd

from si_research.privacy.cells import cells_of
from si_research.privacy.identifiers import IdentifierFinding, find_identifiers
from si_research.privacy.name_shapes import have_names_shape
from si_research.survey.codebook import RoleName
from si_research.survey.drafting.answers import texts_of
from si_research.survey.drafting.facts import ColumnFacts
from si_research.survey.drafting.missing import MissingCells, waves_in
from si_research.survey.drafting.roles import role_said_by
from si_research.survey.reading.special_questions import SpecialQuestion, special_questions
from si_research.survey.survey_data import RawSurvey, SystemRole

Part = Literal["kept_out", "respondent", "open"]
_DATE: Final = re.compile(
    r"\d{4}-\d\d?-\d\d?([ T].*)?|\d\d?[-/.]\d\d?[-/.]\d{4}([ T,].*)?|\d\d?:\d\d(:\d\d)?"
)
_MOST_CATEGORIES: Final = 30
_FEWEST_NAMES: Final = 3
_MOST_WAVES: Final = 20
_MOSTLY: Final = 0.8
_RESPONDENT_NAME: Final = re.compile(
    r"(respondent|resp|respons|response|case|person|persoon|participant|deelnemer|"
    r"proefpersoon|subject|medewerker|employee|"
    r"vpn|vp|pp|seq|subj|student)?[_ ]?(id|nr|num|number|nummer|no|code|key)?",
    re.IGNORECASE,
)
_KNOWN_ELSEWHERE: Final = frozenset({"telephone", "citizen_number", "bank_account", "name", "address"})
"""Kinds by which people are known outside the survey too."""
_OF_TOOL: Final[Mapping[RoleName, tuple[SystemRole, ...]]] = {
    "duration": ("duration",),
    "completed": ("finished", "submitted", "progress", "page"),
}


@dataclass(frozen=True, slots=True)
class ColumnParts:
    """The columns by what becomes of them.

    Attributes
    ----------
    kept_out : Mapping
        Columns that enter nothing, with the reason.
    special : Mapping
        Attention checks of which the right answer is known, and questions for consent.
    respondent : str or None
        The column that says who answered, with its reason in ``why_respondent``.
    open : tuple of str
        Columns that are questions or other facts.
    by_tool : Mapping
        The roles that columns of the survey tool play: how long somebody took, and who finished.
    """

    kept_out: Mapping[str, str]
    respondent: str | None
    why_respondent: str
    open: tuple[str, ...] = field(default=())
    special: Mapping[str, SpecialQuestion] = field(default_factory=dict)
    by_tool: Mapping[RoleName, str] = field(default_factory=dict)


def part_columns(
    raw: RawSurvey, facts: Mapping[str, ColumnFacts], missing: Mapping[str, MissingCells]
) -> ColumnParts:
    """Part the columns of a file: what enters nothing, who answered, and all others."""
    found = find_identifiers(raw.frame, texts=raw.asked, roles=raw.roles, moments=raw.moments)
    respondent, why = _respondent(raw, facts, found)
    personal = _personal(found, respondent)
    special = {each.column: each for each in special_questions(raw)}
    checks = {name: each for name, each in special.items() if each.kind == "attention_check"}
    kept_out = {
        name: f"an attention check ({each.how}): name its right answer under `attention_checks` to use it"
        for name, each in checks.items()
        if not each.expected
    }
    by_tool = {role: name for role, name in _roles_by_tool(facts).items() if name != respondent}
    for name, each in facts.items():
        if name == respondent or name in special or name in by_tool.values():
            continue
        reason = personal.get(name) or _why_out(raw, each, missing[name])
        if reason:
            kept_out[name] = reason
    rest = tuple(name for name in facts if name not in (*kept_out, *special, *by_tool.values(), respondent))
    known = {name: each for name, each in special.items() if name not in kept_out}
    return ColumnParts(
        kept_out={name: kept_out[name] for name in facts if name in kept_out},
        respondent=respondent,
        why_respondent=why,
        open=rest,
        special=known,
        by_tool=by_tool,
    )


def _roles_by_tool(facts: Mapping[str, ColumnFacts]) -> dict[RoleName, str]:
    """Return the columns with which the tool itself says how long somebody took, and who finished.

    A moment of sending in says who finished too, and is known to the reader; it stays out as an exact time.
    """
    roles: dict[RoleName, str] = {}
    for role, kinds in _OF_TOOL.items():
        filled = (
            name for kind in kinds for name, each in facts.items() if each.role == kind and each.n_filled
        )
        name = next(filled, None)
        if name is None or facts[name].role == "submitted":
            continue
        is_number = len(facts[name].numbers) == len(facts[name].counts) and facts[name].n_distinct > 1
        if role == "completed" or is_number:
            roles[role] = name
    return roles


def _personal(found: Iterable[IdentifierFinding], respondent: str | None) -> dict[str, str]:
    named: dict[str, list[str]] = {}
    for each in found:
        if each.column != respondent:
            named.setdefault(each.column, []).append(each.kind.replace("_", " "))
    return {column: f"may tell who somebody is: {', '.join(kinds)}" for column, kinds in named.items()}


def _why_out(raw: RawSurvey, facts: ColumnFacts, missing: MissingCells) -> str:
    """Say why a column enters nothing; an empty text when it may enter."""
    if facts.role is not None:
        return f"added by {raw.facts.tool}: {facts.role.replace('_', ' ')}"
    if facts.n_filled == 0:
        return "empty in every row"
    words = texts_of(facts, missing)
    if facts.name in raw.moments and role_said_by(facts) != "duration":
        return "dates or times"
    if words and all(_DATE.fullmatch(text.strip()) for text in words[:50]):
        return "dates or times"
    many = facts.n_distinct > _MOST_CATEGORIES and facts.n_distinct > facts.n_filled / 2
    if words and len(words) > len(facts.numbers) and many and not role_said_by(facts):
        return "text that hardly two people share: own words, or names"
    if not role_said_by(facts) and _are_names(facts, words):
        return "may tell who somebody is: perhaps names of people"
    if any(len(text) > 200 for text in words) and facts.n_distinct > 3:
        return "long texts: own words"
    return ""


def _are_names(facts: ColumnFacts, words: list[str]) -> bool:
    """Whether most texts have the shape of names, however few: labels are written down, names not."""
    if len(words) < _FEWEST_NAMES or facts.labels:
        return False
    shaped = have_names_shape(cells_of(pd.Series(words, dtype="str")))
    return bool(shaped.mean() >= _MOSTLY)


def _respondent(
    raw: RawSurvey, facts: Mapping[str, ColumnFacts], found: Iterable[IdentifierFinding]
) -> tuple[str | None, str]:
    """Return the column with the number of each respondent, and why; no telephone number is one."""
    elsewhere = {each.column for each in found if each.kind in _KNOWN_ELSEWHERE}
    by_tool = next((name for name, role in raw.roles.items() if role == "respondent"), None)
    if by_tool is not None:
        return by_tool, f"the number that {raw.facts.tool} gives to each response"
    for name, each in facts.items():
        unique = each.n_distinct == each.n_filled == each.n_rows and each.n_rows > 1
        if unique and name not in elsewhere and _RESPONDENT_NAME.fullmatch(name.strip() or "-"):
            return name, "a different value in each row, under a name that says who answered"
    return _respondent_of_waves(raw, {name: each for name, each in facts.items() if name not in elsewhere})


def _respondent_of_waves(raw: RawSurvey, facts: Mapping[str, ColumnFacts]) -> tuple[str | None, str]:
    """Return the column with a number that stands in several waves, and in each of them at most once."""
    waves = [
        name
        for name, each in facts.items()
        if 1 < each.n_distinct <= _MOST_WAVES and (role_said_by(each) == "wave" or waves_in(each))
    ]
    for name, each in facts.items():
        is_filled = each.n_filled == each.n_rows > each.n_distinct > 1
        if not (is_filled and name.strip() and _RESPONDENT_NAME.fullmatch(name.strip())):
            continue
        for wave in waves:
            if wave != name and not raw.frame[[name, wave]].duplicated().any():
                why = f"a name that says who answered, and each value at most once in each wave (`{wave}`)"
                return name, why
    return None, ""


def role_candidates(
    names: tuple[str, ...], facts: Mapping[str, ColumnFacts]
) -> Iterator[tuple[RoleName, str]]:
    """Give the roles that columns seem to play, each once: the column with most different values."""
    said: dict[RoleName, list[str]] = {}
    for name in names:
        role = role_said_by(facts[name])
        if role is not None and facts[name].n_distinct > 1 and _may_play(role, facts[name]):
            said.setdefault(role, []).append(name)
    for role, columns in said.items():
        yield role, max(columns, key=lambda name: facts[name].n_distinct)


def _may_play(role: RoleName, facts: ColumnFacts) -> bool:
    is_number = len(facts.numbers) == len(facts.counts)
    if role in ("weight", "duration"):
        return is_number and facts.n_distinct > 5
    return role != "wave" or facts.n_distinct <= _MOST_WAVES
