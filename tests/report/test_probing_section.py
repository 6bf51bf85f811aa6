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
from si_research.report.findings import StudyFindings
from si_research.report.labels import Labels
from si_research.report.probing_findings import ProbingFindings
from si_research.report.probing_json import shown_regions
from si_research.report.probing_tables import methods_table, slope_differences_table, within_between_table
from si_research.report.results_json import results_json
from si_research.report.voice import voice
from small_survey import change_text

Small = Callable[..., StudyFindings]


def of(findings: StudyFindings) -> ProbingFindings:
    assert findings.probing is not None
    return findings.probing


def two_predictors(folder: Path) -> None:
    change_text(folder / "study.yml", "analysis: {", "analysis: {predictors: [kunnen, mogen], ")


def without_firms(folder: Path) -> None:
    change_text(folder / "study.yml", "analysis: {", "analysis: {cluster: none, ")


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
    rows = {row[0]: row for row in methods_table(found.inference, Labels(speak)).rows}
    assert len(rows) == n_methods
    if n_firms == 2:
        assert rows[speak.say("inference_methods.within firms")][1] == speak.say(
            "inference_notes.too_few_firms"
        )


def test_two_predictors_have_one_difference_and_no_map(small: Small) -> None:
    found = of(small(change=two_predictors))
    assert [len(each.differences) for each in found.differences] == [1, 1]
    assert [(each.of, each.over) for each in found.regions] == [("kunnen", "mogen"), ("mogen", "kunnen")]
    assert found.maps == ()
    assert len(slope_differences_table(found.differences[0], Labels(voice("nl"))).rows) == 1
