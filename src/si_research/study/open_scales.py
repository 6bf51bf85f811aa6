"""Scales without a response format: the ends and anchors that the readings then take from the sample."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from si_research.survey.scoring import ScaleFacts

PARTS: Final = 10
"""A range is rounded to at most this part of it: everybody lies within, and nobody's score is told."""
ANCHORS: Final = (5, 50, 95)
"""Percentiles for out of a set, neither, and in it: what is done where theory has no anchors."""


def open_scales(scales: Mapping[str, ScaleFacts], names: Sequence[str]) -> tuple[str, ...]:
    """Return which of these have no lowest or no highest answer."""
    return tuple(name for name in names if not np.isfinite(_format_ends(scales.get(name))).all())


def study_ends(
    rows: pd.DataFrame, scales: Mapping[str, ScaleFacts], names: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """Return the ends of each response format; an open end is that of the sample, rounded outward."""
    found = {}
    for name in names:
        known = _format_ends(scales.get(name))
        own = known if np.isfinite(known).all() else _outward(rows[name].dropna())
        low, high = (each if math.isfinite(each) else other for each, other in zip(known, own, strict=True))
        found[name] = (low, high)
    return found


def sample_anchors(rows: pd.DataFrame, names: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Return anchors of fuzzy sets from percentiles of the sample, rounded."""
    found = {}
    for name in names:
        three = np.nanpercentile(rows[name].to_numpy(dtype="float64"), ANCHORS)
        unit = _unit(float(three[-1] - three[0]))
        found[name] = tuple(float(each) for each in np.round(three / unit) * unit)
    return found


def _format_ends(facts: ScaleFacts | None) -> tuple[float, float]:
    return (math.nan, math.nan) if facts is None else (facts.lowest, facts.highest)


def _outward(scores: pd.Series[float]) -> tuple[float, float]:
    if scores.empty:
        return 0.0, 1.0  # of nobody; the models say so
    low, high = float(scores.min()), float(scores.max())
    if low == high:
        return math.floor(low) - 1.0, math.ceil(high) + 1.0
    unit = _unit(high - low)
    return math.floor(low / unit) * unit, math.ceil(high / unit) * unit


def _unit(width: float) -> float:
    """Return 1, 2 or 5 times a power of ten, the largest that goes ten times into a width."""
    part = max(width, 1e-9) / PARTS
    power: float = 10.0 ** math.floor(math.log10(part))
    return max(each * power for each in (1, 2, 5) if each * power <= part * (1 + 1e-9))
