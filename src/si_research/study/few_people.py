"""Whether the people of a file are enough for the question that a study asks, and differ."""

from __future__ import annotations

from typing import Final

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.model.design import Roles, fewest_rows, is_constant, select_rows
from si_research.privacy.profiles import profile_in_force
from si_research.report.findings import Refusal

FEWEST_TO_DESCRIBE: Final = 5
"""People below which nothing may be shown of them, so that a report would be empty."""


def refusal_of_few_people(table: pd.DataFrame, roles: Roles) -> Refusal | None:
    """Return the refusal of a model that has more terms than these people can tell of, or None.

    None too for fewer people than may be described: the model ends in an error there, and nothing is written.
    """
    rows = select_rows(table, roles).frame
    profile = profile_in_force()
    if len(rows) < max(FEWEST_TO_DESCRIBE, profile.smallest_cell):
        if profile.is_coarse:
            raise _too_few_to_publish(profile.smallest_cell)
        return None
    needed = fewest_rows(rows, roles) + profile.smallest_df - 1
    return Refusal("too_few_people", {"n": len(rows), "needed": needed}) if len(rows) < needed else None


def refusal_of_no_variation(table: pd.DataFrame, roles: Roles) -> Refusal | None:
    """Return the refusal where everybody has one and the same score on the outcome or a condition, or None.

    A control that does not vary is for the model to refuse: it can be left out.
    """
    rows = select_rows(table, roles).frame
    if len(rows) < FEWEST_TO_DESCRIBE:
        return None
    same = tuple(name for name in (roles.outcome, *roles.predictors) if is_constant(rows[name]))
    return Refusal("no_variation", {"scales": same, "n": len(rows)}) if same else None


def _too_few_to_publish(cell: int) -> SurveyDataError:
    return SurveyDataError(
        expected=f"{cell} people or more with every score and control, to publish anything of them",
        found="fewer",
        where="the survey after cleaning",
        todo="leave `--profile publication` out, for a report inside the house",
    )
