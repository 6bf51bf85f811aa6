"""Tables of the forms in which conditions may come together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from si_research.model.forms.rivals import CURVED, LARGER, ONE_SLOPE
from si_research.report.describe import records
from si_research.report.forms_words import form_in_words, powers_between
from si_research.report.labels import Labels
from si_research.report.tables import Table, make_table
from si_research.report.verdict_words import power_in_words
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.model.forms.comparison import FormComparison
    from si_research.model.forms.compensation import Compensation


def forms_table(found: FormComparison, labels: Labels) -> Table:
    """Return the six forms with one slope, the best first."""
    return _compared(found, labels, "forms", (ONE_SLOPE,))


def other_forms_table(found: FormComparison, labels: Labels) -> Table:
    """Return the same forms with a square, and the larger models; ranked within their own kind."""
    return _compared(found, labels, "other_forms", (CURVED, LARGER))


def _compared(found: FormComparison, labels: Labels, name: str, families: tuple[str, ...]) -> Table:
    speak, rows = labels.voice, []
    parts = [found.table(family).sort_values("delta_aic", kind="stable") for family in families]
    for row in records(pd.concat(parts).reset_index()):
        rows.append((sentence_case(form_in_words(str(row["model"]), labels)), *_figures(row, labels)))
    columns = ("form", "n_parameters", "delta_aic", "interval", "r2", "r2_held_out", "share_best")
    heads = _with_level(columns, speak.level(found.conf_level), labels)
    note = speak.say(
        f"table_notes.{name}",
        n=found.n_used,
        folds=found.n_folds,
        draws=found.n_draws,
        unit=speak.say(f"readings.forms.{'firms' if found.n_firms else 'people'}"),
    )
    return make_table(name, heads, rows, labels=labels, note=note)


def _figures(row: dict[str, Any], labels: Labels) -> tuple[str, ...]:
    speak = labels.voice
    itself = row["delta_low"] == row["delta_high"] == 0  # the best, which the others are compared with
    interval = speak.interval(row["delta_low"], row["delta_high"], digits=1)
    return (
        speak.whole(row["n_parameters"]),
        speak.number(row["delta_aic"], 1),
        speak.say("numbers.none") if itself else interval,
        speak.bounded(row["r2"], 3),
        speak.bounded(row["r2_held_out"], 3),
        speak.rate(row["share_best"]),
    )


def power_table(found: Compensation, labels: Labels) -> Table:
    """Return the power of the mean, and what other choices would make of it."""
    speak = labels.voice
    own = "firms" if found.n_firms else "people"
    rows = [
        _power(f"drawn_{own}", (found.p_hat, found.boot_low, found.boot_high), labels),
        _power("independent", (found.p_hat, found.lr_low, found.lr_high), labels),
    ]
    zero = records(found.zero_point.reset_index())
    tried = {"free": records(found.weights.loc[["free"]])[0]}
    tried |= {str(row["zero"]): row for row in zero if row["moved"]}
    for choice, row in tried.items():
        rows.append(_power(choice, (row["estimate"], row["boot_low"], row["boot_high"]), labels))
    error = records(found.reliability.iloc[1:])
    way = "reliability_known" if len(error) == 1 else "reliability"
    for row in error:
        numbers = (row["estimate"], row["conf_low"], row["conf_high"])
        rows.append(_power(way, numbers, labels, r=speak.bounded(row["reliability"])))
    heads = _with_level(("power_way", "power", "interval"), speak.level(found.conf_level), labels)
    note = speak.say("table_notes.powers", n=found.n_used, draws=found.n_draws)
    return make_table("powers", heads, rows, labels=labels, note=note)


def _power(way: str, numbers: tuple[float, float, float], labels: Labels, **values: str) -> tuple[str, ...]:
    estimate, low, high = map(float, numbers)
    said = sentence_case(labels.voice.say(f"readings.power.ways.{way}", **values))
    return said, power_in_words(estimate, labels), powers_between(low, high, labels)


def _with_level(columns: tuple[str, ...], level: str, labels: Labels) -> list[str]:
    return [
        labels.voice.say("columns.interval", level=level) if each == "interval" else each for each in columns
    ]
