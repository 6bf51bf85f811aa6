"""The interaction probed: page, pictures and results.json have the numbers of the models."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research.model.inference_comparison import compare_inference
from si_research.model.johnson_neyman import johnson_neyman
from si_research.model.slope_differences import slope_differences
from si_research.model.within_between import within_between
from si_research.report.blocks import Block
from si_research.report.findings import StudyFindings
from si_research.report.labels import Labels, labels_of
from si_research.report.probing_figures import (
    describe_inference_comparison,
    describe_johnson_neyman,
    describe_slope_forest,
    draw_inference_comparison,
    draw_johnson_neyman,
    draw_significance_map,
    draw_slope_forest,
    with_map,
    with_regions,
)
from si_research.report.probing_findings import ProbingFindings
from si_research.report.probing_json import shown_regions
from si_research.report.probing_plot import methods_drawn
from si_research.report.probing_tables import methods_table, slope_differences_table, within_between_table
from si_research.report.probing_words import (
    differences_sentence,
    inference_sentences,
    people_in_words,
    regions_sentence,
)
from si_research.report.results_json import results_json
from si_research.report.sections import sections_of
from si_research.report.voice import plain, voice
from si_research.report.words import sentence
from small_survey import LABELS, answers, change_text, write_csv
from tidy_figures import assert_tidy, drawn

Small = Callable[..., StudyFindings]


def of(findings: StudyFindings) -> ProbingFindings:
    assert findings.probing is not None
    return findings.probing


def two_predictors(folder: Path) -> None:
    change_text(folder / "study.yml", "analysis: {", "analysis: {predictors: [kunnen, mogen], ")


def without_firms(folder: Path) -> None:
    change_text(folder / "study.yml", "analysis: {", "analysis: {cluster: none, ")


def binary_mogen(folder: Path) -> None:
    """Everybody answers the items of mogen with one of two words."""
    rows = answers(240, 12, seed=3)
    for row in rows:
        row[8:11] = [LABELS[4] if LABELS.index(row[8]) >= 2 else LABELS[0]] * 3
    write_csv(folder / "survey.csv", rows)


def random_mogen(folder: Path) -> None:
    """The items of mogen have nothing in common, so that the study is refused."""
    rows, rng = answers(240, 12, seed=3), np.random.default_rng(1)
    for row in rows:
        row[8:11] = [LABELS[point] for point in rng.integers(5, size=3)]
    write_csv(folder / "survey.csv", rows)


def blocks_of(findings: StudyFindings, language: str) -> list[Block]:
    labels = labels_of(findings, language)
    return [
        block for each in sections_of(findings, labels) if each.name == "probing" for block in each.blocks
    ]


def text_of(findings: StudyFindings, language: str) -> str:
    return plain(
        " ".join(part for block in blocks_of(findings, language) for part in (block.text, *block.lines))
    )


def test_the_findings_are_those_of_the_models(small: Small) -> None:
    findings = small()
    found, fit = of(findings), findings.fit
    assert fit is not None
    for each, name in zip(found.differences, fit.predictors, strict=True):
        pd.testing.assert_frame_equal(each.differences, slope_differences(fit, of=name).differences)
    assert [(each.of, each.over) for each in found.regions] == [
        ("kunnen:willen", "mogen"),
        ("kunnen:mogen", "willen"),
        ("willen:mogen", "kunnen"),
    ]
    regions = johnson_neyman(fit, of="kunnen:willen", over="mogen").regions
    pd.testing.assert_frame_equal(found.regions[0].regions, regions)
    assert found.ends == dict.fromkeys(fit.predictors, (1.0, 5.0))
    assert found.maps[0].points["willen"].agg(["min", "max"]).tolist() == [1.0, 5.0]
    methods = compare_inference(fit, draws=199, seed=findings.study.seed).methods
    pd.testing.assert_frame_equal(found.inference.methods, methods)
    assert found.split is not None
    pd.testing.assert_frame_equal(found.split.coefficients, within_between(fit).coefficients)


def test_results_hold_the_numbers_and_no_count_of_people(small: Small) -> None:
    findings = small()
    found, text = of(findings), json.loads(results_json(findings))["probing"]
    first = text["differences"][0]
    assert first["differences"][2]["p_holm"] == found.differences[0].differences["p_holm"].iloc[2]
    assert first["slopes"][0]["estimate"] == found.differences[0].slopes["estimate"].iloc[0]
    rows = {row["method"]: row for row in text["inference"]["methods"]}
    assert rows["CR3 jackknife"]["p_value"] == found.inference.methods.loc["CR3 jackknife", "p_value"]
    assert text["maps"][0]["counts"] == found.maps[0].counts().to_dict()
    keys = {key for part in ("differences", "regions", "maps") for key in str(text[part]).split("'")}
    assert not keys & {"n", "n_nearest", "n_near", "n_significant"}


def test_a_region_of_few_people_has_no_share(small: Small) -> None:
    found = of(small()).regions[0]
    regions = pd.concat([found.regions] * 2, ignore_index=True)
    for counts, shares in (([3, 237], [np.nan, 1.0]), ([0, 240], [np.nan, 1.0]), ([80, 160], [0.33, 0.67])):
        shown = shown_regions(replace(found, regions=regions.assign(n=counts)))
        np.testing.assert_array_equal(shown["share"], shares)
        assert "n" not in shown


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_tables_have_the_numbers_of_the_results(small: Small, language: str) -> None:
    found, speak = of(small()), voice(language)
    labels, methods = Labels(speak), methods_table(found.inference, Labels(speak))
    assert len(methods.rows) == len(found.inference.methods) == 10
    chosen = [row for row in methods.rows if row[0].endswith("✓")]
    row = found.inference.methods.loc["CR3 jackknife"]
    assert chosen[0][1:3] == (speak.number(row["estimate"], 3), speak.number(row["std_error"], 3))
    differences = slope_differences_table(found.differences[1], labels)
    assert [cells[5] for cells in differences.rows] == [
        speak.p_value(p, bare=True) for p in found.differences[1].differences["p_holm"]
    ]
    assert found.split is not None
    levels = within_between_table(found.split, labels)
    assert len(levels.rows) == 7 + 3 + 3
    assert levels.rows[6][2] == speak.number(found.split.coefficients["estimate"].iloc[6], 3)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    ("change", "n_firms", "levels", "n_methods"),
    [(without_firms, 12, "no_firms", 6), (None, 2, "too_few_firms", 10), (None, 3, "not_possible", 10)],
)
def test_few_firms_or_none_leave_words_in_place_of_figures(
    small: Small,
    change: Callable[[Path], None] | None,
    n_firms: int,
    levels: str,
    n_methods: int,
    language: str,
) -> None:
    found, speak = of(small(240, n_firms, change)), voice(language)
    assert (found.levels, found.split) == (levels, None)
    table = methods_table(found.inference, Labels(speak))
    rows = {row[0]: row for row in table.rows}
    assert len(rows) == n_methods
    assert speak.say(f"probing.levels.{levels}") in text_of(small(240, n_firms, change), language)
    if n_firms == 2:
        name = speak.say("inference_methods.within firms")
        assert set(rows[name][1:]) == {speak.say("numbers.none")}
        assert f"{name}: {speak.say('inference_notes.too_few_firms')}" in table.note
    if n_firms < 10:
        assert table.note.count(speak.say("inference_notes.only_for_many_firms")) == 1
        findings, labels = small(240, n_firms, change), Labels(speak)
        drawn = methods_drawn(found.inference)
        assert not {"OLS", "HC3", "CR1", "CR1S"} & set(drawn.index)
        _, alt = describe_inference_comparison(findings, labels)
        assert "CR1" not in alt
        (axis,) = draw_inference_comparison(findings, labels).axes
        assert len(axis.get_yticklabels()) == len(drawn)


def test_two_predictors_have_one_difference_and_no_map(small: Small) -> None:
    found = of(small(change=two_predictors))
    assert [len(each.differences) for each in found.differences] == [1, 1]
    assert [(each.of, each.over) for each in found.regions] == [("kunnen", "mogen"), ("mogen", "kunnen")]
    assert found.maps == ()
    assert len(slope_differences_table(found.differences[0], Labels(voice("nl"))).rows) == 1
    assert not with_map(small(change=two_predictors))
    text = text_of(small(change=two_predictors), "en")
    assert "the slope of kunnen" in text
    assert "the product of kunnen and" not in text


def test_both_languages_say_the_same_things(small: Small) -> None:
    for change in (None, two_predictors, binary_mogen, without_firms):
        dutch, english = (blocks_of(small(change=change), language) for language in ("nl", "en"))
        assert [(each.kind, len(each.lines)) for each in dutch] == [
            (each.kind, len(each.lines)) for each in english
        ]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_words_have_the_numbers_of_the_results(small: Small, language: str) -> None:
    findings, speak = small(), voice(language)
    found, text = of(findings), text_of(findings, language)
    for each in found.differences:
        assert sentence(each, language) in text
        standing = each.differences["p_holm"] < 0.05
        p = (
            each.differences["p_holm"].min()
            if not standing.any()
            else each.differences["p_holm"][standing].iloc[0]
        )
        assert speak.p_value(float(p)) in sentence(each, language)
    for result in (found.maps[0], found.inference, found.split, found.regions[0]):
        assert sentence(result, language) in text
    counts = found.maps[0].counts()
    assert speak.percent(counts["supported"] / counts["points"]) in sentence(found.maps[0], language)
    row = found.inference.methods.loc["CR3 jackknife"]
    assert speak.number(row["estimate"], 3) in sentence(found.inference, language)


def test_where_differences_stand_they_are_named(small: Small) -> None:
    found, labels = of(small()).differences[0], Labels(voice("en"))
    table = found.differences.assign(p_holm=[0.01, *[0.9] * 5], estimate=-0.4, supported=True)
    said = differences_sentence(replace(found, differences=table), labels)
    assert "standing after correction (Holm): 1 of the 6" in said
    assert "lower at *willen* high, *mogen* high than at *willen* high, *mogen* low (−0.40" in said
    few = differences_sentence(replace(found, differences=table.assign(supported=False)), labels)
    assert "[fewer than five people nearby]" in few


def test_regions_are_told_only_on_the_scale(small: Small) -> None:
    found, labels = of(small()).regions[0], Labels(voice("en"))
    rows = [(-np.inf, 0.5, True, 0), (0.5, 2.25, False, 90), (2.25, 4.5, True, 147), (4.5, np.inf, True, 3)]
    table = pd.DataFrame(rows, columns=["low", "high", "significant", "n"])
    table = table.assign(direction=np.where(table["significant"], "positive", "none"), share=table["n"] / 240)
    made = replace(found, regions=table)
    (said,) = regions_sentence(made, labels, (1.0, 5.0))
    assert "between 2.25 and 4.50 (positive; 61% of the people are there)" in said
    assert "above 4.50 (positive; fewer than five people are there" in said
    assert "below" not in said
    (nowhere,) = regions_sentence(replace(found, regions=table.iloc[:2]), labels, (1.0, 5.0))
    assert "can nowhere be told from zero. It does not follow that it is zero" in nowhere
    assert people_in_words(1.0, labels) == "nearly everybody is there"


def test_a_method_that_reads_otherwise_is_named(small: Small) -> None:
    found, labels = of(small()).inference, Labels(voice("en"))
    table = found.methods.copy()
    table["p_value"] = 0.2
    same = " ".join(inference_sentences(replace(found, methods=table), labels))
    assert "All 8 other methods read the same: no sign found" in same
    table.loc[["CR1", "within firms"], "p_value"] = 0.03
    other = " ".join(inference_sentences(replace(found, methods=table), labels))
    assert "others read otherwise: CR1 (p = .030)." in other
    decided = replace(found, methods=table, reason="cluster_identifies_term")
    text = " ".join(inference_sentences(decided, labels))
    assert "One organisation decides this coefficient" in text
    assert "otherwise" not in text


def test_a_condition_with_two_values_is_not_followed(small: Small) -> None:
    findings = small(change=binary_mogen)
    assert {each.over for each in of(findings).regions} == {"kunnen", "willen"}
    text = text_of(findings, "en")
    assert "Mogen has two values" in text
    assert "Over willen" in text
    none = replace(findings, probing=replace(of(findings), regions=()))
    assert not with_regions(none)
    assert "Over willen" not in text_of(none, "en")


def test_a_refused_study_has_no_such_section(small: Small) -> None:
    findings = small(change=random_mogen)
    assert findings.refusal is not None
    assert findings.probing is None
    assert blocks_of(findings, "nl") == []
    assert json.loads(results_json(findings))["probing"] is None


def test_the_pictures_draw_the_numbers(small: Small) -> None:
    findings, labels = small(), Labels(voice("en"))
    found = of(findings)
    panels = draw_slope_forest(findings, labels).axes
    for each, axis in zip(found.differences, panels, strict=True):
        marks = {
            int(y): float(x)
            for line in axis.lines
            if line.get_marker() in ("o", "s")
            for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
        }
        drawn = [marks[place] for place in range(10)]
        assert drawn == pytest.approx([*each.slopes["estimate"], *each.differences["estimate"]])
    axis = draw_johnson_neyman(findings, labels).axes[0]
    (line,) = [each for each in axis.lines if each.get_color() == "#0072B2"]
    assert list(line.get_ydata()) == pytest.approx(found.regions[0].curve["estimate"].tolist())
    axis = draw_inference_comparison(findings, labels).axes[0]
    marks = [float(line.get_xdata()[0]) for line in axis.lines if len(line.get_xdata()) == 1]
    assert marks == pytest.approx(found.inference.methods["estimate"].tolist())
    assert len(draw_significance_map(findings, labels).axes) == 2  # the map and its colours


def test_the_alternative_texts_tell_the_numbers(small: Small) -> None:
    findings, labels = small(), Labels(voice("en"))
    found, speak = of(findings), voice("en")
    first = found.differences[0].slopes.iloc[0]
    assert speak.number(first["estimate"]) in describe_slope_forest(findings, labels)[1]
    row = found.inference.methods.loc["HC3"]
    assert f"HC3: {speak.number(row['estimate'], 3)}" in describe_inference_comparison(findings, labels)[1]
    alt = describe_johnson_neyman(findings, labels)[1]
    assert sentence(found.regions[0], "en") in plain(alt)


def test_an_interval_without_end_is_drawn_to_the_edge(small: Small) -> None:
    findings, labels = small(), Labels(voice("en"))
    table = of(findings).inference.methods.copy()
    table.loc["wild cluster bootstrap-t", ["conf_low", "note"]] = [-np.inf, "unbounded"]
    inference = replace(of(findings).inference, methods=table)
    changed = replace(findings, probing=replace(of(findings), inference=inference))
    axis = draw_inference_comparison(changed, labels).axes[0]
    assert np.isfinite(axis.get_xlim()).all()
    assert [line for line in axis.lines if line.get_marker() == "<"]
    assert "the interval has no bound on one side" in methods_table(inference, labels).note


def long_conditions(folder: Path) -> None:
    """The two others have names that fit nowhere on one line."""
    text = (folder / "codebook.yml").read_text("utf-8")
    for name in ("willen", "mogen"):
        named = f"de mate waarin mensen met nieuwe ideeën komen en die uitvoeren, {name}"
        label = f"construct: other, label_nl: '{named}', label_en: '{named}', "
        text = text.replace(f"  {name}: {{construct: {name}, ", f"  {name}_long: {{{label}")
    (folder / "codebook.yml").write_text(text, "utf-8")
    predictors = "predictors: [kunnen, willen_long, mogen_long], "
    change_text(folder / "study.yml", "analysis: {", f"analysis: {{{predictors}")


@pytest.mark.parametrize(
    "name", ["slope_forest", "johnson_neyman", "significance_map", "inference_comparison"]
)
def test_long_names_of_conditions_do_not_lie_on_one_another(small: Small, name: str) -> None:
    assert_tidy(drawn(small(change=long_conditions), name, "nl"))
