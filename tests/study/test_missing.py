"""Missing scores in a run: when they are filled in, when not and why, with progress and the same again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from holed_survey import N, analysed, section_of, write_holed_study
from si_research.errors import SiResearchError
from si_research.model.missing.impute import impute_scores
from si_research.model.missing.pool import pool_interaction
from si_research.report.figures import _FIGURES
from si_research.report.findings import StudyFindings
from si_research.report.missing_findings import MissingFindings
from si_research.report.results_json import results_json
from si_research.study.check import check_study
from small_survey import LABELS, answers, change_text, with_column, write_csv, write_study

Invoke = Callable[..., Result]
FEW = "missing: {imputations: 6, iterations: 10}\n"


def change_rows(folder: Path, change: Callable[[int, list[str]], None]) -> None:
    """Change every row of the survey; places count from 0, cells from the number of the respondent."""
    path = folder / "survey.csv"
    header, *rows = path.read_text("utf-8").splitlines()
    cells = [row.split(";") for row in rows]
    for place, row in enumerate(cells):
        change(place, row)
    path.write_text("\n".join([header, *(";".join(row) for row in cells)]) + "\n", "utf-8")


def found_in(findings: StudyFindings) -> MissingFindings:
    assert findings.missing_answers is not None
    return findings.missing_answers


def pages(findings: StudyFindings) -> list[str]:
    """The section in both languages; results.json is made too: nothing may break on the way."""
    json.loads(results_json(findings))
    return [section_of(findings, language) for language in ("nl", "en")]


def line_of(folder: Path) -> str:
    (line,) = [each for each in check_study(folder).text.splitlines() if each.startswith("missing scores")]
    return line


def test_a_run_gives_what_the_functions_give(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    findings = analysed(
        write_holed_study(tmp_path / "study", more=FEW), progress=lambda *step: told.append(step)
    )
    found = found_in(findings)
    assert findings.fit is not None
    assert (found.outcome, found.pooled is None) == ("pooled", False)
    scores = findings.scores.table()
    reasons = scores.isna().replace({True: "unanswered", False: np.nan}).astype(object)
    reasons.loc[scores["mogen"].isna() & (np.arange(N) % 8 == 0), "mogen"] = "not_asked"
    by_hand = impute_scores(scores, cluster="firm_id", reasons=reasons, imputations=6, iterations=10, seed=7)
    again = pool_interaction(by_hand)
    assert found.pooled is not None
    np.testing.assert_allclose(found.pooled.coefficients, again.coefficients, rtol=1e-9)
    assert found.pooled.n_complete == findings.fit.n_used
    assert found.n_holed == again.n_used - again.n_complete
    shares = [done for step, done in told if step == "filling in"]
    assert len(shares) == 10
    assert shares == sorted(shares)
    everything = [done for _, done in told]
    assert everything == sorted(everything), "a bar never goes back"


def test_the_same_study_gives_the_same_again(tmp_path: Path) -> None:
    folder = write_holed_study(tmp_path / "study", more=FEW)
    first, again = (results_json(analysed(folder)) for _ in range(2))
    assert first == again
    change_text(folder / "study.yml", "seed: 7", "seed: 8")
    assert (
        json.loads(results_json(analysed(folder)))["missing_answers"] != json.loads(first)["missing_answers"]
    )


def test_zero_fills_in_nothing(tmp_path: Path) -> None:
    folder = write_holed_study(tmp_path / "study", more="missing: {imputations: 0}\n")
    findings = analysed(folder)
    found = found_in(findings)
    assert (found.outcome, found.pooled, found.imputed) == ("off", None, None)
    dutch, english = pages(findings)
    assert "vraagt niets in te vullen" in dutch
    assert f"For {found.n_holed} people a score is missing" in english
    assert "the tests leave them out (`missing: {imputations: 0}`)" in line_of(folder)


@pytest.mark.parametrize(("imputations", "iterations"), [(1, 40), (5, 40), (-1, 40), (201, 40), (20, 9)])
def test_numbers_that_make_no_sense_are_refused(tmp_path: Path, imputations: int, iterations: int) -> None:
    folder = write_holed_study(
        tmp_path / "study", more=f"missing: {{imputations: {imputations}, iterations: {iterations}}}\n"
    )
    with pytest.raises(SiResearchError, match="missing"):
        analysed(folder)
    assert not (folder / "output").exists()


def test_check_says_what_a_run_will_fill_in(tmp_path: Path) -> None:
    folder = write_holed_study(tmp_path / "study")
    n_holed = found_in(analysed(folder)).n_holed
    assert f"{n_holed} people lack a score" in line_of(folder)
    assert "20 times" in line_of(folder)


def test_nothing_missing(small_study: Path) -> None:
    findings = analysed(small_study)
    assert found_in(findings).outcome == "none_missing"
    dutch, english = pages(findings)
    assert "Er hoefde niets ingevuld te worden" in dutch
    assert (
        "Of 2,880 answers, 0.0% are missing. Every question was answered by 240 of 240 people (100%)."
        in english
    )
    assert not _FIGURES["missing_patterns"].fits(findings)
    assert line_of(small_study) == "missing scores: nobody in the tests lacks a score that could be there"


def test_everything_missing_in_one_scale_is_bad_input(small_study: Path, si_research: Invoke) -> None:
    change_rows(small_study, lambda place, row: row.__setitem__(slice(8, 11), [""] * 3))
    result = si_research("run", small_study)
    assert result.exit_code == 2, result.output
    assert "mogen (240)" in result.output
    assert not (small_study / "output").exists()


def test_a_scale_not_asked_of_a_block_of_people_is_left_alone(small_study: Path) -> None:
    change_text(small_study / "codebook.yml", "does_not_know}", "does_not_know, nvt: not_asked}")
    change_rows(
        small_study, lambda place, row: row.__setitem__(slice(8, 11), ["nvt"] * 3) if place < 60 else None
    )
    findings = analysed(small_study)
    found = found_in(findings)
    assert found.outcome == "none_missing", "there is no answer to have"
    assert findings.fit is not None
    assert findings.fit.n_used == 180
    dutch, english = pages(findings)
    assert "het wordt met rust gelaten" in dutch
    assert "it is left alone" in english


def test_fewer_than_five_are_not_filled_in_nor_counted(small_study: Path) -> None:
    change_rows(small_study, lambda place, row: row.__setitem__(slice(2, 5), [""] * 3) if place < 4 else None)
    findings = analysed(small_study)
    found = found_in(findings)
    assert (found.outcome, found.n_holed) == ("too_few", 4)
    dutch, english = pages(findings)
    assert "Minder dan vijf mensen missen een score" in dutch
    assert "Fewer than five people lack a score" in english
    assert json.loads(results_json(findings))["missing_answers"]["n_holed"] is None
    assert "fewer than 5 people" in line_of(small_study)
    change_rows(
        small_study, lambda place, row: row.__setitem__(slice(2, 5), [""] * 3) if place == 4 else None
    )
    assert found_in(analysed(small_study)).outcome == "pooled"


def test_few_rows(tmp_path: Path) -> None:
    """Complete cases that carry the model, and not the one with squares."""
    folder = write_study(tmp_path / "study")
    change_text(folder / "study.yml", "bootstrap_draws: 199", "bootstrap_draws: 199, cluster: none")
    write_csv(folder / "survey.csv", answers(24, 3, seed=2))
    change_rows(folder, lambda place, row: row.__setitem__(slice(2, 5), [""] * 3) if place < 5 else None)
    findings = analysed(folder)
    found = found_in(findings)
    assert findings.fit is not None
    assert findings.fit.n_used == 19
    assert found.outcome in {"pooled", "not_possible"}
    pages(findings)


def test_a_constant_score_is_refused_with_a_report(small_study: Path, si_research: Invoke) -> None:
    change_rows(small_study, lambda place, row: row.__setitem__(slice(8, 11), [LABELS[2]] * 3))
    result = si_research("run", small_study)
    assert result.exit_code == 3, result.output
    assert "mogen" in (small_study / "output/report.html").read_text("utf-8")


@pytest.mark.parametrize("way", ["one_person_firms", "no_firms", "one_firm"])
def test_firms_of_one_person_no_firms_and_one_firm(tmp_path: Path, way: str) -> None:
    folder = write_holed_study(tmp_path / "study", more=FEW)
    if way == "no_firms":
        change_text(folder / "study.yml", "bootstrap_draws: 199", "bootstrap_draws: 199, cluster: none")
    else:
        one = way == "one_firm"
        change_rows(folder, lambda place, row: row.__setitem__(1, "B1" if one else f"B{place}"))
    findings = analysed(folder)
    found, fit = found_in(findings), findings.fit
    assert fit is not None
    assert found.pooled is not None
    assert found.pooled.n_complete == fit.n_used
    assert (found.pooled.roles.cluster is None) == (way != "one_person_firms")
    assert np.isfinite(found.pooled.coefficients.loc[fit.tested_term, "df"])
    assert found.pooled.complete_cases.loc[fit.tested_term, "estimate"] == pytest.approx(
        fit.coefficients.loc[fit.tested_term, "estimate"]
    )
    _, english = pages(findings)
    assert ("and the organisation tell" in english) == (way == "one_person_firms")


def test_people_without_a_firm_stay_out_with_one_firm_too(tmp_path: Path) -> None:
    folder = write_holed_study(tmp_path / "study", more=FEW)
    change_rows(folder, lambda place, row: row.__setitem__(1, "" if place % 20 == 3 else "B1"))
    findings = analysed(folder)
    found = found_in(findings)
    assert findings.fit is not None
    assert found.pooled is not None
    assert found.pooled.n_complete == findings.fit.n_used


def test_a_condition_of_two_values_is_not_filled_in(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "study")
    with_column(folder / "survey.csv", "mag", lambda place: "" if place % 20 == 0 else str(place % 2))
    change_text(
        folder / "codebook.yml",
        "scales:",
        "variables:\n  mag: {kind: number, lowest: 0, highest: 1}\nscales:",
    )
    change_text(folder / "codebook.yml", "items: [m1, m2, m3]", "score: mag")
    findings = analysed(folder)
    assert found_in(findings).outcome == "two_values"
    dutch, english = pages(findings)
    assert "waarden tussenin" in dutch
    assert "values in between" in english
    assert "condition of two values" in line_of(folder)


def test_after_a_refusal_answers_are_described_and_nothing_is_filled_in(tmp_path: Path) -> None:
    folder = write_holed_study(tmp_path / "study")
    text = (folder / "codebook.yml").read_text("utf-8")
    (folder / "codebook.yml").write_text(re.sub(r"\n  innovative_behaviour: .*", "", text), "utf-8")
    findings = analysed(folder)
    found = found_in(findings)
    assert findings.refusal is not None
    assert (found.outcome, found.pooled, found.imputed) == ("refused", None, None)
    _, english = pages(findings)
    assert "left open" in english
    assert "missing at random" not in english


def test_ready_made_scores_have_no_items(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    rng = np.random.default_rng(4)
    scores = np.clip(rng.normal(5.5, 1.5, size=(200, 4)), 1, 10).round(1)
    names = ("kunnen", "willen", "mogen", "innovative_behaviour")
    rows = [
        ";".join("" if place % 9 == column else str(x) for column, x in enumerate(row))
        for place, row in enumerate(scores)
    ]
    (folder / "survey.csv").write_text("\n".join(["k;w;m;ig", *rows]) + "\n", "utf-8")
    variables = "".join(
        f"  {name}: {{kind: number, lowest: 1, highest: 10}}\n" for name in ("k", "w", "m", "ig")
    )
    scales = "".join(
        f"  {name}: {{construct: {name}, score: {column}}}\n"
        for name, column in zip(names, ("k", "w", "m", "ig"), strict=True)
    )
    (folder / "codebook.yml").write_text(f"title: cijfers\nvariables:\n{variables}scales:\n{scales}", "utf-8")
    (folder / "study.yml").write_text(
        f"title: cijfers\ndata: survey.csv\nanalysis: {{bootstrap_draws: 199}}\n{FEW}", "utf-8"
    )
    findings = analysed(folder)
    assert found_in(findings).outcome == "pooled"
    dutch, english = pages(findings)
    assert "kant-en-klare scores" in dutch
    assert "ready-made scores of 200 people" in english
