"""Whether the terms of a regression can be told apart, and rest on several people each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.model.design import ROWS_BEYOND_TERMS, listed
from si_research.model.inference import ALIKE, Array, leverages, unit_length

DEPENDENT: Final = 1e-6
"""Singular value, of columns of unit length, below which a term follows from the others."""
ALONE: Final = 1 - 1e-9
"""Leverage at which a respondent decides a term alone; that respondent's residual is then always 0."""


def check_design(design: pd.DataFrame) -> None:
    """Refuse too few rows, terms that follow from one another, or terms that one respondent decides."""
    n_rows, n_terms = design.shape
    needed = n_terms + ROWS_BEYOND_TERMS
    if n_rows < needed:
        raise SurveyDataError(
            expected=f"at least {needed} complete respondents for a model of {n_terms} terms",
            found=f"{n_rows}",
            where="the scores after cleaning",
            todo="collect more answers, or ask a smaller question: fewer controls, or two predictors",
        )
    unit = unit_length(design.to_numpy(dtype="float64"))[0]
    R, leverage = _root_and_leverages(unit)
    if np.linalg.svd(R, compute_uv=False)[-1] < DEPENDENT:
        raise SurveyDataError(
            expected="predictors and controls that each carry something of their own",
            found=f"terms that follow from others: {listed(design.columns, redundant_terms(R))}",
            where="the model",
            todo="leave these out, or merge small groups of a control",
        )
    check_leverage(unit[leverage > ALONE], R, design.columns)


def _root_and_leverages(unit: Array) -> tuple[Array, Array]:
    """Return R with R'R = X'X, and the leverages: by Cholesky where columns are not alike, far faster."""
    products = unit.T @ unit
    if np.linalg.eigvalsh(products)[0] < ALIKE:
        Q, R = np.linalg.qr(unit)
        return np.asarray(R), (Q * Q) @ np.ones(Q.shape[1])
    return np.asarray(np.linalg.cholesky(products).T), leverages(unit, np.asarray(np.linalg.inv(products)))


def redundant_terms(R: Array) -> list[int]:
    """Return the positions of the terms that add no rank to those before them."""
    widths = range(R.shape[1] + 1)
    ranks = [int(np.linalg.matrix_rank(R[:, :width], tol=DEPENDENT)) if width else 0 for width in widths]
    return [place for place in widths[:-1] if ranks[place + 1] == ranks[place]]


def check_leverage(alone: Array, R: Array, names: Iterable[str]) -> None:
    """Refuse respondents (their rows) without whom a term cannot be estimated: no standard error is had."""
    if len(alone):
        moved = np.abs(np.linalg.solve(R, np.linalg.solve(R.T, alone.T)))
        decided = np.flatnonzero((moved > 1e-6 * moved.max(axis=0)).any(axis=1))
        raise SurveyDataError(
            expected="terms that rest on several respondents each",
            found=f"{len(alone)} respondent(s) who alone decide {listed(names, decided)}",
            where="the model",
            todo="merge small groups of a control, or leave it out; look at scores that only one person has",
        )
