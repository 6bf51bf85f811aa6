"""Sentences on how firm a result is, from the results themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from si_research.model.effect_sizes import PRODUCTS
from si_research.model.fit_notes import FEW_CLUSTERS
from si_research.report.describe import record, records
from si_research.report.labels import Labels
from si_research.report.model_tables import estimate_of, interval_of
from si_research.report.robustness_counts import (
    n_firms_told,
    one_person_weighs,
    shown_ceiling,
    shown_summary,
)
from si_research.report.robustness_tables import size_in_words, size_of
from si_research.report.voice import digits_for, sentence_case

if TYPE_CHECKING:
    import pandas as pd

    from si_research.model.effect_sizes import EffectSizes
    from si_research.model.influence import LeaveOneFirmOut
    from si_research.model.interaction import InteractionFit
    from si_research.model.regression_diagnostics import RegressionDiagnostics
    from si_research.survey.check_result import CheckResult

MOST_DECIDING: Final = 2
"""Firms that may each turn a judgement, above which it is not these firms that decide."""
NEAR: Final = 3.0
"""Times alpha, or below it as a part, within which p lies close to the border."""
MOST_INFLATED: Final = 5.0
"""VIF above which a condition can hardly be told from the others (James and others, 2013, use 5 or 10)."""


def verdict_sentences(
    found: LeaveOneFirmOut, labels: Labels, small_firms: pd.DataFrame | None = None
) -> Iterator[str]:
    """Say in a sentence or two whether one firm changes what is said of the products."""
    speak, alpha = labels.voice, 1 - found.conf_level
    told, kinds = _told(found, labels), dict[str, list[str]]()
    for row in records(shown_summary(found).rename_axis("term")) if n_firms_told(found) else ():
        for kind in _verdicts(row, alpha):
            kinds.setdefault(kind, []).append(labels.term(str(row["term"])))
    if small_firms is not None and small_firms["conclusion_turns"].any():
        names = small_firms.index[small_firms["conclusion_turns"]]
        kinds["small"] = [labels.term(str(term)) for term in names]
    if n_firms_told(found) and not set(kinds) - {"small"}:
        yield speak.say("robustness.verdict.none", told=told)
    for kind, terms in kinds.items():
        yield speak.say(f"robustness.verdict.{kind}", terms=speak.listed(terms), told=told)


def _verdicts(row: dict[str, Any], alpha: float) -> Iterator[str]:
    """Give what is to be said of a product; near the border no firm in particular decides."""
    turns, p = int(row["n_conclusion_turns"]), float(row["p_value"])
    if turns > MOST_DECIDING:
        yield "border" if alpha / NEAR <= p <= alpha * NEAR else "several"
    elif turns:
        yield "depends" if turns == 1 else "depends_two"
    elif row["n_sign_turns"] and p < alpha:
        yield "sign"
    if row["n_missing"]:
        yield "rests"


def _told(found: LeaveOneFirmOut, labels: Labels) -> str:
    """Return which firms the words are about, where that is not all."""
    return "" if n_firms_told(found) == found.n_firms else f" {labels.voice.say('robustness.told')}"


def firms_sentences(
    found: LeaveOneFirmOut, labels: Labels, small_firms: pd.DataFrame | None = None
) -> Iterator[str]:
    """Say whether leaving out one firm of five people or more turns the sign or the reading of a product.

    ``small_firms`` has what is found without all smaller firms together.
    """
    if n_firms_told(found):
        yield from _one_by_one(found, labels)
    else:
        yield labels.voice.say("robustness.all_small")
    if small_firms is not None:
        yield from _together(small_firms, labels)
    elif 0 < n_firms_told(found) < found.n_firms:
        yield labels.voice.say("robustness.small_untold")
    if found.n_firms < FEW_CLUSTERS:
        yield labels.voice.say("robustness.few_firms", n=found.n_firms)


def _one_by_one(found: LeaveOneFirmOut, labels: Labels) -> Iterator[str]:
    speak, rows = labels.voice, records(shown_summary(found).rename_axis("term"))
    n = n_firms_told(found)
    leave = speak.say("robustness.leave_all" if n == found.n_firms else "robustness.leave_told", count=n)
    turned = [row for row in rows if row["n_conclusion_turns"]]
    if turned:
        everybody = speak.say("robustness.all_organisations")
        parts = [
            speak.say(
                "robustness.turns_part", term=labels.term(row["term"]), count=int(row["n_conclusion_turns"])
            )
            + f" ({everybody} {speak.p_value(row['p_value'])})"
            for row in turned
        ]
        yield speak.say("robustness.turns", leave=leave, parts="; ".join(parts))
    else:
        yield speak.say("robustness.stable", leave=leave, count=len(rows))
    signs = [labels.term(row["term"]) for row in rows if row["n_sign_turns"]]
    yield (
        speak.say("robustness.signs", terms=speak.listed(signs))
        if signs
        else speak.say("robustness.no_signs", count=len(rows))
    )
    lost = [labels.term(row["term"]) for row in rows if row["n_missing"]]
    if lost:
        yield speak.say("robustness.lost", terms=speak.listed(lost))


def _together(small_firms: pd.DataFrame, labels: Labels) -> Iterator[str]:
    """Say what turns without all small firms together."""
    speak, said = labels.voice, []
    for column in ("conclusion_turns", "sign_turns", "missing"):
        terms = [labels.term(str(term)) for term in small_firms.index[small_firms[column]]]
        if terms:
            said.append(speak.say(f"robustness.small_{column}", terms=speak.listed(terms)))
    yield speak.say(
        "robustness.small_together", found="; ".join(said) or speak.say("robustness.small_nothing")
    )


def firm_lines(found: LeaveOneFirmOut, labels: Labels) -> Iterator[str]:
    """Give for each product its estimate with all firms, and how far it moves without one of them."""
    speak = labels.voice
    told = _told(found, labels)
    for row in records(shown_summary(found).rename_axis("term")):
        whole = record(found.whole, row["term"])
        digits = digits_for(whole["std_error"], 3)
        about = {
            "term": labels.term(str(row["term"])),
            "estimate": estimate_of(labels, whole, 3),
            "interval": interval_of(labels, whole, 3),
        }
        if math.isnan(row["estimate_low"]):
            yield speak.say("robustness.line_untold", **about)
            continue
        low, high = (speak.number(row[f"estimate_{end}"], digits) for end in ("low", "high"))
        yield speak.say("robustness.line", **about, told=told, low=low, high=high)


def judged_otherwise(found: LeaveOneFirmOut, fit: InteractionFit) -> list[str]:
    """Return the products that the calculation without firms judges otherwise than the report, with all."""
    alpha, names = 1 - found.conf_level, []
    for term in found.terms:
        own, here = (float(table["p_value"][term]) for table in (fit.coefficients, found.whole))
        if (own < alpha) != (here < alpha):
            names.append(term)
    return names


def sizes_sentences(found: EffectSizes, fit: InteractionFit, labels: Labels) -> Iterator[str]:
    """Say how much the products add to what is explained, with intervals."""
    speak, steps = labels.voice, list(found.sizes.index.unique())
    step = PRODUCTS if PRODUCTS in steps else str(steps[-1])
    several = step == PRODUCTS and len(fit.predictors) > 2
    gain, f2 = (size_of(found.sizes, step, name) for name in ("r2_gain", "f2"))
    yield speak.say(
        "robustness.size" if several else "robustness.size_last",
        outcome=labels.of(fit.outcome),
        term=labels.term(fit.tested_term),
        gain=speak.rate(gain["estimate"], 1),
        low=speak.rate(gain["conf_low"], 1),
        high=speak.rate(gain["conf_high"], 1),
        f2=size_in_words(f2, labels),
    )
    if gain["at_zero"]:
        yield speak.say("robustness.at_zero")
    if fit.cluster is not None and found.n_units < FEW_CLUSTERS:
        yield speak.say("robustness.few_drawn")


def ceiling_sentences(found: CheckResult, outcome: str, labels: Labels) -> Iterator[str]:
    """Say whether the outcome reached an end of its scale, and what that means; then the conditions."""
    speak, table = labels.voice, shown_ceiling(found)
    row = record(table, outcome)
    ends = [end for kind, end in (("floor", "lowest"), ("ceiling", "highest")) if row[kind]]
    if ends:
        parts = [speak.say(f"robustness.at_{end}", share=speak.percent(row[f"share_{end}"])) for end in ends]
        yield speak.say("robustness.outcome_end", outcome=labels.of(outcome), parts=speak.listed(parts))
    else:
        yield speak.say("robustness.outcome_room", outcome=labels.of(outcome))
    others = table.drop(index=[outcome])
    crowded = [labels.of(str(name)) for name in others.index[others["floor"] | others["ceiling"]]]
    if crowded:
        yield speak.say("robustness.condition_end", names=speak.listed(crowded), count=len(crowded))


def diagnostics_sentences(found: RegressionDiagnostics, fit: InteractionFit, labels: Labels) -> Iterator[str]:
    """Say what in the diagnostics bears on reading the result; or that nothing does."""
    speak, alpha = labels.voice, 1 - fit.conf_level
    said = False
    for name, key in (("Breusch-Pagan, studentised", "spread"), ("RESET", "form")):
        p = _p_of(found.diagnostics, name)
        if p < alpha:
            said = True
            yield speak.say(f"robustness.{key}", p=speak.p_value(p))
    values = {name: float(found.diagnostics["statistic"][f"VIF {name}"]) for name in fit.predictors}
    inflated = [labels.of(name) for name, value in values.items() if value > MOST_INFLATED]
    if inflated:
        said = True
        largest = speak.number(max(values.values()), 1)
        yield speak.say("robustness.inflated", names=speak.listed(inflated), largest=largest)
    if one_person_weighs(found):
        said = True
        yield speak.say("robustness.one_person")
    if fit.weight is not None:
        yield speak.say("robustness.weighted")
    elif not said:
        yield speak.say("robustness.nothing")


def _p_of(table: pd.DataFrame, name: str) -> float:
    """Return a p-value; NaN where the test is not there, which lies below nothing."""
    return float(table["p_value"][name]) if name in table.index else math.nan


def firms_in_words(found: LeaveOneFirmOut, labels: Labels) -> str:
    """Return the sentences and lines as one text."""
    texts: list[Any] = [*firms_sentences(found, labels), *firm_lines(found, labels)]
    return " ".join(sentence_case(text) for text in texts)
