"""Bottleneck tables: which score on each condition a level of the outcome asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, check_kind, check_options
from si_research.model.necessity.ceiling_fits import CE_FDH, CE_VRS, Ceiling, signs
from si_research.model.necessity.ceilings import Array
from si_research.model.necessity.necessity import Necessity

RANGE, MAXIMUM, ACTUAL, PERCENTILE = "percentage_range", "percentage_max", "actual", "percentile"
UNITS: Final = (RANGE, MAXIMUM, ACTUAL, PERCENTILE)
NOT_NECESSARY, NOT_AVAILABLE, NO_CEILING = "NN", "NA", "-"
NOTHING: Final = {"one_peer": -np.inf, "line_not_rising": np.nan, "no_variance": np.nan}
"""What a line requires that is no line: nothing, or unknown."""
NEAR: Final = 1e-10
"""Scores that differ by less than this share of the range are one score."""
COLUMNS: Final = [
    *("ceiling", "condition", "level", "outcome", "required", "value", "n_below", "n_used", "code", "shown")
]


@dataclass(frozen=True, slots=True, eq=False)
class Bottlenecks:
    """What each level of the outcome asks of each condition. Made by :func:`bottlenecks`.

    Attributes
    ----------
    x_unit, y_unit : str
    cutoff : int
    levels : pandas.DataFrame
        A row a ceiling, condition and level: level (in the unit of the outcome), outcome (in scale points),
        required (score on the condition), value (the same in the unit of the condition), n_below (how many
        people score below it), n_used, code and shown (the text of the cell).

        Codes: ``NN`` not necessary, everybody has that much; ``NA`` not available, nobody with so much of the
        condition, or with so high an outcome, was seen; ``-`` there is no ceiling, as its line does not rise.
    """

    x_unit: str
    y_unit: str
    cutoff: int
    levels: pd.DataFrame = field(repr=False)

    def table(self, ceiling: str | None = None) -> pd.DataFrame:
        """Return the table for a report: a row a level, a column a condition; the first ceiling if unnamed.

        Columns: ``outcome`` (scale points) and the texts of the conditions; the index is the level. n stands
        in ``attrs["n_used"]``, a condition each.
        """
        name = self.levels["ceiling"].iloc[0] if ceiling is None else ceiling
        check_options(name, list(self.levels["ceiling"].unique()), "`ceiling` of Bottlenecks.table")
        rows = self.levels[self.levels["ceiling"] == name]
        conditions = list(rows["condition"].unique())
        wide = pd.DataFrame(
            {each: rows.loc[rows["condition"] == each, "shown"].to_numpy() for each in conditions},
            index=pd.Index(rows.loc[rows["condition"] == conditions[0], "level"], name="level"),
        )
        wide.insert(0, "outcome", rows.loc[rows["condition"] == conditions[0], "outcome"].to_numpy())
        wide.attrs["n_used"] = rows.groupby("condition", sort=False)["n_used"].first().to_dict()
        return wide

    def _head(self) -> str:
        return f"Required levels, conditions in {self.x_unit}, outcome in {self.y_unit}"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.table().to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.table().to_html()}"


def bottlenecks(
    found: Necessity,
    *,
    x_unit: str = RANGE,
    y_unit: str = RANGE,
    steps: int | Sequence[float] = 10,
    step_size: float | None = None,
    cutoff: int = 0,
) -> Bottlenecks:
    """Return which score on each condition a level of the outcome asks for.

    Use it to say what must be in place, in degree, for an outcome as high as one wants.

    Parameters
    ----------
    found : Necessity
    x_unit, y_unit : {"percentage_range", "percentage_max", "actual", "percentile"}
        Per cent of the range from lowest to highest, per cent of the highest, scale points, or the per cent
        of people below.
    steps : int or sequence of float
        Number of equal steps, or the levels themselves in ``y_unit`` (not with "percentage_max").
    step_size : float, optional
        Size of the steps instead of their number; the highest level is added where the steps miss it.
    cutoff : {0, 1, 2}
        What to show where more is required than was seen: 0 "NA"; 1 the highest score (for step ceilings the
        highest one required in the table); 2 the point on the line, also beyond the scale.

    Returns
    -------
    Bottlenecks

    Raises
    ------
    ModelSpecificationError
        For units, steps or a cutoff that are none.

    Notes
    -----
    Levels of the outcome come from everybody with an outcome, also those without a score on a condition. NN:
    required score at the lowest score or below it. As in R's NCA 5.0.1, but for step ceilings of upper right
    and lower right corners, where R prints the highest score in place of NN, and for percentiles with a
    cutoff, where R counts the peer itself as below.

    References
    ----------
    Dul (2016), https://doi.org/10.1177/1094428115584005.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> from si_research.model.necessity.necessity import describe_necessity
    >>> found = describe_necessity(simulate_scores(300, seed=1), ends={"innovative_behaviour": (0, 6)})
    >>> bottlenecks(found, steps=2).table()["kunnen"].to_list()
    ['NN', '19.6', '95.7']
    """
    todo = "give what describe_necessity returns"
    check_kind(found, Necessity, "a Necessity", "`found` of bottlenecks", todo)
    check_options(x_unit, UNITS, "`x_unit` of bottlenecks")
    check_options(y_unit, UNITS, "`y_unit` of bottlenecks")
    if cutoff not in (0, 1, 2):
        raise ModelSpecificationError(
            expected="0, 1 or 2",
            found=as_found(cutoff),
            where="`cutoff` of bottlenecks",
            todo="use 0 to mark what nobody reached with NA",
        )
    labels, levels = _levels(found, y_unit, steps, step_size)
    rows = [
        _rows(ceiling, found.pairs[condition].x, labels, levels, (x_unit, cutoff)).assign(condition=condition)
        for (condition, _), ceiling in found.ceilings.items()
    ]
    table = pd.concat(rows, ignore_index=True)
    order = {name: place for place, name in enumerate(dict.fromkeys(table["ceiling"]))}
    table = table.sort_values("ceiling", key=lambda names: names.map(order), kind="stable")
    return Bottlenecks(x_unit, y_unit, cutoff, table[COLUMNS].reset_index(drop=True))


def required_scores(ceiling: Ceiling, levels: Array) -> Array:
    """Return the score that each level of the outcome requires; missing where no peer is that high.

    It may lie below the lowest score or above the highest one.
    """
    x_sign, y_sign = signs(ceiling.corner)
    turned = np.asarray(levels, dtype="float64") * y_sign
    x, y = ceiling.peers.x * x_sign, ceiling.peers.y * y_sign
    if ceiling.is_line:
        slope, intercept = ceiling.slope * x_sign * y_sign, ceiling.intercept * y_sign
        if ceiling.note in NOTHING:
            return np.full(len(turned), NOTHING[ceiling.note]) * x_sign
        return np.asarray((turned - intercept) / slope * x_sign)
    first = np.searchsorted(
        y, turned - NEAR * ceiling.scope.height, side="right"
    )  # the first peer above the level
    reached = first < len(x)
    at = np.where(reached, x[np.minimum(first, len(x) - 1)], np.nan)
    if ceiling.name == CE_VRS:
        at = np.where(reached, np.interp(turned, y, x), np.nan)
    return np.asarray(at * x_sign)


def _levels(
    found: Necessity, unit: str, steps: int | Sequence[float], size: float | None
) -> tuple[Array, Array]:
    """Return the levels of the outcome in their unit, and in scale points; from the easiest on."""
    low, high = found.outcome_ends
    lower = next(iter(found.corners.values())) in (3, 4)
    if not isinstance(steps, int):
        labels = _given(steps)
    elif unit == ACTUAL:
        labels = _from_to(low, high, steps, size)
    else:
        labels = _from_to(0.0, 100.0, steps, size)
    if unit == ACTUAL:
        return (labels[::-1], labels[::-1]) if lower and isinstance(steps, int) else (labels, labels)
    share = 1 - labels / 100 if lower else labels / 100
    if unit == PERCENTILE:
        return labels, np.quantile(found.outcome_scores, share)
    if unit == MAXIMUM:
        return (labels[::-1] if lower else labels), share * high
    return labels, np.asarray(low + share * (high - low))


def _from_to(low: float, high: float, steps: int, size: float | None) -> Array:
    if isinstance(steps, bool) or steps < 1 or (size is not None and not 0 < size < np.inf):
        raise ModelSpecificationError(
            expected="at least one step, of a size above 0",
            found=as_found(steps if size is None else size),
            where="`steps` and `step_size` of bottlenecks",
            todo="use steps=10 for eleven levels",
        )
    if size is None:
        return np.linspace(low, high, steps + 1)
    levels = low + size * np.arange(int((high - low) / size + NEAR) + 1)
    return np.asarray(levels if levels[-1] >= high - NEAR else np.append(levels, high))


def _given(steps: Sequence[float]) -> Array:
    try:
        levels = np.asarray(list(steps), dtype="float64")
    except (TypeError, ValueError):
        levels = np.array([np.nan])
    if levels.ndim != 1 or len(levels) == 0 or not np.isfinite(levels).all():
        raise ModelSpecificationError(
            expected="a number of steps, or a list of levels",
            found=as_found(steps),
            where="`steps` of bottlenecks",
            todo="use steps=10, or levels such as [2, 3, 4, 5]",
        )
    return levels


def _rows(ceiling: Ceiling, x: Array, labels: Array, levels: Array, how: tuple[str, int]) -> pd.DataFrame:
    unit, cutoff = how
    sign = signs(ceiling.corner)[0]
    scope, turned = ceiling.scope, ceiling.scope.turned(ceiling.corner)
    exact, near = required_scores(ceiling, levels) * sign, NEAR * scope.width
    no_ceiling = np.full(len(levels), ceiling.note in ("line_not_rising", "no_variance"))
    needless = (exact <= turned.x_low + near) & ~no_ceiling
    beyond = ~needless & ~no_ceiling & ~(exact <= turned.x_high + near)
    code = np.select([no_ceiling, needless, beyond], [NO_CEILING, NOT_NECESSARY, NOT_AVAILABLE], "")
    told = np.where(code == "", exact, np.nan)
    if cutoff and beyond.any():
        told = np.where(beyond, _instead(ceiling, exact, turned.x_high, cutoff), told)
        code = np.where(beyond, "", code)
    if cutoff == 2:
        code, told = _told_though_needless(ceiling, unit, exact, code, told)
    below = np.array([np.sum(x * sign < value - near) for value in np.where(needless, -np.inf, told)])
    value = _in_unit(unit, told * sign, (scope.x_low, scope.x_high), 100 * below / len(x))
    value = np.where(np.isnan(told), np.nan, value)
    decimals = 3 if unit == ACTUAL else 1
    return pd.DataFrame(
        {
            "ceiling": ceiling.name,
            "level": labels,
            "outcome": levels,
            "required": told * sign,
            "value": value,
            "n_below": np.where((code == "") | needless, below, np.nan),
            "n_used": len(x),
            "code": code,
            "shown": [c or f"{v + 0.0:.{decimals}f}" for c, v in zip(code, value, strict=True)],
        }
    )


def _instead(ceiling: Ceiling, exact: Array, highest: float, cutoff: int) -> Array:
    """Return what stands where more is required than was seen."""
    if ceiling.name in (CE_FDH, CE_VRS):
        return np.full(len(exact), np.nanmax(exact) if not np.isnan(exact).all() else highest)
    return exact if cutoff == 2 else np.full(len(exact), highest)


def _told_though_needless(
    ceiling: Ceiling, unit: str, exact: Array, code: Array, told: Array
) -> tuple[Array, Array]:
    """Return codes and scores with the points on the line that R tells of with cutoff 2, NN or not."""
    beyond_scale = ceiling.is_line and ceiling.corner in (2, 4) and bool(np.isfinite(exact).all())
    if unit != PERCENTILE and not beyond_scale:
        return code, told
    tell = code == NOT_NECESSARY
    return np.where(tell, "", code), np.where(tell, exact, told)


def _in_unit(unit: str, scores: Array, ends: tuple[float, float], percentile: Array) -> Array:
    low, high = ends
    if unit == ACTUAL:
        return scores
    if unit == PERCENTILE:
        return percentile
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(100 * scores / high if unit == MAXIMUM else 100 * (scores - low) / (high - low))
