"""The verdict in the report: the sentence of each code, the table of readings, the scale for a director."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from si_research.errors import ModelSpecificationError
from si_research.model.fit_notes import Note
from si_research.model.verdict import rule, tables
from si_research.model.verdict.error_table import error_table
from si_research.model.verdict.rule import VERDICTS, Figure
from si_research.model.verdict.verdict import Verdict, reach_verdict
from si_research.report.compensation_scale_plot import place_of_power, plot_compensation_scale
from si_research.report.conclusions import note_sentences
from si_research.report.findings import StudyFindings
from si_research.report.labels import Labels, labels_of
from si_research.report.plot_style import new_figure
from si_research.report.sections import sections_of
from si_research.report.verdict_section import has_scale_figure
from si_research.report.verdict_tables import readings_table
from si_research.report.verdict_words import (
    codes_in_words,
    doubtful_sign_sentences,
    error_sentence,
    reach_sentences,
    unseen_sentences,
    verdict_sentence,
    wrong_sign_sentences,
)
from si_research.report.voice import voice
from si_research.report.words import answer_sentences, sentence
from si_research.simulation.worlds import World, simulate_world_scores
from small_survey import change_text

LANGUAGES = ("nl", "en")
Small = Callable[..., StudyFindings]


@pytest.fixture(scope="module")
def of_minimum() -> Verdict:
    """The verdict on scores of which only the lowest counts."""
    scores = simulate_world_scores(World(form="minimum"), seed=1)
    return reach_verdict(scores, cluster="firm_id", draws=199, seed=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_verdict_is_the_first_section_and_the_first_sentence(
    example: StudyFindings, language: str
) -> None:
    labels = labels_of(example, language)
    assert example.combination is not None
    said = verdict_sentence(example.combination.verdict, labels)
    assert sections_of(example, labels)[0].name == "verdict"
    assert answer_sentences(example, language)[0] == said


def test_the_example_is_what_it_was_made_to_be(example: StudyFindings) -> None:
    assert example.combination is not None
    assert example.combination.verdict.code == "compensating"
    assert "tellen op" in answer_sentences(example, "nl")[0]


def test_a_verdict_has_a_sentence_of_its_own(of_minimum: Verdict) -> None:
    assert sentence(of_minimum).startswith("A bottleneck: innovative behaviour goes together with the lowest")
    assert sentence(of_minimum, "nl").startswith("Een knelpunt: ")


def test_every_verdict_reason_and_finding_has_words() -> None:
    for language in LANGUAGES:
        speak = voice(language)
        for code in VERDICTS:
            assert speak.has(f"verdict.{code}"), code
    nl, en = (voice(language).phrases["verdict"] for language in LANGUAGES)
    for part in ("for", "against", "readings", "status", "strength", "wrong_sign"):
        assert nl[part].keys() == en[part].keys()


def codes_in(module: ModuleType, starts: str) -> set[str]:
    """The keys of every mapping of codes in the functions of a module whose names start so."""
    functions = [
        each
        for each in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(each, ast.FunctionDef) and each.name.startswith(starts)
    ]
    mappings = [each for one in functions for each in ast.walk(one) if isinstance(each, ast.Dict)]
    keys = {key.value for each in mappings for key in each.keys if isinstance(key, ast.Constant)}
    return {str(key) for key in keys}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_rule_has_words(language: str) -> None:
    against = codes_in(rule, "against_") | codes_in(tables, "_speaks_against")
    favour = codes_in(tables, "_speaks_for")
    assert {"p_hat_not_below_zero", "mean_not_behind", "power_low"} <= against
    assert {"p_hat_above_zero", "minimum_found", "relation_would_be_found"} <= favour
    speak = voice(language)
    assert [code for code in against if not speak.has(f"verdict.against.{code}")] == []
    assert [code for code in favour if not speak.has(f"verdict.for.{code}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bottleneck_is_said_with_what_speaks_for_it(of_minimum: Verdict, language: str) -> None:
    labels = Labels(voice(language))
    table = readings_table(of_minimum, labels)
    assert of_minimum.code == "bottleneck"
    assert table is not None
    row = table.rows[2]
    assert row[1] == labels.voice.say("verdict.status.supported")
    assert labels.voice.say("verdict.for.minimum_found") in row[3]
    assert row[4] == labels.voice.say("numbers.none")


def test_a_wrong_sign_is_named_only_where_it_is_found(of_minimum: Verdict) -> None:
    labels = Labels(voice("en"))
    assert not list(wrong_sign_sentences(of_minimum, labels))
    turned = replace(
        of_minimum,
        wrong_signs=of_minimum.wrong_signs.iloc[:0],
    )
    signs = turned.wrong_signs.reindex(["slope_negative", "slope_negative"])
    signs["term"], signs["found"] = ["willen", "mogen"], [True, False]
    said = list(wrong_sign_sentences(replace(turned, wrong_signs=signs), labels))
    assert len(said) == 1
    assert "*willen*" in said[0]
    assert "*mogen*" not in said[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_forms_of_the_wrong_sign_are_named(of_minimum: Verdict, language: str) -> None:
    labels = Labels(voice(language))
    signs = of_minimum.wrong_signs.iloc[:0].reindex(["share_negative"])
    signs["term"], signs["found"] = ["minimum"], [False]
    (said,) = wrong_sign_sentences(replace(of_minimum, wrong_signs=signs), labels)
    assert labels.voice.say("verdict.formed.minimum") in said
    assert labels.voice.say("verdict.formed.product") not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_doubtful_signs_are_one_sentence(of_minimum: Verdict, language: str) -> None:
    labels = Labels(voice(language))
    signs = of_minimum.wrong_signs.reindex(["slope_negative", "slope_negative", "three_way_negative"])
    signs["term"], signs["found"] = ["willen", "mogen", "kunnen:willen:mogen"], [False, False, True]
    signs["p_value"] = [0.4, 0.06, 0.01]
    (said,) = doubtful_sign_sentences(replace(of_minimum, wrong_signs=signs), labels)
    assert f"*willen* ({labels.voice.p_value(0.4)})" in said
    assert f"*mogen* ({labels.voice.p_value(0.06)})" in said
    assert "kunnen" not in said
    (alone,) = doubtful_sign_sentences(replace(of_minimum, wrong_signs=signs.iloc[1:]), labels)
    assert alone != said
    assert not list(doubtful_sign_sentences(replace(of_minimum, wrong_signs=signs.iloc[2:]), labels))


def test_a_share_that_is_not_known_is_a_dash(of_minimum: Verdict) -> None:
    assert of_minimum.numbers is not None
    unknown = replace(of_minimum.numbers, shares=dict.fromkeys(of_minimum.numbers.shares, Figure()))
    table = readings_table(replace(of_minimum, numbers=unknown), Labels(voice("en")))
    assert table is not None
    assert table.rows[2][2] == "share of a minimum –"


def test_an_untested_necessity_is_said_to_be_untested(of_minimum: Verdict) -> None:
    assert of_minimum.numbers is not None
    without = replace(of_minimum, numbers=replace(of_minimum.numbers, necessity={}))
    table = readings_table(without, Labels(voice("en")))
    assert table is not None
    assert table.rows[3][2] == "not tested"


def test_a_refused_verdict_has_a_sentence_and_no_table(of_minimum: Verdict) -> None:
    scores = simulate_world_scores(World(n_employees=200, n_firms=10), seed=1)
    low = dict.fromkeys(["kunnen", "willen", "mogen", "innovative_behaviour"], 0.1)
    refused = reach_verdict(scores, reliability=low, draws=199, seed=1)
    assert readings_table(refused, Labels(voice("en"))) is None
    assert verdict_sentence(refused, Labels(voice("en"))).startswith("No verdict")


def test_necessity_is_named_by_condition() -> None:
    said = codes_in_words(("necessity_of_kunnen",), "for", Labels(voice("en")))
    assert said.startswith("*kunnen*")


@pytest.mark.parametrize(
    ("p", "place"), [(-math.inf, 0), (-1, 1 / 3), (0, 0.5), (1, 1), (2, 1.25), (math.inf, 1.5)]
)
def test_a_power_has_its_place(p: float, place: float) -> None:
    assert place_of_power(p) == pytest.approx(place)


def test_the_scale_rises_without_a_jump() -> None:
    places = [place_of_power(-30 + step / 20) for step in range(700)]
    steps = [after - before for before, after in pairwise(places)]
    assert min(steps) > 0
    assert max(steps) < 0.06


def test_a_missing_power_is_refused() -> None:
    with pytest.raises(ModelSpecificationError, match="infinities included"):
        place_of_power(math.nan)


def test_the_interval_is_drawn_where_it_lies() -> None:
    axis = plot_compensation_scale(0.5, -math.inf, 2.0, new_figure(1.7).subplots())
    ends = [list(line.get_xdata()) for line in axis.lines if line.get_linewidth() == 5]
    assert ends == [[0.0, 1.25]]


def test_how_often_the_rule_errs_is_told_from_the_stored_runs() -> None:
    table = error_table()
    product = round(100 * float(table["right"]["product", "usual"]))
    said = error_sentence(Labels(voice("en")))
    assert f"a product in {product}%" in said
    assert "in at most" in said


def test_why_there_is_no_verdict_is_said(small: Small, example: StudyFindings) -> None:
    def two_predictors(folder: Path) -> None:
        change_text(folder / "study.yml", "analysis: {", "analysis: {predictors: [kunnen, mogen], ")

    labels = Labels(voice("en"))
    two = small(change=two_predictors)
    assert two.combination is None
    assert "its rule takes three" in " ".join(note_sentences(two, labels))
    three = replace(example, combination=None)
    assert "at least 20 people" in " ".join(note_sentences(three, labels))
    assert "at least 20 people" not in " ".join(note_sentences(example, labels))


def test_a_sum_is_said_only_as_boldly_as_the_power_allows(of_minimum: Verdict) -> None:
    labels, numbers = Labels(voice("en")), of_minimum.numbers
    assert numbers is not None

    def said(low: float, joint_p: float = 0.5) -> str:
        p_hat = replace(numbers.p_hat, estimate=low + 1, low=low, high=low + 2)
        changed = replace(numbers, p_hat=p_hat, joint_p=joint_p)
        return verdict_sentence(replace(of_minimum, code="compensating", numbers=changed), labels)

    assert "does not fit these data" in said(0.2)
    assert "is not ruled out" in said(-0.2)
    assert "replace one another" in said(1.2, joint_p=0.01)
    assert "replace one another" not in said(1.2)


def test_necessity_names_nobody_where_no_condition_is_found_by_itself(of_minimum: Verdict) -> None:
    labels, numbers = Labels(voice("en")), of_minimum.numbers
    assert numbers is not None
    for joint_p, rest in ((0.01, "is not decided"), (0.5, "one condition makes up for another")):
        changed = replace(numbers, necessity=dict.fromkeys(of_minimum.predictors, 0.08), joint_p=joint_p)
        said = verdict_sentence(replace(of_minimum, code="necessary", numbers=changed), labels)
        assert "a low score on at least two of the conditions are rarer" in said
        assert said.endswith(f"{rest}.")


def changed(found: Verdict, code: str, reasons: tuple[str, ...] = (), **numbers: Any) -> Verdict:
    assert found.numbers is not None
    return replace(found, code=code, reasons=reasons, numbers=replace(found.numbers, **numbers))


def test_a_bottleneck_by_a_one_sided_limit_says_so(of_minimum: Verdict) -> None:
    """In the table, the reasons and the sentences, and with what speaks against it."""
    labels = Labels(voice("en"))
    assert not list(reach_sentences(of_minimum, labels))
    near = changed(of_minimum, "bottleneck", p_hat=Figure(-3.0, -9.0, 0.3), p_hat_below=-0.4)
    (said,) = reach_sentences(near, labels)
    assert "(p̂ at most −0.4); the two-sided interval [−9.0, 0.3] holds 0" in said
    assert near.numbers is not None
    assert near.fit is not None
    decision = rule.decide(near.numbers)
    assert "p_hat_below_zero_one_sided" in decision.reasons
    row = tables.reading_table(near.numbers, decision, near.fit, near.rule).loc["bottleneck"]
    assert row["status"] == "supported"
    assert set(decision.reasons) <= set(row["speaks_for"])
    assert "p_hat_below_zero" not in row["speaks_for"]
    assert row["speaks_against"] == ("p_hat_interval_holds_zero",)


def test_a_sum_says_what_other_weights_leave_possible(of_minimum: Verdict) -> None:
    labels, power = Labels(voice("en")), of_minimum.compensation
    assert power is not None
    above = changed(of_minimum, "compensating", p_hat=Figure(1.5, 1.1, 2.0))
    for p, said in ((0.24, 1), (0.01, 0)):
        found = replace(above, compensation=replace(power, tests=power.tests.assign(p_value=p)))
        assert [text.count("(p = .240)") for text in reach_sentences(found, labels)] == [1] * said


def test_necessity_says_what_the_verdict_would_be_without_its_p(of_minimum: Verdict) -> None:
    labels = Labels(voice("en"))
    necessity = dict(zip(of_minimum.predictors, (0.01, 0.08, 0.02), strict=True))
    found = changed(of_minimum, "necessary", necessity=necessity, necessity_of_two=0.03)
    (said,) = reach_sentences(found, labels)
    assert "rests on one p (p = .020); without it" in said
    assert said.endswith("that the lowest condition counts.")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["conditions_hardly_distinct", "conditions_unreliable"])
def test_a_doubt_about_the_conditions_is_said_with_what_the_tests_point_to(
    of_minimum: Verdict, code: str, language: str
) -> None:
    labels = Labels(voice(language))
    doubt: dict[str, Any] = {"distinct": False}
    if code == "conditions_unreliable":
        doubt = {"reliability": {"mogen": 0.2}}
    first, said = reach_sentences(changed(of_minimum, "undecided", (code,), **doubt), labels)
    assert labels.voice.say("verdict.instead.bottleneck") in first
    assert ("*mogen*" in said) == (code == "conditions_unreliable")
    assert not list(
        reach_sentences(changed(of_minimum, "undecided", ("products_not_found",), **doubt), labels)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_goes_without_slopes_is_no_lack_of_relation(of_minimum: Verdict, language: str) -> None:
    labels = Labels(voice(language))
    reasons = ("relation_not_found", "combinations_without_slopes")
    found = changed(of_minimum, "undecided", reasons, relation_p=0.4, products=Figure(0.39, p_value=1e-9))
    assert f"{labels.voice.say('sections.probing')}" in verdict_sentence(found, labels)
    assert found.numbers is not None
    assert found.fit is not None
    table = tables.reading_table(found.numbers, rule.decide(found.numbers), found.fit, found.rule)
    row = table.loc["no_relation"]
    assert (row["status"], row["speaks_against"]) == ("excluded", ("combinations_without_slopes",))


def test_unreliable_scales_are_named_in_the_section(of_minimum: Verdict) -> None:
    low = Note("unreliable_scales", {"scales": ["mogen"], "floor": 0.5})
    below = Note("reliability_not_positive", {"scales": ["mogen"]})
    said = list(unseen_sentences(replace(of_minimum, notes=(low, below)), Labels(voice("en"))))
    assert said[0] == "The reliability of *mogen* lies below .50."
    assert said[1].startswith("The reliability of *mogen* comes out at 0 or lower")


def test_the_scale_is_drawn_only_where_each_of_its_numbers_is_there(example: StudyFindings) -> None:
    assert has_scale_figure(example)
    found = example.combination
    assert found is not None
    for p_hat in (Figure(), Figure(1.0, math.nan, 2.0), Figure(math.nan, -math.inf, math.inf)):
        verdict = changed(found.verdict, found.verdict.code, p_hat=p_hat)
        assert not has_scale_figure(replace(example, combination=replace(found, verdict=verdict)))
