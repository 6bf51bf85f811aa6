"""Names that no list holds, by their shape or by what is asked; firms, jobs and places are no names."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from si_research.errors import CodebookError
from si_research.privacy.identifiers import find_identifiers
from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.reading.read import read_survey

FIRST = [
    "Okke", "Pleun", "Hidde", "Yara", "Sybren", "Aukje", "Fenna", "Tjalling", "Wietske", "Chinedu", "Özlem",
    "Jorrit", "Baukje", "Nienke", "Sjoerd", "Durk", "Froukje", "Ikram", "Ngozi", "Doutzen",
]  # fmt: skip
LAST = [
    "Veenstra", "Postma", "van der Terp", "Okafor", "Bouma", "El Amrani", "Yıldız-Smit", "de Wit", "Krol",
    "Hoekstra", "Dijkstra", "Wiersma", "van den Akker", "Adeyemi", "Kuipers", "O'Brien", "Sikkema",
    "Vos", "Mol",
]  # fmt: skip
COLLEAGUES = [f"{first} {last}" for first, last in product(FIRST[:5], LAST[:4])]
PEOPLE = [f"{FIRST[n % 20]} {LAST[n % 19]}" for n in range(40)]


def found(column: str, cells: list[str], question: str = "") -> list[tuple[str, str, int]]:
    texts = {column: question} if question else {}
    findings = find_identifiers(pd.DataFrame({column: cells}), texts=texts)
    return [(each.kind, each.recognised_by, each.n_cells) for each in findings]


@pytest.mark.parametrize(
    ("column", "question"),
    [
        ("collega", ""),
        ("Directe leidinggevende", ""),
        ("manager_2", ""),
        ("Wie vraagt u om advies? 1", ""),
        ("Q7", "Met wie overlegt u het vaakst?"),
        ("Q7", "Who gave you the idea?"),
    ],
)
def test_a_column_that_asks_for_a_person_holds_names(column: str, question: str) -> None:
    assert found(column, [*COLLEAGUES * 3, ""], question) == [("name", "name", 60)]


def test_first_names_are_found_where_the_question_asks_who() -> None:
    assert found("Wie helpt u?", FIRST * 3) == [("name", "name", 60)]


def test_names_are_found_by_their_shape_alone() -> None:
    assert len(set(PEOPLE)) == 40
    assert found("V17", PEOPLE) == [("name", "shape", 40)]
    turned = [f"{last.title()}, {first}" for first, last in zip(FIRST, reversed(LAST), strict=False)]
    assert found("V17", [each for each in turned if each.count(" ") == 1][:12]) == [("name", "shape", 12)]


NOBODY: dict[str, tuple[str, list[str]]] = {
    "labels with capitals": ("Mijn leidinggevende", ["Helemaal Mee Eens", "Mee Eens", "Mee Oneens"] * 10),
    "degrees with capitals": ("chef", ["Heel Weinig", "Zeer Veel", "In Hoge Mate", "Een Beetje"] * 10),
    "who, in general": ("Wie helpt u?", ["Mijn Leidinggevende", "Directe Collega", "Human Resources"] * 10),
    "who, in one word": ("Wie helpt?", ["Collega's", "Niemand", "Leidinggevende", "Directie", "Partner"] * 9),
    "the kind of manager": ("manager", ["Afdelingsmanager", "Directeur Zorg", "Hoofd Verkoop"] * 10),
    "a manager or none": ("leidinggevende", ["Ja", "Nee"] * 10),
    "job titles": ("V3", [
        f"{rank} {job}" for rank in ("Junior", "Medior", "Senior", "Chief")
        for job in ("Adviseur", "Planner", "Developer", "Controller", "Verpleegkundige")
    ]),
    "jobs by the name of the column": ("functie", PEOPLE),
    "cities": ("V4", ["Den Haag", "Alphen aan den Rijn", "Ee", "Oss", "Urk", "Zwolle", "Bergen op Zoom",
                      "Hoek van Holland", "Capelle aan den IJssel", "Utrecht",
                      "Nieuw Vennep", "Sint Annaparochie"]),
    "provinces": ("V4", ["Noord Holland", "Zuid Holland", "Noord Brabant", "Zuid-Holland"] * 10),
    "firms, each once": ("V5", [
        "Bakkerij Oost", "Zorggroep Almere", "Jansen Techniek", "Albert Heijn", "Visser Transport",
        "Hotel Zeezicht", "Coolblue", "Philips Lighting", "Smit Installaties", "Bouwbedrijf Krol", "KPN",
        "Van Lanschot", "Booking.com", "Jumbo Supermarkten",
    ]),
    "the employer": ("werkgever", PEOPLE),
    "teams": ("V6", [f"Team {last}" for last in ("Bouma", "Krol", "Postma", "Vos", "Smit", "Mol", "Bos",
                                                 "Pol", "Vis", "Tol", "Kok", "Wit")]),
    "a few names as options": ("V7", ["Albert Heijn", "Van Lanschot", "Bol Punt"] * 20),
    "an item about who does what": ("Ik weet wie helpt", ["Klopt Precies", "Klopt Deels", "Klopt Nooit"] * 9),
}  # fmt: skip


@pytest.mark.parametrize("case", NOBODY)
def test_who_is_nobody_by_shape(case: str) -> None:
    assert found(*NOBODY[case]) == []


def test_firms_shaped_as_names_may_be_the_organisation_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("V17;k1\n" + "".join(f"{name};3\n" for name in PEOPLE), "utf-8")
    scales = {"kunnen": Scale(construct_name="kunnen", items=("k1",))}
    items = {"k1": Item(format="agree_5")}
    book = Codebook(title="t", items=items, variables={"V17": Variable()}, scales=scales)
    named = book.model_copy(update={"roles": Roles(organisation="V17")})
    assert read_survey(path, named).values["V17"].nunique() == 40
    with pytest.raises(CodebookError, match="names of people in `V17`") as refused:
        read_survey(path, book)
    assert "Veenstra" not in str(refused.value)
