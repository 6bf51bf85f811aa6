"""The section on missing answers: what is missing and why, and the tests with missing scores filled in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from si_research.report.blocks import Block, table_block, text_block
from si_research.report.labels import Labels
from si_research.report.missing_counts import question_items, shown_left_out
from si_research.report.missing_tables import (
    blocks_table,
    filled_table,
    patterns_table,
    person_mean_table,
    pooled_coefficients_table,
    pooled_table,
    reasons_table,
    shown_item_patterns,
)
from si_research.report.missing_words import filling_changes, filling_notes, of_missing_answers
from si_research.report.question_section import to_questions
from si_research.report.reliability_section import reservation
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings
    from si_research.report.missing_findings import MissingFindings


def missing_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section; nothing without people or scales."""
    found = findings.missing_answers
    if found is None:
        return
    yield Block("text", sentence_case(of_missing_answers(found.answers, labels.voice)))
    yield from _why(findings, labels)
    yield from _blocks(found, labels)
    yield from _person_mean(found, labels)
    scores = reasons_table(findings, labels, "score")
    if scores is not None:
        yield text_block(labels, "missing_answers.scores")
        yield from table_block(scores)
    if found.pooled is not None:
        yield from reservation(findings, labels)
    yield from _filling(found, labels)


def _why(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give patterns and reasons, where an answer to a question of this study is missing."""
    reasons, shown = reasons_table(findings, labels, "item"), shown_item_patterns(findings)
    if reasons is None or shown is None:
        return
    assert findings.missing_answers is not None
    yield text_block(labels, "missing_answers.apart")
    yield Block("figure", "missing_patterns")
    if len(question_items(findings)) < len(findings.missing_answers.answers.items.variables):
        yield text_block(labels, "missing_answers.only_the_question")
    yield text_block(labels, "missing_answers.patterns")
    yield from table_block(patterns_table(shown, labels))
    yield to_questions(labels)


def _blocks(found: MissingFindings, labels: Labels) -> Iterator[Block]:
    table = blocks_table(found.answers, labels)
    if table is not None:
        yield text_block(labels, "missing_answers.blocks")
        yield from table_block(table)


def _person_mean(found: MissingFindings, labels: Labels) -> Iterator[Block]:
    table = person_mean_table(found.answers, labels)
    if table is not None:
        yield text_block(labels, "missing_answers.person_mean")
        yield Block("figure", "person_mean")
        yield from table_block(table)


def _filling(found: MissingFindings, labels: Labels) -> Iterator[Block]:
    """Give the tests with missing scores filled in, or say why there are none."""
    speak, pooled = labels.voice, found.pooled
    if found.imputed is None or pooled is None:
        if found.outcome != "refused":
            yield text_block(labels, f"missing_outcome.{found.outcome}", n=found.n_holed)
        return
    values = {"n_complete": pooled.n_complete, "n_used": pooled.n_used, "n_imputations": pooled.n_imputations}
    yield text_block(labels, "missing_answers.two_columns", **values)
    yield text_block(
        labels,
        "missing_answers.filled_how" if pooled.roles.cluster is None else "missing_answers.filled_how_firms",
    )
    yield text_block(labels, "missing_answers.assumed")
    yield from table_block(pooled_table(pooled, labels))
    stays = "stays" if pooled.joint["p_value"].notna().all() else "stays_one"
    yield text_block(labels, f"missing_answers.{'changes' if filling_changes(pooled) else stays}")
    yield Block("figure", "pooled")
    yield from table_block(pooled_coefficients_table(pooled, labels))
    yield from _left_alone(found, labels)
    yield from table_block(filled_table(found, labels))
    lines = tuple(filling_notes(found.imputed, pooled, labels))
    if lines:
        yield Block("list", speak.say("missing_notes.head"), lines)


def _left_alone(found: MissingFindings, labels: Labels) -> Iterator[Block]:
    """Say which rows were left out of the filling, and why."""
    assert found.imputed is not None
    speak = labels.voice
    parts = []
    for causes, n in shown_left_out(found.imputed):
        listed = speak.listed(list(dict.fromkeys(_cause(cause, labels) for cause in causes)))
        shown = speak.say("numbers.few") if n is None else n
        parts.append(speak.say("missing_answers.part", whys=listed, n=shown))
    if parts:
        yield text_block(labels, "missing_answers.left_alone", parts="; ".join(parts))


def _cause(cause: str, labels: Labels) -> str:
    """Return why a row stays out: ``mogen: not_asked``, a control or the firm, or nothing answered."""
    speak = labels.voice
    name, _, reason = cause.partition(": ")
    if reason:
        return speak.say(
            "missing_answers.of_scale", scale=labels.of(name), reason=speak.say(f"missing_reasons.{reason}")
        )
    if name == "nothing answered":
        return speak.say("missing_answers.nothing_answered")
    return speak.say("missing_answers.unknown", name=labels.of(name))
