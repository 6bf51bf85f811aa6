"""The section with the readings of "only the combination" one by one, and its long tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from si_research.model.fit_notes import Note
from si_research.report.blocks import Block, table_block, text_block
from si_research.report.configuration_tables import (
    configuration_sentences,
    notes_beside_answer,
    truth_tables,
)
from si_research.report.forms_tables import forms_table, other_forms_table, power_table
from si_research.report.forms_words import apart_sentences, best_form_sentences, power_sentences
from si_research.report.labels import Labels
from si_research.report.necessity_words import (
    bottleneck_table,
    levels_told,
    necessity_sentences,
    necessity_table,
)
from si_research.report.readings_notes import note_lines
from si_research.report.reliability_section import reservation
from si_research.report.solution_tables import solution_tables
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.report.combination_findings import CombinationFindings
    from si_research.report.findings import StudyFindings


def has_readings(findings: StudyFindings) -> bool:
    """Whether there is a verdict with numbers behind it."""
    found = findings.combination
    return found is not None and found.verdict.numbers is not None


def readings_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section; nothing where there are no readings."""
    found = findings.combination
    if found is None or found.verdict.numbers is None:
        return
    yield from reservation(findings, labels)
    yield text_block(labels, "readings.lead")
    if found.verdict.numbers.relation_p > found.verdict.rule.alpha:
        yield text_block(labels, "readings.no_relation")
    yield from _forms(found, labels)
    yield from _necessity(found, labels)
    yield from _configurations(found, labels)
    yield text_block(labels, "readings.tables", section=labels.voice.say("sections.appendix"))


def readings_tables(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the tables that stand in the technical appendix."""
    found = findings.combination
    if found is None or found.verdict.numbers is None:
        return
    if found.forms is not None:
        yield from table_block(other_forms_table(found.forms, labels))
    if found.verdict.compensation is not None:
        yield from table_block(power_table(found.verdict.compensation, labels))
    if found.configurations is not None:
        for table in truth_tables(found.configurations, labels):
            yield from table_block(table)


def _forms(found: CombinationFindings, labels: Labels) -> Iterator[Block]:
    power, forms = found.verdict.compensation, found.forms
    yield Block("heading", labels.voice.say("readings.forms.title"))
    if forms is None:
        yield text_block(labels, "readings.missing")
    else:
        yield text_block(labels, "readings.forms.lead")
        for said in (*best_form_sentences(forms, labels), *apart_sentences(forms, labels)):
            yield Block("text", sentence_case(said))
        yield from table_block(forms_table(forms, labels))
    if power is not None:
        for said in power_sentences(power, labels):
            yield Block("text", sentence_case(said))
        yield Block("figure", "compensation_profile")
    notes = (*(power.notes if power is not None else ()), *(forms.notes if forms is not None else ()))
    yield from _notes((*_of_sample("forms", found.open_conditions), *notes), labels)


def _necessity(found: CombinationFindings, labels: Labels) -> Iterator[Block]:
    yield Block("heading", labels.voice.say("readings.necessity.title"))
    if found.necessity is None:
        yield text_block(labels, "readings.missing")
        return
    yield text_block(labels, "readings.necessity.lead")
    for said in necessity_sentences(found, labels):
        yield Block("text", sentence_case(said))
    yield from table_block(necessity_table(found, labels))
    yield Block("figure", "necessity_ceilings")
    yield text_block(labels, "readings.necessity.bottlenecks")
    yield from table_block(bottleneck_table(found.necessity, levels_told(found, found.necessity), labels))
    beside = () if found.verdict.necessity is None else found.verdict.necessity.notes
    yield from _notes((*_of_sample("necessity", found.open_scales), *found.necessity.notes, *beside), labels)


def _configurations(found: CombinationFindings, labels: Labels) -> Iterator[Block]:
    yield Block("heading", labels.voice.say("readings.configurations.title"))
    if found.configurations is None:
        yield text_block(labels, "readings.missing")
        return
    for said in configuration_sentences(found.configurations, labels):
        yield Block("text", sentence_case(said))
    yield Block("figure", "truth_table")
    for table in solution_tables(found.configurations, labels):
        yield from table_block(table)
    beside = notes_beside_answer(found.configurations)
    yield from _notes((*_of_sample("configurations", found.open_scales), *beside), labels)


def _of_sample(reading: str, scales: Sequence[str]) -> tuple[Note, ...]:
    """Return a note for each scale of which the sample gives the ends."""
    return tuple(Note(f"open_scales_{reading}", {"condition": name}) for name in scales)


def _notes(notes: tuple[Note, ...], labels: Labels) -> Iterator[Block]:
    lines = note_lines(notes, labels)
    if lines:
        yield Block("list", labels.voice.say("readings.to_know"), lines)
