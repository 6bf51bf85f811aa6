"""How reliable a scale is, in words: its figures, why one of them is not known, what is odd about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from si_research.measurement.scale_reliability import holding, is_unreliable, known_figures
from si_research.model.fit_notes import is_of_firms
from si_research.report.voice import digits_beside

if TYPE_CHECKING:
    from si_research.measurement.omega import Omega
    from si_research.measurement.scale_reliability import ScaleReliability
    from si_research.measurement.two_halves import SpearmanBrown
    from si_research.report.findings import StudyFindings
    from si_research.report.labels import Labels
    from si_research.report.voice import Voice

MODEST: Final = 0.70
"""Alpha and omega below which a scale is called modest (Nunnally & Bernstein, 1994)."""
FIGURES: Final = ("alpha", "omega", "spearman_brown")


def figures_in_words(figures: Mapping[str, float], speak: Voice, limit: float = np.nan) -> str:
    """Return the known figures of a scale: ``alpha .03, omega .11``; told from a limit where there is one."""
    parts = [
        f"{speak.say(f'reliability.{name}')} "
        f"{speak.bounded(figures[name], digits_beside(figures[name], limit))}"
        for name in FIGURES
        if name in figures
    ]
    return ", ".join(parts) or speak.say("reliability.no_figure")


def scales_in_words(scales: Mapping[str, Mapping[str, float]], labels: Labels, limit: float = np.nan) -> str:
    """Return scales with their figures: ``kunnen (alpha .03, omega .11) and willen (alpha .02)``."""
    named = [
        f"{labels.of(name)} ({figures_in_words(each, labels.voice, limit)})" for name, each in scales.items()
    ]
    return labels.voice.listed(named)


def of_scales(scales: Iterable[ScaleReliability]) -> dict[str, dict[str, float]]:
    """Return scales with their known figures."""
    return {each.scale: known_figures(each) for each in scales}


def reservations(findings: StudyFindings, labels: Labels) -> Iterator[str]:
    """Say that the outcome is a figure of firms, and that scales below the floor were tested all the same."""
    study, speak = findings.study, labels.voice
    if findings.refusal is not None:
        return  # a study that was refused tested nothing, whatever was asked
    if is_of_firms(findings.fit) and findings.fit is not None and findings.fit.clusters is not None:
        n_firms = findings.fit.clusters.n_clusters
        yield speak.say("notes.outcome_of_firms", outcome=labels.of(study.outcome), n_clusters=n_firms)
    asked = {study.outcome, *study.predictors}
    weak = [each for each in findings.unreliable if each.scale in asked]
    if weak:
        scales = scales_in_words(of_scales(weak), labels, study.reliability_floor)
        yield speak.say("page.unreliable", scales=scales, floor=speak.bounded(study.reliability_floor))


def odd_sentences(
    scales: tuple[ScaleReliability, ...], floor: float, labels: Labels
) -> Iterator[tuple[str, str]]:
    """Give what a reader must know of the scales: ``warning`` or ``text``, and the sentence."""
    speak = labels.voice
    below = [each for each in scales if is_unreliable(each, floor)]
    for kind, key, limit, chosen in (
        ("warning", "below", floor, below),
        ("text", "one_below", floor, [each for each in scales if _one_below(each, floor)]),
        ("text", "modest", MODEST, [each for each in scales if _is_modest(each, floor)]),
    ):
        if chosen:
            figures = scales_in_words(of_scales(chosen), labels, limit)
            said = speak.say(f"reliability.{key}", scales=figures, floor=speak.bounded(floor))
            yield kind, said
    for said in open_sentences(below, floor, labels):
        yield "text", said
    for each in scales:
        yield from _of_one(each, labels)


def open_sentences(scales: Iterable[ScaleReliability], floor: float, labels: Labels) -> Iterator[str]:
    """Say of which scales below the floor so few people cannot tell that they lie below it."""
    speak = labels.voice
    for each in scales:
        row = holding(each, floor)
        if row is not None:
            yield speak.say(
                "reliability.open",
                scale=labels.of(each.scale),
                figure=speak.say(f"reliability.{row['figure']}"),
                level=speak.level(each.alpha.conf_level),
                interval=speak.interval(row["conf_low"], row["conf_high"], bounded=True),
                n=int(row["n_used"]),
                floor=speak.bounded(floor),
            )


def omega_in_words(omega: Omega, speak: Voice) -> str:
    """Return omega with its interval, or why there is none."""
    if omega.status != "estimated":
        key, count = f"reliability.omega_{omega.status.replace(' ', '_')}", len(omega.concerned)
        return speak.say(key, items=_items(omega.concerned), count=count)
    interval = speak.interval(omega.conf_low, omega.conf_high, bounded=True)
    level = speak.level(omega.conf_level)
    return speak.say(
        "reliability.omega_known", omega=speak.bounded(omega.omega), level=level, interval=interval
    )


def halves_in_words(halves: SpearmanBrown, speak: Voice) -> str:
    """Return the reliability of two items with its interval, or why there is none."""
    if halves.status != "estimated":
        return speak.say(f"reliability.halves_{halves.status.replace(' ', '_')}")
    return speak.say(
        "reliability.halves_known",
        value=speak.bounded(halves.reliability),
        level=speak.level(halves.conf_level),
        interval=speak.interval(halves.conf_low, halves.conf_high, bounded=True),
        r=speak.bounded(halves.correlation),
    )


def _of_one(scale: ScaleReliability, labels: Labels) -> Iterator[tuple[str, str]]:
    """Give what is odd about one scale."""
    speak, name = labels.voice, labels.of(scale.scale)
    alpha, omega = scale.alpha, scale.omega
    if alpha.alpha < 0:
        yield (
            "warning",
            speak.say(
                "reliability.negative" if alpha.conf_high < 0 else "reliability.negative_noise",
                scale=name,
                alpha=speak.bounded(alpha.alpha),
                level=speak.level(alpha.conf_level),
                interval=interval_in_words(alpha.conf_low, alpha.conf_high, speak),
            ),
        )
    if alpha.status == "cancelled":
        yield "warning", speak.say("reliability.cancelled", scale=name)
    flat = [str(item) for item, spread in alpha.items["std_dev"].items() if spread == 0]
    if flat and alpha.status in ("estimated", "cancelled"):
        yield "text", speak.say("reliability.flat", count=len(flat), scale=name, items=_items(flat))
    if scale.two_items is not None:
        yield (
            "text",
            speak.say("reliability.two_items", scale=name, halves=halves_in_words(scale.two_items, speak)),
        )
    elif alpha.status == "estimated" and omega.status != "estimated":
        yield "text", speak.say("reliability.no_omega", scale=name, why=omega_in_words(omega, speak))
    if scale.ordinal is not None and scale.ordinal.status == "impossible":
        pairs = [f"`{first}` – `{second}`" for first, second in scale.ordinal.impossible]
        yield "text", speak.say("reliability.no_ordinal", scale=name, pairs="; ".join(pairs[:6]))


def _one_below(scale: ScaleReliability, floor: float) -> bool:
    known = known_figures(scale).values()
    return any(value < floor for value in known) and not is_unreliable(scale, floor)


def _is_modest(scale: ScaleReliability, floor: float) -> bool:
    known = list(known_figures(scale).values())
    return bool(known) and min(known) >= floor and max(known) < MODEST


def _items(names: Iterable[str]) -> str:
    return ", ".join(f"`{str(name).removesuffix('_reversed')}`" for name in names)


def interval_in_words(low: float, high: float, speak: Voice) -> str:
    """Return the ends of an interval, or a dash."""
    if not np.isfinite([low, high]).all():
        return speak.say("numbers.none")
    return speak.interval(low, high, bounded=True)
