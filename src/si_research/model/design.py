"""The rows and columns of the regression: who is in, how predictors are centred, which terms there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from si_research.errors import ModelSpecificationError, SurveyDataError

Array = npt.NDArray[np.float64]
INTERCEPT: Final = "intercept"
ROWS_BEYOND_TERMS: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class ModelRows:
    """The rows that are complete on everything the model needs, and why the others are not in.

    Attributes
    ----------
    frame : pandas.DataFrame
        Outcome, predictors, controls (float or str) and, where asked, the cluster (str).
    n_rows : int
        Rows offered.
    dropped : pandas.Series
        Rows left out, counted by the first thing they lack.
    """

    frame: pd.DataFrame
    n_rows: int
    dropped: pd.Series


def select_rows(
    scores: pd.DataFrame,
    *,
    outcome: str,
    predictors: Sequence[str],
    controls: Sequence[str],
    cluster: str | None,
) -> ModelRows:
    """Return the complete rows, with the others counted by the first column they lack."""
    check_names(scores, [outcome, *predictors, *controls, *([cluster] if cluster else [])])
    check_roles(outcome, predictors, controls)
    frame = pd.DataFrame({name: numeric(scores, name) for name in (outcome, *predictors)})
    for name in controls:
        frame[name] = control_column(scores, name)
    if cluster is not None:
        frame[cluster] = text_column(scores[cluster])
    missing = frame.isna()
    first = missing.idxmax(axis=1).where(missing.any(axis=1))
    counts = first.value_counts().reindex([name for name in frame if (first == name).any()])
    complete = frame.loc[~missing.any(axis=1)]
    return ModelRows(complete, len(frame), counts.astype(int).rename("n"))


def check_names(scores: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse names that are no column of the scores, or stand there twice."""
    absent = [name for name in names if name not in scores.columns]
    if absent:
        raise ModelSpecificationError(
            expected=f"columns of the scores: {', '.join(map(str, scores.columns))}",
            found=f"{', '.join(absent)}, which are not among them",
            where="outcome, predictors, controls or cluster of the model",
            todo="name the columns as the codebook does, or add them to the codebook",
        )
    twice = sorted({name for name in names if list(scores.columns).count(name) > 1})
    if twice:
        raise ModelSpecificationError(
            expected="column names that occur once",
            found=f"{', '.join(twice)} more than once",
            where="the scores",
            todo="rename or drop the doubled columns",
        )


def check_roles(outcome: str, predictors: Sequence[str], controls: Sequence[str]) -> None:
    """Refuse a model in which one column plays two parts, or with too few or many predictors."""
    names = [outcome, *predictors, *controls]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not 2 <= len(predictors) <= 3:
        raise ModelSpecificationError(
            expected="two or three predictors, and every column in one part only",
            found=f"{len(predictors)} predictor(s)" + (f"; {', '.join(twice)} twice" if twice else ""),
            where="outcome, predictors and controls of the model",
            todo="name each column once",
        )


def numeric(scores: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as float; infinite values are an error, text too."""
    column = scores[name]
    if not is_numeric_dtype(column):
        raise ModelSpecificationError(
            expected="numbers",
            found=f"a column of type {column.dtype}",
            where=f"column {name!r} of the scores",
            todo="score it first, or use it as a control",
        )
    numbers = column.astype("float64")
    if np.isinf(numbers.to_numpy()).any():
        raise SurveyDataError(
            expected="finite numbers",
            found=f"{int(np.isinf(numbers.to_numpy()).sum())} infinite value(s)",
            where=f"column {name!r} of the scores",
            todo="look at how the column was computed",
        )
    return numbers


def control_column(scores: pd.DataFrame, name: str) -> pd.Series:
    """Return a control as float (a number) or as text (a category)."""
    column = scores[name]
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        return numeric(scores, name)
    return text_column(column)


def text_column(column: pd.Series) -> pd.Series:
    """Return a column as text, missing values kept missing; 3.0 becomes "3"."""
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        return column.map(lambda value: f"{value:g}", na_action="ignore").astype("str")
    return column.astype("str")


def check_variation(rows: ModelRows, names: Sequence[str]) -> None:
    """Refuse a column that is the same for everybody."""
    if rows.frame.empty:
        lacking = ", ".join(f"{name} ({count})" for name, count in rows.dropped.items())
        raise SurveyDataError(
            expected="respondents with a score on the outcome and on every predictor",
            found=f"none among {rows.n_rows}; first thing lacking: {lacking or 'no rows at all'}",
            where="the scores after cleaning",
            todo="look in the ledger for what was set to missing, and at min_answered of the scales",
        )
    constant = [name for name in names if is_constant(rows.frame[name])]
    if constant:
        raise SurveyDataError(
            expected="scores that differ between respondents",
            found=f"{', '.join(constant)}: the same for all {len(rows.frame)} respondents",
            where="the scores after cleaning",
            todo="look at the items of the scale; a model needs variation in outcome and predictors",
        )


def is_constant(column: pd.Series) -> bool:
    """Whether all values are equal, up to the rounding of a mean."""
    values = column.to_numpy(dtype="float64")
    return bool(np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())))


def is_binary(column: pd.Series) -> bool:
    """Whether a predictor takes two values only, so that its square says nothing new."""
    return bool(column.nunique() == 2)


def product_terms(predictors: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the products of two or more predictors, lower order first."""
    orders = range(2, len(predictors) + 1)
    return tuple(pair for order in orders for pair in combinations(predictors, order))


def term_name(parts: Sequence[str]) -> str:
    """Return the name of a product: ``kunnen:willen``."""
    return ":".join(parts)


def control_terms(frame: pd.DataFrame, controls: Sequence[str], *, standardise: bool) -> pd.DataFrame:
    """Return the columns of the controls: centred numbers, and a dummy for all but the commonest level."""
    columns: dict[str, pd.Series] = {}
    for name in controls:
        if is_numeric_dtype(frame[name]):
            spread = float(frame[name].std()) if standardise else 1.0
            columns[name] = (frame[name] - frame[name].mean()) / (spread or 1.0)
            continue
        counts = frame[name].value_counts()
        reference = sorted(counts.index[counts == counts.max()])[0]
        for level in sorted(set(counts.index) - {reference}):
            columns[f"{name}[{level}]"] = (frame[name] == level).astype("float64")
    return pd.DataFrame(columns, index=frame.index)


def design_matrix(
    frame: pd.DataFrame,
    *,
    predictors: Sequence[str],
    controls: Sequence[str],
    centres: Mapping[str, float],
    std_devs: Mapping[str, float],
    squares: Sequence[str] = (),
) -> pd.DataFrame:
    """Return intercept, controls, main effects, squares and products, from centred (and scaled) mains.

    Products are built from the transformed predictors, never transformed themselves.
    """
    standardise = any(value != 1.0 for value in std_devs.values())
    mains = {name: (frame[name] - centres[name]) / std_devs[name] for name in predictors}
    columns: dict[str, pd.Series] = {INTERCEPT: pd.Series(1.0, index=frame.index)}
    extra = control_terms(frame, controls, standardise=standardise)
    columns |= {str(name): extra[name] for name in extra.columns}
    columns |= mains
    columns |= {f"{name}^2": mains[name] ** 2 for name in squares}
    for parts in product_terms(predictors):
        product = mains[parts[0]]
        for part in parts[1:]:
            product = product * mains[part]
        columns[term_name(parts)] = product
    return pd.DataFrame(columns, index=frame.index)


def check_design(design: pd.DataFrame) -> None:
    """Refuse too few rows, or terms that are exact combinations of one another."""
    n_rows, n_terms = design.shape
    needed = n_terms + ROWS_BEYOND_TERMS
    if n_rows < needed:
        raise SurveyDataError(
            expected=f"at least {needed} complete respondents for a model of {n_terms} terms",
            found=f"{n_rows}",
            where="the scores after cleaning",
            todo="collect more answers, or ask a smaller question: fewer controls, or two predictors",
        )
    scaled = design / np.sqrt((design**2).sum()).replace(0, 1)
    if np.linalg.matrix_rank(scaled.to_numpy(), tol=1e-10) < n_terms:
        raise SurveyDataError(
            expected="predictors and controls that each carry something of their own",
            found=f"terms that follow exactly from others: {', '.join(redundant_terms(scaled))}",
            where="the model",
            todo="leave these out, or merge small groups of a control",
        )


def redundant_terms(scaled: pd.DataFrame) -> list[str]:
    """Return the terms that add no rank to those before them."""
    found, rank = [], 0
    for position, name in enumerate(scaled.columns, start=1):
        now = int(np.linalg.matrix_rank(scaled.iloc[:, :position].to_numpy(), tol=1e-10))
        if now == rank:
            found.append(str(name))
        rank = now
    return found
