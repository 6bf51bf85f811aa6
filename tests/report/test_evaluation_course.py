"""The effect over time on the page of an evaluation: in its place, and never of few organisations."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research.practice.scheme.design import STAGGERED
from si_research.practice.scheme.evaluation import evaluate_scheme
from si_research.report.evaluation_course import FIGURES, told_event_study, told_group_time
from si_research.report.evaluation_figures import evaluation_figures
from si_research.report.evaluation_findings import EvaluationFindings
from si_research.report.evaluation_page import render_evaluation, write_evaluation
from si_research.report.evaluation_picture import BOTTOM, TOP
from si_research.report.evaluation_words import EvaluationWords


def findings_of(scores: pd.DataFrame, **roles: object) -> EvaluationFindings:
    found = evaluate_scheme(
        scores,
        firm="firm",
        wave="wave",
        outcomes=["mogen"],
        draws=199,
        seed=1,
        **roles,  # type: ignore[arg-type]
    )
    return EvaluationFindings(
        title="Een regeling",
        survey="Een vragenlijst",
        found=found,
        by_dose=None,
        took_part={},
        unreliable=False,
        all_waves=False,
        people=True,
        scales={},
        variables={},
        synthetic=True,
        version="0",
        translations={},
    )


@pytest.fixture(scope="module")
def findings() -> EvaluationFindings:
    """Sixteen firms of six people in five waves; half start in the fourth, and rise by one point then."""
    rng = np.random.default_rng(2)
    firm, wave = (
        each.ravel() for each in np.meshgrid(np.arange(16).repeat(6), np.arange(1, 6), indexing="ij")
    )
    rise = ((firm < 8) & (wave >= 4)).astype("float64")
    rows = pd.DataFrame({"firm": firm, "wave": wave, "scheme": (firm < 8).astype("int64")})
    return findings_of(
        rows.assign(mogen=3 + rise + 0.3 * rng.normal(size=len(rows))), treated="scheme", after=4
    )


def cells(sizes: dict[int, int], outcome: str = "mogen") -> pd.DataFrame:
    figures = dict.fromkeys(FIGURES, 0.1) | {"df": 30.0, "n_used": 100, "n_firms": 40}
    rows = [{"outcome": outcome, "event_time": time, **figures, "n_treated": n} for time, n in sizes.items()]
    return pd.DataFrame(rows)


def test_each_mark_stands_where_its_figure_is(findings: EvaluationFindings) -> None:
    words = EvaluationWords(findings, evaluation_figures(findings.found), findings.labels("en"))
    page = render_evaluation(words)
    (drawing,) = re.findall(r'<svg class="course".*?</svg>', page, re.DOTALL)
    ticks = re.findall(r'<text class="tick" x="40" y="([\d.]+)" text-anchor="end">([−\d.]+)<', drawing)
    height, value = zip(*((float(y) - 4, float(told.replace("−", "-"))) for y, told in ticks), strict=True)
    marks = re.findall(r'<circle class="mark (before|after) circle" cx="[\d.]+" cy="([\d.]+)"', drawing)
    event = findings.found.event_study.set_index("event_time")["estimate"]
    assert [kind for kind, _ in marks] == ["before", "before", "after", "after"]
    assert event.index.to_list() == [-3, -2, 0, 1]
    slope, level = np.polyfit(height, value, 1)
    assert slope < 0, "more is higher up"
    told = [slope * float(y) + level for _, y in marks]
    assert told == pytest.approx(event.to_list(), abs=0.01), "read from the ticks of the drawing"
    assert all(TOP <= float(y) <= BOTTOM for _, y in marks) and 'class="base"' in drawing
    assert f"+1: {event[1]:.2f} [" in drawing, "for who cannot see it"
    assert "with few organisations the test misses much" in page


def test_the_figures_stand_in_files_of_their_own(findings: EvaluationFindings, tmp_path: Path) -> None:
    write_evaluation(findings, tmp_path, "nl")
    told = pd.read_csv(tmp_path / "event_study.csv")
    expected = findings.found.event_study
    assert told["estimate"].to_list() == pytest.approx(expected["estimate"].to_list(), rel=1e-5)
    assert told["n_treated"].to_list() == [8, 8, 8, 8]
    assert not (tmp_path / "group_time.csv").exists()


def test_a_moment_of_few_organisations_is_hidden_with_another() -> None:
    """Of the mean over all waves, and all moments but one, that one could be worked out."""
    told = told_event_study(cells({-3: 4, -2: 20, 0: 20, 1: 15, 2: 12, 3: 3}), ["mogen"])
    assert told["event_time"].to_list() == [-2, 0, 1]
    assert told_event_study(cells({-2: 20, 0: 20, 1: 15}), ["mogen"])["event_time"].to_list() == [-2, 0, 1]
    assert not len(told_event_study(cells({0: 20, 1: 15}), ["kunnen"]))


def test_few_that_started_together_are_hidden_with_the_next_smallest() -> None:
    sizes = {"2016": 3, "2017": 8, "2018": 20, "2019": 30}
    table = pd.concat([cells({0: n}).assign(start=start, wave="2019") for start, n in sizes.items()])
    table["n_comparison"] = 40
    assert told_group_time(table, ["mogen"])["start"].to_list() == ["2018", "2019"]
    table["n_comparison"] = [40, 40, 40, 2]
    assert told_group_time(table, ["mogen"])["start"].to_list() == ["2018"], "two with few, and 3 + 8"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_moment_of_starting_has_its_mark(findings: EvaluationFindings, language: str) -> None:
    figures = dict.fromkeys(FIGURES, 0.1) | {"df": 30.0, "n_treated": 8, "n_comparison": 9}
    pairs = [(start, wave) for start in ("2", "3") for wave in ("2", "3", "4")]
    table = pd.DataFrame([{"start": s, "wave": w, **figures, "outcome": "mogen"} for s, w in pairs])
    design = replace(findings.found.design, kind=STAGGERED)
    own = replace(findings, found=replace(findings.found, design=design, group_time=table))
    page = render_evaluation(EvaluationWords(own, evaluation_figures(own.found), own.labels(language)))
    assert len(re.findall(r'class="mark cohort0 circle"', page)) == 3 + 1, "the legend has one too"
    assert len(re.findall(r'class="mark cohort1"', page)) == 2 + 1
    assert len(re.findall(r'class="mark before"', page)) == 1, "before the start of the second"
    assert {"nl": "begonnen in 3", "en": "started in 3"}[language] in page


@pytest.mark.parametrize(("starts", "word"), [(("2",), "two waves from before"), (("2", "4"), "not tested")])
def test_a_missing_test_of_trends_has_its_true_reason(
    findings: EvaluationFindings, starts: tuple[str, ...], word: str
) -> None:
    """Of waves 1 to 5, a start in the fourth has three before it."""
    design = replace(findings.found.design, starts=starts)
    own = replace(findings, found=replace(findings.found, design=design, pre_trends=pd.DataFrame()))
    told = EvaluationWords(own, evaluation_figures(own.found), own.labels("en")).trends()
    assert len(told) == 1 and word in told[0]


def test_the_page_says_on_how_many_of_each_side_the_effects_rest() -> None:
    """Of fifteen with and fifteen without the scheme, seven with it are not seen before."""
    rng = np.random.default_rng(4)
    firm, wave = (each.ravel() for each in np.meshgrid(np.arange(30).repeat(5), [1, 2], indexing="ij"))
    rows = pd.DataFrame({"firm": firm, "wave": wave, "scheme": (firm < 15).astype("int64")})
    rows["mogen"] = rng.normal(size=len(rows))
    own = findings_of(rows[(rows["firm"] >= 7) | (rows["wave"] == 2)], treated="scheme")
    words = EvaluationWords(own, evaluation_figures(own.found), own.labels("en"))
    page = render_evaluation(words).replace("\N{NO-BREAK SPACE}", " ")
    assert "with the scheme: 15; without: 15." in page
    assert "rest on at most 8 of these, compared with 15 others" in page
    effects = page[page.index('id="effects"') :]
    cells = re.findall(
        r'<td class="number">(.*?)</td>', effects[: effects.index("</tr>", effects.index("<td"))]
    )
    assert cells[-3:] == ["8", "15", str(5 * 23 * 2)]
    assert "Every organisation of the file counts in each wave" in page
