"""What a reader must know of a diagnosis: few units, people left out, what could not be told."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from si_research.model.fit_notes import Note
from si_research.practice.diagnosis.evidence import Evidence
from si_research.practice.diagnosis.profile import FEW_UNITS, MISSING, NO_SCORES, TOO_FEW
from si_research.practice.diagnosis.required_level import RequiredLevels
from si_research.practice.diagnosis.ten_points import FormFit
from si_research.practice.diagnosis.tree_fit import FEWEST_TO_SHRINK, TreeFit
from si_research.practice.diagnosis.unit_tree import UnitTree

NOT_TOLD: Final = "bottleneck_not_told"
"""Too few units to know how sure a bottleneck is, so that none is called one."""


def notes_on_units(tree: UnitTree, evidence: Evidence, fit: TreeFit, units: pd.DataFrame) -> list[Note]:
    """Return notes on units and on who is left out.

    ``not_shrunken`` (fewer than five outermost units: means are those of their people, there is no norm),
    ``bottleneck_not_told`` and ``few_units`` (fewer than ten with a score: the spread of units is so
    uncertain that probabilities are too high and intervals too narrow),
    ``level_left_out`` (too few people share a unit of it), ``level_not_separable`` (a level with as many
    units as the one above), ``not_converged``,
    ``no_unit``, ``no_scores_of_person`` and ``unit_below_unknown`` (people), ``too_few_people``,
    ``condition_missing`` and ``no_scores`` (units without figures).
    """
    notes: list[Note] = []
    n_units = int(((units["level"] == tree.names[0]) & (units["n_people"] > 0)).sum())
    notes += bottleneck_not_told(n_units)
    if not fit.shrunk:
        notes.append(Note("not_shrunken", {"n_units": n_units, "needed": FEWEST_TO_SHRINK}))
    elif n_units < FEW_UNITS:
        notes.append(Note("few_units", {"n_units": n_units}))
    notes += [Note("level_left_out", {"level": name}) for name in tree.left_out]
    notes += [
        Note("level_not_separable", {"level": name})
        for name, separable in zip(tree.names, fit.separable, strict=True)
        if not separable
    ]
    if not fit.converged:
        notes.append(Note("not_converged"))
    n_no_score = int(tree.kept.sum()) - int(evidence.n_people.sum())
    counts = {"no_unit": tree.n_no_unit, "no_scores_of_person": n_no_score}
    notes += [Note(code, {"n": n}) for code, n in counts.items() if n]
    for level in range(1, tree.n_levels):
        n = int((~tree.known(level))[tree.of_rows[level]].sum())
        notes += [Note("unit_below_unknown", {"level": tree.names[level], "n": n})] if n else []
    states = units["state"].value_counts()
    notes += [
        Note(state, {"n": int(states[state])}) for state in (TOO_FEW, MISSING, NO_SCORES) if state in states
    ]
    return notes


def bottleneck_not_told(n_units: int) -> list[Note]:
    """Return the note that no condition is called the bottleneck, where there are few outermost units."""
    return [Note(NOT_TOLD, {"n_units": n_units, "needed": FEW_UNITS})] if n_units < FEW_UNITS else []


def notes_on_form(fit: FormFit | None, outcome: str | None, levels: RequiredLevels | None) -> list[Note]:
    """Return notes on the ten points and on the required levels.

    ``no_outcome``, ``ten_points_not_told`` (too few people with everything), ``form_supported`` or
    ``form_undecided`` (best, share_best of draws, runner_up, delta_aic), ``form_not_compared``,
    ``few_clusters``; ``ceiling_taken_as_known`` with the people that it rests on.
    """
    if outcome is None:
        return [Note("no_outcome")]
    notes = [Note("ten_points_not_told")] if fit is None else list(fit.notes)
    if levels is not None:
        notes.append(Note("ceiling_taken_as_known", {"n_used": int(np.min(levels.n_used))}))
    return notes
