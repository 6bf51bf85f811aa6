"""The section on the scales: their reliability in a table and in words, and the direction of their items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from si_research.report.blocks import Block, table_block, text_block
from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.reliability_tables import reliability_table
from si_research.report.reliability_words import odd_sentences, reservations
from si_research.report.suppression import is_small, told_of_all
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.measurement.reliability import Reliability
    from si_research.measurement.scale_reliability import ScaleReliability
    from si_research.report.findings import StudyFindings

UNKNOWN = {
    "single score": "scales.unknown_score",
    "one item": "scales.unknown_item",
    "too few": "scales.unknown_few",
    "no variance": "reliability.unknown_no_variance",
}


def scale_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section."""
    speak, floor = labels.voice, findings.study.reliability_floor
    yield text_block(labels, "scales.lead", level=speak.level(findings.study.conf_level))
    yield from table_block(reliability_table(findings, labels))
    scales = () if findings.reliability is None else findings.reliability.scales
    for kind, said in odd_sentences(scales, floor, labels):
        yield Block("warning" if kind == "warning" else "text", sentence_case(said))
    for status, key in UNKNOWN.items():
        chosen = [each for each in findings.reliabilities if each.status == status]
        if chosen:
            named = speak.listed([labels.of(each.scale) for each in chosen])
            yield text_block(labels, key, scales=named, count=len(chosen))
    few = [each for each in findings.reliabilities if _rests_on_few(each, findings)]
    if few:
        named = speak.listed([labels.of(each.scale) for each in few])
        yield text_block(labels, "scales.few_complete", scales=named)
    yield from _direction(findings, labels)


def reservation(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Say in every section of results that scales below the floor were tested all the same."""
    for said in reservations(findings, labels):
        yield Block("warning", sentence_case(said))


def refused_scales(findings: StudyFindings) -> list[ScaleReliability]:
    """Return the scales that a study was refused for."""
    refusal = findings.refusal
    if refusal is None or refusal.code != "unreliable_scales" or findings.reliability is None:
        return []
    named = refusal.values["reliabilities"]
    assert isinstance(named, Mapping)
    return [each for each in findings.reliability.scales if each.scale in named]


def _rests_on_few(reliability: Reliability, findings: StudyFindings) -> bool:
    """Whether alpha comes from fewer than half of the people who have a score."""
    known = reliability.status == "estimated"
    return known and reliability.n_used < findings.scores.scales[reliability.scale].n_scored / 2


def _direction(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    speak, check = labels.voice, findings.direction
    if check.passed is None:
        yield text_block(labels, "scales.direction_none")
        return
    flagged = [row for row in records(check.table()) if row["flagged"]]
    if not flagged:
        yield text_block(labels, "scales.direction_ok")
    for scale in dict.fromkeys(str(row["scale"]) for row in flagged):
        rows = [row for row in flagged if row["scale"] == scale]
        named = [row for row in rows if row["against"]] or (rows if len(rows) == 1 else [])
        for row in named:
            yield Block("warning", sentence_case(_runs_against(row, len(findings.scores.table_), labels)))
        if not named:
            two = sum(row["scale"] == scale for row in records(check.table())) == 2
            items = speak.listed([f"`{row['item']}`" for row in rows])
            key = "scales.direction_two" if two else "scales.direction_open"
            text = speak.say(key, items=items, scale=labels.of(scale))
            yield Block("warning", sentence_case(text))


def _runs_against(row: Mapping[str, Any], n_all: int, labels: Labels) -> str:
    """Say what to do with the item that runs against its scale; it pulls down the figures of the others."""
    speak, n = labels.voice, told_of_all(row["n_used"], n_all)
    return speak.say(
        "scales.direction_flag_reversed" if row["reversed"] else "scales.direction_flag",
        item=f"`{row['item']}`",
        scale=labels.of(str(row["scale"])),
        r=speak.bounded(row["item_rest"]),
        n=speak.say("numbers.few") if is_small(n) else speak.count(n),
    )
