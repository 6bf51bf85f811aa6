"""Two sides of one unit on one condition: two waves, or employees and managers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.practice.diagnosis.evidence import FEWEST_WITHIN, Array, Evidence, Numbers, evidence_of
from si_research.practice.diagnosis.gaussian_tree import Passed, edges_up
from si_research.practice.diagnosis.posterior import LevelPosterior, level_posteriors
from si_research.practice.diagnosis.tree_fit import DIAGONAL, EQUAL, FREE, TreeFit, fit_tree
from si_research.practice.diagnosis.unit_tree import UnitTree

FEWEST_LINKED: Final = 20
"""People on both sides from which it is estimated how alike a person's two scores are."""


@dataclass(frozen=True, slots=True, eq=False)
class TwoSides:
    """What is known of the means of a condition on both sides, with the units of every level.

    Attributes
    ----------
    evidence : Evidence
    fit : TreeFit
    posteriors : tuple of LevelPosterior
        Of two means a unit.
    linked : bool
        Whether it is estimated how alike the scores of one person on both sides are.
    same_spread : bool
        Whether people of the second side are taken to differ as much as those of the first.
    """

    evidence: Evidence = field(repr=False)
    fit: TreeFit = field(repr=False)
    posteriors: tuple[LevelPosterior, ...] = field(repr=False)
    linked: bool
    same_spread: bool


def two_sides(tree: UnitTree, units: Numbers, values: Array, name: str) -> TwoSides:
    """Return the posterior of both sides; ``values`` of shape (n, 2) lack the side that somebody is not on.

    Raises
    ------
    SurveyDataError
        Where the spread of people on a side cannot be told.
    """
    linked = int((~np.isnan(values)).all(axis=1).sum()) >= FEWEST_LINKED
    if not linked:  # too few to tell how alike their scores are: each side by itself
        both = (~np.isnan(values)).all(axis=1)
        first, second = values.copy(), values[both].copy()
        first[both, 1], second[:, 0] = np.nan, np.nan
        values, units = np.concatenate([first, second]), np.concatenate([units, units[both]])
    same = not linked and few_within(values[:, 1], units)
    evidence = evidence_of(values, units, len(tree.units[-1]), [name] if same else [name, name])
    within = EQUAL if same else FREE if linked else DIAGONAL
    if same:
        evidence = in_one_scale(evidence)
    fit = fit_tree(evidence, tree.parents, within=within)
    return TwoSides(evidence, fit, level_posteriors(evidence, tree.parents, fit), linked, same)


def in_one_scale(evidence: Evidence) -> Evidence:
    """Return evidence with the scale of the first side for both."""
    ratio = evidence.scale / evidence.scale[0]
    return replace(
        evidence,
        means=evidence.means * ratio,
        within=evidence.within * np.outer(ratio, ratio),
        scale=np.full(2, evidence.scale[0]),
    )


def few_within(values: Array, units: Numbers) -> bool:
    """Whether too few units have several people on this side for the spread of people to be told."""
    has = ~np.isnan(values)
    return int(has.sum()) - len(np.unique(units[has])) < FEWEST_WITHIN


def from_first(both: TwoSides, tree: UnitTree, units: Numbers, values: Array, level: int) -> Array:
    """Return what is expected of the second side's raw means from the scores on the first side alone.

    Of people who are on both sides what is known of them by their first score counts too; missing for units
    without anybody on the first or on the second side.
    """
    only = np.column_stack([values[:, 0], np.full(len(values), np.nan)])
    scale = both.evidence.scale
    first = _evidence_of_first(both.evidence, only, units)
    edges, *_ = edges_up(first, tree.parents, both.fit.T, both.fit.S)
    known = Passed(edges, both.fit.passed.mean, np.zeros((2, 2)), np.nan)  # the grand mean of the whole fit
    found = level_posteriors(first, tree.parents, replace(both.fit, passed=known, point=None))
    latent = found[-1].mean  # of each smallest unit, in scale points
    S = both.fit.S * np.outer(scale, scale)
    keeps = S[1, 0] / S[0, 0] if both.linked else 0.0
    own = latent[units]
    own = own[:, 1] + np.where(np.isnan(values[:, 0]), 0.0, keeps * (values[:, 0] - own[:, 0]))
    second = ~np.isnan(values[:, 1])
    at = tree_rows(tree, units, level)
    n_units = len(tree.units[level])
    n = np.bincount(at[second], minlength=n_units)
    any_first = np.bincount(at[~np.isnan(values[:, 0])], minlength=n_units) > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.bincount(at[second], weights=own[second], minlength=n_units) / n
    return np.where(any_first & both.fit.shrunk, expected, np.nan)


def tree_rows(tree: UnitTree, units: Numbers, level: int) -> npt.NDArray[np.intp]:
    """Return the unit of a level to which each of these smallest units belongs."""
    own = np.asarray(units, dtype=np.intp)
    for above in reversed(tree.parents[level + 1 :]):
        own = above[own]
    return own


def _evidence_of_first(whole: Evidence, values: Array, units: Numbers) -> Evidence:
    """Return the evidence of the first side alone, in the unit of the whole."""
    has = ~np.isnan(values[:, 0])
    own = (values[has, 0] - whole.centre[0]) / whole.scale[0]
    n = np.bincount(units[has], minlength=whole.n_units).astype("float64")
    at = np.flatnonzero(n)
    means = np.bincount(units[has], weights=own, minlength=whole.n_units)[at] / n[at]
    return replace(
        whole,
        patterns=np.array([[True, False]]),
        unit=at,
        pattern=np.zeros(len(at), dtype=np.intp),
        n=n[at],
        means=np.column_stack([means, np.zeros(len(at))]),
        within=np.zeros((1, 2, 2)),
    )
