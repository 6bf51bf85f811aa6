"""The section on measurement error: what the products keep, and the estimate that is corrected for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from si_research.report.blocks import Block, table_block, text_block
from si_research.report.labels import Labels
from si_research.report.measurement_error_findings import TELLS_NOTHING
from si_research.report.measurement_error_plot import with_corrections
from si_research.report.measurement_error_tables import corrections_table, products_table
from si_research.report.measurement_error_words import (
    comparison_sentences,
    findings_sentence,
    product_sentence,
    reliabilities_sentence,
    unknown_sentence,
)
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings
    from si_research.report.measurement_error_findings import MeasurementErrorFindings


def measurement_error_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section; nothing without the predictors."""
    found = findings.measurement_error
    if found is None:
        return
    yield text_block(labels, "measurement_error.lead")
    if found.known == "unknown":
        yield _said(unknown_sentence(found, labels))
    else:
        yield _said(reliabilities_sentence(found, labels))
        yield from _products(findings, found, labels)
    if findings.fit is None:
        yield text_block(labels, "measurement_error.refused")
    elif len(found.estimates) > 1:
        yield from _corrections(findings, found, labels)


def _products(findings: StudyFindings, found: MeasurementErrorFindings, labels: Labels) -> Iterator[Block]:
    if found.products is None:
        listed = labels.voice.listed([labels.of(str(name)) for name in found.reliabilities.index])
        text = labels.voice.say("measurement_error.overlap", scales=listed)
        yield Block("warning", sentence_case(text))
        return
    yield _said(product_sentence(found.products, labels.voice, labels))
    yield Block("figure", "attenuation")
    yield from table_block(products_table(findings, labels))


def _corrections(findings: StudyFindings, found: MeasurementErrorFindings, labels: Labels) -> Iterator[Block]:
    if found.corrected:
        yield _said(findings_sentence(found, labels))
    if found.corrected == "estimated":
        if found.tells_nothing:
            times = labels.voice.number(TELLS_NOTHING, 0)
            said = labels.voice.say("measurement_error.says_nothing", times=times)
            yield Block("warning", sentence_case(said))
        yield text_block(labels, "measurement_error.assumes")
        if not found.tells_nothing:
            yield text_block(labels, "measurement_error.usual_error")
        own = bool(found.own_errors)
        yield text_block(labels, "measurement_error.own" if own else "measurement_error.alike")
    if with_corrections(findings):
        yield Block("figure", "corrections")
    yield from table_block(corrections_table(findings, labels))
    for text in comparison_sentences(found, labels):
        yield _said(text)


def _said(text: str) -> Block:
    return Block("text", sentence_case(text))
