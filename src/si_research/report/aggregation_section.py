"""The section on averages of firms: may each scale be averaged, and on what does that rest?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from si_research.report.aggregation_counts import is_drawn, shown_aggregation
from si_research.report.aggregation_tables import agreement_table, differences_table, level_words
from si_research.report.blocks import Block, table_block, text_block
from si_research.report.describe import described_scales
from si_research.report.labels import Labels
from si_research.report.suppression import is_small

if TYPE_CHECKING:
    from si_research.measurement.aggregation import Aggregation
    from si_research.report.findings import StudyFindings


def drawn_aggregation(findings: StudyFindings) -> list[Aggregation]:
    """Return what the picture shows: the scales of the question, at the first level that the file has."""
    first = [each for each in findings.aggregation if each.level == findings.aggregation[0].level]
    chosen = {each.scale: each for each in first if is_drawn(each)}
    return [chosen[name] for name in described_scales(findings) if name in chosen]


def aggregation_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section; nothing where the file has no organisations or teams."""
    if not findings.aggregation:
        return
    yield text_block(labels, "aggregation.lead")
    yield text_block(labels, "aggregation.assumption")
    for level in dict.fromkeys(each.level for each in findings.aggregation):
        chosen = [each for each in findings.aggregation if each.level == level]
        yield from _level(chosen, findings.study.conf_level, labels)
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
    for key in ("negative_icc", "below_null"):
        shown = [each for each in chosen if key in each.findings and not is_small(each.n_groups)]
        if shown:
            scales = [labels.of(each.scale) for each in shown]
            yield text_block(
                labels, f"aggregation_findings.{key}", scales=labels.voice.listed(scales), **words
            )
    if any(is_small(each.n_groups) for each in chosen):
        yield text_block(labels, "aggregation.hidden", **words)


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
