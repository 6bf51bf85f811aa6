"""Pseudonyms: one for the same person over files and waves; nobody finds the way back without the key."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.privacy.key_file import default_key_path, make_key, read_key

__all__ = ["default_key_path", "key_mark", "make_key", "pseudonym", "pseudonymise", "read_key"]

PREFIX: Final = "p"
N_HEX: Final = 24
"""Hexadecimal digits that are kept of 64: 96 bits, at which a million people collide once in 10^17 times."""


def pseudonym(values: pd.Series[Any], key: bytes) -> pd.Series[Any]:
    """Return a pseudonym for each identifier: a keyed hash, the same for the same person everywhere.

    Use it on e-mail addresses, personnel numbers and respondent codes before data leave the house. It does
    not make data anonymous: whoever has the key, or recognises somebody by the answers, knows who it is.

    Parameters
    ----------
    values : pandas.Series
        Identifiers, as text or numbers.
    key : bytes
        From :func:`read_key`; at least 32 bytes.

    Returns
    -------
    pandas.Series
        Text: ``p`` and 24 hexadecimal digits; missing where the identifier is missing or empty. Same index
        and name.

    Raises
    ------
    SurveyDataError
        A key that is too short, or two people with one pseudonym.

    Notes
    -----
    The first 96 bits of HMAC-SHA-256 over the identifier in UTF-8, after: Unicode normal form C, no spaces at
    the ends, single spaces within, and whole numbers without decimals (12.0 is 12). E-mail addresses are
    compared without capitals; other identifiers keep them, since ``R_1aB`` and ``R_1ab`` may be two people.
    Zeros in front count: 007 is not 7.

    References
    ----------
    RFC 2104, HMAC: Keyed-Hashing for Message Authentication; test vectors in RFC 4231.
    NIST SP 800-107 rev. 1, section 5.3.3 (truncation). doi:10.6028/NIST.SP.800-107r1

    Examples
    --------
    >>> people = pd.Series(["Ann@example.org ", "ann@example.org", None])
    >>> found = pseudonym(people, bytes(32))
    >>> found[0] == found[1], found[0][:1], len(found[0]), bool(found.isna()[2])
    (True, 'p', 25, True)
    """
    if len(key) < 32:
        raise SurveyDataError(
            expected="a key of at least 32 bytes",
            found=f"one of {len(key)}",
            where="the key of the pseudonyms",
            todo="make one with `make_key`",
        )
    identifiers = {value: normalised(value) for value in values.dropna().unique()}
    hashes = {each: _hash(each, key) for each in dict.fromkeys(identifiers.values()) if each}
    if len(set(hashes.values())) < len(hashes):
        raise SurveyDataError(
            expected="one pseudonym a person",
            found="two people with the same one",
            where=str(values.name),
            todo="make another key: with this one two of them cannot be told apart",
        )
    named = {value: hashes.get(each) for value, each in identifiers.items()}
    found = [named.get(value) for value in values]
    return pd.Series(found, index=values.index, dtype="str", name=values.name)


def pseudonymise(values: pd.DataFrame, columns: Iterable[str], key: bytes) -> pd.DataFrame:
    """Return a table in which identifiers have become pseudonyms; the other columns stay as they are.

    Parameters
    ----------
    values : pandas.DataFrame
        Such as the values of a survey.
    columns : iterable of str
        The columns that hold identifiers; those that are not there are passed over.
    key : bytes
        From :func:`read_key`.

    Returns
    -------
    pandas.DataFrame
        A new table.

    Raises
    ------
    SurveyDataError
        As for :func:`pseudonym`.
    """
    return values.assign(**{name: pseudonym(values[name], key) for name in columns if name in values})


def key_mark(key: bytes) -> str:
    """Return eight digits by which two files show that they were made with the same key, and nothing else.

    Examples
    --------
    >>> key_mark(bytes(32)) == key_mark(bytes(32)), len(key_mark(bytes(32)))
    (True, 8)
    """
    return hmac.new(key, b"si-research: mark of the key", sha256).hexdigest()[:8]


def normalised(value: Any) -> str:
    """Return an identifier as it is hashed.

    Examples
    --------
    >>> normalised(" A.B@Example.org"), normalised(12.0), normalised("R_1aB "), normalised("007")
    ('a.b@example.org', '12', 'R_1aB', '007')
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(unicodedata.normalize("NFC", str(value)).split())
    return text.casefold() if "@" in text else text


def _hash(text: str, key: bytes) -> str:
    return PREFIX + hmac.new(key, text.encode("utf-8"), sha256).hexdigest()[:N_HEX]
