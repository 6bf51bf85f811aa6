"""A study whose data are several exports of one survey, and one whose rows are organisations."""

from __future__ import annotations

import csv
import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from si_research.report.voice import plain, voice
from small_survey import change_text, with_column

Invoke = Callable[..., Result]


def halve(study: Path) -> None:
    """Two exports instead of one; the columns of the second in another order."""
    rows = list(csv.reader((study / "survey.csv").read_text("utf-8").splitlines()))
    header, body = rows[0], rows[1:]
    for name, part, step in (("a.csv", body[:100], 1), ("b.csv", body[100:], -1)):
        with (study / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(row[::step] for row in (header, *part))
    (study / "survey.csv").unlink()
    text = (study / "study.yml").read_text("utf-8")
    (study / "study.yml").write_text(text.replace("data: survey.csv", "data: [a.csv, b.csv]"), "utf-8")


def results(study: Path) -> dict[str, object]:
    return dict(json.loads((study / "output" / "results.json").read_text("utf-8")))


def test_two_halves_give_the_figures_of_the_whole(small_study: Path, si_research: Invoke) -> None:
    assert si_research("run", small_study, "-q").exit_code == 0
    whole = results(small_study)
    halve(small_study)
    result = si_research("run", small_study, "-q")
    assert result.exit_code == 0, result.output
    halves = results(small_study)
    assert halves["fit"] == whole["fit"]
    assert halves["reliabilities"] == whole["reliabilities"]
    manifest = json.loads((small_study / "output" / "manifest.json").read_text("utf-8"))
    assert set(manifest["inputs"]) == {"study.yml", "codebook.yml", "a.csv", "b.csv"}
    assert "rows 1 to 100 from a.csv, rows 101 to 240 from b.csv" in (
        small_study / "output" / "ledger.csv"
    ).read_text("utf-8")


def test_check_and_run_name_the_file_that_is_not_there(small_study: Path, si_research: Invoke) -> None:
    halve(small_study)
    assert si_research("check", small_study).exit_code == 0
    (small_study / "b.csv").unlink()
    result = si_research("run", small_study)
    assert result.exit_code == 2
    assert "b.csv, which study.yml names as `data`" in result.output


def test_an_empty_list_of_files_is_refused(small_study: Path, si_research: Invoke) -> None:
    text = (small_study / "study.yml").read_text("utf-8")
    (small_study / "study.yml").write_text(text.replace("data: survey.csv", "data: []"), "utf-8")
    result = si_research("check", small_study)
    assert result.exit_code == 2
    assert "data" in result.output


@pytest.mark.parametrize(
    ("language", "words"),
    [("nl", "Dit bestand bevat organisaties, geen mensen."), ("en", "organisations, not people")],
)
def test_percentages_of_organisations_are_a_refusal(
    small_study: Path, si_research: Invoke, language: str, words: str
) -> None:
    text = (small_study / "codebook.yml").read_text("utf-8")
    (small_study / "codebook.yml").write_text("unit: organisation\n" + text, "utf-8")
    check = si_research("check", small_study)
    assert "each row is an organisation, not a person" in check.output
    result = si_research("run", small_study, "--language", language)
    assert result.exit_code == 3, result.output
    assert results(small_study)["refusal"] == {"code": "no_respondents", "values": {}}
    assert "fit" not in results(small_study) or results(small_study)["fit"] is None
    page = (small_study / "output" / "report.html").read_text("utf-8")
    assert words in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("nl", "mensen|personen|persoon|deelnemers"), ("en", "people|persons?|participants")],
)
def test_a_report_on_organisations_counts_no_people(
    small_study: Path, si_research: Invoke, language: str, words: str
) -> None:
    """Only the model and the refusal itself speak of people: of those who are not in the file."""
    codebook = small_study / "codebook.yml"
    codebook.write_text("unit: organisation\n" + codebook.read_text("utf-8"), "utf-8")
    change_text(codebook, "organisation: bedrijf", "organisation: bedrijf, controls: [sector]")
    change_text(codebook, "  mogen: {construct: mogen, items: [m1, m2, m3]}\n", "")
    with_column(small_study / "survey.csv", "sector", lambda row: "onderwijs" if row % 2 else "zorg")
    result = si_research("run", small_study, "--language", language)
    assert result.exit_code == 3, result.output
    assert results(small_study)["refusal"] == {"code": "no_respondents", "values": {"missing": ["mogen"]}}
    page = (small_study / "output" / "report.html").read_text("utf-8")
    shown = re.sub(r"<style.*?</style>|<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)
    text = re.sub(r" (?=[,.;)])", "", " ".join(html.unescape(shown).split()))
    phrases = voice(language).phrases
    for phrase in (*phrases["refusals"]["no_respondents"].values(), phrases["asked"]["model"]):
        text = text.replace(" ".join(plain(phrase).replace("`", " ").split()), " ")
    near = [text[max(0, found.start() - 60) : found.end() + 40] for found in re.finditer(words, text)]
    assert near == []
