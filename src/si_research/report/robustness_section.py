"""The section on how firm a result is, and its long tables for the appendix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from si_research.report.blocks import Block, table_block, text_block
from si_research.report.describe import hidden_terms
from si_research.report.labels import Labels
from si_research.report.robustness_counts import shown_firms
from si_research.report.robustness_tables import (
    ceiling_table,
    curvature_table,
    diagnostics_table,
    effect_sizes_table,
    leave_one_firm_out_table,
)
from si_research.report.robustness_words import (
    ceiling_sentences,
    diagnostics_sentences,
    firm_lines,
    firms_sentences,
    judged_otherwise,
    sizes_sentences,
    verdict_sentences,
)
from si_research.report.suppression import is_published
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    import pandas as pd

    from si_research.model.influence import LeaveOneFirmOut
    from si_research.model.interaction import InteractionFit
    from si_research.report.findings import StudyFindings
    from si_research.report.robustness_findings import RobustnessFindings


def robustness_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section; nothing after a refusal."""
    found, fit, speak = findings.robustness, findings.fit, labels.voice
    if found is None or fit is None:
        return
    if found.firms is not None:
        yield from _spoken(verdict_sentences(found.firms, labels, found.small_firms))
    yield text_block(labels, "robustness.lead")
    if found.firms is None:
        yield text_block(labels, f"robustness.firms.{found.firms_status}")
    else:
        yield from _firms(found.firms, found.small_firms, fit, labels)
    if found.sizes is None:
        yield text_block(labels, f"robustness.sizes.{found.sizes_status}")
    else:
        yield _said(sizes_sentences(found.sizes, fit, labels))
    yield text_block(labels, f"robustness.curvature.{found.curvature_status}")
    yield _said(ceiling_sentences(found.ceiling, fit.outcome, labels))
    yield _said(diagnostics_sentences(found.diagnostics, fit, labels))
    yield text_block(labels, "robustness.tables", section=speak.say("sections.appendix"))


def _firms(
    found: LeaveOneFirmOut, small_firms: pd.DataFrame | None, fit: InteractionFit, labels: Labels
) -> Iterator[Block]:
    speak = labels.voice
    method = [speak.say("robustness.method")]
    otherwise = [labels.term(term) for term in judged_otherwise(found, fit)]
    if otherwise:
        method.append(speak.say("robustness.judged_otherwise", terms=speak.listed(otherwise)))
    yield _said(method)
    yield _said(firms_sentences(found, labels, small_firms))
    if is_published():
        return
    lines = tuple(sentence_case(line) for line in firm_lines(found, labels))
    yield Block("list", speak.say("robustness.lines"), lines)
    if has_drawn_firms(found):
        yield Block("figure", "leave_one_firm_out")


def has_drawn_firms(found: LeaveOneFirmOut) -> bool:
    """Whether some firm has enough people for a mark of its own."""
    return not all(shown_firms(found, term).empty for term in found.terms)


def robustness_tables(found: RobustnessFindings, fit: InteractionFit, labels: Labels) -> Iterator[Block]:
    """Give the tables that stand in the technical appendix."""
    if found.firms is not None and not is_published():
        yield from table_block(leave_one_firm_out_table(found.firms, labels))
    if found.sizes is not None:
        yield from table_block(effect_sizes_table(found.sizes, labels))
    yield from table_block(curvature_table(found.curvature, labels))
    yield from table_block(ceiling_table(found.ceiling, labels))
    yield from table_block(diagnostics_table(found.diagnostics, labels, hidden_terms(fit)))


def _spoken(texts: Iterable[str]) -> Iterator[Block]:
    """Give the sentences as a block; none for no sentences."""
    said = list(texts)
    if said:
        yield _said(said)


def _said(texts: Iterable[str]) -> Block:
    return Block("text", " ".join(sentence_case(text) for text in texts))
