"""Which rows take part in an imputation: what may be filled, and what is left alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_numeric_dtype

from si_research.errors import SurveyDataError
from si_research.model.design import (
    ModelRows,
    Roles,
    check_names,
    check_roles,
    check_variation,
    control_column,
    design_matrix,
    is_binary,
    numeric,
    own_order,
    text_column,
)
from si_research.model.design_checks import check_design
from si_research.survey.missing.reasons import NO_ANSWER_TO_HAVE

NOTHING: Final = "nothing answered"


@dataclass(frozen=True, slots=True, eq=False)
class IncompleteRows:
    """The rows of an imputation, before anything is filled.

    Attributes
    ----------
    frame : pandas.DataFrame
        Outcome, predictors and controls with their holes, the firm where asked; sorted by firm
        and score.
    order : pandas.Index
        Their index in the order in which they were offered.
    filled : tuple of str
        Columns with holes, in the order in which they are filled: predictors, controls, outcome.
    squares : tuple of str
        Predictors whose square is in the outcome model.
    n_rows : int
        Rows offered.
    left_out : pandas.Series
        Rows left out, by the first cause.
    """

    frame: pd.DataFrame
    order: pd.Index
    filled: tuple[str, ...]
    squares: tuple[str, ...]
    n_rows: int
    left_out: pd.Series

    def complete(self) -> pd.DataFrame:
        """Return the rows without holes, in the order in which they were offered."""
        return self.frame.loc[self.order].dropna()


def select_incomplete(scores: pd.DataFrame, roles: Roles, reasons: pd.DataFrame | None) -> IncompleteRows:
    """Return the rows that take part, the others counted by the first cause.

    Parameters
    ----------
    scores : pandas.DataFrame
    roles : Roles
    reasons : pandas.DataFrame, optional
        As ``scores``: why a score is missing.
    """
    check_names(scores, roles.names)
    check_roles(roles)
    frame = pd.DataFrame({name: numeric(scores, name) for name in (roles.outcome, *roles.predictors)})
    for name in roles.controls:
        frame[name] = control_column(scores, name)
    if roles.cluster is not None:
        frame[roles.cluster] = text_column(scores[roles.cluster])
    _check_index(frame, reasons)
    causes = _causes(frame, roles, reasons)
    kept = frame[causes == ""]
    counts = causes[causes != ""].value_counts(sort=False).astype("int64").rename("n")
    predictors_first = (*roles.predictors, *roles.controls, roles.outcome)
    filled = tuple(name for name in predictors_first if kept[name].isna().any())
    _check_complete(kept, roles, len(frame), counts)
    squares = tuple(name for name in roles.predictors if not is_binary(kept[name].dropna()))
    _check_filled(filled, squares, roles)
    check_design(design_matrix(kept.dropna(), roles, squares=squares))
    ordered = kept.iloc[own_order(kept, roles.cluster)]
    return IncompleteRows(ordered, kept.index, filled, squares, len(frame), counts)


def _check_index(frame: pd.DataFrame, reasons: pd.DataFrame | None) -> None:
    if not frame.index.is_unique or (reasons is not None and not reasons.index.equals(frame.index)):
        raise SurveyDataError(
            expected="one row a respondent, each with a row number of its own, and reasons for the same rows",
            found="row numbers that occur twice, or reasons of other rows",
            where="the scores",
            todo="take scores and reasons from one survey",
        )


def _causes(frame: pd.DataFrame, roles: Roles, reasons: pd.DataFrame | None) -> pd.Series:
    """Return why each row is left out; empty for those that take part."""
    causes = pd.Series("", index=frame.index, dtype="str")

    def mark(rows: pd.Series, cause: str) -> None:
        causes[rows & (causes == "")] = cause

    if roles.cluster is not None:
        mark(frame[roles.cluster].isna(), roles.cluster)
    for name in roles.controls:
        if not is_numeric_dtype(frame[name]) or is_binary(frame[name].dropna()):
            mark(frame[name].isna(), name)
    scored = [roles.outcome, *roles.predictors]
    for name in [*scored, *roles.controls]:
        if reasons is not None and name in reasons:
            for reason in NO_ANSWER_TO_HAVE:
                mark(frame[name].isna() & (reasons[name] == reason), f"{name}: {reason}")
    mark(frame[scored].isna().all(axis=1), NOTHING)
    return causes


def _check_complete(kept: pd.DataFrame, roles: Roles, n_rows: int, left_out: pd.Series) -> None:
    """Refuse rows of which none is complete, or in which a column does not vary."""
    names = (roles.outcome, *roles.predictors, *roles.controls)
    lacking = pd.Series({name: int(kept[name].isna().sum()) for name in names}, dtype="int64")
    counts = pd.concat([left_out, lacking[lacking > 0]])
    check_variation(ModelRows(kept.dropna(), n_rows, counts), roles)


def _check_filled(filled: tuple[str, ...], squares: tuple[str, ...], roles: Roles) -> None:
    binary = [name for name in roles.predictors if name in filled and name not in squares]
    if binary:
        raise SurveyDataError(
            expected="predictors to be filled that take more than two values",
            found=f"missing values in {', '.join(binary)}, with two values",
            where="imputation of missing scores",
            todo="use the complete cases: a normal model would fill in what nobody can be",
        )


def firm_numbers(frame: pd.DataFrame, cluster: str | None) -> tuple[npt.NDArray[np.intp], int]:
    """Return the number of the firm of each row, and how many firms there are; 0 without firms."""
    if cluster is None:
        return np.zeros(len(frame), dtype=np.intp), 0
    numbers, names = pd.factorize(frame[cluster], sort=True)
    return numbers, len(names)
