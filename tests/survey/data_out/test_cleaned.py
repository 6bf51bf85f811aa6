"""Cleaned data go out and come back: the same values, and the same reason for each that is missing."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow.parquet as arrow_parquet
import pytest
from hypothesis import HealthCheck, given, settings

from made_surveys import Made, surveys
from si_research.errors import SurveyDataError
from si_research.privacy.pseudonyms import pseudonym
from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.codebook_file import read_codebook
from si_research.survey.data_out import write_cleaned
from si_research.survey.data_out.cleaned import codebook_beside
from si_research.survey.data_out.parquet import SCHEMA_KEY
from si_research.survey.exchange import (
    read_table_schema,
    table_schema_of,
    write_ddi,
    write_table_schema,
    write_xlsform,
)
from si_research.survey.reading import read_survey
from si_research.survey.survey_data import REASONS, Survey

ENDINGS = ("csv", "parquet", "xlsx", "sav")
CODEBOOK = Codebook(
    title="Klein",
    items={
        "k1": Item(format="agree_5", wording_nl="Kunt u het?"),
        "w1": Item(format="agree_5", reverse=True),
    },
    variables={
        "uren": Variable(kind="number"),
        "sector": Variable(labels={"1": "zorg", "2": "bouw"}, label_nl="sector"),
        "rol": Variable(),
        "nummer": Variable(kind="identifier"),
    },
    scales={"kunnen": Scale(construct="kunnen", items=("k1", "w1"))},
    roles=Roles(respondent="nummer", organisation="Naam bedrijf", controls=("uren",)),
)
RAW = """\
k1,w1,uren,sector,rol,nummer,Naam bedrijf
1,helemaal mee eens,0,1,=2+3,101,"Bakker, Zn"
,2,-95.5,bouw,@klein,102,Bouw BV
5,,37.5,,+31,103,
"""


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    path = tmp_path / "raw.csv"
    path.write_text(RAW, "utf-8")
    return read_survey(path, CODEBOOK)


def assert_comes_back(survey: Survey, codebook: Codebook, path: Path) -> None:
    written = write_cleaned(survey, codebook, path)
    again = read_survey(path, read_codebook(codebook_beside(path)))
    names = [name for name in survey.values if name not in written.left_out]
    assert sorted(again.values) == sorted(names)
    index = again.values.index
    pd.testing.assert_frame_equal(again.values[names], survey.values[names].set_axis(index))
    pd.testing.assert_frame_equal(again.reasons[names], survey.reasons[names].set_axis(index))


@pytest.mark.parametrize("ending", ENDINGS)
def test_any_survey_comes_back(ending: str) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(made=surveys())
    def comes_back(made: Made) -> None:
        with TemporaryDirectory() as folder:
            assert_comes_back(made.survey, made.codebook, Path(folder) / f"cleaned.{ending}")

    comes_back()


@pytest.mark.parametrize("ending", ENDINGS)
def test_identifiers_stay_behind(survey: Survey, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"cleaned.{ending}"
    written = write_cleaned(survey, CODEBOOK, path)
    assert written.left_out == ("nummer",)
    assert written.n_rows == 3
    assert written.codebook.roles.respondent is None
    assert written.codebook.roles.organisation == "Naam bedrijf"
    assert_comes_back(survey, CODEBOOK, tmp_path / f"again.{ending}")
    assert b"nummer" not in path.read_bytes()


@pytest.mark.parametrize("ending", ENDINGS)
def test_identifiers_can_leave_as_pseudonyms(survey: Survey, tmp_path: Path, ending: str) -> None:
    key = bytes(32)
    written = write_cleaned(
        survey, CODEBOOK, tmp_path / f"cleaned.{ending}", identifiers="pseudonyms", key=key
    )
    assert written.left_out == ()
    again = read_survey(written.data, read_codebook(codebook_beside(written.data)))
    expected = pseudonym(survey.values["nummer"], key)
    assert again.values["nummer"].tolist() == expected.tolist()
    assert again.values["nummer"].nunique() == 3
    assert written.codebook.roles.respondent == "nummer"


def test_pseudonyms_need_a_key(survey: Survey, tmp_path: Path) -> None:
    with pytest.raises(SurveyDataError, match="a key for the pseudonyms"):
        write_cleaned(survey, CODEBOOK, tmp_path / "cleaned.csv", identifiers="pseudonyms")


def test_reasons_can_be_read_without_this_toolkit(survey: Survey, tmp_path: Path) -> None:
    write_cleaned(survey, CODEBOOK, tmp_path / "cleaned.csv")
    assert (tmp_path / "cleaned.csv").read_text("utf-8") == (
        "k1,w1,uren,sector,rol,Naam bedrijf,k1__reason,w1__reason,sector__reason,Naam bedrijf__reason\n"
        '1.0,5.0,0.0,1,=2+3,"Bakker, Zn",,,,\n'
        ",2.0,-95.5,2,@klein,Bouw BV,unanswered,,,\n"
        "5.0,,37.5,,+31,,,unanswered,unanswered,unanswered\n"
    )


def test_waves_and_codes_of_the_raw_file_are_done_with(tmp_path: Path) -> None:
    codebook = Codebook(
        title="Twee metingen",
        items={
            "k1": Item(format="agree_5", columns={"t1": "T1_k1", "t2": "T2_k1"}, codes={"6": 5, "4": 4}),
        },
        variables={"rol": Variable(columns={"t1": "T1_rol", "t2": "T2_rol"})},
        scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
        kept_out={"email": "who somebody is"},
    )
    (tmp_path / "raw.csv").write_text("T1_k1,T2_k1,T1_rol,T2_rol,email\n6,4,a,b,x\n,6,c,,y\n", "utf-8")
    survey = read_survey(tmp_path / "raw.csv", codebook)
    assert survey.values["k1"].max() == 5
    for ending in ENDINGS:
        assert_comes_back(survey, codebook, tmp_path / f"cleaned.{ending}")
    for write, name in ((write_table_schema, "s.json"), (write_xlsform, "f.xlsx"), (write_ddi, "d.xml")):
        assert write(codebook, tmp_path / name).exists()
    fields = [field["name"] for field in table_schema_of(codebook)["fields"]]
    assert fields == ["T1_k1", "T2_k1", "T1_rol", "T2_rol"]


def test_csv_and_parquet_describe_themselves(survey: Survey, tmp_path: Path) -> None:
    written = write_cleaned(survey, CODEBOOK, tmp_path / "cleaned.csv")
    beside = tmp_path / "cleaned.csv.schema.json"
    assert written.files == (written.data, tmp_path / "cleaned.csv.codebook.yml", beside)
    schema = json.loads(beside.read_text("utf-8"))
    header = written.data.read_text("utf-8").splitlines()[0]
    assert ",".join(field["name"] for field in schema["fields"]) == header
    read = read_table_schema(beside)
    assert read.not_understood == ()
    assert read.codebook.scales == CODEBOOK.scales
    parquet = arrow_parquet.read_schema(write_cleaned(survey, CODEBOOK, tmp_path / "cleaned.parquet").data)
    assert json.loads(parquet.metadata[SCHEMA_KEY]) == schema
    assert parquet.field("k1").metadata[b"title"] == b"Kunt u het?"
    assert json.loads(parquet.field("k1").metadata[b"categories"])[4]["label"] == "helemaal mee eens"
    assert str(parquet.field("k1").type) == "double"


def test_a_reason_beside_an_answer_is_refused(survey: Survey, tmp_path: Path) -> None:
    path = tmp_path / "cleaned.csv"
    written = write_cleaned(survey, CODEBOOK, path)
    path.write_text(path.read_text("utf-8").replace('Zn",,', 'Zn",refused,'), "utf-8")
    with pytest.raises(SurveyDataError, match="1 cells with an answer and a reason"):
        read_survey(path, written.codebook)


def test_a_column_of_other_words_is_no_column_of_reasons(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("k1,k1__reason\n,te druk\n3,\n", "utf-8")
    codebook = Codebook(
        title="", items={"k1": Item(format="agree_5")}, scales={"s": Scale(construct="other", items=("k1",))}
    )
    assert read_survey(path, codebook).reasons["k1"].tolist()[0] == "unanswered"


def test_the_ledger_says_how_many_reasons_the_file_states(survey: Survey, tmp_path: Path) -> None:
    written = write_cleaned(survey, CODEBOOK, tmp_path / "cleaned.csv")
    ledger = read_survey(written.data, written.codebook).ledger
    rule = ledger.steps.set_index("step").loc["missing_codes", "rule"]
    assert rule == "codes that are no answer: 0; empty cells whose reason the file states: 4"


@pytest.mark.parametrize(
    ("name", "found"),
    [("cleaned.docx", "`.docx`"), ("cleaned", "without an ending"), ("raw.csv", "a file of that name")],
)
def test_what_cannot_be_written_is_refused_and_nothing_is_left(
    survey: Survey, tmp_path: Path, name: str, found: str
) -> None:
    with pytest.raises(SurveyDataError, match=found):
        write_cleaned(survey, CODEBOOK, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["raw.csv"]
    assert (tmp_path / "raw.csv").read_text("utf-8") == RAW


def test_every_reason_survives_in_every_form(survey: Survey, tmp_path: Path) -> None:
    n = len(REASONS)
    rows = pd.RangeIndex(1, n + 1, name="row")
    of_all = pd.Series(list(REASONS), rows, dtype=survey.reasons["k1"].dtype)
    values = pd.DataFrame(
        {
            name: survey.values[name].iloc[[0] * n].set_axis(rows).mask(of_all.notna())
            for name in survey.values
        }
    )
    reasons = pd.DataFrame(dict.fromkeys(survey.reasons, of_all))
    lost = Survey(values, reasons, survey.facts, survey.ledger)
    for ending in ENDINGS:
        assert_comes_back(lost, CODEBOOK, tmp_path / f"lost.{ending}")


def test_texts_that_tell_people_apart_stay_behind_whatever_their_kind(tmp_path: Path) -> None:
    """After a form that has no identifiers, a column of names is a variable like another."""
    rows = [f"{row % 5 + 1};persoon {row}x;{'ab'[row % 2]};firma {row}x" for row in range(30)]
    (tmp_path / "a.csv").write_text("\n".join(["k1;wie;groep;bedrijf", *rows]) + "\n", "utf-8")
    codebook = Codebook(
        title="t",
        items={"k1": Item(format="agree_5")},
        variables={"wie": Variable(), "groep": Variable(), "bedrijf": Variable()},
        scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
        roles=Roles(organisation="bedrijf"),
    )
    survey = read_survey(tmp_path / "a.csv", codebook)
    written = write_cleaned(survey, codebook, tmp_path / "b.csv")
    assert written.left_out == ("wie",)
    assert "wie" not in written.codebook.variables
    text = (tmp_path / "b.csv").read_text("utf-8")
    assert "persoon" not in text
    assert "firma 3x" in text
