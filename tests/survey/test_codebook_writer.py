"""Writing a codebook: what is written is read back as the same codebook, and nothing is lost on the way."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

from made_codebooks import codebooks
from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook, Item, Option, ResponseFormat, Scale
from si_research.survey.codebook_file import read_codebook
from si_research.survey.codebook_writer import codebook_text, plain_of, write_codebook


def written_and_read(codebook: Codebook) -> Codebook:
    with TemporaryDirectory() as folder:
        return read_codebook(write_codebook(codebook, Path(folder) / "codebook.yml"))


@settings(max_examples=35, deadline=None, suppress_health_check=list(HealthCheck))
@given(codebook=codebooks())
def test_every_codebook_comes_back_as_it_was(codebook: Codebook) -> None:
    assert written_and_read(codebook).model_dump() == codebook.model_dump()


@pytest.mark.parametrize("path", ["data/example/codebook.yml", "src/si_research/study/template/codebook.yml"])
def test_the_codebooks_of_the_project_come_back(project: Path, path: str) -> None:
    codebook = read_codebook(project / path)
    again = written_and_read(codebook)
    assert again.model_dump() == codebook.model_dump()
    assert codebook_text(again) == codebook_text(codebook)


def test_order_is_that_of_the_codebook_and_defaults_are_left_out() -> None:
    codebook = Codebook(
        title="Volgorde",
        items={"z1": Item(format="agree_5"), "a1": Item(format="agree_5")},
        scales={"kunnen": Scale(construct="kunnen", items=("z1", "a1"))},
    )
    text = codebook_text(codebook, ["First line", "second\nthird"])
    assert text.startswith("# First line\n# second\n# third\ncodebook: 1\n")
    assert text.index("z1:") < text.index("a1:")
    for key in ("reverse", "aliases", "column", "missing_codes", "source", "synthetic", "routing", "roles"):
        assert key not in text


def test_a_format_is_written_as_it_is_shortest() -> None:
    by_labels = ResponseFormat(labels={"nl": ["oneens", ["eens", "mee eens"]]}, lowest=0)
    assert plain_of(by_labels) == {"labels": {"nl": ["oneens", ["eens", "mee eens"]]}, "lowest": 0}
    by_options = ResponseFormat(options=(Option(value=1), Option(value=2.5, labels=("ja",))))
    assert plain_of(by_options) == {"options": [{"value": 1}, {"value": 2.5, "labels": ["ja"]}]}
    assert plain_of(ResponseFormat(lowest=0, highest=10, whole=False)) == {
        "lowest": 0,
        "highest": 10,
        "whole": False,
    }


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yml"
    path.write_text("mine", "utf-8")
    codebook = Codebook(title="Een", scales={"s": Scale(construct="other", score="x")})
    with pytest.raises(SurveyDataError, match="a file of that name"):
        write_codebook(codebook, path)
    assert path.read_text("utf-8") == "mine"
    write_codebook(codebook, path, overwrite=True)
    assert path.read_text("utf-8").startswith("codebook: 1\n")
    assert [each.name for each in tmp_path.iterdir()] == ["codebook.yml"]
