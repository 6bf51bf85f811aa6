"""The rows and columns of the regression: who is in, how predictors are centred, which terms there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_bool_dtype, is_complex_dtype, is_numeric_dtype

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.arguments import check_kind, check_name

INTERCEPT: Final = "intercept"
ROWS_BEYOND_TERMS: Final = 2
FIRST_ROWS: Final = 1000
"""Rows that are looked at first: where these take three values, the others need not be gone through."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Which column plays which part."""

    outcome: str
    predictors: tuple[str, ...]
    controls: tuple[str, ...] = ()
    cluster: str | None = None
    weight: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, in the order in which missing values are counted."""
        last = [name for name in (self.cluster, self.weight) if name is not None]
        return (self.outcome, *self.predictors, *self.controls, *last)


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


def select_rows(scores: pd.DataFrame, roles: Roles) -> ModelRows:
    """Return the complete rows, with the others counted by the first column they lack."""
    check_names(scores, roles.names)
    check_roles(roles)
    return complete_rows(scores, roles)


def complete_rows(scores: pd.DataFrame, roles: Roles) -> ModelRows:
    """Return the complete rows of columns that were checked, with the others counted."""
    frame = pd.DataFrame({name: numeric(scores, name) for name in (roles.outcome, *roles.predictors)})
    for name in roles.controls:
        frame[name] = control_column(scores, name)
    if roles.cluster is not None:
        frame[roles.cluster] = text_column(scores[roles.cluster])
    if roles.weight is not None:
        frame[roles.weight] = weight_column(scores, roles.weight)
    missing = frame.isna().to_numpy()
    first = missing[missing.any(axis=1)].argmax(axis=1)
    counts = {name: int((first == place).sum()) for place, name in enumerate(frame.columns)}
    dropped = pd.Series({name: n for name, n in counts.items() if n}, name="n", dtype="int64")
    return ModelRows(frame.dropna(), len(frame), dropped)


def check_names(scores: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse scores that are no table, and names that are no column of them, or stand there twice."""
    check_kind(
        scores, pd.DataFrame, "a table of scores", "`scores`", "give a pandas DataFrame, a row a respondent"
    )
    for name in names:
        check_name(name, "outcome, predictors, controls, cluster or weight of the model")
    absent = [name for name in names if name not in scores.columns]
    if absent:
        raise ModelSpecificationError(
            expected=f"columns of the scores: {', '.join(map(str, scores.columns))}",
            found=f"{', '.join(absent)}, which are not among them",
            where="outcome, predictors, controls, cluster or weight of the model",
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


def check_roles(roles: Roles) -> None:
    """Refuse a model in which one column plays two parts or is called as a term, or with too few predictors.

    The firm may be a control too: firms then each have their own level.
    """
    names = [
        roles.outcome,
        *roles.predictors,
        *roles.controls,
        *([] if roles.weight is None else [roles.weight]),
    ]
    twice = sorted({name for name in names if names.count(name) > 1})
    if roles.cluster in {*names} - {*roles.controls}:
        twice.append(str(roles.cluster))
    if twice or not 2 <= len(roles.predictors) <= 3:
        raise ModelSpecificationError(
            expected="two or three predictors, and every column in one part only",
            found=f"{len(roles.predictors)} predictor(s)" + (f"; {', '.join(twice)} twice" if twice else ""),
            where="outcome, predictors, controls, cluster and weight of the model",
            todo="name each column once" if twice else "name two or three predictors, and others as controls",
        )
    terms = {INTERCEPT, *map(term_name, product_terms(roles.predictors))}
    terms |= {made(name) for name in roles.predictors for made in (square_name, mean_name)}
    taken = [name for name in (*roles.predictors, *roles.controls) if name in terms]
    taken += [name for name in roles.controls if name.partition("[")[0] in {*roles.controls} - {name}]
    if taken:
        raise ModelSpecificationError(
            expected="columns with names of their own",
            found=f"{', '.join(taken)}, which is also the name of a term of the model",
            where="predictors and controls of the model",
            todo="give the column another name",
        )


def numeric(scores: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as float; infinite values are an error, text too."""
    column = scores[name]
    if not is_numeric_dtype(column) or is_complex_dtype(column):
        raise ModelSpecificationError(
            expected="numbers",
            found=f"a column of type {column.dtype}",
            where=f"column {name!r} of the scores",
            todo="score it first, or use it as a control",
        )
    _check_finite(column, name)
    return column.astype("float64")


def _check_finite(column: pd.Series, name: object) -> None:
    endless = np.isinf(column.to_numpy(dtype="float64", na_value=np.nan))
    if endless.any():
        raise SurveyDataError(
            expected="finite numbers",
            found=f"{int(endless.sum())} infinite value(s)",
            where=f"column {name!r} of the scores",
            todo="look at how the column was computed",
        )


def weight_column(scores: pd.DataFrame, name: str) -> pd.Series:
    """Return sampling weights; one of 0, which counts for nobody, as missing. Below 0 is an error."""
    weights = numeric(scores, name)
    if (weights < 0).any():
        raise SurveyDataError(
            expected="weights of 0 or more",
            found=f"{int((weights < 0).sum())} below 0",
            where=f"column {name!r} of the scores",
            todo="look at how the weights were computed, or leave them out of the analysis",
        )
    return weights.mask(weights == 0)


def control_column(scores: pd.DataFrame, name: str) -> pd.Series:
    """Return a control as float (a number) or as text (a category)."""
    column = scores[name]
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        return numeric(scores, name)
    return text_column(column)


def text_column(column: pd.Series) -> pd.Series:
    """Return a column as text, missing values and blanks kept missing; 3.0 becomes "3"."""
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        _check_finite(column, column.name)
        texts = {value: whole_number_text(value) for value in column.dropna().unique()}
        return column.map(texts).astype("str")
    text = column.astype("str").str.strip()
    return text.mask(text == "")


def whole_number_text(value: float) -> str:
    """Return 3.0 as "3", and any other number with all its digits."""
    return str(int(value)) if value == int(value) else repr(float(value))


def check_variation(rows: ModelRows, roles: Roles) -> None:
    """Refuse scores of nobody, and a column that is the same for everybody."""
    if rows.frame.empty:
        lacking = ", ".join(f"{name} ({count})" for name, count in rows.dropped.items())
        raise SurveyDataError(
            expected="respondents with a score on the outcome and on every predictor",
            found=f"none among {rows.n_rows}; first thing lacking: {lacking or 'no rows at all'}",
            where="the scores after cleaning",
            todo=_what_lacks(rows, roles),
        )
    names = (roles.outcome, *roles.predictors, *roles.controls)
    constant = [name for name in names if is_constant(rows.frame[name])]
    if constant:
        raise SurveyDataError(
            expected="scores that differ between respondents",
            found=f"{', '.join(constant)}: the same for all {len(rows.frame)} respondents",
            where="the scores after cleaning",
            todo="look at the items of the scale, or leave out the control; a model needs variation",
        )


def _what_lacks(rows: ModelRows, roles: Roles) -> str:
    """Return what to do about a column without which nobody is left."""
    if roles.cluster in rows.dropped.index:
        return "if nobody's firm is known, leave it out of the tests: `cluster: none` in study.yml"
    if roles.weight in rows.dropped.index:
        return "look at how the weights were computed (one of 0 counts for nobody), or leave them out"
    return "look in the ledger for what was set to missing, and at min_answered of the scales"


def is_constant(column: pd.Series) -> bool:
    """Whether all values are equal, numbers up to the rounding of a mean."""
    if not is_numeric_dtype(column):
        return bool(column.nunique() < 2)
    values = column.to_numpy(dtype="float64")
    return bool(np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())))


def is_binary(column: pd.Series) -> bool:
    """Whether a predictor takes two values only, so that its square says nothing new."""
    return bool(column.iloc[:FIRST_ROWS].nunique() <= 2 and column.nunique() == 2)


def product_terms(predictors: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the products of two or more predictors, lower order first."""
    orders = range(2, len(predictors) + 1)
    return tuple(pair for order in orders for pair in combinations(predictors, order))


def term_name(parts: Sequence[str]) -> str:
    """Return the name of a product: ``kunnen:willen``."""
    return ":".join(parts)


def means(frame: pd.DataFrame, weight: str | None) -> dict[str, float]:
    """Return the mean of each column that is a number; weighted where asked."""
    share = None if weight is None else frame[weight].to_numpy()
    return {name: float(np.average(frame[name], weights=share)) for name in _numbers(frame, weight)}


def spreads(frame: pd.DataFrame, weight: str | None) -> dict[str, float]:
    """Return the standard deviation (n - 1) of each column that is a number; weights have a mean of 1."""
    if weight is None:
        return {name: float(frame[name].std()) for name in _numbers(frame, weight)}
    share, factor = frame[weight].to_numpy(dtype="float64"), len(frame) / (len(frame) - 1)
    centred = {
        name: frame[name].to_numpy(dtype="float64") - mean for name, mean in means(frame, weight).items()
    }
    return {
        name: float(np.sqrt(np.average(column**2, weights=share) * factor))
        for name, column in centred.items()
    }


def percentiles(
    frame: pd.DataFrame, name: str, weight: str | None, shares: Sequence[float]
) -> npt.NDArray[np.float64]:
    """Return percentiles (0 to 100) of a column, type 7; weighted where asked.

    With weights each value stands in the middle of its own, from 0 for the lowest to 1 for the highest, and
    percentiles lie on straight lines between: equal weights give type 7.
    """
    values = frame[name].to_numpy(dtype="float64")
    if weight is None:
        return np.asarray(np.percentile(values, list(shares)))
    own = frame[weight].to_numpy(dtype="float64")
    order = np.lexsort((own, values))
    middles = np.cumsum(own[order]) - own[order] / 2
    places = (middles - middles[0]) / (middles[-1] - middles[0])
    return np.asarray(np.interp(np.asarray(shares) / 100, places, values[order]))


def _numbers(frame: pd.DataFrame, weight: str | None) -> list[str]:
    return [str(name) for name in frame.select_dtypes("number") if name != weight]


def z_scores(frame: pd.DataFrame, roles: Roles) -> pd.DataFrame:
    """Return the rows with every number but the weight as a z-score."""
    mean, spread = means(frame, roles.weight), spreads(frame, roles.weight)
    return frame.assign(**{name: (frame[name] - mean[name]) / spread[name] for name in mean})


def control_terms(
    frame: pd.DataFrame, controls: Sequence[str], *, centres: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return the columns of the controls: centred numbers, and a dummy for all but the commonest level."""
    columns: dict[str, pd.Series] = {}
    for name in controls:
        if is_numeric_dtype(frame[name]):
            columns[name] = frame[name] - (float(frame[name].mean()) if centres is None else centres[name])
            continue
        counts = frame[name].value_counts()
        reference = sorted(counts.index[counts == counts.max()])[0]
        for level in sorted(set(counts.index) - {reference}):
            columns[f"{name}[{level}]"] = (frame[name] == level).astype("float64")
    return pd.DataFrame(columns, index=frame.index)


def design_matrix(
    frame: pd.DataFrame,
    roles: Roles,
    *,
    squares: Sequence[str] = (),
    centres: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return intercept, controls, main effects, squares and products, from centred mains.

    Products are built from the centred predictors, never centred themselves. ``centres`` of predictors and of
    controls that are numbers make several tables comparable; without, (weighted) means of the rows.
    """
    if centres is None:
        centres = means(frame, roles.weight)
    extra = control_terms(frame, roles.controls, centres=centres)
    products = {term_name(parts): parts for parts in product_terms(roles.predictors)}
    parts_of_design = [INTERCEPT, *map(str, extra), *roles.predictors, *map(square_name, squares), *products]
    names = list(dict.fromkeys(parts_of_design))
    # One table, filled term by term: with many rows, fresh memory costs more than the arithmetic.
    table = np.empty((len(names), len(frame)))
    column = dict(zip(names, table, strict=True))
    column[INTERCEPT][:] = 1.0
    for name in extra:
        column[str(name)][:] = extra[name]
    for name in roles.predictors:
        np.subtract(frame[name].to_numpy(dtype="float64"), centres[name], out=column[name])
    for name in squares:
        np.square(column[name], out=column[square_name(name)])
    for name, parts in products.items():
        lower = parts[0] if len(parts) == 2 else term_name(parts[:-1])
        np.multiply(column[lower], column[parts[-1]], out=column[name])
    return pd.DataFrame(table.T, index=frame.index, columns=names, copy=False)


def own_order(rows: pd.DataFrame, first: str | None = None) -> npt.NDArray[np.intp]:
    """Return the places of the rows sorted by what is in them, by column ``first`` before the others.

    What is drawn a row is drawn in this order, so that no result hangs on the order of the data.
    """
    plain = rows.reset_index(drop=True)
    columns = sorted(plain.columns, key=lambda name: name != first)
    return plain.sort_values(columns, kind="stable").index.to_numpy(dtype=np.intp)


def square_name(predictor: str) -> str:
    """Return the name of a square: ``kunnen^2``."""
    return f"{predictor}^2"


def mean_name(predictor: str) -> str:
    """Return the name of the term that holds a firm's mean."""
    return f"mean of {predictor}"


def fewest_rows(frame: pd.DataFrame, roles: Roles) -> int:
    """Return how many complete rows the model with squares takes at least."""
    squares = [name for name in roles.predictors if not is_binary(frame[name])]
    return design_matrix(frame, roles, squares=squares).shape[1] + ROWS_BEYOND_TERMS


def listed(terms: Iterable[str], places: Iterable[int]) -> str:
    """Return terms for a message; a level of a control, which somebody may have typed, is not shown."""
    names = [str(term) for term in terms]
    shown = [f"a level of {names[i].partition('[')[0]}" if "[" in names[i] else names[i] for i in places]
    return ", ".join(dict.fromkeys(shown))
