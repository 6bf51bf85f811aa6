"""`si-research run` from file to report: its outputs, its exit codes, the same bytes twice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from si_research.cli import main
from small_survey import answers, write_csv, write_study

Invoke = Callable[..., Result]
OUTPUTS = {"report.html", "results.json", "ledger.csv", "manifest.json"}


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one run of the small study wrote, for tests that only look."""
    study = write_study(tmp_path_factory.mktemp("looked at") / "studie")
    result = CliRunner().invoke(main, ["run", str(study)])
    assert result.exit_code == 0, result.output
    return study / "output"


def test_all_outputs_are_there_and_in_the_manifest(output: Path) -> None:
    names = set(files(output))
    assert names >= OUTPUTS
    assert {Path(name).suffix for name in names if name.startswith("figures/")} == {".png", ".svg"}
    manifest = json.loads((output / "manifest.json").read_text("utf-8"))
    assert set(manifest["outputs"]) == names - {"manifest.json"}
    assert set(manifest["inputs"]) == {"study.yml", "codebook.yml", "survey.csv"}
    assert manifest["seed"] == 7


def test_the_hashes_of_the_manifest_are_those_of_the_files(output: Path) -> None:
    import hashlib

    manifest = json.loads((output / "manifest.json").read_text("utf-8"))
    for name, digest in manifest["outputs"].items():
        assert hashlib.sha256((output / name).read_bytes()).hexdigest() == digest
    for name, digest in manifest["inputs"].items():
        assert hashlib.sha256((output.parent / name).read_bytes()).hexdigest() == digest


@pytest.mark.pictures
def test_a_second_run_gives_the_same_bytes(small_study: Path, si_research: Invoke) -> None:
    runs = []
    for _ in range(2):
        assert si_research("run", small_study).exit_code == 0
        runs.append(files(small_study / "output"))
    first, second = runs
    first_manifest, second_manifest = (json.loads(run.pop("manifest.json")) for run in (first, second))
    assert first == second
    assert first_manifest.pop("time") and second_manifest.pop("time")
    assert first_manifest == second_manifest


def test_the_raw_file_is_not_touched(small_study: Path, si_research: Invoke) -> None:
    survey = small_study / "survey.csv"
    before = (survey.read_bytes(), survey.stat().st_mtime_ns)
    assert si_research("run", small_study, "-q").output == ""
    assert (survey.read_bytes(), survey.stat().st_mtime_ns) == before


@pytest.mark.parametrize(("language", "word"), [("nl", "Wat"), ("en", "What")])
def test_the_language_can_be_chosen(small_study: Path, si_research: Invoke, language: str, word: str) -> None:
    result = si_research("run", small_study, "--language", language)
    assert result.exit_code == 0, result.output
    page = (small_study / "output" / "report.html").read_text("utf-8")
    assert f'<html lang="{language}"' in page
    assert word in page


def test_the_numbers_are_the_same_in_both_languages(small_study: Path, si_research: Invoke) -> None:
    results = []
    for language in ("nl", "en"):
        assert si_research("run", small_study, "--language", language, "-q").exit_code == 0
        results.append(json.loads((small_study / "output" / "results.json").read_text("utf-8")))
    written = [[each.pop(name) for name in ("methods_paragraph", "references")] for each in results]
    assert results[0] == results[1]
    figures, sources = ([re.findall(r"[0-9]+", str(each[part])) for each in written] for part in (0, 1))
    assert len(written[0][1]) == len(written[1][1]) > 3
    assert sources[0] == sources[1]
    assert sorted(figures[0]) == sorted(figures[1])


def test_data_and_output_may_lie_elsewhere(small_study: Path, si_research: Invoke, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elders.csv"
    (small_study / "survey.csv").rename(elsewhere)
    result = si_research("run", small_study, "--data", elsewhere, "--output", tmp_path / "uit")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "uit" / "report.html").is_file()
    assert not (small_study / "output").exists()


def test_one_firm_runs_without_clustering_and_says_so(small_study: Path, si_research: Invoke) -> None:
    write_csv(small_study / "survey.csv", answers(150, 1, seed=2))
    assert si_research("run", small_study, "--language", "en", "-q").exit_code == 0
    results = json.loads((small_study / "output" / "results.json").read_text("utf-8"))
    assert results["fit"]["method"] == "HC3"
    page = (small_study / "output" / "report.html").read_text("utf-8")
    assert re.search(r"one (organisation|firm)", page)


def test_no_outcome_in_the_codebook_is_a_refusal(small_study: Path, si_research: Invoke) -> None:
    text = (small_study / "codebook.yml").read_text("utf-8")
    (small_study / "codebook.yml").write_text(re.sub(r"\n  innovative_behaviour: .*", "", text), "utf-8")
    result = si_research("run", small_study, "--language", "en")
    assert result.exit_code == 3, result.output
    results = json.loads((small_study / "output" / "results.json").read_text("utf-8"))
    assert results["refusal"]["code"] == "no_outcome"
    assert "fit" not in results or results["fit"] is None


def test_random_answers_are_a_refusal(small_study: Path, si_research: Invoke) -> None:
    import numpy as np

    from small_survey import LABELS

    rng = np.random.default_rng(5)
    rows = [[str(i), f"B{i % 9}", *(LABELS[j] for j in rng.integers(5, size=12))] for i in range(300)]
    write_csv(small_study / "survey.csv", rows)
    result = si_research("run", small_study)
    assert result.exit_code == 3, result.output
    results = json.loads((small_study / "output" / "results.json").read_text("utf-8"))
    assert results["refusal"]["code"] == "unreliable_scales"


def test_nobody_is_shown(output: Path) -> None:
    """No respondent number, no raw answer row: outputs hold aggregates only."""
    for name, content in files(output).items():
        if Path(name).suffix in {".html", ".json", ".csv"}:
            assert "respondent_id" not in content.decode("utf-8"), name


def test_no_path_of_the_machine_is_in_any_output(output: Path) -> None:
    place = str(output.parent.parent).encode()
    assert [name for name, content in files(output).items() if place in content] == []


def test_new_study_and_check(si_research: Invoke, tmp_path: Path) -> None:
    folder = tmp_path / "nieuw"
    assert si_research("new", folder).exit_code == 0
    assert {"study.yml", "codebook.yml", "README.md", ".gitignore"} <= {
        path.name for path in folder.iterdir()
    }
    kept_out = (folder / ".gitignore").read_text("utf-8").split()
    assert kept_out == ["data/", "output/", "cleaned/", "diagnosis/", "evaluation/"]
    result = si_research("check", folder)
    assert result.exit_code == 2
    assert "data/survey.csv" in result.output
    again = si_research("new", folder)
    assert again.exit_code == 2, "an existing folder is never overwritten"


def test_new_example_runs(si_research: Invoke, tmp_path: Path) -> None:
    folder = tmp_path / "voorbeeld"
    assert si_research("new", folder, "--example").exit_code == 0
    result = si_research("check", folder)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(si_research: Invoke, shell: str) -> None:
    result = si_research("completion", shell)
    assert result.exit_code == 0
    assert "_SI_RESEARCH_COMPLETE" in result.output
