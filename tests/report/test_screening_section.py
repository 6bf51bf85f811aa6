"""The section on careless responding: its numbers are those of the people, and small groups stay hidden."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.model.interaction import fit_interaction
from si_research.model.joint import joint_test
from si_research.report.figures import draw_figures
from si_research.report.findings import ScreeningComparison, StudyFindings
from si_research.report.html import render_report
from si_research.report.results_json import results_json
from si_research.report.screening_counts import reading_changes, shown_agreement, shown_counts
from si_research.report.words import sentence
from si_research.study.check import check_study
from si_research.study.run import run_study
from si_research.survey.screening.agreement import agreement_table
from small_survey import LABELS, answers, change_text, with_column, write_csv, write_study

N, RANDOM, STRAIGHT, FAST, FAILED = 300, range(30), range(30, 48), range(20, 40), range(10, 35)


def careless_study(folder: Path, *, drop: bool = False) -> Path:
    """300 people, of whom 48 answer at random or in a straight row; some are fast, some fail a check."""
    write_study(folder)
    rows, rng = answers(N, 12, seed=3), np.random.default_rng(4)
    for place in RANDOM:
        rows[place][2:] = [LABELS[point] for point in rng.integers(5, size=12)]
    for place in STRAIGHT:
        rows[place][2:] = [LABELS[3]] * 12
    write_csv(folder / "survey.csv", rows)
    with_column(folder / "survey.csv", "tijd", lambda place: "12" if place in FAST else "150")
    with_column(folder / "survey.csv", "controle", lambda place: LABELS[1 if place in FAILED else 3])
    extra = "  controle: {format: agree_5}\nvariables:\n  tijd: {kind: number, lowest: 0}\n"
    change_text(
        folder / "codebook.yml", "scales:", f"{extra}attention_checks: {{controle: [mee eens]}}\nscales:"
    )
    change_text(folder / "codebook.yml", "organisation: bedrijf", "organisation: bedrijf, duration: tijd")
    if drop:
        change_text(folder / "study.yml", "analysis:", "screening: {drop: {at_least: 2}}\nanalysis:")
    return folder


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> StudyFindings:
    return run_study(careless_study(tmp_path_factory.mktemp("kept") / "study")).findings


@pytest.fixture(scope="module")
def dropped(tmp_path_factory: pytest.TempPathFactory) -> StudyFindings:
    return run_study(careless_study(tmp_path_factory.mktemp("dropped") / "study", drop=True)).findings


def text_of(page: str) -> str:
    body = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(body).replace("\N{NO-BREAK SPACE}", " "))


def marked_twice(findings: StudyFindings) -> pd.Series[Any]:
    """By hand: kinds of evidence from the flags of the people."""
    assert findings.screening is not None
    flags = findings.screening.flags
    kinds = [
        flags[["longstring", "response_variability"]].any(axis=1),
        flags[["mahalanobis", "person_total"]].any(axis=1),
        flags[[name for name in ("even_odd", "synonyms", "antonyms") if name in flags]].any(axis=1),
        flags["seconds_per_item"],
        flags["failed_checks"],
        flags["share_missing"],
    ]
    return pd.concat(kinds, axis=1).sum(axis=1) >= 2


def test_with_and_without_are_fits_of_these_people(kept: StudyFindings) -> None:
    fit, compared = kept.fit, kept.screening_comparison
    assert fit is not None
    assert compared is not None
    assert (compared.outcome, compared.dropped) == ("compared", False)
    careless = marked_twice(kept)
    assert careless.sum() >= 20
    scores = kept.scores.table()
    without = fit_interaction(scores.loc[~careless], cluster="firm_id")
    joint = joint_test(without, draws=199, seed=7)
    row = compared.table().loc["without"]
    assert row["n_used"] == N - careless.sum()
    assert row["estimate"] == without.coefficients.loc["kunnen:willen:mogen", "estimate"]
    assert (row["joint_p_value"], row["joint_r2_gain"]) == (joint.p_value, joint.r2_gain)
    assert compared.table().loc["with", "estimate"] == fit.coefficients.loc[fit.tested_term, "estimate"]
    assert compared.table().loc["with", "n_used"] == N


def test_a_study_that_leaves_them_out_shows_the_same_two_results(
    kept: StudyFindings, dropped: StudyFindings
) -> None:
    first, second = kept.screening_comparison, dropped.screening_comparison
    assert first is not None
    assert second is not None
    assert second.dropped
    pd.testing.assert_frame_equal(first.table(), second.table())
    assert dropped.fit is not None
    assert dropped.fit.n_used == first.table().loc["without", "n_used"]
    assert dropped.ledger.steps["step"].tolist()[-4:] == ["screening", "reverse", "score", "seal"]
    text = text_of(render_report(dropped, "en"))
    assert "Not in: answers that look careless" in text
    assert "The study file leaves out" in text
    assert "without who is marked by 2 or more kinds ✓" in text


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_repeats_the_counts_and_the_sources(kept: StudyFindings, language: str) -> None:
    screening = kept.screening
    assert screening is not None
    text = text_of(render_report(kept, language))
    assert sentence(screening, language) in text
    assert f"{int(marked_twice(kept).sum())} " in sentence(screening, language)
    for row in screening.indices[screening.indices["status"] == "used"].itertuples():
        assert row.source in text
        assert row.doi in text
    assert ("Niemand is om deze reden weggelaten" if language == "nl" else "Nobody was left out") in text


def test_results_hold_no_row_of_anybody(kept: StudyFindings) -> None:
    results = json.loads(results_json(kept))
    assert set(results["screening"]) == {"n_rows", "items", "all_one_way", "indices", "counts", "agreement"}
    longest = max(len(part) for part in results["screening"].values() if isinstance(part, list))
    assert longest < 60
    assert [row["people"] for row in results["screening_comparison"]["table_"]] == ["with", "without"]


def test_fewer_than_five_are_neither_counted_nor_left_out(example: StudyFindings) -> None:
    """Nobody is marked twice, and the report does not tell nobody from four people."""
    assert example.screening is not None
    assert int((example.screening.n_evidence >= 2).sum()) < 5
    assert example.screening_comparison is not None
    assert example.screening_comparison.outcome == "too_few"
    text = text_of(render_report(example, "en"))
    assert "fewer than five are marked by 2 or more" in text
    assert "would tell how fewer than five people answered" in text
    assert "agreement" not in {picture.name for picture in draw_figures(example, "en")}
    assert json.loads(results_json(example))["screening_comparison"]["table_"] == []


def test_the_figure_has_the_agreement_in_words(kept: StudyFindings) -> None:
    (picture,) = (each for each in draw_figures(kept, "en") if each.name == "agreement")
    assert kept.screening is not None
    shown = shown_agreement(kept.screening)
    row = shown[(shown["index_1"] == "seconds_per_item") & (shown["index_2"] == "failed_checks")].iloc[0]
    assert row["n_both"] == len(set(FAST) & set(FAILED))
    assert row["jaccard"] == len(set(FAST) & set(FAILED)) / len({*FAST, *FAILED})
    assert "Time and checks: .50." in picture.alt


def test_check_says_it_in_one_line(tmp_path: Path) -> None:
    folder = careless_study(tmp_path / "study")
    (line,) = [line for line in check_study(folder).text.splitlines() if line.startswith("careless")]
    assert re.search(r"marked by 2 or more kinds of evidence: \d\d of 300, who stay", line)
    change_text(folder / "study.yml", "analysis:", "screening: {drop: {at_least: 6}}\nanalysis:")
    (line,) = [line for line in check_study(folder).text.splitlines() if line.startswith("careless")]
    assert "fewer than 5 of 300, who leave" in line


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(10, 80))
def test_no_cell_of_the_agreement_gives_a_small_group_away(kept: StudyFindings, seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    marks = pd.DataFrame(rng.random((n, 4)) < rng.random(4), columns=list("abcd"))
    assert kept.screening is not None
    drawn = replace(kept.screening, agreement=agreement_table(marks, marks | True))
    for row in shown_agreement(drawn).itertuples():
        a, b = marks[row.index_1], marks[row.index_2]
        smallest = min((a & b).sum(), (a & ~b).sum(), (~a & b).sum(), (~a & ~b).sum())
        assert np.isfinite(row.n_both) == (smallest >= 5)
        assert np.isnan(row.n_both) == np.isnan(row.jaccard) == np.isnan(row.n_1)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 4), min_size=5, max_size=60))
def test_no_count_by_kinds_gives_a_small_group_away(kept: StudyFindings, kinds: list[int]) -> None:
    n_evidence = pd.Series(kinds)
    counts = pd.DataFrame(
        [(least, int((n_evidence >= least).sum())) for least in range(1, 5)],
        columns=["at_least", "n_flagged"],
    )
    assert kept.screening is not None
    drawn = replace(kept.screening, n_evidence=n_evidence, counts=counts, n_rows=len(kinds))
    shown = [len(kinds), *shown_counts(drawn)["n_flagged"].dropna()]
    assert all(n >= 5 for n in shown)
    assert all(before - after >= 5 for before, after in pairwise(shown))


@pytest.mark.parametrize(("more", "is_shown"), [(1, False), (4, False), (5, True), (9, True)])
def test_who_is_marked_by_anything_is_not_shown_where_one_index_leaves_few(
    kept: StudyFindings, more: int, is_shown: bool
) -> None:
    assert kept.screening is not None
    table = kept.screening.indices
    first = table.index == table.index[0]
    indices = table.assign(
        n_flagged=np.where(first, 20, 0), n_used=200, status=np.where(first, "used", "no_cut_off")
    )
    counts = pd.DataFrame([(1, 20 + more)], columns=["at_least", "n_flagged"])
    drawn = replace(
        kept.screening, indices=indices, agreement=kept.screening.agreement[:0], counts=counts, n_rows=200
    )
    assert bool(shown_counts(drawn)["n_flagged"].notna().all()) == is_shown


@pytest.mark.parametrize(
    ("p", "joint", "estimates", "changes"),
    [
        ((0.01, 0.04), (0.2, 0.3), (1.0, 1.0), False),
        ((0.01, 0.06), (0.2, 0.3), (1.0, 1.0), True),
        ((0.30, 0.40), (0.04, 0.3), (1.0, 1.0), True),
        ((0.01, 0.02), (0.2, 0.3), (1.0, -1.0), True),
        ((0.30, 0.20), (np.nan, np.nan), (1.0, -1.0), False),
    ],
)
def test_a_reading_changes_when_a_test_comes_out_differently(
    p: tuple[float, float], joint: tuple[float, float], estimates: tuple[float, float], changes: bool
) -> None:
    columns = {"p_value": p, "joint_p_value": joint, "estimate": estimates}
    table = pd.DataFrame(columns, index=pd.Index(["with", "without"], name="people"))
    assert reading_changes(ScreeningComparison(2, False, "compared", table), 0.05) is changes
