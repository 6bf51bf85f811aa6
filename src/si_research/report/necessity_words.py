"""Words and tables for the necessity of each condition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from si_research.model.necessity.bottlenecks import NO_CEILING, NOT_AVAILABLE, NOT_NECESSARY
from si_research.model.necessity.ceiling_fits import CE_FDH, CR_FDH
from si_research.report.describe import scale_ends
from si_research.report.labels import Labels
from si_research.report.necessity_tables import NOT_TOLD, bottlenecks_for_report
from si_research.report.tables import Table, make_table
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.model.necessity.necessity import Necessity
    from si_research.report.combination_findings import CombinationFindings

CODES: Final = {NOT_NECESSARY: "not_necessary", NOT_AVAILABLE: "not_available", NO_CEILING: "no_ceiling"}
MOST_LEVELS: Final = 10


def necessity_rows(found: CombinationFindings) -> list[dict[str, Any]]:
    """Return a row a condition: effect sizes to two places, R's p of each, and what is read.

    More places of an effect size would tell where the one person on the ceiling stands.
    """
    effects, shuffled, beyond = found.necessity, found.shuffled, found.verdict.necessity
    assert effects is not None
    rows = []
    for name in effects.predictors:
        row: dict[str, Any] = {"condition": name}
        for ceiling in (CE_FDH, CR_FDH):
            row[f"d_{ceiling}"] = round(float(effects.effects["effect"][name, ceiling]), 2)
            row[f"p_shuffled_{ceiling}"] = (
                np.nan if shuffled is None else float(shuffled.tests["p_value"][name, ceiling])
            )
        own = None if beyond is None else beyond.conditions
        row["d_expected"] = np.nan if own is None else round(float(own["d_expected"][name]), 2)
        row["p_necessity"] = np.nan if own is None else float(own["p_necessity"][name])
        rows.append(row | {"n_used": int(effects.effects["n_used"][name, CE_FDH])})
    return rows


def necessity_sentences(found: CombinationFindings, labels: Labels) -> Iterator[str]:
    """Say which conditions are necessary beyond correlation, and which only R's p would call so."""
    speak, alpha, rows = labels.voice, found.verdict.rule.alpha, necessity_rows(found)
    if all(np.isnan(row["p_necessity"]) for row in rows):
        yield speak.say("readings.necessity.untested")
        return
    necessary = [labels.of(row["condition"]) for row in rows if row["p_necessity"] <= alpha]
    outcome = labels.of(found.verdict.outcome)
    if necessary:
        yield speak.say("readings.necessity.found", names=speak.listed(necessary), outcome=outcome)
    else:
        yield speak.say("readings.necessity.none", outcome=outcome)
    only_shuffled = [
        labels.of(row["condition"])
        for row in rows
        if row["p_necessity"] > alpha and min(row[f"p_shuffled_{each}"] for each in (CE_FDH, CR_FDH)) <= alpha
    ]
    if only_shuffled:
        yield speak.say(
            "readings.necessity.only_shuffled", names=speak.listed(only_shuffled), outcome=outcome
        )


def necessity_table(found: CombinationFindings, labels: Labels) -> Table:
    """Return the effect sizes, and both p."""
    speak, rows = labels.voice, []
    for row in necessity_rows(found):
        sizes = [speak.bounded(row[key]) for key in (f"d_{CE_FDH}", f"d_{CR_FDH}", "d_expected")]
        keys = (f"p_shuffled_{CE_FDH}", f"p_shuffled_{CR_FDH}", "p_necessity")
        p = [speak.p_value(row[key], bare=True) for key in keys]
        rows.append((sentence_case(labels.of(row["condition"])), *sizes, *p))
    columns = ("condition", "d_steps", "d_line", "d_expected", "p_steps", "p_line", "p_necessity")
    note = speak.say(
        "table_notes.necessity",
        n=necessity_rows(found)[0]["n_used"],
        draws=0 if found.shuffled is None else int(found.shuffled.tests["n_draws"].max()),
    )
    return make_table("necessity", columns, rows, labels=labels, note=note)


def outcome_levels(low: float, high: float) -> list[float]:
    """Return levels of the outcome, in scale points: half points, or whole ones, or tenths of the scale."""
    step = next(
        (each for each in (0.5, 1.0) if (high - low) / each <= MOST_LEVELS), (high - low) / MOST_LEVELS
    )
    n = round((high - low) / step)
    return [low + place * step for place in range(1, n + 1) if low + place * step <= high]


def levels_told(found: CombinationFindings, ceilings: Necessity) -> list[float]:
    """Return the levels of the outcome that are told; of an open scale none near the highest score."""
    if ceilings.outcome in found.open_scales:
        return outcome_levels(*scale_ends(pd.Series(ceilings.outcome_scores), None))
    return outcome_levels(*ceilings.outcome_ends)


def bottleneck_table(found: Necessity, levels: Sequence[float], labels: Labels) -> Table:
    """Return which score on each condition a level of the outcome asks for."""
    speak, rows = labels.voice, []
    table = bottlenecks_for_report(found, levels=levels)
    for level, *cells in table.itertuples():
        rows.append((speak.number(float(level), 1), *(_cell(str(cell), labels) for cell in cells)))
    heads = ["outcome_level", *(sentence_case(labels.of(name)) for name in found.predictors)]
    n = max(int(each) for each in table.attrs["n_used"].values())
    note = speak.say("table_notes.bottlenecks", n=n, outcome=labels.of(found.outcome))
    return make_table("bottlenecks", heads, rows, labels=labels, note=note, outcome=labels.of(found.outcome))


def _cell(text: str, labels: Labels) -> str:
    if text == NOT_TOLD:
        return labels.voice.say("numbers.none")
    if text in CODES:
        return labels.voice.say(f"readings.necessity.{CODES[text]}")
    return labels.voice.number(float(text))
