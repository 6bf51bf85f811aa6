"""How each question was answered: counts are those of the people, small ones never show, words fit."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from si_research.report.findings import StudyFindings
from si_research.report.item_counts import shown_items, shown_json
from si_research.report.item_plot import draw_item_answers, plot_item_answers, plot_no_answers
from si_research.report.item_section import has_item_figure, item_sentences
from si_research.report.item_tables import missing_in_words
from si_research.report.labels import Labels, labels_of
from si_research.report.missing_figures import describe_missing_patterns, with_patterns
from si_research.report.results_json import results_json
from si_research.report.sections import sections_of
from si_research.report.suppression import told_step
from si_research.report.voice import voice
from si_research.survey.item_answers import AnswerFormat, ItemAnswers
from small_survey import answers, change_text, write_csv

FIVE = AnswerFormat((1.0, 2.0, 3.0, 4.0, 5.0), (1.0, 2.0, 3.0, 4.0, 5.0))


def made(counts: dict[str, list[int]], missing: dict[str, dict[str, int]] | None = None) -> ItemAnswers:
    rows = [
        ("kunnen", item, False, 0, place, n) for item, own in counts.items() for place, n in enumerate(own)
    ]
    reasons = pd.DataFrame(missing or {}).T.reindex(list(counts)).fillna(0).astype("int64")
    return ItemAnswers(
        answers=pd.DataFrame(rows, columns=["scale", "item", "reversed", "format", "place", "n"]),
        missing=reasons.rename_axis("item"),
        formats=(FIVE,),
        not_counted=(),
        n_rows=max(sum(own) for own in counts.values()) + 20,
    )


@settings(deadline=None)  # the first call imports; a busy machine makes that slow
@given(
    st.one_of(
        st.lists(st.integers(0, 12), min_size=5, max_size=5),
        st.lists(st.integers(0, 2), min_size=5, max_size=5),
    ),
    st.one_of(
        st.lists(st.integers(0, 9), min_size=3, max_size=3),
        st.lists(st.integers(0, 2), min_size=3, max_size=3),
    ),
)
def test_no_small_group_shows_nor_can_be_worked_out_and_nobody_is_lost(
    counts: list[int], reasons: list[int]
) -> None:
    names = ("does_not_know", "unanswered", "refused")
    answers = made({"k1": counts}, {"k1": dict(zip(names, reasons, strict=True))})
    n_used, n_missing = sum(counts), sum(reasons)
    answers = replace(answers, n_rows=n_used + n_missing)
    (item,) = shown_items(answers)
    shown = [run.n for run in item.runs] + [group.n for group in item.reasons if group.n is not None]
    assert all(n >= 5 for n in shown)
    few_answered, few_missing = 0 < n_used < 5, 0 < n_missing < 5
    if n_used >= 5:
        assert sum(run.n for run in item.runs) == n_used
        assert item.n_used == (answers.n_rows if few_missing else n_used)
        assert sum(run.share for run in item.runs) == pytest.approx(1)
        assert [place for run in item.runs for place in range(run.first, run.last + 1)] == list(range(5))
    else:
        assert (item.runs, item.n_used) == ((), 0)
    if n_missing >= 5:
        assert item.n_missing == (answers.n_rows if few_answered else n_missing)
        assert sum(group.share for group in item.reasons) == pytest.approx(item.n_missing / answers.n_rows)
        assert all((group.n is None) == few_answered for group in item.reasons)
    else:
        assert math.isnan(item.n_missing)
        assert missing_in_words(item, Labels(voice("nl"))) == "< 5"
    whole = json.loads(json.dumps(shown_json(answers)))[0]
    told = [each["n"] for each in whole["answers"] + whole["missing"] if each["n"] is not None]
    assert all(n >= 5 for n in told)
    if answers.n_rows < 10:  # the answers 1 to 5 themselves look like leaks
        return
    assert leaks(whole, answers.n_rows) == []
    for part in ("answers", "missing"):  # nor do they add up to all but one to four
        known = [each["n"] for each in whole[part]]
        assert None in known or leaks(sum(known), answers.n_rows) == []
    if few_missing and answers.n_rows >= 20:  # shares fit everybody as well as those who answered
        for share in np.cumsum([each["share"] for each in whole["answers"]]):
            step = told_step(answers.n_rows)
            assert abs(round(share * answers.n_rows) / answers.n_rows - share) <= step / 2 + 1e-9


def test_a_small_reason_goes_with_another() -> None:
    answers = made({"k1": [9] * 5}, {"k1": {"does_not_know": 7, "unanswered": 3, "refused": 12}})
    (item,) = shown_items(answers)
    assert [group.reasons for group in item.reasons] == [("refused",), ("does_not_know", "unanswered")]
    words = missing_in_words(item, Labels(voice("en")))
    assert words == "34% (refused 18%, does not know / left open 15%)"


@pytest.mark.parametrize(
    ("language", "high", "low", "none"),
    [
        (
            "en",
            "gave the highest answer to `k1`",
            "gave the lowest answer to `k2` and `k3`",
            "No question was left",
        ),
        ("nl", "gaf op `k1` het hoogste", "gaf op `k2` en `k3` het laagste", "Geen vraag bleef"),
    ],
)
def test_the_sentences(language: str, high: str, low: str, none: str) -> None:
    answers = made({"k1": [5, 5, 5, 5, 30], "k2": [30, 5, 5, 5, 5], "k3": [25, 5, 5, 5, 5], "k4": [9] * 5})
    said = " ".join(item_sentences(shown_items(answers), Labels(voice(language))))
    assert high in said
    assert low in said
    assert none in said
    assert "`k4`" not in said


def test_the_question_that_most_left_open() -> None:
    answers = made(
        {"k1": [9] * 5, "k2": [9] * 5},
        {"k1": {"does_not_know": 6}, "k2": {"does_not_know": 2, "unanswered": 11}},
    )
    said = " ".join(item_sentences(shown_items(answers), Labels(voice("en"))))
    assert "Most often without an answer was `k2`: 20% of the people" in said
    assert "To no question did half or more" in said


def test_the_bars_are_the_shares() -> None:
    answers = made({"k1": [10, 20, 30, 20, 2], "k2": [9] * 5}, {"k1": {"unanswered": 10}})
    items = list(shown_items(answers))
    left, right = Figure().subplots(1, 2)
    plot_item_answers(items, [0.0, 1.0], left, labels=Labels(voice("en")))
    legend = plot_no_answers(items, [0.0, 1.0], right, labels=Labels(voice("en")))
    widths = [bar.get_width() for bar in left.patches if bar.get_y() < 0.5]
    np.testing.assert_allclose(widths, np.array([10, 20, 30, 22]) / 82)
    assert [bar.get_width() for bar in right.patches] == [pytest.approx(10 / answers.n_rows)]
    assert [each.get_label() for each in legend] == ["left open"]


@pytest.mark.parametrize("answered", [0, 3])
def test_a_question_that_hardly_anybody_answered_is_in_the_picture(
    example: StudyFindings, answered: int
) -> None:
    answers = made({"k1": [9] * 5, "k2": [0, 0, answered, 0, 0]}, {"k2": {"unanswered": 45 - answered}})
    assert example.reliability is not None
    findings = replace(example, reliability=replace(example.reliability, answers=answers))
    left, right = draw_item_answers(findings, Labels(voice("en"))).axes
    assert [each.get_text() for each in left.get_yticklabels()] == ["k1", "k2"]
    assert len(right.patches) == 1


def leaks(counts: object, n_all: int) -> list[float]:
    """Every number in a result that, taken from the total, leaves one to four people."""
    if isinstance(counts, dict):
        return [found for each in counts.values() for found in leaks(each, n_all)]
    if isinstance(counts, list):
        return [found for each in counts for found in leaks(each, n_all)]
    is_leak = isinstance(counts, int | float) and 0 < n_all - counts < 5
    return [float(counts)] if is_leak else []  # type: ignore[arg-type]


def with_few_gaps(folder: Path) -> None:
    """Two people leave k1 open, nobody k2, and eight k3; alpha is taken from pairs."""
    rows = answers(240, 12, seed=3)
    for place in range(8):
        rows[place][4] = ""
        if place < 2:
            rows[place][2] = ""
    write_csv(folder / "survey.csv", rows)
    change_text(folder / "study.yml", "analysis:", "reliability: {missing: pairwise}\nanalysis:")


@pytest.fixture(scope="module")
def few_gaps(small: Callable[..., StudyFindings]) -> StudyFindings:
    return small(240, 12, with_few_gaps)


def test_results_do_not_tell_how_few_left_a_question_open(few_gaps: StudyFindings) -> None:
    results = json.loads(results_json(few_gaps))
    (scale,) = [each for each in results["reliabilities"] if each["scale"] == "kunnen"]
    parts = {
        "items": results["items"],
        "direction": results["direction"],
        "answers": results["reliability"]["answers"],
        "reliability": scale["items"],
        "missing": results["missing_answers"]["reasons"]["item"],
    }
    assert {name: leaks(part, 240) for name, part in parts.items()} == {name: [] for name in parts}
    by_item = {each["item"]: each for each in results["items"]}
    assert [by_item[name]["n_used"] for name in ("k1", "k2", "k3")] == [240, 240, 232]
    for each in parts["answers"]:
        counts = [answer["n"] for answer in each["answers"]]
        assert None in counts if each["item"] == "k1" else sum(counts) == each["n_used"]
    first = by_item["k1"]
    assert round(first["mean"], 2) == first["mean"]  # else the total of whole answers gives n away


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "minder dan vijf dat niet deden"), ("en", "fewer than five did not")]
)
def test_the_page_does_not_tell_it_either(few_gaps: StudyFindings, language: str, words: str) -> None:
    labels = labels_of(few_gaps, language)
    wanted = ("appendix", "scales", "missing_answers")
    sections = [each for each in sections_of(few_gaps, labels) if each.name in wanted]
    assert len(sections) == 3
    tables = [block.table for each in sections for block in each.blocks if block.table is not None]
    cells = [cell for table in tables for row in table.rows if "k1" in row for cell in row]
    assert "240" in cells
    assert "238" not in cells
    assert sum(words in table.note for table in tables) >= 2
    assert has_item_figure(few_gaps)
    assert with_patterns(few_gaps)
    _, alt = describe_missing_patterns(few_gaps, labels)
    assert ("k3: 3,3%" if language == "nl" else "k3: 3.3%") in alt
