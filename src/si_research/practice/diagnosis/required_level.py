"""How far each unit is from the level of a condition that the ceiling asks for at a chosen outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.arguments import as_found, check_number
from si_research.model.necessity.bottlenecks import ACTUAL, NOT_NECESSARY, bottlenecks
from si_research.model.necessity.ceiling_fits import CE_FDH
from si_research.model.necessity.necessity import describe_necessity
from si_research.practice.diagnosis.binding import mean_by_unit
from si_research.practice.diagnosis.evidence import Array
from si_research.practice.diagnosis.people import People

NO_OUTCOME: Final = "no_people"


@dataclass(frozen=True, slots=True, eq=False)
class RequiredLevels:
    """What the ceiling over each condition asks for, from 0 to 100.

    Attributes
    ----------
    required : array, shape (k,)
        Missing where there is a code.
    codes : tuple of str
        Empty, ``NN`` (not necessary: everybody has that much) or ``NA`` (nobody with so high an outcome).
    n_used : tuple of int
        People that each ceiling rests on.
    """

    required: Array
    codes: tuple[str, ...]
    n_used: tuple[int, ...]


def check_target(target: object, outcome: str | None, ends: tuple[float, float], where: str) -> None:
    """Refuse a target that is no level of an outcome."""
    if outcome is None:
        raise ModelSpecificationError(
            expected="a target only where there is an outcome",
            found=as_found(target),
            where=f"`target` of {where}",
            todo="name the outcome, or leave the target out",
        )
    check_number(target, f"`target` of {where}")
    if not ends[0] <= float(str(target)) <= ends[1]:
        raise ModelSpecificationError(
            expected=f"a level of {outcome} from {ends[0]:g} to {ends[1]:g}",
            found=as_found(target),
            where=f"`target` of {where}",
            todo="choose a level of the outcome in its own scale points",
        )


def required_levels(people: People, outcome: str, target: float) -> RequiredLevels:
    """Return the level of each condition that the step ceiling (CE-FDH) over all people asks for."""
    assert people.outcome is not None
    frame = pd.DataFrame(people.percent, columns=list(people.predictors)).assign(**{outcome: people.outcome})
    try:
        found = describe_necessity(
            frame, outcome=outcome, predictors=people.predictors, ends=(np.nan, np.nan), ceilings=[CE_FDH]
        )
    except SurveyDataError:
        k = len(people.predictors)
        return RequiredLevels(np.full(k, np.nan), (NO_OUTCOME,) * k, (0,) * k)
    levels = bottlenecks(found, x_unit=ACTUAL, y_unit=ACTUAL, steps=[float(target)]).levels
    rows = levels.set_index("condition").loc[list(people.predictors)]
    codes = tuple(str(code) for code in rows["code"])
    return RequiredLevels(
        np.where([code == "" for code in codes], rows["required"].to_numpy(dtype="float64"), np.nan),
        codes,
        tuple(int(n) for n in rows["n_used"]),
    )


def gap_columns(levels: RequiredLevels, mean: Array, cov: Array, z: float) -> dict[str, Array]:
    """Return how far units lie below the required level, with interval and probability, shapes (u, k).

    The ceiling is taken as known: the interval is that of the unit's mean.
    """
    from scipy import special

    spread = np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
    gap = levels.required - mean
    with np.errstate(divide="ignore", invalid="ignore"):
        short = special.ndtr(gap / spread)
    return {
        "required": np.broadcast_to(levels.required, mean.shape),
        "gap": gap,
        "gap_low": gap - z * spread,
        "gap_high": gap + z * spread,
        "p_short": short,
    }


def shares_below(people: People, levels: RequiredLevels, level: int) -> Array:
    """Return the share of each unit's people who score below the required level, shape (u, k)."""
    units, n_units = people.tree.of_rows[level], len(people.tree.units[level])
    columns = []
    for column, required, code in zip(people.percent.T, levels.required, levels.codes, strict=True):
        below = np.where(np.isnan(column), np.nan, column < required - 1e-9)
        share = mean_by_unit(below, units, n_units)[0]
        columns.append(np.zeros(n_units) if code == NOT_NECESSARY else share if not code else share * np.nan)
    return np.column_stack(columns)
