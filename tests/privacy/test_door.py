"""At the door: what the codebook does not name stays out and is listed; no person comes in unasked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from si_research.errors import CodebookError, SiResearchError
from si_research.privacy.identifiers import find_identifiers
from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.ledger import counts_of, parameters_of
from si_research.survey.reading import read_survey
from si_research.survey.replay import replay
from small_survey import change_text, with_column, write_study
from tool_exports import qualtrics

MAILS = [f"persoon{n}@voorbeeld.nl" for n in range(12)]
WORDS = [f"Hier zou volgens mij nummer {n} wel wat meer naar mogen luisteren met ons" for n in range(12)]


def book(variable: Variable | None = None, **roles: object) -> Codebook:
    return Codebook(
        title="Made up",
        items={"k1": Item(format="agree_5")},
        variables={"wie": variable} if variable is not None else {},
        scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
        roles=Roles.model_validate(roles),
    )


def write(folder: Path, **columns: list[str]) -> Path:
    path = folder / "survey.csv"
    pd.DataFrame({"k1": ["4"] * 12, **columns}).to_csv(path, index=False)
    return path


def test_what_stays_out_is_listed_with_kind_and_how(tmp_path: Path) -> None:
    path = write(tmp_path, contact=MAILS, Opmerkingen=WORDS, leeftijd=["40"] * 12)
    survey = read_survey(path, book())
    assert list(survey.values) == ["k1"]
    assert survey.door.n_outside == 3
    assert [(each.column, each.kind, each.recognised_by) for each in survey.door.kept_out] == [
        ("contact", "email", "content"),
        ("Opmerkingen", "free_text", "name"),
    ]
    step = survey.ledger.steps.set_index("step").loc["keep_out"]
    assert step["rule"] == (
        "columns that the codebook does not name, and that stay out: 3; of these may tell who somebody is: "
        "e-mail addresses (`contact`); text in people's own words (`Opmerkingen`)"
    )
    place = list(survey.ledger.steps["step"]).index("keep_out")
    assert counts_of(survey.ledger, place) == {
        "columns": {"outside": 3},
        "kept_out": {"email": 1, "free_text": 1},
    }
    assert parameters_of(survey.ledger, "keep_out") == {
        "kept_out": {"contact": {"email": "content"}, "Opmerkingen": {"free_text": "name"}},
        "let_in": {},
    }
    assert (step["rows_before"], step["rows_after"], step["cells_changed"]) == (12, 12, 0)
    assert replay(survey.ledger, path, book()).ledger.steps.equals(survey.ledger.steps)


CASES = {
    "a category": (book(Variable(column="wie"), controls=["wie"]), MAILS, "e-mail addresses"),
    "own words as a category": (book(Variable()), WORDS, "own words"),
    "the organisation": (book(organisation="wie"), MAILS, "e-mail addresses"),
    "the team": (book(team="wie"), [f"06-123456{n:02d}" for n in range(12)], "telephone numbers"),
    "the wave": (book(wave="wie"), [f"2024-03-{n + 1:02d} 10:30" for n in range(12)], "exact times"),
    "a number": (
        book(Variable(kind="number")),
        ["111222333", "123456782", "100000010"] * 4,
        "citizen numbers",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_person_in_a_column_that_is_used_is_refused(tmp_path: Path, case: str) -> None:
    codebook, cells, kind = CASES[case]
    with pytest.raises(CodebookError) as refused:
        read_survey(write(tmp_path, wie=cells), codebook)
    message = str(refused.value)
    assert kind in message
    assert "`wie`" in message
    assert "allow_personal: true" in message
    assert not any(cell in message for cell in cells)


def test_all_columns_are_refused_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, wie=MAILS, bedrijf=WORDS)
    with pytest.raises(CodebookError) as refused:
        read_survey(path, book(Variable(), organisation="bedrijf"))
    assert [problem.where for problem in refused.value.problems] == ["variables.wie", "roles.organisation"]


def test_an_item_that_holds_addresses_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    pd.DataFrame({"k1": MAILS}).to_csv(path, index=False)
    with pytest.raises(CodebookError, match="e-mail addresses") as refused:
        read_survey(path, book())
    assert "voorbeeld.nl" not in str(refused.value)


def test_a_column_is_refused_for_what_it_is_called(tmp_path: Path) -> None:
    path = write(tmp_path, Achternaam=[f"Zwart{letter}" for letter in "abcdefghijkl"])
    with pytest.raises(CodebookError, match=r"names of people in `Achternaam` \(its name says so\)"):
        read_survey(path, book(Variable(column="Achternaam")))


@pytest.mark.parametrize(
    ("codebook", "cells"),
    [
        (book(Variable(kind="identifier"), respondent="wie"), MAILS),
        (book(respondent="wie"), MAILS),
        (book(Variable(allow_personal=True)), MAILS),
        (book(Variable(allow_personal=True)), WORDS),
        (book(organisation="wie"), [f"www.bedrijf{n}.nl" for n in range(12)]),
        (book(Variable(), completed="wie"), [f"2024-03-{n + 1:02d} 10:30" for n in range(12)]),
    ],
    ids=["identifier", "respondent", "allowed", "own words allowed", "websites of firms", "sent in at"],
)
def test_what_may_come_in_comes_in_and_is_named(tmp_path: Path, codebook: Codebook, cells: list[str]) -> None:
    survey = read_survey(write(tmp_path, wie=cells), codebook)
    assert survey.values["wie"].tolist() == cells
    assert [each.column for each in survey.door.let_in] == ["wie"]
    assert "let in, since the codebook names them" in survey.ledger.steps["rule"].iloc[1]


def test_a_column_called_name_may_be_the_organisation(tmp_path: Path) -> None:
    path = write(tmp_path, Naam=["Bakkerij Oost"] * 6 + ["Smederij West"] * 6)
    assert read_survey(path, book(organisation="Naam")).values["Naam"].nunique() == 2


def test_the_columns_of_a_survey_tool_stay_out(tmp_path: Path) -> None:
    rows = [["2026-01-05 10:00:00", "0", "192.0.2.7", "100", "1", f"R_{n}", "4"] for n in range(3)]
    path = tmp_path / "export.csv"
    path.write_text(qualtrics(rows, [("k1", "I can", "QID1")]))
    found = {each.column: each for each in read_survey(path, book()).door.kept_out}
    assert {column: (each.kind, each.recognised_by) for column, each in found.items()} == {
        "StartDate": ("exact_time", "tool"),
        "IPAddress": ("ip_address", "tool"),
        "ResponseId": ("respondent_code", "tool"),
    }


@pytest.fixture
def study_with_people(tmp_path: Path) -> Path:
    folder = write_study(tmp_path / "studie")
    with_column(folder / "survey.csv", "E-mailadres", lambda row: f"persoon{row}@voorbeeld.nl")
    with_column(folder / "survey.csv", "laatst gezien", lambda row: f"2024-03-01 10:{row % 60:02d}:17")
    return folder


def test_check_run_and_every_output_name_the_columns_and_no_value(
    study_with_people: Path, si_research: Callable[..., Result]
) -> None:
    checked = si_research("check", study_with_people)
    assert checked.exit_code == 0, checked.output
    assert "e-mail addresses (`E-mailadres`); exact times (`laatst gezien`)" in checked.output
    assert si_research("run", study_with_people, "--quiet").exit_code == 0
    outputs = list((study_with_people / "output").rglob("*"))
    assert {"report.html", "ledger.csv", "results.json"} <= {path.name for path in outputs}
    for path in outputs:
        content = path.read_bytes() if path.is_file() else b""
        assert b"voorbeeld.nl" not in content, path.name
        assert b"10:17" not in content, path.name
    page = (study_with_people / "output" / "report.html").read_text("utf-8")
    for text in ("Wat buiten bleef", "e-mailadressen", "E-mailadres", "precieze tijdstippen", "de inhoud"):
        assert text in page


def test_the_report_says_so_in_english_too(
    study_with_people: Path, si_research: Callable[..., Result]
) -> None:
    assert si_research("run", study_with_people, "--quiet", "--language", "en").exit_code == 0
    page = (study_with_people / "output" / "report.html").read_text("utf-8")
    for text in ("What was kept out", "e-mail addresses", "exact times", "the name or the question"):
        assert text in page


def test_a_refusal_is_one_message_with_the_line(
    study_with_people: Path, si_research: Callable[..., Result]
) -> None:
    change_text(study_with_people / "codebook.yml", "organisation: bedrijf", "organisation: E-mailadres")
    result = si_research("run", study_with_people)
    assert result.exit_code == 2
    assert "e-mail addresses in `E-mailadres`" in result.output
    assert "voorbeeld.nl" not in result.output
    assert not (study_with_people / "output").exists()


LETTERS = st.text(st.characters(categories=("Lu", "Nd")), min_size=6, max_size=12)
SECRET = LETTERS.map(lambda text: f"Zq{text}xW")
SHAPES = [
    "{}@voorbeeld.nl", "https://{}.nl/mij", "{} zegt dat wij hier te weinig ruimte krijgen om iets te doen",
    "Mevr. {}", "{} en dan 06-12345678", "{}",
]  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(SECRET, st.sampled_from(SHAPES)), min_size=12, max_size=12, unique_by=lambda t: t[0])
)
def test_no_value_of_a_cell_is_ever_said(tmp_path: Path, drawn: list[tuple[str, str]]) -> None:
    cells = [shape.format(secret) for secret, shape in drawn]
    frame = pd.DataFrame({"Naam": cells, "V2": cells})
    said = [each.reason for each in find_identifiers(frame, texts={"V2": "Wat is uw e-mailadres?"})]
    path = write(tmp_path, Naam=cells, V2=cells)
    survey = read_survey(path, book())
    said += [
        survey.ledger.steps.to_csv(),
        str(survey),
        json.dumps([str(each) for each in survey.door.kept_out]),
    ]
    try:
        read_survey(path, book(Variable(column="V2"), team="Naam"))
    except SiResearchError as refused:
        said.append(str(refused))
    assert not any(secret in text for secret, _ in drawn for text in said)
