"""The readings one by one: their tables, words and figures, and what leaves the house."""

from __future__ import annotations

import ast
import inspect
import json
import math
from dataclasses import replace
from itertools import product
from types import ModuleType

import pytest

from si_research.model.configurations import configuration_notes
from si_research.model.configurations.stability import OnlyRow
from si_research.model.fit_notes import Note
from si_research.model.forms import comparison, compensation, rows
from si_research.model.necessity import beyond_correlation, necessity
from si_research.model.necessity.bottlenecks import NOTHING
from si_research.report.blocks import Block
from si_research.report.combination_figures import describe_compensation_profile
from si_research.report.combination_findings import CombinationFindings
from si_research.report.combination_json import combination_content
from si_research.report.configuration_tables import configuration_sentences, told_records, truth_tables
from si_research.report.findings import StudyFindings
from si_research.report.forms_tables import forms_table, other_forms_table, power_table
from si_research.report.forms_words import apart_sentences, best_form_sentences, power_sentences
from si_research.report.labels import Labels, labels_of
from si_research.report.necessity_words import (
    bottleneck_table,
    levels_told,
    necessity_rows,
    necessity_sentences,
    necessity_table,
    outcome_levels,
)
from si_research.report.readings_figures import (
    describe_necessity_ceilings,
    describe_truth_table,
    draw_necessity_ceilings,
)
from si_research.report.readings_notes import SAID_ELSEWHERE, note_lines
from si_research.report.readings_section import readings_blocks
from si_research.report.results_json import plain, results_json
from si_research.report.sections import sections_of
from si_research.report.verdict_section import verdict_blocks
from si_research.report.voice import sentence_case, voice

LANGUAGES = ("nl", "en")
NOTED = (comparison, compensation, rows, necessity, beyond_correlation, configuration_notes)


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
    codes |= {code for code in NOTHING if code != "no_variance"}  # of ceilings that are no lines
    assert {"cannot_tell", "p_at_limit", "no_effect", "one_peer", "one_sided_set"} <= codes
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
    found = replace(example.combination, forms=None, necessity=None, configurations=None)
    said = [block.text for block in blocks_of(replace(example, combination=found), language)]
    assert said.count(voice(language).say("readings.missing")) == 3
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
    said = list(power_sentences(ruled_out, labels))
    assert said[1].count("is ruled out") == 2
    assert said[2] == labels.voice.say("readings.power.bent")
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
    assert "betrouwbaarheid van ,80" in list(power_sentences(supposed, labels_of(example, "nl")))[-1]


def test_where_interval_and_test_differ_is_said(example: StudyFindings) -> None:
    assert example.combination is not None
    found, labels = example.combination.verdict.compensation, labels_of(example, "en")
    assert found is not None

    def said(low: float, high: float, p_value: float) -> list[str]:
        tests = found.tests.assign(p_value=p_value)
        moved = replace(found, boot_low=low, boot_high=high, tests=tests)
        return [each for each in power_sentences(moved, labels) if "this test does not" in each]

    assert said(-0.5, 1.5, 0.3) == said(0.2, 0.8, 0.01) == said(-0.5, 1.5, 0.01) == []
    assert "rules out 0, this" in said(0.2, 1.0, 0.3)[0]
    assert "rules out 1 and 0, this" in said(0.2, 0.8, 0.3)[0]


def test_the_best_form_is_not_compared_with_itself(example: StudyFindings) -> None:
    assert example.combination is not None
    found, labels = example.combination.forms, labels_of(example, "en")
    assert found is not None
    assert [row[3] == "–" for row in forms_table(found, labels).rows] == [True, *[False] * 5]


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


def combination_of(findings: StudyFindings) -> CombinationFindings:
    assert findings.combination is not None
    return findings.combination


@pytest.mark.parametrize(("low", "high", "n", "first"), [(1, 5, 8, 1.5), (0, 6, 6, 1), (1, 101, 10, 11)])
def test_levels_of_the_outcome_are_round(low: float, high: float, n: int, first: float) -> None:
    levels = outcome_levels(low, high)
    assert len(levels) == n
    assert (levels[0], levels[-1]) == (first, high)


def test_necessity_is_read_beyond_correlation(example: StudyFindings) -> None:
    found, labels = combination_of(example), labels_of(example, "en")
    assert found.verdict.necessity is not None
    assert found.shuffled is not None
    tests = found.shuffled.tests.assign(p_value=0.001)
    shuffled = replace(found, shuffled=replace(found.shuffled, tests=tests))
    conditions = found.verdict.necessity.conditions.assign(p_necessity=[0.01, 0.5, 0.5])

    def with_p(p: list[float]) -> list[str]:
        own = replace(found.verdict.necessity, conditions=conditions.assign(p_necessity=p))
        return list(
            necessity_sentences(replace(shuffled, verdict=replace(found.verdict, necessity=own)), labels)
        )

    one, others = with_p([0.01, 0.5, 0.5])
    assert "*kunnen*" in one
    assert "*willen* and *mogen*" in others
    assert "*kunnen*" not in others
    assert with_p([0.5, 0.5, 0.5])[0].startswith("For none")
    assert len(with_p([0.01, 0.01, 0.01])) == 1
    assert with_p([math.nan] * 3) == [labels.voice.say("readings.necessity.untested")]


def test_effect_sizes_have_two_places_so_that_nobody_on_a_ceiling_is_told(example: StudyFindings) -> None:
    found = combination_of(example)
    assert found.necessity is not None
    exact = found.necessity.effects["effect"]["kunnen", "ce_fdh"]
    row = necessity_rows(found)[0]
    assert row["d_ce_fdh"] == round(exact, 2)
    assert len(necessity_table(found, labels_of(example, "nl")).rows) == 3
    content = json.loads(results_json(example))["combination"]["necessity"]
    assert content["conditions"][0]["d_ce_fdh"] == round(exact, 2)
    for hidden in ("n_above", "n_peers", "intercept", "zone", "inefficiency"):
        assert hidden not in json.dumps(content)


def test_the_bottleneck_table_has_words_for_its_codes(example: StudyFindings) -> None:
    found, labels = combination_of(example), labels_of(example, "nl")
    assert found.necessity is not None
    shown = bottleneck_table(found.necessity, levels_told(found, found.necessity), labels)
    assert len(shown.rows) == len(outcome_levels(*found.necessity.outcome_ends))
    cells = {cell for row in shown.rows for cell in row[1:]}
    assert not cells & {"NN", "NA", "-"}
    assert "niet nodig" in cells


@pytest.mark.parametrize("language", LANGUAGES)
def test_ends_of_the_sample_are_said_and_not_told(example: StudyFindings, language: str) -> None:
    """An open condition in every reading, an open outcome where its ends count."""
    labels, said = labels_of(example, language), list[str]()
    outcome, names = example.study.outcome, ("willen", example.study.outcome)
    for scales in (("willen",), (outcome,), ()):
        found = replace(example, combination=replace(combination_of(example), open_scales=scales))
        blocks = [*verdict_blocks(found, labels), *readings_blocks(found, labels)]
        said.append("\n".join(line for block in blocks for line in block.lines))
    for key, of in product(("forms", "necessity", "configurations", "verdict"), (0, 1)):
        path = "verdict.open_scales" if key == "verdict" else f"readings.notes.open_scales_{key}"
        phrase = sentence_case(labels.voice.say(path, names=labels.of(names[of])))
        assert (phrase in said[of]) == (of == 0 or key in ("necessity", "configurations"))
        assert phrase not in said[2]


def test_ends_of_the_sample_do_not_leave_the_house(example: StudyFindings) -> None:
    open_outcome = replace(combination_of(example), open_scales=(example.study.outcome,))
    content = json.loads(results_json(replace(example, combination=open_outcome)))["combination"]
    assert content["open_scales"] == [example.study.outcome]
    anchors = {row["set"]: row for row in content["configurations"]["anchors"]}
    assert anchors[example.study.outcome]["lowest"] is None
    assert anchors["kunnen"]["lowest"] == 1
    assert open_outcome.necessity is not None
    scores = open_outcome.necessity.outcome_scores.copy()
    scores[0] = 4_000
    extreme = replace(open_outcome.necessity, outcome_scores=scores)
    assert max(levels_told(open_outcome, extreme)) <= 5


ANSWERS = ("only", "only_judged", "and_others", "others_only", "none", "not_judged")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ANSWERS)
def test_every_answer_has_words(example: StudyFindings, language: str, code: str) -> None:
    found, labels = combination_of(example).configurations, labels_of(example, language)
    assert found is not None
    assert code in str(inspect.getdoc(OnlyRow))
    said = list(configuration_sentences(replace(found, answer=replace(found.answer, code=code)), labels))
    assert len(said) == (3 if code == "not_judged" else 4)
    assert len({*said}) == len(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_only_is_no_evidence_is_said(language: str) -> None:
    labels = Labels(voice(language))
    said = note_lines((Note("only_is_no_evidence", {"row": "a*b*c"}), Note("few_clusters")), labels)
    assert said == (labels.voice.say("readings.notes.only_is_no_evidence"),)
    absence = note_lines((Note("no_sufficient_row", {"outcome": "~y"}),), labels)
    assert absence == (labels.voice.say("readings.notes.no_sufficient_row_absence"),)


def test_rows_of_few_people_tell_nothing(example: StudyFindings) -> None:
    found = combination_of(example).configurations
    assert found is not None
    few = found.rows.copy()
    first = few.index.get_level_values("configuration") == few.index[0][1]
    few.loc[first, "n"] = 3
    small = replace(found, rows=few)
    for negated in (False, True):
        (row,) = [
            each for each in told_records(small, negated=negated) if each["configuration"] == few.index[0][1]
        ]
        assert row["n"] is None
        assert row["out"] is None
        assert math.isnan(row["inclS"])
    tables = list(truth_tables(small, labels_of(example, "en")))
    assert [len(table.rows) for table in tables] == [8, 8]
    assert [table.rows[0][0] in ("low", "high") for table in tables] == [True, True]
    answered = replace(example, combination=replace(combination_of(example), configurations=small))
    content = json.loads(results_json(answered))["combination"]["configurations"]
    assert "n_outcome" not in json.dumps(content)
    assert sum(row["n"] is None for row in content["rows"]) >= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pictures_tell_their_numbers(example: StudyFindings, language: str) -> None:
    _, ceilings = describe_necessity_ceilings(example, labels_of(example, language))
    _, table = describe_truth_table(example, labels_of(example, language))
    speak = voice(language)
    row = necessity_rows(combination_of(example))[0]
    assert f"d = {speak.bounded(row['d_ce_fdh'])}" in ceilings
    found = combination_of(example).configurations
    assert found is not None
    assert table.count(speak.say("readings.configurations.out.sufficient")) >= 8


def test_ceilings_stand_side_by_side_under_one_legend(example: StudyFindings) -> None:
    figure = draw_necessity_ceilings(example, labels_of(example, "en"))
    assert len(figure.axes) == 3
    assert len(figure.legends) == 1
    assert [axis.get_legend() for axis in figure.axes] == [None] * 3
