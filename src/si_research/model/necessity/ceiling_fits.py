"""One ceiling over one cloud of people: its line or steps, its effect size, and how well it fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from si_research.model.necessity.ceiling_lines import line_of
from si_research.model.necessity.ceilings import Array, Peers, area_above_line, find_peers
from si_research.model.necessity.hull import hull_of

CE_FDH, CR_FDH, CE_VRS, CR_VRS, QR, C_LP, COLS = (
    "ce_fdh",
    "cr_fdh",
    "ce_vrs",
    "cr_vrs",
    "qr",
    "c_lp",
    "cols",
)
CEILINGS: Final = (CE_FDH, CR_FDH, CE_VRS, CR_VRS, QR, C_LP, COLS)
CORNERS: Final = (1, 2, 3, 4)
"""Upper left, upper right, lower left, lower right."""
ABOVE: Final = 1e-7
"""A person is above a line from this far on."""
FLAT: Final = 1e-9
"""A line that rises by no more than this share of the scope does not rise."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Between which values a condition and an outcome can lie."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float

    @property
    def width(self) -> float:
        """From the lowest to the highest x."""
        return self.x_high - self.x_low

    @property
    def height(self) -> float:
        """From the lowest to the highest y."""
        return self.y_high - self.y_low

    @property
    def area(self) -> float:
        """Width times height."""
        return self.width * self.height

    def turned(self, corner: int) -> Scope:
        """Return the scope after turning the axes so that the corner is the upper left one, or back."""
        x_sign, y_sign = signs(corner)
        x = (self.x_low, self.x_high) if x_sign > 0 else (-self.x_high, -self.x_low)
        y = (self.y_low, self.y_high) if y_sign > 0 else (-self.y_high, -self.y_low)
        return Scope(*x, *y)


@dataclass(frozen=True, slots=True, eq=False)
class Ceiling:
    """A ceiling over one condition and the outcome, in the units of the scores.

    Attributes
    ----------
    name : str
        ``ce_fdh`` and so on.
    corner : int
    scope : Scope
    n_used : int
    zone, effect : float
        Area above the ceiling, and its share of the scope.
    slope, intercept : float
        Of a line; missing for steps and hulls.
    n_above, accuracy : float
        People above a line, and the per cent who are not.
    fit : float
        100 where the zone is that of the steps, lower the more it differs; missing where it is larger.
    condition_inefficiency, outcome_inefficiency, relative_inefficiency, absolute_inefficiency : float
        Per cent of the range of x, and of y, of which the ceiling says nothing; both together, as per cent of
        the scope and as an area.
    n_peers : int
        Places that steps and hulls turn on; 1 for a line.
    peers : Peers
        Where the people on the ceiling stand. Each place may be one person: never to be shown as it is.
    note : str
        Empty, or ``no_variance``: all have the same score, so that there is no scope; ``one_peer``: somebody
        with the lowest score has the highest outcome, so that there is nothing above; ``line_not_rising``:
        the line does not rise toward its corner, and is no ceiling.
    """

    name: str
    corner: int
    scope: Scope
    n_used: int
    zone: float
    effect: float
    slope: float
    intercept: float
    n_above: float
    accuracy: float
    fit: float
    condition_inefficiency: float
    outcome_inefficiency: float
    n_peers: int
    peers: Peers = field(repr=False)
    note: str

    @property
    def relative_inefficiency(self) -> float:
        """Per cent of the scope of which the ceiling says nothing."""
        c, o = self.condition_inefficiency, self.outcome_inefficiency
        return c + o - c * o / 100

    @property
    def absolute_inefficiency(self) -> float:
        """The area of which the ceiling says nothing."""
        return self.relative_inefficiency / 100 * self.scope.area

    @property
    def is_line(self) -> bool:
        """Whether it is one straight line."""
        return self.name not in (CE_FDH, CE_VRS)


@dataclass(frozen=True, slots=True, eq=False)
class _Cloud:
    """The people with the axes turned, and what all ceilings share."""

    x: Array
    y: Array
    scope: Scope
    corner: int
    peers: Peers
    step_zone: float
    tau: float


def signs(corner: int) -> tuple[int, int]:
    """Return by what x and y are multiplied to turn a corner to the upper left."""
    return (1 if corner in (1, 3) else -1), (1 if corner in (1, 2) else -1)


def data_scope(x: Array, y: Array) -> Scope:
    """Return the scope from the lowest to the highest values there are."""
    return Scope(float(x.min()), float(x.max()), float(y.min()), float(y.max()))


def fit_ceilings(
    x: Array, y: Array, *, names: Iterable[str], scope: Scope, corner: int = 1, tau: float = 0.95
) -> dict[str, Ceiling]:
    """Return the named ceilings over people without missing scores.

    Parameters
    ----------
    x, y : array
    names : iterable of str
        Of :data:`CEILINGS`.
    scope : Scope
        Holds all scores.
    corner : {1, 2, 3, 4}
    tau : float
        Share of people under the quantile line, in the direction of the corner.

    Notes
    -----
    Everybody on a peer's place weighs in the least squares of CR-FDH and CR-VRS, as in R's NCA since 4.0.3;
    until 4.0.2 each place counted once, so that tied answers gave another d. CE-VRS is the concave hull also
    where R, since that version, keeps a doubled peer that lies below it.

    Examples
    --------
    >>> x, y = np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])
    >>> fit_ceilings(x, y, names=["ce_fdh"], scope=Scope(1, 5, 1, 5))["ce_fdh"].effect
    0.625
    """
    x_sign, y_sign = signs(corner)
    turned_x, turned_y = x * x_sign, y * y_sign
    turned, peers = scope.turned(corner), find_peers(turned_x, turned_y)
    zone = _zone_of_steps(peers, turned)
    cloud = _Cloud(turned_x, turned_y, turned, corner, peers, zone, tau)
    return {name: _fit(name, cloud) for name in names}


def _fit(name: str, cloud: _Cloud) -> Ceiling:
    peers = hull_of(cloud.peers) if name in (CE_VRS, CR_VRS) else cloud.peers
    if name in (CE_FDH, CE_VRS):
        zone = cloud.step_zone if name == CE_FDH else _zone_of_hull(peers, cloud.scope)
        return _ceiling(name, cloud, peers, zone=zone)
    alone = len(peers.x) == 1 and name in (CR_FDH, CR_VRS, C_LP)
    if alone or np.ptp(cloud.x) == 0 or np.ptp(cloud.y) == 0:
        return _ceiling(name, cloud, peers, zone=0.0)
    slope, intercept = line_of(name, cloud.x, cloud.y, peers, cloud.tau)
    scope = cloud.scope
    rises = slope * scope.width > FLAT * scope.height
    start = intercept + slope * scope.x_low - scope.y_low
    zone = float(area_above_line(slope, start, scope.width, scope.height))
    return _ceiling(name, cloud, peers, zone=zone if rises else np.nan, slope=slope, intercept=intercept)


def _ceiling(
    name: str,
    cloud: _Cloud,
    peers: Peers,
    *,
    zone: float,
    slope: float = np.nan,
    intercept: float = np.nan,
) -> Ceiling:
    x_sign, y_sign = signs(cloud.corner)
    n, area = len(cloud.x), cloud.scope.area
    above: float = 0.0
    if not np.isnan(slope):
        above = float(np.sum(cloud.y - intercept - slope * cloud.x > ABOVE))
    above = np.nan if np.isnan(zone) else above
    condition, outcome = _inefficiency(cloud, peers, zone, slope, intercept)
    return Ceiling(
        name=name,
        corner=cloud.corner,
        scope=cloud.scope.turned(cloud.corner),
        n_used=n,
        zone=zone,
        effect=zone / area if area > 0 else np.nan,
        slope=slope * x_sign * y_sign,
        intercept=intercept * y_sign,
        n_above=above,
        accuracy=100 * (n - above) / n,
        fit=_goodness(name, zone, cloud.step_zone),
        condition_inefficiency=condition,
        outcome_inefficiency=outcome,
        n_peers=len(peers.x) if name in (CE_FDH, CE_VRS) else 1,
        peers=_turned_back(peers, x_sign, y_sign),
        note=_note(cloud, peers, zone, slope),
    )


def _note(cloud: _Cloud, peers: Peers, zone: float, slope: float) -> str:
    if cloud.scope.area == 0 or np.ptp(cloud.x) == 0 or np.ptp(cloud.y) == 0:
        return "no_variance"
    if len(peers.x) == 1 and np.isnan(slope):
        return "one_peer"
    return "line_not_rising" if np.isnan(zone) else ""


def _goodness(name: str, zone: float, step_zone: float) -> float:
    if name == CE_FDH:
        return 100.0
    if np.isnan(zone) or step_zone == 0 or zone > step_zone * (1 + ABOVE):
        return np.nan
    return 100 - 100 * abs(zone - step_zone) / step_zone


def _inefficiency(
    cloud: _Cloud, peers: Peers, zone: float, slope: float, intercept: float
) -> tuple[float, float]:
    """Return the per cent of x right of where the ceiling meets the top, and of y below where it starts."""
    scope = cloud.scope
    if np.isnan(zone) or scope.area == 0 or (len(peers.x) == 1 and np.isnan(slope)):
        return np.nan, np.nan
    if np.isnan(slope):
        ends = peers.x[-1], peers.y[0]
    else:
        ends = (scope.y_high - intercept) / slope, intercept + slope * scope.x_low
    condition, outcome = (scope.x_high - ends[0]) / scope.width, (ends[1] - scope.y_low) / scope.height
    return 100 * float(np.clip(condition, 0, 1)), 100 * float(np.clip(outcome, 0, 1))


def _zone_of_steps(peers: Peers, scope: Scope) -> float:
    widths = np.diff(peers.x, append=scope.x_high)
    return float(scope.height * (peers.x[0] - scope.x_low) + (scope.y_high - peers.y) @ widths)


def _zone_of_hull(hull: Peers, scope: Scope) -> float:
    """Return the area above straight pieces between the peers; flat right of the last."""
    under = np.trapezoid(scope.y_high - hull.y, hull.x)
    right = (scope.y_high - hull.y[-1]) * (scope.x_high - hull.x[-1])
    return float(scope.height * (hull.x[0] - scope.x_low) + under + right)


def _turned_back(peers: Peers, x_sign: int, y_sign: int) -> Peers:
    return Peers(peers.x * x_sign, peers.y * y_sign, peers.n)
