"""Who answered about whom, in the stem of a name: self and teacher, self and supervisor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_LETTERS: Final = {"s": "self", "t": "teacher"}
_WORDS: Final = (
    "self",
    "teacher",
    "peer",
    "parent",
    "leader",
    "supervisor",
    "zelf",
    "leidinggevende",
    "collega",
)
_BY_LETTER: Final = re.compile(r"(?P<source>[a-z])_?(?P<rest>[A-Z].*)")
_FIRST: Final = re.compile(rf"(?P<source>{'|'.join(_WORDS)})[_.\s]+(?P<rest>.+)", re.IGNORECASE)
_LAST: Final = re.compile(rf"(?P<rest>.+?)[_.\s]+(?P<source>{'|'.join(_WORDS)})", re.IGNORECASE)
_CONSTRUCT_AND_ITEM: Final = re.compile(r"(?P<construct>.*[A-Za-z])[_.\s]?(?P<item>\d+)")

Parts = tuple[str, str, str]
"""Source, construct and number of the item; empty where a stem does not say."""


def sources_of(stems: Sequence[str]) -> dict[str, Parts]:
    """Return source, construct and item of stems.

    Parameters
    ----------
    stems : sequence of str
        Names without their wave.

    Returns
    -------
    dict of str to (str, str, str)
        A source only where two sources say something of the same construct: an s before a name is else part
        of that name.

    Examples
    --------
    >>> sources_of(["sEM01", "tEM01", "sSI01", "sector"])["sEM01"]
    ('self', 'EM', '01')
    >>> sources_of(["sEM01", "tEM01", "sSI01", "sector"])["sSI01"]
    ('', 'sSI', '01')
    """
    split = {stem: found for stem in stems if (found := _source_of(stem)) is not None}
    about: dict[str, set[str]] = {}
    for source, rest in split.values():
        about.setdefault(_construct_of(rest)[0], set()).add(source)
    parts = {}
    for stem in stems:
        source, rest = split.get(stem, ("", stem))
        if source and len(about[_construct_of(rest)[0]]) < 2:
            source, rest = "", stem
        parts[stem] = (source, *_construct_of(rest))
    return parts


def _source_of(stem: str) -> tuple[str, str] | None:
    word = _FIRST.fullmatch(stem) or _LAST.fullmatch(stem)
    if word is not None:
        return word["source"].casefold(), word["rest"]
    letter = _BY_LETTER.fullmatch(stem)
    if letter is not None and letter["source"] in _LETTERS:
        return _LETTERS[letter["source"]], letter["rest"]
    return None


def _construct_of(rest: str) -> tuple[str, str]:
    found = _CONSTRUCT_AND_ITEM.fullmatch(rest)
    return (found["construct"], found["item"]) if found is not None else (rest, "")
