"""Tables of the model: steps, tests, coefficients, corners and slopes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from si_research.report.describe import hidden_terms, record, records
from si_research.report.labels import Labels
from si_research.report.suppression import is_published, is_small
from si_research.report.tables import Table, make_table
from si_research.report.voice import digits_for

if TYPE_CHECKING:
    from si_research.model.corners import CornerComparison
    from si_research.model.interaction import InteractionFit
    from si_research.model.joint import JointTest


def estimate_of(labels: Labels, row: dict[str, Any], least: int = 2) -> str:
    """Return the estimate of a row of results, with at least so many decimals."""
    return labels.voice.number(row["estimate"], digits_for(row["std_error"], least))


def interval_of(labels: Labels, row: dict[str, Any], least: int = 2) -> str:
    """Return the interval of a row of results, with the decimals of its estimate."""
    digits = digits_for(row["std_error"], least)
    return labels.voice.interval(row["conf_low"], row["conf_high"], digits=digits)


def steps_table(fit: InteractionFit, labels: Labels) -> Table:
    """Return what each step adds."""
    speak, rows = labels.voice, []
    for row in records(fit.steps):
        df = "" if math.isnan(row["p_value"]) else f"{speak.whole(row['df'])}; {speak.df(row['df_residual'])}"
        rows.append(
            (
                speak.say(f"steps.{row['step']}"),
                speak.bounded(row["r2"], 3),
                speak.bounded(row["r2_gain"], 3),
                speak.number(row["statistic"]),
                df,
                speak.p_value(row["p_value"], bare=True),
                speak.p_value(row["robust_p_value"], bare=True),
                speak.number(row["aic"], 1),
                speak.number(math.nan if is_published() else row["bic"], 1),
            )
        )
    columns = ("step", "r2", "r2_gain", "f", "df", "p", "robust_p", "aic", "bic")
    method = str(fit.steps["robust_method"].iloc[-1])
    note = speak.say("table_notes.steps", n=fit.n_used, method=method)
    return make_table("steps", columns, rows, labels=labels, note=note)


def tests_table(fit: InteractionFit, joint: JointTest, corners: CornerComparison, labels: Labels) -> Table:
    """Return the three tests side by side, the corners with their two statements."""
    speak = labels.voice
    level = speak.level(fit.conf_level)
    rows = [
        _joint_row(fit, joint, labels),
        *_highest_rows(fit, labels),
        *_corner_rows(fit, corners, labels),
    ]
    alpha = speak.bounded(1 - fit.conf_level, 2)
    note = speak.say("table_notes.tests", n=fit.n_used, alpha=alpha, level=level)
    columns = ("test", "question", "result", "p", "reading")
    return make_table("tests", columns, rows, labels=labels, words=(0, 1, 2, 4), note=note)


def _joint_row(fit: InteractionFit, joint: JointTest, labels: Labels) -> tuple[str, ...]:
    speak = labels.voice
    row = record(joint.tests, joint.method)
    values = {"df": speak.whole(row["df"]), "value": speak.number(row["statistic"])}
    values["gain"] = speak.bounded(joint.r2_gain, 3)
    names = (speak.say("tests.joint"), speak.say("tests.joint_question"))
    if math.isnan(joint.p_value):
        result = speak.say("tests.untested_result", needed=len(joint.terms) + 1, gain=values["gain"])
        return (*names, result, speak.p_value(joint.p_value, bare=True), speak.say("tests.untested"))
    if math.isnan(row["df_residual"]):
        result = speak.say("tests.statistic_wald", **values)
    else:
        result = speak.say("tests.statistic_f", df_residual=speak.df(row["df_residual"]), **values)
    reading = speak.say("tests.found" if joint.p_value < 1 - fit.conf_level else "tests.not_found")
    return (*names, result, speak.p_value(joint.p_value, bare=True), reading)


def _highest_rows(fit: InteractionFit, labels: Labels) -> list[tuple[str, ...]]:
    speak = labels.voice
    rows: list[tuple[str, ...]] = []
    for row, key in zip(records(fit.highest_order), ("highest", "highest_squares"), strict=True):
        result = speak.say(
            "tests.estimate",
            estimate=estimate_of(labels, row, 3),
            interval=interval_of(labels, row, 3),
            gain=speak.bounded(row["r2_gain"], 3),
        )
        question = speak.say(f"tests.{key}_question", term=labels.term(fit.tested_term))
        reading = speak.say("tests.found" if row["p_value"] < 1 - fit.conf_level else "tests.not_found")
        rows.append(
            (speak.say(f"tests.{key}"), question, result, speak.p_value(row["p_value"], bare=True), reading)
        )
    return rows


def _corner_rows(fit: InteractionFit, corners: CornerComparison, labels: Labels) -> list[tuple[str, ...]]:
    speak, alpha = labels.voice, 1 - fit.conf_level
    gaps = records(corners.highest_against_others)
    smallest = min(gaps, key=lambda row: float(row["estimate"]))
    largest = max(records(corners.equivalence), key=lambda row: abs(float(row["estimate"])))
    found: list[tuple[str, ...]] = []
    for key, gap, row, p in (
        ("corner_high", "smallest_gap", smallest, corners.p_all_high),
        ("corner_equal", "largest_gap", largest, corners.p_equivalence),
    ):
        question = speak.say(f"tests.{key}_question", difference=speak.number(corners.smallest_difference))
        result = speak.say(
            f"tests.{gap}", estimate=estimate_of(labels, row), interval=interval_of(labels, row)
        )
        reading = speak.say("tests.shown" if p < alpha else "tests.not_shown")
        found.append((speak.say(f"tests.{key}"), question, result, speak.p_value(p, bare=True), reading))
    return found


def coefficients_table(fit: InteractionFit, labels: Labels) -> Table:
    """Return raw and standardised coefficients with their intervals."""
    speak, rows, hidden = labels.voice, [], hidden_terms(fit)
    for row in records(fit.coefficients.drop(index=[*hidden], errors="ignore")):
        beta = record(fit.standardised, row["term"])
        shown = row["term"] in fit.standardised.index and row["term"] != "intercept"
        rows.append(
            (
                labels.term(row["term"]),
                estimate_of(labels, row, 3),
                speak.number(row["std_error"], digits_for(row["std_error"], 3)),
                interval_of(labels, row, 3),
                speak.number(row["statistic"]),
                speak.p_value(row["p_value"], bare=True),
                estimate_of(labels, beta) if shown else "",
                interval_of(labels, beta) if shown else "",
            )
        )
    level = speak.level(fit.conf_level)
    interval = speak.say("columns.interval", level=level)
    note = speak.say(
        "table_notes.coefficients",
        n=fit.n_used,
        r2=speak.bounded(fit.r2, 3),
        r2_adjusted=speak.bounded(fit.r2_adjusted, 3),
        level=level,
        method=fit.method,
    )
    note += f" {speak.say('table_notes.hidden_levels')}" if hidden else ""
    columns = ("term", "b", "se", interval, "t", "p", "beta", interval)
    return make_table("coefficients", columns, rows, labels=labels, note=note)


def in_order(corners: pd.DataFrame, predictors: Sequence[str]) -> pd.DataFrame:
    """Return the corners from all low to all high, by the number of conditions that are high."""
    n_high = (corners[list(predictors)] == "high").sum(axis=1)
    return corners.iloc[np.lexsort((-np.arange(len(corners)), n_high))]


def corners_table(fit: InteractionFit, corners: CornerComparison, labels: Labels) -> Table:
    """Return the predicted outcome in each corner."""
    speak, rows = labels.voice, []
    for row in records(in_order(corners.corners, fit.predictors)):
        levels = [speak.say(f"views.{row[name]}") for name in fit.predictors]
        n = row["n_nearest"]
        near = speak.say("numbers.few") if is_small(n) else speak.count(n)
        rows.append((*levels, estimate_of(labels, row), interval_of(labels, row), near))
    level = speak.level(fit.conf_level)
    interval = speak.say("columns.interval", level=level)
    columns = (*(labels.of(name) for name in fit.predictors), "predicted", interval, "n_near")
    words = range(len(fit.predictors))
    note = speak.say("table_notes.corners", level=level)
    if fit.controls:
        note = f"{note} {speak.say('table_notes.controls_at_mean')}"
    outcome = labels.of(fit.outcome)
    return make_table("corners", columns, rows, labels=labels, words=words, note=note, outcome=outcome)


def corner_slopes_table(fit: InteractionFit, corners: CornerComparison, labels: Labels) -> Table:
    """Return the slope of each condition where the others are low and high, and the difference."""
    speak, rows = labels.voice, []
    for row in records(corners.slopes):
        where = speak.say(f"views.{row['where']}")
        numbers = (estimate_of(labels, row), interval_of(labels, row))
        rows.append((labels.of(row["term"]), where, *numbers, speak.p_value(row["p_value"], bare=True)))
    level = speak.level(fit.conf_level)
    columns = ("term", "where", "slope", speak.say("columns.interval", level=level), "p")
    note = speak.say("table_notes.slopes", n=fit.n_used, level=level)
    return make_table("corner_slopes", columns, rows, labels=labels, words=(0, 1), note=note)


def slopes_table(fit: InteractionFit, slopes: pd.DataFrame, labels: Labels, *, term: str) -> Table:
    """Return the simple slopes of one condition at values of the others."""
    speak, rows = labels.voice, []
    others = [name for name in fit.predictors if name != term]
    chosen = slopes.loc[slopes.index == term]
    for row in records(chosen):
        values = [speak.number(row[name]) for name in others]
        values[0] += " *" if row["outside_data"] else ""
        numbers = (estimate_of(labels, row), interval_of(labels, row))
        rows.append((*values, *numbers, speak.p_value(row["p_value"], bare=True)))
    level = speak.level(fit.conf_level)
    interval = speak.say("columns.interval", level=level)
    columns = (*(labels.of(name) for name in others), "slope", interval, "p")
    note = speak.say("table_notes.slopes", n=fit.n_used, level=level)
    note += f" {speak.say('slopes.outside')}." if chosen["outside_data"].any() else ""
    name = labels.of(term)
    return make_table("slopes", columns, rows, labels=labels, words=(), note=note, term=name)


def joint_note(joint: JointTest, labels: Labels) -> str:
    """Return why a joint test says little where it has a p, or nothing; empty where neither is so."""
    if joint.note not in ("cluster_identifies_term", "no_variance"):
        return ""
    return labels.voice.say(f"joint_notes.{joint.note}")


def joint_table(fit: InteractionFit, joint: JointTest, labels: Labels) -> Table:
    """Return the joint test by every method."""
    speak, rows = labels.voice, []
    for row in records(joint.tests):
        df = speak.whole(row["df"])
        if not math.isnan(row["df_residual"]):
            df += f"; {speak.df(row['df_residual'])}"
        name = row["method"] + (" ✓" if row["recommended"] else "")
        rows.append((name, speak.number(row["statistic"]), df, speak.p_value(row["p_value"], bare=True)))
    note = (
        f"{speak.say('table_notes.methods', n=fit.n_used, method=joint.method)} {joint_note(joint, labels)}"
    )
    note = note.strip()
    return make_table("joint", ("method", "statistic", "df", "p"), rows, labels=labels, note=note)
