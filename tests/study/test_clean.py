"""`si-research clean`: the ledger and the cleaned data, all or nothing, and the proof of a ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import Result

from si_research.study.output import sha256_of
from si_research.survey.codebook_file import read_codebook
from si_research.survey.ledger import read_ledger
from si_research.survey.reading import read_survey
from si_research.survey.replay import replay
from small_survey import change_text

Invoke = Callable[..., Result]


@pytest.fixture
def cleaned(small_study: Path, si_research: Invoke) -> Path:
    """A study of which the first row stands there twice, cleaned."""
    lines = (small_study / "survey.csv").read_text("utf-8").splitlines()
    (small_study / "survey.csv").write_text("\n".join([*lines, lines[1]]) + "\n", "utf-8")
    result = si_research("clean", small_study, "--to", "answers.csv", "--to", "answers.parquet")
    assert result.exit_code == 0, result.output
    assert "duplicates: 241 -> 240 (repeated 1)" in result.output
    return small_study / "cleaned"


def test_the_outputs_and_their_hashes(cleaned: Path, small_study: Path) -> None:
    names = {path.name for path in cleaned.iterdir()}
    assert {"ledger.csv", "manifest.json", "answers.csv", "answers.parquet"} <= names
    assert not {"cells.parquet", "rows.parquet"} & names
    manifest = json.loads((cleaned / "manifest.json").read_text("utf-8"))
    assert set(manifest["outputs"]) == names - {"manifest.json"}
    for name, digest in manifest["outputs"].items():
        assert sha256_of(cleaned / name) == digest
    assert manifest["inputs"]["survey.csv"] == sha256_of(small_study / "survey.csv")


def test_where_no_data_are_asked_for_that_is_said(small_study: Path, si_research: Invoke) -> None:
    assert "--to cleaned.csv" in si_research("clean", small_study).output
    assert "--to cleaned.csv" not in si_research("clean", small_study, "--to", "answers.csv").output


def test_the_data_that_went_out_are_those_of_the_ledger(cleaned: Path, small_study: Path) -> None:
    book = read_codebook(small_study / "codebook.yml")
    survey = replay(read_ledger(cleaned / "ledger.csv"), small_study / "survey.csv", book)
    for name in ("answers.csv", "answers.parquet"):
        back = read_survey(cleaned / name, read_codebook(cleaned / f"{name}.codebook.yml"))
        for item in book.items:
            assert back.values[item].tolist() == survey.values[item].tolist()


def test_a_second_time_gives_the_same_bytes(cleaned: Path, small_study: Path, si_research: Invoke) -> None:
    def bytes_of(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}

    asked = ("--to", "answers.csv", "--to", "answers.parquet", "--cells")
    assert si_research("clean", small_study, *asked).exit_code == 0
    first = bytes_of(cleaned)
    assert si_research("clean", small_study, *asked).exit_code == 0
    assert bytes_of(cleaned) == first


def test_cells_only_when_asked_and_with_a_warning(
    cleaned: Path, small_study: Path, si_research: Invoke
) -> None:
    result = si_research("clean", small_study, "--cells")
    assert result.exit_code == 0, result.output
    assert "what people typed" in result.output
    cells = pq.read_table(cleaned / "cells.parquet").to_pandas()
    ledger = pd.read_csv(cleaned / "ledger.csv")
    assert len(cells) == ledger["cells_changed"].sum() == 241 * 12
    assert pq.read_table(cleaned / "rows.parquet").to_pandas()["row"].tolist() == [1]
    assert not (cleaned / "answers.csv").exists()  # not asked for this time


def test_a_ledger_is_proved_in_one_line(cleaned: Path, small_study: Path, si_research: Invoke) -> None:
    result = si_research("clean", "--replay", cleaned / "ledger.csv", small_study)
    assert result.exit_code == 0, result.output
    assert result.output == "same values, same reasons: 240 rows, 14 variables, after 9 steps\n"


def test_the_ledger_of_a_run_is_proved_too(small_study: Path, si_research: Invoke) -> None:
    assert si_research("run", small_study, "-q").exit_code == 0
    result = si_research("clean", "--replay", small_study / "output" / "ledger.csv", small_study)
    assert result.output.startswith("same values, same reasons: 240 rows")
    turn = ("k3: {format: agree_5}", "k3: {format: agree_5, reverse: true}")
    change_text(small_study / "codebook.yml", *turn)
    result = si_research("clean", "--replay", small_study / "output" / "ledger.csv", small_study)
    assert result.exit_code == 2
    assert "of reverse" in result.output


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("keep_latest_complete", "keep_first", "other rows"),
        ("a respondent counts once", "because", "changed since"),
        (",240,", ",239,", "other counts at step 6"),
        ("\nseal,", "\nseel,", "without"),
    ],
)
def test_a_ledger_that_was_tampered_with_is_refused(
    cleaned: Path, small_study: Path, si_research: Invoke, old: str, new: str, found: str
) -> None:
    change_text(cleaned / "ledger.csv", old, new)
    result = si_research("clean", "--replay", cleaned / "ledger.csv", small_study)
    assert result.exit_code == 2
    assert found in result.output


def test_another_file_is_refused(cleaned: Path, small_study: Path, si_research: Invoke) -> None:
    change_text(small_study / "survey.csv", "1;B", "1;C")
    result = si_research("clean", "--replay", cleaned / "ledger.csv", small_study)
    assert result.exit_code == 2
    assert "sha256" in result.output


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("other/answers.csv",), "other/answers.csv"),
        (("a.csv", "a.csv"), "twice"),
        (("ledger.csv",), "ledger.csv"),
        (("answers.doc",), ".doc"),
    ],
)
def test_names_that_will_not_do_leave_everything_as_it_was(
    cleaned: Path, small_study: Path, si_research: Invoke, names: tuple[str, ...], found: str
) -> None:
    before = {path.name: path.read_bytes() for path in cleaned.iterdir()}
    result = si_research("clean", small_study, *(part for name in names for part in ("--to", name)))
    assert result.exit_code == 2
    assert found in result.output
    assert {path.name: path.read_bytes() for path in cleaned.iterdir()} == before
    assert {path.name for path in small_study.iterdir()} == {
        "cleaned",
        "codebook.yml",
        "study.yml",
        "survey.csv",
    }


def test_neither_command_replaces_the_outputs_of_the_other(
    cleaned: Path, small_study: Path, si_research: Invoke
) -> None:
    result = si_research("run", small_study, "--output", cleaned)
    assert result.exit_code == 2
    assert "si-research clean" in result.output
    (cleaned / "mine.txt").write_text("mine")
    result = si_research("clean", small_study)
    assert result.exit_code == 2
    assert "mine.txt" in result.output


def test_replay_writes_nothing_so_it_takes_no_outputs(small_study: Path, si_research: Invoke) -> None:
    result = si_research("clean", small_study, "--replay", "ledger.csv", "--cells")
    assert result.exit_code == 2
    assert "--replay writes nothing" in result.output


def test_pseudonyms_take_the_place_of_identifiers(
    cleaned: Path, small_study: Path, si_research: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "nummer" not in pd.read_csv(cleaned / "answers.csv").columns
    monkeypatch.delenv("SI_RESEARCH_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "settings"))
    monkeypatch.setenv("HOME", str(tmp_path / "settings"))
    seen = []
    for _ in range(2):
        result = si_research("clean", small_study, "--to", "a.csv", "--identifiers", "pseudonyms")
        assert result.exit_code == 0, result.output
        seen.append(pd.read_csv(cleaned / "a.csv")["nummer"])
    assert seen[0].equals(seen[1])
    assert seen[0].str.fullmatch("p[0-9a-f]{24}").all()
    monkeypatch.setenv("SI_RESEARCH_KEY", str(tmp_path / "absent"))
    result = si_research("clean", small_study, "--to", "a.csv", "--identifiers", "pseudonyms")
    assert result.exit_code == 2


def test_labels_where_the_codebook_knows_numbers_only_leave_nothing_behind(
    small_study: Path, si_research: Invoke
) -> None:
    book = small_study / "codebook.yml"
    change_text(book, "agree_5", "vijf")
    change_text(book, "\nitems:\n", "\nformats: {vijf: {lowest: 1, highest: 5}}\nitems:\n")
    result = si_research("clean", small_study, "--to", "answers.csv")
    assert result.exit_code == 2
    assert " of 240 cells, and no number" in result.output
    assert not (small_study / "cleaned").exists()


def test_cleaning_says_what_nobody_decided_on(small_study: Path, si_research: Invoke) -> None:
    assert "not decided on" not in si_research("clean", small_study).output
    change_text(small_study / "codebook.yml", "k1: {format: agree_5", "k1: {format: agree_5, confirm: false")
    result = si_research("clean", small_study)
    assert result.exit_code == 0, result.output
    assert "1 proposal that nobody decided on, which touches the scale kunnen" in result.output
