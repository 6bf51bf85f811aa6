"""Tables of the averages of firms: how far firms differ, how far their people agree, what may be done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from si_research.measurement.aggregation import ENOUGH
from si_research.report.aggregation_counts import shown_aggregation
from si_research.report.labels import Labels
from si_research.report.tables import Table, make_table
from si_research.report.voice import Voice, digits_beside, sentence_case
from si_research.report.words import level_of

if TYPE_CHECKING:
    from si_research.measurement.aggregation import Aggregation


def level_words(level: str, speak: Voice) -> dict[str, str]:
    """Return what a firm or team is called, and several of them."""
    return {each: speak.say(f"aggregation_levels.{level}.{each}") for each in ("one", "many")}


def count_or_few(n: float, speak: Voice) -> str:
    """Return a count; that it is small where it may not be shown."""
    return speak.say("numbers.few") if math.isnan(n) else speak.count(n)


def differences_table(chosen: Sequence[Aggregation], conf_level: float, labels: Labels) -> Table:
    """Return ICC(1) and ICC(2) of every scale, with who was left out."""
    speak, rows = labels.voice, []
    words = level_words(chosen[0].level, speak)
    for each in chosen:
        shown = shown_aggregation(each)
        rows.append(
            (
                labels.of(each.scale),
                count_or_few(shown["n_scored"], speak),
                count_or_few(shown["n_left_out"], speak),
                speak.count(shown["n_groups"]),
                _single(each, shown, speak),
                speak.bounded(shown["icc1"]),
                _interval(shown, speak),
                speak.number(shown["statistic"]),
                speak.p_value(shown["p_value"], bare=True),
                _beside_enough(shown["icc2"], speak),
            )
        )
    level = level_of(conf_level, speak)
    heads = [_head(name, words, speak) for name in ("left_out", "groups", "single")]
    figures = ("ICC(1)", speak.say("columns.interval", level=level), "f", "p", "ICC(2)")
    note = speak.say("table_notes.aggregation_differences", few=speak.say("numbers.few"), **words)
    note = f"{note} {speak.say('table_notes.told_of_scale')}"
    columns = ("scale", "n", *heads, *figures)
    return make_table("aggregation_differences", columns, rows, labels=labels, note=note, many=words["many"])


def agreement_table(chosen: Sequence[Aggregation], labels: Labels) -> Table:
    """Return r_wg(j) under both nulls and the mean deviation of every scale, with the verdict."""
    speak, rows = labels.voice, []
    words = level_words(chosen[0].level, speak)
    for each in chosen:
        shown = shown_aggregation(each)
        digits = digits_beside(shown["ad_mean"], shown["ad_limit"])
        limit = speak.say("aggregation.limit", limit=speak.number(shown["ad_limit"], digits))
        ad = speak.number(shown["ad_mean"], digits)
        rows.append(
            (
                labels.of(each.scale),
                count_or_few(shown["n_complete"], speak),
                count_or_few(shown["n_agreement_left_out"], speak),
                speak.count(shown["n_agreement_groups"]),
                _beside_enough(shown["uniform"], speak),
                _beside_enough(shown["slight_skew"], speak),
                ad if math.isnan(shown["ad_mean"]) else f"{ad} {limit}",
                speak.say(f"aggregation_answers.{each.check.passed}"),
            )
        )
    names = ("left_out", "groups", "uniform", "slight_skew", "deviation", "may")
    heads = [_head(name, words, speak) for name in names]
    note = speak.say("table_notes.aggregation_agreement", **words)
    note = f"{note} {speak.say('table_notes.told_of_scale')}"
    columns = ("scale", "n", *heads)
    return make_table(
        "aggregation_agreement", columns, rows, labels=labels, words=(0, 7), note=note, one=words["one"]
    )


def _beside_enough(value: float, speak: Voice) -> str:
    """Return a figure with the decimals that tell on which side of what is enough it lies."""
    return speak.bounded(value, digits_beside(value, ENOUGH))


def _head(name: str, words: dict[str, str], speak: Voice) -> str:
    """Return the head of a column; r_wg(j) keeps its small letter."""
    text = speak.say(f"aggregation_columns.{name}", **words)
    return text if text.startswith("r_wg") else sentence_case(text)


def _single(found: Aggregation, shown: dict[str, Any], speak: Voice) -> str:
    """Return the number of firms of one person; nothing where it would tell how few lack a firm."""
    if math.isnan(shown["n_single"]) and found.n_single >= 5:
        return speak.say("numbers.none")
    return count_or_few(shown["n_single"], speak)


def _interval(shown: dict[str, Any], speak: Voice) -> str:
    if math.isnan(shown["conf_low"]):
        return speak.number(math.nan)
    return speak.interval(shown["conf_low"], shown["conf_high"], bounded=True)
