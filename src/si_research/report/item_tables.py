"""Tables of how each question was answered, one a response format."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from si_research.report.item_counts import ShownItem, ShownReasons, by_format, shown_items
from si_research.report.labels import Labels
from si_research.report.suppression import is_small
from si_research.report.tables import Table, make_table

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings
    from si_research.survey.item_answers import AnswerFormat


def item_answer_tables(findings: StudyFindings, labels: Labels) -> Iterator[Table]:
    """Give a table for each response format: the share of each answer, and of those who gave none."""
    found = findings.reliability
    if found is None or found.answers is None:
        return
    speak = labels.voice
    for form, items in by_format(shown_items(found.answers)).items():
        columns = ["item", "scale", "n", *(answer_of(form, place, labels) for place in range(len(form.lows)))]
        rows = [
            (
                each.item,
                labels.of(each.scale),
                speak.count(each.n_used) if each.n_used else speak.say("numbers.few"),
                *_cells(each, labels),
                missing_in_words(each, labels),
            )
            for each in items
        ]
        values = {"few": speak.say("numbers.few"), "meaning": _meaning(form, labels)}
        note = speak.say("table_notes.item_answers", n=found.answers.n_rows, **values).strip()
        note = f"{note} {speak.say('table_notes.told_n')}"
        scales = speak.listed([labels.of(name) for name in dict.fromkeys(each.scale for each in items)])
        words, heads = (0, 1, len(columns)), [*columns, "no_answer"]
        yield make_table("item_answers", heads, rows, labels=labels, words=words, note=note, scales=scales)


def answer_of(form: AnswerFormat, place: int, labels: Labels) -> str:
    """Return an answer as a number, ``3``, or a class of answers, ``30–40``."""
    low, high = form.lows[place], form.highs[place]
    digits = 0 if all(float(end).is_integer() for end in (*form.lows, *form.highs)) else 1
    ends = [labels.voice.number(end, digits) for end in dict.fromkeys((low, high))]
    return "–".join(ends)


def labels_of_format(form: AnswerFormat, labels: Labels) -> tuple[str, ...]:
    """Return what respondents read at each answer, in the language of the report; empty where unknown."""
    return form.labels_nl if labels.voice.language == "nl" else form.labels_en


def missing_in_words(item: ShownItem, labels: Labels) -> str:
    """Return how many gave no answer and why: ``4% (does not know 3%, not answered 1%)``."""
    speak = labels.voice
    if math.isnan(item.n_missing):
        return speak.say("numbers.few")
    total = speak.percent(sum(group.share for group in item.reasons))
    return f"{total} ({', '.join(reason_in_words(group, labels) for group in item.reasons)})"


def reason_in_words(group: ShownReasons, labels: Labels) -> str:
    """Return reasons that are shown together, with their share of all people."""
    named = [labels.voice.say(f"missing_reasons.{reason}") for reason in group.reasons]
    return f"{' / '.join(named)} {labels.voice.percent(group.share)}"


def _cells(item: ShownItem, labels: Labels) -> list[str]:
    """Return the share of each answer; what is counted with its neighbour on the left is marked so."""
    cells = [labels.voice.say("numbers.few" if is_small(item.n_used) else "item_answers.with_left")] * len(
        item.form.lows
    )
    for run in item.runs:
        cells[run.first] = labels.voice.percent(run.share)
    return cells


def _meaning(form: AnswerFormat, labels: Labels) -> str:
    named = labels_of_format(form, labels)
    if not named:
        return ""
    parts = [f"{answer_of(form, place, labels)} = {word}" for place, word in enumerate(named)]
    return ", ".join(parts) + "."
