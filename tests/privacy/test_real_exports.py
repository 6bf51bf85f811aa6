"""Real exports: the people in them are found, in the columns of which their README tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.privacy.identifiers import IdentifierFinding, find_identifiers
from si_research.survey.reading import read_raw


def found(path: Path, *, told: bool = True) -> dict[str, IdentifierFinding]:
    """Findings by column; ``told=False`` forgets what the survey tool says."""
    raw = read_raw(path)
    roles = raw.roles if told else {}
    return {each.column: each for each in find_identifiers(raw.frame, texts=raw.texts, roles=roles)}


@pytest.mark.parametrize("name", ["engagement_choice_text.csv", "engagement_numeric.csv"])
def test_qualtrics(shared: Path, name: str) -> None:
    """17 system columns, of which these tell of a person; none of the 94 others does."""
    columns = found(shared / "real_data/qualtrics_choice_vs_numeric" / name)
    assert {column: each.kind for column, each in columns.items()} == {
        "StartDate": "exact_time",
        "EndDate": "exact_time",
        "IPAddress": "ip_address",
        "RecordedDate": "exact_time",
        "ResponseId": "respondent_code",
        "RecipientLastName": "name",
        "RecipientFirstName": "name",
        "RecipientEmail": "email",
        "ExternalReference": "respondent_code",
        "LocationLatitude": "location",
        "LocationLongitude": "location",
    }
    assert columns["RecipientEmail"].n_cells == 0


def test_qualtrics_without_its_own_account(shared: Path) -> None:
    """By name and by content alone, all but the response's own number are found."""
    folder = shared / "real_data/qualtrics_choice_vs_numeric"
    told, alone = (found(folder / "engagement_numeric.csv", told=way) for way in (True, False))
    assert set(told) - set(alone) == {"ResponseId"}
    assert {column: alone[column].kind for column in alone} == {
        column: told[column].kind for column in told if column in alone
    }
    assert alone["IPAddress"].n_cells == 231


def test_two_tiny_qualtrics_exports(shared: Path) -> None:
    folder = shared / "real_data/qualtrics_fixtures"
    assert {"IPAddress", "LocationLatitude", "RecipientEmail"} <= set(found(folder / "sample.csv"))
    legacy = found(folder / "sample_legacy.csv")
    assert [legacy[each].kind for each in ("Name", "EmailAddress", "IPAddress")] == [
        "name",
        "email",
        "ip_address",
    ]


def test_a_dutch_limesurvey_export(shared: Path) -> None:
    """60 respondents with IP addresses and moments; a question for e-mail addresses, others for own words."""
    columns = found(shared / "real_data/limesurvey_dutch/export_dutch_headers_masked.csv")
    kinds = {column[:30]: (each.kind, each.n_cells) for column, each in columns.items()}
    assert kinds["IP-adres"] == ("ip_address", 60)
    assert kinds["Datum verstuurd"] == ("exact_time", 9)
    assert kinds["Verwijzer-URL"] == ("web_address", 0)
    assert kinds["Het kan zijn dat we nog graag "] == ("email", 7)
    assert kinds["Kun je aangeven waarom je denk"] == ("free_text", 9)
    assert not any(column.startswith(("Vraag tijd", "Groep tijd")) for column in columns)


def test_a_german_limesurvey_export(shared: Path) -> None:
    """The code of letters and days of the family is found by its name, and by its question."""
    folder = shared / "real_data/limesurvey_german_jobcrafting"
    codes = found(folder / "export_question_codes.csv")
    assert {column: each.kind for column, each in codes.items()} == {
        "id": "respondent_code",
        "submitdate": "exact_time",
        "startdate": "exact_time",
        "datestamp": "exact_time",
        "VPNCode": "respondent_code",
    }
    questions = found(folder / "export_full_question_text.csv")
    (code,) = (each for column, each in questions.items() if "Versuchspersonen-Code" in column)
    assert (code.kind, code.n_cells) == ("respondent_code", 17)


def test_an_address_block_and_a_date_of_birth(shared: Path) -> None:
    columns = found(shared / "real_data/limesurvey_limonaid/survey_998192_R_data_file.csv")
    address = [each for column, each in columns.items() if column.startswith("Please enter your address")]
    assert [(each.kind, each.n_cells) for each in address] == [("address", 2)] * 4
    assert columns["Date you are born"].kind == "birth_date"
    upload = columns["Upload an image of your plant for example"]
    assert (upload.kind, upload.n_cells) == ("free_text", 1)


def test_identity_columns_that_are_there_and_empty(shared: Path) -> None:
    columns = found(shared / "real_data/surveymonkey_xlsx/Raw_data.xlsx")
    assert {each: (columns[each].kind, columns[each].n_cells) for each in list(columns)[:6]} == {
        "Respondent ID": ("respondent_code", 198),
        "Start Date": ("exact_time", 198),
        "End Date": ("exact_time", 198),
        "Email Address": ("email", 0),
        "First Name": ("name", 0),
        "Last Name": ("name", 0),
    }
    alone = found(shared / "real_data/surveymonkey_xlsx/Raw_data.xlsx", told=False)
    assert {"Email Address", "First Name", "Last Name"} <= set(alone)


def test_recipients_of_a_subsidy_may_be_people(shared: Path) -> None:
    """Most are firms; the publisher hid 162 natural persons, so that the column is one for names."""
    (recipient,) = found(shared / "real_data/nl_subsidies_2015_ez/innovatiesubsidies_ez_2015.csv").values()
    assert (recipient.column, recipient.kind, recipient.recognised_by) == ("Ontvanger", "name", "name")
