"""The sections of a report: which sentence, table and figure stands where."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from si_research.privacy.profiles import profile_in_force
from si_research.report.aggregation_section import aggregation_blocks
from si_research.report.appendix_section import appendix_blocks, ledger_blocks
from si_research.report.blocks import Block, Section, table_block, text_block
from si_research.report.conclusions import may_conclude, may_not_conclude, note_sentences
from si_research.report.describe import (
    describe_scales,
    described_scales,
    is_stacked,
    records,
    rows_offered,
)
from si_research.report.elsewhere import elsewhere_sentence
from si_research.report.factor_section import factor_blocks
from si_research.report.flow import flow_of_study, shown_flow
from si_research.report.item_section import item_blocks
from si_research.report.kept_out import kept_out_sentences, kept_out_table
from si_research.report.labels import Labels
from si_research.report.measurement_error_section import measurement_error_blocks
from si_research.report.missing_section import missing_blocks
from si_research.report.model_tables import (
    coefficients_table,
    corner_slopes_table,
    corners_table,
    estimate_of,
    interval_of,
    steps_table,
    tests_table,
)
from si_research.report.outcomes_section import (
    outcome_measure_blocks,
    outcomes_blocks,
)
from si_research.report.probing_section import probing_blocks
from si_research.report.published import LEFT_OUT_SECTIONS
from si_research.report.readings_section import has_readings, readings_blocks
from si_research.report.reliability_section import refused_scales, reservation, scale_blocks
from si_research.report.reliability_words import open_sentences
from si_research.report.robustness_section import robustness_blocks
from si_research.report.screening_section import screening_blocks
from si_research.report.suppression import is_published, is_small
from si_research.report.tables import (
    correlation_table,
    descriptives_table,
    measures_table,
    sample_table,
)
from si_research.report.verdict_section import verdict_blocks
from si_research.report.voice import sentence_case
from si_research.report.words import answer_of, is_standard, reach_sentence, refusal_phrase

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings


def sections_of(findings: StudyFindings, labels: Labels) -> list[Section]:
    """Return the sections in the order of the page."""
    builders = {
        "missing": _missing,
        "verdict": _verdict,
        "asked": _asked,
        "who": _who,
        "scales": scale_blocks,
        "factors": _factors,
        "profile": _profile,
        "items": item_blocks,
        "aggregation": aggregation_blocks,
        "tests": _tests,
        "slopes": _slopes,
        "probing": _probing,
        "readings": readings_blocks,
        "robustness": _robustness,
        "outcomes": _outcomes,
        "measurement_error": _measurement_error,
        "screening": screening_blocks,
        "missing_answers": missing_blocks,
        "conclude": _conclude,
        "notes": _notes,
        "kept_out": _kept_out,
        "published": _published,
        "ledger": ledger_blocks,
        "appendix": appendix_blocks,
    }
    left_out = {"tests", "slopes", "notes"} if findings.fit is None else {"missing"}
    own = (
        "screening",
        "aggregation",
        "measurement_error",
        "factors",
        "missing_answers",
        "probing",
        "robustness",
        "outcomes",
    )
    left_out |= {name for name in own if not getattr(findings, name)}
    if findings.combination is None:
        left_out.add("verdict")
    if not has_readings(findings):
        left_out.add("readings")
    if not findings.scores.scales:
        left_out |= {"scales", "profile", "items"}
    left_out |= LEFT_OUT_SECTIONS if is_published() else {"published"}
    return [
        Section(name, labels.voice.say(f"sections.{name}"), tuple(build(findings, labels)))
        for name, build in builders.items()
        if name not in left_out
    ]


def _published(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Say by which rules the page withholds; not what, which would tell."""
    del findings
    speak, profile = labels.voice, profile_in_force()
    yield text_block(labels, "published.lead")
    rules = [
        speak.say(f"published.{key}", base=str(profile.rounding_base), df=str(profile.smallest_df))
        for key in ("cells", "counts", "figures", "fits", "dominance", "left_out")
    ]
    yield Block("list", speak.say("published.rules"), tuple(map(sentence_case, rules)))
    yield text_block(labels, "published.log")


def _verdict(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    if findings.fit is not None:
        yield from reservation(findings, labels)
    yield from verdict_blocks(findings, labels)


def _asked(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    study = findings.study
    key = "asked.model" if is_standard(findings) else "asked.general"
    yield text_block(labels, key, outcome=labels.of(study.outcome))
    if findings.fit is not None and study.controls:
        listed = labels.voice.listed([labels.of(name) for name in study.controls])
        yield text_block(labels, "asked.controls", controls=listed)
    yield text_block(labels, "asked.measured" if findings.fit is not None else "asked.measured_refusal")
    yield from table_block(measures_table(findings, labels))


def _missing(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    language = labels.voice.language
    yield Block("text", refusal_phrase(findings, "text", language))
    if findings.refusal is not None and findings.refusal.code == "no_respondents" and findings.refusal.values:
        yield Block("text", refusal_phrase(findings, "lacking", language))
    still_open = tuple(open_sentences(refused_scales(findings), findings.study.reliability_floor, labels))
    for said in still_open:
        yield Block("text", sentence_case(said))
    todo = (refusal_phrase(findings, "todo_open" if still_open else "todo", language),)
    yield Block("list", labels.voice.say("refusals.next"), todo)
    yield text_block(labels, "refusals.can")


def _who(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    speak, flow = labels.voice, flow_of_study(findings)
    steps, offered = shown_flow(flow), rows_offered(findings)
    refused = "who.flow_refusal" if findings.scales else "who.flow_refusal_rows"
    key = refused if findings.fit is None else "who.flow"
    if is_stacked(findings):
        yield text_block(labels, "who.stacked", rows=findings.source.n_rows)
        key = "who.flow_refusal_waves" if findings.fit is None else "who.flow_waves"
    yield text_block(labels, key, offered=offered, used=flow.used, share=speak.percent(flow.used / offered))
    yield Block("figure", "flow")
    if any(len(codes) > 1 for each in steps for codes, _ in each.groups):
        yield text_block(labels, "who.merged")
    if flow.used < offered and is_small(offered - flow.used):
        yield text_block(labels, "who.few_left_out")
    yield from _firms(findings, labels)
    yield from _names_without_answer(findings, labels)
    table = sample_table(findings, labels)
    described = "who.sample" if findings.fit is not None else "who.sample_refusal"
    yield text_block(labels, described if table is not None else "who.no_sample")
    yield from table_block(table)


def _firms(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    speak = labels.voice
    clusters = None if findings.fit is None else findings.fit.clusters
    if clusters is None:
        return
    sizes = speak.say(
        "who.firms_small" if is_small(clusters.largest) else "who.firms",
        n_clusters=clusters.n_clusters,
        smallest=speak.say("numbers.few") if is_small(clusters.smallest) else speak.count(clusters.smallest),
        largest=speak.people(clusters.largest),
        median=speak.people(clusters.median),
    )
    alike = speak.say(
        "who.icc_missing" if math.isnan(clusters.icc) else "who.icc" if clusters.icc > 0 else "who.icc_none",
        outcome=labels.of(findings.study.outcome),
        icc=speak.rate(clusters.icc) if clusters.icc > 0 else speak.bounded(clusters.icc),
    )
    yield Block("text", f"{sentence_case(sizes)} {sentence_case(alike)}")


def _names_without_answer(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Say how many people are in a firm or team whose name reads as no answer."""
    speak, table = labels.voice, findings.answers.table()
    for row in records(table[table["problem"] == "no_answer"]):
        n = speak.say("numbers.few") if is_small(row["n"]) else speak.count(row["n"])
        text = speak.say("who.no_answer", n=n, name=labels.of(str(row["variable"])))
        yield Block("warning", sentence_case(text))


def _factors(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    if findings.factors is not None and not findings.factors.reason:
        yield from reservation(findings, labels)
    yield from factor_blocks(findings, labels)


def _profile(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    yield text_block(labels, "profile.lead")
    yield Block("figure", "distributions")
    yield from _lowest_and_highest(findings, labels)
    yield from table_block(descriptives_table(findings, labels))
    if len(described_scales(findings)) > 1:
        yield from table_block(correlation_table(findings, labels))


def _lowest_and_highest(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Name the extremes where the conditions share a response format; else they cannot be compared."""
    table = describe_scales(findings)
    conditions = [name for name in findings.study.predictors if name in table.index]
    chosen = table.loc[conditions]
    same = len(chosen) > 1 and len(chosen[["lowest", "highest"]].drop_duplicates()) == 1
    means = chosen["mean"].astype("float64")
    if not same or not np.isfinite(means).all():
        return
    low, high = str(means.idxmin()), str(means.idxmax())
    speak = labels.voice
    yield text_block(
        labels,
        "profile.ends",
        lowest=labels.of(low),
        low=speak.number(means[low]),
        highest=labels.of(high),
        high=speak.number(means[high]),
    )


def _tests(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    fit, joint, corners, speak = findings.fit, findings.joint, findings.corners, labels.voice
    assert fit is not None
    assert joint is not None
    assert corners is not None
    yield from reservation(findings, labels)
    yield text_block(labels, "tests.lead" if len(fit.predictors) > 2 else "tests.lead_two")
    yield from table_block(tests_table(fit, joint, corners, labels))
    answer = answer_of(findings)
    assert answer is not None
    yield Block("text", reach_sentence(fit, answer.reach, labels))
    yield text_block(labels, "tests.both_needed")
    if joint.n_draws and not math.isnan(joint.p_value):
        error = speak.bounded(joint.mc_error, 3)
        yield text_block(labels, "tests.bootstrap", draws=joint.n_draws, error=error)
        if abs(joint.p_value - (1 - fit.conf_level)) < 2 * joint.mc_error:
            yield text_block(labels, "tests.borderline")
    yield text_block(labels, "tests.steps")
    yield from table_block(steps_table(fit, labels))
    yield Block("figure", "coefficients")
    yield text_block(labels, "tests.coefficients")
    yield from table_block(coefficients_table(fit, labels))


def _slopes(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    fit, corners, speak = findings.fit, findings.corners, labels.voice
    assert fit is not None
    assert corners is not None
    yield from reservation(findings, labels)
    points = [
        f"{labels.of(str(row['term']))} {speak.number(row['low'])} {speak.phrases['numbers']['and']} "
        f"{speak.number(row['high'])}"
        for row in records(corners.points)
    ]
    yield text_block(labels, "slopes.corners", points="; ".join(points))
    yield Block("figure", "corners")
    if not corners.corners["supported"].all():
        yield text_block(labels, "slopes.corner_unsupported")
    yield from table_block(corners_table(fit, corners, labels))
    yield from _slope_differences(findings, labels)
    yield from table_block(corner_slopes_table(fit, corners, labels))
    yield Block("figure", "slopes")


def _slope_differences(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    speak, corners, fit = labels.voice, findings.corners, findings.fit
    assert corners is not None
    assert fit is not None
    lines = []
    for name in fit.predictors:
        low, high, difference = records(corners.slopes.loc[[name]])
        lines.append(
            speak.say(
                "slopes.difference",
                term=labels.of(name),
                outcome=labels.of(fit.outcome),
                low=estimate_of(labels, low),
                high=estimate_of(labels, high),
                difference=estimate_of(labels, difference),
                interval=interval_of(labels, difference),
            )
        )
    yield Block("list", lines=tuple(lines))


def _probing(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    yield from reservation(findings, labels)
    yield from probing_blocks(findings, labels)


def _outcomes(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    yield from reservation(findings, labels)
    yield from outcomes_blocks(findings, labels)


def _robustness(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    yield from reservation(findings, labels)
    yield from robustness_blocks(findings, labels)
    yield from outcome_measure_blocks(findings, labels)


def _measurement_error(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    if findings.fit is not None:
        yield from reservation(findings, labels)
    yield from measurement_error_blocks(findings, labels)


def _conclude(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    yield from reservation(findings, labels)
    yield Block("list", labels.voice.say("conclude.may"), tuple(may_conclude(findings, labels)))
    yield Block("list", labels.voice.say("conclude.may_not"), tuple(may_not_conclude(findings, labels)))


def _notes(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    elsewhere = elsewhere_sentence(findings, labels)
    lines = (*note_sentences(findings, labels), *([elsewhere] if elsewhere else []))
    yield Block("list", lines=lines) if lines else text_block(labels, "notes.none")


def _kept_out(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    for said in kept_out_sentences(findings, labels):
        yield Block("text", said)
    yield from table_block(kept_out_table(findings, labels))
