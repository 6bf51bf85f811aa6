"""Words and tables for the combinations that go with the outcome."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from si_research.model.configurations.truth_table import SUFFICIENT
from si_research.report.configurations_plot import TOGETHER, told_rows
from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.tables import Table, make_table
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.model.configurations.configurations import Configurations
    from si_research.model.fit_notes import Note

SAID_BY_ANSWER: Final = {"none": "no_sufficient_row", "only_judged": "rows_not_judged"}
"""The note that says the same as an answer."""


def configuration_sentences(found: Configurations, labels: Labels) -> Iterator[str]:
    """Say whether the combination of all conditions is the only one that goes with the outcome."""
    speak, answer = labels.voice, found.answer
    outcome = labels.of(found.outcome)
    cuts = found.choices.cuts
    yield speak.say(
        "readings.configurations.rule",
        inclusion=speak.bounded(cuts.inclusion),
        pri=speak.bounded(cuts.pri),
        n=found.choices.n_cut,
    )
    names = speak.listed([labels.of(name) for name in found.conditions])
    yield speak.say(f"readings.configurations.answer.{answer.code}", conditions=names, outcome=outcome)
    if not math.isnan(answer.share_sufficient) and answer.code != "not_judged":
        yield speak.say(
            f"readings.configurations.stable_{found.resampled}",
            share=speak.rate(answer.share_sufficient),
            only=speak.rate(answer.share_only),
        )
    if answer.n_without:
        n, count = answer.n_without_sufficient, answer.n_without
        yield speak.say("readings.configurations.without", n=n, count=count, outcome=outcome)


def notes_beside_answer(found: Configurations) -> tuple[Note, ...]:
    """Return the notes that the answer does not say already."""
    said = SAID_BY_ANSWER.get(found.answer.code)
    about_absence = f"~{found.outcome}"
    return tuple(
        note for note in found.notes if note.code != said or note.values.get("outcome") == about_absence
    )


def truth_tables(found: Configurations, labels: Labels) -> Iterator[Table]:
    """Give the truth tables of the outcome and of its absence, small counts hidden."""
    for negated in (False, True):
        yield _truth_table(found, labels, negated=negated)


def _truth_table(found: Configurations, labels: Labels, *, negated: bool) -> Table:
    speak, rows = labels.voice, []
    firms = ["n_firms"] if found.n_firms is not None else []
    for row in told_records(found, negated=negated):
        if row["configuration"] == TOGETHER:
            text = speak.say("figures.configurations.together", count=int(row["n_rows"]))
            levels = [sentence_case(text), *[""] * (len(found.conditions) - 1)]
        else:
            levels = [speak.say(f"views.{'high' if row[name] else 'low'}") for name in found.conditions]
        counts = [_count(row[each], labels) for each in ["n", *firms]]
        interval = speak.interval(row["conf_low"], row["conf_high"], bounded=True)
        fit = [speak.bounded(row["inclS"]), interval if row["fit"] else speak.say("numbers.none")]
        said = (
            speak.say(f"readings.configurations.out.{row['out']}")
            if row["out"]
            else speak.say("numbers.none")
        )
        shares = [speak.bounded(row["PRI"]), said, speak.rate(row["share_sufficient"])]
        rows.append((*levels, *counts, *fit, *shares))
    heads = [
        *(sentence_case(labels.of(name)) for name in found.conditions),
        *("n" if each == "n" else "n_firms" for each in ["n", *firms]),
        "consistency",
        speak.say("columns.interval", level=speak.level(found.choices.conf_level)),
        *("pri", "judged", "share_sufficient"),
    ]
    words = (*range(len(found.conditions)), len(heads) - 2)
    name = "truth_table_absence" if negated else "truth_table"
    note = speak.say(
        "table_notes.truth_table", n=found.n_used, draws=found.answer.n_draws, anchors=_anchors(found, labels)
    )
    return make_table(
        name, heads, rows, labels=labels, words=words, note=note, outcome=labels.of(found.outcome)
    )


def _count(n: float | None, labels: Labels) -> str:
    return labels.voice.say("numbers.none") if n is None else labels.voice.people(n)


def _anchors(found: Configurations, labels: Labels) -> str:
    parts = []
    for row in records(found.anchors.reset_index()):
        points = " / ".join(f"{labels.voice.number(row[key])}" for key in ("out", "crossover", "full"))
        parts.append(f"{labels.of(str(row['set']))} {points}")
    return "; ".join(parts)


def told_records(found: Configurations, *, negated: bool) -> list[dict[str, Any]]:
    """Return the rows of a truth table as they may leave the house: nothing of fewer than five people."""
    table = told_rows(found, negated=negated)
    rows = []
    for row in records(table.rename_axis("configuration").reset_index()):
        together = row["configuration"] == TOGETHER
        told: dict[str, Any] = {name: None if together else int(row[name]) for name in found.conditions}
        told |= {"configuration": row["configuration"], "fit": bool(row["fit"]), "n_rows": int(row["n_rows"])}
        told["n"] = int(row["n"]) if row["told"] else None
        known = row["told"] and not together and not pd.isna(row["n_firms"])
        told["n_firms"] = int(row["n_firms"]) if known else None
        for name in ("inclS", "PRI", "conf_low", "conf_high", "share_sufficient"):
            told[name] = float(row[name]) if row["fit"] else math.nan
        told["out"] = ("sufficient" if row["out"] == SUFFICIENT else "not_sufficient") if row["fit"] else None
        rows.append(told)
    return rows
