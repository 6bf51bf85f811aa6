"""How firm a result is: page, picture and results.json have the numbers of the models, and no small firm."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from si_research import fit_interaction, simulate_scores
from si_research.model.inference import covariance
from si_research.model.influence import LeaveOneFirmOut, leave_one_firm_out
from si_research.model.interaction import InteractionFit, regress
from si_research.report.findings import StudyFindings
from si_research.report.labels import Labels
from si_research.report.leave_one_firm_out_plot import marked_places, plot_leave_one_firm_out
from si_research.report.plot_style import new_figure
from si_research.report.results_json import plain, results_json
from si_research.report.robustness_counts import (
    one_person_weighs,
    shown_ceiling,
    shown_diagnostics,
    shown_firms,
    shown_summary,
)
from si_research.report.robustness_figures import (
    describe_leave_one_firm_out,
    draw_leave_one_firm_out,
    with_firms_left_out,
)
from si_research.report.robustness_findings import RobustnessFindings
from si_research.report.robustness_json import robustness_content
from si_research.report.robustness_section import robustness_blocks, robustness_tables
from si_research.report.robustness_tables import effect_sizes_table, leave_one_firm_out_table
from si_research.report.robustness_words import (
    ceiling_sentences,
    diagnostics_sentences,
    firms_sentences,
    judged_otherwise,
    sizes_sentences,
    verdict_sentences,
)
from si_research.report.voice import plain as unmarked
from si_research.report.voice import voice
from si_research.report.words import sentence
from si_research.study.robustness import robustness
from tidy_figures import assert_tidy, drawn

Small = Callable[..., StudyFindings]
ENGLISH = Labels(voice("en"))
HIGHEST = "kunnen:willen:mogen"


def of(findings: StudyFindings) -> RobustnessFindings:
    assert findings.robustness is not None
    return findings.robustness


def firms_of(findings: StudyFindings) -> LeaveOneFirmOut:
    found = of(findings).firms
    assert found is not None
    return found


def text_of(findings: StudyFindings, language: str = "en") -> str:
    blocks = robustness_blocks(findings, Labels(voice(language)))
    return unmarked(" ".join(part for block in blocks for part in (block.text, *block.lines)))


def with_small_firms(sizes: list[int]) -> InteractionFit:
    data = simulate_scores(sum(sizes), seed=1).assign(firm=np.repeat(np.arange(len(sizes)), sizes))
    return fit_interaction(data, cluster="firm")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_page_and_tables_have_the_numbers_of_the_models(small: Small, language: str) -> None:
    findings, speak = small(), voice(language)
    found, fit, joint = of(findings), findings.fit, findings.joint
    assert fit is not None
    assert joint is not None
    assert found.firms is not None
    assert found.sizes is not None
    again = leave_one_firm_out(fit)
    pd.testing.assert_frame_equal(found.firms.summary, again.summary)
    table, summary = leave_one_firm_out_table(found.firms, Labels(speak)), again.summary
    assert [row[2] for row in table.rows] == [speak.number(b, 3) for b in summary["estimate_low"]]
    assert [row[6] for row in table.rows] == [str(n) for n in summary["n_conclusion_turns"]]
    gains = found.sizes.sizes.query("measure == 'r2_gain'")["estimate"]
    assert gains["products, beside squares"] == pytest.approx(joint.r2_gain)
    sizes, text = effect_sizes_table(found.sizes, Labels(speak)), text_of(findings, language)
    assert sizes.rows[-2][2].startswith(speak.bounded(joint.r2_gain, 3))
    assert speak.percent(joint.r2_gain, 1) in text
    for low, high in zip(summary["estimate_low"], summary["estimate_high"], strict=True):
        to = {"nl": "tot", "en": "to"}[language]
        assert f"{speak.number(low, 3)} {to} {speak.number(high, 3)}" in text
    assert sentence(found.firms, language).split(". ")[0] in text
    names = [each.table.name for each in robustness_tables(found, fit, Labels(speak)) if each.table]
    assert names == ["leave_one_firm_out", "effect_sizes", "curvature", "ceiling", "diagnostics"]


def turned(found: LeaveOneFirmOut, conclusions: int, signs: int = 0, missing: int = 0) -> LeaveOneFirmOut:
    firms = found.firms.assign(conclusion_turns=False, sign_turns=False, note="")
    first = int(np.flatnonzero(firms.index == HIGHEST)[0])
    for column, count, value in (
        ("conclusion_turns", conclusions, True),
        ("sign_turns", signs, True),
        ("note", missing, "cluster_identifies_term"),
    ):
        firms.iloc[first : first + count, firms.columns.get_loc(column)] = value
    return replace(found, firms=firms)


def test_words_for_what_one_firm_changes(small: Small) -> None:
    found = firms_of(small())

    def said(*counts: int) -> str:
        return " ".join(firms_sentences(turned(found, *counts), ENGLISH))

    assert "the judgement of all 4 products (can they be told from zero or not) stays the same" in said(0)
    assert "No sign (positive or negative) reverses" in said(0)
    assert "changes: *kunnen* × *willen* × *mogen* without one particular organisation (with all" in said(1)
    assert "without any one of 3 organisations" in said(3)
    assert "reverses without one or more organisations for *kunnen* × *willen* × *mogen*" in said(0, 1)
    assert "they rest on that one" in said(0, 0, 1)
    few = " ".join(firms_sentences(replace(found, n_firms=5), ENGLISH))
    assert "With only 5 organisations" in few


def test_the_verdict_comes_first_and_knows_the_border(small: Small) -> None:
    findings = small()
    found = firms_of(findings)

    def said(p: float, *counts: int) -> str:
        changed = turned(found, *counts)
        summary = changed.summary.copy()
        summary.loc[HIGHEST, "p_value"] = p
        return " ".join(verdict_sentences(replace(changed, summary=summary), ENGLISH))

    assert said(0.5, 0) == "No single organisation changes the judgement of a product."
    assert "depends on one organisation," in said(0.053, 1)
    assert "depends on either of two organisations" in said(0.053, 2)
    assert "lies close to the border" in said(0.053, 3)
    assert "depends on" not in said(0.053, 3)
    assert "without any one of more than two organisations" in said(0.001, 3)
    assert "decides the sign" in said(0.01, 0, 1)
    assert said(0.5, 0, 1) == said(0.5, 0)  # a sign that turns close to zero changes no answer
    assert "nothing can be said" in said(0.5, 0, 0, 1)
    few = replace(found, firms=found.firms.assign(n_left_out=4))
    assert list(verdict_sentences(few, ENGLISH)) == []
    blocks = [block.text for block in robustness_blocks(findings, ENGLISH)]
    assert blocks[0] == " ".join(verdict_sentences(found, ENGLISH))
    method = next(place for place, text in enumerate(blocks) if "same plain way (CR1)" in text)
    assert method < next(place for place, text in enumerate(blocks) if text.startswith("Leave out each"))


def test_words_where_the_plain_way_reads_otherwise(small: Small) -> None:
    findings, whole = small(), firms_of(small()).whole.copy()
    fit = findings.fit
    assert fit is not None
    whole["p_value"] = fit.coefficients["p_value"]
    assert judged_otherwise(replace(firms_of(findings), whole=whole), fit) == []
    p = float(fit.coefficients["p_value"]["kunnen:willen"])
    whole.loc["kunnen:willen", "p_value"] = 0.5 if p < 0.05 else 0.01
    found = replace(firms_of(findings), whole=whole)
    assert judged_otherwise(found, fit) == ["kunnen:willen"]
    text = text_of(replace(findings, robustness=replace(of(findings), firms=found)))
    assert "reads kunnen × willen otherwise than the tests" in text


@pytest.mark.parametrize("language", ["nl", "en"])
def test_words_for_what_cannot_be_had(small: Small, language: str) -> None:
    findings, speak = small(), voice(language)
    for status in ("no_firms", "too_few_firms", "not_possible"):
        found = replace(of(findings), firms=None, firms_status=status)
        changed = replace(findings, robustness=found)
        assert speak.say(f"robustness.firms.{status}") in text_of(changed, language)
        assert not with_firms_left_out(changed)
        assert robustness_content(found, frozenset(), plain)["firms"] is None
    for status in ("too_few_firms", "too_few_people", "not_told_apart"):
        found = replace(of(findings), sizes=None, sizes_status=status)
        assert speak.say(f"robustness.sizes.{status}") in text_of(
            replace(findings, robustness=found), language
        )
    for status in ("straight", "curved", "curved_turns", "straight_turns", "no_squares", "no_test"):
        found = replace(of(findings), curvature_status=status)
        assert speak.say(f"robustness.curvature.{status}") in text_of(
            replace(findings, robustness=found), language
        )


def test_words_for_ends_of_scales(small: Small) -> None:
    found = of(small()).ceiling
    table = found.table_.copy()
    table[["floor", "ceiling"]] = False
    free = replace(found, table_=table)
    assert "has room at both ends" in " ".join(ceiling_sentences(free, "innovative_behaviour", ENGLISH))
    place = "innovative_behaviour"
    table.loc[place, ["ceiling", "n_highest", "share_highest"]] = [True, 60, 0.25]
    table.loc["willen", ["floor", "n_lowest", "share_lowest"]] = [True, 48, 0.2]
    said = " ".join(ceiling_sentences(replace(found, table_=table), place, ENGLISH))
    assert "runs into the end of its scale: 25% of the people at the highest point" in said
    assert "On *willen* more than 15%" in said
    table.loc[place, ["n_highest", "share_highest"]] = [4, 0.16]  # so few that nothing is told
    assert "has room" in " ".join(ceiling_sentences(replace(found, table_=table), place, ENGLISH))
    shown = shown_ceiling(replace(found, table_=table.assign(ends="observed"))).loc[place]
    assert np.isnan(shown[["highest", "share_highest"]].to_numpy(dtype="float64")).all()


def test_words_for_diagnostics_and_sizes(small: Small) -> None:
    findings = small()
    fit, found, sizes = findings.fit, of(findings).diagnostics, of(findings).sizes
    assert fit is not None
    assert sizes is not None

    def said(**changes: float) -> str:
        table = found.diagnostics.copy()
        for name in ("Breusch-Pagan, studentised", "RESET"):
            table.loc[name, "p_value"] = changes.get(name.split(",")[0].replace("-", "_"), 0.5)
        table.loc["VIF willen", "statistic"] = changes.get("vif", 1.2)
        table.loc["largest Cook's distance", "statistic"] = changes.get("cook", 0.3)
        return " ".join(diagnostics_sentences(replace(found, diagnostics=table), fit, ENGLISH))

    assert "give no reason for a reservation" in said()
    assert "not spread alike everywhere (p = .010); the intervals" in said(Breusch_Pagan=0.01)
    assert "(RESET, p = .020)" in said(RESET=0.02)
    assert "*willen* go so much along with the others (VIF up to 7.5)" in said(vif=7.5)
    assert "Cook's distance above 1" in said(cook=1.4)
    assert "no reason" not in said(cook=1.4)
    assert "For weighted data" in " ".join(
        diagnostics_sentences(found, replace(fit, weight="weight"), ENGLISH)
    )
    table = sizes.sizes.assign(at_zero=True)
    words = " ".join(sizes_sentences(replace(sizes, sizes=table, n_units=6), fit, ENGLISH))
    assert "The interval starts at zero" in words
    assert "With fewer than ten organisations" in words
    steps = table.drop(index=[name for name in table.index.unique() if "squares" in str(name)])
    words = " ".join(sizes_sentences(replace(sizes, sizes=steps), fit, ENGLISH))
    assert words.startswith("*kunnen* × *willen* × *mogen* explains")


def test_two_conditions_have_one_product(small: Small) -> None:
    data = simulate_scores(120, n_firms=12, seed=1)
    fit = fit_interaction(data, predictors=("kunnen", "mogen"), cluster="firm_id")
    findings = replace(small(), fit=fit, robustness=robustness(fit, {}, draws=199, seed=1))
    found, text = of(findings), text_of(findings)
    assert found.sizes is not None
    assert "the judgement of the product" in text or "a judgement" in text
    assert "Kunnen × mogen explains" in text
    assert len(effect_sizes_table(found.sizes, ENGLISH).rows) == 3
    assert [each.get_visible() for each in draw_leave_one_firm_out(findings, ENGLISH).axes] == [True]


def test_results_hold_the_numbers_and_no_firm(small: Small) -> None:
    findings = small()
    found, content = of(findings), json.loads(results_json(findings))["robustness"]
    assert found.sizes is not None
    rows = {row["term"]: row for row in content["firms"]["summary"]}
    assert rows[HIGHEST]["estimate_low"] == firms_of(findings).summary["estimate_low"][HIGHEST]
    assert content["sizes"]["sizes"][0]["conf_high"] == found.sizes.sizes["conf_high"].iloc[0]
    assert content["curvature"]["tests"][0]["p_value"] == found.curvature.table_["p_value"].iloc[0]
    assert {row["score"] for row in content["ceiling"]["scores"]} == set(found.ceiling.table_.index)
    text = json.dumps(content)
    for hidden in ("n_left_out", "largest leverage", "Cook", "n_highest", '"B0', "n_units"):
        assert hidden not in text
    assert json.loads(results_json(replace(findings, robustness=None)))["robustness"] is None


def test_nothing_is_told_without_a_firm_of_fewer_than_five_people() -> None:
    fit = with_small_firms([20] * 8 + [4, 1])
    found = robustness(fit, {}, draws=199, seed=1)
    assert found.firms is not None
    firms = found.firms.firms.copy()
    few = (firms["n_left_out"] < 5).to_numpy()
    firms.loc[few, ["estimate", "dfbetas", "p_value"]] = [[99.125, 77.125, 1e-9]] * int(few.sum())
    firms.loc[few, ["sign_turns", "conclusion_turns"]] = True  # a turn outside the range would tell of them
    firms.loc[~few, ["sign_turns", "conclusion_turns"]] = False
    summary = found.firms.summary.assign(n_sign_turns=2, n_conclusion_turns=2)
    extreme = replace(found.firms, firms=firms, summary=summary)
    assert len(shown_firms(extreme, HIGHEST)) == 8
    shown = shown_summary(extreme)
    assert float(shown["estimate_high"].max()) < 99
    assert float(shown["largest_dfbetas"].max()) < 77
    assert float(shown["p_low"].min()) > 1e-9
    assert (shown[["n_sign_turns", "n_conclusion_turns"]] == 0).all(axis=None)
    words = " ".join(firms_sentences(extreme, ENGLISH))
    assert "each of the 8 organisations with five people or more" in words
    assert "the judgement of all 4 products (can they be told from zero or not) stays the same" in words
    assert "No sign (positive or negative) reverses" in words
    assert "were not left out one by one" in words
    told = json.dumps(robustness_content(replace(found, firms=extreme), frozenset(), plain))
    told += str(leave_one_firm_out_table(extreme, ENGLISH))
    assert "99.125" not in told
    assert "77.125" not in told
    axis = plot_leave_one_firm_out(extreme, new_figure(2).subplots())
    marks = [x for line in axis.lines if line.get_marker() in ("o", "s") for x in line.get_xdata()]
    assert len(marks) == 8
    assert axis.get_yticks().size == 0  # nothing stands beside a mark


def test_small_firms_are_left_out_together(small: Small) -> None:
    fit = with_small_firms([20] * 8 + [4, 1])
    found = robustness(fit, {}, draws=199, seed=1)
    rows = fit.rows[fit.rows["firm"].astype(int) < 8]
    left = regress(rows, fit.roles)
    without = covariance(left, "CR1")
    assert found.firms is not None
    assert found.small_firms is not None
    place, whole = left.terms.index(HIGHEST), found.firms.whole  # the highest product is free of the centring
    p = 2 * float(stats.t.sf(abs(left.estimate[place]) / np.sqrt(without[place, place]), 7))
    row = found.small_firms.loc[HIGHEST]
    assert [row["estimate"], row["p_value"]] == pytest.approx([left.estimate[place], p], rel=1e-6)
    signs = np.sign(found.small_firms["estimate"]) != np.sign(whole["estimate"])
    turns = (found.small_firms["p_value"] < 0.05) != (whole["p_value"] < 0.05)
    assert found.small_firms["sign_turns"].tolist() == signs.tolist()
    assert found.small_firms["conclusion_turns"].tolist() == turns.tolist()
    assert not found.small_firms["missing"].any()
    content = robustness_content(found, frozenset(), plain)
    assert content["small_firms_together"][0]["estimate"] == float(found.small_firms["estimate"].iloc[0])

    def said(**turns: bool) -> str:
        table = found.small_firms
        assert table is not None
        table = table.assign(sign_turns=False, conclusion_turns=False, missing=False)
        table.loc[HIGHEST, list(turns)] = list(turns.values())
        changed = replace(found, small_firms=table)
        return text_of(replace(small(), fit=fit, robustness=changed))

    assert "as one group: no judgement of a product and no sign changes." in said()
    assert "without them the sign reverses of kunnen × willen × mogen" in said(sign_turns=True)
    assert "without them the judgement changes of kunnen" in said(conclusion_turns=True)
    assert "without them nothing can be said of kunnen" in said(missing=True)


def test_one_small_firm_and_a_handful_of_people_are_not_told(small: Small) -> None:
    for sizes in ([20] * 8 + [4], [20] * 8 + [2, 2]):
        fit = with_small_firms(sizes)
        found = robustness(fit, {}, draws=199, seed=1)
        assert found.small_firms is None
        text = text_of(replace(small(), fit=fit, robustness=found))
        assert "Organisations with fewer than five people were not left out one by one" in text
        assert "as one group" not in text


def test_where_all_firms_are_small_nothing_of_one_is_told(small: Small) -> None:
    fit = with_small_firms([4] * 15)
    findings = replace(small(), fit=fit, robustness=robustness(fit, {}, draws=199, seed=1))
    assert not with_firms_left_out(findings)
    text = text_of(findings)
    assert "not shown, as each has fewer than five people" in text
    assert "All organisations have fewer than five people" in text
    assert "the judgement of all" not in text
    assert shown_summary(firms_of(findings))["estimate_low"].isna().all()
    row = leave_one_firm_out_table(firms_of(findings), ENGLISH).rows[0]
    assert [row[place] for place in (2, 5, 6, 7)] == ["–"] * 4


def test_no_diagnostic_of_one_person_and_no_hidden_term_is_shown(small: Small) -> None:
    found = of(small()).diagnostics
    shown = shown_diagnostics(found, frozenset({"willen"}))
    assert not [name for name in shown.index if "largest" in name or name == "VIF willen"]
    assert "VIF kunnen" in shown.index
    assert not one_person_weighs(found)


def test_the_picture_draws_the_numbers(small: Small) -> None:
    findings = small()
    found = firms_of(findings)
    panels = draw_leave_one_firm_out(findings, ENGLISH).axes
    for term, axis in zip(found.terms, panels, strict=True):
        marks = sorted(
            float(x) for line in axis.lines if line.get_marker() in ("o", "s") for x in line.get_xdata()
        )
        assert marks == pytest.approx(sorted(found.firms.loc[term, "estimate"]))
        band = axis.patches[0].get_extents().transformed(axis.transData.inverted())
        assert [band.x0, band.x1] == pytest.approx(found.whole.loc[term, ["conf_low", "conf_high"]].tolist())
    caption, alt = describe_leave_one_firm_out(findings, ENGLISH)
    assert "Only the" not in caption
    assert "Each panel has a scale of its own" in caption
    assert sentence(found, "en") in unmarked(alt)
    assert_tidy(drawn(findings, "leave_one_firm_out", "nl"))


def test_of_many_firms_only_the_ends_have_marks(small: Small) -> None:
    found = firms_of(small())
    rows = found.firms.loc[[HIGHEST]].iloc[np.arange(500) % 12].assign(estimate=np.linspace(-1, 2, 500))
    rows["conclusion_turns"] = rows["estimate"] > 1.99
    many = replace(found, firms=rows.assign(n_left_out=9), terms=(HIGHEST,))
    axis = plot_leave_one_firm_out(many, new_figure(3).subplots(), language="nl")
    points, squares = ([line for line in axis.lines if line.get_marker() == mark] for mark in "os")
    assert len(points[0].get_xdata()) + len(squares[0].get_xdata()) == 40 == len(marked_places(500))
    assert len(squares[0].get_xdata()) == 2
    (between,) = [line for line in axis.lines if len(line.get_xdata()) == 40 and line.get_marker() == "None"]
    estimates = rows["estimate"].to_numpy()
    assert between.get_xdata()[[0, -1]].tolist() == estimates[[19, 480]].tolist()
    findings = replace(small(), robustness=replace(of(small()), firms=many))
    assert "Only the 20 lowest" in describe_leave_one_firm_out(findings, ENGLISH)[0]
