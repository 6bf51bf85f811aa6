"""What may be shown of a screening: counts of five and more, and nothing that gives smaller ones away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from si_research.report.describe import records
from si_research.report.suppression import is_small

if TYPE_CHECKING:
    from si_research.report.findings import ScreeningComparison
    from si_research.survey.screening.flags import Screening


def shown_indices(screening: Screening) -> pd.DataFrame:
    """Return the indices with their lines; counts are missing where few are marked, or few are not.

    Returns
    -------
    pandas.DataFrame, indexed by ``index``
        As the table of the screening; n_used and n_flagged float.
    """
    table = screening.table()
    used, marked = (table[name].astype("float64") for name in ("n_used", "n_flagged"))
    few = marked.map(is_small) | (used - marked).map(is_small)
    return table.assign(n_used=used.mask(used.map(is_small)), n_flagged=marked.mask(few))


def shown_agreement(screening: Screening) -> pd.DataFrame:
    """Return the agreement; a pair is blank when any of its four groups holds fewer than five people.

    Returns
    -------
    pandas.DataFrame
        As the agreement of the screening, counts float.
    """
    table = screening.agreement
    n, first, second, both = (table[name].astype("float64") for name in ("n_used", "n_1", "n_2", "n_both"))
    groups = (both, first - both, second - both, n - first - second + both)
    few = np.logical_or.reduce([group.map(is_small).to_numpy(dtype=bool) for group in groups])
    hidden = ["n_1", "n_2", "n_both", "jaccard", "kappa", "phi"]
    return table.assign(**{name: table[name].astype("float64").mask(few) for name in hidden})


def shown_counts(screening: Screening) -> pd.DataFrame:
    """Return how many are marked by so many kinds of evidence or more.

    Returns
    -------
    pandas.DataFrame
        at_least, n_flagged; missing when the number, or its distance to the one before, is below five; and
        for one kind or more, when subtracting what one index or two of them mark leaves fewer than five.
    """
    last, shown = float(screening.n_rows), []
    marked = _marked_by_one_or_two(screening)
    for row in records(screening.counts):
        n = float(row["n_flagged"])
        hidden = is_small(n) or is_small(last - n)
        hidden |= row["at_least"] == 1 and any(is_small(n - each) for each in marked)
        shown.append(np.nan if hidden else n)
        last = last if hidden else n
    return screening.counts.assign(n_flagged=pd.Series(shown, screening.counts.index, dtype="float64"))


def _marked_by_one_or_two(screening: Screening) -> list[float]:
    """Return how many people the shown tables give away as marked by one index, or by either of two."""
    alone = shown_indices(screening)["n_flagged"].dropna()
    pairs = shown_agreement(screening).dropna(subset=["n_both"])
    either = pairs["n_1"] + pairs["n_2"] - pairs["n_both"]
    return [*map(float, alone), *map(float, either)]


def reading_changes(comparison: ScreeningComparison, alpha: float) -> bool:
    """Return whether a test finds something with these people and nothing without them, or the reverse."""
    table = comparison.table()
    for name in ("p_value", "joint_p_value"):
        p = table[name].to_numpy(dtype="float64")
        if np.isfinite(p).all() and len(set((p < alpha).tolist())) > 1:
            return True
    signs = np.sign(table["estimate"].to_numpy(dtype="float64"))
    return bool((table["p_value"] < alpha).all() and len(set(signs.tolist())) > 1)
