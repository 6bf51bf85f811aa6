"""Cells that are no answer: words that say so, and numbers that stand apart from all answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from si_research.survey.codebook import MissingReason, normalise
from si_research.survey.drafting.facts import ColumnFacts, written
from si_research.survey.reading.rules import reason_in_words
from si_research.survey.survey_data import Code

_MORE_WORDS: Final[Mapping[MissingReason, str]] = {
    "does_not_know": "weiß nicht|weiss nicht|ich weiß nicht|ich weiss nicht|keine ahnung|"
    "kann ich nicht sagen|"
    "no sé|no sabe|no se|je ne sais pas|ne sait pas|i don't know|i do not know|kann ich nicht beurteilen",
    "does_not_apply": "nicht zutreffend|nicht anwendbar|no aplica|n/v/t|niet toepasbaar|sans objet",
    "refused": "prefer not to answer|i prefer not to answer|rather not say|prefer not to disclose|"
    "liever niet zeggen|dat zeg ik liever niet|wil ik liever niet zeggen|keine angabe|k.a|ka|k. a|"
    "möchte ich nicht sagen|no contesta|no responde|sin respuesta",
    "unanswered": "no response|keine antwort|nan|null|-",
    "declared_missing": ".|#",
}
_WORDS: Final[Mapping[str, MissingReason]] = {
    word: reason for reason, words in _MORE_WORDS.items() for word in words.split("|")
}
_HIGH: Final = frozenset(
    {7.0, 8.0, 9.0, 77.0, 88.0, 96.0, 97.0, 98.0, 99.0, 777.0, 888.0, 996.0, 997.0, 998.0, 999.0}
    | {float(number) for number in (7777, 8888, *range(9990, 10000), 99998, 99999, 999998, 999999)}
)
_LOW: Final = frozenset(
    {-1.0, -2.0, -3.0, -7.0, -8.0, -9.0, -66.0, -77.0, -88.0, -95.0, -96.0, -97.0, -98.0, -99.0}
)
_FAR: Final = 0.3
"""Share of the width of all answers by which a sentinel stands apart, at least."""
_FEWEST: Final = 2
_FEWEST_ALONE: Final = 90.0
"""Size from which a number among words is a sentinel: 2 may be a group."""


@dataclass(frozen=True, slots=True)
class MissingCells:
    """What a column holds that is no answer.

    Attributes
    ----------
    words, codes : Mapping
        Texts and numbers as they stand in the file, each with its reason.
    """

    words: Mapping[Code, MissingReason] = field(default_factory=dict)
    codes: Mapping[Code, MissingReason] = field(default_factory=dict)

    def holds(self, cell: Code) -> bool:
        """Whether a cell is no answer."""
        return cell in self.words or cell in self.codes

    @property
    def codes_as_written(self) -> dict[str, MissingReason]:
        """The codes as a codebook writes them, in ascending order."""
        ordered = sorted(self.codes, key=lambda code: (isinstance(code, str), str(written(code))))
        return {written(code): self.codes[code] for code in ordered}


def reason_of_word(text: str) -> MissingReason | None:
    """Return why a word is no answer; None for any other text.

    Examples
    --------
    >>> reason_of_word("Weet niet"), reason_of_word("k.A."), reason_of_word("Mee eens")
    ('does_not_know', 'refused', None)
    """
    return reason_in_words(text) or _WORDS.get(normalise(text))


def missing_in(facts: ColumnFacts) -> MissingCells:
    """Return the cells of a column that are no answer.

    Words count wherever they stand. A number counts when it is one that surveys use for it (9, 99, 9995 to
    9999, -99 ...), occurs at least twice and stands apart from all answers. What the file itself declares
    missing needs no code: reading knows it.
    """
    words: dict[Code, MissingReason] = {
        cell: reason for cell in facts.texts if (reason := reason_of_word(str(cell))) is not None
    }
    labelled = {
        code: reason
        for code, label in facts.labels.items()
        if (reason := reason_of_word(label)) is not None and not facts.is_declared_missing(code)
    }
    return MissingCells(words, {**_sentinels(facts, frozenset(labelled)), **labelled})


def _sentinels(facts: ColumnFacts, known: frozenset[Code]) -> dict[Code, MissingReason]:
    """Return the numbers beyond all answers, above or below, that surveys use for no answer."""
    by_number: dict[float, list[Code]] = {}
    for cell, number in facts.numbers.items():
        if not facts.is_declared_missing(cell) and cell not in known:
            by_number.setdefault(number, []).append(cell)
    named = {n for n, cells in by_number.items() if any(cell in facts.labels for cell in cells)}
    has_words = len(facts.texts) > sum(reason_of_word(str(text)) is not None for text in facts.texts)
    found: dict[Code, MissingReason] = {}
    for values, side in ((_HIGH - named, 1.0), (_LOW - named, -1.0)):
        beyond = _beyond(list(by_number), values, side, has_words)
        cells = [cell for number in beyond for cell in by_number[number]]
        if sum(facts.counts[cell] for cell in cells) >= _FEWEST:
            found |= dict.fromkeys(cells, "declared_missing")
    return found


def _beyond(numbers: list[float], values: frozenset[float], side: float, has_words: bool) -> list[float]:
    """Return the longest run of sentinels at one end that stands apart from all other numbers."""
    ordered = sorted(numbers, key=lambda number: side * number)
    for place, number in enumerate(ordered):
        tail, rest = ordered[place:], ordered[:place]
        if all(each in values for each in tail) and _apart(number, rest, side, has_words):
            return tail
    return []


def _apart(number: float, rest: list[float], side: float, has_words: bool) -> bool:
    if not rest:
        return has_words and abs(number) >= _FEWEST_ALONE
    low, high = min(rest), max(rest)
    if side < 0:
        return low >= 0
    gap = number - high
    return gap >= 2 and (number < 10 or gap > _FAR * (high - low))
