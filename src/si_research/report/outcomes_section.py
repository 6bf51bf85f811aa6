"""The section on several outcomes, and the passage on how the main one is measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from si_research.model.several_outcomes import HIGHEST, JOINT
from si_research.report.blocks import Block, table_block
from si_research.report.labels import Labels
from si_research.report.outcomes_tables import outcome_measure_table, outcomes_table
from si_research.report.outcomes_words import (
    correction_sentences,
    lead_sentences,
    measure_sentences,
    standing_sentence,
    untested_lines,
    weak_sentence,
)
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings


def outcomes_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section; nothing with one outcome, or after a refusal."""
    found = findings.outcomes
    if found is None:
        return
    weak = weak_sentence(findings, labels)
    if weak is not None:
        yield Block("warning", sentence_case(weak))
    yield _joined(lead_sentences(found, labels))
    yield _joined(correction_sentences(found, labels))
    if len(found.tested.planned) > 1:
        stand = (standing_sentence(found.tested, labels, test) for test in (JOINT, HIGHEST))
        yield _joined((*stand, labels.voice.say("outcomes.absence")))
    yield from table_block(outcomes_table(found, labels))
    lines = tuple(sentence_case(line) for line in untested_lines(found, labels))
    if lines:
        yield Block("list", labels.voice.say("outcomes.untested"), lines)


def outcome_measure_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Say whether the highest product depends on how the main outcome is measured."""
    found = findings.outcome_measure
    if found is None:
        return
    yield Block("heading", labels.voice.say("outcome_measure.title"))
    yield _joined(measure_sentences(found, labels))


def outcome_measure_tables(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the table that stands in the technical appendix."""
    found, fit = findings.outcome_measure, findings.fit
    if found is not None and found.compared is not None and fit is not None:
        yield from table_block(outcome_measure_table(found.compared, fit.conf_level, labels))


def _joined(sentences: Iterable[str]) -> Block:
    return Block("text", " ".join(sentence_case(text) for text in sentences))
