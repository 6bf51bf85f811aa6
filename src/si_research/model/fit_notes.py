"""What a reader must know about a fit: few firms, one that decides, names alike, weights on few people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from si_research.model.design import ROWS_BEYOND_TERMS, Roles, listed
from si_research.model.inference import LeastSquares, jackknife_changes

if TYPE_CHECKING:
    from si_research.model.interaction import InteractionFit

FEW_CLUSTERS: Final = 10
WHOLE: Final = r"^(\d+)[.,]0+$"
"""A whole number written with decimals."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader must know about a fit: a code that the report puts into words, and its values."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


def notes_on_firms(raw: LeastSquares) -> list[Note]:
    """Return what must be known when there are few firms, or when one of them decides a term."""
    if raw.clusters is None:
        return []
    notes = []
    if raw.n_clusters < FEW_CLUSTERS:
        notes.append(Note("few_clusters", {"n_clusters": raw.n_clusters}))
    _, lost = jackknife_changes(raw)
    if lost.any():
        terms = listed(raw.terms, np.flatnonzero(lost.any(axis=0)))
        notes.append(Note("cluster_identifies_term", {"n": int(lost.any(axis=1).sum()), "terms": terms}))
    return notes


def notes_on_outcome(frame: pd.DataFrame, roles: Roles) -> list[Note]:
    """Return whether the outcome is a figure of firms, such as their turnover: one and the same for all
    people of a firm, so that only as many figures speak as there are firms."""
    if roles.cluster is None:
        return []
    firms = frame.groupby(roles.cluster, observed=True)[roles.outcome]
    if len(firms) < 2 or len(firms) == len(frame) or firms.nunique().gt(1).any():
        return []
    return [Note("outcome_of_firms", {"outcome": roles.outcome, "n_clusters": len(firms)})]


def is_of_firms(fit: InteractionFit | None) -> bool:
    """Whether the outcome of a fit is one figure a firm."""
    return fit is not None and any(note.code == "outcome_of_firms" for note in fit.notes)


def notes_on_rows(frame: pd.DataFrame, roles: Roles, n_terms: int) -> list[Note]:
    """Return what must be known of the rows: one large firm, names alike, weights that rest on few people.

    A firm with more than half of the people is largely what the fit tells about. Names that differ in
    capitals and spaces only, or as 3 and 3.0, are different firms here, as nobody said otherwise. Weights
    rest on too few people where the number of equal weights that would tell as much, (sum of w)²/(sum of w²)
    after Kish, is below the number of people that the model takes at least.
    """
    notes = []
    if roles.cluster is not None:
        largest = int(frame[roles.cluster].value_counts().iloc[0])
        if largest > len(frame) / 2:
            notes.append(Note("one_firm_dominates", {"largest": largest, "n": len(frame)}))
        names = pd.Series(frame[roles.cluster].unique()).astype("str")
        plain = names.str.casefold().str.split().str.join(" ").str.replace(WHOLE, r"\1", regex=True)
        n_alike = len(names) - plain.nunique()
        if n_alike:
            notes.append(Note("firm_spellings", {"n_clusters": len(names), "n_alike": n_alike}))
    if roles.weight is not None:
        weights = frame[roles.weight].to_numpy() / frame[roles.weight].max()
        effective = float(weights.sum() ** 2 / (weights**2).sum())
        if effective < n_terms + ROWS_BEYOND_TERMS:
            notes.append(Note("weights_on_few", {"n_effective": round(effective), "n": len(frame)}))
    return notes
