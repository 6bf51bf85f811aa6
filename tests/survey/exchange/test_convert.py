"""`si-research exchange`: one form of a codebook in, another out."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from si_research.cli import main
from si_research.errors import SurveyDataError
from si_research.survey.codebook_file import read_codebook
from si_research.survey.exchange import exchange_codebook
from small_survey import change_text, write_study

FORMS = (("table-schema", "schema.json"), ("xlsform", "form.xlsx"))


@pytest.mark.parametrize(("to", "name"), FORMS)
def test_there_and_back_on_the_command_line(project: Path, tmp_path: Path, to: str, name: str) -> None:
    source, there, back = project / "data/example/codebook.yml", tmp_path / name, tmp_path / "codebook.yml"
    for arguments in ([source, "--to", to, "--output", there], [there, "--to", "codebook", "--output", back]):
        done = CliRunner().invoke(main, ["exchange", *map(str, arguments)])
        assert done.exit_code == 0, done.output
    assert read_codebook(back).model_dump() == read_codebook(source).model_dump()
    assert back.read_text("utf-8").startswith(f"# Made from {name}.\n")


def test_what_was_not_understood_is_said_and_written(tmp_path: Path) -> None:
    (tmp_path / "theirs.json").write_text('{"fields": [{"name": "q", "type": "geopoint"}]}', "utf-8")
    arguments = [tmp_path / "theirs.json", "--to", "codebook", "--output", tmp_path / "codebook.yml"]
    done = CliRunner().invoke(main, ["exchange", *map(str, arguments)])
    assert done.exit_code == 0
    assert "not understood: type geopoint of q: read as text" in done.output
    text = (tmp_path / "codebook.yml").read_text("utf-8")
    assert "# Not understood: type geopoint of q: read as text." in text


def test_ddi_goes_out_and_nothing_is_overwritten(project: Path, tmp_path: Path) -> None:
    output = tmp_path / "codebook.xml"
    exchange_codebook(project / "data/example/codebook.yml", "ddi", output)
    before = output.read_bytes()
    done = CliRunner().invoke(
        main, ["exchange", str(project / "data/example/codebook.yml"), "--to", "ddi", "--output", str(output)]
    )
    assert done.exit_code == 2
    assert output.read_bytes() == before


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveyDataError, match=r"an XLSForm \(.xlsx\)"):
        exchange_codebook(tmp_path / "codebook.docx", "ddi", tmp_path / "out.xml")


@pytest.mark.parametrize(
    ("to", "name", "todo"),
    [
        ("ddi", "x.json", "--output x.xml"),
        ("xlsform", "x.xls", "--output x.xlsx"),
        ("table-schema", "x", "--output x.json"),
        ("codebook", "x.xml", "--output x.yml"),
    ],
)
def test_an_output_of_another_ending_is_refused(
    project: Path, tmp_path: Path, to: str, name: str, todo: str
) -> None:
    source, output = project / "data/example/codebook.yml", tmp_path / name
    done = CliRunner().invoke(main, ["exchange", str(source), "--to", to, "--output", str(output)])
    assert done.exit_code == 2
    assert todo in done.output
    assert done.output.count("expected:") == done.output.count("what to do:") == 1
    assert not output.exists()


@pytest.mark.parametrize("place", ["", "study.yml"])
def test_a_study_stands_for_its_codebook(tmp_path: Path, place: str) -> None:
    folder = write_study(tmp_path / "study")
    (folder / "codebook.yml").rename(folder / "boek.yml")
    change_text(folder / "study.yml", "codebook: codebook.yml", "codebook: boek.yml")
    arguments = [folder / place, "--to", "ddi", "--output", tmp_path / "out.xml"]
    done = CliRunner().invoke(main, ["exchange", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    assert "Een kleine vragenlijst" in (tmp_path / "out.xml").read_text("utf-8")
