"""The section on how the questions were answered: figure, sentences and tables."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from si_research.report.blocks import Block, text_block
from si_research.report.describe import records
from si_research.report.item_counts import ShownItem, shown_items
from si_research.report.item_tables import reason_in_words
from si_research.report.labels import Labels
from si_research.report.question_section import to_questions
from si_research.report.suppression import is_published, is_small, told_figure
from si_research.report.voice import plain

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings

ONE_SIDED: Final = 0.50
"""Share of the answers at one end from which a question tells few people apart."""
MOST_IN_ALT: Final = 40
"""Items of which the alternative text gives the mean."""
MOST_NAMED: Final = 8
"""Items named in a sentence at most; the table has all."""


def item_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section on the answers to each question; only their description where rows are no people."""
    if has_item_figure(findings):
        assert findings.reliability is not None
        assert findings.reliability.answers is not None
        answers = findings.reliability.answers
        yield text_block(labels, "item_answers.lead", n=answers.n_rows)
        yield Block("figure", "item_answers")
        for said in item_sentences(shown_items(answers), labels):
            yield Block("text", said)
        if answers.not_counted:
            items = _named(list(answers.not_counted), labels)
            yield text_block(labels, "item_answers.not_counted", items=items)
    yield to_questions(labels)


def has_item_figure(findings: StudyFindings) -> bool:
    """Whether there is an item of which the answers may be shown."""
    found = findings.reliability
    return (
        found is not None
        and found.answers is not None
        and any(each.runs for each in shown_items(found.answers))
    )


def item_sentences(items: tuple[ShownItem, ...], labels: Labels) -> Iterator[str]:
    """Say which questions lean to one end, and which were left without an answer most."""
    speak = labels.voice
    ends = {
        "highest": [each.item for each in items if each.runs and _at_end(each, -1) >= ONE_SIDED],
        "lowest": [each.item for each in items if each.runs and _at_end(each, 0) >= ONE_SIDED],
    }
    for end, named in ends.items():
        if named:
            yield speak.say(f"item_answers.one_sided_{end}", count=len(named), items=_named(named, labels))
    if not any(ends.values()):
        yield speak.say("item_answers.not_one_sided")
    known = [each for each in items if not math.isnan(each.n_missing)]
    if not known:
        yield speak.say("item_answers.none_missing")
        return
    most = max(known, key=lambda each: each.n_missing)
    share = speak.percent(sum(group.share for group in most.reasons))
    reasons = speak.listed([reason_in_words(group, labels) for group in most.reasons])
    yield speak.say("item_answers.most_missing", item=f"`{most.item}`", share=share, reasons=reasons)


def describe_item_answers(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return the caption and the alternative text of the figure."""
    speak = labels.voice
    assert findings.reliability is not None
    assert findings.reliability.answers is not None
    answers = findings.reliability.answers
    said = [plain(text) for text in item_sentences(shown_items(answers), labels)]
    said += [
        speak.say(
            "figures.item_answers.alt_part",
            item=row["item"],
            mean=speak.number(_told_mean(row["mean"], answers.n_rows)),
        )
        for row in records(findings.items)[:MOST_IN_ALT]
        if not is_small(row["n_used"]) and row["item"] in set(answers.answers["item"])
    ]
    alt = speak.say("figures.item_answers.alt", n_items=len(shown_items(answers)), parts=" ".join(said))
    return speak.say("figures.item_answers.caption", n=answers.n_rows), alt


def _told_mean(mean: float, n_all: int) -> float:
    return told_figure(mean, n_all) if is_published() else mean


def _at_end(item: ShownItem, end: int) -> float:
    """Return the share at an end; 0 where the answers there are counted with others."""
    run = item.runs[end]
    return run.share if run.first == run.last else 0.0


def _named(items: list[str], labels: Labels) -> str:
    shown = [f"`{item}`" for item in items[:MOST_NAMED]]
    if len(items) > MOST_NAMED:
        shown.append(labels.voice.say("item_answers.more", n=len(items) - MOST_NAMED))
    return labels.voice.listed(shown)
