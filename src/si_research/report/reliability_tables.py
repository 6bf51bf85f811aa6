"""The table of reliabilities: alpha and omega with their intervals, and what else was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from si_research.report.describe import told_of_scale
from si_research.report.labels import Labels
from si_research.report.reliability_words import interval_in_words
from si_research.report.suppression import is_small
from si_research.report.tables import Table, make_table

if TYPE_CHECKING:
    from si_research.measurement.reliability import Reliability
    from si_research.measurement.scale_reliability import ScaleReliability
    from si_research.report.findings import StudyFindings


def reliability_table(findings: StudyFindings, labels: Labels) -> Table:
    """Return alpha and omega with their intervals for every scale; unknown where they cannot be known."""
    speak = labels.voice
    level = speak.say("columns.interval", level=speak.level(findings.study.conf_level))
    scales = () if findings.reliability is None else findings.reliability.scales
    more = {each.scale: each for each in scales}
    columns = ["scale", "items", "min_answered", "n", "alpha", level]
    if any(each.bootstrap is not None for each in scales):
        columns.append(speak.say("columns.bootstrap"))
    if scales:
        columns += ["omega", level]
    if any(each.two_items is not None for each in scales):
        columns.append("spearman_brown")
    if any(each.ordinal is not None for each in scales):
        columns.append("ordinal_alpha")
    all_known = all(each.status == "estimated" for each in findings.reliabilities)
    rows = []
    for each in findings.reliabilities:
        cells = [*_alpha(each, findings, labels)]
        scale = more.get(each.scale)
        if scale is not None:
            cells += _omega(scale, columns, labels)
        rows.append([*cells, *([] if all_known else [_status(each, labels)])])
    heads = [*columns, *([] if all_known else ["status"])]
    words = (0, *([] if all_known else [len(columns)]))
    return make_table(
        "reliability", heads, rows, labels=labels, words=words, note=_note(findings, columns, labels)
    )


def _alpha(reliability: Reliability, findings: StudyFindings, labels: Labels) -> tuple[str, ...]:
    speak, facts = labels.voice, findings.scores.scales[reliability.scale]
    n = told_of_scale(findings, reliability.scale, reliability.n_used)
    return (
        labels.of(reliability.scale),
        speak.whole(reliability.n_items) if facts.items else speak.say("terms.score"),
        speak.whole(facts.min_answered) if facts.items else "",
        speak.say("numbers.few") if is_small(n) else speak.count(n),
        speak.bounded(reliability.alpha),
        interval_in_words(reliability.conf_low, reliability.conf_high, speak),
    )


def _omega(scale: ScaleReliability, columns: list[str], labels: Labels) -> list[str]:
    """Return the cells beyond those of alpha and its own interval."""
    speak, cells, none = labels.voice, [], labels.voice.say("numbers.none")
    if speak.say("columns.bootstrap") in columns:
        again = scale.bootstrap
        cells.append(none if again is None else interval_in_words(again.conf_low, again.conf_high, speak))
    omega = scale.omega
    cells += [speak.bounded(omega.omega), interval_in_words(omega.conf_low, omega.conf_high, speak)]
    if "spearman_brown" in columns:
        cells.append(none if scale.two_items is None else speak.bounded(scale.two_items.reliability))
    if "ordinal_alpha" in columns:
        cells.append(none if scale.ordinal is None else speak.bounded(scale.ordinal.ordinal_alpha))
    return cells


def _status(reliability: Reliability, labels: Labels) -> str:
    return labels.voice.say(f"scales.{reliability.status.replace(' ', '_')}")


def _note(findings: StudyFindings, columns: list[str], labels: Labels) -> str:
    """Explain the columns that are there."""
    speak = labels.voice
    scales = () if findings.reliability is None else findings.reliability.scales
    level = speak.level(findings.study.conf_level)
    parts = [speak.say("table_notes.reliability", level=level)]
    pairwise = any(each.missing == "pairwise" for each in findings.reliabilities)
    parts.append(speak.say("table_notes.pairwise" if pairwise else "table_notes.listwise"))
    parts.append(speak.say("table_notes.told_of_scale"))
    if scales:
        parts.append(speak.say("table_notes.omega", level=level))
    drawn = {each.bootstrap.interval for each in scales if each.bootstrap is not None}
    if drawn:
        firms = "bootstrap of firms" in drawn
        parts.append(speak.say("table_notes.bootstrap_firms" if firms else "table_notes.bootstrap_people"))
    parts += [
        speak.say(f"table_notes.{name}") for name in ("spearman_brown", "ordinal_alpha") if name in columns
    ]
    return " ".join(parts)
