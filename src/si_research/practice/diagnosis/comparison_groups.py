"""A unit beside the other units of its group: its size class, its sector, or both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.arguments import check_kind, listed_names
from si_research.model.design import check_names, text_column
from si_research.model.fit_notes import Note
from si_research.practice.diagnosis.diagnosis import Diagnosis
from si_research.practice.diagnosis.evidence import Array, Numbers
from si_research.practice.diagnosis.gaussian_tree import summed, symmetric
from si_research.practice.diagnosis.posterior import LevelPosterior, squared
from si_research.practice.diagnosis.profile import condition_frame

FEWEST_OTHERS: Final = 5
"""Other units in a group with which a unit is compared."""
UNKNOWN, VARIES, FEW = "group_unknown", "group_varies", "few_in_group"


@dataclass(frozen=True, slots=True, eq=False)
class GroupComparison:
    """Units beside the others of their group. Made by :func:`compare_with_groups`.

    Attributes
    ----------
    by : tuple of str
    level : str
        The outermost.
    comparisons : pandas.DataFrame, indexed by ``unit`` and ``condition``
        The unit's name, ``group`` (values of ``by``, a column each), n_units (others in the group), n_used
        (people of the unit), unit_mean, group_mean (of the others, each unit counted once), estimate (unit
        minus group), std_error, conf_low, conf_high, p_below (probability that it lies below); ``note``:
        empty, ``group_unknown``, ``group_varies`` (its people name several groups), ``few_in_group`` (fewer
        than five others), or why the unit has no figures.
    groups : pandas.DataFrame
        A row a group: its values and n_units.
    notes : tuple of Note
    """

    by: tuple[str, ...]
    level: str
    comparisons: pd.DataFrame = field(repr=False)
    groups: pd.DataFrame = field(repr=False)
    notes: tuple[Note, ...]

    def table(self) -> pd.DataFrame:
        """Return a copy of the comparisons."""
        return self.comparisons.copy()

    def _head(self) -> str:
        return f"{self.level} beside others of the same {' and '.join(self.by)}: {len(self.groups)} groups"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.comparisons.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.comparisons.round(3).to_html()}"


def compare_with_groups(
    found: Diagnosis, scores: pd.DataFrame, *, by: str | Sequence[str]
) -> GroupComparison:
    """Compare each outermost unit with the others of its group.

    Use it to see whether a bottleneck is a unit's own or that of its sector or size.

    Parameters
    ----------
    found : Diagnosis
    scores : pandas.DataFrame
        Those it was made of.
    by : str or sequence of str
        Columns that make the groups, such as ``"sector"`` or what
        :func:`~si_research.practice.diagnosis.size_class.size_class` gives; several are crossed.

    Returns
    -------
    GroupComparison

    Notes
    -----
    Difference and interval are those of the joint posterior of all units: the uncertainty of the other units
    and of the grand mean counts. Means are drawn toward the grand mean of all units, not toward the group's,
    so that a difference between groups is told with caution.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> from si_research.practice.diagnosis.diagnosis import diagnose
    >>> scores = simulate_scores(400, n_firms=20, icc=0.2, seed=1)
    >>> scores["sector"] = scores["firm_id"].str[-1].isin(list("02468")).map({True: "bouw", False: "zorg"})
    >>> found = diagnose(scores, unit="firm_id", outcome=None, seed=1)
    >>> compare_with_groups(found, scores, by="sector").groups["n_units"].to_list()
    [10, 10]
    """
    check_kind(
        found, Diagnosis, "a Diagnosis", "`found` of compare_with_groups", "give what diagnose returns"
    )
    names = (by,) if isinstance(by, str) else listed_names(by, "`by` of compare_with_groups")
    unit, posterior = found.unit[0], found.posteriors[0]
    check_names(scores, (unit, *names))
    own = found.units[found.units["level"] == unit]
    values, note = _groups_of(scores, unit, names, own[unit])
    known = (note == "") & (own["n_people"] > 0).to_numpy()
    codes = np.full(len(own), -1, dtype=np.intp)
    codes[known] = values[known].groupby(list(names), sort=True).ngroup().to_numpy()
    n_others = np.where(known, np.bincount(codes[known], minlength=1)[codes] - 1, 0)
    note = np.where(known & (n_others < FEWEST_OTHERS), FEW, note)
    note = np.where(own["state"] != "", own["state"], note)
    columns = _differences(posterior, found.places[0], codes, found.conf_level)
    for name in columns:
        columns[name][note != ""] = np.nan
    k = len(found.predictors)
    table = condition_frame(own.index, found.predictors, columns)
    head = pd.DataFrame(
        {
            unit: np.repeat(own[unit].to_numpy(), k),
            **{name: np.repeat(values[name].to_numpy(), k) for name in names},
            "n_units": np.repeat(n_others, k),
            "n_used": np.repeat(own["n_people"].to_numpy(), k),
        },
        index=table.index,
    )
    whole = pd.concat([head, table], axis=1).assign(note=np.repeat(note, k))
    groups = values[known].groupby(list(names)).size().rename("n_units").reset_index()
    counts = pd.Series(note).value_counts()
    notes = tuple(Note(code, {"n": int(counts[code])}) for code in (UNKNOWN, VARIES, FEW) if code in counts)
    return GroupComparison(names, unit, whole, groups, notes)


def _groups_of(
    scores: pd.DataFrame, unit: str, names: Sequence[str], units: pd.Series
) -> tuple[pd.DataFrame, Array]:
    """Return the group of each unit, and why there is none."""
    frame = pd.DataFrame({name: text_column(scores[name]) for name in (unit, *names)})
    each = frame.dropna(subset=[unit]).groupby(unit)[list(names)]
    several = (each.nunique() > 1).any(axis=1).reindex(units).to_numpy()
    values = each.first().reindex(units).set_axis(units.index)
    values[several] = None
    note = np.where(several, VARIES, np.where(values.isna().any(axis=1), UNKNOWN, ""))
    return values, note.astype(object)


def _differences(
    posterior: LevelPosterior, places: Numbers, codes: Numbers, conf_level: float
) -> dict[str, Array]:
    """Return each unit's mean minus that of the others of its group, shapes (u, k)."""
    from scipy import special, stats

    A, mean, C = posterior.on_grand[places], posterior.mean[places], posterior.rest_cov[places]
    grouped = np.where(codes < 0, codes.max() + 1, codes)
    n_groups = int(grouped.max()) + 1
    n = np.bincount(grouped, minlength=n_groups)[grouped] - 1

    def others(values: Array, power: int = 1) -> Array:
        total = summed(values, grouped, n_groups)[grouped] - values
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(total / n.reshape(-1, *[1] * (values.ndim - 1)) ** power)

    group_mean, B = others(mean), A - others(A)
    moves = posterior.moves[places]
    V = C + others(C, 2) + B @ posterior.grand_cov @ np.swapaxes(B, 1, 2) + squared(moves - others(moves))
    V = symmetric(V)
    error = np.sqrt(np.diagonal(V, axis1=1, axis2=2))
    gap, z = mean - group_mean, stats.norm.ppf((1 + conf_level) / 2)
    return {
        "unit_mean": mean.copy(),
        "group_mean": group_mean,
        "estimate": gap,
        "std_error": error,
        "conf_low": gap - z * error,
        "conf_high": gap + z * error,
        "p_below": special.ndtr(-gap / error),
    }
