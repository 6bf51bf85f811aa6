"""The first section: the verdict on "only the combination", on one page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from si_research.report.blocks import Block, table_block, text_block
from si_research.report.labels import Labels
from si_research.report.verdict_tables import readings_table
from si_research.report.verdict_words import (
    reach_sentences,
    verdict_sentence,
    wrong_sign_sentences,
)
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.report.combination_findings import CombinationFindings
    from si_research.report.findings import StudyFindings


def has_scale_figure(findings: StudyFindings) -> bool:
    """Whether the power of the mean was estimated, and means something: where there is a relation."""
    found = findings.combination
    if found is None or found.verdict.numbers is None:
        return False
    return bool(found.verdict.numbers.relation_p <= found.verdict.rule.alpha)


def verdict_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section; nothing where there is no verdict."""
    found = findings.combination
    if found is None:
        return
    verdict = found.verdict
    yield Block("text", sentence_case(verdict_sentence(verdict, labels)))
    if found.of_organisations:
        yield Block("warning", labels.voice.say("verdict.organisations"))
    for said in wrong_sign_sentences(verdict, labels):
        yield Block("warning", sentence_case(said))
    for said in reach_sentences(verdict, labels):
        yield Block("text", sentence_case(said))
    if has_scale_figure(findings):
        yield Block("figure", "compensation_scale")
    yield text_block(labels, "verdict.lead")
    yield from table_block(readings_table(verdict, labels))
    yield Block("list", labels.voice.say("verdict.cannot_see"), tuple(_cannot_see(found, labels)))


def _cannot_see(found: CombinationFindings, labels: Labels) -> Iterator[str]:
    speak = labels.voice
    outcome = labels.of(found.verdict.outcome)
    yield sentence_case(speak.say("verdict.one_source", outcome=outcome))
    yield sentence_case(speak.say("verdict.several_waves" if found.several_waves else "verdict.one_wave"))
