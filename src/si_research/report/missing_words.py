"""Sentences on missing answers, and on the tests with missing scores filled in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from si_research.model.missing.pool import COMPLETE, IMPUTED
from si_research.report.describe import record
from si_research.report.labels import Labels
from si_research.report.missing_counts import complete_rows, missing_shares
from si_research.report.suppression import is_small
from si_research.report.voice import Voice, digits_for, sentence_case

NO_JOINT_TEST: Final = {
    "too_few_clusters": "too_few_clusters",
    "too_few_df": "too_few_df",
    "cluster_identifies_term": "one_firm_decides",
}

if TYPE_CHECKING:
    from si_research.model.missing.imputed import ImputedScores
    from si_research.model.missing.pool import PooledInteraction
    from si_research.survey.missing.describe import MissingAnswers


def of_missing_answers(answers: MissingAnswers, speak: Voice) -> str:
    """Return how many answers are missing, and how many people answered everything."""
    shares = missing_shares(answers)
    if math.isnan(shares.missing):
        return speak.say("sentences.missing_no_items", n_rows=answers.items.n_rows)
    values: dict[str, Any] = {
        "n_answers": shares.n_answers,
        "missing": _share(shares.missing, shares.n_answers, speak),
        "absent": _share(shares.absent, shares.n_answers, speak),
    }
    said = speak.say("sentences.missing" if shares.absent else "sentences.missing_only", **values)
    n = complete_rows(answers.items)
    if math.isnan(n):
        return said
    n_rows = answers.items.n_rows
    whole = {"n": int(n), "n_rows": n_rows, "share": speak.percent(n / max(n_rows, 1))}
    return f"{said} {speak.say('sentences.missing_complete', **whole)}"


def _share(share: float, n_answers: int, speak: Voice) -> str:
    """Return a share of all answers; of fewer than five answers not how many."""
    n = round(share * n_answers)
    return speak.say("missing_answers.almost_none") if n and is_small(n) else speak.percent(share, 1)


def of_imputed(imputed: ImputedScores, speak: Voice) -> str:
    """Return how many people had scores filled in, and how often."""
    return speak.say(
        "sentences.imputed",
        n_imputations=imputed.n_imputations,
        n=imputed.n_used - imputed.n_complete,
        n_used=imputed.n_used,
        n_rows=imputed.n_rows,
    )


def of_pooled(pooled: PooledInteraction, speak: Voice) -> str:
    """Return the highest-order product from the complete cases, and with missing scores filled in."""
    both = {COMPLETE: pooled.complete_cases, IMPUTED: pooled.coefficients}
    rows = {data: record(table, pooled.tested_term) for data, table in both.items()}
    complete, imputed = (_estimate(rows[data], pooled, speak) for data in (COMPLETE, IMPUTED))
    return speak.say(
        "sentences.pooled",
        term=Labels(speak).term(pooled.tested_term),
        complete=complete,
        imputed=imputed,
        n_complete=pooled.n_complete,
        n_used=pooled.n_used,
        n_imputations=pooled.n_imputations,
        df=speak.df(rows[IMPUTED]["df"], 1),
        lost=speak.rate(rows[IMPUTED]["missing_information"]),
    )


def _estimate(row: dict[str, Any], pooled: PooledInteraction, speak: Voice) -> str:
    digits = digits_for(row["std_error"], 3)
    return speak.say(
        "sentences.pooled_estimate",
        estimate=speak.number(row["estimate"], digits),
        level=speak.level(pooled.conf_level),
        interval=speak.interval(row["conf_low"], row["conf_high"], digits=digits),
        p=speak.p_value(row["p_value"]),
    )


def filling_changes(pooled: PooledInteraction) -> bool:
    """Return whether a test finds something with scores filled in and nothing without, or the reverse."""
    alpha = 1 - pooled.conf_level
    term = pooled.tested_term
    rows = [record(table, term) for table in (pooled.coefficients, pooled.complete_cases)]
    tests = (
        [float(row["p_value"]) for row in rows],
        [float(record(pooled.joint, data)["p_value"]) for data in (IMPUTED, COMPLETE)],
    )
    known = [pair for pair in tests if all(map(math.isfinite, pair))]
    if any((first < alpha) != (second < alpha) for first, second in known):
        return True
    signs = {math.copysign(1, float(row["estimate"])) for row in rows}
    return len(signs) > 1 and max(tests[0]) < alpha


def filling_notes(imputed: ImputedScores, pooled: PooledInteraction, labels: Labels) -> Iterator[str]:
    """Return the notes of an imputation in words; those of the main result stand there."""
    speak = labels.voice
    for note in pooled.notes:
        values = dict(note.values)
        if note.code == "not_converged":
            more, r_hat = 2 * imputed.iterations, speak.number(float(values["r_hat"]))  # type: ignore[arg-type]
            text = speak.say(
                "missing_notes.not_converged", r_hat=r_hat, iterations=imputed.iterations, more=more
            )
        elif note.code == "mostly_missing":
            name, share = labels.of(str(values["variable"])), speak.percent(float(values["share"]))  # type: ignore[arg-type]
            text = speak.say("missing_notes.mostly_missing", scale=name, share=share)
        elif note.code == "outside_format":
            drawn = sum(draws.size for draws in imputed.draws.values())
            share = speak.percent(int(values["n"]) / drawn, 1)  # type: ignore[call-overload]
            text = speak.say("missing_notes.outside_format", share=share)
        elif note.code == "cluster_identifies_term":
            text = speak.say("missing_notes.cluster_identifies_term", n=values["n"])
        else:
            continue
        yield sentence_case(text)
    untested = str(pooled.joint.loc[IMPUTED, "note"])
    if untested:
        yield speak.say(f"missing_notes.{NO_JOINT_TEST[untested]}")
