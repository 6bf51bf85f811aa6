"""The first section: the verdict on "only the combination", on one page."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from si_research.report.blocks import Block, table_block, text_block
from si_research.report.describe import is_stacked
from si_research.report.labels import Labels
from si_research.report.verdict_tables import readings_table
from si_research.report.verdict_words import (
    doubtful_sign_sentences,
    error_sentence,
    needed_sentences,
    reach_sentences,
    unseen_sentences,
    verdict_sentence,
    wrong_sign_sentences,
)
from si_research.report.voice import sentence_case
from si_research.survey.codebook import ROLE_COLUMNS

WAVE: Final = ROLE_COLUMNS["wave"]

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings


def has_scale_figure(findings: StudyFindings) -> bool:
    """Whether the power of the mean was estimated, and means something: where there is a relation."""
    found = findings.combination
    if found is None or found.verdict.numbers is None:
        return False
    power = found.verdict.numbers.p_hat
    known = not any(map(math.isnan, (power.estimate, power.low, power.high)))
    return known and found.verdict.numbers.relation_p <= found.verdict.rule.alpha


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
    for said in (*doubtful_sign_sentences(verdict, labels), *reach_sentences(verdict, labels)):
        yield Block("text", sentence_case(said))
    if has_scale_figure(findings):
        yield Block("figure", "compensation_scale")
    for said in () if found.needed is None else needed_sentences(found.needed, labels):
        yield Block("text", sentence_case(said))
    yield text_block(labels, "verdict.lead")
    yield from table_block(readings_table(verdict, labels))
    yield Block("text", error_sentence(labels))
    yield Block("list", labels.voice.say("verdict.cannot_see"), tuple(_cannot_see(findings, labels)))


def _cannot_see(findings: StudyFindings, labels: Labels) -> Iterator[str]:
    speak = labels.voice
    outcome = labels.of(findings.study.outcome)
    yield sentence_case(speak.say("verdict.one_source", outcome=outcome))
    if findings.combination is not None:
        yield from map(sentence_case, unseen_sentences(findings.combination.verdict, labels))
        names = [labels.of(name) for name in findings.combination.open_conditions]
        if names:
            yield sentence_case(speak.say("verdict.open_scales", names=speak.listed(names)))
    yield sentence_case(
        speak.say("verdict.several_waves" if _several_waves(findings) else "verdict.one_wave")
    )


def _several_waves(findings: StudyFindings) -> bool:
    scores = findings.scores.table()
    return is_stacked(findings) or (WAVE in scores and scores[WAVE].nunique() > 1)
