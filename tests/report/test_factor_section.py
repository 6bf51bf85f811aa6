"""The section on factors: its figures are those of the models, and everything odd has its words."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from si_research.measurement.factors.factor_fit import FactorFit, Finding
from si_research.measurement.factors.invariance import Invariance
from si_research.report.factor_counts import factors_shown
from si_research.report.factor_findings import NOT_FITTED, InstrumentComparison, StudyFactors
from si_research.report.factor_plot import describe_loadings, has_loadings
from si_research.report.factor_section import factor_blocks
from si_research.report.factor_tables import invariance_table, models_table, pairs_table
from si_research.report.factor_words import fit_sentence, instrument_sentence, pairs_of, reading_of
from si_research.report.findings import StudyFindings
from si_research.report.labels import labels_of
from si_research.report.results_json import results_json
from si_research.report.voice import plain
from si_research.report.words import sentence

OF_STUDY = (
    *("single_score", "single_item", "no_answers", "no_variance", "no_scale_left"),
    *("too_many_patterns", "few_firms", "few_complete"),
)
OF_MODELS = (
    *("negative_variance", "correlation_beyond_one", "two_item_factor"),
    *("saturated", "few_rows", "not_converged", "not_identified"),
)
OF_GROUPS = (
    *("no_model", "too_few_in_groups", "too_many_groups", "one_group", "group_no_variance"),
    *("group_never_together", "group_collinear", "group_more_items_than_people"),
)


def factors_of(findings: StudyFindings) -> StudyFactors:
    assert findings.factors is not None
    return findings.factors


def said(findings: StudyFindings, language: str) -> str:
    """The section in words, tables left out."""
    blocks = factor_blocks(findings, labels_of(findings, language))
    return " ".join(plain(block.text) for block in blocks if block.kind in {"text", "warning"})


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_says_what_the_models_found(example: StudyFindings, language: str) -> None:
    factors = factors_of(example)
    main = factors.main
    assert main is not None
    assert (reading_of(main), reading_of(factors.models["one"])) == ("close", "poor")
    text = said(example, language)
    figures = sentence(main, language)
    assert figures[1:] in text
    assert f"({main.fit['df']:.0f})" in figures
    assert f"{main.fit['srmr']:.3f}"[1:].replace(".", "," if language == "nl" else ".") in figures
    assert "(MLR)" in text
    assert figures.split(", ")[0] in {"Een 4-factormodel", "A 4-factor model"}
    assert ("Geen ervan is toegepast" if language == "nl" else "None was applied") in text


def test_the_tables_hold_the_robust_figures(example: StudyFindings) -> None:
    factors, labels = factors_of(example), labels_of(example, "en")
    shown = models_table(factors, labels)
    for row, fit in zip(shown.rows, factors.models.values(), strict=True):
        assert row[2] == f"{fit.n_used:,}"
        assert row[3] == f"{fit.fit['chi_square_scaled']:,.1f} ({fit.fit['df']:.0f})"
        assert row[5].lstrip("0") == f"{fit.fit['cfi_robust']:.3f}".lstrip("0")
        assert row[-1] == f"{fit.fit['bic']:,.0f}"
    pairs = pairs_table(factors, labels)
    assert pairs is not None
    assert factors.htmt is not None
    expected = factors.htmt.original.loc["kunnen", "willen"]
    assert pairs.rows[0][5] == f"{expected:.2f}"[1:]
    assert {row[-1] for row in pairs.rows} == {"yes"}


def test_a_pair_that_is_too_alike_by_either_comparison_is_not_told_apart(example: StudyFindings) -> None:
    factors = factors_of(example)
    assert factors.validity is not None
    assert factors.htmt is not None
    high = factors.htmt.original.copy()
    high.loc["kunnen", "willen"] = high.loc["willen", "kunnen"] = 0.86
    alike = replace(factors.htmt, original=high)
    assert pairs_of(factors.validity, alike)["apart"].tolist() == [False, *[True] * 5]
    weak = factors.validity.pairs.assign(fornell_larcker=[True, False, *[True] * 4])
    validity = replace(factors.validity, pairs=weak)
    assert pairs_of(validity, factors.htmt)["apart"].tolist() == [True, False, *[True] * 4]
    assert "Not clearly told apart: kunnen with mogen." in sentence(validity)
    changed = replace(example, factors=replace(factors, htmt=alike))
    assert "Niet duidelijk te onderscheiden: kunnen met willen." in said(changed, "nl")


def test_the_picture_says_every_loading(example: StudyFindings) -> None:
    main = factors_of(example).main
    assert main is not None
    caption, alt = describe_loadings(example, labels_of(example, "en"))
    assert "n = 1,465" in caption
    table = main.standardised[main.standardised["operator"] == "=~"]
    for row in table.itertuples():
        assert f"{row.right} {row.estimate:.2f}" in alt


def test_a_question_that_runs_against_its_factor_is_not_the_one_that_goes_with_it_least(
    example: StudyFindings,
) -> None:
    factors = factors_of(example)
    main = factors.main
    assert main is not None
    table = main.standardised.copy()
    loadings = table.index[table["operator"] == "=~"]
    table.loc[loadings, "estimate"] = 0.8
    table.loc[loadings[:2], "estimate"] = -0.9, 0.6
    turned = replace(main, standardised=table)
    models = {name: turned if fit is main else fit for name, fit in factors.models.items()}
    text = said(replace(example, factors=replace(factors, models=models)), "en")
    strong, weak = table.loc[loadings[:2], "right"]
    named = text.split("Of these questions ")[1].split(" (")[0]
    assert named.strip("`") == weak != strong


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        (
            "nl",
            "Het model ‘elke schaal apart’ is niet",
            "De modellen ‘één factor’ en ‘elke schaal apart’ zijn niet",
        ),
        (
            "en",
            "The model ‘every scale apart’ is not",
            "The models ‘one factor’ and ‘every scale apart’ are not",
        ),
    ],
)
def test_one_model_is_and_two_models_are(example: StudyFindings, language: str, one: str, two: str) -> None:
    factors = factors_of(example)
    lost = {name: with_finding(factors.models[name], "not_identified") for name in ("one", "apart")}
    for names, words in ((("apart",), one), (("one", "apart"), two)):
        models = {**factors.models, **{name: lost[name] for name in names}}
        text = said(replace(example, factors=replace(factors, models=models)), language)
        assert words in text


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "het minst met haar factor"), ("en", "goes least with its factor")]
)
def test_no_loading_of_a_heywood_case_is_read(example: StudyFindings, language: str, words: str) -> None:
    factors = factors_of(example)
    models = {**factors.models, "apart": with_finding(factors.models["apart"], "negative_variance")}
    assert words in said(example, language)
    assert words not in said(replace(example, factors=replace(factors, models=models)), language)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("reason", NOT_FITTED)
def test_every_reason_for_no_model_has_its_words(example: StudyFindings, reason: str, language: str) -> None:
    text = said(replace(example, factors=StudyFactors(reason=reason)), language)
    assert ("Er is geen model geschat" if language == "nl" else "No model was fitted") in text
    assert not has_loadings(replace(example, factors=StudyFactors(reason=reason)))


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", OF_STUDY)
def test_every_finding_of_a_study_has_its_words(example: StudyFindings, name: str, language: str) -> None:
    where = ("innovative_behaviour",) if name in {"single_score", "single_item", "no_scale_left"} else ("k1",)
    factors = factors_of(example)
    before = said(example, language)
    after = said(replace(example, factors=replace(factors, findings=(Finding(name, where),))), language)
    assert len(after) > len(before) + 40
    if name in {"single_score", "single_item", "no_scale_left"}:
        assert "innovati" in after.replace(before, "")
    if name in {"no_answers", "no_variance"}:
        assert "`k1`" in after


def with_finding(fit: FactorFit, name: str) -> FactorFit:
    """The model as it is where this was found; without figures where it was lost."""
    where = {"two_item_factor": ("kunnen",), "correlation_beyond_one": ("kunnen with willen",)}
    finding = Finding(name, where.get(name, ("k1",) if name == "negative_variance" else ()))
    if name in {"negative_variance", "correlation_beyond_one"}:
        return replace(fit, status="improper", findings=(finding,))
    if name in {"not_converged", "not_identified"}:
        lost = fit.standardised.assign(estimate=np.nan, conf_low=np.nan, conf_high=np.nan)
        status = name.replace("_", " ")
        return replace(fit, status=status, findings=(finding,), standardised=lost, fit=fit.fit * np.nan)  # type: ignore[arg-type]
    return replace(fit, findings=(finding,))


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", OF_MODELS)
def test_every_finding_of_a_model_has_its_words(example: StudyFindings, name: str, language: str) -> None:
    factors, labels = factors_of(example), labels_of(example, language)
    fit = with_finding(factors.models["apart"], name)
    changed = replace(
        example, factors=replace(factors, models={"one": fit, "apart": fit}, hints=None, instruments=())
    )
    text = said(changed, language)
    both = [labels.voice.say(f"factor_models.{model}") for model in ("one", "apart")]
    assert f"‘{both[0]}’ {'en' if language == 'nl' else 'and'} ‘{both[1]}’" in text
    if name in {"not_converged", "not_identified"}:
        assert labels.voice.say(f"factor_status.{name}") in str(models_table(factors_of(changed), labels))
        assert not has_loadings(changed)
        assert sentence(fit, language)
    json.loads(results_json(changed))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_model_that_is_not_to_be_used_is_not_said_to_fit(example: StudyFindings, language: str) -> None:
    speak, fit = labels_of(example, language).voice, factors_of(example).models["apart"]
    reading = speak.say(f"factor_readings.{reading_of(fit)}")
    assert reading in fit_sentence(fit, labels_of(example, language))
    said = fit_sentence(with_finding(fit, "negative_variance"), labels_of(example, language))
    assert reading not in said
    assert said.endswith(speak.say("factor_readings.improper"))


def verdict(holds: list[bool | None], found: InstrumentComparison) -> InstrumentComparison:
    assert found.invariance is not None
    levels = found.invariance.levels.assign(holds=pd.array(holds, dtype="boolean"))
    items = found.invariance.items.assign(p_value=1e-9)
    return replace(found, invariance=replace(found.invariance, levels=levels, items=items))


@pytest.mark.parametrize(
    ("holds", "expected", "dutch", "english"),
    [
        ([True, True, True], "same", "bleef het instrument hetzelfde", "the instrument stayed the same"),
        ([True, True, False], "other_means", "bleef niet hetzelfde", "did not stay the same"),
        ([True, False, None], "other_loadings", "zo niet te vergelijken", "may be compared as they stand"),
        ([None, None, None], "unknown", "is niet te zeggen: ook als", "cannot be told: even when"),
        ([True, None, None], "unknown", "geen bruikbare getallen", "no usable figures"),
        ([True, True, None], "unknown", "geen bruikbare getallen", "no usable figures"),
    ],
)
def test_the_first_step_that_fails_decides(
    example: StudyFindings, holds: list[bool | None], expected: str, dutch: str, english: str
) -> None:
    found = verdict(holds, factors_of(example).instruments[0])
    assert found.verdict == expected
    for language, words in (("nl", dutch), ("en", english)):
        text = instrument_sentence(found, labels_of(example, language))
        assert words in text
        moved = expected in {"other_means", "other_loadings"}
        assert ("verschoof" in text or "What moved" in text) == moved
    assert isinstance(found.invariance, Invariance)
    assert sentence(found.invariance, "en")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", OF_GROUPS)
def test_every_reason_for_no_comparison_has_its_words(
    example: StudyFindings, name: str, language: str
) -> None:
    lone = InstrumentComparison("arm", findings=(Finding(name, ("k1",)),))
    text = said(replace(example, factors=replace(factors_of(example), instruments=(lone,))), language)
    assert ("is niet te zeggen: " if language == "nl" else "cannot be told: ") in text
    if name in {"group_no_variance", "group_never_together", "group_collinear"}:
        assert "`k1`" in text


def test_sizes_that_would_tell_of_few_people_are_not_shown(example: StudyFindings) -> None:
    found = factors_of(example).instruments[0]
    assert found.invariance is not None
    for left_out, is_shown in ((0, True), (1, False), (4, False), (5, True)):
        drawn = replace(found, n_left_out=left_out)
        table = invariance_table(drawn, labels_of(example, "en"))
        assert table is not None
        assert ("n = 460" in table.note) == is_shown
        shown = factors_shown(replace(factors_of(example), instruments=(drawn,)))["instruments"][0]
        assert (shown["groups"]["ja"] == 460) == is_shown


def test_results_hold_figures_and_nobody(example: StudyFindings) -> None:
    results = json.loads(results_json(example))["factors"]
    assert set(results["models"]) == {"one", "conditions", "apart"}
    main = factors_of(example).main
    assert main is not None
    assert results["models"]["apart"]["fit"]["bic"] == main.fit["bic"]
    assert "engine" not in results["models"]["apart"]
    longest = max(len(part) for part in results["models"]["apart"].values() if isinstance(part, list))
    assert longest < 100
    assert results["instruments"][0]["verdict"] == "same"
