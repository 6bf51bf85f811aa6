"""The section on averages of firms: the numbers of the firms, in words, and no firm that can be found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

from si_research.measurement.aggregation import Aggregation, Verdict, describe_aggregation
from si_research.measurement.agreement import intraclass_correlation
from si_research.report.aggregation_counts import firms_in_bars, shown_aggregation
from si_research.report.aggregation_section import aggregation_blocks
from si_research.report.aggregation_tables import agreement_table, level_words
from si_research.report.figures import draw_figures
from si_research.report.findings import StudyFindings
from si_research.report.html import render_report
from si_research.report.labels import labels_of
from si_research.report.results_json import results_json
from si_research.report.sections import sections_of
from si_research.report.voice import plain, voice
from si_research.report.words import sentence
from si_research.study.aggregation import aggregate_scales
from si_research.study.analysis import prepare_study
from si_research.study.inputs import read_inputs
from si_research.study.run import run_study
from small_survey import answers, change_text, with_column, write_csv, write_study

Small = Callable[..., StudyFindings]


def text_of(page: str) -> str:
    body = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(body).replace("\N{NO-BREAK SPACE}", " "))


def with_teams(folder: Path) -> None:
    """Two teams a firm; every firm calls them noord and zuid."""
    with_column(folder / "survey.csv", "afdeling", lambda place: "noord" if place % 2 else "zuid")
    change_text(folder / "codebook.yml", "organisation: bedrijf", "organisation: bedrijf, team: afdeling")


def without_firms(folder: Path) -> None:
    change_text(folder / "codebook.yml", ", organisation: bedrijf", "")
    change_text(folder / "codebook.yml", "items:\n", "variables:\n  bedrijf: {kind: category}\nitems:\n")


def without_outcome(folder: Path) -> None:
    path = folder / "codebook.yml"
    change_text(path, "construct: innovative_behaviour", "construct: other")
    change_text(path, "  innovative_behaviour:", "  ander:")


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> StudyFindings:
    folder = write_study(tmp_path_factory.mktemp("teams") / "study")
    write_csv(folder / "survey.csv", answers(240, 12, seed=3))
    with_teams(folder)
    return run_study(folder).findings


def test_a_team_is_one_within_its_firm(teams: StudyFindings) -> None:
    table = teams.scores.table()
    levels = {each.level for each in teams.aggregation}
    assert levels == {"organisation", "team"}
    found = next(each for each in teams.aggregation if (each.level, each.scale) == ("team", "mogen"))
    inside = table["firm_id"] + table["team_id"]
    by_hand = intraclass_correlation(table["mogen"], inside)
    assert found.n_groups == inside.nunique() == 24
    assert found.differences is not None
    assert found.differences.icc1 == pytest.approx(by_hand.icc1)


def test_the_page_and_the_results_hold_the_figures_of_the_firms(teams: StudyFindings) -> None:
    table = teams.scores.table()
    by_hand = intraclass_correlation(table["kunnen"], table["firm_id"])
    content = json.loads(results_json(teams))["aggregation"]
    row = next(each for each in content if (each["level"], each["scale"]) == ("organisation", "kunnen"))
    assert row["icc1"] == pytest.approx(by_hand.icc1)
    assert (row["n_scored"], row["n_left_out"], row["n_groups"]) == (240, 0, 12)
    page = text_of(render_report(teams, "en", pictures=draw_figures(teams, "en")))
    assert "How far organisations differ" in page
    assert "How far teams differ" in page
    assert f"{by_hand.icc1:.2f}".replace("0.", ".").replace("-", "\N{MINUS SIGN}") in page
    assert "may not be averaged by team" in page
    assert not any(firm in results_json(teams) for firm in set(table["firm_id"]))


def test_without_firms_there_is_no_section(small: Small) -> None:
    found = small(240, 12, without_firms)
    assert found.aggregation == ()
    names = [section.name for section in sections_of(found, labels_of(found, "nl"))]
    assert "aggregation" not in names
    assert "aggregation" not in {picture.name for picture in draw_figures(found, "nl")}


def test_after_a_refusal_the_scales_are_still_judged(small: Small) -> None:
    found = small(240, 12, without_outcome)
    assert found.refusal is not None
    assert len(found.aggregation) == 4
    names = [section.name for section in sections_of(found, labels_of(found, "nl"))]
    assert "aggregation" in names


def made(n_firms: int = 14, size: int = 6, share: float = 1.0, noise: float = 0.5) -> Aggregation:
    rng = np.random.default_rng(1)
    groups = pd.Series(np.repeat([f"F{place}" for place in range(n_firms)], size))
    firms = np.repeat(share * rng.normal(0, 0.8, n_firms), size)
    items = pd.DataFrame(np.clip(np.rint(firms[:, None] + rng.normal(3, noise, (len(groups), 3))), 1, 5))
    return describe_aggregation(items.mean(axis=1), items, groups, lowest=1, highest=5, scale="mogen")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_every_verdict_has_its_sentence(verdict: str, language: str) -> None:
    found: Any = replace(made(), verdict=verdict)
    said = sentence(found, language)
    assert "mogen" in said.lower()
    assert "{" not in said
    assert f"ICC(1) = {'0,' if language == 'nl' else '0.'}"[:9] in said
    few: Any = replace(made(4), verdict=verdict)
    assert "ICC(1) =" not in sentence(few, language)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_lies_out_of_range_is_told(small: Small, language: str) -> None:
    groups = pd.Series(np.repeat([f"F{place}" for place in range(20)], 2))
    items = pd.DataFrame({"m1": [1.0, 5] * 20})
    odd = describe_aggregation(items["m1"], items, groups, lowest=1, highest=5, scale="mogen")
    found = replace(small(), aggregation=(odd,))
    said = " ".join(block.text for block in aggregation_blocks(found, labels_of(found, language)))
    below, negative = {
        "nl": ("telt als 0", "ICC(1) onder 0"),
        "en": ("counts as 0", "ICC(1) below 0"),
    }[language]
    assert below in said
    assert negative in said


def test_small_numbers_are_not_shown_and_cannot_be_worked_out() -> None:
    found = made()
    shown = shown_aggregation(replace(found, n_no_group=3, n_single=0))
    assert np.isnan(shown["n_left_out"])
    shown = shown_aggregation(replace(found, n_no_group=2, n_single=6))
    assert shown["n_left_out"] == 8
    assert np.isnan(shown["n_single"])  # else two of an unknown firm could be worked out
    shown = shown_aggregation(replace(found, n_no_group=0, n_single=6))
    assert (shown["n_left_out"], shown["n_single"]) == (6, 6)
    few = shown_aggregation(made(4))
    hidden = ("icc1", "conf_low", "statistic", "p_value", "icc2", "uniform", "slight_skew", "ad_mean")
    assert all(np.isnan(few[name]) for name in hidden)
    assert few["n_groups"] == 4


def test_a_bar_holds_five_firms_of_five_people_or_more(example: StudyFindings) -> None:
    for found in example.aggregation:
        for each in found.agreement:
            bars = firms_in_bars(each)
            assert (bars["n"] >= 5).all()
            assert bars["n"].sum() == (each.groups["n_used"] >= 5).sum()
    assert firms_in_bars(made(30, 4).agreement[0]).empty
    assert firms_in_bars(made(4, 30).agreement[0]).empty


@pytest.mark.parametrize(
    ("language", "none", "some"),
    [
        ("nl", "Een figuur van r_wg(j) is er niet", "Niet in de figuur: mogen"),
        ("en", "There is no picture of r_wg(j)", "Not in the picture: mogen"),
    ],
)
def test_a_single_bar_is_not_drawn_and_the_page_says_why(
    small: Small, language: str, none: str, some: str
) -> None:
    """Eight firms: a bar holds five at least, and three are left for another."""
    lone, wide = made(8, 6), made(60, 6, noise=0.9)
    assert [len(firms_in_bars(each)) for each in lone.agreement] == [1, 1]
    assert min(len(firms_in_bars(each)) for each in wide.agreement) > 1

    def said(*scales: Aggregation) -> tuple[list[str], str]:
        findings = replace(small(), aggregation=scales)
        blocks = list(aggregation_blocks(findings, labels_of(findings, language)))
        names = [block.text for block in blocks if block.kind == "figure"]
        return names, plain(" ".join(block.text for block in blocks if block.kind == "text"))

    figures, text = said(lone)
    assert figures == []
    assert none in text
    figures, text = said(replace(wide, scale="kunnen"), lone)
    assert figures == ["aggregation"]
    assert some in text
    figures, text = said(replace(wide, scale="kunnen"), wide)
    assert figures == ["aggregation"]
    assert some not in text
    drawn = {picture.name for picture in draw_figures(replace(small(), aggregation=(lone,)), language)}
    assert "aggregation" not in drawn


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_the_verdict_fits_one_scale_and_two(small: Small, verdict: str) -> None:
    """A verb in the singular stands with the averaging, not with the scales."""
    found: Any = replace(made(), verdict=verdict)
    twice = replace(small(), aggregation=(found, replace(found, scale="kunnen")))
    said = " ".join(block.text for block in aggregation_blocks(twice, labels_of(twice, "nl")))
    assert re.search(r"[Pp]er organisatie middelen (mag|kan)( niet)? bij \*mogen\* en \*kunnen\*", said)
    assert re.search(r"[Pp]er organisatie middelen (mag|kan)( niet)? bij mogen", sentence(found, "nl"))


def said_of(found: StudyFindings, aggregation: tuple[Aggregation, ...], language: str) -> str:
    changed = replace(found, aggregation=aggregation)
    return " ".join(block.text for block in aggregation_blocks(changed, labels_of(changed, language)))


def with_differences(**figures: float) -> Aggregation:
    """The same firms with other figures of how they differ."""
    found = made()
    assert found.differences is not None
    return replace(found, differences=replace(found.differences, **figures))


@pytest.mark.parametrize(
    ("language", "chance", "fact"),
    [("nl", "dat past bij toeval", "(ICC(1) onder 0)"), ("en", "that fits chance", "(ICC(1) below 0)")],
)
def test_noise_is_not_told_as_a_fact(small: Small, language: str, chance: str, fact: str) -> None:
    low = with_differences(icc1=-0.03, conf_low=-0.06, conf_high=0.08)
    noise = said_of(small(), (replace(low, findings=("negative_icc",)),), language)
    assert chance in noise
    assert fact not in noise
    sure = with_differences(icc1=-0.10, conf_low=-0.15, conf_high=-0.02)
    told = said_of(small(), (replace(sure, findings=("negative_icc",)),), language)
    assert fact in told
    assert chance not in told


@pytest.mark.parametrize(
    ("language", "test", "verdict"),
    [
        ("nl", "de F-toets wijst op", "Het oordeel rust op de toets"),
        ("en", "the F test", "The verdict rests on"),
    ],
)
def test_a_difference_whose_interval_holds_zero_is_not_certain(
    small: Small, language: str, test: str, verdict: str
) -> None:
    doubtful = with_differences(icc1=0.1, conf_low=-0.01, conf_high=0.27, p_value=0.045, icc2=0.45)
    told = said_of(small(), (replace(doubtful, verdict="unreliable_means"),), language)
    assert test in told
    assert verdict in told
    clear = with_differences(icc1=0.1, conf_low=0.02, conf_high=0.27, p_value=0.01, icc2=0.45)
    assert verdict not in said_of(small(), (replace(clear, verdict="unreliable_means"),), language)


@pytest.mark.parametrize(
    ("language", "rules", "deviation"),
    [
        ("nl", "F-toets (p = ,129) en ICC(2) (,34)", "telt voor het oordeel niet mee"),
        ("en", "F test (p = .129) and ICC(2) (.34)", "does not count for the verdict"),
    ],
)
def test_every_rule_that_is_not_met_is_named(small: Small, language: str, rules: str, deviation: str) -> None:
    found = replace(with_differences(p_value=0.129, icc2=0.34), verdict="no_differences")
    told = said_of(small(), (found,), language)
    assert rules in told
    assert deviation not in told
    first = found.agreement[0]
    wide = replace(first, groups=first.groups.assign(ad_mean=0.9))
    limit = found.agreement[0].ad_limit
    assert limit == pytest.approx(5 / 6)
    apart = replace(found, agreement=(wide, *found.agreement[1:]))
    assert deviation in said_of(small(), (apart,), language)


def test_a_third_decimal_where_two_do_not_tell_a_deviation_from_its_limit(small: Small) -> None:
    found = made()
    close = replace(found.agreement[0], groups=found.agreement[0].groups.assign(ad_mean=0.8341))
    table = agreement_table(
        [replace(found, agreement=(close, *found.agreement[1:]))], labels_of(small(), "en")
    )
    assert "0.834 (limit 0.833)" in table.rows[0]


@pytest.mark.parametrize(("language", "words"), [("nl", "Er is maar één"), ("en", "There is only one")])
def test_of_one_firm_there_is_one_sentence(small: Small, language: str, words: str) -> None:
    found = small(150, 1)
    blocks = list(aggregation_blocks(found, labels_of(found, language)))
    assert len(blocks) == 1
    assert words in blocks[0].text


def test_a_department_is_averaged_too_and_a_team_is_one_within_it(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "parts")
    with_column(folder / "survey.csv", "afdeling", lambda place: ("noord", "zuid", "")[place % 3])
    with_column(folder / "survey.csv", "ploeg", lambda place: "AB"[place // 3 % 2])
    roles = "organisation: bedrijf, department: afdeling, team: ploeg"
    change_text(folder / "codebook.yml", "organisation: bedrijf", roles)
    inputs = read_inputs(folder, None)
    ready = prepare_study(inputs.study, inputs.codebook, inputs.data, lambda step, share: None)
    found = aggregate_scales(ready.survey, ready.scores, inputs.codebook, 0.95)
    groups = {each.level: (each.n_groups + each.n_single, each.n_no_group) for each in found}
    people = pd.read_csv(folder / "survey.csv", sep=";", keep_default_na=False)
    n_teams = people.groupby(["bedrijf", "afdeling", "ploeg"]).ngroups
    # nobody of the third part of the rows has a department; their teams stand by themselves
    assert groups == {"organisation": (12, 0), "department": (24, 80), "team": (n_teams, 0)}
    assert level_words("department", voice("nl")) == {"one": "afdeling", "many": "afdelingen"}
