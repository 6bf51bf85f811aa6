"""Numbers that prove themselves: bank accounts, citizen numbers and addresses on the internet."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any, Final

import numpy as np

_IBAN_LENGTHS: Final = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("NL", "DK", "FI", "FO", "GL"), 18),
    **dict.fromkeys(("MK", "SI"), 19),
    **dict.fromkeys(("AT", "BA", "EE", "KZ", "LT", "LU", "XK"), 20),
    **dict.fromkeys(("CH", "CR", "HR", "LI", "LV"), 21),
    **dict.fromkeys(("BG", "BH", "DE", "GB", "GE", "IE", "ME", "RS", "VA"), 22),
    **dict.fromkeys(("AE", "GI", "IL", "IQ", "TL"), 23),
    **dict.fromkeys(("AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"), 24),
    **dict.fromkeys(("PT", "ST"), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("FR", "GR", "IT", "MC", "SM"), 27),
    **dict.fromkeys(("AL", "AZ", "CY", "DO", "GT", "HU", "LB", "PL"), 28),
    **dict.fromkeys(("BR", "PS", "QA", "UA"), 29),
    **dict.fromkeys(("JO", "KW", "MU"), 30),
    **dict.fromkeys(("MT", "SC"), 31),
}


def is_iban(text: str) -> bool:
    """Whether a text is an international bank account number: country, length and check digits.

    References
    ----------
    ISO 13616-1:2020, Financial services: International bank account number (IBAN); the check is ISO/IEC 7064,
    mod 97-10.

    Examples
    --------
    >>> is_iban("NL91 ABNA 0417 1643 00"), is_iban("NL92 ABNA 0417 1643 00")
    (True, False)
    """
    tidy = "".join(text.split()).upper()
    if len(tidy) != _IBAN_LENGTHS.get(tidy[:2]) or not tidy.isalnum() or not tidy.isascii():
        return False
    return int("".join(str(int(sign, 36)) for sign in tidy[4:] + tidy[:4])) % 97 == 1


def are_citizen_numbers(numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Mark the numbers of eight or nine digits that pass the Dutch "elfproef" of a burgerservicenummer.

    One in eleven other numbers passes too, so that a column is judged by nearly all of its cells.

    References
    ----------
    Besluit burgerservicenummer, article 2 and its annex (the weights 9 to 2 and -1, modulo 11).

    Examples
    --------
    >>> are_citizen_numbers(np.array([111222333, 123456782, 123456789])).tolist()
    [True, True, False]
    """
    whole = numbers.astype(np.int64)
    digits = whole[:, None] // 10 ** np.arange(8, -1, -1, dtype=np.int64) % 10
    total = digits @ np.array([9, 8, 7, 6, 5, 4, 3, 2, -1])
    return np.asarray((whole >= 10_000_000) & (whole < 1_000_000_000) & (total % 11 == 0))


def is_internet_address(text: str) -> bool:
    """Whether a text is an address of IPv4 or IPv6, and no number of a chapter such as 1.2.3.4.

    References
    ----------
    RFC 791 (IPv4); RFC 4291, section 2.2 (IPv6).

    Examples
    --------
    >>> [is_internet_address(text) for text in ("192.0.2.1", "2001:db8::1", "1.2.3.4", "10:30:15")]
    [True, True, False, False]
    """
    try:
        if ":" in text:
            return IPv6Address(text) != IPv6Address(0)
        return max(IPv4Address(text).packed) >= 10
    except (AddressValueError, ValueError):
        return False
