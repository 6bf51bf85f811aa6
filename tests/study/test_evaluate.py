"""`si-research evaluate`: a page on a scheme that says what the design allows, and nothing of few."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

from si_research.constructs import CONDITIONS
from si_research.errors import SurveyDataError
from si_research.practice.scheme.design import ASSUMPTIONS, BREAKS, DESCRIPTION, STAGGERED
from si_research.report.evaluation_figures import evaluation_figures
from si_research.report.evaluation_page import render_evaluation, write_evaluation
from si_research.report.evaluation_words import EvaluationWords
from si_research.study.evaluate import (
    EvaluatedStudy,
    NoEvaluationError,
    _check_one_format,
    evaluate_study,
)
from si_research.study.output import hashes_below
from si_research.study.scheme_roles import _check_after
from si_research.survey.scoring import ScaleFacts
from small_survey import LABELS, change_text, with_column, write_study

NASTY = "<script>alert(1)</script>"


def with_scheme(folder: Path, treated: int = 6) -> Path:
    """The small study in two waves; in the second the first firms answer the most on mogen."""
    header, *rows = (folder / "survey.csv").read_text("utf-8").splitlines()
    cells = [row.split(";") for row in rows]
    for place, cell in enumerate(cells):
        if place % 2 and int(cell[1][1:]) < treated:
            cell[8:11] = [LABELS[-1]] * 3
    text = "\n".join([header, *(";".join(cell) for cell in cells)]) + "\n"
    (folder / "survey.csv").write_text(text, "utf-8")
    with_column(
        folder / "survey.csv", "regeling", lambda row: "ja" if int(cells[row][1][1:]) < treated else "nee"
    )
    with_column(folder / "survey.csv", "meting", lambda row: "na" if row % 2 else "eerst")
    variables = f"variables:\n  meting: {{labels: {{eerst: '{NASTY}', na: na de start}}}}\nscales:\n"
    change_text(folder / "codebook.yml", "scales:\n", variables)
    change_text(
        folder / "codebook.yml", "organisation: bedrijf", "organisation: bedrijf, arm: regeling, wave: meting"
    )
    change_text(folder / "study.yml", "title: Een klein onderzoek", f"title: '{NASTY}'")
    select = "cleaning:\n  select: [{variable: meting, keep: [eerst], reason: eerst}]\nanalysis:"
    change_text(folder / "study.yml", "analysis:", select)
    return folder


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_scheme(write_study(tmp_path_factory.mktemp("evaluate") / "studie"))


@pytest.fixture(scope="module")
def dutch(study: Path) -> EvaluatedStudy:
    return evaluate_study(study, cost=1000)


def page_of(done: EvaluatedStudy) -> str:
    return done.page.read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")


def test_the_page_says_the_figures_of_the_evaluation(dutch: EvaluatedStudy) -> None:
    page, found = page_of(dutch), dutch.findings.found
    row = found.table().loc["mogen"]
    told = f"{row['estimate']:.2f} [{row['conf_low']:.2f}; {row['conf_high']:.2f}]".replace(".", ",")
    assert row["conf_low"] > 0 and not dutch.refused
    assert f"Op <i>mogen</i> maakte de regeling een verschil van {told.replace(' [', ' punten [')}" in page
    assert told in page[page.index('id="effects"') :]
    assert "Op <i>kunnen</i> is geen effect aangetoond" in page
    assert (
        "Trede 2 van de vier" in page and "zonder de regeling waren beide groepen evenveel veranderd" in page
    )
    assert "met de regeling: 6; zonder: 6." in page and "Wat een punt kostte" in page
    assert "Een keuze voor één meting" in page, "the selection of one wave is left out, and said"


def test_the_files_hold_the_same_figures(dutch: EvaluatedStudy) -> None:
    folder = dutch.page.parent
    names = ["effects.csv", "manifest.json", "report.html", "results.json"]
    assert sorted(path.name for path in folder.iterdir()) == names
    rows = list(csv.DictReader((folder / "effects.csv").read_text("utf-8").splitlines()))
    results = json.loads((folder / "results.json").read_text("utf-8"))
    own = next(row for row in rows if row["outcome"] == "mogen" and row["recommended"] == "True")
    other = next(row for row in results["effects"] if row["outcome"] == "mogen")
    expected = dutch.findings.found.table().loc["mogen", "estimate"]
    assert float(own["estimate"]) == other["estimate"] == pytest.approx(expected, rel=1e-5)
    assert results["refusals"] == [] and results["design"]["firms"] == {"treated": 6, "comparison": 6}


def test_names_from_the_files_are_never_markup(dutch: EvaluatedStudy) -> None:
    page = page_of(dutch)
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3, "title, head, and a wave"


def test_it_speaks_english_too(dutch: EvaluatedStudy, tmp_path: Path) -> None:
    write_evaluation(dutch.findings, tmp_path, "en")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert 'lang="en"' in page and 'An effect is shown on <i lang="nl">mogen</i>' in page
    assert 'lang="nl"' in page_of(dutch) and "Een effect is aangetoond op <i>mogen</i>" in page_of(dutch)
    for name in ("effects.csv", "results.json"):
        assert (tmp_path / name).read_bytes() == (dutch.page.parent / name).read_bytes()


def test_the_same_study_gives_the_same_bytes(study: Path, dutch: EvaluatedStudy, tmp_path: Path) -> None:
    again = evaluate_study(study, cost=1000, output=tmp_path / "again")
    one, two = (hashes_below(done.page.parent) for done in (dutch, again))
    assert {name for name in one | two if one.get(name) != two.get(name)} <= {"manifest.json"}


def test_no_few_organisations_are_counted(dutch: EvaluatedStudy) -> None:
    """Six firms an arm, and three conditions: at least one of them was the lowest in fewer than five."""
    told = evaluation_figures(dutch.findings.found)
    raw = dutch.findings.found.bottleneck[["n_treated", "n_comparison"]]
    assert (raw < 5).to_numpy().any()
    for groups in told.binding.values():
        assert [n for _, n in groups] == [6], "one count of all: two would add up to it"
    assert told.bottleneck.filter(like="_where_binding").isna().all(axis=None)
    page = page_of(dutch)
    assert told.attrition["n_lost"].isna().all() and "&lt; 5" in page
    assert "waar ‘&lt; 5’ staat, kan het ook geen enkele zijn" in page


def test_the_page_says_what_its_tables_are(dutch: EvaluatedStudy) -> None:
    page = page_of(dutch)
    assert "(hoofdtoets)" in page and "op de hoofdtoets rusten de conclusies" in page
    assert "klassieke" not in page.lower(), "there are none in a file of people"
    assert "is geen verschil van deze afgeronde gemiddelden" in page
    assert "De effecten staan in effects.csv, de andere tabellen in results.json." in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", ("Voor iedereen: over minder dan tien", "afgerond op vijftallen")),
        ("en", ("For everybody: nothing is told here of fewer than ten", "rounded to multiples of five")),
    ],
)
def test_a_publication_says_that_it_is_one(
    study: Path, tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    done = evaluate_study(study, output=tmp_path / "told", language=language, profile="publication")
    assert all(each in page_of(done) for each in words)


def test_a_page_for_inside_is_not_called_a_publication(dutch: EvaluatedStudy) -> None:
    assert "Voor iedereen" not in page_of(dutch) and "vijftallen" not in page_of(dutch)


def test_without_a_comparison_the_page_says_what_is_missing(
    small_study: Path, si_research: Callable[..., Result]
) -> None:
    done = si_research("evaluate", with_scheme(small_study, treated=99), "--language", "en")
    assert done.exit_code == 3, done.stderr
    page = (small_study / "evaluation/report.html").read_text("utf-8")
    assert "this file cannot say" in page and "no organisations without the scheme" in page
    assert "Rung 4" in page and "made a difference" not in page and 'id="effects"' not in page
    assert "p =" not in page and "p &lt;" not in page and 'id="description"' in page
    results = json.loads((small_study / "evaluation/results.json").read_text("utf-8"))
    assert (results["refusals"], results["effects"]) == (["no_comparison"], [])


def test_of_three_organisations_with_the_scheme_no_figure_is_told(small_study: Path) -> None:
    done = evaluate_study(with_scheme(small_study, treated=3))
    page, told = page_of(done), evaluation_figures(done.findings.found)
    assert done.refused and "geen p-waarden" in page and "met de regeling: &lt; 5; zonder: 9." in page
    assert told.effects["estimate"].isna().all() and told.effects["p_value"].isna().all()
    assert set(told.description["arm"]) == {"comparison"} and not len(told.balance)
    rows = list(csv.DictReader((done.page.parent / "effects.csv").read_text("utf-8").splitlines()))
    assert rows and {(row["state"], row["estimate"], row["n_treated"]) for row in rows} == {
        ("too_few_firms", "", "")
    }


def test_the_start_is_asked_for_where_waves_are_many_and_nothing_tells_it() -> None:
    table = pd.DataFrame(
        {"firm_id": ["a", "a", "a"], "wave": [2015.0, 2016.0, 2017.0], "arm": [1.0, 1.0, 1.0]}
    )
    _check_after(table, {"after": "2016", "treated": "arm"})
    _check_after(table.assign(arm=[0.0, 1.0, 1.0]), {"after": None, "treated": "arm"})
    _check_after(table, {"after": None, "start": "scheme_start"})
    for after, said in ((None, "3 waves"), ("2018", "no such wave among the 3")):
        with pytest.raises(SurveyDataError, match="--after") as refused:
            _check_after(table, {"after": after, "treated": "arm"})
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "said"),
    [
        ("codebook.yml", ", arm: regeling", "", 3, "no `arm` under `roles`"),
        ("codebook.yml", "organisation: bedrijf, ", "", 3, "no `organisation` under `roles`"),
        ("survey.csv", ";ja;", ";misschien;", 2, "answers that are neither (1 different ones)"),
    ],
)
def test_what_cannot_be_evaluated_is_said_and_nothing_is_written(
    small_study: Path, si_research: Callable[..., Result], file: str, old: str, new: str, code: int, said: str
) -> None:
    change_text(with_scheme(small_study) / file, old, new)
    before = hashes_below(small_study)
    done = si_research("evaluate", small_study)
    assert (done.exit_code, hashes_below(small_study)) == (code, before), done.stderr
    assert said in done.stderr and "misschien" not in done.stderr


def test_groups_that_moved_apart_beforehand_are_no_effect(dutch: EvaluatedStudy) -> None:
    findings, told = dutch.findings, evaluation_figures(dutch.findings.found)
    trends = pd.DataFrame({"outcome": ["mogen"], "p_value": [0.01]})
    words = EvaluationWords(findings, replace(told, pre_trends=trends), findings.labels("en"))
    lead, *answers = words.answers()
    assert lead == "No effect is shown on any outcome."
    assert [each for each in answers if "moved apart beforehand" in each and "*mogen*" in each]
    assert not [each for each in answers if "made a difference" in each]


def test_conditions_of_unlike_formats_are_not_compared_in_points() -> None:
    """Beside a condition from 1 to 7, those from 1 to 5 would be the lowest of most firms."""

    def facts(name: str, highest: float) -> ScaleFacts:
        return ScaleFacts(name, name, (), (), 1.0, highest, "items", 1, name, name, 2, 0)

    rows = pd.DataFrame({name: [1.0, 5.0] for name in CONDITIONS})
    alike = {name: facts(name, 5.0) for name in CONDITIONS}
    assert _check_one_format(rows, alike) is None
    with pytest.raises(NoEvaluationError, match="scales with different ends"):
        _check_one_format(rows, {**alike, "mogen": facts("mogen", 7.0)})


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_design_and_refusal_that_can_be_met_has_words(dutch: EvaluatedStudy, language: str) -> None:
    found, findings = dutch.findings.found, dutch.findings
    codes = ("no_outcome", "no_scheme", "no_comparison", "one_wave_without_lottery", "no_before_wave")
    for kind in (STAGGERED, DESCRIPTION):
        design = replace(found.design, kind=kind, assumptions=ASSUMPTIONS[kind], breaks=BREAKS[kind])
        own = replace(findings, found=replace(found, design=design), people=False)
        told = replace(evaluation_figures(own.found), refusals=codes if kind == DESCRIPTION else ())
        page = render_evaluation(EvaluationWords(own, told, own.labels(language)))
        assert page.count("<li>") >= len(ASSUMPTIONS[kind]) + len(BREAKS[kind])
