"""Places as two columns of degrees: latitude and longitude side by side, told from scores with decimals."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from si_research.privacy.cells import Numbers, has_places

_DEGREES: Final = r"^\s*[+-]?[0-9]{1,3}[.,][0-9]{3,}\s*$"
_FEWEST: Final = 3
_NEAR: Final = 3.0
"""Degrees within which half of the places lie: an organisation, a region, a small country."""
_EQUATOR: Final = 15.0
"""Degrees below which scores on a response format lie, and hardly any survey."""


def degrees_of(column: pd.Series[Any]) -> Numbers | None:
    """Return a column as degrees, missing where empty; None when its cells have no three decimals."""
    if column.dtype == "float64":
        numbers = column.to_numpy()
    elif column.dtype == "str":
        texts = pa.array(column, from_pandas=True)
        first = pa.chunked_array(
            [texts.drop_null()] if isinstance(texts, pa.Array) else texts.drop_null().chunks
        )
        sample = first.slice(0, 200)
        n_degrees = pc.sum(pc.match_substring_regex(sample, _DEGREES)).as_py() or 0
        if n_degrees <= 0.5 * len(sample):
            return None
        numbers = pd.to_numeric(column.str.replace(",", "."), errors="coerce").to_numpy(dtype="float64")
    else:
        return None
    known = numbers[~np.isnan(numbers)]
    return numbers if len(known) >= _FEWEST and has_places(known) else None


def are_coordinates(first: Numbers, second: Numbers) -> bool:
    """Whether two columns side by side are latitude and longitude, in either order.

    Parameters
    ----------
    first, second : numpy.ndarray
        From :func:`degrees_of`.

    Notes
    -----
    In range, away from the equator where scores lie, and either near one another (half of the people within
    three degrees) or bound together: who has the same latitude has the same longitude. Two scores are
    neither: half of all percentages lie further apart, and equal ones have different neighbours.
    """
    both = ~np.isnan(first) & ~np.isnan(second)
    if both.sum() < _FEWEST:
        return False
    a, b = first[both], second[both]
    return _in_range(a, b) and (_near(a, b) or _bound(a, b))


def _in_range(a: Numbers, b: Numbers) -> bool:
    far = max(np.abs(a).max(), np.abs(b).max()) <= 180 and min(np.abs(a).max(), np.abs(b).max()) <= 90
    return bool(far and max(abs(np.median(a)), abs(np.median(b))) >= _EQUATOR)


def _near(a: Numbers, b: Numbers) -> bool:
    spreads = [np.subtract(*np.percentile(each, [75, 25])) for each in (a, b)]
    return bool(max(spreads) <= _NEAR and np.ptp(a) + np.ptp(b) > 0)


def _bound(a: Numbers, b: Numbers) -> bool:
    pairs = pd.DataFrame({"a": a, "b": b})
    repeated = pairs[pairs.duplicated("a", keep=False)]
    n_values = repeated["a"].nunique()
    if len(repeated) < 0.05 * len(pairs) or n_values < _FEWEST:
        return False
    return len(repeated.drop_duplicates()) <= 1.1 * n_values
