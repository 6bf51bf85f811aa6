"""Whether a file holds enough people for the question that a study asks."""

from __future__ import annotations

from typing import Final

import pandas as pd

from si_research.model.design import Roles, fewest_rows, select_rows
from si_research.report.findings import Refusal

FEWEST_TO_DESCRIBE: Final = 5
"""People below which nothing may be shown of them, so that a report would be empty."""


def refusal_of_few_people(table: pd.DataFrame, roles: Roles) -> Refusal | None:
    """Return the refusal of a model that has more terms than these people can tell of, or None.

    None too for fewer people than may be described: the model ends in an error there, and nothing is written.
    """
    rows = select_rows(table, roles).frame
    if len(rows) < FEWEST_TO_DESCRIBE:
        return None
    needed = fewest_rows(rows, roles)
    return Refusal("too_few_people", {"n": len(rows), "needed": needed}) if len(rows) < needed else None
