"""Names that many people bear: repeated, in any capitals, under a header that asks for one, in a text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from si_research.privacy.identifiers import find_identifiers
from si_research.survey.drafting import draft_codebook
from si_research.survey.reading import read_raw

SURE: dict[str, tuple[str, str, list[str]]] = {
    "first names of coaches": ("coach", "name", ["Kees", "Anna", "Bram", "Emma"]),
    "first names without a word for them": ("V6", "name", ["kees", "annemarie", "bram"]),
    "two managers": ("leidinggevende", "name", ["Kees", "Anna"]),
    "surnames of managers": ("Leidinggevende", "name", ["SMIT", "DE BOER", "Visser"]),
    "full names without capitals": ("adviseur", "name", ["kees smit", "anna de boer", "bram visser"]),
    "full names in capitals": ("V9", "name", ["KEES SMIT", "ANNA DE BOER"]),
    "titles before a link": ("V11", "name", ["Dhr. Smit", "Mevr. de Boer", "Dr. Visser"]),
    "names among words": ("opm", "free_text", ["goed", "ik heet Kees Smit"]),
    "a name with a department": ("anders", "free_text", ["Kees Smit van de afdeling verkoop"]),
    "a mail address in words": ("V37", "email", ["kees at bedrijf dot nl", "anna (at) bedrijf (punt) nl"]),
    "number plates": ("kenteken", "respondent_code", ["12-AB-34"]),
    "VAT numbers": ("V23", "citizen_number", ["NL001234567B01", "NL123456782B90"]),
}
ASKED = {
    "surnames in capitals": ("V9", ["SMIT", "DE BOER", "VISSER"]),
    "surnames": ("V8", ["Smit", "Bakker", "Jansen", "Visser", "Mulder", "de Boer"]),
    "names of users": ("gebruiker", ["ksmit", "adeboer", "bvisser"]),
    "two first names": ("V4", ["Annemarie", "Pieter"]),
    "a name among sectors": ("V4", ["zorg", "bouw", "Kees Smit", "handel"]),
}
NOBODY = {
    "sectors": ["Bouw", "Zorg", "Handel", "Visserij"],
    "trades that are surnames too": ["Bakker", "Kok", "Slager", "Timmerman", "Schilder"],
    "firms": ["Bakkerij Jansen", "Kees Smit Holding", "De Vries BV", "Anna Groep"],
    "answers": ["Zeer mee eens", "Mee eens", "Neutraal", "Oneens"],
    "towns": ["Den Haag", "Breda", "Den Bosch", "Sint Willebrord"],
    "schools": ["Thomas More Hogeschool", "Anne Frank School", "Universiteit Utrecht"],
    "dots and ats": ["at work", "dot com", "kijk at home", "punt"],
    "codes": ["NL12", "NL123456782", "B90"],
}


def written(folder: Path, header: str, cells: list[str]) -> Path:
    path = folder / "survey.csv"
    frame = pd.DataFrame({"k1": [1, 2, 3, 4, 5] * 24, header: (cells * 120)[:120]})
    frame.to_csv(path, sep=";", index=False)
    return path


@pytest.mark.parametrize("case", SURE)
def test_a_handful_of_names_that_are_repeated_stays_out(tmp_path: Path, case: str) -> None:
    header, kind, cells = SURE[case]
    draft = draft_codebook(read_raw(written(tmp_path, header, cells)))
    assert draft.kept_out == {header: f"may tell who somebody is: {kind.replace('_', ' ')}"}


@pytest.mark.parametrize("case", ASKED)
def test_where_it_is_not_sure_a_person_is_asked(tmp_path: Path, case: str) -> None:
    header, cells = ASKED[case]
    draft = draft_codebook(read_raw(written(tmp_path, header, cells)))
    variable = draft.variables[header]
    assert variable.confirm is False
    assert variable.proposed is not None
    assert variable.proposed.endswith("if they are names of people, leave it out")


@pytest.mark.parametrize("case", NOBODY)
def test_firms_towns_jobs_sectors_and_answers_are_nobody(tmp_path: Path, case: str) -> None:
    frame = pd.DataFrame({"V5": NOBODY[case] * 20})
    assert find_identifiers(frame) == ()
    path = written(tmp_path, "V5", NOBODY[case])
    draft = draft_codebook(read_raw(path))
    assert not draft.kept_out
    assert "leave it out" not in str(draft.variables.get("V5"))


def test_names_of_other_origins_stay_out_of_the_draft(tmp_path: Path) -> None:
    cells = ["Şahin Yılmaz", "Nguyễn Văn An", "Olu Adebayo", "Priya Patel"]
    draft = draft_codebook(read_raw(written(tmp_path, "V12", cells)))
    assert draft.kept_out == {"V12": "may tell who somebody is: perhaps names of people"}
