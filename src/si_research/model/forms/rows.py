"""The rows that a form is fitted to, as arrays: conditions from 0 to 1, outcome, controls, firms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.arguments import ends_of, listed_names
from si_research.model.design import (
    Roles,
    check_variation,
    control_terms,
    own_order,
    select_rows,
)
from si_research.model.firm_sums import firm_numbers
from si_research.model.fit_notes import FEW_CLUSTERS, Note, notes_on_rows

Array = npt.NDArray[np.float64]
Ends = Mapping[str, tuple[float, float]] | tuple[float, float] | None
USUAL_ENDS: Final = (1.0, 5.0)
FEWEST_ROWS: Final = 20
BEYOND: Final = 1e-9
"""Of the width of a response format, by which rounding may carry a mean beyond its end."""


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

    def moved(self, points: float) -> Array:
        """Return conditions on 0-1 where zero lies ``points`` scale points higher; below it is 0."""
        width = np.array([high - low for low, high in (self.ends[name] for name in self.roles.predictors)])
        return np.asarray(np.maximum((self.x01 * width - points) / (width - points), 0))


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
        For fewer than 20 complete rows, a column that does not vary, or conditions beyond their ends.
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
    known = known_ends(ends, roles, where)
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


def known_ends(ends: Ends, roles: Roles, where: str) -> dict[str, tuple[float, float]]:
    """Return the ends of the response format of the outcome and of each condition."""
    names = (roles.outcome, *roles.predictors)
    place = f"`ends` of {where}"
    if not isinstance(ends, Mapping):
        pair = ends_of(ends, place) or USUAL_ENDS
        return dict.fromkeys(names, pair)
    strangers = [str(name) for name in ends if name not in names]
    if strangers:
        raise ModelSpecificationError(
            expected=f"ends of {', '.join(names)}",
            found=f"ends of {', '.join(strangers)}",
            where=place,
            todo="name the outcome and the conditions of the model only",
        )
    return {name: ends_of(ends.get(name), place) or USUAL_ENDS for name in names}


def _on_0_1(frame: pd.DataFrame, names: Sequence[str], ends: Mapping[str, tuple[float, float]]) -> Array:
    columns = []
    for name in names:
        low, high = ends[name]
        value = (frame[name].to_numpy(dtype="float64") - low) / (high - low)
        beyond = int(((value < -BEYOND) | (value > 1 + BEYOND)).sum())
        if beyond:
            raise SurveyDataError(
                expected=f"scores of {name} from {low:g} to {high:g}",
                found=f"{beyond} score(s) beyond these ends",
                where=f"column {name!r} of the scores",
                todo=f"state the ends of its response format: ends={{{name!r}: (lowest, highest)}}",
            )
        columns.append(np.clip(value, 0, 1))
    return np.column_stack(columns)


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
