"""The section on missing answers: its numbers are those of the people, and small groups stay hidden."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holed_survey import NOT_ASKED, analysed, section_of, write_holed_study
from si_research.model.fit_notes import Note
from si_research.report.conclusions import note_sentences
from si_research.report.figures import _FIGURES
from si_research.report.findings import StudyFindings
from si_research.report.item_tables import item_answer_tables
from si_research.report.labels import labels_of
from si_research.report.missing_counts import of_columns, shown_patterns, shown_person_mean, shown_reasons
from si_research.report.missing_figures import describe_missing_patterns
from si_research.report.missing_plot import height_of_names, plot_missing_patterns, plot_pooled
from si_research.report.missing_words import filling_changes, filling_notes
from si_research.report.plot_style import new_figure
from si_research.report.results_json import results_json
from si_research.report.words import sentence
from si_research.survey.missing.patterns import missing_patterns
from si_research.survey.survey_data import REASONS
from tidy_figures import assert_tidy, drawn

ITEMS = [f"{letter}{number}" for letter in ("k", "w", "m", "ig") for number in (1, 2, 3)]


@pytest.fixture(scope="module")
def holed(tmp_path_factory: pytest.TempPathFactory) -> StudyFindings:
    return analysed(write_holed_study(tmp_path_factory.mktemp("holed") / "study"))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_both_columns_stand_there_with_what_they_assume(holed: StudyFindings, language: str) -> None:
    assert holed.missing_answers is not None
    pooled = holed.missing_answers.pooled
    assert pooled is not None
    assert holed.fit is not None
    speak = labels_of(holed, language).voice
    text = section_of(holed, language)
    term = holed.fit.tested_term
    complete, imputed = pooled.complete_cases.loc[term], pooled.coefficients.loc[term]
    assert complete["estimate"] == pytest.approx(holed.fit.coefficients.loc[term, "estimate"], rel=1e-9)
    assert complete["conf_high"] == pytest.approx(holed.fit.coefficients.loc[term, "conf_high"], rel=1e-9)
    shown = [
        speak.number(complete["estimate"], 3),
        speak.number(imputed["estimate"], 3),
        speak.interval(imputed["conf_low"], imputed["conf_high"], digits=3),
        speak.number(imputed["df"], 1),
        speak.bounded(imputed["missing_information"]),
        speak.p_value(pooled.joint.loc["imputed", "p_value"], bare=True),
        f"n = {pooled.n_complete}",
        f"n = {pooled.n_used}",
        "missing at random",
    ]
    assert [each for each in shown if each not in text] == []
    assert speak.say("missing_answers.stays") in text


def test_a_block_that_was_not_asked_is_named_and_left_alone(holed: StudyFindings) -> None:
    found, text = holed.missing_answers, section_of(holed, "en")
    assert found is not None
    assert found.imputed is not None
    assert "m1, m2, m3 not asked 50 12.5%" in text
    assert found.imputed.left_out.to_dict() == {"mogen: not_asked": len(NOT_ASKED)}
    assert not found.imputed.rows.index.isin(holed.scores.table().index[list(NOT_ASKED)]).any()
    assert "left out here as well: *mogen*: not asked (50)" in text


def test_few_rows_that_are_left_alone_are_not_counted(holed: StudyFindings) -> None:
    """The flow hides three people without a firm among those without a score; so does this section."""
    found = holed.missing_answers
    assert found is not None
    assert found.imputed is not None
    imputed = replace(found.imputed, left_out=pd.Series({"organisation": 3}))
    few = replace(holed, missing_answers=replace(found, imputed=imputed))
    assert "left out here as well: organisation: unknown (< 5)" in section_of(few, "en")
    content = json.loads(results_json(few))["missing_answers"]["imputed"]
    assert [each["n"] for each in content["left_out"]] == [None]


def test_reasons_are_those_of_the_answers(holed: StudyFindings) -> None:
    assert holed.missing_answers is not None
    answers = holed.missing_answers.answers
    exact, shown = answers.reasons.loc[ITEMS], shown_reasons(answers, "item")
    assert list(shown.columns[2:]) == [name for name in REASONS if exact[name].sum()]
    for item in ITEMS:
        for reason in shown.columns[2:]:
            if np.isfinite(shown.loc[item, reason]):
                assert shown.loc[item, reason] == exact.loc[item, reason]
        assert (
            shown.loc[item].isna().any()
            == ((exact.loc[item, REASONS] % 5 > 0) & (exact.loc[item, REASONS] < 5)).any()
        )


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 12), min_size=2, max_size=6))
def test_no_reason_gives_a_small_group_away(counts: list[int]) -> None:
    """What is hidden adds up to five or more, or nothing of the row is told; the total is always known."""
    row = dict(zip(REASONS, counts, strict=False)) | dict.fromkeys(REASONS[len(counts) :], 0)
    table = pd.DataFrame(
        [{"level": "item", "n_rows": 100, "n_answered": 100 - sum(counts), **row}], index=["k1"]
    )
    shown = shown_reasons(SimpleNamespace(reasons=table), "item").loc["k1"].iloc[2:]  # type: ignore[arg-type]
    hidden = shown.index[shown.isna()]
    told = shown.dropna()
    assert ((told == 0) | (told >= 5)).all()
    if len(hidden):
        n_hidden = sum(row[name] for name in hidden)
        assert (n_hidden >= 5 and len(hidden) >= 2) or len(told) == 0
    assert all(told[name] == row[name] for name in told.index)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(5, 120), st.integers(1, 5))
def test_no_pattern_gives_a_small_group_away(seed: int, n: int, width: int) -> None:
    """Rows without an answer in a column are known: less those of the shown patterns, none or five remain."""
    rng = np.random.default_rng(seed)
    marks = pd.DataFrame(
        rng.choice([1.0, 0.0, -1.0], p=[0.8, 0.15, 0.05], size=(n, width)), columns=list("abcde")[:width]
    )
    reasons = pd.DataFrame(np.where(marks == -1, "not_asked", "unanswered"), columns=marks.columns).where(
        marks != 1
    )
    shown = shown_patterns(missing_patterns(marks.where(marks == 1), reasons))
    assert shown.n_other + shown.patterns["n_rows"].sum() == n
    assert (shown.patterns["n_rows"] >= 5).all()
    if len(shown.patterns):
        assert shown.n_other == 0 or shown.n_other >= 5
    for name in marks:
        for mark in (0, -1, 1):
            told = shown.patterns.loc[shown.patterns[name] == mark, "n_rows"].sum()
            left = int((marks[name] == mark).sum()) - told
            assert left == 0 or left >= 5 or told == 0


def test_patterns_of_some_columns_are_those_of_these_columns(holed: StudyFindings) -> None:
    assert holed.missing_answers is not None
    found = holed.missing_answers.answers.items
    values = found.patterns.loc[found.patterns.index.repeat(found.patterns["n_rows"]), ["m2", "k1"]]
    again = values.value_counts()
    some = of_columns(found, ("m2", "k1"))
    assert {
        tuple(row[:2]): row[2] for row in some.patterns[["m2", "k1", "n_rows"]].to_numpy().tolist()
    } == again.to_dict()
    assert some.n_complete == again[1, 1]


def test_a_score_on_part_of_its_items_by_few_is_not_told(holed: StudyFindings) -> None:
    assert holed.missing_answers is not None
    answers = holed.missing_answers.answers
    few = replace(
        answers, person_mean=answers.person_mean.assign(n_part=3, n_all=answers.person_mean["n_scored"] - 3)
    )
    shown = shown_person_mean(few)
    assert shown[["n_all", "n_part", "share_part"]].isna().all(axis=None)
    told = shown_person_mean(answers)
    outcome = answers.person_mean.loc["innovative_behaviour"]
    assert 0 < 400 - outcome["n_scored"] < 5  # then both groups together would tell that number
    assert told.loc["innovative_behaviour", ["n_all", "n_part", "n_without"]].isna().all()
    assert told.loc["innovative_behaviour", "n_scored"] == 400
    assert told.drop("innovative_behaviour")[["n_all", "n_part"]].notna().all(axis=None)


def test_results_hold_aggregates_only(holed: StudyFindings) -> None:
    content = json.loads(results_json(holed))["missing_answers"]
    assert holed.missing_answers is not None
    pooled = holed.missing_answers.pooled
    assert pooled is not None
    rows = {row["term"]: row for row in content["pooled"]["imputed"]}
    assert (
        rows["kunnen:willen:mogen"]["estimate"] == pooled.coefficients.loc["kunnen:willen:mogen", "estimate"]
    )
    assert "intercept" not in rows
    assert content["imputed"]["n_complete"] == pooled.n_complete
    assert not {"rows", "draws", "trace"} & content["imputed"].keys()

    def counts(value: Any, name: str = "") -> list[tuple[str, float]]:
        if isinstance(value, dict):
            return [found for key, each in value.items() for found in counts(each, key)]
        if isinstance(value, list):
            return [found for each in value for found in counts(each, name)]
        return [(name, value)] if isinstance(value, int | float) else []

    people = {
        "n",
        "n_rows",
        "n_answered",
        "n_all",
        "n_part",
        "n_without",
        "n_other",
        "n_missing",
        "n_holed",
        *REASONS,
    }
    assert [(name, n) for name, n in counts(content) if name in people and 0 < n < 5] == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_sentences_are_those_of_the_results(holed: StudyFindings, language: str) -> None:
    found = holed.missing_answers
    assert found is not None
    assert found.imputed is not None
    assert found.pooled is not None
    speak = labels_of(holed, language).voice
    assert speak.number(found.pooled.coefficients.loc["kunnen:willen:mogen", "estimate"], 3) in sentence(
        found.pooled, language
    )
    assert f"{found.n_holed} " in sentence(found.imputed, language)
    missing = found.answers.reasons.loc[ITEMS, "n_missing"].sum() / (400 * 12)
    assert speak.percent(missing, 1) in sentence(found.answers, language)
    assert f"{found.answers.items.n_complete} " in sentence(found.answers, language)


def test_every_figure_says_in_words_what_it_shows(holed: StudyFindings) -> None:
    names = ("missing_patterns", "person_mean", "pooled")
    assert all(_FIGURES[name].fits(holed) for name in names)
    alts = {name: _FIGURES[name].describe(holed, labels_of(holed, "en"))[1] for name in names}
    assert holed.missing_answers is not None
    pooled = holed.missing_answers.pooled
    assert pooled is not None
    assert f"filled in {pooled.coefficients.loc['kunnen', 'estimate']:.2f}" in alts["pooled"]
    assert re.search(r"\d+ people \(no answer to have: m1, m2 and m3\)\.", alts["missing_patterns"])


@pytest.mark.parametrize("name", ["k1", "q13_Ik_voer_verbeteringen_in"])
@pytest.mark.parametrize("n_columns", [4, 15, 40])
def test_long_names_leave_the_picture_of_patterns_its_room(name: str, n_columns: int) -> None:
    columns = tuple(f"{place}_{name}"[:30] for place in range(n_columns))
    answers = pd.DataFrame(np.ones((60, n_columns)), columns=list(columns))
    answers.iloc[:20, 0] = answers.iloc[10:40, 1] = np.nan
    figure = new_figure(1.6 + height_of_names(columns))
    axis = plot_missing_patterns(missing_patterns(answers), figure.subplots(), names=columns)
    figure.canvas.draw()
    assert_tidy(figure)
    grid = axis.get_window_extent()
    assert grid.height > 0.45 * figure.dpi
    assert max(len(tick.get_text()) for tick in axis.get_xticklabels()) <= 15


@pytest.mark.parametrize("name", ["missing_patterns", "person_mean", "pooled"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_figures_are_tidy(holed: StudyFindings, name: str, language: str) -> None:
    assert_tidy(drawn(holed, name, language))


def test_the_pictures_draw_the_numbers(holed: StudyFindings) -> None:
    found = holed.missing_answers
    assert found is not None
    assert found.pooled is not None
    _, (first, second) = plt.subplots(1, 2)
    plot_missing_patterns(found.answers.items, first)
    grid = first.collections[0].get_array()
    shown = shown_patterns(found.answers.items)
    np.testing.assert_array_equal(
        np.asarray(grid[: len(shown.patterns)]), shown.patterns[list(shown.columns)]
    )
    plot_pooled(found.pooled, second)
    lines = [line.get_xdata() for line in second.lines if len(np.atleast_1d(line.get_xdata())) == 7]
    np.testing.assert_allclose(lines[0], found.pooled.complete_cases["estimate"].iloc[1:])
    np.testing.assert_allclose(lines[1], found.pooled.coefficients["estimate"].iloc[1:])
    plt.close("all")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_note_of_an_imputation_has_words(holed: StudyFindings, language: str) -> None:
    found = holed.missing_answers
    assert found is not None
    assert found.imputed is not None
    assert found.pooled is not None
    notes = (
        Note("not_converged", {"quantities": "mean of kunnen", "r_hat": 1.31}),
        Note("mostly_missing", {"variable": "kunnen", "share": 0.62}),
        Note("outside_format", {"n": 45}),
        Note("cluster_identifies_term", {"n": 2, "terms": "sector"}),
        Note("no_clusters"),
    )
    joint = found.pooled.joint.assign(note=["too_few_clusters", ""])
    said = list(
        filling_notes(
            found.imputed, replace(found.pooled, notes=notes, joint=joint), labels_of(holed, language)
        )
    )
    assert len(said) == 5
    speak = labels_of(holed, language).voice
    assert speak.number(1.31) in said[0] and "iterations: 80}" in said[0]
    assert "62%" in said[1]
    n_filled = sum(draws.size for draws in found.imputed.draws.values())
    assert speak.percent(45 / n_filled, 1) in said[2]


@pytest.mark.parametrize(
    ("p", "joint", "estimates", "changes"),
    [
        ((0.20, 0.30), (0.2, 0.3), (1.0, 1.0), False),
        ((0.04, 0.06), (0.2, 0.3), (1.0, 1.0), True),
        ((0.20, 0.30), (0.04, 0.3), (1.0, 1.0), True),
        ((0.01, 0.02), (0.2, 0.3), (1.0, -1.0), True),
        ((0.20, 0.30), (np.nan, np.nan), (1.0, -1.0), False),
    ],
)
def test_it_reads_differently_when_a_test_does(
    holed: StudyFindings,
    p: tuple[float, float],
    joint: tuple[float, float],
    estimates: tuple[float, float],
    changes: bool,
) -> None:
    assert holed.missing_answers is not None
    pooled = holed.missing_answers.pooled
    assert pooled is not None
    tables = []
    for table, own, estimate in zip((pooled.coefficients, pooled.complete_cases), p, estimates, strict=True):
        changed = table.copy()
        changed.loc[pooled.tested_term, ["estimate", "p_value"]] = [estimate, own]
        tables.append(changed)
    other = replace(
        pooled, coefficients=tables[0], complete_cases=tables[1], joint=pooled.joint.assign(p_value=joint)
    )
    assert filling_changes(other) is changes
    shown = replace(holed, missing_answers=replace(holed.missing_answers, pooled=other))
    labels = labels_of(holed, "en")
    if np.isnan(joint).any():
        assert "neither test comes out differently" not in section_of(shown, "en")
        assert labels.voice.say("missing_answers.stays_one") in section_of(shown, "en")
    if changes:
        assert "The two do not give the same conclusion" in section_of(shown, "en")
        assert labels.voice.say("notes.filling_changes") in list(note_sentences(shown, labels))


def test_the_example_needs_no_filling_in(example: StudyFindings) -> None:
    text = section_of(example, "en")
    assert "Nothing had to be filled in" in text
    assert not _FIGURES["pooled"].fits(example)
    assert _FIGURES["missing_patterns"].fits(example)
    content = json.loads(results_json(example))["missing_answers"]
    assert (content["outcome"], content["pooled"]) == ("none_missing", None)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_alternative_text_tells_missing_from_absent(holed: StudyFindings, language: str) -> None:
    """One pattern lacks the answers to mogen that another could not have; each is said once."""
    assert holed.missing_answers is not None
    answers = holed.missing_answers.answers
    table = answers.items.patterns
    absent = table[(table["m1"] == -1) & (table["n_missing"] == 3)].iloc[[0]]
    both = pd.concat([table, absent.replace({"m1": -1, "m2": -1, "m3": -1}, 0).assign(n_rows=20)])
    patterns = replace(answers.items, patterns=both.reset_index(drop=True))
    changed = replace(holed.missing_answers, answers=replace(answers, items=patterns))
    findings = replace(holed, missing_answers=changed)
    _, alt = describe_missing_patterns(findings, labels_of(findings, language))
    said = re.findall(r"\(([^()]*)\)\.", alt)
    assert len(said) == len(set(said)) >= 4
    assert {"nl": "ontbreekt: m1, m2 en m3", "en": "missing: m1, m2 and m3"}[language] in said
    word = {"nl": "geen antwoord mogelijk: m1, m2 en m3", "en": "no answer to have: m1, m2 and m3"}[language]
    assert word in said


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_reason_has_one_name_on_the_page(holed: StudyFindings, language: str) -> None:
    """In the tables of the answers, in those of what is missing, and in the ledger."""
    labels = labels_of(holed, language)
    tables = " ".join(str(table) for table in item_answer_tables(holed, labels))
    for reason in ("unanswered", "does_not_know", "not_asked"):
        name = labels.voice.say(f"missing_reasons.{reason}")
        assert name in tables
        assert name in section_of(holed, language)
        assert labels.voice.say(f"ledger_kinds.{reason}") == name
