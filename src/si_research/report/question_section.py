"""Question by question: the long tables of the appendix that give in numbers what a picture showed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from si_research.report.blocks import Block, table_block
from si_research.report.describe import records
from si_research.report.factor_plot import has_loadings
from si_research.report.factor_tables import loadings_table
from si_research.report.item_tables import item_answer_tables
from si_research.report.labels import Labels
from si_research.report.missing_tables import reasons_table
from si_research.report.tables import Table, item_quality_table, item_table, make_table

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings

PLACE: Final = "by-question"
"""Where it stands in the page."""


def question_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the heading and the tables; nothing in a survey without questions."""
    tables = [*_tables(findings, labels)]
    if not tables:
        return
    yield Block("heading", labels.voice.say("by_question.title"), (PLACE,))
    for table in tables:
        yield from table_block(table)


def to_questions(labels: Labels) -> Block:
    """Return the link from the section in which such a table could have stood."""
    return Block("link", labels.voice.say("by_question.link"), (PLACE,))


def questions_table(findings: StudyFindings, labels: Labels) -> Table | None:
    """Return the wording of each question in the language of the report; None where the codebook has none."""
    speak, rows = labels.voice, []
    for row in records(findings.items):
        wording = findings.wordings.get(speak.language, {}).get(str(row["item"]), "")
        turned = speak.say("terms.yes") if row["reversed"] else ""
        rows.append((str(row["item"]), labels.of(row["scale"]), wording, turned))
    if not any(wording for _, _, wording, _ in rows):
        return None
    columns = ("item", "scale", "wording", "reversed")
    return make_table("questions", columns, rows, labels=labels, words=(0, 1, 2, 3))


def _tables(findings: StudyFindings, labels: Labels) -> Iterator[Table | None]:
    if not findings.scores.scales or findings.items.empty:
        return
    yield questions_table(findings, labels)
    yield from item_answer_tables(findings, labels)
    yield item_table(findings, labels)
    yield item_quality_table(findings, labels)
    if findings.factors is not None and findings.factors.main is not None and has_loadings(findings):
        yield loadings_table(findings.factors.main, labels)
    if findings.missing_answers is not None:
        yield reasons_table(findings, labels, "item")
