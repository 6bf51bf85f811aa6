"""Headers that hold a person: the column goes by its place everywhere; ordinary headers stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

from si_research.privacy.headers import hold_a_person
from si_research.survey.codebook import Codebook, Item, Scale
from si_research.survey.joining import join_exports
from si_research.survey.reading import read_raw, read_survey
from si_research.survey.reading.limesurvey_structure import is_structure
from si_research.survey.reading.withheld import withhold_people
from si_research.survey.replay import replay
from small_survey import LABELS, change_text, with_column, write_study

PEOPLE = [
    "Wiersma 0612345678", "Jansma 020-1234567", "+31 6 12345678", "jan.jansma@voorbeeld.nl",
    "NL91ABNA0417164300", "Rekening NL91 ABNA 0417 1643 00", "192.168.1.10", "BSN 123456782",
    "Beoordeling door Piet de Vries", "Beoordeling_door_Piet_de_Vries", "Beoordeling.door.Piet.de.Vries",
    "Beoordeling door Sjoerd Wiersma", "Feedback van Sanne", "Dhr. Jansma", "Mevrouw de Boer", "P.J. Jansma",
    "J. de Vries", "Vries, Piet de", "PIET DE VRIES", "Beoordeel uw collega's [Sjoerd Wiersma]",
    "Collega | Okke van der Terp", "Wat vindt u van Piet de Vries?",
]  # fmt: skip
NOBODY = [
    "Mijn leidinggevende geeft mij de ruimte om iets te proberen", "Job Satisfaction", "Naam bedrijf",
    "Albert Heijn", "Bakkerij Jan de Vries", "P. de Boer Holding B.V.", "Karel de Grote Hogeschool", "Jan",
    "Feb", "Mark One Answer", "HR Business Partner", "A. Leeftijd", "B. Work", "I.T. Afdeling",
    "U.S. Government", "1.2.3.4", "01-02-2020 10:11", "QID0612345678", "Kennis van Microsoft Excel",
    "Gebruik van Microsoft Teams", "Overall Rating of Job Satisfaction", "Evaluatie van Job Satisfaction",
    "Training door Deloitte Nederland", "Mijn leidinggevende [Altijd Aanwezig]", "Feedback van Collega's",
    "E-mail", "Telefoonnummer",
]  # fmt: skip


@pytest.mark.parametrize("header", PEOPLE)
def test_a_header_that_holds_a_person(header: str) -> None:
    assert hold_a_person([header]) == [True]


def test_ordinary_headers_hold_nobody() -> None:
    assert [header for header, found in zip(NOBODY, hold_a_person(NOBODY), strict=True) if found] == []


def test_first_names_alone_are_people_where_there_are_several() -> None:
    assert hold_a_person(["k1", "Sanne", "Kees [1]"]) == [False, False, False]
    assert hold_a_person(["k1", "Sanne", "Kees", "Beoordeel [Marieke]"]) == [False, True, True, True]


def real_files(shared: Path) -> Iterator[Path]:
    endings = (".csv", ".xlsx", ".sav", ".zsav", ".por", ".dta", ".txt")
    files = (path for path in sorted((shared / "real_data").rglob("*")) if path.suffix in endings)
    return (path for path in files if not is_structure(path))


@pytest.mark.filterwarnings("ignore")
def test_no_header_and_no_question_of_a_real_file_is_touched(shared: Path) -> None:
    """3794 headers and 2176 questions in 65 files; structures of questionnaires are none."""
    n_files = n_headers = n_questions = 0
    for path in real_files(shared):
        raw = read_raw(path)
        assert raw.withheld == {}, path.name
        n_files += 1
        n_headers += raw.frame.shape[1]
        n_questions += len(raw.texts)
    assert (n_files, n_headers, n_questions) == (65, 3794, 2176)


RATED = {
    "Beoordeling door Piet de Vries": lambda row: LABELS[row % 5],
    "Wiersma 0612345678": lambda row: LABELS[row % 4],
    "jan.jansma@voorbeeld.nl": lambda row: str(row % 7),
    "Rekening NL91 ABNA 0417 1643 00": lambda row: "ja" if row % 2 else "nee",
    "Okke van der Terp": lambda row: (
        f"{chr(65 + row % 26)}{chr(97 + row // 26)}nne {chr(65 + row // 26)}{chr(97 + row % 26)}ostra"
    ),
}
SECRETS = ("Vries", "Wiersma", "0612345678", "jansma", "ABNA", "Terp")


def said_in(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "survey.csv":
            yield path.name, path.read_bytes().decode("utf-8", "ignore")
            if path.suffix == ".xlsx":
                yield path.name, str(pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl"))
            if path.suffix == ".parquet":
                yield path.name, str(list(pd.read_parquet(path)))


def test_no_command_and_no_output_says_who_stands_in_a_header(
    tmp_path: Path, si_research: Callable[..., Result]
) -> None:
    made = write_study(tmp_path / "first")
    for header, answer in RATED.items():
        with_column(made / "survey.csv", header, answer)
    asked = made / "survey.csv"
    use = "roles: {respondent: nummer, organisation: bedrijf"
    change_text(made / "codebook.yml", "  k1: {", "  oordeel: {column: column 15, format: agree_5}\n  k1: {")
    change_text(
        made / "codebook.yml", use, f"variables: {{reke: {{column: column 18}}}}\n{use}, controls: [reke]"
    )
    studies = tmp_path / "studies"
    studies.mkdir()
    said = [
        si_research("new", studies / "nieuw", "--data", asked),
        si_research("codebook", asked, "--output", studies / "draft.yml"),
        si_research("check", studies / "nieuw"),
        si_research("run", studies / "nieuw"),
        si_research("check", made),
        si_research("run", made),
        si_research(
            "clean", made, *(f"--to=c.{end}" for end in ("csv", "parquet", "xlsx", "sav")), "--cells"
        ),
    ]
    assert [result.exit_code for result in said] == [0, 0, 2, 2, 0, 0, 0], [each.output for each in said]
    assert "column 15, column 16, column 17, column 18, column 19" in said[1].output
    texts = [*((str(n), each.output) for n, each in enumerate(said)), *said_in(tmp_path)]
    assert {"report.html", "ledger.csv", "codebook.yml", "draft.yml", "c.sav"} <= {name for name, _ in texts}
    for name, text in texts:
        assert not [secret for secret in SECRETS if secret in text], name
    assert "kolom 19" in (made / "output" / "report.html").read_text("utf-8")
    assert "column: column 15" in (studies / "draft.yml").read_text("utf-8")


def book(**columns: str) -> Codebook:
    items = {name: Item(format="agree_5", column=column) for name, column in columns.items()}
    return Codebook(title="t", items=items, scales={"s": Scale(construct="kunnen", items=tuple(items))})


def test_a_codebook_finds_the_column_by_its_place_and_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("nr;Beoordeling door Piet de Vries;column 2\n1;4;2\n2;5;3\n", "utf-8")
    raw = read_raw(path)
    assert list(raw.frame) == ["nr", "column 2 (of the file)", "column 2"]
    for column in ("Beoordeling door Piet de Vries", "column 2 (of the file)"):
        survey = read_survey(path, book(k1=column))
        assert survey.values["k1"].tolist() == [4, 5]
        assert "Vries" not in survey.ledger.steps.to_csv()
        assert replay(survey.ledger, path, book(k1=column)).values.equals(survey.values)


def test_a_header_that_stands_there_twice_is_said_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("nr;Piet de Vries;Piet de Vries\n1;4;2\n2;5;3\n", "utf-8")
    raw = read_raw(path)
    assert list(raw.frame) == ["nr", "column 2", "column 3"]
    assert raw.repeated == ()
    assert "column names that occur more than once: column 2" in raw.facts.detected
    assert "Vries" not in f"{raw}{raw.facts}{raw.table()}"


def test_two_exports_are_joined_on_the_header_that_is_not_shown(tmp_path: Path) -> None:
    headers = ("Beoordeling door Piet de Vries", "Beoordeling door Anna Bos")
    raws = []
    for place, (first, second) in enumerate([headers, headers[::-1]]):
        path = tmp_path / f"survey{place}.csv"
        path.write_text(f"Uw oordeel;{first};{second}\n1;4;{place}\n2;5;{place}\n", "utf-8")
        raws.append(read_raw(path))
    joined = join_exports(raws)
    assert list(joined.raw.frame) == ["Uw oordeel", "column 2", "column 3"]
    assert joined.raw.frame["column 2"].tolist() == ["4", "5", "1", "1"]
    assert not any(name in f"{joined}{joined.table().to_csv()}{joined.raw}" for name in ("Vries", "Bos"))


def test_a_question_that_names_somebody_is_not_shown_and_its_column_keeps_its_code(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("Q1;Q2\n4;4\n5;5\n", "utf-8")
    raw = read_raw(path)
    asked = {"Q1": "Beoordeling van Piet de Vries", "Q2": "Ik kan het"}
    found = withhold_people(type(raw)(raw.frame, raw.facts, raw.options, texts=asked))
    assert list(found.frame) == ["Q1", "Q2"]
    assert (found.texts, found.withheld) == ({"Q2": "Ik kan het"}, {"Q1": "Beoordeling van Piet de Vries"})
    assert "questions that tell of a person, and that are shown nowhere: 1" in found.facts.detected
