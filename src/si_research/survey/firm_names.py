"""Names of firms and teams: which read as no answer, and which seem to be one name in two spellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import pandas as pd

from si_research.survey.codebook import Codebook, MissingReason, normalise, number_of
from si_research.survey.reading.reason_words import reason_in_words
from si_research.survey.survey_data import Survey, rows_in_file

_NO_NAME: Final[Mapping[MissingReason, str]] = {
    "does_not_know": "onbekend|niet bekend|unknown|not known|unbekannt|inconnu|desconocido|weiß nicht|"
    "weiss nicht|i don't know|i do not know",
    "does_not_apply": "geen|none|keine|kein|aucun|aucune|ninguno|ninguna|geen bedrijf|geen organisatie|"
    "geen werkgever|no company|no organisation|no organization|no employer|geen team|geen afdeling|no team|"
    "nicht zutreffend|niet toepasbaar|n/v/t",
    "refused": "anoniem|anonymous|anonym|geheim|prefer not to answer|rather not say|keine angabe|k.a",
    "unanswered": "leeg|empty|blank|missing|null|nan|no response|xxx",
}
"""Words that are an answer to other questions, and no name of a firm."""
_REASON_OF_NAME: Final[Mapping[str, MissingReason]] = {
    word: reason for reason, words in _NO_NAME.items() for word in words.split("|")
}
_AND: Final = re.compile(r"\s*[&+]\s*|\s+(?:en|and|und|et)\s+")
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[\W_]+(?=\d)")
_SENTINELS: Final = frozenset(
    {77, 88, 777, 888, 7777, 8888, *range(95, 100), *range(995, 1000), *range(9990, 10000)}
    | {*range(99_990, 100_000), *range(999_990, 1_000_000)}
)
"""Numbers that surveys use for no answer."""
_TIMES_APART: Final = 10
"""Usual steps between numbers by which a sentinel must lie above all others: from 1 to 99 none does."""
_SHOWN_FROM: Final = 5
"""Rows that must share a spelling before it is shown: a name that few people typed may tell who they are."""
_MOST_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way in which a name is written: how often, and the first row of the file that has it."""

    name: str
    n_rows: int
    first_row: int | None = None

    def __str__(self) -> str:
        if self.n_rows >= _SHOWN_FROM:
            return f"`{self.name}` ({self.n_rows} rows)"
        rows = "1 row" if self.n_rows == 1 else f"{self.n_rows} rows"
        first = "" if self.first_row is None else f", first in row {self.first_row}"
        return f"a spelling of {rows}{first}"


def reason_of_name(name: str) -> MissingReason | None:
    """Return why what stands where a firm should be named is no name; None for a name.

    Signs without a letter or digit are none, and neither is a negative number.

    Examples
    --------
    >>> [reason_of_name(name) for name in ("Onbekend", "?", "geen", "n.v.t.", "-", "Geen Gedoe BV")]
    ['does_not_know', 'does_not_know', 'does_not_apply', 'does_not_apply', 'unanswered', None]
    """
    word = normalise(name.strip().strip("()[]<>\"'"))
    if not any(sign.isalnum() for sign in word):
        return "does_not_know" if "?" in name else "unanswered" if name.strip() else None
    number = number_of(word)
    if number is not None and number < 0:
        return "declared_missing"
    return reason_in_words(word) or _REASON_OF_NAME.get(word)


def name_key(name: str) -> str:
    """Return the form in which two spellings of one name are the same.

    Capitals, accents, spaces and signs do not count, and `&` is *en* (*and*, *und*, *et*); between two digits
    a sign does count, because 1.1 is not 11.

    Examples
    --------
    >>> name_key("Bakker B.V."), name_key("bakker  bv"), name_key("Jansen & Zn."), name_key("Jansen en Zn")
    ('bakkerbv', 'bakkerbv', 'jansen+zn', 'jansen+zn')
    >>> name_key("1.1") == name_key("11")
    False
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    joined = _BETWEEN_DIGITS.sub("~", _AND.sub("+", bare.casefold().strip()))
    return re.sub(r"[^\w~+]|_", "", joined)


def names_without_answer(counts: Mapping[str, int], labels: Mapping[str, str]) -> dict[str, int]:
    """Return the names that read as no answer, as they are compared, each with its rows.

    A name with a label goes by its label: whoever has a firm called Geen gives it one. A number that surveys
    use for no answer is one where it lies far above the numbers of the others, or stands among words.

    Examples
    --------
    >>> names_without_answer({"1": 8, "2": 9, "29": 7, "9999": 3, "onbekend": 2}, {})
    {'9999': 3, 'onbekend': 2}
    >>> names_without_answer({"98": 8, "99": 9, "100": 7}, {})
    {}
    """
    apart = _sentinels_in(counts) - labels.keys()
    found: dict[str, int] = {}
    for name, n_rows in counts.items():
        if name in apart or reason_of_name(labels.get(name, name)) is not None:
            found[normalise(name)] = found.get(normalise(name), 0) + n_rows
    return found


def reason_without_answer(name: str, labels: Mapping[str, str]) -> MissingReason:
    """Return why one of the :func:`names_without_answer` is no name; of a number nothing more is known."""
    return reason_of_name(labels.get(name, name)) or "declared_missing"


def _sentinels_in(names: Iterable[str]) -> frozenset[str]:
    """Return the numbers among names that stand for no answer: known, and far above all other numbers."""
    there = [name for name in names if reason_of_name(name) is None]
    numbers = {name: number for name in there if (number := number_of(name)) is not None}
    others = sorted({number for number in numbers.values() if number not in _SENTINELS})
    steps = sorted(high - low for low, high in pairwise(others))
    step = max(1.0, steps[len(steps) // 2]) if steps else 1.0
    has_others = bool(others) or len(numbers) < len(there)
    lowest = others[-1] + _TIMES_APART * step if others else 0.0
    return frozenset(
        name for name, number in numbers.items() if has_others and number in _SENTINELS and number > lowest
    )


def spellings_of_one_name(spellings: list[Spelling]) -> list[tuple[Spelling, ...]]:
    """Return the names that are written in several ways, the most frequent way first."""
    groups: dict[str, list[Spelling]] = {}
    for each in spellings:
        groups.setdefault(name_key(each.name), []).append(each)
    several = (group for key, group in groups.items() if key and len(group) > 1)
    return [tuple(sorted(group, key=lambda each: (-each.n_rows, each.first_row or 0))) for group in several]


def say_no_answers(found: Mapping[str, int], labels: Mapping[str, str]) -> str:
    """Say which names read as no answer, and the missing codes that would make them none."""
    listed = ", ".join(f"`{word}` {n_rows}" for word, n_rows in found.items())
    codes = ", ".join(f'"{word}": {reason_without_answer(word, labels)}' for word in found)
    return f"{sum(found.values())} rows hold a name that reads as no answer ({listed}): `{{{codes}}}`"


def say_spellings(groups: list[tuple[Spelling, ...]]) -> str:
    """Say which names are written in several ways; what fewer than five rows hold is counted, not shown."""
    n_rows = sum(each.n_rows for group in groups for each in group)
    shown = "; ".join(", ".join(map(str, group)) for group in groups[:_MOST_SHOWN])
    more = f"; and {len(groups) - _MOST_SHOWN} more" if len(groups) > _MOST_SHOWN else ""
    n_ways = sum(map(len, groups))
    names = "1 name is" if len(groups) == 1 else f"{len(groups)} names are"
    return f"{names} perhaps written in {n_ways} ways, in {n_rows} rows: {shown}{more}"


def firms_and_teams(survey: Survey, codebook: Codebook) -> Iterator[str]:
    """Give the variables whose words name a firm or a team."""
    for name in dict.fromkeys(codebook.roles.named_units):
        if name in survey.values and survey.values[name].dtype != "float64":
            yield name


def spellings_in(survey: Survey, variable: str) -> list[Spelling]:
    """Return every name in a column, with its rows."""
    there: pd.Series[Any] = survey.values[variable].dropna()
    rows = rows_in_file(survey).loc[there.index]
    table = rows.groupby(there, sort=False).agg(["size", "min"])
    return [
        Spelling(str(name), int(n), int(first))
        for name, n, first in zip(table.index, table["size"], table["min"], strict=True)
    ]
