"""The seal of a ledger: fingerprints of what its steps led to, for a replay to be held against.

A hash tells nothing of an answer that the hash of the raw file, which every ledger holds, does not tell too.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.survey.ledger import COLUMNS, Ledger, Tally, record_step
from si_research.survey.survey_data import Survey, tally

SEAL: Final = "seal"
_LENGTH: Final = 16
"""Hexadecimal digits of a fingerprint; it must show a change, not withstand an attack."""


def seal_ledger(survey: Survey, ledger: Ledger | None = None) -> Ledger:
    """Return the ledger with a last step that holds fingerprints of the survey and of all steps before.

    Parameters
    ----------
    survey : Survey
        Cleaned; nothing of it is changed.
    ledger : Ledger, optional
        The ledger of its scores; by default that of the survey.

    Returns
    -------
    Ledger
        With a step ``seal``: :func:`~si_research.survey.replay.replay` refuses a ledger of which a step, a
        parameter or a count is not what it was, and data with another value or reason.
    """
    ledger = survey.ledger if ledger is None else ledger
    now = Tally(len(survey.values), int(ledger.steps["cells_after"].iloc[-1])) if len(ledger.steps) else None
    counted = now or tally(survey.values)
    return record_step(
        ledger,
        SEAL,
        f"fingerprints of the steps, the rows, and {survey.values.shape[1]} variables",
        "so that a replay can show that it gives the same",
        fingerprints_of(survey, ledger),
        before=counted,
        after=counted,
    )


def fingerprints_of(survey: Survey, ledger: Ledger) -> dict[str, Any]:
    """Return a hash of the steps and of the rows, and one a variable of its values and of its reasons."""
    return {
        "steps": _of_steps(ledger.steps),
        "rows": _of_values(survey.values.index.to_series().astype("str")),
        "values": {str(name): _of_values(survey.values[name]) for name in survey.values},
        "reasons": {str(name): _of_values(survey.reasons[name]) for name in survey.reasons},
    }


def _of_steps(steps: pd.DataFrame) -> str:
    return _hash(steps[list(COLUMNS)].to_csv(index=False, lineterminator="\n").encode())


def _of_values(column: pd.Series[Any]) -> str:
    """Return the hash of numbers, or of texts: the distinct ones in order of appearance, and places."""
    if column.dtype == "float64":
        numbers = column.to_numpy()
        # One way to write "missing" and zero: a hash goes by bits, and both have several.
        return _hash(np.where(np.isnan(numbers), np.nan, numbers + 0.0).astype("<f8").tobytes())
    places, distinct = pd.factorize(column)
    # A list first: going through an Arrow column one by one costs more than all the rest.
    texts = "\0".join(map(str, distinct.tolist()))
    return _hash(texts.encode(), places.astype("<i4").tobytes())


def _hash(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:_LENGTH]
