"""Tables of the interaction probed: slope differences, every method, and within and between firms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.model_tables import estimate_of, interval_of
from si_research.report.tables import Table, make_table
from si_research.report.voice import digits_for

if TYPE_CHECKING:
    import pandas as pd

    from si_research.model.inference_comparison import InferenceComparison
    from si_research.model.slope_differences import SlopeDifferences
    from si_research.model.within_between import WithinBetween


def combination_in_words(points: pd.DataFrame, combination: str, labels: Labels) -> str:
    """Return a combination of the other predictors, ``willen high, mogen low``."""
    return ", ".join(
        labels.voice.say("probing.at", name=labels.of(str(name)), level=labels.voice.say(f"views.{level}"))
        for name, level in zip(points.index, combination.split(), strict=True)
    )


def method_in_words(method: str, labels: Labels) -> str:
    """Return the name of a method; the plain abbreviations are the same in every language."""
    key = f"inference_methods.{method}"
    return labels.voice.say(key) if labels.voice.has(key) else method


def slope_differences_table(found: SlopeDifferences, labels: Labels) -> Table:
    """Return each pair of slopes compared."""
    speak, rows = labels.voice, []
    for row in records(found.differences):
        ends = [combination_in_words(found.points, row[end], labels) for end in ("first", "second")]
        few = "" if row["supported"] else " *"
        p = [speak.p_value(row[name], bare=True) for name in ("p_value", "p_holm")]
        rows.append((ends[0], ends[1] + few, estimate_of(labels, row), interval_of(labels, row), *p))
    level = speak.level(found.conf_level)
    columns = ("slope_where", "minus_where", "difference", speak.say("columns.interval", level=level))
    note = speak.say("table_notes.slope_differences", level=level)
    if not found.differences["supported"].all():
        note += f" {speak.say('table_notes.few_near')}"
    return make_table(
        "slope_differences",
        (*columns, "p", "p_holm"),
        rows,
        labels=labels,
        words=(0, 1),
        note=note,
        term=labels.of(found.of),
    )


def methods_table(found: InferenceComparison, labels: Labels) -> Table:
    """Return one coefficient by every method; why figures are missing stands in the note."""
    speak = labels.voice
    rows = [_method_row(row, labels) for row in records(found.methods)]
    level = speak.level(found.conf_level)
    columns = ("method", "b", "se", speak.say("columns.interval", level=level), "df", "p")
    notes = [speak.say("table_notes.inference", level=level)]
    notes += [
        speak.say("table_notes.inference_note", method=names, note=reason)
        for names, reason in reasons_in_words(found, labels)
    ]
    term = labels.term(found.term)
    return make_table("methods", columns, rows, labels=labels, note=" ".join(notes), term=term)


def _method_row(row: dict[str, Any], labels: Labels) -> tuple[str, ...]:
    speak, none = labels.voice, labels.voice.say("numbers.none")
    name = method_in_words(str(row["method"]), labels) + (" ✓" if row["recommended"] else "")
    if math.isnan(row["estimate"]):
        return (name, *(none,) * 5)
    known = not math.isnan(row["p_value"])
    error = speak.number(row["std_error"], digits_for(row["std_error"], 3))
    df = speak.df(row["df"], 0 if float(row["df"]).is_integer() else 1)
    interval = interval_of(labels, row, 3) if known else none
    return (name, estimate_of(labels, row, 3), error, interval, df, speak.p_value(row["p_value"], bare=True))


def reasons_in_words(found: InferenceComparison, labels: Labels) -> list[tuple[str, str]]:
    """Return methods with a note, those of one note together, and the note in words."""
    named: dict[str, list[str]] = {}
    for row in records(found.methods):
        if row["note"]:
            named.setdefault(row["note"], []).append(method_in_words(str(row["method"]), labels))
    speak = labels.voice
    return [(speak.listed(names), speak.say(f"inference_notes.{note}")) for note, names in named.items()]


def within_between_table(found: WithinBetween, labels: Labels) -> Table:
    """Return the interaction within firms, the conditions between firms, and their difference."""
    speak, rows, last = labels.voice, [], ""
    for row in records(found.coefficients.reset_index()):
        level = str(row["level"])
        rows.append(
            (
                speak.say(f"within_between.{level}") if level != last else "",
                labels.term(str(row["term"])),
                estimate_of(labels, row, 3),
                speak.number(row["std_error"], digits_for(row["std_error"], 3)),
                interval_of(labels, row, 3),
                speak.df(row["df"], 1),
                speak.p_value(row["p_value"], bare=True),
            )
        )
        last = level
    level = speak.level(found.conf_level)
    columns = ("firms_level", "term", "b", "se", speak.say("columns.interval", level=level), "df", "p")
    note = speak.say("table_notes.within_between", level=level, n_clusters=found.n_clusters)
    return make_table("within_between", columns, rows, labels=labels, words=(0, 1), note=note)
