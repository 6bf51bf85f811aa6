"""What a row is: an organisation with percentages of its people, or, unless much says so, a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from si_research.survey.codebook import Codebook, Roles, Variable
from si_research.survey.drafting.answers import texts_of
from si_research.survey.drafting.columns import ColumnParts
from si_research.survey.drafting.facts import ColumnFacts
from si_research.survey.drafting.ladders import ladders_of
from si_research.survey.drafting.missing import MissingCells
from si_research.survey.drafting.names import stem_of
from si_research.survey.survey_data import RawSurvey

_NAMES_A_GROUP: Final = re.compile(
    r"\b(organi[sz]ations?|organisaties?|agency|agencies|subagency|bedrijf|bedrijfsnaam|firma?|company|employer|"
    r"institution|instelling|onderneming|ministry|ministerie|department|departement|gemeente|municipality)\b",
    re.IGNORECASE,
)
_COUNTS_PEOPLE: Final = re.compile(
    r"\b(?:(?:response|respondent|answer|ans|reply|respons|reactie)s? ?(?:count|rate|percentage|n)|anscount|"
    r"(?:number|count|n|nr|aantal) (?:of )?(?:responses|respondents|answers|respondenten|antwoorden))\b",
    re.IGNORECASE,
)
_AGGREGATE: Final = re.compile(
    r"\b(benchmark|governmentwide|average|gemiddelde|grand total|eindtotaal|all organi[sz]ations|alle "
    r"organisaties)\b",
    re.IGNORECASE,
)
_MOST_WORDS: Final = 5
_FEWEST_ROWS: Final = 10
_NEARLY_ALL: Final = 0.9
_FEWEST_FIGURES: Final = 3
_FEWEST_VALUES: Final = 12
"""Different numbers from which a column holds figures: a response format has fewer."""
_SUM: Final = (80.0, 105.0)
"""Between these lie the parts of a whole: small groups are left out of some parts, and parts are rounded."""
_USUAL_SUM: Final = 95.0


@dataclass(frozen=True, slots=True)
class Organisations:
    """Why the rows seem to be organisations.

    Attributes
    ----------
    column : str
        The column with their names; where no column has them, the one that counts their people.
    is_name : bool
        Whether it has their names.
    reason : str
    was_out : bool
        Whether the names would else have been kept out, as names of people or own words.
    """

    column: str
    is_name: bool
    reason: str
    was_out: bool = False


def organisations_in(
    raw: RawSurvey,
    facts: Mapping[str, ColumnFacts],
    missing: Mapping[str, MissingCells],
    parts: ColumnParts,
) -> tuple[Organisations | None, ColumnParts]:
    """Return why each row seems to be an organisation, or None, and the columns with their names let in.

    Two patterns count, and neither in the export of a survey tool, beside a number of each respondent, or
    beside questions answered in words. Each name of an organisation stands there once (or once a year), at
    least half of the columns with numbers hold percentages or shares of many values, and something tells that
    these are of a group: percentage signs, a count of respondents or a response rate, or a row that is a
    benchmark or average. Or shares that add up to 100 in each row stand beside a count of answers.
    """
    is_of_people = raw.facts.tool != "plain" or parts.respondent is not None
    if is_of_people or len(raw.frame) < _FEWEST_ROWS or _has_questions(facts, missing):
        return None, parts
    found = _found(raw, facts, missing)
    if found is None or found.column not in parts.kept_out:
        return found, parts
    kept_out = {name: why for name, why in parts.kept_out.items() if name != found.column}
    rest = tuple(name for name in facts if name in parts.open or name == found.column)
    return replace(found, was_out=True), replace(parts, kept_out=kept_out, open=rest)


def _has_questions(facts: Mapping[str, ColumnFacts], missing: Mapping[str, MissingCells]) -> bool:
    """Whether a column is answered in words that are degrees of something."""
    words = (
        texts_of(each, missing[name]) for name, each in facts.items() if each.n_distinct <= _FEWEST_VALUES
    )
    return any(ladders_of(texts) for texts in words if len(texts) > 2)


def _found(
    raw: RawSurvey, facts: Mapping[str, ColumnFacts], missing: Mapping[str, MissingCells]
) -> Organisations | None:
    figures = [name for name, each in facts.items() if _holds_figures(each, missing[name])]
    counts = [name for name, each in facts.items() if _says(each, _COUNTS_PEOPLE)]
    with_numbers = [each for each in facts.values() if len(each.numbers) > len(each.counts) / 2]
    name = next((name for name, each in facts.items() if _names_each_row_once(raw, facts, each)), None)
    signs = list(_signs_of_groups(facts, figures, counts, name))
    if name and signs and len(figures) >= max(_FEWEST_FIGURES, len(with_numbers) / 2):
        reason = "each of its names stands there once (or once a year), beside "
        reason += f"{len(figures)} columns of percentages"
        return Organisations(name, True, f"{reason}, and {' and '.join(signs)}")
    parts = _parts_of_a_whole(raw, facts, missing)
    if parts and counts:
        shown = f"`{parts[0]}` to `{parts[-1]}`"
        reason = f"{shown} add up to 100 in nearly every row, and this column counts the people behind them"
        return Organisations(counts[0], False, reason)
    return None


def with_unit(codebook: Codebook, found: Organisations | None, names: Mapping[str, str]) -> Codebook:
    """Return a draft whose rows are organisations, for a person to decide; unchanged without a reason."""
    name = "" if found is None else names.get(found.column, "")
    if found is None or name not in codebook.variables:
        return codebook
    said = f"each row seems to be an organisation and not a person: {found.reason}; if a row is a person, "
    said += "delete `unit: organisation`"
    was = codebook.variables[name]
    variable: Variable = was.model_copy(
        update={"confirm": False, "proposed": f"{said}; {was.proposed}", "allow_personal": found.was_out}
    )
    roles = _with_organisation(codebook.roles, name) if found.is_name else codebook.roles
    update = {"unit": "organisation", "variables": {**codebook.variables, name: variable}, "roles": roles}
    return codebook.model_copy(update=update)


def _with_organisation(roles: Roles, name: str) -> Roles:
    """Return the roles in which a column names the organisation, and no part of one."""
    parts = {"department": roles.department, "team": roles.team}
    none = {role: None for role, played in parts.items() if played == name}
    return roles.model_copy(update={"organisation": name, **none})


def _says(facts: ColumnFacts, pattern: re.Pattern[str]) -> bool:
    words = re.sub(r"[_\-.]+", " ", facts.name)
    return len(words.split()) <= _MOST_WORDS and pattern.search(words) is not None


def _holds_figures(facts: ColumnFacts, missing: MissingCells) -> bool:
    """Whether nearly all cells are numbers from 0 to 100 of more values than a response format has."""
    answers = {cell: n for cell, n in facts.numbers.items() if cell not in missing.codes}
    texts = sum(not missing.holds(cell) for cell in facts.texts)
    return (
        len(set(answers.values())) >= min(_FEWEST_VALUES, max(3, facts.n_rows // 4))
        and texts <= len(answers) / 10
        and min(answers.values()) >= 0
        and max(answers.values()) <= 100
    )


def _names_each_row_once(raw: RawSurvey, facts: Mapping[str, ColumnFacts], each: ColumnFacts) -> bool:
    if each.numbers or each.n_filled < _NEARLY_ALL * each.n_rows or not _says(each, _NAMES_A_GROUP):
        return False
    if each.n_distinct >= _NEARLY_ALL * each.n_filled:
        return True
    years = [other.name for other in facts.values() if re.fullmatch("year|jaar", other.name.strip(), re.I)]
    return any(
        len(raw.frame[[each.name, year]].drop_duplicates()) >= _NEARLY_ALL * each.n_filled for year in years
    )


def _signs_of_groups(
    facts: Mapping[str, ColumnFacts], figures: Sequence[str], counts: Sequence[str], name: str | None
) -> Iterator[str]:
    if sum(facts[each].has_percent for each in figures) > len(figures) / 2:
        yield "most carry the sign"
    if counts:
        yield f"`{counts[0]}` counts the people behind them"
    if name is not None and any(_AGGREGATE.search(text) for text in facts[name].texts):
        yield "a row holds the average of others"


def _parts_of_a_whole(
    raw: RawSurvey, facts: Mapping[str, ColumnFacts], missing: Mapping[str, MissingCells]
) -> tuple[str, ...]:
    """Return columns of one stem whose numbers add up to about 100 in nearly every row."""
    stems: dict[str, list[str]] = {}
    for name, each in facts.items():
        if _holds_figures(each, missing[name]):
            stems.setdefault(stem_of(name).stem, []).append(name)
    for stem, names in stems.items():
        if stem and len(names) >= _FEWEST_FIGURES:
            total = pd.DataFrame({name: _figures(raw, facts[name], missing[name]) for name in names})
            sums = total.dropna().sum(axis=1)
            if (
                len(sums) >= _FEWEST_ROWS
                and sums.between(*_SUM).mean() >= _NEARLY_ALL
                and (sums.median() >= _USUAL_SUM)
            ):
                return tuple(names)
    return ()


def _figures(raw: RawSurvey, facts: ColumnFacts, missing: MissingCells) -> pd.Series[Any]:
    numbers = {cell: number for cell, number in facts.numbers.items() if cell not in missing.codes}
    return raw.frame[facts.name].map(numbers).astype("float64")
