"""A LimeSurvey structure on the command line: a codebook, a study, or what to type instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import limesurvey_files as made
from si_research.cli import main
from si_research.survey.codebook_file import read_codebook
from si_research.survey.exchange import read_exchanged
from si_research.survey.reading.limesurvey_structure import is_structure
from si_research.survey.reading.read import read_survey

STRUCTURES = {
    "x.lss": made.structure_xml().encode(),
    "x.lsg": made.structure_xml("Group").encode(),
    "x.tsv": made.structure_table().encode(),
    "x.txt": made.structure_table().removeprefix("\ufeff").encode("utf-16"),
}
KUN_1 = [4, 5, 2]
"""Mee eens, helemaal mee eens, niet mee eens: from ``limesurvey_files.ANSWERS``."""


def si_research(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def written(folder: Path, name: str) -> Path:
    (folder / name).write_bytes(STRUCTURES[name])
    return folder / name


def exported(folder: Path, *, full: bool) -> Path:
    (folder / "export.csv").write_text(made.export(texts=full, full=full), "utf-8")
    return folder / "export.csv"


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_structure_becomes_a_codebook_that_reads_its_export(tmp_path: Path, name: str) -> None:
    output = tmp_path / "codebook.yml"
    done = si_research("exchange", written(tmp_path, name), "--to", "codebook", "--output", output)
    assert done.exit_code == 0, done.output
    assert "12 items, 4 variables, 3 scales" in done.output
    assert f"Next: si-research codebook --confirm {output}" in done.output
    assert output.read_text("utf-8").startswith(f"# Made from {name}.\n# Not understood: own words")
    values = read_survey(exported(tmp_path, full=True), read_codebook(output)).values
    assert values["KUN_SQ001"].tolist() == KUN_1


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", STRUCTURES)
def test_a_structure_and_an_export_become_a_study(tmp_path: Path, name: str, full: bool) -> None:
    study, data = tmp_path / "study", exported(tmp_path, full=full)
    done = si_research("new", study, "--data", data, "--codebook", written(tmp_path, name))
    assert done.exit_code == 0, done.output
    assert "Its codebook: 12 questions" in done.output
    assert "enter nothing: OPM" in done.output
    assert read_survey(data, read_codebook(study / "codebook.yml")).values["KUN_SQ001"].tolist() == KUN_1
    checked = si_research("check", study)
    assert checked.exit_code == 3, checked.output  # no scale of the model yet
    assert "every column it names is in the file" in checked.output


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_structure_given_as_a_survey_says_what_it_is_and_what_to_type(tmp_path: Path, name: str) -> None:
    path, study, output = written(tmp_path, name), tmp_path / "study", tmp_path / "codebook.yml"
    for arguments in (
        ["codebook", path, "--output", output],
        ["codebook", "--confirm", path],
        ["new", study, "--data", path],
    ):
        done = si_research(*arguments)
        assert done.exit_code == 2
        assert "the structure of a LimeSurvey questionnaire" in done.output
        assert f"si-research exchange {path} --to codebook --output codebook.yml" in done.output
        assert f"si-research new my-study --data export.csv --codebook {path}" in done.output
    assert not study.exists()
    assert not output.exists()


def test_a_survey_in_tab_separated_text_is_none(tmp_path: Path) -> None:
    path = tmp_path / "survey.tsv"
    path.write_text("class\tname\ttext\tlanguage\tk1\n1\ta\tb\tnl\t4\n2\ta\tb\tnl\t5\n", "utf-8")
    assert not is_structure(path)
    assert si_research("codebook", path, "--output", tmp_path / "c.yml").exit_code == 0
    refused = si_research("exchange", path, "--to", "codebook", "--output", tmp_path / "d.yml")
    assert refused.exit_code == 2
    assert "a table without the columns type/scale" in refused.output


def test_what_a_codebook_does_not_take_over_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "x.lss"
    path.write_text(made.structure_xml().replace('JN.NAOK == "Y"', 'JN == "Y" and VIJF > 3'), "utf-8")
    read = read_exchanged(path)
    assert read.codebook.routing == ()
    assert len(read.not_understood) == 2
    assert read.not_understood[0].endswith("enter nothing: OPM")
    assert "write `routing`" in read.not_understood[1]
    assert read.not_understood[1].endswith(": UREN")
    assert len(read_exchanged(written(tmp_path, "x.lss")).not_understood) == 1
