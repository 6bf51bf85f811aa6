"""How far the indices mark the same people: counts, Jaccard, kappa, phi."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

AGREEMENT_COLUMNS: Final = (
    "index_1",
    "index_2",
    "n_used",
    "n_1",
    "n_2",
    "n_both",
    "jaccard",
    "kappa",
    "phi",
)


def agreement_table(marks: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return, for every pair of indices, how far they mark the same people.

    Parameters
    ----------
    marks : pandas.DataFrame of bool, shape (n, k)
        Who is marked by which index.
    known : pandas.DataFrame of bool, shape (n, k)
        Who has a value; only people with both count.

    Returns
    -------
    pandas.DataFrame, one row a pair
        index_1, index_2, n_used, n_1, n_2 (marked by each), n_both, jaccard (both over either), kappa
        (Cohen), phi (correlation). Missing where nobody, or everybody, is marked.

    References
    ----------
    Cohen (1960), https://doi.org/10.1177/001316446002000104, on kappa.

    Examples
    --------
    >>> marks = pd.DataFrame({"a": [True, True, False, False], "b": [True, False, False, False]})
    >>> table = agreement_table(marks, marks | True)
    >>> table[["n_both", "jaccard", "kappa"]].round(2).to_dict("records")
    [{'n_both': 1, 'jaccard': 0.5, 'kappa': 0.5}]
    """
    rows = []
    for first, second in combinations(marks.columns, 2):
        both_known = (known[first] & known[second]).to_numpy()
        a, b = marks[first].to_numpy()[both_known], marks[second].to_numpy()[both_known]
        counts = (len(a), int(a.sum()), int(b.sum()), int((a & b).sum()))
        rows.append((first, second, *counts, *_coefficients(*counts)))
    return pd.DataFrame(rows, columns=list(AGREEMENT_COLUMNS))


def _coefficients(n: int, n_1: int, n_2: int, n_both: int) -> tuple[float, float, float]:
    either = n_1 + n_2 - n_both
    jaccard = n_both / either if either else np.nan
    product = float(n_1) * n_2 * (n - n_1) * (n - n_2)
    if not product:
        return jaccard, np.nan, np.nan
    agreed = (n - n_1 - n_2 + 2 * n_both) / n
    by_chance = (n_1 * n_2 + (n - n_1) * (n - n_2)) / n**2
    phi = (float(n) * n_both - float(n_1) * n_2) / np.sqrt(product)
    return jaccard, (agreed - by_chance) / (1 - by_chance), float(phi)
