"""What the answers to each item look like, in numbers."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

DESCRIPTION_COLUMNS: Final = [
    "n_used",
    "mean",
    "std_dev",
    "median",
    "trimmed_mean",
    "mad",
    "lowest",
    "highest",
    "skewness",
    "kurtosis",
    "std_error",
]
TRIMMED: Final = 0.10
"""Share of the answers that the trimmed mean leaves out at each end."""
NORMAL_MAD: Final = 1.4826
"""Makes the median deviation the standard deviation of normal answers."""


def describe_items(items: pd.DataFrame) -> pd.DataFrame:
    """Return the usual description of each item.

    Use it to see ceilings, floors and skew before a scale is made of the items.

    Parameters
    ----------
    items : pandas.DataFrame
        Answers as numbers; each item with the people who answered it.

    Returns
    -------
    pandas.DataFrame, indexed by ``item``
        n_used, mean, std_dev, median, trimmed_mean (10 % off at each end), mad (median absolute deviation
        from the median, times 1.4826), lowest and highest answer, skewness, kurtosis (excess; both missing
        where nobody differs), std_error of the mean.

    Notes
    -----
    Skewness m3/s³ and kurtosis m4/s⁴ - 3, with s the usual standard deviation (type 3 of Joanes & Gill, as in
    psych's ``describe``).

    References
    ----------
    Joanes & Gill (1998), https://doi.org/10.1111/1467-9884.00122.

    Examples
    --------
    >>> table = describe_items(pd.DataFrame({"k1": [1.0, 2, 2, 3, 5], "k2": [4.0, 4, 4, 4, 4]}))
    >>> table[["n_used", "median", "lowest", "highest"]].loc["k1"].tolist()
    [5.0, 2.0, 1.0, 5.0]
    """
    rows = {str(name): _description(items[name].dropna().to_numpy("float64")) for name in items}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=DESCRIPTION_COLUMNS)
    return table.rename_axis("item").astype({"n_used": "int64"})


def _description(x: np.ndarray) -> tuple[float, ...]:
    from scipy import stats

    n = len(x)
    if n == 0:
        return (0, *[np.nan] * (len(DESCRIPTION_COLUMNS) - 1))
    mean, median = x.mean(), float(np.median(x))
    spread = float(x.std(ddof=1)) if n > 1 else np.nan
    varies = n > 1 and x.max() > x.min()
    off = x - mean
    return (
        n,
        float(mean),
        spread,
        median,
        float(stats.trim_mean(x, TRIMMED)),
        NORMAL_MAD * float(np.median(np.abs(x - median))),
        float(x.min()),
        float(x.max()),
        float((off**3).mean() / spread**3) if varies else np.nan,
        float((off**4).mean() / spread**4 - 3) if varies else np.nan,
        spread / np.sqrt(n),
    )
