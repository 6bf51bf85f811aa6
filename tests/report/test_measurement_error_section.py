"""The section on measurement error: its numbers are those of the models; without any, its words say why."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError
from si_research.measurement.product_reliability import product_reliability
from si_research.model.measurement_error import correct_measurement_error
from si_research.model.simex import extrapolate_measurement_error
from si_research.report.conclusions import may_not_conclude
from si_research.report.findings import StudyFindings
from si_research.report.labels import Labels, labels_of
from si_research.report.measurement_error_findings import MeasurementErrorFindings
from si_research.report.measurement_error_plot import (
    describe_attenuation,
    describe_corrections,
    draw_attenuation,
    draw_corrections,
    plot_corrections,
    with_corrections,
    with_products,
)
from si_research.report.measurement_error_words import (
    comparison_sentences,
    findings_sentence,
    unknown_sentence,
)
from si_research.report.results_json import results_json
from si_research.report.sections import sections_of
from si_research.report.voice import plain, voice
from si_research.report.words import answer_of, sentence
from si_research.study import measurement_error as study_error
from small_survey import LABELS, answers, change_text, write_csv

Small = Callable[..., StudyFindings]
TESTED = "kunnen:willen:mogen"


def of(findings: StudyFindings) -> MeasurementErrorFindings:
    assert findings.measurement_error is not None
    return findings.measurement_error


def section_of(findings: StudyFindings, language: str) -> str:
    """The words of the section, its tables too."""
    labels = labels_of(findings, language)
    (section,) = [each for each in sections_of(findings, labels) if each.name == "measurement_error"]
    parts = [part for block in section.blocks for part in (block.text, str(block.table or ""))]
    return plain(" ".join(parts))


def one_item(folder: Path) -> None:
    change_text(folder / "codebook.yml", "items: [m1, m2, m3]", "items: [m1]")


def two_items(folder: Path) -> None:
    change_text(folder / "codebook.yml", "items: [m1, m2, m3]", "items: [m1, m2]")


def two_predictors(folder: Path) -> None:
    change_text(folder / "study.yml", "analysis: {", "analysis: {predictors: [kunnen, mogen], ")


def without_firms(folder: Path) -> None:
    change_text(
        folder / "study.yml", "analysis: {", "measurement_error: {simex: false}\nanalysis: {cluster: none, "
    )


def random_mogen(folder: Path) -> None:
    """The items of mogen have nothing in common, so that their reliability lies below the floor."""
    rows, rng = answers(240, 12, seed=3), np.random.default_rng(1)
    for row in rows:
        row[8:11] = [LABELS[point] for point in rng.integers(5, size=3)]
    write_csv(folder / "survey.csv", rows)


def forced(folder: Path) -> None:
    random_mogen(folder)
    change_text(folder / "study.yml", "analysis: {", "analysis: {test_unreliable_scales: true, ")


def test_the_estimates_are_those_of_the_models(small: Small) -> None:
    findings = small()
    found, fit = of(findings), findings.fit
    assert fit is not None
    known = found.reliabilities["reliability"]
    assert found.known == "known"
    scores = fit.rows[list(fit.predictors)]
    products = product_reliability(known, scores.corr()).products
    pd.testing.assert_frame_equal(found.products.products, products)
    assert found.own_errors == fit.predictors
    simex = extrapolate_measurement_error(fit, known.to_dict(), draws=20, seed=findings.study.seed)
    squares = correct_measurement_error(fit, known.to_dict(), squares=True)
    expected = {
        "plain": fit.coefficients,
        "simex": simex.coefficients,
        "corrected_squares": squares.coefficients,
    }
    for method, table in expected.items():
        for name in ("estimate", "std_error", "conf_low", "conf_high"):
            assert found.estimates.loc[method, name] == pytest.approx(table.loc[TESTED, name], rel=1e-12)
    assert (found.estimates["n_used"] == fit.n_used).all()


def test_own_errors_come_from_the_answers(small: Small) -> None:
    """By hand from the file: the spread of three answers about their items' means, over three."""
    findings = small()
    found, fit = of(findings), findings.fit
    assert fit is not None
    points = np.array([[LABELS.index(cell) + 1.0 for cell in row[2:]] for row in answers(240, 12, seed=3)])
    about = points - points.mean(axis=0)
    own = {
        name: about[:, 3 * place : 3 * place + 3].var(axis=1, ddof=1) / 3
        for place, name in enumerate(fit.predictors)
    }
    frame = pd.DataFrame(own, index=findings.scores.table().index)
    known = found.reliabilities["reliability"].to_dict()
    expected = correct_measurement_error(fit, known, own_errors=frame).coefficients.loc[TESTED, "estimate"]
    alike = correct_measurement_error(fit, known).coefficients.loc[TESTED, "estimate"]
    assert found.estimates.loc["corrected", "estimate"] == pytest.approx(expected, rel=1e-9)
    assert alike != pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_section_says_it_in_words(small: Small, language: str) -> None:
    findings = small()
    text, found = section_of(findings, language), of(findings)
    speak = voice(language)
    assert sentence(found, language) in text
    assert sentence(found.products, language) in text
    ratio = found.estimates.loc["corrected", "std_error"] / found.estimates.loc["plain", "std_error"]
    assert speak.number(ratio, 1) + " " in sentence(found, language)
    assert speak.bounded(found.reliabilities["reliability"].iloc[0]) in text
    for key in ("assumes", "own", "squares_too", "simex"):
        assert speak.say(f"measurement_error.{key}") in text
    for way in found.estimates.index:
        assert speak.say(f"measurement_ways.{way}") in text


def test_results_and_answer_use_the_same_numbers(small: Small) -> None:
    findings = small()
    found = of(findings)
    stored = json.loads(results_json(findings))["measurement_error"]
    rows = {row["method"]: row for row in stored["estimates"]}
    assert rows["corrected"]["estimate"] == found.estimates.loc["corrected", "estimate"]
    assert stored["products"]["products"][-1]["share_kept"] == found.share_kept
    loading = np.sqrt(found.reliabilities["reliability"].prod())
    assert found.standardised_share_kept == pytest.approx(found.share_kept / loading)
    assert answer_of(findings) is not None
    assert with_products(findings)
    assert with_corrections(findings)


def test_the_pictures_show_the_numbers(small: Small) -> None:
    findings, labels = small(), Labels(voice("en"))
    speak, found = voice("en"), of(findings)
    drawn = draw_attenuation(findings, labels).axes[0]
    (dot,) = [line for line in drawn.lines if line.get_label() == "this study"]
    assert dot.get_xdata() == pytest.approx([found.reliabilities["reliability"].mean()])
    assert dot.get_ydata() == pytest.approx([100 * found.share_kept])
    assert speak.percent(found.share_kept) in describe_attenuation(findings, labels)[1]
    estimates = found.estimates["estimate"].tolist()
    marks = [line for line in draw_corrections(findings, labels).axes[0].lines if len(line.get_xdata()) == 1]
    assert [float(line.get_xdata()[0]) for line in marks] == pytest.approx(estimates)
    shown = f"Corrected (adjusted least squares): {speak.number(estimates[1], 3)}"
    assert shown in describe_corrections(findings, labels)[1]


def test_omega_is_used_where_there_is_one(small: Small) -> None:
    findings = small(change=two_items)
    assert findings.reliability is not None
    scales = {each.scale: each for each in findings.reliability.scales}
    used = of(findings).reliabilities
    assert used["figure"].tolist() == ["omega", "omega", "alpha"]
    assert used.loc["kunnen", "reliability"] == scales["kunnen"].omega.omega
    assert used.loc["mogen", "reliability"] == scales["mogen"].alpha.alpha
    assert "(alpha)" in section_of(findings, "en")


def test_a_single_question_has_no_reliability(small: Small) -> None:
    findings = small(change=one_item)
    found = of(findings)
    assert (found.known, found.products, found.corrected) == ("unknown", None, "")
    assert list(found.estimates.index) == ["plain"]
    assert np.isnan(found.standardised_share_kept)
    text = section_of(findings, "en")
    assert "cannot be known: no reliability of mogen (a single question)" in text
    assert "(adjusted least squares)" not in text
    assert not with_products(findings)
    assert not with_corrections(findings)


@pytest.mark.parametrize(("language", "words"), [("en", "nothing but error"), ("nl", "niets dan meetfout")])
def test_a_scale_that_is_next_to_nothing_but_error_gives_no_figures(
    small: Small, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    """Of products with a scale of reliability .00 a table would say how many times as many people: 591.7."""
    figures = {"kunnen": 0.76, "willen": 0.20, "mogen": 0.003, "innovative_behaviour": 0.8}
    plain_study = of(small())  # made once for all tests, before anything is changed
    reliabilities = tuple(SimpleNamespace(scale=name, alpha=None) for name in figures)
    monkeypatch.setattr(study_error, "known_figures", lambda scale: {"omega": figures[scale.scale]})
    used = study_error.used_reliabilities(reliabilities, ["kunnen", "willen", "mogen"])  # type: ignore[arg-type]
    assert used["status"].tolist() == ["known", "known", "mostly error"]
    assert np.isnan(used.loc["mogen", "reliability"])
    found = replace(plain_study, reliabilities=used, known="unknown", products=None)
    assert words in unknown_sentence(found, Labels(voice(language)))


def test_two_predictors_have_one_product(small: Small) -> None:
    found = of(small(change=two_predictors))
    assert found.products is not None
    assert found.products.products["term"].tolist() == ["kunnen:mogen"]
    assert found.corrected == "estimated"


def test_without_firms_and_without_simex(small: Small) -> None:
    findings = small(change=without_firms)
    assert list(of(findings).estimates.index) == ["plain", "corrected", "plain_squares", "corrected_squares"]
    assert findings.fit is not None
    assert of(findings).estimates.loc["corrected", "df"] == findings.fit.n_used - 8


def test_after_a_refusal_nothing_is_corrected(small: Small) -> None:
    findings = small(change=random_mogen)
    assert findings.refusal is not None
    assert of(findings).estimates.empty
    text = section_of(findings, "nl")
    assert "Er is niet getoetst, en dus is er geen schatting om te corrigeren." in text
    assert not with_corrections(findings)


def test_forced_it_is_corrected_with_a_warning(small: Small) -> None:
    findings = small(change=forced)
    assert findings.refusal is None
    text = section_of(findings, "en")
    assert "The researcher asked for the tests all the same" in text
    assert of(findings).known in ("known", "unknown", "overlap")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    "status", ["not identified", "unstable", "not converged", "improper", "no items", "not possible"]
)
def test_every_status_has_its_meaning(small: Small, status: str, language: str) -> None:
    found = of(small())
    table = found.estimates.copy()
    numbers = [name for name in table if name not in ("status", "n_used")]
    table.loc["corrected", "status"] = status if status in ("not identified", "unstable") else "estimated"
    table.loc["latent"] = [status, 200, *[np.nan] * len(numbers)]
    labels = Labels(voice(language))
    changed = replace(found, estimates=table)
    said = " ".join([findings_sentence(changed, labels), *comparison_sentences(changed, labels)])
    meaning = f"measurement_meaning.{'unstable_firms' if status == 'unstable' else status}"
    assert voice(language).say(meaning) in said


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("status", ["not identified", "unstable"])
def test_without_a_correction_only_the_reason_is_given(small: Small, status: str, language: str) -> None:
    findings, speak = small(), voice(language)
    assumed = [plain(speak.say(f"measurement_error.{key}")) for key in ("assumes", "own")]
    assert all(words in section_of(findings, language) for words in assumed)
    table = of(findings).estimates.copy()
    table.loc["corrected", "status"] = status
    lost = replace(findings, measurement_error=replace(of(findings), estimates=table))
    text = section_of(lost, language)
    assert findings_sentence(of(lost), labels_of(lost, language))[-60:] in text
    assert not any(words in text for words in [*assumed, plain(speak.say("measurement_error.alike"))])


@pytest.mark.parametrize(
    ("away", "width", "agreement", "words"),
    [
        (0.5, 1.0, "together", "lies within the interval"),
        (1.5, 2.0, "uncertain", "do not contradict each other"),
        (1.5, 1.0, "apart", "neither can be relied on"),
    ],
)
def test_corrections_that_lie_apart_are_not_relied_on(
    small: Small, away: float, width: float, agreement: str, words: str
) -> None:
    """Distances in half the width of the interval of the correction."""
    found = of(small())
    table = found.estimates.copy()
    estimate, high = table.loc["corrected", ["estimate", "conf_high"]]
    at, half = estimate + away * (high - estimate), width * (high - estimate)
    table.loc["simex", ["estimate", "conf_low", "conf_high"]] = [at, at - half, at + half]
    changed = replace(found, estimates=table)
    assert changed.agreement() == {"simex": agreement}
    assert words in " ".join(comparison_sentences(changed, Labels(voice("en"))))


def test_scales_that_overlap_are_named(small: Small) -> None:
    changed = replace(of(small()), known="overlap", products=None, estimates=of(small()).estimates[:0])
    assert "correlate more than their reliabilities allow" in sentence(changed, "en")
    assert "dan hun betrouwbaarheden toelaten" in sentence(changed, "nl")


def test_sentences_of_the_single_results(small: Small) -> None:
    fit = small().fit
    assert fit is not None
    known = dict.fromkeys(fit.predictors, 0.9)
    found = correct_measurement_error(fit, known)
    text = sentence(found)
    assert text.startswith("Kunnen × willen × mogen: as measured b = ")
    assert "(.90, .90 and .90)" in text
    none = correct_measurement_error(fit, dict.fromkeys(fit.predictors, 0.01))
    assert "no estimate corrected" in sentence(none)
    with pytest.raises(ModelSpecificationError):
        sentence(object())


def test_the_conclusions_repeat_what_a_product_keeps(small: Small) -> None:
    findings, speak = small(), voice("en")
    labels, found = Labels(speak), of(findings)
    said = " ".join(may_not_conclude(findings, labels))
    assert f"reliability of the highest product is {speak.bounded(found.product_reliability)}" in said
    assert f"keeps about {speak.percent(found.share_kept)}" in said
    overlap = replace(findings, measurement_error=replace(found, known="overlap", products=None))
    assert "correlate more than their reliabilities allow" in " ".join(may_not_conclude(overlap, labels))
    unknown = " ".join(may_not_conclude(small(change=one_item), labels))
    assert "of *mogen* there is no reliability to work with" in unknown


def test_a_narrow_interval_counts_only_as_far_as_error_allows(small: Small) -> None:
    """Standardised, within ±.08 as measured: .08 over what is kept of it decides."""
    findings = small()
    assert findings.fit is not None
    assert findings.measurement_error is not None
    table = findings.fit.standardised.copy()
    table.loc[TESTED, ["conf_low", "conf_high"]] = (-0.08, 0.05)
    narrow = replace(findings, fit=replace(findings.fit, standardised=table))
    products = of(findings).products
    assert products is not None
    for reliability, reach in ((0.99, "narrow"), (0.70, "narrow_measured")):
        used = of(findings).reliabilities.assign(reliability=reliability)
        error = replace(of(findings), reliabilities=used, products=product_reliability(used["reliability"]))
        answer = answer_of(replace(narrow, measurement_error=error))
        assert answer is not None
        assert answer.reach == reach


def wide(findings: StudyFindings, times: float, method: str = "corrected") -> StudyFindings:
    """The same with a standard error of one estimate so many times as large as measured."""
    found = of(findings)
    table = found.estimates.copy()
    plain_error = float(table.loc["plain", "std_error"])
    estimate, half = float(table.loc[method, "estimate"]), 2 * times * plain_error
    table.loc[method, "std_error"] = times * plain_error
    table.loc[method, ["conf_low", "conf_high"]] = [estimate - half, estimate + half]
    return replace(findings, measurement_error=replace(found, estimates=table))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_correction_that_fits_anything_is_said_to_tell_nothing(small: Small, language: str) -> None:
    speak = voice(language)
    nothing = speak.say("measurement_error.says_nothing", times="5")
    usual, trivial = (
        speak.say("measurement_error.usual_error"),
        speak.say("measurement_error.together", ways="SIMEX"),
    )
    clear, vague = section_of(wide(small(), 4.9), language), section_of(wide(small(), 5.1), language)
    assert usual in clear
    assert trivial in clear
    assert nothing not in clear
    assert nothing in vague
    assert usual not in vague
    assert trivial not in vague


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_long_interval_does_not_hide_the_others(small: Small, language: str) -> None:
    from matplotlib.figure import Figure

    findings, labels = wide(small(), 50), labels_of(small(), language)
    found = of(findings)
    axis = plot_corrections(found, Figure().subplots(), labels=labels)
    kept = found.estimated().drop(index="corrected")
    low, high = axis.get_xlim()
    widths = kept["conf_high"] - kept["conf_low"]
    assert low < kept["conf_low"].min() < kept["conf_high"].max() < high
    assert high - low < 3 * widths.max() + 2 * kept["estimate"].abs().max()
    arrows = [line.get_marker() for line in axis.lines if line.get_marker() in ("<", ">")]
    assert sorted(arrows) == ["<", ">"]
    caption, alt = describe_corrections(findings, labels)
    cut = labels.voice.say("figures.corrections.cut")
    assert cut in caption
    assert {"nl": "afgekapt met een pijl", "en": "cut off in the figure"}[language] in alt
    whole, plain_alt = describe_corrections(small(), labels)
    assert cut not in whole
    assert {"nl": "afgekapt", "en": "cut off"}[language] not in plain_alt
