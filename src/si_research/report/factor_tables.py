"""Tables of factor models: their fit, loadings, validity, hints, and the same instrument in groups."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from si_research.report.describe import records
from si_research.report.factor_words import (
    hint_words,
    large_hints,
    loadings_of,
    pairs_of,
    shown_fit,
)
from si_research.report.labels import Labels
from si_research.report.suppression import is_published, is_small, told_of_all
from si_research.report.tables import Table, make_table
from si_research.report.words import level_of

if TYPE_CHECKING:
    from si_research.measurement.factors.factor_fit import FactorFit
    from si_research.measurement.factors.hints import ModificationHints
    from si_research.measurement.factors.invariance import Invariance
    from si_research.report.factor_findings import InstrumentComparison, StudyFactors

FIT_COLUMNS: Final = ("chi_square", "p", "cfi", "tli", "rmsea", "srmr", "aic", "bic")


def models_table(factors: StudyFactors, labels: Labels) -> Table:
    """Return the models side by side."""
    speak = labels.voice
    rows = [
        (
            speak.say(f"factor_models.{name}"),
            speak.whole(sum(map(len, fit.factors.values()))),
            speak.count(fit.n_used),
            *_fit_cells(fit, labels),
        )
        for name, fit in factors.models.items()
    ]
    robust = all(shown_fit(fit).robust for fit in factors.models.values() if fit.fit.notna().any())
    kind = "table_notes.factor_models_robust" if robust else "table_notes.factor_models_plain"
    notes = ["table_notes.factor_models", kind]
    if "conditions" in factors.models:
        notes.append("table_notes.factor_models_aside")
    columns = ("model", "items", "n", *FIT_COLUMNS)
    note = " ".join(speak.say(key) for key in notes)
    return make_table("factor_models", columns, rows, labels=labels, note=note)


def _fit_cells(fit: FactorFit, labels: Labels) -> tuple[str, ...]:
    speak, shown = labels.voice, shown_fit(fit)
    if pd.isna(shown.df):
        return (speak.say(f"factor_status.{fit.status.replace(' ', '_')}"), *[""] * (len(FIT_COLUMNS) - 1))
    interval = speak.interval(shown.rmsea_low, shown.rmsea_high, digits=3, bounded=True)
    return (
        _with_df(shown.chi_square, shown.df, labels),
        speak.p_value(shown.p_value, bare=True),
        speak.bounded(shown.cfi, 3),
        speak.bounded(shown.tli, 3),
        f"{speak.bounded(shown.rmsea, 3)} {interval}" if shown.df else speak.number(shown.rmsea),
        speak.bounded(shown.srmr, 3),
        speak.number(shown.aic, 0),
        speak.number(math.nan if is_published() else shown.bic, 0),
    )


def _with_df(chi_square: float, df: float, labels: Labels) -> str:
    return f"{labels.voice.number(chi_square, 1)} ({labels.voice.whole(df)})"


def loadings_table(fit: FactorFit, labels: Labels) -> Table:
    """Return the standardised loadings of every question on its factor."""
    speak, rows, last = labels.voice, [], ""
    for row in records(loadings_of(fit)):
        factor, last = labels.of(row["factor"]) if row["factor"] != last else "", row["factor"]
        interval = speak.interval(row["conf_low"], row["conf_high"], bounded=True)
        numbers = (speak.bounded(row["estimate"]), speak.bounded(row["std_error"], 3), interval)
        rows.append((row["item"], factor, *numbers, speak.bounded(row["r2"])))
    level = level_of(fit.conf_level, speak)
    columns = ("item", "scale", "loading", "se", speak.say("columns.interval", level=level), "r2")
    note = speak.say("table_notes.factor_loadings", n=fit.n_used, level=level)
    return make_table("factor_loadings", columns, rows, labels=labels, words=(0, 1), note=note)


def validity_table(factors: StudyFactors, labels: Labels) -> Table | None:
    """Return how well each factor is measured; None where the model is not usable."""
    validity, speak = factors.validity, labels.voice
    if validity is None or validity.status != "estimated":
        return None
    rows = [
        (
            labels.of(row["factor"]),
            speak.whole(row["n_items"]),
            *(speak.bounded(row[key]) for key in ("ave_standardised", "composite_reliability", "omega")),
        )
        for row in records(validity.table())
    ]
    columns = ("scale", "items", "ave", "composite_reliability", "omega_factor")
    section = speak.say("sections.scales")
    note = speak.say("table_notes.factor_validity", n=validity.n_used, section=section)
    return make_table("factor_validity", columns, rows, labels=labels, note=note)


def pairs_table(factors: StudyFactors, labels: Labels) -> Table | None:
    """Return how far each pair of factors is told apart; None with one factor or no usable model."""
    validity, speak, main = factors.validity, labels.voice, factors.main
    if validity is None or validity.status != "estimated" or validity.pairs.empty or main is None:
        return None
    intervals = {
        frozenset((row["left"], row["right"])): row
        for row in records(main.standardised)
        if row["operator"] == "~~" and row["left"] in main.factors
    }
    rows = []
    for row in records(pairs_of(validity, factors.htmt)):
        known = intervals[frozenset((row["first"], row["second"]))]
        pair = speak.say("factors.pair", first=labels.of(row["first"]), second=labels.of(row["second"]))
        rows.append(
            (
                pair,
                speak.bounded(row["correlation"]),
                speak.interval(known["conf_low"], known["conf_high"], bounded=True),
                speak.bounded(row["squared_correlation"]),
                speak.bounded(row["lowest_ave"]),
                speak.bounded(row["htmt"]),
                speak.bounded(row["htmt2"]),
                speak.say("terms.yes" if row["apart"] else "terms.no"),
            )
        )
    level = level_of(main.conf_level, speak)
    interval = speak.say("columns.interval", level=level)
    columns = ("pair", "r", interval, "r_squared", "lowest_ave", "htmt", "htmt2", "apart")
    n = None if factors.htmt is None else told_of_all(factors.htmt.n_used, factors.n_rows)
    key = "table_notes.factor_pairs" if n is not None else "table_notes.factor_pairs_alone"
    note = speak.say(key, n=main.n_used, n_complete=n)
    return make_table("factor_pairs", columns, rows, labels=labels, words=(0, 7), note=note)


def hints_table(hints: ModificationHints, labels: Labels) -> Table | None:
    """Return the hints that stand out; None where none does."""
    speak, chosen = labels.voice, large_hints(hints)
    if chosen.empty:
        return None
    rows = [
        (
            hint_words(row, labels),
            speak.number(row["statistic"], 1),
            speak.p_value(row["p_value"], bare=True),
            speak.number(row["expected_change_standardised"]),
        )
        for row in records(chosen)
    ]
    note = speak.say("table_notes.factor_hints", n=speak.whole(len(hints.hints)))
    columns = ("hint", "modification_index", "p", "expected_change")
    return make_table("factor_hints", columns, rows, labels=labels, note=note)


def invariance_table(found: InstrumentComparison, labels: Labels) -> Table | None:
    """Return the levels of one grouping; None where nothing was fitted."""
    invariance, speak = found.invariance, labels.voice
    if invariance is None:
        return None
    rows = []
    for row in records(invariance.levels):
        lost = row["status"] in {"not converged", "not identified"}
        chi_square = (
            speak.say(f"factor_status.{row['status'].replace(' ', '_')}")
            if lost
            else _with_df(row["chi_square"], row["df"], labels)
        )
        holds = "none" if pd.isna(row["holds"]) else "yes" if row["holds"] else "no"
        rows.append(
            (
                speak.say(f"invariance_levels.{row['level']}"),
                chi_square,
                *(speak.bounded(row[key], 3) for key in ("cfi", "rmsea", "srmr")),
                *(speak.bounded(row[f"{key}_change"], 3) for key in ("cfi", "rmsea", "srmr")),
                speak.p_value(row["p_change"], bare=True),
                speak.say(f"instruments.holds_{holds}"),
            )
        )
    note = speak.say("table_notes.factor_invariance", sizes=group_sizes(found, invariance, labels))
    changes = ("cfi_change", "rmsea_change", "srmr_change", "p_change")
    columns = ("level_equal", "chi_square", "cfi", "rmsea", "srmr", *changes, "holds")
    table = make_table(
        "factor_invariance",
        columns,
        rows,
        labels=labels,
        words=(0, 9),
        note=note,
        groups=labels.of(found.name),
    )
    return replace(table, name=f"factor_invariance_{found.name}")


def group_sizes(found: InstrumentComparison, invariance: Invariance, labels: Labels) -> str:
    """Return the groups with their sizes; without, where fewer than five people would follow from them."""
    speak, shown = labels.voice, sizes_shown(found)
    return ", ".join(
        f"{labels.level(found.name, group)} (n = {speak.count(size)})"
        if shown
        else labels.level(found.name, group)
        for group, size in invariance.groups.items()
    )


def sizes_shown(found: InstrumentComparison) -> bool:
    """Whether the sizes of groups tell of nobody: those left out are none, or five and more."""
    return found.n_left_out == 0 or not is_small(found.n_left_out)
