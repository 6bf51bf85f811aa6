"""What a reader must know about a fit: few firms, one that decides, names alike, weights on few people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.design import ROWS_BEYOND_TERMS, Roles, listed
from si_research.model.inference import LeastSquares, jackknife_changes

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
