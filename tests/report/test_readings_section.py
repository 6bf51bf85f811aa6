"""The readings one by one: their tables, words and figures, and what leaves the house."""

from __future__ import annotations

import ast
import inspect
import json
import math
from dataclasses import replace
from types import ModuleType

import pytest

from si_research.model.forms import comparison, compensation, rows
from si_research.report.blocks import Block
from si_research.report.combination_figures import describe_compensation_profile
from si_research.report.combination_json import combination_content
from si_research.report.findings import StudyFindings
from si_research.report.forms_tables import forms_table, other_forms_table, power_table
from si_research.report.forms_words import apart_sentences, best_form_sentences, power_sentences
from si_research.report.labels import labels_of
from si_research.report.readings_notes import SAID_ELSEWHERE
from si_research.report.results_json import plain, results_json
from si_research.report.sections import sections_of
from si_research.report.voice import voice

LANGUAGES = ("nl", "en")
NOTED = (comparison, compensation, rows)


def codes_of(module: ModuleType) -> set[str]:
    """The codes of the notes that a module makes."""
    calls = [each for each in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(each, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Note"]
    codes = {str(call.args[0].value) for call in made if isinstance(call.args[0], ast.Constant)}
    assert codes
    return codes


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_note_has_words(language: str) -> None:
    speak = voice(language)
    codes = {code for module in NOTED for code in codes_of(module)}
    assert {"cannot_tell", "p_at_limit", "scores_at_floor"} <= codes
    for code in codes - SAID_ELSEWHERE:
        assert speak.has(f"readings.notes.{code}"), code
    for code in SAID_ELSEWHERE:
        assert speak.has(f"notes.{code}"), code


def blocks_of(findings: StudyFindings, language: str) -> list[Block]:
    labels = labels_of(findings, language)
    return [
        block for each in sections_of(findings, labels) if each.name == "readings" for block in each.blocks
    ]


def test_the_section_stands_after_the_probing(example: StudyFindings) -> None:
    names = [each.name for each in sections_of(example, labels_of(example, "en"))]
    assert names[names.index("probing") + 1] == "readings"


def test_without_numbers_behind_the_verdict_there_is_no_section(example: StudyFindings) -> None:
    assert example.combination is not None
    verdict = replace(example.combination.verdict, numbers=None)
    refused = replace(example, combination=replace(example.combination, verdict=verdict))
    assert blocks_of(refused, "en") == []
    assert blocks_of(replace(example, combination=None), "en") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reading_that_cannot_be_computed_is_said_to_be_missing(
    example: StudyFindings, language: str
) -> None:
    assert example.combination is not None
    without = replace(example, combination=replace(example.combination, forms=None))
    said = [block.text for block in blocks_of(without, language)]
    assert said.count(voice(language).say("readings.missing")) == 1
    assert voice(language).say("readings.missing") not in [b.text for b in blocks_of(example, language)]


def test_the_best_form_stands_first_and_other_families_apart(example: StudyFindings) -> None:
    assert example.combination is not None
    found, labels = example.combination.forms, labels_of(example, "en")
    assert found is not None
    shown = forms_table(found, labels)
    assert shown.rows[0][0] == "The mean"
    assert shown.rows[0][2] == "0.0"
    assert len(shown.rows) == 6
    aic = found.forms["aic"]
    assert shown.rows[-1][2] == f"{aic[found.table('one slope').index].max() - aic[found.best]:.1f}"
    others = [row[0] for row in other_forms_table(found, labels).rows]
    assert len(others) == 9
    assert "The minimum, with a square" in others
    assert "Three slopes and all products" in others


def test_what_cannot_be_told_from_the_best_is_said(example: StudyFindings) -> None:
    assert example.combination is not None
    found, labels = example.combination.forms, labels_of(example, "en")
    assert found is not None
    assert "the mean" in next(best_form_sentences(found, labels))
    near = found.forms.assign(delta_low=-1.0, n_80=12340.0)
    said = list(apart_sentences(replace(found, forms=near), labels))
    assert len(said) == 2
    assert said[0].count(",") == 3
    assert "12,000 people" in said[1]
    far = found.forms.assign(delta_low=1.0)
    assert len(list(apart_sentences(replace(found, forms=far), labels))) == 1


def test_the_power_is_said_with_both_intervals_and_both_tests(example: StudyFindings) -> None:
    assert example.combination is not None
    found, labels = example.combination.verdict.compensation, labels_of(example, "en")
    assert found is not None
    moved = replace(found, p_hat=0.25, boot_low=-math.inf, boot_high=1.5, lr_low=-2.0, lr_high=0.75)
    estimate, tests, hangs_on = power_sentences(moved, labels)
    assert "p̂ = 0.2" in estimate
    assert "[−∞, 1.5]" in estimate
    assert "[−2.0, 0.8]" in estimate
    ruled_out = replace(found, tests=found.tests.assign(p_value=0.01))
    assert list(power_sentences(ruled_out, labels))[1].count("is ruled out") == 2
    assert "not ruled out" in tests
    assert "reliability of these scales" in hangs_on
    unknown = list(power_sentences(replace(found, p_hat=math.nan), labels))
    assert unknown == [labels.voice.say("readings.power.unknown")]


def test_other_choices_stand_below_the_power(example: StudyFindings) -> None:
    assert example.combination is not None
    found = example.combination.verdict.compensation
    assert found is not None
    shown = power_table(found, labels_of(example, "nl")).rows
    assert len(shown) == 6
    assert shown[0][1] == shown[1][1]
    assert shown[-1][0].startswith("Zonder meetfouten (gemiddelde betrouwbaarheid ,")
    rows = found.reliability.iloc[[0, 1, 1]].assign(reliability=[1.0, 0.7, 0.8])
    supposed = replace(found, reliability=rows)
    assert "als de betrouwbaarheid ,80 is" in power_table(supposed, labels_of(example, "nl")).rows[-1][0]
    assert "betrouwbaarheid van ,80" in list(power_sentences(supposed, labels_of(example, "nl")))[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figure_tells_its_numbers(example: StudyFindings, language: str) -> None:
    assert example.combination is not None
    labels = labels_of(example, language)
    _, alt = describe_compensation_profile(example, labels)
    for form in ("minimum", "harmonic", "geometric", "mean", "maximum"):
        assert labels.voice.say(f"figures.forms.{form}") in alt


def test_what_leaves_the_house_tells_of_nobody(example: StudyFindings) -> None:
    content = json.loads(results_json(example))["combination"]
    assert len(content["forms"]["models"]) == 15
    assert "draws" in content["power"]
    assert isinstance(content["power"]["draws"], int)
    assert "at_zero" not in json.dumps(content["power"])
    assert "profile" not in content["power"]


def test_a_power_that_is_a_limit_is_told_as_one(example: StudyFindings) -> None:
    assert example.combination is not None
    verdict = example.combination.verdict
    assert verdict.compensation is not None
    at_limit = replace(verdict, compensation=replace(verdict.compensation, boot_low=-math.inf))
    content = combination_content(replace(example.combination, verdict=at_limit), plain)
    assert content["power"]["estimates"][0]["conf_low"] == "-inf"
