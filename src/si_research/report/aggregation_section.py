"""The section on averages of firms: may each scale be averaged, and on what does that rest?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from si_research.measurement.aggregation import ENOUGH
from si_research.report.aggregation_counts import is_drawn, shown_aggregation
from si_research.report.aggregation_tables import agreement_table, differences_table, level_words
from si_research.report.blocks import Block, table_block, text_block
from si_research.report.describe import described_scales
from si_research.report.labels import Labels
from si_research.report.suppression import is_small
from si_research.report.voice import Voice, digits_beside

if TYPE_CHECKING:
    from si_research.measurement.aggregation import Aggregation
    from si_research.report.findings import StudyFindings

JUDGED: Final = frozenset({"may", "no_differences", "unreliable_means", "no_agreement", "hangs_on_null"})
"""Verdicts that rest on all the rules; the others say why there is none."""


def drawn_aggregation(findings: StudyFindings) -> list[Aggregation]:
    """Return what the picture shows: the scales of the question, at the first level that the file has."""
    first = [each for each in findings.aggregation if each.level == findings.aggregation[0].level]
    chosen = {each.scale: each for each in first if is_drawn(each)}
    return [chosen[name] for name in described_scales(findings) if name in chosen]


def aggregation_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section; nothing where the file has no organisations or teams."""
    if not findings.aggregation:
        return
    levels = dict.fromkeys(each.level for each in findings.aggregation)
    of_level = [[each for each in findings.aggregation if each.level == level] for level in levels]
    several = [chosen for chosen in of_level if not _is_one_group(chosen)]
    if several:
        yield text_block(labels, "aggregation.lead")
        yield text_block(labels, "aggregation.assumption")
    for chosen in of_level:
        if chosen in several:
            yield from _level(chosen, findings.study.conf_level, labels)
        else:
            yield text_block(labels, "aggregation.one_group", **level_words(chosen[0].level, labels.voice))
    if several:
        yield from _figure(findings, labels)


def _figure(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the picture, and say which scales are not in it and why."""
    drawn = [each.scale for each in drawn_aggregation(findings)]
    if not drawn:
        yield text_block(labels, "aggregation.not_drawn")
        return
    yield Block("figure", "aggregation")
    known = {each.scale for each in findings.aggregation}
    absent = [name for name in described_scales(findings) if name in known and name not in drawn]
    if absent:
        scales = labels.voice.listed([labels.of(name) for name in absent])
        yield text_block(labels, "aggregation.not_in_figure", scales=scales)


def _is_one_group(chosen: list[Aggregation]) -> bool:
    """Whether everybody of a known firm is of one firm, so that there is nothing to compare."""
    return all(each.n_groups == 1 and each.n_single == 0 for each in chosen)


def _level(chosen: list[Aggregation], conf_level: float, labels: Labels) -> Iterator[Block]:
    words = level_words(chosen[0].level, labels.voice)
    yield from table_block(differences_table(chosen, conf_level, labels))
    if any(each.agreement for each in chosen):
        yield from table_block(agreement_table(chosen, labels))
    for verdict in dict.fromkeys(each.verdict for each in chosen):
        scales = [labels.of(each.scale) for each in chosen if each.verdict == verdict]
        yield text_block(
            labels, f"aggregation_verdicts.{verdict}", scales=labels.voice.listed(scales), **words
        )
    yield from _rules(chosen, conf_level, labels)
    yield from _findings(chosen, conf_level, labels)
    if any(is_small(each.n_groups) for each in chosen):
        yield text_block(labels, "aggregation.hidden", **words)


def _rules(chosen: list[Aggregation], conf_level: float, labels: Labels) -> Iterator[Block]:
    """Name what counts for the verdict, and all of it that each scale does not meet."""
    speak, words = labels.voice, level_words(chosen[0].level, labels.voice)
    parts = [
        speak.say("aggregation.failed_part", scale=labels.of(each.scale), rules=speak.listed(failed))
        for each in chosen
        if (failed := failed_rules(each, conf_level, speak))
    ]
    if parts:
        limits = {"alpha": speak.bounded(1 - conf_level), "enough": speak.bounded(ENOUGH)}
        yield text_block(labels, "aggregation.failed", parts="; ".join(parts), **limits, **words)
    over = [
        labels.of(each.scale)
        for each in chosen
        if (shown := shown_aggregation(each))["ad_mean"] > shown["ad_limit"]
    ]
    if over:
        yield text_block(labels, "aggregation.deviation", scales=speak.listed(over))


def failed_rules(found: Aggregation, conf_level: float, speak: Voice) -> list[str]:
    """Return what counts for the verdict and is not met, with its value; nothing without a verdict."""
    if found.verdict not in JUDGED:
        return []
    shown, alpha = shown_aggregation(found), 1 - conf_level
    rules = {}
    if shown["p_value"] >= alpha:
        rules["p_value"] = speak.p_value(shown["p_value"])
    for name in ("icc2", "uniform", "slight_skew"):
        if shown[name] < ENOUGH:
            rules[name] = speak.bounded(shown[name], digits_beside(shown[name], ENOUGH))
    return [speak.say(f"aggregation_rules.{name}", value=value) for name, value in rules.items()]


def _findings(chosen: list[Aggregation], conf_level: float, labels: Labels) -> Iterator[Block]:
    """Say what is odd; what may be chance is not told as a fact."""
    speak, words = labels.voice, level_words(chosen[0].level, labels.voice)
    shown = [each for each in chosen if not is_small(each.n_groups)]
    below = [each for each in shown if "negative_icc" in each.findings]
    odd = {
        "interval_holds_zero": [each for each in shown if _found_but_holds_zero(each, 1 - conf_level)],
        "negative_icc": [each for each in below if not _holds_zero(each)],
        "negative_icc_noise": [each for each in below if _holds_zero(each)],
        "below_null": [each for each in shown if "below_null" in each.findings],
    }
    numbers = {"level": speak.level(conf_level), "alpha": speak.bounded(1 - conf_level)}
    for key, found in odd.items():
        if found:
            scales = speak.listed([labels.of(each.scale) for each in found])
            yield text_block(labels, f"aggregation_findings.{key}", scales=scales, **numbers, **words)


def _holds_zero(found: Aggregation) -> bool:
    shown = shown_aggregation(found)
    return bool(shown["conf_low"] <= 0 <= shown["conf_high"])


def _found_but_holds_zero(found: Aggregation, alpha: float) -> bool:
    return found.verdict in JUDGED and shown_aggregation(found)["p_value"] < alpha and _holds_zero(found)


def aggregation_sentence(found: Aggregation, labels: Labels) -> str:
    """Return the verdict on one scale, with its figures where they may be shown."""
    speak, words = labels.voice, level_words(found.level, labels.voice)
    said = speak.say(f"aggregation_verdicts.{found.verdict}", scales=labels.of(found.scale), **words)
    shown = shown_aggregation(found)
    if is_small(found.n_groups):
        return said
    few = speak.say("numbers.few")
    figures = speak.say(
        "sentences.aggregation",
        icc1=speak.bounded(shown["icc1"]),
        interval=speak.interval(shown["conf_low"], shown["conf_high"], bounded=True),
        icc2=speak.bounded(shown["icc2"]),
        uniform=speak.bounded(shown["uniform"]),
        skew=speak.bounded(shown["slight_skew"]),
        n_groups=found.n_groups,
        n=few if is_small(shown["n_scored"]) else speak.count(shown["n_scored"]),
        left_out=few
        if shown["n_left_out"] != 0 and is_small(shown["n_left_out"])
        else speak.count(shown["n_left_out"]),
        **words,
    )
    return f"{said} {figures}"
