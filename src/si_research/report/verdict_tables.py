"""The table of the verdict: a row a reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.tables import Table, make_table
from si_research.report.verdict_words import codes_in_words, strength_in_words
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.model.verdict.verdict import Verdict


def readings_table(found: Verdict, labels: Labels) -> Table | None:
    """Return each reading with its status, its strength, and what speaks for and against it."""
    evidence, speak = found.numbers, labels.voice
    if evidence is None:
        return None
    rows = []
    for row in records(found.readings.reset_index()):
        reading = str(row["reading"])
        rows.append(
            (
                sentence_case(speak.say(f"verdict.readings.{reading}")),
                speak.say(f"verdict.status.{row['status']}"),
                strength_in_words(reading, evidence, found.rule.alpha, labels),
                codes_in_words(row["speaks_for"], "for", labels),
                codes_in_words(row["speaks_against"], "against", labels),
            )
        )
    columns = ("reading", "reading_status", "reading_strength", "reading_for", "reading_against")
    name = "verdict" if found.n_firms else "verdict_people"
    note = speak.say(f"table_notes.{name}", level=speak.level(found.conf_level))
    return make_table("verdict", columns, rows, labels=labels, words=range(5), note=note)
