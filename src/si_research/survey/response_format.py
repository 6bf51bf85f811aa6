"""Response formats: which answers a question allows, and which text stands for which answer.

A text is tidied (case, white space, trailing punctuation) and must then match *exactly*. Nothing
is matched by likeness: "mee eens" and "niet mee eens" differ by one word and by the whole scale.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

# Curly apostrophes come out of word processors; the other four characters cannot be seen.
_TYPOGRAPHY: Final = str.maketrans({"’": "'", "‘": "'", "\u200b": None, "\ufeff": None, "\u00ad": None})
_TRAILING: Final = " .:;,!…"
_NUMBER: Final = re.compile(r"[+-]?([0-9]+([.,][0-9]+)?|[.,][0-9]+)")
_NEGATIONS: Final = frozenset({"niet", "geen", "nooit", "not", "no", "never", "nicht", "kein", "nie"})
_NEGATING: Final = ("on", "un", "dis")

Labels = Mapping[str, tuple[str | tuple[str, ...], ...]]


def one_line(text: str) -> str:
    """Return a text without line breaks and doubled spaces: some tools put a whole letter above a column.

    Examples
    --------
    >>> one_line(" How often do you \\n  try things? ")
    'How often do you try things?'
    """
    return " ".join(text.split())


def normalise(text: str) -> str:
    """Return the form in which two texts are compared.

    Parameters
    ----------
    text : str
        An answer or a label.

    Returns
    -------
    str
        Lower case, single spaces (a non-breaking space is a space), straight apostrophes, no
        punctuation at the end. A text that is nothing but punctuation is kept: "." is a code.

    Examples
    --------
    >>> normalise("  Helemaal\u00a0mee  EENS. ")
    'helemaal mee eens'
    """
    if text.isascii() and text.isalnum():  # codes and numbers, of which a file may hold a million
        return text.lower()
    plain = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHY).casefold()
    joined = " ".join(plain.split())
    return joined.rstrip(_TRAILING) or joined


def number_of(text: str) -> float | None:
    """Return the number that a text writes out, with a decimal comma or point; None for all else.

    Strict on purpose: no thousands separators, exponents, units or percentage signs.

    Parameters
    ----------
    text : str
        An answer as it stands in the file.

    Returns
    -------
    float or None

    Examples
    --------
    >>> number_of("3,5"), number_of("3.0"), number_of("1.000,5"), number_of("3 jaar")
    (3.5, 3.0, None, None)
    """
    tidy = text.strip()
    return float(tidy.replace(",", ".")) if _NUMBER.fullmatch(tidy) else None


def nearest_label(text: str, labels: Iterable[str]) -> str | None:
    """Return the label that looks most like a text; for messages only, never to read an answer.

    Parameters
    ----------
    text : str
        What was found.
    labels : iterable of str
        What was expected.

    Returns
    -------
    str or None
        One of ``labels`` as it is spelt there; None when nothing comes close.

    Examples
    --------
    >>> nearest_label("mee ens", ["mee eens", "mee oneens"])
    'mee eens'
    """
    spelt = {normalise(label): label for label in reversed(tuple(labels))}
    tidy = normalise(text)
    found = [tidy] if tidy in spelt else difflib.get_close_matches(tidy, spelt, n=1)
    return spelt[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a question with the nearest name, or an empty text when nothing comes close.

    Examples
    --------
    >>> did_you_mean("revers", ["format", "reverse"])
    'Did you mean `reverse`?'
    """
    nearest = nearest_label(name, names)
    if nearest is None:
        return ""
    in_one_line = "\\n".join(nearest.splitlines())  # some tools put a whole text above a column
    return f"Did you mean `{in_one_line}`?"


def _summarise(schema: dict[str, Any]) -> None:
    """Keep of a docstring what an editor should show: its first paragraph, as one line."""
    paragraph = schema["description"].split("\n\n")[0]
    schema["description"] = " ".join(paragraph.split()).replace("``", "`")


_SHORTEST_CUT_OFF: Final = 30
"""Characters below which the beginning of a label is not taken for the label."""


class Part(BaseModel):
    """Base of all parts: unknown keys are errors, and nothing changes after validation."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        coerce_numbers_to_str=True,  # a code or label may be written as a number
        allow_inf_nan=False,
        use_attribute_docstrings=True,  # the text under a field is its description in the schema
        json_schema_extra=_summarise,
    )

    @model_validator(mode="before")
    @classmethod
    def _leave_out_empty_keys(cls, data: Any) -> Any:
        """Take a key with nothing behind it (``aliases:``) as a key that is not there."""
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None}


class Option(Part):
    """One answer of a response format: its value and every label that stands for it."""

    value: float
    """The number that the answer counts for."""
    labels: tuple[str, ...] = ()
    """Every text that stands for this answer, in any language."""


class ResponseFormat(Part):
    """The answers that can be given: `options`, or `labels`, or `lowest` and `highest` alone.

    Closed answers are ``options``, or ``labels`` by language with ``lowest`` as the value of the
    first; a mark or a percentage is ``lowest`` and ``highest``. Whichever was written, ``options``,
    ``lowest`` and ``highest`` are filled afterwards; ``model_fields_set`` remembers what was.

    Examples
    --------
    >>> agree = ResponseFormat(labels={"nl": ["oneens", "neutraal", "eens"]}, lowest=1)
    >>> agree.values, agree.highest
    ((1.0, 2.0, 3.0), 3.0)
    >>> agree.value_of(" Eens. "), agree.value_of("3,0"), agree.value_of("niet eens")
    (3.0, 3.0, None)
    """

    options: tuple[Option, ...] = ()
    """Closed answers, each with its value and labels."""
    labels: dict[str, tuple[str | tuple[str, ...], ...]] = Field(default_factory=dict)
    """Labels by language (nl, en, ...), lowest first; several spellings of one answer as a list."""
    lowest: float | None = None
    """Lowest possible value; with `labels`, the value of the first (1 when left out)."""
    highest: float | None = None
    """Highest possible value."""
    whole: bool = True
    """Whether only whole numbers are answers, where there are no options."""

    @model_validator(mode="after")
    def _fill_what_follows(self) -> Self:
        first = 1.0 if self.lowest is None else self.lowest
        derived = _options_of(self.labels, first)
        options = self.options or derived
        _require(
            not derived or options == derived, "either `options` or `labels`", "both, and they do not agree"
        )
        ends = _ends_of(options, self.lowest, self.highest)
        # The model is frozen for its users; these three follow from what they wrote.
        self.__dict__.update(options=options, lowest=ends[0], highest=ends[1])
        return self

    @property
    def values(self) -> tuple[float, ...]:
        """The values of the closed answers, ascending; empty where any number in range is one."""
        return tuple(sorted(option.value for option in self.options))

    @cached_property
    def _value_of_label(self) -> dict[str, float]:
        return {normalise(label): option.value for option in self.options for label in option.labels}

    def value_of_cut_off(self, text: str) -> float | None:
        """Return the value of the one label that begins with a text; None when it is too short to be sure.

        Some tools cut labels off, at 60 characters for instance.

        Examples
        --------
        >>> long = ["I do this of my own accord, at work", "I do this only when my manager asks for it"]
        >>> form = ResponseFormat(labels={"en": long})
        >>> form.value_of_cut_off("I do this only when my manager"), form.value_of_cut_off("I do this")
        (2.0, None)
        """
        start = normalise(text)
        if len(start) < _SHORTEST_CUT_OFF:
            return None
        values = {value for label, value in self._value_of_label.items() if label.startswith(start)}
        return values.pop() if len(values) == 1 else None

    def holds(self, number: float) -> bool:
        """Return whether a number is one of the answers: an option, or within the range."""
        if self.options:
            return number in self.values
        low = float("-inf") if self.lowest is None else self.lowest
        high = float("inf") if self.highest is None else self.highest
        return low <= number <= high and (not self.whole or number.is_integer())

    def value_of(self, text: str) -> float | None:
        """Return the value of an answer as typed in the file; None when it is none of the answers.

        Labels go first, then numbers. A number outside the format gives None too;
        :func:`number_of` tells it from a text.

        Parameters
        ----------
        text : str
            A label, or a number with a decimal comma or point.

        Returns
        -------
        float or None
        """
        value = self._value_of_label.get(normalise(text))
        if value is not None:
            return value
        number = number_of(text)
        return number if number is not None and self.holds(number) else None

    def nearest(self, text: str, *, beside: Iterable[str] = ()) -> str | None:
        """Return the label most like a text, for a message; never to read an answer.

        Parameters
        ----------
        text : str
            An answer that fits no label.
        beside : iterable of str
            The other answers of the column: labels in their language go before all others.

        Returns
        -------
        str or None
            None when nothing comes close, or only a label that says the opposite does.

        Examples
        --------
        >>> form = ResponseFormat(labels={"nl": ["eens", "neutraal"], "en": ["agree", "neutral"]})
        >>> form.nearest("neutrale"), form.nearest("neutrale", beside=["Eens"])
        ('neutral', 'neutraal')
        """
        given = {normalise(answer) for answer in beside}
        by_language = [
            [label for group in steps for label in _spellings(group)] for steps in self.labels.values()
        ]
        used = [labels for labels in by_language if given.intersection(map(normalise, labels))]
        of_all = [label for option in self.options for label in option.labels]
        in_language = _nearest_on_its_side(text, [label for labels in used for label in labels])
        return in_language or _nearest_on_its_side(text, of_all)


def _require(holds: bool, expected: str, found: str) -> None:
    """Raise the one error of a format that does not add up, in the two parts of a problem."""
    if not holds:
        raise PydanticCustomError(
            "response_format", "expected {expected}; found {found}", {"expected": expected, "found": found}
        )


def _options_of(labels: Labels, first: float) -> tuple[Option, ...]:
    """Return one option a step, with the labels of all languages together."""
    counts = {language: len(steps) for language, steps in labels.items()}
    listed = ", ".join(f"{language} {count}" for language, count in counts.items())
    _require(len(set(counts.values())) <= 1, "as many labels in each language", listed)
    return tuple(
        Option(value=first + step, labels=tuple(label for group in groups for label in _spellings(group)))
        for step, groups in enumerate(zip(*labels.values(), strict=True))
    )


def _nearest_on_its_side(text: str, labels: Iterable[str]) -> str | None:
    """Return the nearest label that does not say the opposite."""
    side = _is_negated(text)
    return nearest_label(text, (label for label in labels if _is_negated(label) == side))


def _is_negated(text: str) -> bool:
    """Whether words turn a meaning round: `zeer ontevreden` looks like `zeer tevreden`, its opposite."""
    words = normalise(text).split()
    return sum(word in _NEGATIONS or word.startswith(_NEGATING) for word in words) % 2 == 1


def _spellings(group: str | tuple[str, ...]) -> tuple[str, ...]:
    return (group,) if isinstance(group, str) else group


def _ends_of(
    options: tuple[Option, ...], lowest: float | None, highest: float | None
) -> tuple[float | None, float | None]:
    """Return the lowest and highest value, refusing ends that contradict the options or each other."""
    values = [option.value for option in options]
    _require(len(set(values)) == len(values), "each value once", "the same value for two options")
    _require(len(values) != 1, "at least two answers", "one")
    if values:
        written = (lowest, highest)
        lowest, highest = min(values), max(values)
        _require(
            written[0] in (None, lowest) and written[1] in (None, highest),
            f"options from lowest to highest, here {lowest:g} to {highest:g}",
            "another `lowest` or `highest`",
        )
    _require(
        lowest is not None or highest is not None, "options, labels, or lowest and highest", "none of these"
    )
    if lowest is not None and highest is not None:
        _require(lowest < highest, "a lowest value below the highest", f"{lowest:g} and {highest:g}")
    return lowest, highest
