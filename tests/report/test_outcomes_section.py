"""Several outcomes, and the main one measured otherwise: page and results.json have the models' numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from si_research.model.several_outcomes import planned_outcomes
from si_research.report.blocks import Block
from si_research.report.conclusions import may_conclude, may_not_conclude
from si_research.report.describe import described_scales
from si_research.report.findings import StudyFindings
from si_research.report.labels import Labels, labels_of
from si_research.report.methods_paragraph import methods_paragraph, references
from si_research.report.outcomes_findings import OutcomeMeasure, OutcomesFindings
from si_research.report.outcomes_json import told_people
from si_research.report.outcomes_section import (
    outcome_measure_blocks,
    outcome_measure_tables,
    outcomes_blocks,
)
from si_research.report.outcomes_tables import outcome_measure_table, outcomes_table
from si_research.report.outcomes_words import (
    measure_sentences,
    sensitivity_sentences,
    standing_sentence,
    verdict_after_holm,
)
from si_research.report.results_json import results_json
from si_research.report.sections import sections_of
from si_research.report.tables import measures_table
from si_research.report.voice import plain, voice
from si_research.report.words import answer_of, answer_sentences, sentence

Small = Callable[..., StudyFindings]


@pytest.fixture
def several(small: Small) -> StudyFindings:
    """The small study with two more planned outcomes, of which one is unreliable, and one that explores."""
    findings = small()
    scores = findings.scores
    table, rng = scores.table(), np.random.default_rng(4)
    product = (table[["kunnen", "willen", "mogen"]] - 3).prod(axis=1)
    table["ideas"] = (3 + 0.3 * product + rng.normal(0, 0.6, 240)).where(table.index != table.index[0])
    table["sharing"] = 3 + rng.normal(0, 0.6, 240)
    table["noise"] = rng.normal(3, 1, 240)
    facts = scores.scales["mogen"]
    scales = {name: replace(facts, name=name, label_en=name, label_nl=name) for name in table if name in NEW}
    tested = planned_outcomes(
        table,
        planned=["innovative_behaviour", "ideas", "noise"],
        exploratory=["sharing"],
        withheld=["noise"],
        cluster="firm_id",
        draws=199,
        seed=7,
    )
    states = {"innovative_behaviour": "tested", "ideas": "tested", "noise": "unreliable", "sharing": "tested"}
    return replace(
        findings,
        scores=replace(scores, table_=table, scales={**scores.scales, **scales}),
        study=replace(findings.study, planned=tested.planned, exploratory=tested.exploratory),
        outcomes=OutcomesFindings(tested, states),  # type: ignore[arg-type]
    )


NEW = ("ideas", "sharing", "noise")


def of(findings: StudyFindings) -> OutcomesFindings:
    assert findings.outcomes is not None
    return findings.outcomes


def text_of(blocks: list[Block]) -> str:
    return plain(" ".join(part for block in blocks for part in (block.text, *block.lines)))


def section_of(findings: StudyFindings, language: str) -> list[Block]:
    labels = labels_of(findings, language)
    return [
        block for each in sections_of(findings, labels) if each.name == "outcomes" for block in each.blocks
    ]


def with_p(findings: StudyFindings, joint: float, highest: float) -> StudyFindings:
    """The findings with other corrected p of the main outcome."""
    found, rows = of(findings), of(findings).tested.outcomes.copy()
    main = rows.index == found.main
    rows.loc[main, "p_holm"] = np.where(rows.loc[main, "test"] == "joint", joint, highest)
    return replace(findings, outcomes=replace(found, tested=replace(found.tested, outcomes=rows)))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_table_shows_each_test_and_holm_by_hand(several: StudyFindings, language: str) -> None:
    found, labels = of(several), labels_of(several, language)
    speak, table = labels.voice, outcomes_table(found, labels)
    rows = found.tested.outcomes.reset_index()
    shown = [row for row in table.rows if row[2] != speak.say("numbers.none")]
    tested = rows[rows["outcome"] != "noise"]
    assert [row[4] for row in shown] == [speak.p_value(p, bare=True) for p in tested["p_value"]]
    for test, place in (("joint", 0), ("highest product", 1)):
        p = tested[(tested["test"] == test) & (tested["role"] == "planned")].set_index("outcome")["p_value"]
        order = p.sort_values().index
        smallest = min(1.0, 3 * p[order[0]])  # three are planned, and the one without a test comes last
        by_hand = {order[0]: smallest, order[1]: max(smallest, min(1.0, 2 * p[order[1]]))}
        corrected = {row[0]: row[5] for row in shown[place::2]}
        for name, value in by_hand.items():
            assert corrected[labels.of(name)] == speak.p_value(value, bare=True)
        assert corrected["sharing"] == speak.say("numbers.none")
    estimate = found.tested.fits["ideas"].coefficients.loc["kunnen:willen:mogen"]
    assert speak.number(estimate["estimate"], 3) in shown[3][3]
    assert speak.bounded(found.tested.tests["ideas"].r2_gain, 3) in shown[2][3]


def test_one_planned_outcome_has_no_column_of_corrected_p(several: StudyFindings) -> None:
    found = of(several)
    alone = replace(found, tested=replace(found.tested, planned=found.tested.planned[:1]))
    table = outcomes_table(alone, labels_of(several, "en"))
    whole = outcomes_table(found, labels_of(several, "en"))
    assert "Holm" not in " ".join([*table.columns, table.note])
    assert [row[4] for row in table.rows] == [row[4] for row in whole.rows]
    assert [row[-1] for row in table.rows] == [row[-1] for row in whole.rows]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_is_exploratory_is_called_so_at_every_place(several: StudyFindings, language: str) -> None:
    labels = labels_of(several, language)
    role = labels.voice.say("outcomes.roles.exploratory")
    table = outcomes_table(of(several), labels)
    assert {row[1] for row in table.rows if row[0] == "sharing"} == {role}
    assert not any(role in row for row in table.rows if row[0] != "sharing")
    text = text_of(section_of(several, language))
    assert labels.voice.say("outcomes.exploratory", names="sharing") in text
    assert labels.voice.say("conclude.exploratory", names="sharing") in list(
        may_not_conclude(several, labels)
    )
    measured = {row[1]: row[0] for row in measures_table(several, labels).rows}
    assert measured["sharing"] == labels.voice.say("terms.outcome_exploratory")
    assert measured["ideas"] == labels.voice.say("terms.outcome_planned")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_outcome_without_a_test_keeps_its_place(several: StudyFindings, language: str) -> None:
    labels = labels_of(several, language)
    (row,) = [row for row in outcomes_table(of(several), labels).rows if row[0] == "noise"]
    none = labels.voice.say("numbers.none")
    assert row[4:] == (none, none, none)
    assert labels.voice.say("outcomes.states.unreliable") in row[3]
    assert labels.voice.say("outcomes.keeps_place") in text_of(section_of(several, language))


@pytest.mark.parametrize(
    ("language", "none", "one"),
    [
        (
            "nl",
            "waren bij geen van de 3 geplande uitkomsten te toetsen",
            "waarvan er één te toetsen was (van 3)",
        ),
        ("en", "could not be tested for any of the 3", "of which one could be tested (of 3)"),
    ],
)
def test_only_what_was_tested_is_said_not_to_be_found(
    several: StudyFindings, language: str, none: str, one: str
) -> None:
    labels, tested = labels_of(several, language), of(several).tested
    rows, joint = tested.outcomes.assign(p_holm=1.0), tested.outcomes["test"] == "joint"
    two = standing_sentence(replace(tested, outcomes=rows), labels, "joint")
    assert labels.voice.say("outcomes.among.some_tested", n=3, n_tested=2) in two
    rows.loc[joint & (rows.index == "ideas"), "p_value"] = np.nan
    assert one in standing_sentence(replace(tested, outcomes=rows), labels, "joint")
    rows.loc[joint, "p_value"] = np.nan
    assert none in standing_sentence(replace(tested, outcomes=rows), labels, "joint")


def test_both_languages_say_the_same_things(several: StudyFindings) -> None:
    dutch, english = (section_of(several, language) for language in ("nl", "en"))
    assert [(each.kind, len(each.lines)) for each in dutch] == [
        (each.kind, len(each.lines)) for each in english
    ]
    for block in (*dutch, *english):
        assert block.table is None or not any("_" in column for column in block.table.columns)


def test_people_are_told_so_that_no_difference_of_a_few_shows(several: StudyFindings) -> None:
    found = of(several)
    assert found.tested.outcomes["n_used"]["ideas"].to_list() == [239, 239]
    assert told_people(found) == {"innovative_behaviour": 240, "ideas": 240, "noise": 0, "sharing": 240}
    stored = json.loads(results_json(several))["outcomes"]
    assert {row["n_used"] for row in stored["tests"]} == {240, None}
    assert "239" not in {row[6] for row in outcomes_table(found, labels_of(several, "en")).rows}


def test_results_hold_the_tests_and_their_state(several: StudyFindings) -> None:
    stored = json.loads(results_json(several))["outcomes"]
    assert (stored["main"], stored["exploratory"]) == ("innovative_behaviour", ["sharing"])
    rows = {(row["outcome"], row["test"]): row for row in stored["tests"]}
    ideas = of(several).tested.outcomes.loc["ideas"]
    assert [rows["ideas", test]["p_holm"] for test in ("joint", "highest product")] == list(ideas["p_holm"])
    assert rows["ideas", "joint"]["r2_gain"] == of(several).tested.tests["ideas"].r2_gain
    assert rows["noise", "joint"]["state"] == "unreliable"
    assert rows["noise", "joint"]["p_value"] is None
    assert stored["verdict_after_holm"] == "no_sign"


def test_the_other_outcomes_are_described(several: StudyFindings) -> None:
    assert described_scales(several)[3:] == ["innovative_behaviour", "ideas", "noise", "sharing"]
    few = several.scores.table_.assign(ideas=lambda frame: frame["ideas"].iloc[:4])
    assert "ideas" not in described_scales(replace(several, scores=replace(several.scores, table_=few)))


def test_one_outcome_leaves_no_section(small: Small) -> None:
    findings = small()
    assert section_of(findings, "en") == list(outcomes_blocks(findings, labels_of(findings, "en"))) == []
    assert json.loads(results_json(findings))["outcomes"] is None
    assert verdict_after_holm(findings) is None
    assert "exploratory" not in " ".join(may_not_conclude(findings, labels_of(findings, "en")))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_answer_says_when_the_correction_leads_to_another(several: StudyFindings, language: str) -> None:
    fit, joint, labels = several.fit, several.joint, labels_of(several, language)
    assert fit is not None
    assert joint is not None
    highest = fit.highest_order.assign(p_value=0.01, estimate=0.2)
    found = replace(several, joint=replace(joint, p_value=0.02), fit=replace(fit, highest_order=highest))
    before = answer_of(found)
    assert before is not None
    assert before.verdict == "reinforce"
    for (p_joint, p_highest), verdict in {
        (0.04, 0.03): "reinforce",
        (0.06, 0.03): "only_highest_positive",
        (0.06, 0.09): "no_sign",
        (0.04, 0.09): "beyond_sum",
    }.items():
        after = with_p(found, p_joint, p_highest)
        assert verdict_after_holm(after) == verdict
        assert answer_sentences(after, language)[0] == answer_sentences(found, language)[0]
        said = [each for each in answer_sentences(after, language) if "(Holm)" in each]
        assert len(said) == (verdict != "reinforce")
        if said:
            assert labels.voice.say(f"outcomes.readings.{verdict}") in said[0]
        concluded = " ".join(may_conclude(after, labels))
        assert (labels.voice.p_value(p_joint) in concluded) == (verdict != "reinforce")


@pytest.mark.parametrize(
    ("language", "said"), [("nl", "is dus niet gevonden"), ("en", "So a combination is neither")]
)
def test_after_no_joint_test_the_estimate_alone_is_called_uncertain(
    small: Small, language: str, said: str
) -> None:
    findings = small()
    fit, joint = findings.fit, findings.joint
    assert fit is not None
    assert joint is not None
    wide = fit.standardised.assign(conf_low=-0.9, conf_high=0.9)
    untested = replace(findings, joint=replace(joint, p_value=np.nan), fit=replace(fit, standardised=wide))
    assert answer_of(untested).verdict == "untested"  # type: ignore[union-attr]
    start = ("Een combinatie " if language == "nl" else "") + said
    assert any(each.startswith(start) for each in answer_sentences(untested, language))


def test_nothing_found_on_other_grounds_is_no_other_answer(several: StudyFindings) -> None:
    fit = several.fit
    assert fit is not None
    highest = fit.highest_order.copy()
    highest["p_value"] = [0.01 if row == "without squares" else 0.3 for row in highest.index]
    found = with_p(replace(several, fit=replace(fit, highest_order=highest)), 0.9, 0.9)
    answer = answer_of(found)
    assert answer is not None
    assert (answer.verdict, verdict_after_holm(found)) == ("curvature", "no_sign")
    assert not any("Holm" in each for each in answer_sentences(found, "en"))


def test_the_paragraph_names_outcomes_and_sources(several: StudyFindings, small: Small) -> None:
    text, sources = methods_paragraph(several, "en"), " ".join(references(several, "en"))
    assert "corrected over the 3 planned outcomes (Holm, 1979)" in text
    assert "An exploratory outcome, sharing, was tested without correction" in text
    assert "McCullagh" in sources
    assert "planned outcomes" not in methods_paragraph(small(), "en")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_passage_and_its_table_have_the_numbers(small: Small, language: str) -> None:
    findings = small()
    measure, labels = findings.outcome_measure, labels_of(findings, language)
    assert measure is not None
    assert measure.compared is not None
    speak, table = labels.voice, outcome_measure_table(measure.compared, 0.95, labels)
    rows = measure.compared.outcomes
    assert [row[1] for row in table.rows] == [speak.number(each, 3) for each in rows["estimate"]]
    assert [row[5] for row in table.rows] == [speak.p_value(p, bare=True) for p in rows["p_value"]]
    (block,) = outcome_measure_tables(findings, labels)
    assert block.table is not None
    assert block.table.rows == table.rows
    text = text_of(list(outcome_measure_blocks(findings, labels)))
    assert (
        plain(speak.say(f"outcome_measure.{measure.compared.agreement}", term="Kunnen × willen × mogen"))
        in text
    )
    stored = json.loads(results_json(findings))["outcome_measure"]
    assert [row["p_value"] for row in stored["compared"]["outcomes"]] == rows["p_value"].to_list()


def test_ways_that_read_otherwise_are_named(small: Small) -> None:
    findings, english = small(), Labels(voice("en"))
    measure = findings.outcome_measure
    assert measure is not None
    assert measure.compared is not None
    found, rows = measure.compared, measure.compared.outcomes

    def told(p: list[float], estimate: list[float], agreement: str) -> tuple[str, bool]:
        note = ["", "", "only_for_many_firms" if np.isnan(p[2]) else ""]
        changed = rows.assign(p_value=p, estimate=estimate, note=note)
        compared = replace(found, outcomes=changed, agreement=agreement)
        after = replace(findings, outcome_measure=replace(measure, compared=compared))
        warned = any(
            "depends on how the outcome is measured" in each for each in may_not_conclude(after, english)
        )
        return " ".join(sensitivity_sentences(compared, english)), warned

    mild, warned = told([0.2, 0.3, 0.03], [0.1, 0.1, 0.1], "conclusion_differs")
    assert "as it is (p = .200); logit-rescaled (p = .300); as ordered levels (p = .030)" in mild
    assert ("no reason to read more into it" in mild, "rest on it alone" in mild, warned) == (
        True,
        False,
        False,
    )
    lost, warned = told([0.02, 0.3, 0.03], [0.1, 0.1, -0.1], "sign_differs")
    assert "taken in another way it can" in mild
    assert "not with the same sign in every other way" in lost
    assert "negative as ordered levels" in lost
    assert ("no reason to read more" in lost, "rest on it alone" in lost, warned) == (False, True, True)
    few, warned = told([0.2, 0.3, np.nan], [0.1, -0.1, 0.1], "not_all")
    assert "neither as it is (p = .200) nor logit-rescaled (p = .300). The sign is not the same" in few
    assert not warned
    assert told([0.02, 0.03, np.nan], [0.1, 0.1, 0.1], "not_all")[1] is False
    assert told([0.02, 0.3, np.nan], [0.1, 0.1, 0.1], "not_all")[1] is True
    lost_rows = rows.assign(
        p_value=[0.2, 0.3, np.nan], estimate=[0.1, 0.1, np.nan], note=["", "", "not_converged"]
    )
    left = replace(found, outcomes=lost_rows, agreement="not_all")
    said = sentence(left, "en")
    assert "no solution was found" in said
    assert said.endswith("neither as it is (p = .200) nor logit-rescaled (p = .300).")
    row = outcome_measure_table(left, 0.95, english).rows[2]
    assert row[1:6] == (voice("en").say("numbers.none"),) * 5
    assert row[6] == "no solution"
    endless = pd.Series([np.inf] * 3, index=rows.index)
    assert (
        outcome_measure_table(replace(found, outcomes=rows.assign(df=endless)), 0.95, english).rows[0][4]
        == "z"
    )


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("state", ["two_values", "open_ends", "outside_ends", "not_possible"])
def test_why_the_outcome_was_not_measured_otherwise_is_said(small: Small, state: str, language: str) -> None:
    findings = small()
    labels = labels_of(findings, language)
    without = replace(findings, outcome_measure=OutcomeMeasure("innovative_behaviour", state))  # type: ignore[arg-type]
    outcome = labels.of("innovative_behaviour")
    said = labels.voice.say(f"outcome_measure.states.{state}", outcome=outcome)
    assert said[1:] in text_of(list(outcome_measure_blocks(without, labels)))
    assert list(outcome_measure_tables(without, labels)) == []
    assert json.loads(results_json(without))["outcome_measure"]["state"] == state
    assert "proportional" not in methods_paragraph(without, "en")


def test_with_few_firms_the_ordinal_view_has_no_p(small: Small) -> None:
    measure, labels = small().outcome_measure, Labels(voice("en"))
    assert measure is not None
    assert measure.compared is not None
    rows = measure.compared.outcomes.assign(note=["", "", "only_for_many_firms"])
    rows.loc["ordinal", ["p_value", "conf_low", "conf_high"]] = np.nan
    found = replace(measure.compared, outcomes=rows, agreement="not_all")
    said = " ".join(measure_sentences(replace(measure, compared=found), labels))
    assert "As ordered levels no p is given" in said
    assert "as ordered levels (p" not in said
    row, none = outcome_measure_table(found, 0.95, labels).rows[2], voice("en").say("numbers.none")
    assert row[1] == voice("en").number(rows["estimate"]["ordinal"], 3)
    assert (row[3], row[5]) == (none, none)
