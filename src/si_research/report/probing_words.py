"""Sentences on the interaction probed, from the results themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from si_research.model.fit_notes import FEW_CLUSTERS
from si_research.model.inference_comparison import WITHIN_FIRMS
from si_research.model.within_between import BETWEEN, DIFFERENCE, WITHIN
from si_research.report.describe import record, records
from si_research.report.labels import Labels
from si_research.report.model_tables import estimate_of, interval_of
from si_research.report.probing_json import shown_regions
from si_research.report.probing_tables import combination_in_words, method_in_words

if TYPE_CHECKING:
    from si_research.model.inference_comparison import InferenceComparison
    from si_research.model.johnson_neyman import JohnsonNeyman
    from si_research.model.significance_map import SignificanceMap
    from si_research.model.slope_differences import SlopeDifferences
    from si_research.model.within_between import WithinBetween


def differences_sentence(found: SlopeDifferences, labels: Labels) -> str:
    """Return which differences between slopes stand after Holm's correction."""
    speak, count = labels.voice, len(found.differences)
    standing = [row for row in records(found.differences) if row["p_holm"] < 1 - found.conf_level]
    if not standing:
        p = speak.p_value(float(found.differences["p_holm"].min()))
        return speak.say("probing.none_stand", term=labels.of(found.of), count=count, p=p)
    parts = [_standing(row, found, labels) for row in standing]
    return speak.say(
        "probing.some_stand", term=labels.of(found.of), count=count, n=len(standing), parts="; ".join(parts)
    )


def _standing(row: Mapping[str, Any], found: SlopeDifferences, labels: Labels) -> str:
    speak = labels.voice
    text = speak.say(
        f"probing.{'higher' if row['estimate'] > 0 else 'lower'}",
        first=combination_in_words(found.points, row["first"], labels),
        second=combination_in_words(found.points, row["second"], labels),
        difference=estimate_of(labels, dict(row)),
        interval=interval_of(labels, dict(row)),
        p=speak.p_value(row["p_holm"]),
    )
    return text if row["supported"] else f"{text} {speak.say('probing.few_there')}"


def effect_in_words(of: str, labels: Labels) -> str:
    """Return "the slope of kunnen", or "the product of kunnen and willen"."""
    parts = [labels.of(part) for part in of.split(":")]
    key = "slope_of" if len(parts) == 1 else "product_of"
    return labels.voice.say(f"probing.{key}", parts=labels.voice.listed(parts))


def scale_in_words(ends: tuple[float, float], labels: Labels) -> dict[str, str]:
    """Return the ends of a scale, whole where they are."""
    digits = 0 if all(float(end).is_integer() for end in ends) else 1
    return {name: labels.voice.number(end, digits) for name, end in zip(("low", "high"), ends, strict=True)}


def regions_sentence(
    found: JohnsonNeyman, labels: Labels, ends: tuple[float, float] | None = None
) -> Iterator[str]:
    """Say where on the scale the effect can be told from zero, and how many people are there.

    ``ends`` are those of the response format; by default those of the curve. Where a third predictor is held
    at several values, nothing is said.
    """
    speak = labels.voice
    if len(found.lines) > 1:
        return
    low, high = ends or (float(found.curve[found.over].min()), float(found.curve[found.over].max()))
    about = {
        "over": labels.of(found.over),
        "effect": effect_in_words(found.of, labels),
        **scale_in_words((low, high), labels),
    }
    inside = shown_regions(found)
    inside = inside[inside["significant"] & (inside["low"] < high) & (inside["high"] > low)]
    if inside.empty:
        yield speak.say("probing.nowhere", **about)
        return
    parts = [_region(row, (low, high), labels) for row in records(inside)]
    yield speak.say("probing.somewhere", **about, parts=speak.listed(parts))


def _region(row: Mapping[str, Any], ends: tuple[float, float], labels: Labels) -> str:
    speak, share = labels.voice, row["share"]
    left, right = row["low"] <= ends[0], row["high"] >= ends[1]
    place = {(True, True): "whole", (True, False): "below", (False, True): "above", (False, False): "between"}
    return speak.say(
        f"probing.{place[bool(left), bool(right)]}",
        low=speak.number(row["low"]),
        high=speak.number(row["high"]),
        direction=speak.say(f"probing.{row['direction']}"),
        people=people_in_words(share, labels),
    )


def people_in_words(share: float, labels: Labels) -> str:
    """Return how many people are in a region: nothing exact of fewer than five, or of all but so few."""
    key = "few" if math.isnan(share) else "nearly_all" if share >= 1 else "share"
    return labels.voice.say(f"probing.people_{key}", share=labels.voice.percent(share))


def map_sentence(found: SignificanceMap, labels: Labels) -> str:
    """Return on how much of the map people stand, and on how much of that the slope differs from zero."""
    speak, counts = labels.voice, found.counts()
    supported = int(counts["supported"])
    names = [labels.of(name) for name in found.over]
    about = {"term": labels.of(found.of), "others": speak.listed(names)}
    if not supported:
        return speak.say("probing.map_empty", **about)
    shares = {name: int(counts[name]) / supported for name in ("positive", "negative")}
    return speak.say(
        "probing.map",
        **about,
        supported=speak.rate(supported / int(counts["points"])),
        **{name: speak.rate(share) for name, share in shares.items()},
        rest=speak.rate(1 - sum(shares.values())),
    )


def inference_sentences(found: InferenceComparison, labels: Labels) -> Iterator[str]:
    """Say by which method the coefficient is read, and whether another would change the conclusion."""
    speak, alpha = labels.voice, 1 - found.conf_level
    row = record(found.methods, found.recommended)
    if math.isnan(row["p_value"]):
        yield speak.say("probing.untested", term=labels.term(found.term))
    else:
        yield speak.say(
            "probing.read",
            term=labels.term(found.term),
            method=method_in_words(found.recommended, labels),
            estimate=estimate_of(labels, row, 3),
            interval=interval_of(labels, row, 3),
            p=speak.p_value(row["p_value"]),
        )
    if found.reason in ("few_clusters", "cluster_identifies_term"):
        yield speak.say(f"probing.{found.reason}")
    if math.isnan(row["p_value"]) or found.reason == "cluster_identifies_term":
        return
    others = found.methods.drop(index=[found.recommended, WITHIN_FIRMS], errors="ignore")
    others = others[others["p_value"].notna()]
    turned = others[(others["p_value"] < alpha) != (row["p_value"] < alpha)]
    reading = speak.say("tests.found" if row["p_value"] < alpha else "tests.not_found")
    if turned.empty:
        yield speak.say("probing.same", count=len(others), reading=reading)
        return
    ways = [
        speak.say("probing.way", method=method_in_words(str(name), labels), p=speak.p_value(float(p)))
        for name, p in turned["p_value"].items()
    ]
    yield speak.say("probing.other", ways=speak.listed(ways), reading=reading)


def split_sentences(found: WithinBetween, labels: Labels) -> Iterator[str]:
    """Say what the interaction is within firms, and for which conditions firms differ from people in them."""
    speak, alpha = labels.voice, 1 - found.conf_level
    level = found.coefficients.index.get_level_values("level")
    levels = {
        name: found.coefficients[level == name].droplevel("level") for name in (WITHIN, BETWEEN, DIFFERENCE)
    }
    inside = record(levels[WITHIN], found.tested_term)
    yield speak.say(
        "probing.within",
        n=found.n_clusters,
        term=labels.term(found.tested_term),
        estimate=estimate_of(labels, inside, 3),
        interval=interval_of(labels, inside, 3),
        p=speak.p_value(inside["p_value"]),
    )
    parts = [
        speak.say(
            "probing.apart_part",
            term=labels.of(str(row["term"])),
            within=estimate_of(labels, record(levels[WITHIN], row["term"])),
            between=estimate_of(labels, record(levels[BETWEEN], row["term"])),
            p=speak.p_value(row["p_value"]),
        )
        for row in records(levels[DIFFERENCE])
        if row["p_value"] < alpha
    ]
    yield speak.say("probing.apart", parts=speak.listed(parts)) if parts else speak.say("probing.not_apart")
    if found.n_clusters < FEW_CLUSTERS:
        yield speak.say("probing.few_between", n=found.n_clusters)
