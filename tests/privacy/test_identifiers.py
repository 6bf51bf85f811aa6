"""Who is in this file? Recognised by what the survey tool says, by name and by content."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.privacy.cells import has_places
from si_research.privacy.identifiers import KINDS, IdentifierFinding, IdentifierKind, find_identifiers

BY_CONTENT: list[tuple[IdentifierKind, list[str], int]] = [
    ("email", ["", "geen", "j.de-vries+werk@mail.voorbeeld.nl"], 1),
    ("email", ["mail me: a_b@example.co.uk, graag"], 1),
    ("telephone", ["06-12345678", "weet niet"], 1),
    ("telephone", ["+31 6 12 34 56 78"], 1),
    ("telephone", ["+31 (0)20 123 45 67"], 1),
    ("telephone", ["020-1234567"], 1),
    ("telephone", ["+4915112345678"], 1),
    ("telephone", ["(030) 1234567"], 1),
    ("telephone", ["0301234567", "0101234567", ""], 2),
    ("telephone", ["bel me op 0612345678 svp"], 1),
    ("bank_account", ["NL91ABNA0417164300"], 1),
    ("bank_account", ["nl91 abna 0417 1643 00", "x"], 1),
    ("bank_account", ["DE89370400440532013000"], 1),
    ("bank_account", ["op NL91 ABNA 0417 1643 00 graag"], 1),
    ("citizen_number", ["111222333", "123456782", "1234.56.782"], 3),
    ("ip_address", ["192.0.2.1", "", "n.v.t."], 1),
    ("ip_address", ["2001:db8:0:0:8:800:200c:417a"], 1),
    ("ip_address", ["::ffff:192.0.2.1"], 1),
    ("location", ["52.3702, 4.8952"], 1),
    ("location", ["52.3702 4.8952 0 0"], 1),
    ("location", ["52,3702; 4,8952"], 1),
    ("location", ["52°22'N 4°53'E"], 1),
    ("device", ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"], 1),
    ("device", ["1920x1080", "390x844"], 2),
    ("device", ["00:1b:44:11:3a:b7"], 1),
    ("exact_time", ["2024-03-06 11:17:14", ""], 1),
    ("exact_time", ["6-3-2024 11:17"], 1),
    ("exact_time", ["2024-03-06T11:17:14Z"], 1),
    ("exact_time", ["2024/03/06 11:17:14 AM GMT+1"], 1),
    (
        "birth_date",
        [f"{day}-5-{year}" for day, year in zip(range(1, 25), range(1960, 1984), strict=True)],
        24,
    ),
    ("birth_date", [f"{year}-05-17" for year in range(1960, 1984)], 24),
    ("address", ["1234 AB", "5611cd", "9999 XX"], 3),
    ("address", ["Dorpsstraat 12", "Lange Laan 3a", "Keizersgracht 100"], 3),
    ("address", ["1234 AB 12", "1234AB, 7", "5611 CD 9 a"], 3),
    ("web_address", ["https://www.linkedin.com/in/iemand"], 1),
    ("web_address", ["zie www.voorbeeld.nl/mij"], 1),
    ("name", ["J. de Vries", "P.A. van den Berg", "K. Jansen", "X"], 3),
    ("name", ["Mevr. Jansen", "dhr. De Wit", "Dr. Müller"], 3),
    ("name", ["Jan Jansen", "Piet de Boer", "Anna Smit", "Roos Vis", "Teun Bal"], 3),
    (
        "free_text",
        ['[{ "title":"mijn huis","comment":"","size":"46","name":"jan.jpg","filename":"fu_1" }]'],
        1,
    ),
    (
        "free_text",
        [
            "Mijn leidinggevende luistert nooit naar wat wij op de vloer te zeggen hebben.",
            "Er zou meer tijd moeten zijn om samen dingen uit te proberen in het team",
            "Ik heb geen idee wat er met onze voorstellen gebeurt, dus ik doe het niet meer",
        ],
        3,
    ),
]


@pytest.mark.parametrize(("kind", "cells", "n_cells"), BY_CONTENT)
def test_recognised_by_content(kind: IdentifierKind, cells: list[str], n_cells: int) -> None:
    found = {each.kind: each for each in find_identifiers(pd.DataFrame({"V17": [*cells, ""]}))}
    assert set(found) == {kind}
    assert (found[kind].recognised_by, found[kind].n_cells) == ("content", n_cells)


BY_NAME: list[tuple[IdentifierKind, str]] = [
    ("name", "Voornaam"), ("name", "RecipientLastName"), ("name", "uw_naam"), ("name", "Nachname"),
    ("name", "Naam leidinggevende"), ("name", "Q2 Name"), ("name", "Wat is uw naam?"), ("name", "Ontvanger"),
    ("email", "E-mailadres"), ("email", "email"), ("email", "Wat is je e-mail?"), ("email", "E-Mail-Adresse"),
    ("telephone", "Telefoonnr"), ("telephone", "phone_number"), ("telephone", "Mobiel nummer"),
    ("telephone", "Handynummer"),
    ("bank_account", "IBAN"), ("bank_account", "rekeningnummer"), ("bank_account", "Kontonummer"),
    ("citizen_number", "BSN"), ("citizen_number", "Burgerservicenummer"), ("citizen_number", "ssn"),
    ("respondent_code", "Personeelsnummer"), ("respondent_code", "EmployeeID"), ("respondent_code", "token"),
    ("respondent_code", "VPNCode"), ("respondent_code", "ExternalReference"),
    ("ip_address", "IP-adres"), ("ip_address", "ipAddress"), ("ip_address", "IP"),
    ("location", "LocationLatitude"), ("location", "Breedtegraad"), ("location", "lon"), ("location", "gps"),
    ("address", "Adres"), ("address", "Huisnummer"), ("address", "Hausnummer"), ("address", "Street address"),
    ("birth_date", "Geboortedatum"), ("birth_date", "date_of_birth"), ("birth_date", "Geburtsdatum"),
    ("exact_time", "Tijdstempel"), ("exact_time", "StartDate"), ("exact_time", "Voltooiingstijd"),
    ("device", "UserAgent"), ("device", "Besturingssysteem"), ("device", "Browser"),
    ("web_address", "Verwijzer-URL"), ("web_address", "LinkedIn"),
    ("free_text", "Opmerkingen"), ("free_text", "Anders, namelijk"), ("free_text", "Other (please specify)"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), BY_NAME)
def test_an_empty_column_is_recognised_by_its_name(kind: IdentifierKind, name: str) -> None:
    (found,) = find_identifiers(pd.DataFrame({name: ["", None], "k1": ["1", "2"]}))
    assert (found.column, found.kind, found.recognised_by, found.n_cells) == (name, kind, "name", 0)


def test_every_kind_is_tried_by_name_and_by_content() -> None:
    assert {kind for kind, _ in BY_NAME} == set(KINDS)
    assert {kind for kind, *_ in BY_CONTENT} == set(KINDS) - {"respondent_code"}


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("email", "Als je dit goed zou vinden, kun je hier je email adres invullen."),
        ("name", "Please enter your full name so that we can reach you"),
        ("birth_date", "Date you are born"),
        ("address", "Please enter your address [City]"),
        ("telephone", "Op welk telefoonnummer kunnen wij u bereiken voor een gesprek?"),
        ("free_text", "Wilt u uw antwoord in eigen woorden toelichten? Licht dit zo goed mogelijk toe."),
        ("respondent_code", "Bitte erstellen Sie einen Versuchspersonen-Code nach den folgenden Vorgaben"),
    ],
)
def test_the_question_tells_what_a_number_does_not(kind: IdentifierKind, question: str) -> None:
    frame = pd.DataFrame({"Q7": ["iets", "wat anders", "nog iets"]})
    (found,) = find_identifiers(frame, texts={"Q7": question})
    assert (found.kind, found.recognised_by, found.n_cells) == (kind, "name", 3)


def test_what_the_survey_tool_says_of_its_own_columns() -> None:
    frame = pd.DataFrame(
        {"IP": ["192.0.2.1", ""], "k1": ["1", "2"], "Mail": ["", ""], "Vraag tijd: email": "3"}
    )
    roles = {"IP": "ip_address", "Mail": "email", "Taal": "language", "Vraag tijd: email": "timing"}
    assert find_identifiers(frame, roles=roles) == (
        IdentifierFinding("IP", "ip_address", "tool", 1, "the survey tool says so"),
        IdentifierFinding("Mail", "email", "tool", 0, "the survey tool says so"),
    )


def test_numbers_that_a_spreadsheet_made_of_telephone_and_citizen_numbers() -> None:
    frame = pd.DataFrame(
        {
            "a": [612345678.0, 687654321.0 - 40_000_000, 623456789.0],
            "b": [111222333.0, 123456782.0, 100000010.0],
        }
    )
    assert [(each.column, each.kind) for each in find_identifiers(frame)] == [
        ("a", "telephone"),
        ("b", "citizen_number"),
    ]


@pytest.mark.parametrize("as_text", [False, True])
def test_two_columns_of_degrees_are_a_place(as_text: bool) -> None:
    rng = np.random.default_rng(4)
    latitude, longitude = 52 + rng.normal(0, 0.5, 200).round(5), 5 + rng.normal(0, 0.8, 200).round(5)
    frame = pd.DataFrame({"k1": 3.0, "V8": latitude.round(5), "V9": longitude.round(5)})
    if as_text:
        frame = frame.astype("str")
    assert [(each.column, each.kind, each.n_cells) for each in find_identifiers(frame)] == [
        ("V8", "location", 200),
        ("V9", "location", 200),
    ]


def test_one_address_among_a_million_cells_is_found() -> None:
    codes = np.array(["1", "2", "3", "4", "5"], dtype=object)[np.arange(1_000_000) % 5]
    codes[777_777] = "iemand@voorbeeld.nl"
    (found,) = find_identifiers(pd.DataFrame({"k1": pd.Series(codes, dtype="str")}))
    assert (found.kind, found.n_cells) == ("email", 1)


def test_a_column_with_two_kinds_has_two_findings() -> None:
    frame = pd.DataFrame({"contact": ["a@b.nl", "06-12345678", "c@d.nl"]})
    assert [(each.kind, each.n_cells) for each in find_identifiers(frame)] == [("email", 2), ("telephone", 1)]


def test_columns_that_share_a_name_are_each_looked_at() -> None:
    frame = pd.DataFrame([["1", "a@b.nl"], ["2", ""]], columns=["Q1", "Q1"])
    assert [each.kind for each in find_identifiers(frame)] == ["email"]


def test_infinite_and_huge_numbers_are_looked_at_without_a_warning() -> None:
    """A weight that somebody divided by 0 has no decimals; degrees beside it are still seen."""
    assert not find_identifiers(pd.DataFrame({"gewicht": [np.inf, -np.inf, 1e308, 1.5, np.nan] * 10}))
    assert has_places(np.array([np.inf, 52.12345, 5.98765]))
