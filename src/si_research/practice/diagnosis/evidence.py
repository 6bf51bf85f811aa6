"""What people's scores say of their unit: counts, means and spread, by what each of them answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.errors import SurveyDataError
from si_research.model.firm_sums import firm_sums

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
ALIKE: Final = 1e-8
"""Smallest eigenvalue of a correlation matrix below which one score follows from the others."""
FEWEST_WITHIN: Final = 10
"""Degrees of freedom within units from which the spread of people is estimated."""
LOOK: Final = "look at the answers, and at how the codebook reads them; or leave this condition out"


class UntoldSpreadError(SurveyDataError):
    """Sound scores that do not tell how far the people of one unit differ."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Sufficient statistics of people in units; people with some of the scores count for those.

    A cell holds the people of one unit who have the same scores missing.

    Attributes
    ----------
    n_units : int
    patterns : array of bool, shape (p, k)
        Scores that are there.
    unit, pattern : array of int, shape (cells,)
    n : array, shape (cells,)
    means : array, shape (cells, k)
        In the unit of the model, ``(score - centre) / scale``; 0 where missing.
    within : array, shape (p, k, k)
        Squares and products about the means of the cells, summed by pattern.
    centre, scale : array, shape (k,)
        Mean over people, and spread within units.
    """

    n_units: int
    patterns: npt.NDArray[np.bool_]
    unit: Numbers
    pattern: Numbers
    n: Array
    means: Array
    within: Array = field(repr=False)
    centre: Array
    scale: Array

    @property
    def n_people(self) -> Array:
        """People with at least one score, by unit."""
        return np.asarray(np.bincount(self.unit, weights=self.n, minlength=self.n_units), dtype="float64")

    def n_scores(self) -> Array:
        """Return how many people of each unit have each score, shape (units, k)."""
        there = self.patterns[self.pattern] * self.n[:, None]
        return _by_unit(there, self.unit, self.n_units)

    def raw_means(self) -> Array:
        """Return the mean of each score in each unit, shape (units, k); missing where nobody has it."""
        there = self.patterns[self.pattern] * self.n[:, None]
        sums = _by_unit(there * self.means, self.unit, self.n_units)
        with np.errstate(invalid="ignore"):
            return np.asarray(sums / self.n_scores() * self.scale + self.centre)


def _by_unit(cells: Array, unit: Numbers, n_units: int) -> Array:
    return np.stack([np.bincount(unit, weights=column, minlength=n_units) for column in cells.T], axis=1)


def evidence_of(values: Array, unit: Numbers, n_units: int, names: Sequence[str]) -> Evidence:
    """Return what the scores, shape (n, k), say of the units; rows without any score say nothing.

    The spread of people has to be told for the columns that have a name.

    Raises
    ------
    UntoldSpreadError
        Where it cannot be: nobody has a score, hardly a unit has two people, or all of a unit are alike.
    """
    there = ~np.isnan(values)
    some = there.any(axis=1)
    values, there, unit = values[some], there[some], unit[some]
    check_within(values[:, : len(names)], unit, n_units, names)
    with np.errstate(invalid="ignore"):
        centre = np.nanmean(values, axis=0)
    centred = np.where(there, values - centre, 0.0)
    codes = there @ (1 << np.arange(values.shape[1]))
    known, pattern = np.unique(codes, return_inverse=True)
    cells, cell = np.unique(unit * len(known) + pattern, return_inverse=True)
    n = np.bincount(cell).astype("float64")
    means = firm_sums(centred, cell) / n[:, None]
    residuals = np.where(there, centred - means[cell], 0.0)
    scale = np.sqrt((residuals**2).sum(axis=0) / np.maximum(there.sum(axis=0) - len(cells), 1))
    scale = np.where(scale > 0, scale, 1.0)
    residuals /= scale
    within = np.stack(
        [residuals[pattern == place].T @ residuals[pattern == place] for place in range(len(known))]
    )
    _check_apart(within, names)
    return Evidence(
        n_units=n_units,
        patterns=(known[:, None] >> np.arange(values.shape[1]) & 1).astype(bool),
        unit=np.asarray(cells // len(known), dtype=np.intp),
        pattern=np.asarray(cells % len(known), dtype=np.intp),
        n=n,
        means=means / scale,
        within=within,
        centre=centre,
        scale=scale,
    )


def _check_apart(within: Array, names: Sequence[str]) -> None:
    """Refuse scores of which one is worked out from the others."""
    total = within.sum(axis=0)
    spread = np.sqrt(np.maximum(np.diagonal(total), 1e-300))
    if len(names) == len(spread) and np.linalg.eigvalsh(total / np.outer(spread, spread))[0] < ALIKE:
        raise SurveyDataError(
            expected=f"{', '.join(names)} that can differ for one person",
            found="one of them follows from the others",
            where="the conditions of the diagnosis",
            todo="look at how the scores were computed, and leave out the one that tells nothing of its own",
        )


def has_several_people(values: Array, unit: Numbers) -> bool:
    """Whether enough people share a unit to tell, on every score, how far those of one unit differ."""
    there = ~np.isnan(values)
    n_units = [len(np.unique(unit[has])) for has in there.T]
    return bool((there.sum(axis=0) - np.array(n_units) >= FEWEST_WITHIN).all())


def check_within(values: Array, unit: Numbers, n_units: int, names: Sequence[str]) -> None:
    """Refuse scores that do not tell how far the people of one unit differ."""
    for name, column in zip(names, values.T, strict=True):
        has = ~np.isnan(column)
        own, of = column[has], unit[has]
        n = np.bincount(of, minlength=n_units)
        if not len(own):
            raise _untold(name, f"scores on {name}", "no score at all", LOOK)
        if len(own) - int((n > 0).sum()) < FEWEST_WITHIN:
            raise _untold(
                name,
                f"units in which several people have a score on {name}",
                f"{len(own)} score(s) in {int((n > 0).sum())} unit(s)",
                "name a unit that holds several people; a mean of one person tells of that person",
            )
        nothing = 1e-9 * max(float(np.abs(own).max()), 1e-300)
        if float(np.ptp(own)) <= nothing:
            raise _untold(name, f"scores on {name} that differ", "the same score everywhere", LOOK)
        means = np.bincount(of, weights=own, minlength=n_units) / np.maximum(n, 1)
        if float(np.abs(own - means[of]).max()) <= nothing:
            raise _untold(
                name,
                f"people of one unit who differ on {name}",
                "the same score for all people of each unit",
                "use the scores of people, not a figure of their unit that is repeated for each of them",
            )


def _untold(name: str, expected: str, found: str, todo: str) -> UntoldSpreadError:
    return UntoldSpreadError(
        expected=expected, found=found, where=f"column {name!r} of the scores", todo=todo
    )
