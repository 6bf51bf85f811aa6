"""Tables of missing answers: reasons, patterns, blocks, person means, and the tests with scores filled in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from si_research.model.missing.pool import COMPLETE, IMPUTED
from si_research.report.describe import record, records
from si_research.report.labels import Labels
from si_research.report.missing_counts import (
    ShownPatterns,
    of_columns,
    question_items,
    shown_blocks,
    shown_patterns,
    shown_person_mean,
    shown_reasons,
    shown_variables,
)
from si_research.report.model_tables import estimate_of, interval_of
from si_research.report.tables import Table, make_table
from si_research.survey.missing.patterns import ABSENT, MISSING
from si_research.survey.survey_data import REASONS

if TYPE_CHECKING:
    from si_research.model.missing.pool import PooledInteraction
    from si_research.report.findings import StudyFindings
    from si_research.report.missing_findings import MissingFindings
    from si_research.survey.missing.describe import MissingAnswers

MOST_NAMED = 6
"""Questions of a pattern or a block that are named; the others are counted."""


def shown_item_patterns(findings: StudyFindings) -> ShownPatterns | None:
    """Return the patterns over the questions of this study; None without any."""
    columns = question_items(findings)
    if not columns or findings.missing_answers is None:
        return None
    return shown_patterns(of_columns(findings.missing_answers.answers.items, columns), columns)


def reasons_table(findings: StudyFindings, labels: Labels, level: str) -> Table | None:
    """Return why answers (``item``) or scores (``score``) are missing; None where none is."""
    assert findings.missing_answers is not None
    table = shown_reasons(findings.missing_answers.answers, level)
    chosen = list(question_items(findings)) if level == "item" else list(table.index)
    table = table.loc[chosen]
    table = table[~(table["n_answered"] >= table["n_rows"])]
    reasons = [reason for reason in REASONS if reason in table]
    if table.empty:
        return None
    speak = labels.voice
    rows = []
    for row in records(table):
        name = str(row["variable"]) if level == "item" else labels.of(str(row["variable"]))
        cells = [_or_hidden(labels, row[reason]) for reason in reasons]
        few = math.isnan(row["n_answered"])
        rows.append((name, speak.say("numbers.few") if few else speak.count(row["n_answered"]), *cells))
    heads = [speak.say(f"missing_reasons.{reason}") for reason in reasons]
    first = "item" if level == "item" else "scale"
    columns = (first, "answered" if level == "item" else "with_score", *heads)
    note = speak.say("table_notes.missing_reasons", n=findings.missing_answers.answers.items.n_rows)
    note = f"{note} {speak.say(f'table_notes.missing_{level}s')}"
    return make_table(f"missing_{level}s", columns, rows, labels=labels, note=note)


def _or_hidden(labels: Labels, n: float) -> str:
    return labels.voice.say("numbers.none") if math.isnan(n) else labels.voice.count(n)


def patterns_table(shown: ShownPatterns, labels: Labels) -> Table:
    """Return the commonest patterns, the others taken together in the last row."""
    speak, rows = labels.voice, []
    for row in records(shown.patterns):
        lacking, absent = (
            _named([name for name in shown.columns if row[name] == mark], labels)
            for mark in (MISSING, ABSENT)
        )
        whole = speak.say("missing_answers.nothing") if not lacking and not absent else lacking
        rows.append((whole, absent, speak.count(row["n_rows"]), speak.percent(row["share"], 1)))
    if shown.n_other:
        text = speak.say("missing_answers.other_patterns", count=shown.n_other_patterns)
        share = shown.n_other / (shown.n_other + int(shown.patterns["n_rows"].sum()))
        rows.append((text, "", speak.count(shown.n_other), speak.percent(share, 1)))
    columns = ("left_open", "no_answer_to_have", "n", "share")
    note = speak.say("table_notes.missing_patterns")
    return make_table("missing_patterns", columns, rows, labels=labels, words=(0, 1), note=note)


def _named(names: list[str], labels: Labels) -> str:
    speak = labels.voice
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{shown} {speak.say('missing_answers.more', count=more)}" if more > 0 else shown


def blocks_table(answers: MissingAnswers, labels: Labels) -> Table | None:
    """Return the questions that were not put to the same people, by reason; None without any."""
    speak, rows = labels.voice, []
    for row in records(shown_blocks(answers)):
        names = _named(str(row["variables"]).split(", "), labels)
        reason = speak.say(f"missing_reasons.{row['reason']}")
        rows.append((names, reason, speak.count(row["n_rows"]), speak.percent(row["share"], 1)))
    if not rows:
        return None
    columns = ("items", "why_absent", "n", "share")
    return make_table("missing_blocks", columns, rows, labels=labels, words=(0, 1))


def person_mean_table(answers: MissingAnswers, labels: Labels) -> Table | None:
    """Return on how many answers each score rests; None where every scale is a ready-made score."""
    speak, rows = labels.voice, []
    for row in records(shown_person_mean(answers)):
        rule = [speak.whole(row[name]) for name in ("n_items", "min_answered")]
        counts = [_or_hidden(labels, row[name]) for name in ("n_scored", "n_all", "n_part")]
        share, none = speak.percent(row["share_part"], 1), _or_hidden(labels, row["n_without"])
        rows.append((labels.of(str(row["score"])), *rule, *counts, share, none))
    if not rows:
        return None
    columns = ("scale", "items", "min_answered", "with_score", "on_all", "on_part", "share_part", "no_score")
    note = speak.say("table_notes.person_mean")
    return make_table("person_mean", columns, rows, labels=labels, note=note)


def pooled_table(pooled: PooledInteraction, labels: Labels) -> Table:
    """Return the highest-order product and the joint test: complete cases, and with scores filled in."""
    speak, rows = labels.voice, []
    for data, table in ((COMPLETE, pooled.complete_cases), (IMPUTED, pooled.coefficients)):
        row, joint = record(table, pooled.tested_term), record(pooled.joint, data)
        imputed = data == IMPUTED
        head = speak.say(
            "missing_data.imputed" if imputed else "missing_data.complete", n=pooled.n_imputations
        )
        rows.append(
            (
                head if imputed else f"{head} ✓",
                speak.count(row["n_used"]),
                estimate_of(labels, row, 3),
                interval_of(labels, row, 3),
                speak.df(row["df"], 1 if imputed else 0),
                speak.p_value(row["p_value"], bare=True),
                speak.bounded(row["missing_information"]) if imputed else "",
                _joint(joint, labels),
                speak.p_value(joint["p_value"], bare=True),
            )
        )
    level = speak.level(pooled.conf_level)
    interval = speak.say("columns.interval", level=level)
    columns = ("data", "n", "b", interval, "df", "p", "missing_information", "joint_f", "joint_p")
    note = speak.say("table_notes.pooled", term=labels.term(pooled.tested_term), method=pooled.method)
    return make_table("pooled", columns, rows, labels=labels, note=note)


def _joint(row: dict[str, Any], labels: Labels) -> str:
    """Return F of the joint test with its degrees of freedom."""
    speak = labels.voice
    if not math.isfinite(row["p_value"]):
        return speak.say("numbers.none")
    df = f"{speak.whole(row['df'])}; {speak.df(row['df_residual'], 1)}"
    return f"F({df}) = {speak.number(row['statistic'])}"


def tested_terms(pooled: PooledInteraction) -> list[str]:
    """Return the conditions and their products, in the order of the model."""
    asked = set(pooled.roles.predictors)
    return [str(term) for term in pooled.coefficients.index if set(str(term).split(":")) <= asked]


def pooled_coefficients_table(pooled: PooledInteraction, labels: Labels) -> Table:
    """Return every condition and product, from the complete cases and with scores filled in."""
    speak, rows = labels.voice, []
    for term in tested_terms(pooled):
        complete, imputed = (record(table, term) for table in (pooled.complete_cases, pooled.coefficients))
        rows.append(
            (
                labels.term(term),
                estimate_of(labels, complete, 3),
                interval_of(labels, complete, 3),
                estimate_of(labels, imputed, 3),
                interval_of(labels, imputed, 3),
                speak.df(imputed["df"], 1),
                speak.p_value(imputed["p_value"], bare=True),
                speak.bounded(imputed["missing_information"]),
            )
        )
    interval = speak.say("columns.interval", level=speak.level(pooled.conf_level))
    first = [speak.say(f"columns.b_{data}") for data in ("complete", "imputed")]
    columns = ("term", first[0], interval, first[1], interval, "df", "p", "missing_information")
    values = {"n": pooled.n_used, "n_complete": pooled.n_complete, "n_imputations": pooled.n_imputations}
    note = speak.say("table_notes.pooled_coefficients", method=pooled.method, **values)
    return make_table("pooled_coefficients", columns, rows, labels=labels, note=note)


def filled_table(found: MissingFindings, labels: Labels) -> Table | None:
    """Return what was filled in, column by column; None where no column has five holes."""
    assert found.imputed is not None
    speak, rows = labels.voice, []
    r_hat = found.imputed.convergence["r_hat"]
    for row in records(shown_variables(found.imputed)):
        name = str(row["variable"])
        own = r_hat[[each for each in r_hat.index if str(each).endswith(f" of {name}")]]
        rows.append(
            (
                labels.of(name),
                speak.count(row["n_missing"]),
                speak.percent(row["share_missing"], 1),
                speak.number(row["mean_observed"]),
                speak.number(row["mean_imputed"]),
                speak.number(row["std_dev_observed"]),
                speak.number(row["std_dev_imputed"]),
                speak.number(float(own.max()) if len(own) else np.nan),
            )
        )
    if not rows:
        return None
    columns = ("scale", "filled", "share", "mean", "mean_filled", "std_dev", "std_dev_filled", "r_hat")
    note = speak.say("table_notes.filled", n_imputations=found.imputed.n_imputations)
    return make_table("filled", columns, rows, labels=labels, note=note)


def anything_missing(table: pd.DataFrame) -> bool:
    """Return whether a table of reasons has a row without all its answers."""
    return not bool((table["n_answered"] >= table["n_rows"]).all())
