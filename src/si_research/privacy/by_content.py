"""Recognising by content: what the cells of a column look like, whatever it is called.

Some texts speak for themselves, and one among a million is enough: an e-mail address, a telephone
number with its sign, a bank account whose check digits hold. Others could be anything when they stand
alone, and count only when most cells of the column look so.

Full names of people without title, initials or a common first name have only their shape
(:mod:`si_research.privacy.name_shapes`). Not recognised by content: full names of places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from si_research.privacy.cells import SHORTEST, Cells, Mask, as_mask
from si_research.privacy.check_digits import are_citizen_numbers, is_iban, is_internet_address
from si_research.privacy.finding import IdentifierKind
from si_research.privacy.in_numbers import kind_in_numbers
from si_research.privacy.own_words import free_texts
from si_research.privacy.person_names import person_names


class Sign(NamedTuple):
    """What the cells show: a kind, the cells that do, and in words why."""

    kind: IdentifierKind
    n_cells: int
    reason: str


_PLAIN_NUMBER: Final = r"^[0-9.,%+-]{0,7}$|^[+-]?[0-9]*[.,][0-9]+([eE][+-]?[0-9]+)?$"
_EMAIL: Final = r"[A-Za-z0-9._%+'-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}"
_SPELLED: Final = (
    r"(?i)\b[\w.-]+ ?[\[( ] ?(at|apenstaartje|aapje) ?[\]) ] ?[\w-]+ ?[\[( ] ?(dot|punt) ?[\]) ] ?"
    r"(nl|be|de|eu|com|org|net|uk|fr)\b"
)
_URL: Final = r"(?i)(\bhttps?://|\bwww\.)[^\s.]+\.[^\s]+"
_IBAN: Final = r"(?i)\b[A-Z]{2}[0-9]{2}( ?[A-Z0-9]){11,30}"
_PHONES: Final = (
    r"(^|[^0-9A-Za-z+.,])(\+31|0031|0)[ -]?(\(0\))?[ -]?6([ .-]?[0-9]){8}($|[^0-9])",
    r"(^|[^0-9A-Za-z])(\+|00)[1-9][0-9]?[ ().-]([ ().-]*[0-9]){7,12}($|[^0-9])",
    r"(^|[^0-9A-Za-z])\+[1-9][0-9]{7,14}($|[^0-9])",
    r"^\(?0[1-9][0-9]{1,4}\)?[ /-]+[1-9]([ .-]?[0-9]){5,8}$",
)
"""Dutch mobile numbers; numbers with a country code (E.164: up to 15 digits); area code and number."""
_BARE_PHONE: Final = (
    r"^(0031|0)(1[035]|2[0346]|3[03568]|4[0356]|5[0358]|7[0-9]|8[58])[0-9]{7}$|^00[1-9][0-9]{8,13}$|"
    r"^(0?0?31)?6[1-58][0-9]{7}$|^01(5|6|7)[0-9]{8,9}$"
)
_LANDLINE: Final = r"(^|[^0-9A-Za-z_.,+-])\(?0[1-9]([ )-]{0,2}[0-9]){8}($|[^0-9A-Za-z_])"
_NINE_DIGITS: Final = r"(?<![\w.,-])[0-9]{9}(?![\w.,-])"
_VAT: Final = r"(?i)^NL[ .]?[0-9]{9}[ .]?B[ .]?[0-9]{2}$"
"""Dutch VAT numbers: until 2020 that of somebody who works alone held the citizen number."""
_FEWEST_CITIZENS: Final = 3
_CITIZEN: Final = r"^[0-9]{8,9}$|^[0-9]{4}\.[0-9]{2}\.[0-9]{3}$|^[0-9]{3} [0-9]{3} [0-9]{3}$"
_IP: Final = r"^([0-9]{1,3}\.){3}[0-9]{1,3}$|^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$"
_DEVICE: Final = (
    r"Mozilla/[0-9]|AppleWebKit/|\(Windows NT |\(Macintosh;|; Android [0-9]|\(iPhone;|Dalvik/|okhttp/|"
    r"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$"
)
_RESOLUTION: Final = r"^[0-9]{3,4} ?[x×] ?[0-9]{3,4}$"
_DATE: Final = r"([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{2}|[0-9]{4}))"
_MOMENT: Final = rf"^{_DATE}[T ,]+[0-9]{{1,2}}:[0-9]{{2}}"
_MIDNIGHT: Final = r"[T ,]0?0:00(:00([.,]0+)?)?(Z|[+-]0?0:?00)?$"
_YEAR: Final = r"(18|19|20)[0-9]{2}"
_POINT: Final = (
    r"^[(]?-?[0-9]{1,2}[.,][0-9]{3,}[°]?[NSns]?( ?[,;/] ?| )-?[0-9]{1,3}[.,][0-9]{3,}|"
    r"[0-9]{1,2}° ?[0-9]{1,2}['′]"
)
_UPLOAD: Final = r'(?s)^\[ *\{.*"filename" *: *"'
"""An uploaded file, as LimeSurvey describes it: with a title and a comment that the respondent wrote."""
_POSTCODE: Final = r"(?i)^[1-9][0-9]{3} ?[A-RT-Z][A-Z]$|^[1-9][0-9]{3} ?S[BCE-RT-Z]$"
_HOME: Final = (
    r"(?i)\b[1-9][0-9]{3} ?[A-Z]{2}[ ,]+[0-9]{1,4}( ?[a-z])?\b|"
    r"^[A-Za-zÀ-ÖØ-öø-ÿ .'-]*(straat|laan|weg|plein|gracht|kade|singel|dreef|hof|steeg|dijk|"
    r"strasse|straße|str\.) [0-9]{1,4}( ?-? ?[a-z0-9]{1,4})?\b|"
    r"^[0-9]{1,5} [A-Za-zÀ-ÖØ-öø-ÿ .'-]+ (street|road|avenue|lane|drive|st\.|rd\.|ave\.)"
)


def signs_in(cells: Cells) -> Iterator[Sign]:
    """Give every kind that the cells of a column show, each once.

    Parameters
    ----------
    cells : Cells
        The filled cells of the column.

    Yields
    ------
    Sign
    """
    long_enough = (cells.lengths >= SHORTEST) & ~cells.matching(_PLAIN_NUMBER)
    chosen = cells.only(long_enough)
    found: set[IdentifierKind] = set()
    for recognise in _SPEAK_FOR_THEMSELVES:
        for kind, marked, words in recognise(chosen) if len(chosen.texts) else ():
            if marked.any() and kind not in found:
                found.add(kind)
                yield Sign(kind, chosen.n_cells(marked), f"cells hold {words}")
    for kind, (recognise_most, share, fewest, words) in _WHEN_MOST_DO.items():
        if kind in found or cells.n_filled == 0:
            continue
        marked = recognise_most(chosen) if len(chosen.texts) else np.empty(0, bool)
        n_cells = chosen.n_cells(marked)
        if marked.sum() >= fewest and n_cells >= share * cells.n_filled:
            found.add(kind)
            yield Sign(kind, n_cells, f"its cells look like {words}")
    plain = kind_in_numbers(cells)
    if plain is not None and plain[0] not in found:
        yield Sign(*plain)


def speak_of_somebody(cells: Cells) -> Mask:
    """Mark the texts with an e-mail address, a telephone, bank or citizen number or an IP address in them.

    For texts that stand above columns, each alone: an IP address needs a part of three digits, since 3.1.2.4
    numbers a question.
    """
    marked = np.zeros(len(cells.texts), bool)
    for recognise in (_email, _telephone, _bank_account):
        for _, found, _ in recognise(cells):
            marked |= found
    for _, found, _ in _ip_address(cells):
        marked |= found & cells.matching("[0-9]{3}|:")
    marked |= cells.matching(_LANDLINE) & ~cells.matching(_DATE)
    numbers = [part.group() if (part := re.search(_NINE_DIGITS, text)) else "" for text in cells.as_list]
    proved = [bool(text) and bool(are_citizen_numbers(np.array([int(text)]))[0]) for text in numbers]
    return np.asarray(marked | np.array(proved, dtype=bool))


_Found = Iterator[tuple[IdentifierKind, Mask, str]]


def _email(cells: Cells) -> _Found:
    """Addresses of RFC 5322 (addr-spec) without comments and quoted local parts, anywhere in the text."""
    at = as_mask(pc.match_substring(cells.texts, "@"))
    marked = _among(cells, at, lambda some: some.matching(_EMAIL))
    yield "email", marked | cells.matching(_SPELLED), "an e-mail address"


def _telephone(cells: Cells) -> _Found:
    """Numbers of E.164 (ITU-T, 11/2010), as people write them; no date."""
    zero_or_plus = cells.matching(r"[+0].*[0-9]{2}")
    marked = _among(cells, zero_or_plus, lambda some: _any_of(some, _PHONES))
    if marked.any():
        marked &= ~cells.matching(_MOMENT)
    yield "telephone", marked, "a telephone number"


def _bank_account(cells: Cells) -> _Found:
    yield "bank_account", _verified(cells, _IBAN, is_iban), "a bank account number whose check digits hold"


def _ip_address(cells: Cells) -> _Found:
    yield "ip_address", _verified(cells, _IP, is_internet_address, whole=True), "an IP address"


def _device(cells: Cells) -> _Found:
    yield "device", cells.matching(_DEVICE), "the description of a device or browser"


def _moment(cells: Cells) -> _Found:
    digits = cells.matching(_MOMENT)
    exact = _among(cells, digits, lambda some: ~some.matching(_MIDNIGHT))
    yield "exact_time", exact, "a date with a time of day"


def _web_address(cells: Cells) -> _Found:
    dots = as_mask(pc.match_substring(cells.texts, "."))
    yield "web_address", _among(cells, dots, lambda some: some.matching(_URL)), "a web address"


def _location(cells: Cells) -> _Found:
    yield "location", cells.matching(_POINT), "degrees of latitude and longitude"


def _upload(cells: Cells) -> _Found:
    yield "free_text", cells.matching(_UPLOAD), "files that people uploaded, with the names they gave them"


def _among(cells: Cells, first: Mask, then: Callable[[Cells], Mask]) -> Mask:
    """Look closer at the texts that a quick look has marked."""
    marked: Mask = first.copy()
    if marked.any():
        marked[first] = then(cells.only(first))
    return marked


def _any_of(cells: Cells, patterns: tuple[str, ...]) -> Mask:
    return np.asarray(np.stack([cells.matching(pattern) for pattern in patterns]).any(axis=0))


def _verified(cells: Cells, pattern: str, holds: Callable[[str], bool], *, whole: bool = False) -> Mask:
    """Mark the texts in which something of that form proves itself."""

    def proved(some: Cells) -> Mask:
        found = some.as_list if whole else some.found(pattern)
        return np.array([_proved(text, holds) for text in found], dtype=bool)

    return _among(cells, cells.matching(pattern), proved)


def _proved(text: str, holds: Callable[[str], bool]) -> bool:
    """Whether a text, or its beginning up to one of its spaces, proves itself."""
    parts = text.split(" ")
    return any(holds(" ".join(parts[:n])) for n in range(len(parts), 0, -1))


def _bare_phone(cells: Cells) -> Mask:
    return cells.matching(_BARE_PHONE)


def _citizen(cells: Cells) -> Mask:
    def proved(some: Cells) -> Mask:
        digits = pc.cast(pc.replace_substring_regex(some.texts, "[^0-9]", ""), pa.int64())
        return are_citizen_numbers(np.asarray(digits.to_numpy(zero_copy_only=False)))

    return _among(cells, cells.matching(_CITIZEN), proved)


def _citizen_or_vat(cells: Cells) -> Mask:
    proved = _citizen(cells)
    return np.asarray(cells.matching(_VAT) | (proved & (proved.sum() >= _FEWEST_CITIZENS)))


def _home(cells: Cells) -> Mask:
    return cells.matching(_POSTCODE) | cells.matching(_HOME)


def _resolution(cells: Cells) -> Mask:
    return cells.matching(_RESOLUTION)


def _birth_dates(cells: Cells) -> Mask:
    """Dates without a time of day that lie decades apart and, for the most part, long ago."""
    dates = cells.matching(rf"^{_DATE}([T ,]+[0:.]+)?$") & cells.matching(_YEAR)
    if dates.sum() < 10:
        return np.zeros(len(dates), bool)
    years = np.array([int(year) for year in cells.only(dates).found(_YEAR)])
    early, middle, late = np.percentile(years, [5, 50, 95])
    return dates if late - early >= 15 and middle <= 2010 else np.zeros(len(dates), bool)


_SPEAK_FOR_THEMSELVES: Final = (
    _email, _telephone, _bank_account, _ip_address, _device, _moment, _web_address, _location,
    _upload,
)  # fmt: skip
_WHEN_MOST_DO: Final[Mapping[IdentifierKind, tuple[Callable[[Cells], Mask], float, int, str]]] = {
    "telephone": (_bare_phone, 0.5, 2, "telephone numbers"),
    "citizen_number": (
        _citizen_or_vat,
        0.9,
        1,
        "citizen numbers (burgerservicenummer), alone or in VAT numbers",
    ),
    "address": (_home, 0.5, 3, "postcodes or addresses of homes"),
    "device": (_resolution, 0.5, 1, "resolutions of screens"),
    "birth_date": (_birth_dates, 0.9, 10, "dates of birth"),
    "name": (person_names, 0.2, 3, "names of people"),
    "free_text": (free_texts, 0.2, 3, "own words: long, and no two the same"),
}
"""How to recognise, the share of the filled cells and the number of different texts from which it counts."""
