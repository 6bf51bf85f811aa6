"""The section on the scales and results.json: what was asked for is there, two items and one are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research.measurement.alpha_bootstrap import bootstrap_alpha
from si_research.report.findings import StudyFindings
from si_research.report.labels import labels_of
from si_research.report.reliability_section import reservation
from si_research.report.reliability_tables import reliability_table
from si_research.report.results_json import results_json
from si_research.report.sections import sections_of
from si_research.report.words import answer_sentences
from small_survey import LABELS, answers, change_text, write_csv

Small = Callable[..., StudyFindings]


def with_options(folder: Path) -> None:
    """Two items for mogen, one for willen; every option of the block ``reliability``."""
    change_text(folder / "codebook.yml", "items: [m1, m2, m3]", "items: [m1, m2]")
    change_text(folder / "codebook.yml", "items: [w1, w2, w3]", "items: [w1]")
    options = "reliability: {missing: pairwise, bootstrap_draws: 200, ordinal: true}\nanalysis:"
    change_text(folder / "study.yml", "analysis:", options)


def with_single_items(folder: Path) -> None:
    change_text(folder / "codebook.yml", "items: [m1, m2, m3]", "items: [m1]")
    change_text(folder / "codebook.yml", "items: [w1, w2, w3]", "items: [w1]")


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("nl", "*Willen* is met één vraag", "*Willen* en *mogen* zijn elk met één vraag"),
        ("en", "*Willen* was measured", "*Willen* and *mogen* were measured"),
    ],
)
def test_one_scale_is_and_two_scales_are(
    small: Small, found: StudyFindings, language: str, one: str, two: str
) -> None:
    assert one in section_of(found, "scales", language)
    assert two in section_of(small(240, 12, with_single_items), "scales", language)


def unreliable(folder: Path) -> None:
    """One item of kunnen turned that should not be."""
    change_text(folder / "codebook.yml", "  k1: {format: agree_5}", "  k1: {format: agree_5, reverse: true}")
    change_text(folder / "codebook.yml", "items: [k1, k2, k3]", "items: [k1, k2]")


def forced(folder: Path) -> None:
    """Unreliable, and tested all the same."""
    unreliable(folder)
    change_text(folder / "study.yml", "analysis: {", "analysis: {test_unreliable_scales: true, ")


@pytest.fixture(scope="module")
def found(small: Small) -> StudyFindings:
    return small(240, 12, with_options)


def section_of(findings: StudyFindings, name: str, language: str) -> str:
    sections = {each.name: each for each in sections_of(findings, labels_of(findings, language))}
    return " ".join(f"{block.text} {block.table or ''}" for block in sections[name].blocks)


def test_the_table_has_what_was_asked_for(found: StudyFindings) -> None:
    table = reliability_table(found, labels_of(found, "en"))
    for column in ("bootstrap", "omega", "Spearman-Brown", "ordinal alpha"):
        assert column in table.columns
    rows = dict(zip((row[0] for row in table.rows), table.rows, strict=True))
    assert rows["*mogen*"][list(table.columns).index("omega")] == "–"
    assert rows["*mogen*"][list(table.columns).index("Spearman-Brown")].startswith(".")
    assert rows["*willen*"][-1] == "unknown (one question)"
    for words in ("pairs of questions", "whole organisations", "polychoric", "2r/(1 + r)"):
        assert words in table.note


@pytest.mark.parametrize(
    ("language", "two", "one"),
    [("nl", "twee vragen", "één vraag"), ("en", "two questions", "single question")],
)
def test_two_items_and_one_item_are_told(found: StudyFindings, language: str, two: str, one: str) -> None:
    text = section_of(found, "scales", language)
    assert two in text
    assert one in text


def test_results_hold_the_figures(found: StudyFindings) -> None:
    scales = {each["scale"]: each for each in json.loads(results_json(found))["reliability"]["scales"]}
    assert scales["kunnen"]["omega"]["status"] == "estimated"
    assert scales["mogen"]["omega"]["status"] == "two items"
    assert scales["mogen"]["two_items"]["reliability"] is not None
    assert scales["willen"]["omega"]["omega"] is None
    assert scales["kunnen"]["bootstrap"]["interval"] == "bootstrap of firms"
    assert found.reliability is not None
    kunnen = found.reliability.scales[0]
    assert kunnen.ordinal is not None
    assert scales["kunnen"]["ordinal_alpha"] == pytest.approx(kunnen.ordinal.ordinal_alpha)


def test_the_bootstrap_is_that_of_the_answers(found: StudyFindings) -> None:
    """Read again from nothing but the scores: firms as wholes, the seed of the study."""
    rows = pd.DataFrame(answers(240, 12, seed=3))
    items = rows[[2, 3, 4]].map(lambda label: LABELS.index(label) + 1.0)
    again = bootstrap_alpha(items, seed=7, draws=200, clusters=rows[1], missing="pairwise")
    assert found.reliability is not None
    kept = found.reliability.scales[0].bootstrap
    assert kept is not None
    assert (kept.conf_low, kept.conf_high) == pytest.approx((again.conf_low, again.conf_high))


def test_scales_that_are_tested_all_the_same_carry_the_reservation(small: Small) -> None:
    findings = small(240, 12, forced)
    assert findings.refusal is None
    assert findings.fit is not None
    for language, word in (("nl", "negatief"), ("en", "negative")):
        (block,) = reservation(findings, labels_of(findings, language))
        assert "*kunnen* (al" in block.text
        assert block.text in section_of(findings, "tests", language)
        assert block.text in answer_sentences(findings, language), "whoever reads nothing else"
        assert word in section_of(findings, "scales", language)


def forced_without_outcome(folder: Path) -> None:
    """Tests of unreliable scales are asked for, and the file has no outcome to test them on."""
    forced(folder)
    change_text(folder / "codebook.yml", "construct: innovative_behaviour", "construct: other")
    change_text(folder / "codebook.yml", "  innovative_behaviour:", "  ander:")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_refusal_whatever_says_that_scales_were_tested(small: Small, language: str) -> None:
    findings = small(240, 12, forced_without_outcome)
    assert findings.refusal is not None
    assert findings.refusal.code == "no_outcome"
    labels = labels_of(findings, language)
    assert list(reservation(findings, labels)) == []


def forced_with_gaps(folder: Path) -> None:
    """Tested all the same, and a dozen people gave no answer to kunnen."""
    forced(folder)
    change_text(folder / "study.yml", "analysis:", "missing: {imputations: 6, iterations: 10}\nanalysis:")
    rows = answers(240, 12, seed=3)
    for row in rows[::20]:
        row[2:5] = ["", "", ""]
    write_csv(folder / "survey.csv", rows)


def test_scores_that_are_filled_in_carry_the_reservation_too(small: Small) -> None:
    findings = small(240, 12, forced_with_gaps)
    assert findings.missing_answers is not None
    assert findings.missing_answers.pooled is not None
    (block,) = reservation(findings, labels_of(findings, "en"))
    assert block.text in section_of(findings, "missing_answers", "en")


@pytest.mark.parametrize(
    ("language", "asked"), [("nl", "toch te toetsen"), ("en", "asked for the tests all the same")]
)
def test_a_refused_study_does_not_say_that_its_scales_were_tested(
    small: Small, language: str, asked: str
) -> None:
    findings, tested = small(240, 12, unreliable), small(240, 12, forced)
    assert findings.refusal is not None
    assert findings.refusal.code == "unreliable_scales"
    labels = labels_of(findings, language)
    assert list(reservation(findings, labels)) == []
    assert asked not in section_of(findings, "conclude", language)
    assert asked in section_of(tested, "conclude", language)


def with_one_turned(folder: Path) -> None:
    """One of three questions keyed the wrong way round."""
    change_text(folder / "codebook.yml", "  m2: {format: agree_5}", "  m2: {format: agree_5, reverse: true}")


def alpha_by_hand(items: np.ndarray) -> float:
    n, covariance = items.shape[1], np.cov(items, rowvar=False)
    return float(n / (n - 1) * (1 - np.trace(covariance) / covariance.sum()))


@pytest.mark.parametrize(("language", "words"), [("nl", "tegen de rest van"), ("en", "against the rest of")])
def test_only_the_question_whose_turning_makes_alpha_highest_is_named(
    small: Small, language: str, words: str
) -> None:
    """All three run against the mean of the other two; turning one of them makes the scale good."""
    findings = small(240, 12, with_one_turned)
    table = findings.direction.table().query("scale == 'mogen'")
    assert table["flagged"].tolist() == [True, True, True]
    points = [[LABELS.index(cell) + 1.0 for cell in row[8:11]] for row in answers(240, 12, seed=3)]
    keyed = np.array(points) * [1, -1, 1]
    best = max(range(3), key=lambda place: alpha_by_hand(keyed * [-1 if k == place else 1 for k in range(3)]))
    text = section_of(findings, "scales", language)
    assert text.count(words) == 1
    assert f"`m{best + 1}`" in text.split(words)[0].rpartition(".")[2]


def with_two_apart(folder: Path) -> None:
    change_text(folder / "codebook.yml", "items: [m1, m2, m3]", "items: [m1, m2]")
    with_one_turned(folder)


@pytest.mark.parametrize(
    ("language", "words", "advice"),
    [
        ("nl", "De twee vragen van *mogen*, `m1` en `m2`, lopen tegen elkaar in", "`m2` is volgens"),
        ("en", "The two questions of *mogen*, `m1` and `m2`, run against each other", "`m2` is turned"),
    ],
)
def test_of_two_questions_it_cannot_be_told_which_is_turned(
    small: Small, language: str, words: str, advice: str
) -> None:
    text = section_of(small(240, 12, with_two_apart), "scales", language)
    assert words in text
    assert advice not in text


@pytest.mark.parametrize(("language", "words"), [("nl", "zeggen de antwoorden niet"), ("en", "do not tell")])
def test_questions_that_part_in_halves_are_told_together(small: Small, language: str, words: str) -> None:
    findings = small(240, 12, with_one_turned)
    halves = findings.direction.table().assign(against=False)
    check = replace(findings.direction, table_=halves)
    text = section_of(replace(findings, direction=check), "scales", language)
    assert text.count(words) == 1
    assert "`m1`, `m2` " in text


@pytest.mark.parametrize(
    ("language", "every", "some"),
    [
        ("nl", "n: mensen die alle vragen", "n telt wie een vraag"),
        ("en", "n: people who answered every", "any"),
    ],
)
def test_the_note_says_whom_n_counts(
    small: Small, found: StudyFindings, language: str, every: str, some: str
) -> None:
    """``found`` takes alpha from pairs of questions; by default it comes from complete rows."""
    listwise, pairwise = (
        reliability_table(each, labels_of(each, language)).note for each in (small(), found)
    )
    assert (every in listwise, some in listwise) == (True, False)
    assert (every in pairwise, some in pairwise) == (False, True)
