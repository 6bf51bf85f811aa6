"""What a form predicts over two conditions, at a level of the third."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, listed_names
from si_research.model.forms.compensation import Compensation
from si_research.model.forms.free_weights import WeightedForms
from si_research.model.forms.power_mean import PowerMeans, equal_weights

POINTS: Final = 33


def form_surface(
    found: Compensation,
    *,
    over: Sequence[str] | None = None,
    at: Mapping[str, float] | None = None,
    p: float | None = None,
    points: int = POINTS,
) -> pd.DataFrame:
    """Return the predicted outcome over two conditions, at a level of the third.

    Parameters
    ----------
    found : Compensation
    over : sequence of str, optional
        Two of its conditions; the first two by default.
    at : mapping of str to float, optional
        Level of the third, in scale points; its median by default.
    p : float, optional
        The power; p_hat by default (1 where no power can be told). 1 is the additive form.
    points : int
        Steps along each condition, from the lowest to the highest answer.

    Returns
    -------
    pandas.DataFrame
        A column a condition, in scale points, and ``estimate``; controls at their mean. points·points rows.

    Raises
    ------
    ModelSpecificationError
        For names that are no conditions of the fit, or a level beyond the response format.

    Notes
    -----
    outcome = a + b·M_p + c·M_p² with equal weights, fitted at this p on the rows of ``found``.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> from si_research.model.forms.compensation import fit_compensation
    >>> wide = {"innovative_behaviour": (0, 6)}
    >>> found = fit_compensation(simulate_scores(300, seed=1), ends=wide, draws=199, seed=1)
    >>> form_surface(found, points=3)["mogen"].nunique(), len(form_surface(found, points=3))
    (1, 9)
    """
    rows, names = found.rows, found.predictors
    first, second = _two_of(names, over)
    third = next((name for name in names if name not in (first, second)), None)
    levels = {name: np.linspace(*found.ends[name], points) for name in (first, second)}
    if third is not None:
        levels[third] = np.array([_level(found, third, at)])
    combined = pd.MultiIndex.from_product(list(levels.values()), names=list(levels))
    grid = combined.to_frame(index=False)
    low, high = (np.array([found.ends[name][side] for name in names]) for side in (0, 1))
    x01 = (grid[list(names)].to_numpy() - low) / (high - low)
    power = found.p_hat if p is None else float(p)
    power = 1.0 if np.isnan(power) else power
    w = equal_weights(len(names))
    fit = WeightedForms(rows.x01, rows.y, rows.controls).at(power, w)
    M = PowerMeans(x01, w).at(power) - float(PowerMeans(rows.x01, w).at(power).mean())
    centre = float(rows.y.mean()) - fit.curve * float((fit.M**2).mean())
    return grid[list(names)].assign(estimate=centre + fit.slope * M + fit.curve * M**2)


def _two_of(names: Sequence[str], over: Sequence[str] | None) -> tuple[str, str]:
    two = tuple(names[:2]) if over is None else listed_names(over, "`over` of form_surface")
    pairs = [set(pair) for pair in combinations(names, 2)]
    if set(two) not in pairs or len(two) != 2:
        raise ModelSpecificationError(
            expected=f"two of {', '.join(names)}",
            found=", ".join(two),
            where="`over` of form_surface",
            todo="name two conditions of the fit",
        )
    return two[0], two[1]


def _level(found: Compensation, third: str, at: Mapping[str, float] | None) -> float:
    """Return the level of the third condition, in scale points."""
    place, (low, high) = found.predictors.index(third), found.ends[third]
    if at is None:
        return float(low + (high - low) * np.median(found.rows.x01[:, place]))
    value = at.get(third)
    if set(at) != {third} or isinstance(value, str | bool) or value is None or not low <= value <= high:
        raise ModelSpecificationError(
            expected=f"a level of {third} from {low:g} to {high:g}",
            found=as_found(dict(at)),
            where="`at` of form_surface",
            todo=f"write at={{{third!r}: {(low + high) / 2:g}}}",
        )
    return float(value)
