"""Pseudonyms: one a person, everywhere the same, and no way back without the key."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from si_research.errors import SurveyDataError
from si_research.privacy import pseudonyms
from si_research.privacy.pseudonyms import key_mark, pseudonym, pseudonymise

KEY = bytes(range(32))


def by_hand(text: str, key: bytes) -> str:
    """HMAC as RFC 2104 writes it: H(K xor opad, H(K xor ipad, text)), with hashlib alone."""
    block = (key if len(key) <= 64 else hashlib.sha256(key).digest()).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(each ^ 0x36 for each in block) + text.encode("utf-8")).digest()
    return hashlib.sha256(bytes(each ^ 0x5C for each in block) + inner).hexdigest()


def test_rfc_4231() -> None:
    """Test case 6 of the RFC: a key of 131 bytes 0xaa, which is longer than a block."""
    text = "Test Using Larger Than Block-Size Key - Hash Key First"
    mac = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    assert by_hand(text, b"\xaa" * 131) == mac
    assert pseudonym(pd.Series([text]), b"\xaa" * 131).tolist() == ["p" + mac[:24]]


@given(
    st.text(st.characters(exclude_categories=("Cs", "Z", "Cc")), min_size=1).filter(lambda t: "@" not in t)
)
def test_against_hmac_by_hand(text: str) -> None:
    (found,) = pseudonym(pd.Series([text], dtype="object"), KEY)
    assert found == "p" + by_hand(pseudonyms.normalised(text), KEY)[:24]
    assert re.fullmatch(r"p[0-9a-f]{24}", found)


def test_the_same_person_in_another_file_and_wave() -> None:
    first = pd.Series(["ann@example.org", "bob@example.org", "R_1aB", "12"])
    second = pd.Series(
        ["R_1aB ", " Bob@Example.org", 12.0, "ANN@EXAMPLE.ORG", "R_1ab", "012"], index=range(5, 11)
    )
    a, b = pseudonym(first, KEY), pseudonym(second, KEY)
    assert [a.tolist().index(each) for each in b[:4]] == [2, 1, 3, 0]
    assert not set(b[4:]) & set(a)
    assert a.nunique() == 4
    assert b.index.tolist() == list(range(5, 11))


def test_decomposed_letters_are_the_same_letters() -> None:
    assert pseudonym(pd.Series(["Zoë", "Zoe\u0308"]), KEY).nunique() == 1


@pytest.mark.parametrize("missing", [None, np.nan, "", "  "])
def test_nobody_gets_no_pseudonym(missing: object) -> None:
    found = pseudonym(pd.Series([missing, "a"], dtype="object"), KEY)
    assert found.isna().tolist() == [True, False]


def test_another_key_gives_other_pseudonyms() -> None:
    people = pd.Series(["a", "b"])
    assert not set(pseudonym(people, KEY)) & set(pseudonym(people, bytes(32)))
    assert key_mark(KEY) != key_mark(bytes(32))
    assert key_mark(KEY) not in KEY.hex()


def test_two_people_with_one_pseudonym_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudonyms, "N_HEX", 1)
    with pytest.raises(SurveyDataError, match="two people with the same one"):
        pseudonym(pd.Series([f"person {n}" for n in range(17)]), KEY)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(SurveyDataError, match="one of 16"):
        pseudonym(pd.Series(["a"]), bytes(16))


def test_only_the_columns_of_identifiers_change() -> None:
    values = pd.DataFrame({"nummer": ["a", "b"], "k1": [1.0, 2.0], "bedrijf": ["X", "Y"]})
    found = pseudonymise(values, ["nummer", "niet daar"], KEY)
    assert found["nummer"].tolist() == pseudonym(values["nummer"], KEY).tolist()
    assert found[["k1", "bedrijf"]].equals(values[["k1", "bedrijf"]])
    assert values["nummer"].tolist() == ["a", "b"]


def test_many_rows_of_a_thousand_people() -> None:
    people = pd.Series(np.char.add("person ", np.arange(1000).astype(str)), dtype="str")
    rows = people.iloc[np.arange(50_000) % 1000].reset_index(drop=True)
    found = pseudonym(rows, KEY)
    assert found.nunique() == 1000
    assert found.iloc[:1000].tolist() == pseudonym(people, KEY).tolist()
