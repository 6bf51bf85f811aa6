"""How each unit changed between two waves, with regression to the mean in view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.constructs import CONDITIONS
from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.arguments import as_found, check_level, check_name, listed_names
from si_research.model.design import check_names, text_column
from si_research.model.fit_notes import Note
from si_research.model.response_ends import Ends
from si_research.practice.diagnosis.diagnosis import MINIMUM
from si_research.practice.diagnosis.evidence import Array, Numbers
from si_research.practice.diagnosis.people import People, people_of
from si_research.practice.diagnosis.profile import TOO_FEW
from si_research.practice.diagnosis.side_tables import (
    notes_on_sides,
    side_frames,
    side_overall,
    sides_of_level,
)
from si_research.practice.diagnosis.two_sides import TwoSides, from_first, tree_rows, two_sides


@dataclass(frozen=True, slots=True, eq=False)
class WaveChange:
    """Change of each unit between two waves. Made by :func:`diagnose_change`.

    Attributes
    ----------
    unit : tuple of str
    waves : tuple of str
    conf_level : float
    minimum : int
    n_rows, n_used : int
        Rows offered; of these waves, with a unit and a condition.
    changes : pandas.DataFrame, indexed by ``unit`` and ``condition``
        Names and level of the unit; n_first, n_second, n_both (the same people, where they can be linked),
        n_used (n_first + n_second); raw_first, raw_second, raw_change (from 0 to 100); ``estimate`` (shrunken
        change) with std_error, conf_low, conf_high and p_rise; ``expected_change`` (of the raw mean, from the
        unit's first wave alone), ``regression`` (its part that is regression to the mean: expected_change
        minus the change of all units), ``beyond_expected`` (raw_change minus expected_change); ``state``
        (empty or ``too_few_people``).
    overall : pandas.DataFrame, indexed by ``condition``
        Change of the grand mean: estimate, std_error, conf_low, conf_high, n_units, n_used; stable
        (correlation of units' means between the waves), linked (whether people are).
    notes : tuple of Note
    """

    unit: tuple[str, ...]
    waves: tuple[str, str]
    conf_level: float
    minimum: int
    n_rows: int
    n_used: int
    changes: pd.DataFrame = field(repr=False)
    overall: pd.DataFrame = field(repr=False)
    notes: tuple[Note, ...]

    def table(self, level: str | None = None) -> pd.DataFrame:
        """Return a copy of the changes, of one level where asked."""
        chosen = self.changes if level is None else self.changes[self.changes["level"] == level]
        return chosen.copy()

    def _head(self) -> str:
        return f"Change from {self.waves[0]} to {self.waves[1]}; n = {self.n_used} of {self.n_rows}"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.changes.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.changes.round(3).to_html()}"


def diagnose_change(
    scores: pd.DataFrame,
    *,
    wave: str,
    waves: Sequence[str],
    person: str | None = None,
    unit: str | Sequence[str] = "organisation",
    predictors: Sequence[str] = CONDITIONS,
    ends: Ends = None,
    conf_level: float = 0.95,
    minimum: int = MINIMUM,
) -> WaveChange:
    """Say how each unit changed between two waves, and what of that was to be expected.

    Use it to follow up a diagnosis: a unit that was picked because it was lowest rises on average by itself.

    Parameters
    ----------
    scores : pandas.DataFrame
        A row a person and wave.
    wave : str
        Column that names the wave.
    waves : sequence of str
        The first and the second, as the column has them.
    person : str, optional
        Column that names the person: then the same people of the same unit are linked. Without it, or with
        fewer than twenty linked people, waves are taken to be of different people; if they are not, units
        look more stable than they are.
    unit, predictors, ends, conf_level
        As in :func:`~si_research.practice.diagnosis.diagnosis.diagnose`.
    minimum : int
        Units with fewer people in one of the waves have no figures.

    Returns
    -------
    WaveChange

    Raises
    ------
    ModelSpecificationError
        For waves that the column does not have.
    SurveyDataError
        For a person who is in a wave twice, and where the spread of people cannot be told.

    Notes
    -----
    Each condition by itself: a unit's means in both waves are N(mu, T) about grand means, and a person's two
    scores N(0, S) about these; T and S by restricted maximum likelihood. Nothing is said on what made a unit
    change: for that :mod:`si_research.practice.scheme` has comparisons.

    References
    ----------
    Davis (1976) on regression to the mean, https://doi.org/10.1093/oxfordjournals.aje.a112321.
    """
    check_level(conf_level)
    check_name(wave, "`wave` of diagnose_change")
    check_names(scores, [wave, *([] if person is None else [person])])
    first, second = _two(waves, scores[wave])
    texts = text_column(scores[wave])
    rows = scores[texts.isin([first, second]).to_numpy()]
    people = people_of(
        rows, unit=unit, predictors=predictors, outcome=None, ends=ends, where="diagnose_change"
    )
    later = (text_column(rows[wave]) == second).to_numpy()[people.tree.kept]
    names = None if person is None else text_column(rows[person])[people.tree.kept]
    units, place, n = _linked(people, later, names)
    tables, overall, notes = [], [], []
    for condition, column in zip(people.predictors, people.percent.T, strict=True):
        values = np.full((n, 2), np.nan)
        values[place, later.astype(int)] = column
        both = two_sides(people.tree, units, values, condition)
        tables.append(_condition_tables(people, both, units, values, condition, (conf_level, minimum)))
        overall.append(side_overall(both, condition, -1, conf_level))
        notes += notes_on_sides(both, condition)
    changes = pd.concat(tables).sort_index(kind="stable")
    order = pd.MultiIndex.from_product([changes.index.unique("unit"), people.predictors])
    changes = changes.loc[order].rename_axis(["unit", "condition"])
    hidden = int((changes["state"] == TOO_FEW).groupby("unit").any().sum())
    notes += [Note(TOO_FEW, {"n": hidden})] if hidden else []
    return WaveChange(
        unit=people.tree.names,
        waves=(first, second),
        conf_level=conf_level,
        minimum=minimum,
        n_rows=len(scores),
        n_used=int((~np.isnan(people.percent)).any(axis=1).sum()),
        changes=changes,
        overall=pd.concat(overall),
        notes=tuple(notes),
    )


def _two(waves: object, column: pd.Series) -> tuple[str, str]:
    """Return the names of both waves."""
    given = (
        [str(each) for each in waves]
        if isinstance(waves, list | tuple)
        else list(listed_names(waves, "`waves`"))
    )
    known = set(text_column(column).dropna())
    if len(given) != 2 or given[0] == given[1] or not set(given) <= known:
        raise ModelSpecificationError(
            expected=f"the first and the second of the waves {', '.join(sorted(known))}",
            found=as_found(given),
            where="`waves` of diagnose_change",
            todo="name two, the earlier one first",
        )
    return given[0], given[1]


def _linked(
    people: People, later: npt.NDArray[np.bool_], names: pd.Series | None
) -> tuple[Numbers, Numbers, int]:
    """Return the unit of each person, the person of each row, and how many people there are."""
    own = people.tree.of_rows[-1]
    if names is None:
        return own, np.arange(len(own), dtype=np.intp), len(own)
    # without a name a row is a person of its own
    keys = names.where(
        names.notna(), pd.Series([f"row\n{place}" for place in range(len(own))], index=names.index)
    )
    key = pd.MultiIndex.from_arrays([own, keys])
    if pd.MultiIndex.from_arrays([keys, later]).duplicated().any():
        raise SurveyDataError(
            expected="each person once a wave",
            found=f"{int(pd.MultiIndex.from_arrays([keys, later]).duplicated().sum())} row(s) too many",
            where=f"column {names.name!r} of the scores",
            todo="drop the doubled rows first",
        )
    place, distinct = pd.factorize(key)
    units = np.asarray(distinct.get_level_values(0), dtype=np.intp)
    return units, np.asarray(place, dtype=np.intp), len(units)


def _condition_tables(
    people: People, both: TwoSides, units: Numbers, values: Array, condition: str, options: tuple[float, int]
) -> pd.DataFrame:
    """Return the rows of all levels on one condition."""
    conf_level, minimum = options
    change = float(both.fit.passed.mean[1] * both.evidence.scale[1] + both.evidence.centre[1])
    change -= float(both.fit.passed.mean[0] * both.evidence.scale[0] + both.evidence.centre[0])
    levels: list[dict[str, Any]] = []
    for level in range(people.tree.n_levels):
        at = tree_rows(people.tree, units, level)
        columns = sides_of_level(both, at, values, level, -1, conf_level)
        raw = columns["raw_second"] - columns["raw_first"]
        expected = from_first(both, people.tree, units, values, level) - columns["raw_first"]
        linked = np.bincount(at[(~np.isnan(values)).all(axis=1)], minlength=len(raw))
        columns |= {
            "n_both": linked,
            "raw_change": raw,
            "expected_change": expected,
            "regression": expected - change,
            "beyond_expected": raw - expected,
        }
        columns["p_rise"] = columns.pop("p_above")
        levels.append(columns)
    return side_frames(people.tree, levels, condition, minimum)
