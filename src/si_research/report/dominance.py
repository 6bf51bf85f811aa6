"""Groups that are nearly all of two organisations: they tell of these, however many people they have."""

from __future__ import annotations

from typing import Any

import pandas as pd

from si_research.privacy.disclosure import dominated, profile_in_force
from si_research.report.withheld import log_withheld


def dominated_levels(column: pd.Series[Any], firms: pd.Series[Any] | None) -> frozenset[object]:
    """Return the levels of which so few firms have nearly all people that it tells of those firms.

    None under a profile without such a rule, and none where the same holds for the people as a whole.

    Examples
    --------
    >>> from si_research.privacy.profiles import PUBLICATION, disclosing
    >>> firms = pd.Series([f"firm {place % 10}" for place in range(100)])
    >>> sector = pd.Series(["care"] * 60 + ["trade"] * 40).mask(firms == "firm 0", "fishery")
    >>> with disclosing(PUBLICATION):
    ...     dominated_levels(sector, firms)
    frozenset({'fishery'})
    >>> dominated_levels(sector, firms)
    frozenset()
    """
    profile = profile_in_force()
    if firms is None or profile.dominance is None:
        return frozenset()
    of_all = firms.loc[column.index]
    if dominated(of_all.value_counts(), profile):
        return frozenset()
    counts = of_all.groupby(column).value_counts()
    found = {level for level, n in counts.groupby(level=0) if dominated(n, profile)}
    for level in found:
        log_withheld("dominance", int((column == level).sum()))
    return frozenset(found)
