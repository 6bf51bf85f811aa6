"""Scoring in the ledger: which answers were turned, and who has too few answers for a score."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from si_research.survey.ledger import Ledger, Tally, record_step
from si_research.survey.survey_data import Survey, tally

if TYPE_CHECKING:
    from si_research.survey.scoring import ScaleFacts

SCORING_STEPS: Final = ("reverse", "score")


def record_scoring(survey: Survey, scales: Mapping[str, ScaleFacts]) -> Ledger:
    """Return the ledger of a survey with the two steps of its scoring.

    Parameters
    ----------
    survey : Survey
        Cleaned answers; scoring leaves them as they are, and turns a copy.
    scales : Mapping of str to ScaleFacts
        By column of the scores.

    Returns
    -------
    Ledger
        With ``reverse`` (answers that count as another value because their item is turned) and ``score``
        (respondents with a score and without, a scale).
    """
    last = survey.ledger.steps.tail(1)
    now = Tally(len(survey.values), int(last["cells_after"].iloc[0])) if len(last) else tally(survey.values)
    ends = {item: (facts.lowest, facts.highest) for facts in scales.values() for item in facts.reversed_items}
    turned = {item: _n_turned(survey, item, *each) for item, each in ends.items()}
    listed = ", ".join(f"{item} {count}" for item, count in turned.items())
    total = sum(turned.values())
    ledger = record_step(
        survey.ledger,
        "reverse",
        f"answers that count the other way round: {total}" + (f" ({listed})" if listed else ""),
        "the codebook says which items are worded the other way round",
        {"items": {item: list(each) for item, each in ends.items()}},
        before=now,
        after=now,
        cells_changed=total,
        counts={"cells": {"turned": total}} if total else {},
    )
    return record_step(
        ledger,
        "score",
        "; ".join(
            f"{name}: {facts.n_scored} scored, {facts.n_missing} not" for name, facts in scales.items()
        ),
        "the mean of a scale, where enough of its items are answered",
        {"scales": {name: _rule_of(facts) for name, facts in scales.items()}},
        before=now,
        after=now,
        counts={
            "scored": {name: facts.n_scored for name, facts in scales.items()},
            "not_scored": {name: facts.n_missing for name, facts in scales.items()},
        },
    )


def _n_turned(survey: Survey, item: str, low: float, high: float) -> int:
    """Count the answers that turning makes another value: all but the middle one."""
    answers = survey.values[item]
    return int((answers.notna() & (low + high - answers != answers)).sum())


def _rule_of(facts: ScaleFacts) -> dict[str, Any]:
    ends = {"lowest": facts.lowest, "highest": facts.highest}
    return {
        "scale": facts.name,
        "kind": facts.kind,
        "items": list(facts.items),
        "reversed": list(facts.reversed_items),
        "min_answered": facts.min_answered,
        **{end: None if math.isnan(value) else value for end, value in ends.items()},
    }
