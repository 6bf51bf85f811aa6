"""Several waves in a study: the same instrument or a refusal, measurements counted, small groups hidden."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from si_research.study.check import check_study
from si_research.study.run import run_study
from small_survey import ITEMS, SCALES, answers, change_text, write_study

WAVES = ("voor", "na")


def write_waves(folder: Path, items: str, n: int = 120) -> Path:
    """Write a study of people with two waves side by side; the last three were there before only."""
    write_study(folder)
    first, second = answers(n, 12, seed=3), answers(n, 12, seed=4)
    header = ["nummer", "bedrijf", *(f"{item}_{wave}" for wave in WAVES for item in ITEMS)]
    rows = [[*one, *other[2:]] for one, other in zip(first, second, strict=True)]
    rows[-3:] = [[*row[: 2 + len(ITEMS)], *[""] * len(ITEMS)] for row in rows[-3:]]
    lines = [";".join(row) for row in (header, *rows)]
    (folder / "survey.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "codebook.yml").write_text(f"title: Twee metingen\nitems:\n{items}{SCALES}", "utf-8")
    return folder


def items_with(columns: str = "{{voor: {0}_voor, na: {0}_na}}") -> str:
    return "".join(f"  {item}: {{format: agree_5, columns: {columns.format(item)}}}\n" for item in ITEMS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_waves(tmp_path / "study", items_with())


def test_check_counts_people_over_waves_and_hides_few(folder: Path) -> None:
    text = check_study(folder).text
    assert "after cleaning: 237 rows" in text
    assert "respondents: 120 (number of waves: in 1 or 2: 120)" in text  # 3 could else be worked out
    assert "not there any more, of those in the wave before: na fewer than 5" in text
    assert "Each scale is the same in the waves voor, na" in text


def test_nobody_who_left_is_none_and_not_few(folder: Path) -> None:
    lines = (folder / "survey.csv").read_text("utf-8").splitlines()
    (folder / "survey.csv").write_text("\n".join(lines[:-3]) + "\n", "utf-8")
    text = check_study(folder).text
    assert "respondents: 117 (number of waves: in 1 or 2: 117)" in text
    assert "not there any more, of those in the wave before: none" in text


def test_a_report_counts_measurements_and_not_rows_of_the_file(folder: Path) -> None:
    outcome = run_study(folder)
    assert outcome.refusal is None
    page = re.sub(r"\s+", " ", (outcome.report).read_text("utf-8"))
    assert "120 mensen met verschillende metingen naast elkaar" in page
    assert "Het bestand telt 237 metingen. Daarvan doen er 237 mee" in page


def test_waves_with_other_items_are_refused_and_one_wave_is_not(folder: Path) -> None:
    change_text(folder / "codebook.yml", "{voor: k3_voor, na: k3_na}", "{na: k3_na}")
    check = check_study(folder)
    assert check.passed is False
    assert "`kunnen`, voor and na: other questions: k1, k2 / k1, k2, k3" in check.text
    outcome = run_study(folder)
    assert outcome.refusal is not None
    assert outcome.refusal.code == "instrument_changed"
    assert outcome.refusal.values == {"scales": ("kunnen",), "waves": ("voor", "na")}
    page = outcome.report.read_text("utf-8")
    assert "Een schaal is tussen de metingen veranderd" in page
    study = (folder / "study.yml").read_text("utf-8")
    one = "cleaning: {select: [{variable: wave, keep: [na], reason: de nameting}]}\n"
    (folder / "study.yml").write_text(study + one, "utf-8")
    assert check_study(folder).passed
    assert run_study(folder).refusal is None


def test_a_scale_that_the_question_does_not_use_may_change(folder: Path) -> None:
    change_text(
        folder / "codebook.yml",
        "items: [k1, k2, k3]}",
        "items: [k1, k2]}\n  rest: {construct: other, items: [k3]}",
    )
    change_text(folder / "codebook.yml", "{voor: k3_voor, na: k3_na}", "{na: k3_na}")
    assert run_study(folder).refusal is None


def test_a_question_that_one_wave_of_a_long_file_lacks_is_found(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "study")
    rows = (folder / "survey.csv").read_text("utf-8").splitlines()
    at = rows[0].split(";").index("m2")
    lines = [f"{rows[0]};meting"]
    for number, row in enumerate(rows[1:]):
        cells = row.split(";")
        cells[at] = "" if number % 2 else cells[at]
        lines.append(";".join([*cells, str(number % 2 + 1)]))
    (folder / "survey.csv").write_text("\n".join(lines) + "\n", "utf-8")
    change_text(folder / "codebook.yml", "organisation: bedrijf}", "organisation: bedrijf, wave: meting}")
    assert "`mogen`, 1 and 2: other questions: m1, m2, m3 / m1, m3" in check_study(folder).text
    outcome = run_study(folder)
    assert outcome.refusal is not None
    assert outcome.refusal.values["waves"] == ("1", "2")


def test_a_refusal_names_no_wave_of_fewer_than_five_people(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "study")
    header, *rows = (folder / "survey.csv").read_text("utf-8").splitlines()
    at = header.split(";").index("m2")
    lines = [f"{header};meting"]
    for number, row in enumerate(rows):
        cells = row.split(";")
        wave = "Wiersma" if number < 4 else str(number % 2)
        cells[at] = "" if wave == "Wiersma" else cells[at]
        lines.append(";".join([*cells, wave]))
    (folder / "survey.csv").write_text("\n".join(lines) + "\n", "utf-8")
    change_text(folder / "codebook.yml", "organisation: bedrijf}", "organisation: bedrijf, wave: meting}")
    said = check_study(folder).text
    assert "changed between the waves (a wave of fewer than 5), 0" in said
    outcome = run_study(folder)
    assert outcome.refusal is not None
    assert outcome.refusal.values["waves"] == ("rare_wave", "0")
    assert "een meting van minder dan vijf mensen" in outcome.report.read_text("utf-8")
    written = [path.read_bytes() for path in (folder / "output").rglob("*") if path.is_file()]
    assert not any("Wiersma" in text for text in (said, str(outcome.refusal)))
    assert not any(b"Wiersma" in content for content in written)


def test_check_says_that_rows_are_no_people(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "study")
    rows = [row.split(";") for row in (folder / "survey.csv").read_text("utf-8").splitlines()]
    lines = [";".join([*rows[0], "tijd", "cijfer", "cijfer1", "cijfer2"])]
    for number, row in enumerate(rows[1:121]):
        marks = (str(number % 7), str(number % 5))
        lines += [";".join([*row, str(time), marks[time - 1], *marks]) for time in (1, 2)]
    (folder / "survey.csv").write_text("\n".join(lines) + "\n", "utf-8")
    text = check_study(folder).text
    assert "`cijfer` holds, by `tijd`, what cijfer1, cijfer2 hold side by side (240 rows" in text
    assert "the 240 rows are no respondents: those are 120" in text


def test_a_name_in_the_column_of_the_waves_is_not_printed(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    header, *rows = (study / "survey.csv").read_text("utf-8").splitlines()
    waves = ["T0", "T1"] * len(rows)
    waves[7] = "Wiersma"
    lines = [f"{header};meting", *(f"{row};{wave}" for row, wave in zip(rows, waves, strict=False))]
    (study / "survey.csv").write_text("\n".join(lines) + "\n", "utf-8")
    change_text(study / "codebook.yml", "roles: {", "roles: {wave: meting, ")
    text = check_study(study).text
    assert "Wiersma" not in text
    assert "T0, T1, (a wave of fewer than 5)" in text


def test_check_says_which_columns_are_not_in_every_wave(folder: Path) -> None:
    assert "is there in" not in check_study(folder).text
    change_text(
        folder / "codebook.yml", "  ig3: {format: agree_5, columns: {voor: ig3_voor, na: ig3_na}}\n", ""
    )
    change_text(folder / "codebook.yml", "[ig1, ig2, ig3]", "[ig1, ig2]")
    change_text(folder / "codebook.yml", "{voor: k3_voor, na: k3_na}", "{na: k3_na}")
    more = (
        "  nieuw_idee_q: {format: agree_5, columns: {voor: ig3_voor}}\n"
        "  nieuw_idee_r: {format: agree_5, columns: {na: ig3_na}}\n"
    )
    change_text(folder / "codebook.yml", "scales:\n", f"{more}scales:\n")
    text = check_study(folder).text
    assert "`k3` is there in na only" in text
    assert (
        "`nieuw_idee_q` ends in voor, and `nieuw_idee_r` begins in the next wave: perhaps one variable"
        in text
    )
    assert "`k1` " not in text
