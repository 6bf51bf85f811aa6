"""The rows that a form is fitted to, as arrays: conditions from 0 to 1, outcome, controls, firms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.model.arguments import listed_names
from si_research.model.design import (
    Roles,
    check_variation,
    control_terms,
    own_order,
    select_rows,
)
from si_research.model.firm_sums import firm_numbers
from si_research.model.fit_notes import FEW_CLUSTERS, Note, notes_on_rows
from si_research.model.response_ends import BEYOND, Ends, Pair, check_within_ends, known_ends

Array = npt.NDArray[np.float64]
FEWEST_ROWS: Final = 20


@dataclass(frozen=True, slots=True, eq=False)
class FormRows:
    """Complete rows, in an order of their own, so that no draw hangs on the order of the data.

    Attributes
    ----------
    roles : Roles
        Without ``cluster`` where there are fewer than two firms.
    ends : mapping of str to (float, float)
        Of the outcome and of each condition.
    x01 : array, shape (n, k)
        Conditions on 0-1.
    y : array, shape (n,)
    controls : array, shape (n, q)
    firms : array of int, shape (n,), or None
    n_rows : int
    dropped : pandas.Series
    notes : tuple of Note
    """

    roles: Roles
    ends: dict[str, tuple[float, float]]
    x01: Array = field(repr=False)
    y: Array = field(repr=False)
    controls: Array = field(repr=False)
    firms: npt.NDArray[np.intp] | None = field(repr=False)
    n_rows: int
    dropped: pd.Series = field(repr=False)
    notes: tuple[Note, ...]

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.y)

    @property
    def n_firms(self) -> int:
        """Firms, or 0 where there are none."""
        return 0 if self.firms is None else int(self.firms.max()) + 1

    def moved(self, share: float) -> Array:
        """Return conditions on 0-1 where zero lies a share of the format higher; below it is 0."""
        return np.asarray(np.maximum((self.x01 - share) / (1 - share), 0))


def form_rows(
    scores: pd.DataFrame,
    *,
    outcome: str,
    predictors: Sequence[str],
    controls: Sequence[str],
    cluster: str | None,
    ends: Ends,
    where: str,
) -> FormRows:
    """Return the complete rows as arrays, with what must be known of them.

    Raises
    ------
    ModelSpecificationError
        For names that are no columns, or ends that are no ends.
    SurveyDataError
        For fewer than 20 complete rows, a column that does not vary, or scores beyond their ends.
    """
    own = listed_names(predictors, f"`predictors` of {where}")
    roles = Roles(outcome, own, listed_names(controls, f"`controls` of {where}"), cluster)
    chosen = select_rows(scores, roles)
    check_variation(chosen, roles)
    frame = chosen.frame
    if len(frame) < FEWEST_ROWS:
        raise SurveyDataError(
            expected=f"at least {FEWEST_ROWS} complete respondents to tell forms apart",
            found=f"{len(frame)}",
            where="the scores after cleaning",
            todo="collect more answers; fewer people cannot show how conditions combine",
        )
    known = known_ends(ends, (outcome, *own), where)
    check_within_ends(frame, known)
    frame = frame.iloc[own_order(frame, cluster)]
    one = cluster is not None and frame[cluster].nunique() < 2
    return FormRows(
        roles=Roles(outcome, own, roles.controls, None if one else cluster),
        ends=known,
        x01=_on_0_1(frame, own, known),
        y=frame[outcome].to_numpy(dtype="float64"),
        controls=control_terms(frame, roles.controls).to_numpy(dtype="float64"),
        firms=None if one or cluster is None else firm_numbers(frame[cluster]),
        n_rows=chosen.n_rows,
        dropped=chosen.dropped,
        notes=tuple(_notes(frame, roles, known)),
    )


def _on_0_1(frame: pd.DataFrame, names: Sequence[str], ends: Mapping[str, Pair]) -> Array:
    low, high = np.array([ends[name] for name in names]).T
    x01 = (frame[list(names)].to_numpy(dtype="float64") - low) / (high - low)
    return np.asarray(np.clip(x01, 0, 1))


def _notes(frame: pd.DataFrame, roles: Roles, ends: Mapping[str, tuple[float, float]]) -> list[Note]:
    notes: list[Note] = []
    if roles.cluster is None:
        notes.append(Note("no_clusters"))
    else:
        firms = int(frame[roles.cluster].nunique())
        if firms < 2:
            notes.append(Note("one_cluster"))
        elif firms < FEW_CLUSTERS:
            notes.append(Note("few_clusters", {"n_clusters": firms}))
        notes += notes_on_rows(frame, roles, 0) if firms > 1 else []
    floor = {name: float((frame[name] <= ends[name][0]).mean()) for name in roles.predictors}
    if any(floor.values()):
        notes.append(Note("scores_at_floor", floor))
    if len({ends[name] for name in roles.predictors}) > 1:
        notes.append(Note("unequal_formats", {name: ends[name] for name in roles.predictors}))
    return notes


def share_at_ends(y: Array, ends: tuple[float, float]) -> tuple[float, float]:
    """Return the share of outcomes at the lowest and at the highest answer."""
    low, high = ends
    room = BEYOND * (high - low)
    return float(np.mean(y <= low + room)), float(np.mean(y >= high - room))
