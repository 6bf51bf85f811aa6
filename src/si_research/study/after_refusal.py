"""What would help after a refusal: a scale to name, an item to turn, or what to write in the codebook."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from si_research.constructs import OUTCOMES
from si_research.report.findings import Refusal
from si_research.report.voice import digits_beside
from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook


def what_would_help(
    refusal: Refusal, codebook: Codebook, direction: CheckResult, place: str | Path
) -> Iterator[str]:
    """Say what to type or to write where the file can answer the question after all.

    Parameters
    ----------
    refusal : Refusal
        Why it cannot be put now.
    codebook : Codebook
        As it stands.
    direction : CheckResult
        From :func:`check_direction`.
    place : str or Path
        The study, as the person typed it.
    """
    confirm = f"`si-research codebook --confirm {shlex.quote(str(place))}`"
    if refusal.code == "no_respondents":
        yield "If each row is a person after all, delete `unit: organisation` in codebook.yml."
    if refusal.code == "too_few_people":
        yield (
            f"The model takes at least {refusal.values['needed']} people with every score; "
            f"there are {refusal.values['n']}."
        )
        yield "Collect more answers, or ask less in study.yml: fewer controls, or two predictors."
    if refusal.code == "unreliable_scales":
        yield from _on_scales(refusal, codebook, direction, confirm)
    elif missing := refusal.values.get("missing"):
        yield from _on_absent(tuple(map(str, missing)), codebook, confirm)  # type: ignore[call-overload]


def _on_absent(missing: tuple[str, ...], codebook: Codebook, confirm: str) -> Iterator[str]:
    scales = codebook.scales.items()
    rivals = {each: [name for name, scale in scales if scale.construct_name == each] for each in missing}
    for construct, measuring in rivals.items():
        if len(measuring) > 1:
            yield (
                f"{len(measuring)} scales measure {construct}: {_named(measuring)}. Name one of them, or one "
                f"scale of all their questions, `{construct}` in codebook.yml; the others are `other`."
            )
    missing = tuple(name for name in missing if len(rivals[name]) < 2)
    if not missing:
        return
    yield from _other_outcomes(missing, codebook)
    listed = ", ".join(missing)
    unnamed = [name for name, scale in codebook.scales.items() if scale.construct_name == "other"]
    if unnamed:
        yield f"If one of {_named(unnamed)} measures {listed}, say so: {confirm} lists the scales."
    elif codebook.scales:
        yield f"If the file holds questions on {listed}, make a scale of them: {confirm} says how."
    else:
        yield "The codebook has no scale at all. If the file holds such questions, make items and scales of"
        yield f"their columns in codebook.yml: {confirm} shows what to write."


def _other_outcomes(missing: tuple[str, ...], codebook: Codebook) -> Iterator[str]:
    """Name the outcomes that a codebook has, where the one that is asked for is not there."""
    there = [name for name in OUTCOMES if codebook.scale_of(name) is not None]
    if there and set(missing) & set(OUTCOMES):
        yield (
            f"The codebook has a scale for {', '.join(there)}: to ask about that, write "
            f"`outcome: {there[0]}` under `analysis` in study.yml."
        )


def _on_scales(refusal: Refusal, codebook: Codebook, direction: CheckResult, confirm: str) -> Iterator[str]:
    """Name the figures, and the items that pull them down, where the data tell which these are."""
    scales, figures = refusal.values["scales"], refusal.values.get("reliabilities")
    floor, still_open = refusal.values["floor"], refusal.values.get("open", ())
    assert isinstance(scales, tuple)
    assert isinstance(floor, float)
    assert isinstance(still_open, tuple)
    if isinstance(figures, Mapping):
        yield f"Below the floor of {floor:.2f}: {in_figures(figures, floor)}."
    if still_open:
        listed = ", ".join(f"`{scale}`" for scale in still_open)
        yield f"The interval holds the floor for {listed}: this many people cannot tell; more answers can."
    table = direction.table()
    for scale in scales:
        rows = table[table["scale"] == codebook.scale_of(scale)]
        against = rows[rows["against"]] if rows["flagged"].any() else rows[:0]
        for item, is_turned in zip(against["item"], against["reversed"], strict=True):
            what = "delete" if is_turned else "write"
            when = "the file has turned it already" if is_turned else "its wording says the opposite"
            yield (
                f"`{item}` runs against the rest of `{scale}`: if {when}, {what} `reverse: true` "
                f"under `items: {item}` in codebook.yml, or turn it with {confirm}."
            )
        if against.empty:
            yield (
                f"`{scale}`: no one item is the cause. Look whether its questions belong together; {confirm} "
                "splits a scale, turns an item or leaves one out."
            )


def in_figures(scales: Mapping[str, Mapping[str, float]], floor: float) -> str:
    """Return scales with their figures, for a line on the terminal: ``kunnen: alpha 0.03, omega 0.11``."""
    return "; ".join(
        f"{name}: {figures_of(each, floor) or 'items cancel out'}" for name, each in scales.items()
    )


def figures_of(figures: Mapping[str, float], floor: float) -> str:
    """Return the known figures of a scale, told from the floor: ``alpha 0.03, omega 0.11``."""
    return ", ".join(
        f"{name.replace('_', '-')} {value:.{digits_beside(value, floor)}f}" for name, value in figures.items()
    )


def _named(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:6])
    return f"{shown} and {len(names) - 6} more" if len(names) > 6 else shown
