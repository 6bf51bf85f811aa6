"""Why a score is missing: what its items say."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.survey.codebook import Codebook, MissingReason
from si_research.survey.scoring import ScaleFacts, Scores
from si_research.survey.survey_data import REASON_DTYPE, REASONS, Survey

BY_DESIGN: Final[tuple[MissingReason, ...]] = ("not_asked", "routed_past")
"""Nobody was asked: the answer is absent, not missing."""
NO_ANSWER_TO_HAVE: Final[tuple[MissingReason, ...]] = (*BY_DESIGN, "does_not_apply")
"""There is no answer that could have been given: such a score is never filled in."""


def score_reasons(survey: Survey, codebook: Codebook, scores: Scores) -> pd.DataFrame:
    """Return why each missing score is missing.

    Use it with :func:`si_research.model.missing.impute.impute_scores`, which leaves alone what has no answer.

    Parameters
    ----------
    survey : Survey
        The answers that were scored.
    codebook : Codebook
    scores : Scores
        Of :func:`score_scales`.

    Returns
    -------
    pandas.DataFrame
        Index as in the scores; a column a scale and control, categories of ``REASONS``, empty where there is
        a score.

    Notes
    -----
    There is no score to have when so many items were not asked, were routed past or do not apply that
    ``min_answered`` could not be reached; the reason is the commonest of these. Otherwise it is missing for
    the commonest of the other reasons. At a tie the one that stands first in ``REASONS``.
    """
    columns = {
        column: _reason_of(survey, codebook, facts, scores.table_[column])
        for column, facts in scores.scales.items()
    }
    columns |= {name: survey.reasons[name] for name in codebook.roles.controls if name in survey.reasons}
    return pd.DataFrame(columns, index=scores.table_.index)


def reason_counts(reasons: pd.DataFrame) -> npt.NDArray[np.int_]:
    """Return how often each reason occurs in each row, shape (rows, reasons)."""
    codes = np.column_stack([reasons[name].astype(REASON_DTYPE).cat.codes for name in reasons])
    return np.stack([(codes == code).sum(axis=1) for code in range(len(REASONS))], axis=1)


def could_be_answered(counts: npt.NDArray[np.int_], n_items: int) -> npt.NDArray[np.int_]:
    """Return for how many items of a scale there is an answer to have, in each row."""
    absent = counts[:, [REASONS.index(reason) for reason in NO_ANSWER_TO_HAVE]].sum(axis=1)
    return np.asarray(n_items - absent)


def _reason_of(survey: Survey, codebook: Codebook, facts: ScaleFacts, score: pd.Series) -> pd.Series:
    ready_made = codebook.scales[facts.name].score
    if ready_made is not None:
        return survey.reasons[ready_made].astype(REASON_DTYPE)
    counts = reason_counts(survey.reasons[list(facts.items)])
    alone = could_be_answered(counts, len(facts.items)) < facts.min_answered
    is_alone = np.array([reason in NO_ANSWER_TO_HAVE for reason in REASONS])
    counted = np.where(is_alone == alone[:, None], counts, 0)
    codes = np.where(score.isna(), counted.argmax(axis=1), -1)
    return pd.Series(pd.Categorical.from_codes(codes, dtype=REASON_DTYPE), index=score.index)
