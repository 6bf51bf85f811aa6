"""Low and high of each predictor: the points between which a model is probed, and who is near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.design import percentiles
from si_research.model.probed import Probed
from si_research.privacy.profiles import profile_in_force

LOW, HIGH = "low", "high"
ENDS: Final = (16, 84)
STATED, PERCENTILES, BOTH_VALUES, EXTREMES = "stated", "16th and 84th percentile", "both values", "extremes"
PAIR: Final = "{'willen': (2, 4)}"
"""How a low and a high point are written, for messages."""


def fewest_near() -> int:
    """Return how many people must be nearby for a figure to rest on data, by the profile in force.

    Examples
    --------
    >>> fewest_near()
    5
    """
    return profile_in_force().smallest_cell


def low_and_high(fit: Probed, names: Sequence[str], stated: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """Return low and high of predictors, indexed by ``term``, and ``how`` they were chosen."""
    rows: dict[str, Sequence[float | str]] = {
        name: (*stated[name], STATED) if name in stated else _usual_ends(fit, name) for name in names
    }
    ends = pd.DataFrame.from_dict(rows, orient="index", columns=[LOW, HIGH, "how"]).rename_axis("term")
    return ends.astype({LOW: "float64", HIGH: "float64"})


def _usual_ends(fit: Probed, name: str) -> tuple[float, float, str]:
    """Return the 16th and 84th percentile; the ends of the data where these two are one value."""
    if name in fit.squares_left_out:
        return (*sorted(fit.rows[name].unique()), BOTH_VALUES)
    low, high = (float(end) for end in percentiles(fit.rows, name, fit.weight, ENDS))
    if low < high:
        return low, high, PERCENTILES
    return fit.rows[name].min(), fit.rows[name].max(), EXTREMES


def turned(stated: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the names whose stated points are not a finite low below a finite high."""
    return [
        name
        for name, points in stated.items()
        if len(points) != 2 or not -np.inf < points[0] < points[1] < np.inf
    ]


def combinations_of(ends: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return every combination of "low" and "high" of the predictors, all low first, all high last."""
    return list(product((LOW, HIGH), repeat=len(ends)))


def place_of(ends: pd.DataFrame, levels: tuple[str, ...]) -> dict[str, float]:
    """Return the value of each predictor at one combination of "low" and "high"."""
    return {str(name): float(ends[end][name]) for name, end in zip(ends.index, levels, strict=True)}


def people_nearest(fit: Probed, ends: pd.DataFrame) -> pd.Series:
    """Count the people nearest to each combination: each score nearer to its level than to the other."""
    names = [" ".join(levels) for levels in combinations_of(ends)]
    middle = (ends[LOW] + ends[HIGH]) / 2
    side = np.where(fit.rows[list(ends.index)] > middle, HIGH, LOW)
    counts = pd.Series([" ".join(each) for each in side]).value_counts()
    return counts.reindex(names, fill_value=0)
