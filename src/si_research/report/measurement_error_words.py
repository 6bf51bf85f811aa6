"""Sentences on measurement error in the products, from the results themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from si_research.report.describe import record, records
from si_research.report.labels import Labels
from si_research.report.voice import Voice, digits_for

if TYPE_CHECKING:
    from si_research.measurement.factors.latent_interaction import LatentInteraction
    from si_research.measurement.factors.lms import LatentModeration
    from si_research.measurement.product_reliability import ProductReliability
    from si_research.model.measurement_error import CorrectedInteraction
    from si_research.report.measurement_error_findings import MeasurementErrorFindings


def product_sentence(found: ProductReliability, speak: Voice, labels: Labels | None = None) -> str:
    """Return how sharply the product of all scales is measured, and what that costs."""
    row = records(found.products)[-1]
    return speak.say(
        "sentences.product_reliability",
        term=(labels or Labels(speak)).term(str(row["term"])),
        reliability=speak.bounded(row["reliability"]),
        share=speak.rate(row["share_kept"]),
        times=speak.number(row["n_times"], 1),
    )


def corrected_sentence(found: CorrectedInteraction, speak: Voice) -> str:
    """Return both estimates of the highest product."""
    term, reliabilities = found.tested_term, found.reliabilities
    if found.status != "estimated":
        return _no_correction(found.status, term, found.n_groups > 0, Labels(speak))
    return _both(
        record(found.plain, term),
        record(found.coefficients, term),
        Labels(speak),
        term=term,
        reliabilities=reliabilities,
        level=speak.level(found.conf_level),
        n_used=found.n_used,
    )


def latent_sentence(found: LatentInteraction | LatentModeration, speak: Voice) -> str:
    """Return the effect of the product of all factors, or why there is none."""
    row = records(found.effects)[-1]
    term = Labels(speak).term(str(row["term"]))
    counts = {"n_used": found.n_used, "n_rows": found.n_rows}
    if not found.usable:
        status = speak.say(f"measurement_status.{found.status}")
        return speak.say("sentences.latent_none", term=term, status=status, **counts)
    return speak.say(
        "sentences.latent",
        term=term,
        **_numbers(row, speak),
        level=speak.level(found.conf_level),
        p=speak.p_value(row["p_value"]),
        **counts,
    )


def findings_sentence(found: MeasurementErrorFindings, labels: Labels) -> str:
    """Return what measurement error does to the highest product, in one or two sentences."""
    speak, table, term = labels.voice, found.estimates, found.tested_term
    if found.known == "unknown":
        return unknown_sentence(found, labels)
    if found.corrected == "":
        if found.products is None:
            return speak.say("measurement_error.overlap", scales=_scales(found, labels))
        return product_sentence(found.products, speak, labels)
    if found.corrected != "estimated":
        return _no_correction(found.corrected, term, found.firms, labels)
    return _both(
        record(table, "plain"),
        record(table, "corrected"),
        labels,
        term=term,
        reliabilities=found.reliabilities["reliability"],
        level=speak.level(found.conf_level),
        n_used=int(record(table, "corrected")["n_used"]),
    )


def unknown_sentence(found: MeasurementErrorFindings, labels: Labels) -> str:
    """Return of which scales the reliability cannot be known, and why."""
    speak, why = labels.voice, []
    for row in records(found.reliabilities):
        if row["status"] != "known":
            key = f"measurement_why.{row['status']}"
            reason = speak.say(key if speak.has(key) else "measurement_why.other")
            why.append(f"{labels.of(str(row['scale']))} ({reason})")
    return speak.say("measurement_error.unknown", scales=speak.listed(why))


def comparison_sentences(found: MeasurementErrorFindings, labels: Labels) -> Iterator[str]:
    """Say whether the corrections agree, and what the ones that failed mean."""
    speak = labels.voice
    agreement = found.agreement()
    for kind in ("together", "uncertain", "apart"):
        ways = [speak.say(f"measurement_short.{name}") for name, each in agreement.items() if each == kind]
        trivial = kind == "together" and found.tells_nothing  # anything lies within such an interval
        if ways and not trivial:
            yield speak.say(f"measurement_error.{kind}", ways=speak.listed(ways))
    if "simex" in agreement:
        yield speak.say("measurement_error.simex")
    if "corrected_squares" in found.estimated().index:
        yield speak.say(f"measurement_error.{'squares_too' if 'simex' in agreement else 'squares'}")
    for row in records(found.estimates):
        if row["status"] != "estimated" and row["method"] != "corrected":
            meaning = speak.say(f"measurement_meaning.{_meaning(row['status'], found.firms)}")
            way = speak.say(f"measurement_ways.{row['method']}")
            yield speak.say("measurement_error.failed", way=way, meaning=meaning)


def reliabilities_sentence(found: MeasurementErrorFindings, labels: Labels) -> str:
    """Return which reliability of each scale is used."""
    speak = labels.voice
    parts = [
        speak.say(
            "measurement_error.used_part",
            scale=labels.of(str(row["scale"])),
            value=speak.bounded(row["reliability"]),
            figure=speak.say(f"measurement_figures.{row['figure']}"),
        )
        for row in records(found.reliabilities)
        if row["status"] == "known"
    ]
    return speak.say(
        "measurement_error.used", parts=speak.listed(parts), section=speak.say("sections.scales")
    )


def _no_correction(status: str, term: str, firms: bool, labels: Labels) -> str:
    meaning = labels.voice.say(f"measurement_meaning.{_meaning(status, firms)}")
    return labels.voice.say("sentences.corrected_none", term=labels.term(term), meaning=meaning)


def _meaning(status: str, firms: bool) -> str:
    return f"unstable_{'firms' if firms else 'people'}" if status == "unstable" else status


def _both(
    plain: dict[str, Any],
    corrected: dict[str, Any],
    labels: Labels,
    *,
    term: str,
    reliabilities: pd.Series[float],
    level: str,
    n_used: int,
) -> str:
    speak = labels.voice
    before = {f"plain_{name}": text for name, text in _numbers(plain, speak).items()}
    return speak.say(
        "sentences.corrected",
        term=labels.term(term),
        **before,
        **_numbers(corrected, speak),
        level=level,
        reliabilities=speak.listed([speak.bounded(float(each)) for each in reliabilities]),
        times=speak.number(corrected["std_error"] / plain["std_error"], 1),
        n_used=n_used,
    )


def _numbers(row: dict[str, Any], speak: Voice) -> dict[str, str]:
    digits = digits_for(row["std_error"], 3)
    return {
        "estimate": speak.number(row["estimate"], digits),
        "interval": speak.interval(row["conf_low"], row["conf_high"], digits=digits),
    }


def _scales(found: MeasurementErrorFindings, labels: Labels) -> str:
    return labels.voice.listed([labels.of(str(name)) for name in found.reliabilities.index])
