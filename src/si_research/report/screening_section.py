"""The section on careless responding: what was looked at, who is marked, and what difference they make."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from si_research.report.blocks import Block, table_block, text_block
from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.reliability_section import reservation
from si_research.report.screening_counts import reading_changes, shown_counts
from si_research.report.screening_tables import (
    screening_agreement_table,
    screening_table,
    with_and_without_table,
)
from si_research.report.words import marked_sentence

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings
    from si_research.survey.screening.flags import Screening


def screening_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section; nothing without a screening."""
    screening, comparison = findings.screening, findings.screening_comparison
    if screening is None:
        return
    dropped = "screening" in set(findings.ledger.steps["step"])
    yield text_block(labels, "screening.lead", n_items=len(screening.items))
    yield text_block(labels, "screening.dropped" if dropped else "screening.kept")
    yield from table_block(screening_table(screening, labels))
    if screening.all_one_way:
        yield text_block(labels, "screening.one_way")
    least = 2 if comparison is None else comparison.at_least
    yield Block("text", marked_sentence(screening, least, labels.voice))
    yield from _more_kinds(screening, labels, least)
    agreement = screening_agreement_table(screening, labels)
    if agreement is None:
        yield text_block(labels, "screening.no_agreement")
    else:
        yield text_block(labels, "screening.agreement")
        yield Block("figure", "agreement")
        yield from table_block(agreement)
    yield from _comparison(findings, labels)


def _more_kinds(screening: Screening, labels: Labels, least: int) -> Iterator[Block]:
    """Say how many are marked by other numbers of kinds, as far as that may be shown."""
    speak = labels.voice
    parts = [
        speak.say("screening.by_kinds", kinds=int(row["at_least"]), n=speak.count(row["n_flagged"]))
        for row in records(shown_counts(screening))
        if row["at_least"] != least and not math.isnan(row["n_flagged"])
    ]
    if parts:
        yield text_block(labels, "screening.other_kinds", parts=speak.listed(parts))


def _comparison(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    comparison, fit = findings.screening_comparison, findings.fit
    if comparison is None or fit is None:
        return
    if comparison.outcome != "compared":
        yield text_block(labels, f"screening_comparison.{comparison.outcome}")
        return
    yield from reservation(findings, labels)
    changes = reading_changes(comparison, 1 - fit.conf_level)
    yield text_block(labels, "screening.changes" if changes else "screening.stays")
    yield from table_block(with_and_without_table(findings, labels))
