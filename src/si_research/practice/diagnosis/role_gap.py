"""The gap between what employees and their direct managers answer, in each unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.constructs import CONDITIONS
from si_research.errors import ModelSpecificationError
from si_research.model.arguments import check_level, check_name
from si_research.model.design import check_names, text_column
from si_research.model.fit_notes import Note
from si_research.model.response_ends import Ends
from si_research.practice.diagnosis.diagnosis import MINIMUM
from si_research.practice.diagnosis.people import people_of
from si_research.practice.diagnosis.profile import TOO_FEW
from si_research.practice.diagnosis.side_tables import (
    notes_on_sides,
    side_frames,
    side_overall,
    sides_of_level,
)
from si_research.practice.diagnosis.two_sides import tree_rows, two_sides


@dataclass(frozen=True, slots=True, eq=False)
class RoleGap:
    """Gap between employees and managers of each unit. Made by :func:`diagnose_role_gap`.

    Attributes
    ----------
    unit : tuple of str
    role : str
    conf_level : float
    minimum : int
    n_rows, n_used : int
        Rows offered; of either role, with a unit and a condition.
    gaps : pandas.DataFrame, indexed by ``unit`` and ``condition``
        Names and level of the unit; n_employees, n_managers, n_used; raw_employees, raw_managers, raw_gap;
        ``estimate`` (employees minus managers, shrunken, from 0 to 100) with std_error, conf_low, conf_high;
        p_above (probability that employees score higher); ``state`` (empty or ``too_few_people``).
    overall : pandas.DataFrame, indexed by ``condition``
        Gap of the grand means: estimate, std_error, conf_low, conf_high, n_units (with both), n_used.
    notes : tuple of Note
    """

    unit: tuple[str, ...]
    role: str
    conf_level: float
    minimum: int
    n_rows: int
    n_used: int
    gaps: pd.DataFrame = field(repr=False)
    overall: pd.DataFrame = field(repr=False)
    notes: tuple[Note, ...]

    def table(self, level: str | None = None) -> pd.DataFrame:
        """Return a copy of the gaps, of one level where asked."""
        return (self.gaps if level is None else self.gaps[self.gaps["level"] == level]).copy()

    def _head(self) -> str:
        return f"Employees minus managers; n = {self.n_used} of {self.n_rows}"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.overall.round(3).to_string()}\n{self.gaps.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.overall.round(3).to_html()}{self.gaps.round(3).to_html()}"


def diagnose_role_gap(
    scores: pd.DataFrame,
    *,
    role: str,
    employees: str,
    managers: str,
    unit: str | Sequence[str] = "organisation",
    predictors: Sequence[str] = CONDITIONS,
    ends: Ends = None,
    conf_level: float = 0.95,
    minimum: int = MINIMUM,
) -> RoleGap:
    """Say how far employees and their direct managers differ in each unit.

    Use it where managers see more room than employees do, or less.

    Parameters
    ----------
    scores : pandas.DataFrame
        A row a person, of one wave.
    role : str
        Column that names the role.
    employees, managers : str
        Its values; people with another value, or none, are left out.
    unit, predictors, ends, conf_level
        As in :func:`~si_research.practice.diagnosis.diagnosis.diagnose`.
    minimum : int
        Units with fewer employees or fewer managers have no figures: the answers of one manager are theirs.

    Returns
    -------
    RoleGap

    Raises
    ------
    ModelSpecificationError
        For values that the column does not have.
    SurveyDataError
        Where the spread of people in a role cannot be told.

    Notes
    -----
    The model of :func:`~si_research.practice.diagnosis.change.diagnose_change`, with roles in the place of
    waves and different people in them.
    """
    check_level(conf_level)
    chosen, texts = _of_either_role(scores, role, str(employees), str(managers))
    rows = scores[chosen]
    people = people_of(
        rows, unit=unit, predictors=predictors, outcome=None, ends=ends, where="diagnose_role_gap"
    )
    manages = (texts[chosen] == str(managers)).to_numpy()[people.tree.kept]
    units, tree = people.tree.of_rows[-1], people.tree
    tables, overall, notes = [], [], []
    for condition, column in zip(people.predictors, people.percent.T, strict=True):
        values = np.full((len(column), 2), np.nan)
        values[np.arange(len(column)), manages.astype(int)] = column
        both = two_sides(tree, units, values, condition)
        levels = []
        for level in range(tree.n_levels):
            own = sides_of_level(both, tree_rows(tree, units, level), values, level, 1, conf_level)
            levels.append({**own, "raw_gap": own["raw_first"] - own["raw_second"]})
        notes += [note for note in notes_on_sides(both, condition) if note.code != "people_not_linked"]
        tables.append(side_frames(tree, levels, condition, minimum))
        overall.append(side_overall(both, condition, 1, conf_level).drop(columns=["linked", "stable"]))
    gaps = pd.concat(tables)
    order = pd.MultiIndex.from_product([gaps.index.unique("unit"), people.predictors])
    gaps = gaps.loc[order].rename_axis(["unit", "condition"])
    gaps.columns = gaps.columns.str.replace("_first", "_employees").str.replace("_second", "_managers")
    hidden = int((gaps["state"] == TOO_FEW).groupby("unit").any().sum())
    return RoleGap(
        unit=tree.names,
        role=role,
        conf_level=conf_level,
        minimum=minimum,
        n_rows=len(scores),
        n_used=int((~np.isnan(people.percent)).any(axis=1).sum()),
        gaps=gaps,
        overall=pd.concat(overall),
        notes=(*notes, *([Note(TOO_FEW, {"n": hidden})] if hidden else [])),
    )


def _of_either_role(
    scores: pd.DataFrame, role: str, employees: str, managers: str
) -> tuple[npt.NDArray[np.bool_], pd.Series]:
    """Return who is in one of both roles, and everybody's role."""
    check_name(role, "`role` of diagnose_role_gap")
    check_names(scores, [role])
    texts = text_column(scores[role])
    known = set(texts.dropna())
    if employees == managers or not {employees, managers} <= known:
        raise ModelSpecificationError(
            expected=f"two of the {len(known)} values of {role!r}",
            found="a value that is not among them, or the same one twice",
            where="`employees` and `managers` of diagnose_role_gap",
            todo="write both values as the column has them",
        )
    return texts.isin([employees, managers]).to_numpy(), texts
