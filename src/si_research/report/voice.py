"""A language of the report: its phrases, and how it writes numbers. Phrases stand in ``locale/``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

from si_research.errors import ModelSpecificationError
from si_research.privacy.profiles import people_in_force, profile_in_force, told_people

Language = Literal["nl", "en"]
LANGUAGES: Final[tuple[str, ...]] = get_args(Language)
MINUS: Final = "\N{MINUS SIGN}"
MOST_DIGITS: Final = 7
MANY_DF: Final = 30
WHOLE: Final = frozenset({"number", "draws", "folds", "runs", "n_items", "columns", "needed"})
"""Values of phrases that are numbers, and not of people."""
MARKED: Final = re.compile(r"(?<![\w)])\*([Kk]unnen|[Ww]illen|[Mm]ogen)\*")
"""The Dutch terms of the model, as they are marked in phrases and labels.

The asterisks of a formula (``kunnen*willen*mogen``) follow upon a name, and are none of these marks."""
NAMED: Final = re.compile(r"`([^`\s][^`]*)`")
"""The name of a column, as it is marked in phrases."""


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """The phrases and numbers of one language. Made by :func:`voice`.

    Attributes
    ----------
    language : {"nl", "en"}
    phrases : Mapping
        The locale file, as nested mappings of text.

    Examples
    --------
    >>> dutch = voice("nl")
    >>> dutch.number(-1234.5), dutch.bounded(0.851), dutch.p_value(0.0002), dutch.percent(0.423)
    ('−1.234,50', ',85', 'p < ,001', '42%')
    >>> voice("en").listed(["a", "b", "c"])
    'a, b and c'
    """

    language: Language
    phrases: Mapping[str, Any] = field(repr=False)

    def say(self, key: str, **values: object) -> str:
        """Return a phrase with its values filled in.

        Parameters
        ----------
        key : str
            Path in the locale file, such as ``"answer.no_sign"``.
        **values
            Texts that are ready to be shown; an int is written with its thousands. With ``count``,
            a phrase that has the forms ``one`` and ``other`` takes the one that fits.

        Raises
        ------
        KeyError
            The locale file has no such phrase, or the phrase needs a value that is not given.
        """
        phrase = self._found(key)
        if isinstance(phrase, Mapping):
            phrase = phrase["one" if values.get("count") == 1 else "other"]
        shown = {
            name: self._whole_or_people(name, value) if isinstance(value, int) else value
            for name, value in values.items()
        }
        return str(phrase).format_map(self._cell() | shown)

    def _cell(self) -> dict[str, object]:
        """Return how phrases name the smallest group of which anything is told."""
        cell, numbers = str(profile_in_force().smallest_cell), self.phrases["numbers"]
        return {
            "cell": numbers["cells"][cell],
            "below_cell": numbers["below_cells"][cell],
            "cell_number": cell,
        }

    def has(self, key: str) -> bool:
        """Whether the locale file has a phrase."""
        try:
            self._found(key)
        except KeyError:
            return False
        return True

    def _found(self, key: str) -> Any:
        phrase: Any = self.phrases
        for part in key.split("."):
            if not isinstance(phrase, Mapping) or part not in phrase:
                raise KeyError(f"no phrase {key!r} in locale/{self.language}.yml")
            phrase = phrase[part]
        return phrase

    def number(self, value: float, digits: int = 2) -> str:
        """Return a number with a fixed number of decimals; a dash where there is none."""
        if not math.isfinite(value):
            return str(self.phrases["numbers"]["none"])
        text = f"{abs(value):,.{digits}f}"
        negative = value < 0 and float(text.replace(",", "")) != 0
        marks = {",": self.phrases["numbers"]["thousands"], ".": self.phrases["numbers"]["decimal"]}
        return (MINUS if negative else "") + "".join(marks.get(sign, sign) for sign in text)

    def bounded(self, value: float, digits: int = 2) -> str:
        """Return a number that cannot pass 1 (a correlation, alpha, R²) without its leading zero.

        To two places in a publication: R² to three, beside F, would tell how many people there are.
        """
        return self._without_zero(value, min(digits, 2) if profile_in_force().is_coarse else digits)

    def _without_zero(self, value: float, digits: int) -> str:
        text = self.number(value, digits)
        decimal = self.phrases["numbers"]["decimal"]
        return re.sub(rf"^({MINUS}?)0(?={re.escape(decimal)})", r"\1", text)

    def _whole_or_people(self, name: str, value: int) -> str:
        return self.whole(value) if name in WHOLE else self.count(value)

    def count(self, value: float) -> str:
        """Return a number of people with its thousands; rounded in a publication.

        Numbers under the smallest cell stay: whoever tells of people asks ``is_small`` first.
        """
        profile = profile_in_force()
        tells = profile.is_coarse and math.isfinite(value) and value >= profile.smallest_cell
        return self.number(told_people(value) if tells else value, 0)

    def people(self, n: float) -> str:
        """Return a number of people that is always told, and in a publication only of enough of them."""
        profile = profile_in_force()
        hides = profile.is_coarse and 0 < n < profile.smallest_cell
        return self.say("numbers.few") if hides else self.count(n)

    def ordinal(self, place: int) -> str:
        """Return a place such as ``1st`` or ``99th``."""
        endings = self.phrases["numbers"]["ordinals"]
        return f"{place}{endings.get(str(place), endings['other'])}"

    def whole(self, value: float) -> str:
        """Return a whole number that is no number of people, with its thousands."""
        return self.number(value, 0)

    def df(self, value: float, digits: int = 0) -> str:
        """Return degrees of freedom; a publication tells no more than that they are many.

        Exact ones, beside a rounded number of people, would tell how many there are.
        """
        if profile_in_force().is_coarse and math.isfinite(value):
            return f"> {MANY_DF}" if value > MANY_DF else self.number(math.nan)
        return self.number(value, digits)

    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share of people as a percentage; in whole steps in a publication."""
        profile = profile_in_force()
        if profile.is_coarse and math.isfinite(share):
            step = profile.share_step(people_in_force())
            share, digits = round(share / step) * step, 0
        return self.rate(share, digits)

    def rate(self, share: float, digits: int = 0) -> str:
        """Return a share that is none of people (explained variance, a chance) as a percentage."""
        return self.number(100 * share, digits) + "%" if math.isfinite(share) else self.number(share)

    def level(self, conf_level: float) -> str:
        """Return a confidence level as ``95%``, with decimals only where it has them."""
        return self.rate(conf_level, 0 if round(100 * conf_level, 6) % 1 == 0 else 1)

    def p_value(self, p: float, *, bare: bool = False) -> str:
        """Return ``p = .012`` or ``p < .001``; bare, for a column headed *p*, ``.012`` or ``< .001``."""
        if not math.isfinite(p):
            return self.number(p)
        sign, shown = ("<", 0.001) if p < 0.001 else (">", 0.999) if p > 0.999 else ("=", p)
        text = self._without_zero(shown, 3)
        if bare:
            return text if sign == "=" else f"{sign} {text}"
        return f"p {sign} {text}"

    def interval(self, low: float, high: float, *, digits: int = 2, bounded: bool = False) -> str:
        """Return the ends of an interval for a table: ``[0,10; 0,32]`` or ``[0.10, 0.32]``."""
        write = self.bounded if bounded else self.number
        return self.say("numbers.interval", low=write(low, digits), high=write(high, digits))

    def listed(self, words: Sequence[str]) -> str:
        """Return words as a list in a sentence."""
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.phrases['numbers']['and']} {words[-1]}"


@cache
def voice(language: str, *, of_organisations: bool = False) -> Voice:
    """Return the voice of a language; of organisations, the rows of the file are no people.

    Raises
    ------
    ModelSpecificationError
        For a language that has no locale file.
    """
    from ruamel.yaml import YAML

    if language not in LANGUAGES:
        raise ModelSpecificationError(
            expected=f"a language of the report: {' or '.join(LANGUAGES)}",
            found=repr(language),
            where="language",
            todo="write language='nl' or language='en'",
        )
    text = files("si_research.report").joinpath("locale", f"{language}.yml").read_text("utf-8")
    phrases = YAML(typ="safe", pure=True).load(text)
    said = _with(phrases, phrases["organisations"]) if of_organisations else phrases
    return Voice("nl" if language == "nl" else "en", said)


def _with(phrases: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """Return phrases, with others in their place where there are."""
    return {
        key: _with(phrase, others.get(key, {})) if isinstance(phrase, Mapping) else others.get(key, phrase)
        for key, phrase in phrases.items()
    }


def digits_for(std_error: float, least: int) -> int:
    """Return the decimals that show a standard error, so that no estimate is rounded to 0.

    Examples
    --------
    >>> digits_for(0.034, 2), digits_for(0.00046, 2)
    (2, 4)
    """
    if not (math.isfinite(std_error) and std_error > 0):
        return least
    return min(max(least, -math.floor(math.log10(std_error))), MOST_DIGITS)


def digits_beside(value: float, limit: float, least: int = 2) -> int:
    """Return the decimals that tell a value from the limit that it is held against.

    Examples
    --------
    >>> digits_beside(0.83, 0.7), digits_beside(0.8341, 0.8333), digits_beside(0.5, 0.5)
    (2, 3, 2)
    """
    digits = least
    while digits < MOST_DIGITS and value != limit and f"{value:.{digits}f}" == f"{limit:.{digits}f}":
        digits += 1
    return digits


def plain(text: str) -> str:
    """Return a text without the marks around the Dutch terms of the model.

    Examples
    --------
    >>> plain("*kunnen* and *willen*")
    'kunnen and willen'
    """
    return MARKED.sub(r"\1", text)


def sentence_case(text: str) -> str:
    """Return a text with its first letter in upper case; marks are left alone."""
    return re.sub(r"^(\*?)(\w)", lambda found: found[1] + found[2].upper(), text)
