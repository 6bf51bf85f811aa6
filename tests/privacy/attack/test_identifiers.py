"""No byte of a publication names a person or a unit; and where one did, it would be found."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import pytest

from attacked_study import Attacked
from hostile_survey import EXTREME, RARE, STEMS, UNIT_STEMS, names_of_people, names_of_units
from published_files import PNG, found_in, numbers_of
from si_research.study.diagnose import diagnose_study
from si_research.study.output import MANIFEST


def test_nobody_and_no_unit_is_named_in_any_byte(published: Attacked) -> None:
    names = names_of_people(published.table) | names_of_units(published.table) | set(RARE)
    assert len(names) > 4000
    for folder in published.folders.values():
        assert found_in(folder, names, (*STEMS, *UNIT_STEMS)) == {}


def test_no_number_is_that_of_the_one_person_who_has_it(published: Attacked) -> None:
    told = {value for folder in published.folders.values() for _, value in numbers_of(folder)}
    assert EXTREME not in told and EXTREME in published.table["contracturen"].to_list()


def test_the_name_and_fingerprint_of_the_raw_file_are_not_told(published: Attacked) -> None:
    for folder in published.folders.values():
        manifest = (folder / MANIFEST).read_text("utf-8")
        assert '"profile": "publication"' in manifest
        assert "survey.csv" not in manifest and str(published.study) not in manifest


def test_inside_the_house_units_have_names_and_people_none(published: Attacked, tmp_path: Path) -> None:
    """The attack finds what is there: the pages of a diagnosis for the house name its units."""
    diagnose_study(published.study, output=tmp_path / "diagnosis")
    found = found_in(tmp_path / "diagnosis", names_of_people(published.table), STEMS)
    units = found_in(tmp_path / "diagnosis", set(), UNIT_STEMS)
    assert found == {} and "units.csv" in units


def hidden_in_svg(secret: str) -> bytes:
    return f"<svg xmlns='http://www.w3.org/2000/svg'><metadata>{secret}</metadata></svg>".encode()


def hidden_in_png(secret: str) -> bytes:
    body = b"zTXtComment\0\0" + zlib.compress(secret.encode())
    return PNG + struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def hidden_in_page(secret: str) -> bytes:
    inner = base64.b64encode(hidden_in_png(secret)).decode()
    return f'<html><img src="data:image/png;base64,{inner}" alt="n = 240"></html>'.encode()


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.svg", hidden_in_svg), ("a.png", hidden_in_png), ("a.html", hidden_in_page)],
)
@pytest.mark.parametrize("secret", ["RSPQ7001X", "by C. Qwibbelaar2", "203.0.113.7", "+31 6 9001 7919"])
def test_a_name_is_found_wherever_it_is_hidden(
    published: Attacked, tmp_path: Path, name: str, write: object, secret: str
) -> None:
    assert callable(write)
    (tmp_path / name).write_bytes(write(secret))
    names = names_of_people(published.table)
    assert found_in(tmp_path, names, STEMS).keys() == {name}
    assert found_in(tmp_path, names | {secret}, (secret,))[name]
