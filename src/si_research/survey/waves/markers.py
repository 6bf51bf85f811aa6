"""Markers in a name that say "wave" by themselves: t1, before and after, a year, nulmeting."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

_BETWEEN: Final = r"[\s_.:\-]"
_CAMEL: Final = r"(?<=[a-z])(?=[A-Z])"
_WORDS: Final[tuple[str, ...]] = (
    "before pre pretest baseline voor voormeting beginmeting nulmeting 0_meting",
    "during mid midline tijdens tussenmeting eenmeting 1_meting",
    "after post posttest endline na nameting eindmeting tweemeting 2_meting",
    "follow_up fu later vervolgmeting driemeting 3_meting",
)
"""Words that name waves, in order of time: one line is one moment."""
_MORE_IN_CELLS: Final[tuple[str, ...]] = (
    "vooraf ervoor nul start begin aanvang",
    "tussentijds halverwege",
    "achteraf erna daarna eind einde",
)
"""Words that name waves in the cells of a column, and are too usual in names of columns."""
_NUMBERED: Final = "t|w|wave|meting|time|tijd|golf|ronde|round"


@dataclass(frozen=True, slots=True)
class Marked:
    """A name taken apart: what it is about, and in which wave; ``order`` sorts the waves in time."""

    stem: str
    wave: str
    order: float


@dataclass(frozen=True, slots=True)
class Marker:
    """One way in which names tell waves.

    Attributes
    ----------
    pattern : str
        What such a name looks like; ``{wave}`` stands for the first wave.
    shape : re.Pattern
        With the groups ``stem`` and ``wave``.
    order : Mapping of str to float
        Place in time of each wave; empty where the wave ends in its number.
    rival : re.Pattern or None
        Names of the same shape with another letter: where they exist, t and w are letters among others.
    """

    pattern: str
    shape: re.Pattern[str]
    order: Mapping[str, float]
    rival: re.Pattern[str] | None = None

    def read(self, name: str) -> Marked | None:
        """Return what a name says; None when it does not bear this marker."""
        found = self.shape.fullmatch(name.strip())
        if found is None:
            return None
        wave = re.sub(_BETWEEN, "", found["wave"]).casefold()
        return Marked(found["stem"], wave, self.order[wave] if self.order else float(re.sub(r"\D", "", wave)))

    def is_rival(self, name: str, stems: frozenset[str]) -> bool:
        """Whether a name is about one of some stems, with another letter where the wave would stand."""
        found = None if self.rival is None else self.rival.fullmatch(name.strip())
        return found is not None and found["stem"] in stems


def _last(wave: str, join: str) -> re.Pattern[str]:
    """Return the shape of a wave at the end of a name."""
    return re.compile(rf"(?P<stem>.*?[^\s_.:\-])(?:{_BETWEEN}+|\s*[(\[]|{join})(?P<wave>{wave})[)\]]?")


def _first(wave: str, join: str) -> re.Pattern[str]:
    """Return the shape of a wave at the beginning of a name."""
    return re.compile(rf"(?P<wave>{wave})(?:{_BETWEEN}+|{join})(?P<stem>[^\s_.:\-].*)")


def _any_case(words: str) -> str:
    """Return words as they may be written: before, Before, BEFORE; follow_up, Follow-up, followup."""
    forms = [form for word in words.split() for form in (word, word.capitalize(), word.upper())]
    return "|".join(form.replace("_", rf"{_BETWEEN}?") for form in sorted(forms, key=len, reverse=True))


def _markers() -> tuple[Marker, ...]:
    order = {
        word.replace("_", ""): float(place) for place, words in enumerate(_WORDS) for word in words.split()
    }
    words = _any_case(" ".join(_WORDS))
    numbered = rf"(?:{_any_case(_NUMBERED.replace('|', ' '))}){_BETWEEN}?\d{{1,2}}"
    year = r"(?:19|20)\d\d"
    letter = r"[A-Za-z]\d{1,2}"
    return (
        Marker("x_{wave}", _last(numbered, _CAMEL), {}, _last(letter, _CAMEL)),
        Marker("{wave}_x", _first(numbered, r"(?=[A-Z][a-z])"), {}, _first(letter, r"(?=[A-Z][a-z])")),
        Marker("x{wave}", re.compile(r"(?P<stem>.*[A-Za-z].*\d)(?P<wave>[tT]\d{1,2})"), {}),
        Marker("x_{wave}", _last(year, r"(?<=[A-Za-z])"), {}),
        Marker("{wave}_x", _first(year, r"(?=[A-Za-z])"), {}),
        Marker("x_{wave}", _last(words, _CAMEL), order),
        Marker("{wave}_x", _first(words, _CAMEL), order),
    )


_IN_CELLS: Final = tuple(
    frozenset(re.sub("_", "", f"{of_names} {more}").split())
    for of_names, more in zip(_WORDS, (*_MORE_IN_CELLS, ""), strict=True)
)
MARKERS: Final[tuple[Marker, ...]] = _markers()
"""All markers, in no order of preference: where two fit the same names, nothing is picked."""


def moment_of(text: str) -> float | None:
    """Return the place in time of a word for a measurement; None for any other text.

    Examples
    --------
    >>> moment_of("Voor"), moment_of("na"), moment_of("neutraal")
    (0.0, 2.0, None)
    """
    word = re.sub(_BETWEEN, "", text.strip()).casefold()
    return next((float(place) for place, words in enumerate(_IN_CELLS) if word in words), None)


def words_for_waves(texts: Collection[str], *, says_wave: bool = False) -> frozenset[str]:
    """Return the texts of a column that name a measurement: `na` beside `voor` is one, and else no answer.

    Parameters
    ----------
    texts : collection of str
        All different texts of the column.
    says_wave : bool
        Whether the column is known to hold the wave; then one text in words beside them is enough.

    Examples
    --------
    >>> sorted(words_for_waves(["voor", "na"])), sorted(words_for_waves(["voor", "tegen", "na"]))
    (['na', 'voor'], [])
    """
    found = {text: moment for text in texts if (moment := moment_of(text)) is not None}
    if len(found) == len(texts) and len(set(found.values())) > 1:
        return frozenset(found)
    others = [text for text in texts if text not in found and text.strip()]
    in_words = says_wave and others and not any(sign.isdigit() for text in others for sign in text)
    if not in_words:
        return frozenset()
    shouts = all(text.isupper() for text in others)  # a NA among small letters stems from a program
    return frozenset(text for text in found if shouts or not text.isupper())
