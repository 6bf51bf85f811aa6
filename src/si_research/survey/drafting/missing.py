"""Cells that are no answer: words that say so, and numbers that stand apart from all answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from si_research.survey.codebook import MissingReason, normalise
from si_research.survey.drafting.facts import ColumnFacts, written
from si_research.survey.drafting.names import Stem, stem_of
from si_research.survey.drafting.roles import role_said_by
from si_research.survey.reading.reason_words import reason_in_words
from si_research.survey.survey_data import Code
from si_research.survey.waves.markers import moment_of, words_for_waves

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
_SMALL: Final = 10.0
"""Number below which a sentinel may be the next step of a scale but one."""
_TIMES: Final = 1.5
_NEVER_BELOW: Final = -66.0
_FAR_BEYOND: Final = 3.0
"""Times the largest answer from which a sentinel that occurs once is one."""
_FEWEST_ALONE: Final = 90.0
"""Size from which a number among words is a sentinel: 2 may be a group."""


@dataclass(frozen=True, slots=True)
class MissingCells:
    """What a column holds that is no answer.

    Attributes
    ----------
    words, codes : Mapping
        Texts and numbers as they stand in the file, each with its reason.
    doubtful : tuple
        Numbers that surveys use for no answer and that may as well be answers: kept, for a person to decide.
    """

    words: Mapping[Code, MissingReason] = field(default_factory=dict)
    codes: Mapping[Code, MissingReason] = field(default_factory=dict)
    doubtful: tuple[Code, ...] = ()

    def holds(self, cell: Code) -> bool:
        """Whether a cell is no answer."""
        return cell in self.words or cell in self.codes

    @property
    def codes_as_written(self) -> dict[str, MissingReason]:
        """The codes as a codebook writes them, in ascending order."""
        ordered = sorted(self.codes, key=lambda code: (isinstance(code, str), str(written(code))))
        return {written(code): self.codes[code] for code in ordered}

    def said(self) -> list[str]:
        """What a person has to know of these numbers."""
        codes = self.codes_as_written
        kept = ", ".join(map(written, self.doubtful))
        return [
            *([f"{', '.join(codes)} stand apart from the answers"] if codes else []),
            *([f"{kept} may be answers or codes for no answer, and are kept as answers"] if kept else []),
        ]


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

    Words count wherever they stand, but for the names of waves (`na` beside `voor`).
    A number counts when it is one that surveys use for it (9, 99, 9995 to
    9999, -99 ...), stands clearly apart from all answers,
    and occurs at least twice or cannot be an answer. A 7 where nobody chose 6
    is an answer, and so are the negative numbers of a scale around 0: these are doubtful. What the file
    itself declares missing needs no code: reading knows it.
    """
    waves = waves_in(facts)
    words: dict[Code, MissingReason] = {
        cell: reason
        for cell in facts.texts
        if cell not in waves and (reason := reason_of_word(str(cell))) is not None
    }
    labelled = {
        code: reason
        for code, label in facts.labels.items()
        if (reason := reason_of_word(label)) is not None and not facts.is_declared_missing(code)
    }
    sentinels, doubtful = _sentinels(facts, frozenset(labelled))
    return MissingCells(words, {**sentinels, **labelled}, doubtful)


def waves_in(facts: ColumnFacts) -> frozenset[str]:
    """Return the texts of a column that name a wave, where it holds waves."""
    if facts.numbers or facts.labels:
        return frozenset()
    texts = [text for text in facts.texts if moment_of(text) is not None or reason_of_word(text) is None]
    return words_for_waves(texts, says_wave=role_said_by(facts) == "wave")


def missing_by_column(facts: Mapping[str, ColumnFacts]) -> dict[str, MissingCells]:
    """Return the cells of each column that are no answer, the columns of one stem held against one another.

    Where one of them holds a small number as an answer, it is one in the others too.
    """
    found = {name: missing_in(each) for name, each in facts.items()}
    alike: dict[Stem, list[str]] = {}
    for name in facts:
        stem = stem_of(name)
        if stem.stem:
            alike.setdefault(stem, []).append(name)
    for group in alike.values():
        answers: set[float] = set()
        for name in group:
            codes = found[name].codes
            answers |= {n for cell, n in facts[name].numbers.items() if cell not in codes and abs(n) < _SMALL}
        for name in group:
            shared = {cell for cell in found[name].codes if facts[name].numbers.get(cell) in answers}
            if shared and not facts[name].labels:
                found[name] = _kept(found[name], shared)
    return found


def _kept(missing: MissingCells, cells: Collection[Code]) -> MissingCells:
    codes = {cell: reason for cell, reason in missing.codes.items() if cell not in cells}
    return MissingCells(missing.words, codes, (*missing.doubtful, *cells))


def _sentinels(
    facts: ColumnFacts, known: frozenset[Code]
) -> tuple[dict[Code, MissingReason], tuple[Code, ...]]:
    """Return the numbers beyond all answers that surveys use for no answer, and those that may be either."""
    by_number: dict[float, list[Code]] = {}
    for cell, number in facts.numbers.items():
        if not facts.is_declared_missing(cell) and cell not in known:
            by_number.setdefault(number, []).append(cell)
    named = {n for n, cells in by_number.items() if any(cell in facts.labels for cell in cells)}
    has_words = len(facts.texts) > sum(reason_of_word(str(text)) is not None for text in facts.texts)
    found: dict[Code, MissingReason] = {}
    doubtful: list[Code] = []
    for values, side in ((_HIGH - named, 1.0), (_LOW - named, -1.0)):
        left = (number for number, cells in by_number.items() if found.keys().isdisjoint(cells))
        ordered = sorted(left, reverse=side < 0)
        clear = _tail(ordered, values, partial(_stands_apart, side=side, has_words=has_words))
        cells = [cell for number in ordered[clear:] for cell in by_number[number]]
        counted = sum(facts.counts[cell] for cell in cells)
        if counted >= _FEWEST or (counted and _says_it_once(ordered[clear], ordered[:clear])):
            found |= dict.fromkeys(cells, "declared_missing")
            ordered = ordered[:clear]
        unclear = _tail(ordered, values, partial(_may_stand_apart, side=side))
        doubtful.extend(cell for number in ordered[unclear:] for cell in by_number[number])
    return found, tuple(doubtful)


def _tail(
    ordered: Sequence[float],
    values: Collection[float],
    apart: Callable[[Sequence[float], Sequence[float]], bool],
) -> int:
    """Return where the longest run of sentinels at the end of the numbers begins that stands apart."""
    for place in range(len(ordered)):
        if all(each in values for each in ordered[place:]) and apart(ordered[place:], ordered[:place]):
            return place
    return len(ordered)


def _stands_apart(tail: Sequence[float], rest: Sequence[float], side: float, has_words: bool) -> bool:
    number = tail[0]
    if not rest:
        return has_words and abs(number) >= _FEWEST_ALONE
    low, high = min(rest), max(rest)
    if side < 0:
        is_around_0 = len(tail) > 1 and {-each for each in tail} == {*rest} - {0.0}
        if is_around_0:
            return False
        return low >= 0 and low - number >= 2 and (high < _SMALL + 1 or low - number > _FAR * (high - low))
    gap = number - high
    return gap > 2 if number < _SMALL else gap > _FAR * (high - low) and gap >= 2


def _says_it_once(number: float, rest: Sequence[float]) -> bool:
    """Whether a number cannot be an answer even when one person has it: a 999 among ages, a -99."""
    return bool(rest) and (number <= _NEVER_BELOW or number >= max(99.0, _FAR_BEYOND * max(rest)))


def _may_stand_apart(tail: Sequence[float], rest: Sequence[float], side: float) -> bool:
    if not rest:
        return False
    number = tail[0]
    if side < 0:
        return min(rest) >= 0
    return number - max(rest) >= 2 and (number < _SMALL or number > _TIMES * max(rest))


def is_asked(facts: ColumnFacts, missing: MissingCells) -> bool:
    """Whether numbers are, or may be, no answer without a label of the file that says so."""
    return bool(missing.doubtful) or any(code not in facts.labels for code in missing.codes)
