"""The section on the interaction probed, and its long tables for the appendix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from si_research.report.blocks import Block, table_block, text_block
from si_research.report.labels import Labels
from si_research.report.probing_tables import methods_table, slope_differences_table, within_between_table
from si_research.report.probing_words import (
    differences_sentence,
    inference_sentences,
    map_sentence,
    regions_sentence,
    split_sentences,
)
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings
    from si_research.report.probing_findings import ProbingFindings


def probing_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section; nothing after a refusal."""
    found = findings.probing
    if found is None:
        return
    yield text_block(labels, "probing.lead")
    lines = tuple(sentence_case(differences_sentence(each, labels)) for each in found.differences)
    yield Block("list", labels.voice.say("probing.differences"), lines)
    yield text_block(labels, "probing.not_equal")
    yield Block("figure", "slope_forest")
    yield from _regions(found, labels)
    if found.maps:
        yield _said(map_sentence(found.maps[0], labels))
        yield Block("figure", "significance_map")
    for text in inference_sentences(found.inference, labels):
        yield _said(text)
    yield Block("figure", "inference_comparison")
    if found.split is None:
        yield text_block(labels, f"probing.levels.{found.levels}")
    else:
        for text in split_sentences(found.split, labels):
            yield _said(text)
    yield text_block(labels, "probing.tables", section=labels.voice.say("sections.appendix"))


def _regions(found: ProbingFindings, labels: Labels) -> Iterator[Block]:
    """Say where the product of the first predictors differs from zero along the last; or of another one."""
    names = list(found.ends)
    if not any(each.over == names[-1] for each in found.regions):
        yield text_block(labels, "probing.two_values", over=labels.of(names[-1]))
    if found.regions:
        first = found.regions[0]
        for text in regions_sentence(first, labels, found.ends[first.over]):
            yield _said(text)
        yield Block("figure", "johnson_neyman")


def probing_tables(found: ProbingFindings, labels: Labels) -> Iterator[Block]:
    """Give the tables that stand in the technical appendix."""
    yield from table_block(methods_table(found.inference, labels))
    for each in found.differences:
        yield from table_block(slope_differences_table(each, labels))
    if found.split is not None:
        yield from table_block(within_between_table(found.split, labels))


def _said(text: str) -> Block:
    return Block("text", sentence_case(text))
