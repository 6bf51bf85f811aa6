"""Which sections of the report hold a reservation, so that the notes can name them together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from si_research.report.labels import Labels

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings

USELESS: Final = frozenset({"negative_variance", "correlation_beyond_one", "not_converged", "not_identified"})
"""Findings after which the figures of a factor model are not to be used."""


def reservations_elsewhere(findings: StudyFindings) -> dict[str, tuple[str, ...]]:
    """Return the codes of what a reader must know, by section; sections without any are not in.

    Returns
    -------
    dict of str to tuple of str
        Section to codes; the words of these stand in the locale files under ``elsewhere``.
    """
    found = {
        "scales": _in_scales(findings),
        "factors": _in_factors(findings),
        "measurement_error": _in_measurement_error(findings),
    }
    codes = {name: tuple(dict.fromkeys(each)) for name, each in found.items()}
    return {name: each for name, each in codes.items() if each}


def elsewhere_sentence(findings: StudyFindings, labels: Labels) -> str:
    """Name the sections that hold a reservation, and which; empty where none does."""
    speak = labels.voice
    parts = [
        speak.say(
            "elsewhere.part",
            section=speak.say(f"sections.{name}"),
            what=speak.listed([speak.say(f"elsewhere.{code}") for code in codes]),
        )
        for name, codes in reservations_elsewhere(findings).items()
    ]
    return speak.say("elsewhere.all", parts="; ".join(parts)) if parts else ""


def _in_scales(findings: StudyFindings) -> Iterator[str]:
    if findings.unreliable:
        yield "unreliable"
    if findings.direction.passed is False:
        yield "against"


def _in_factors(findings: StudyFindings) -> Iterator[str]:
    factors = findings.factors
    if factors is None:
        return
    if factors.reason:
        yield "no_factors"
    names = {each.name for each in factors.findings}
    in_models = {each.name for fit in factors.models.values() for each in fit.findings}
    if USELESS & in_models:
        yield "useless_model"
    if "few_rows" in in_models:
        yield "few_rows"
    if "few_firms" in names:
        yield "few_firms"
    if any(each.verdict != "same" for each in factors.instruments):
        yield "instrument"


def _in_measurement_error(findings: StudyFindings) -> Iterator[str]:
    error = findings.measurement_error
    if error is None:
        return
    if error.known != "known":
        yield f"error_{error.known}"
    elif error.corrected not in ("", "estimated"):
        yield "not_corrected"
    elif error.tells_nothing:
        yield "tells_nothing"
    if "apart" in error.agreement().values():
        yield "corrections_apart"
