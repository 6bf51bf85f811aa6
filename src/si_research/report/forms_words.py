"""Words for the forms in which conditions may come together, and for how far one makes up for another."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from si_research.model.forms.rivals import ONE_SLOPE
from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.verdict_words import power_in_words

if TYPE_CHECKING:
    from si_research.model.forms.comparison import FormComparison
    from si_research.model.forms.compensation import Compensation

SQUARE: Final = " and square"
SUPPOSED_RELIABILITY: Final = 0.8
"""Of the reliabilities that are tried, the one that is told."""


def form_in_words(model: str, labels: Labels) -> str:
    """Return the name of a model of the comparison."""
    form = model.removesuffix(SQUARE)
    said = labels.voice.say(f"readings.forms.names.{form}")
    return said if form == model else labels.voice.say("readings.forms.with_square", form=said)


def best_form_sentences(found: FormComparison, labels: Labels) -> Iterator[str]:
    """Say which of the six forms fits best, and how sure that is."""
    speak = labels.voice
    row = records(found.forms.loc[[found.best]])[0]
    yield speak.say(
        "readings.forms.best" if found.n_firms else "readings.forms.best_people",
        form=form_in_words(found.best, labels),
        outcome=labels.of(found.outcome),
        r2=speak.bounded(row["r2"]),
        held_out=speak.bounded(row["r2_held_out"]),
        share=speak.rate(row["share_best"]),
    )


def apart_sentences(found: FormComparison, labels: Labels) -> Iterator[str]:
    """Say which of the six can be told from the best, or how many people that would take."""
    speak, ours = labels.voice, found.table(ONE_SLOPE).sort_values("delta_aic", kind="stable")
    others, best = ours.drop(index=found.best), form_in_words(found.best, labels)
    unsure = [form_in_words(str(name), labels) for name in others.index[others["delta_low"] <= 0]]
    worse = [form_in_words(str(name), labels) for name in others.index[others["delta_low"] > 0]]
    if worse:
        yield speak.say("readings.forms.worse", forms=speak.listed(worse), best=best)
    if unsure:
        yield speak.say("readings.forms.unsure", forms=speak.listed(unsure), best=best)
        second = records(others.iloc[[0]])[0]
        if math.isfinite(second["n_80"]) and second["n_80"] > found.n_used:
            n_80 = speak.whole(float(f"{second['n_80']:.2g}"))
            yield speak.say("readings.forms.needed", form=form_in_words(str(others.index[0]), labels), n=n_80)


def power_sentences(found: Compensation, labels: Labels) -> Iterator[str]:
    """Say how far one condition makes up for another, and what that hangs on."""
    speak = labels.voice
    if math.isnan(found.p_hat):
        yield speak.say("readings.power.unknown")
        return
    yield speak.say(
        "readings.power.estimate" if found.n_firms else "readings.power.estimate_people",
        p_hat=power_in_words(found.p_hat, labels),
        level=speak.level(found.conf_level),
        interval=powers_between(found.boot_low, found.boot_high, labels),
        independent=powers_between(found.lr_low, found.lr_high, labels),
    )
    adding, essential = found.p_value(1.0), found.p_value(0.0)
    if not math.isnan(adding) and not math.isnan(essential):
        alpha = 1 - found.conf_level
        yield speak.say(
            "readings.power.tests",
            adding=speak.p_value(adding),
            adding_said=speak.say(f"readings.power.{'ruled_out' if adding <= alpha else 'possible'}"),
            essential=speak.p_value(essential),
            essential_said=speak.say(f"readings.power.{'ruled_out' if essential <= alpha else 'possible'}"),
        )
        if adding <= alpha:
            yield speak.say("readings.power.bent")
        yield from _differs(found, {1.0: adding > alpha, 0.0: essential > alpha}, labels)
    yield _sensitivity(found, labels)


def _differs(found: Compensation, possible: dict[float, bool], labels: Labels) -> Iterator[str]:
    """Say which powers the interval rules out, and the test with free weights does not."""
    speak = labels.voice
    outside = {power: not found.boot_low <= power <= found.boot_high for power in possible}
    values = [power for power, kept in possible.items() if kept and outside[power]]
    if values:
        yield speak.say("readings.power.differs", values=speak.listed([speak.number(p, 0) for p in values]))


def _sensitivity(found: Compensation, labels: Labels) -> str:
    zero, error = found.zero_point["estimate"], records(found.reliability.iloc[1:])
    nearest = min(error, key=lambda row: abs(row["reliability"] - SUPPOSED_RELIABILITY))
    known = "known" if len(error) == 1 else "supposed"
    return labels.voice.say(
        f"readings.power.sensitivity_{known}",
        lower=power_in_words(float(zero["a quarter lower"]), labels),
        higher=power_in_words(float(zero["an eighth higher"]), labels),
        free=power_in_words(float(found.weights["estimate"]["free"]), labels),
        reliability=labels.voice.bounded(nearest["reliability"]),
        true=power_in_words(float(nearest["estimate"]), labels),
    )


def powers_between(low: float, high: float, labels: Labels) -> str:
    """Return an interval of a power of the mean, infinities included."""
    ends = {"low": power_in_words(low, labels), "high": power_in_words(high, labels)}
    return labels.voice.say("numbers.interval", **ends)
