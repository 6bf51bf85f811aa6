"""Headers that hold a person: the colleague who was rated, the first row of a file without names.

Numbers and addresses show themselves. A name counts where more than its capitals says that it is one, since
"Job Satisfaction" has the shape of a name too: a first name that many people bear, a title, initials, or
words of rating somebody before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from si_research.privacy.by_content import speak_of_somebody
from si_research.privacy.cells import Cells
from si_research.privacy.name_shapes import A_COLLEAGUE, NOBODY, WORD
from si_research.privacy.person_names import CAPITAL, FIRM, FIRST, LETTERS, PARTICLES

_START, _END = rf"(?<![{LETTERS}0-9])", rf"(?![{LETTERS}0-9])"
_FULL: Final = rf"{WORD}( {CAPITAL}\.)*{PARTICLES} {WORD}( {WORD})?"
_LINK: Final = r"( (van|von|de|der|den|ter|ten|'t|el|al))"
_TITLE: Final = (
    r"([Dd]hr|[Mm]evr|[Mm]w|[Dd]rs|[Dd]e [Hh]eer|[Mm]evrouw|[Hh]errn?|[Ff]rau|Mrs?|Ms|[Dd]r\.|[Pp]rof\.)"
)
_RATING: Final = (
    r"(?i:\b(beoord\w+|evalu\w+|waarder\w+|feedback|review\w*|rat(e|ed|ing)|apprais\w+|assess\w+|bewert\w+|"
    r"beurteil\w+|cijfer|ingevuld|samenwerking|gesprek)\b.*\b(door|van|over|voor|met|by|durch|von|über|für|mit))"
)
_KNOWN: Final = (
    rf"{_START}(?P<name>({FIRST})(-{CAPITAL}[a-z]+)?( {CAPITAL}\.)*{PARTICLES} {WORD}"
    rf"( {WORD})?){_END}"
)
_ALL_CAPITALS: Final = (re.compile(_KNOWN),)
_NAMES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        _KNOWN,
        rf"{_START}{_TITLE}\.?(?P<name>( ?{CAPITAL}\.)*{_LINK}* {WORD}){_END}",
        rf"^(?P<name>(?!([EU]\.[SKU]|I\.T)\.)({CAPITAL}\. ?){{2,5}}{PARTICLES} ?{WORD}|"
        rf"{CAPITAL}\.{_LINK}+ {WORD})$",
        rf"^(?P<name>{WORD}, ?({FIRST}|({CAPITAL}\. ?)+){PARTICLES})$",
        rf"{_RATING}:? (?P<name>{_FULL}|({CAPITAL}\. ?)+{PARTICLES} ?{WORD}|({FIRST}))\W*$",
    )
)
_ROW: Final = re.compile(r"^(?P<stem>.*?)( ?\[| \| | - |: )(?P<name>[^\[\]|:]+)\]?$")
_SHAPED: Final = re.compile(_FULL)
_FIRST_ALONE: Final = re.compile(rf"({FIRST})( \(\d+\))?")
_NOBODY: Final = re.compile(NOBODY)
_FIRM: Final = re.compile(FIRM)
_FIRM_BEFORE: Final = re.compile(
    r"(?i)(\w+ij|hotel|restaurant|firma|stichting|school|praktijk|garage|bureau|winkel|\w*bedrijf) $"
)
_NO_SURNAME: Final = re.compile(
    r"(?i)\b(one|only|the|each|your|answer|here|satisfaction|tevredenheid|engagement|commitment|performance|"
    r"needs|life|balance|autonomy|climate|innovation|leadership|skills)\b"
)
_LONGEST: Final = 100
"""Characters above which a text is no label: names in a letter to respondents are those of its senders."""
_FEWEST: Final = 3
_AFTER: Final = 12
"""Characters after a name in which a firm says that it is one."""


def hold_a_person(headers: Sequence[str]) -> list[bool]:
    """Tell which headers hold an address or number of somebody, or a name.

    Parameters
    ----------
    headers : sequence of str
        The names of the columns of a file, or the questions above them.

    Returns
    -------
    list of bool
        Names without capitals, and first names alone of which a file has fewer than three, are not found.

    Examples
    --------
    >>> hold_a_person(["Beoordeling door Piet de Vries", "Wiersma 0612345678", "Werkgever: Piet de Vries BV"])
    [True, True, False]
    >>> hold_a_person(["Job Satisfaction", "Mijn leidinggevende geeft mij ruimte", "Jan", "Feb"])
    [False, False, False, False]
    """
    if not headers:
        return []
    spoken = speak_of_somebody(Cells(pa.array(headers, pa.string()), np.ones(len(headers), int), np.empty(0)))
    plain = [_in_words(header) for header in headers]
    alone = [_last_part(text) if _FIRST_ALONE.fullmatch(_last_part(text)) else "" for text in plain]
    are_names = len({name for name in alone if name}) >= _FEWEST
    return [
        bool(speaks) or _holds_a_name(text) or (are_names and bool(name))
        for speaks, text, name in zip(spoken, plain, alone, strict=True)
    ]


def _last_part(text: str) -> str:
    row = _ROW.match(text)
    return row["name"].strip() if row else text


def _in_words(header: str) -> str:
    """Return a header with spaces between its words."""
    return re.sub(r"_+|(?<=[a-zà-ÿ]{2})\.(?=\w)", " ", header).strip()


def _holds_a_name(text: str) -> bool:
    if len(text) > _LONGEST:
        return False
    return any(
        not any(nobody.search(name) for nobody in (_NOBODY, _FIRM, _NO_SURNAME)) for name in _names_in(text)
    )


def _names_in(text: str) -> Iterator[str]:
    """Give what may be a name, with the little after it in which a firm or another thing shows itself."""
    patterns, words = (_ALL_CAPITALS, text.title()) if text.isupper() else (_NAMES, text)
    for pattern in patterns:
        for found in pattern.finditer(words):
            if not _FIRM_BEFORE.search(words[: found.start("name")]):
                yield words[found.start("name") : found.end("name") + _AFTER]
    row = _ROW.match(text)
    if row and _SHAPED.fullmatch(row["name"].strip()) and A_COLLEAGUE.search(row["stem"].casefold()):
        yield row["name"]
