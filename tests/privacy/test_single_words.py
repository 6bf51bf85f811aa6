"""Columns of single words: first names, surnames and initials that nobody announced, and what is none."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from si_research.errors import CodebookError
from si_research.privacy.identifiers import find_identifiers
from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.drafting import draft_codebook
from si_research.survey.reading import read_raw, read_survey


def listed(words: str) -> list[str]:
    return words.split()


RARE = listed(
    "Sjoerd Okke Pleun Hidde Yara Sybren Aukje Fenna Tjalling Wietske Chinedu Özlem Jorrit Baukje Nienke "
    "Durk Froukje Ikram Ngozi Doutzen Aiko Haruto Priya Arjun Ming Xiulan Siobhan Niamh Oisin Zsofia Gergely "
    "Katarzyna Wojciech Ludmila Bogdan Ayse Mehmet Yusuf Zainab Kofi Abena Thandiwe Sipho Lerato Elif Noor "
    "Amine Rachida Youssef Samira Malika Anouk Giulia Matteo Ximena Joaquin Svetlana Igor Zdenka Ruairi"
)
WITH_SOME_KNOWN = [*RARE[:50], *listed("Jan Kim Sara Eva Peter Linda Mohamed Daan Lotte Bram")]
SURNAMES = listed(
    "Jansma Okafor Wiersma Yilmaz Nguyen Kowalski Bakema Visscher Smit Meijer Vos Hendriks Dekker Brouwer "
    "Dijkstra Mulder Kuipers Veenstra Hoekstra Postma Haddad Khan Singh Rossi Novak"
)
INITIALS = [first + last for first, last in product("ABCDEF", "JKLMN")]


def found(column: str, cells: list[str], n: int, question: str = "") -> list[tuple[str, str, int]]:
    frame = pd.DataFrame({column: [cells[row % len(cells)] for row in range(n)]})
    findings = find_identifiers(frame, texts={column: question} if question else {})
    return [(each.kind, each.recognised_by, each.n_cells) for each in findings]


@pytest.mark.parametrize("n", [60, 240, 300])
def test_sixty_first_names_from_anywhere_are_own_words_at_least(n: int) -> None:
    assert len(set(RARE)) == 60
    assert found("q79", RARE, n) == [("free_text", "shape", n)]


@pytest.mark.parametrize("n", [60, 2000])
def test_they_are_names_where_some_bear_a_name_that_many_bear(n: int) -> None:
    assert found("q79", WITH_SOME_KNOWN, n) == [("name", "shape", n)]
    assert found("q79", [name.lower() for name in WITH_SOME_KNOWN], n) == [("name", "shape", n)]


def test_surnames_and_first_names_with_a_letter() -> None:
    assert found("q80", ["de Vries", "van Dam", *SURNAMES], 54) == [("free_text", "shape", 54)]
    assert found("q80", [f"{name} {name[0]}." for name in RARE], 120) == [("free_text", "shape", 120)]


@pytest.mark.parametrize(
    "cells", [INITIALS, [f"{pair[0]}.{pair[1]}." for pair in INITIALS], [f"{p[0]}v{p[1]}" for p in INITIALS]]
)
def test_initials_in_a_column_that_is_called_employee(cells: list[str]) -> None:
    assert found("Medewerker", cells, 60) == [("name", "shape", 60)]
    assert found("q79", INITIALS, 60) == []


def test_a_few_names_in_a_column_that_is_called_employee() -> None:
    assert found("Medewerker", RARE[:6], 30) == [("name", "shape", 30)]


NOBODY: dict[str, tuple[str, str]] = {
    "cities": ("q79", "Amsterdam Rotterdam Utrecht Zwolle Urk Oss Ede Veenendaal Houten Zeist Gouda Delft "
               "Venlo Weert Sittard Heerlen Goes"),
    "cities, by the name": ("woonplaats", "Urk Oss Ede Veenendaal Houten Zeist Gouda Venlo Weert Sittard "
                            "Heerlen Goes Sneek Heerenveen Emmen Hoogeveen"),
    "countries": ("q79", "Nederland België Duitsland Syrië Oekraïne Indonesië China India Iran Irak Eritrea "
                  "Somalië Ghana Nigeria Kenia Suriname"),
    "jobs": ("q79", "Timmerman Kok Schilder Dakdekker Stukadoor Boer Visser Tuinman Mecanicien Chauffeur "
             "Planner Piloot Bakker Kapper Voeger Grondwerker"),
    "jobs, by the name": ("functie", " ".join(RARE)),
    "teams": ("team", " ".join(SURNAMES)),
    "departments": ("q79", "Verkoop Inkoop Productie Logistiek Finance Juridisch Marketing Service Onderzoek "
                    "Kwaliteit Techniek Directie Staf Facilitair Bestuur"),
    "kinds of contract": ("Medewerker", "Vast Flex Inhuur Stage Oproep"),
    "groups": ("participant", "Control Treatment Waitlist Placebo Other"),
    "codes of firms": ("q79", "AGO BIS CPS DCMS DECC DEFRA DFE DFID DFT DWP FCO GLD HMRC HMT MOD MOJ NCA"),
    "numbers of people": ("respondent", " ".join(f"R{n}" for n in range(40))),
    "an answer a level": ("manager", "Laag Midden Hoog Top Basis"),
}  # fmt: skip


@pytest.mark.parametrize("case", NOBODY)
def test_lists_to_choose_from_are_nobody(case: str) -> None:
    column, words = NOBODY[case]
    assert found(column, words.split(), 60) == []


def write(folder: Path, cells: list[str], n: int) -> Path:
    path = folder / "survey.csv"
    rows = "".join(f"{cells[row % len(cells)]};{row % 5 + 1}\n" for row in range(n))
    path.write_text(f"q79;k1\n{rows}", "utf-8")
    return path


def test_the_draft_keeps_them_out_and_a_codebook_that_names_them_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, RARE, 240)
    assert draft_codebook(read_raw(path)).kept_out["q79"] == "may tell who somebody is: free text"
    scales = {"kunnen": Scale(construct_name="kunnen", items=("k1",))}
    book = Codebook(
        title="t", items={"k1": Item(format="agree_5")}, variables={"q79": Variable()}, scales=scales
    )
    with pytest.raises(CodebookError, match="text in people's own words in `q79`") as refused:
        read_survey(path, book)
    assert "Sjoerd" not in str(refused.value)
    team = book.model_copy(update={"roles": Roles(team="q79")})
    assert read_survey(path, team).values["q79"].nunique() == 60


def test_the_draft_asks_where_they_are_repeated_too_often_to_be_sure(tmp_path: Path) -> None:
    drafted = draft_codebook(read_raw(write(tmp_path, RARE, 900))).variables["q79"]
    assert drafted.confirm is False
    assert "if they are names of people, leave it out" in drafted.proposed
