"""From scores to memberships of fuzzy sets, by anchors that theory sets and the sample does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.arguments import check_options, listed_points

Array = npt.NDArray[np.float64]
ERROR, IN, OUT = "error", "in", "out"
INCLUSION_MEMBERSHIP: Final = 0.95
"""Membership at the anchor of full membership."""
NEGLIGIBLE: Final = 1e-4
HALF: Final = 1e-9
"""How near to 0.5 a membership counts as 0.5: the rounding of a mean of answers."""
MOVED: Final = 0.001
"""How far a membership of 0.5 is moved where that is asked for (Fiss, 2011)."""
SHOWN_ROWS: Final = 10


class Anchors(NamedTuple):
    """The scores at which somebody is out of a set, neither in nor out, and in it."""

    out: float
    crossover: float
    full: float


def default_anchors(lowest: float, highest: float) -> Anchors:
    """Return the anchors of a response format: an eighth from either end, and its middle.

    Examples
    --------
    >>> tuple(default_anchors(1, 5))
    (1.5, 3.0, 4.5)
    >>> tuple(default_anchors(1, 7))
    (1.75, 4.0, 6.25)
    """
    edge = (highest - lowest) / 8
    return Anchors(lowest + edge, (lowest + highest) / 2, highest - edge)


def calibrate(
    values: npt.ArrayLike,
    anchors: Sequence[float],
    *,
    logistic: bool = True,
    inclusion_membership: float = INCLUSION_MEMBERSHIP,
    below: float = 1.0,
    above: float = 1.0,
) -> Array:
    """Return the membership of each score in a set, by direct calibration.

    Parameters
    ----------
    values : array of float
    anchors : (out, crossover, full)
        In rising order, or in falling order for a set of low scores.
    logistic : bool
        Along an S-curve; otherwise along straight lines, which end at the anchors.
    inclusion_membership : float, between 0.5 and 1
        At the anchor of full membership, on the S-curve; one less this number at the anchor of being out.
    below, above : float above 0
        Powers that bend the lines below and above the crossover; 1 is straight.

    Returns
    -------
    numpy.ndarray
        0 to 1; on the S-curve below 0.0001 is 0, and above 0.9999 is 1.

    Notes
    -----
    The log odds are ln(m/(1 - m)) times the distance from the crossover, as a share of the distance of the
    anchor on that side, m the membership at full: 2.944 for 0.95, as in the R package QCA (fsQCA: 3).

    References
    ----------
    Ragin (2008), Redesigning Social Inquiry, chapter 5. Duşa (2019), QCA with R,
    https://doi.org/10.1007/978-3-319-75668-4.

    Examples
    --------
    >>> calibrate([1.5, 3.0, 4.5], (1.5, 3.0, 4.5)).round(2).tolist()
    [0.05, 0.5, 0.95]
    """
    out, crossover, full = anchors
    distance = (np.asarray(values, dtype=np.float64) - crossover) * np.sign(full - crossover)
    share = np.where(distance >= 0, distance / abs(full - crossover), distance / abs(crossover - out))
    if logistic:
        odds = np.log(inclusion_membership / (1 - inclusion_membership))
        member = 1 / (1 + np.exp(-np.clip(odds * share, -700.0, 700.0)))
        return np.asarray(np.where(member < NEGLIGIBLE, 0.0, np.where(member > 1 - NEGLIGIBLE, 1.0, member)))
    share = np.clip(share, -1.0, 1.0)
    rising = 1 - 0.5 * (1 - np.maximum(share, 0)) ** above
    return np.asarray(np.where(share >= 0, rising, 0.5 * (1 + np.minimum(share, 0)) ** below))


def anchor_table(anchors: object, ends: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Return the anchors of each set, those that were not given from the response format."""
    where = "`anchors` of the configurations"
    given = listed_points(anchors, where, example="{'kunnen': (1.5, 3, 4.5)}")
    unknown = sorted(set(given) - set(ends))
    if unknown:
        raise ModelSpecificationError(
            expected=f"anchors of {', '.join(ends)}",
            found=f"{', '.join(unknown)}, which is none of these",
            where=where,
            todo="name the outcome and the conditions as in the scores",
        )
    rows = {}
    for name, (lowest, highest) in ends.items():
        three = Anchors(*_three(given[name], name)) if name in given else default_anchors(lowest, highest)
        rows[name] = {**three._asdict(), "lowest": lowest, "highest": highest}
    table = pd.DataFrame.from_dict(rows, orient="index", dtype="float64")
    return table.rename_axis("set")


def _three(values: Sequence[float], name: str) -> Sequence[float]:
    steps = np.diff(values)
    if len(values) != 3 or not np.isfinite(values).all() or not ((steps > 0).all() or (steps < 0).all()):
        raise ModelSpecificationError(
            expected="three scores in order: out of the set, neither, in the set",
            found=f"{len(values)} value(s)" if len(values) != 3 else "values that do not rise or fall",
            where=f"`anchors` of {name}",
            todo="write them as in (1.5, 3, 4.5), or (4.5, 3, 1.5) for a set of low scores",
        )
    return values


def memberships(frame: pd.DataFrame, anchors: pd.DataFrame, *, at_crossover: str = ERROR) -> pd.DataFrame:
    """Return each person's membership of each set; the index holds places in the table of scores, from 0.

    Raises
    ------
    SurveyDataError
        Where somebody is exactly half in a set and ``at_crossover`` is ``error``: such a person would be in
        no row of the truth table. Row numbers are told, counted from 1, and nothing else.
    """
    check_options(at_crossover, (ERROR, IN, OUT), "`at_crossover` of the configurations")
    sets, half = with_half(frame, anchors)
    if at_crossover == ERROR:
        for name in sets.columns[half.any()]:
            _refuse_half(str(name), float(anchors["crossover"][name]), np.asarray(frame.index[half[name]]))
    return half_moved(sets, half, at_crossover)


def half_moved(sets: pd.DataFrame, half: pd.DataFrame, at_crossover: str) -> pd.DataFrame:
    """Return memberships with those of exactly 0.5 moved into the set, or out of it."""
    return sets.mask(half, 0.5 + MOVED if at_crossover == IN else 0.5 - MOVED)


def with_half(frame: pd.DataFrame, anchors: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return memberships as calibrated, and which of them are exactly 0.5."""
    three = anchors[["out", "crossover", "full"]]
    sets = pd.DataFrame(
        {name: calibrate(frame[name], points) for name, *points in three.itertuples()}, index=frame.index
    )
    return sets, (sets - 0.5).abs() < HALF


def _refuse_half(name: str, crossover: float, places: npt.NDArray[np.int64]) -> None:
    shown = ", ".join(str(place + 1) for place in places[:SHOWN_ROWS])
    more = f" and {len(places) - SHOWN_ROWS} more" if len(places) > SHOWN_ROWS else ""
    raise SurveyDataError(
        expected="nobody exactly half in a set: that person is in no row of the truth table",
        found=f"{len(places)} respondent(s) with exactly {crossover:g}, row {shown}{more} of the scores",
        where=f"the crossover of {name}",
        todo="move the crossover to a score that nobody can have, such as 2.9, for a reason; or count them "
        "in or out by `at_crossover`, and compare the two",
    )
