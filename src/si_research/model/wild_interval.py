"""The wild cluster bootstrap test of one coefficient, with its interval by inversion of the test.

At a trial value b0 the residuals under the null are linear in b0, and so are a draw's estimate and the scores
of each firm in it. Five sums a draw therefore hold its statistic at every trial value, and none is refitted
(Roodman, MacKinnon, Nielsen & Webb 2019, https://doi.org/10.1177/1536867X19830877).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import (
    as_found,
    check_draws,
    check_least_squares,
    check_level,
    check_options,
)
from si_research.model.bias_reduced import satterthwaite_df
from si_research.model.firm_sums import firm_scores
from si_research.model.inference import NO_INFORMATION, Array, LeastSquares
from si_research.model.wild_bootstrap import CELLS, TIE, WEBB, WEBB_UP_TO

Weights = Literal["auto", "rademacher", "webb"]
Tails = Literal["symmetric", "equal"]
SIGNS: Final = np.array([-1.0, 1.0])
ENUMERATED: Final = "rademacher, enumerated"
ENOUGH_PATTERNS: Final = 199
"""Patterns of signs below which the one that gives back the data must count, for p = 0 to be impossible."""
TRIALS: Final = np.concatenate([np.linspace(0, 8, 161), np.geomspace(8, 1e6, 61)[1:]])
"""Trial values looked at, in standard errors from the estimate; beyond the last one is infinity."""
HALVINGS: Final = 60
TOGETHER: Final = 100_000
"""Cells of draws and trial values worked on at once, so that they stay in the cache of the processor."""


@dataclass(frozen=True, slots=True)
class WildBootstrapTest:
    """The wild cluster bootstrap-t test that one coefficient is 0, and the values that it does not reject.

    Attributes
    ----------
    term : str
    estimate, statistic : float
        ``statistic`` is t with the CR1S standard error.
    p_value : float
    mc_error : float
        Standard error of ``p_value`` from the finite number of draws; 0 where all patterns are enumerated.
    conf_low, conf_high : float
        Outermost values whose p is above 1 - ``conf_level``; infinite where no value is far enough to be
        rejected.
    conf_level : float
    weights : str
        ``webb``, ``rademacher`` or ``rademacher, enumerated``.
    n_draws, seed : int
    null_imposed : bool
    tails : str
    note : str
        Empty, or the first that holds. All figures but the estimate are missing: ``one_cluster``,
        ``no_error`` (the model leaves no residuals), ``cluster_identifies_term`` (a single firm decides the
        term). With figures: ``unbounded`` (an end is infinite), ``not_an_interval`` (values in between
        are rejected: the whole range is given), ``few_sign_patterns`` (fewer than 199: the pattern that
        gives back the data counts).
    """

    term: str
    estimate: float
    statistic: float
    p_value: float
    mc_error: float
    conf_low: float
    conf_high: float
    conf_level: float
    weights: str
    n_draws: int
    seed: int
    null_imposed: bool
    tails: str
    note: str


def wild_bootstrap_test(
    fit: LeastSquares,
    term: str,
    *,
    draws: int = 9999,
    seed: int,
    conf_level: float = 0.95,
    weights: Weights = "auto",
    null_imposed: bool = True,
    tails: Tails = "symmetric",
) -> WildBootstrapTest:
    """Test one coefficient by the wild cluster bootstrap-t, and invert the test into an interval.

    Use it for one coefficient when firms are few or of unequal size. A value lies in the interval when the
    test of that value does not reject, so test and interval agree; only where ``note`` is ``not_an_interval``
    may rejected values lie between the ends.

    Parameters
    ----------
    fit : LeastSquares
        With firms.
    term : str
    draws : int, at least 199
    seed : int
        Where the draws start.
    conf_level : float, in (0, 1)
    weights : {"auto", "rademacher", "webb"}
        ``auto``: Webb's six points up to 12 firms, else signs. Where there are no more patterns of signs than
        ``draws``, each is used once.
    null_imposed : bool
        Whether residuals are those under the trial value, which keeps the error rate far better.
    tails : {"symmetric", "equal"}
        ``symmetric`` compares sizes, ``equal`` doubles the smaller tail.

    Returns
    -------
    WildBootstrapTest

    Raises
    ------
    ModelSpecificationError
        Without firms, for a term that is not there, fewer than 199 draws, or a level outside (0, 1).

    Notes
    -----
    p = (1 + draws with ``|t*| >= |t|``)/(1 + draws); where signs are enumerated the share of patterns with
    ``|t*| > |t|``, so that the pattern that gives back the data does not count (as fwildclusterboot has
    it). p as a function of the trial value is a step function: it is looked at over 220 values on either
    side, up to a million standard errors away, and the outermost step is found by halving.

    References
    ----------
    Cameron, Gelbach & Miller (2008), https://doi.org/10.1162/rest.90.3.414; Roodman, MacKinnon, Nielsen &
    Webb (2019), https://doi.org/10.1177/1536867X19830877.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> from si_research.model.design import Roles, design_matrix
    >>> from si_research.model.inference import least_squares
    >>> scores = simulate_scores(300, n_firms=20, seed=1)
    >>> roles = Roles("innovative_behaviour", ("kunnen", "willen", "mogen"))
    >>> model = least_squares(design_matrix(scores, roles), scores[roles.outcome], scores["firm_id"])
    >>> found = wild_bootstrap_test(model, "kunnen", draws=999, seed=1)
    >>> found.conf_low < found.estimate < found.conf_high
    True
    """
    _check(fit, term, draws, seed, conf_level)
    check_options(weights, get_args(Weights), "`weights` of wild_bootstrap_test")
    check_options(tails, get_args(Tails), "`tails` of wild_bootstrap_test")
    place = fit.terms.index(term)
    missing = WildBootstrapTest(
        term=term,
        estimate=float(fit.estimate[place]),
        statistic=np.nan,
        p_value=np.nan,
        mc_error=np.nan,
        conf_low=np.nan,
        conf_high=np.nan,
        conf_level=conf_level,
        weights=_kind(fit.n_clusters, draws, weights),
        n_draws=0,
        seed=seed,
        null_imposed=null_imposed,
        tails=tails,
        note="one_cluster",
    )
    if fit.n_clusters < 2:
        return missing
    firms = _firm_parts(fit, place)
    if firms.std_error == 0:
        return replace(missing, note="no_error")
    if np.isnan(satterthwaite_df(fit, "CR2", np.eye(len(fit.terms))[[place]])).any():
        return replace(missing, note="cluster_identifies_term")
    return _tested(fit, place, firms, _drawn(firms, missing, draws), missing)


@dataclass(frozen=True, slots=True, eq=False)
class _FirmParts:
    """Sums of each firm, x the tested predictor after the others are taken out of it, u the residuals."""

    ux: Array  # (G,): x'u
    xx: Array  # (G,): x'x
    Xu: Array  # (G, k): X'u
    Xx: Array  # (G, k): X'x
    bread: Array
    std_error: float  # CR0, of the coefficient on a column of unit length
    place: int


def _firm_parts(fit: LeastSquares, place: int) -> _FirmParts:
    assert fit.clusters is not None
    bread = fit.unit_bread
    direction = bread[:, place] / bread[place, place]
    x = fit.unit_X @ direction
    Xu, Xx = (firm_scores(fit.unit_X, column, fit.clusters) for column in (fit.residuals, x))
    ux = Xu @ direction
    size = float(np.sqrt(ux @ ux))
    nothing = size <= NO_INFORMATION * np.linalg.norm(x) * np.linalg.norm(fit.y)
    return _FirmParts(
        ux=ux,
        xx=Xx @ direction,
        Xu=Xu,
        Xx=Xx,
        bread=bread,
        std_error=0.0 if nothing else float(bread[place, place]) * size,
        place=place,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Draws:
    """What holds the statistic of each draw at every trial value, in standard errors from the estimate.

    At the trial value v a draw's estimate is moved - v·slope from it, and the square of its standard error,
    as a share of the observed one, is the square with coefficients ``spread``.
    """

    moved: Array
    slope: Array
    spread: Array  # (3, draws): constant, linear, quadratic
    mirror: npt.NDArray[np.int8]  # 1 gives back the data, -1 mirrors them, 0 neither
    counts_itself: bool
    tails: str

    def p_values(self, trials: Array) -> Array:
        """Return p at each trial value."""
        step = max(1, TOGETHER // len(self.moved))
        parts = [self._p(trials[start : start + step, None]) for start in range(0, len(trials), step)]
        return np.concatenate(parts)

    def _p(self, v: Array) -> Array:
        moved = self.moved - v * self.slope
        constant, linear, quadratic = self.spread
        spread = np.maximum(constant + v * (linear + v * quadratic), 0)
        if self.tails == "symmetric":
            return self._share(moved**2, v**2 * spread, self.mirror != 0)
        observed = -v * np.sqrt(spread)
        same = self.mirror > 0
        upper, lower = self._share(moved, observed, same), self._share(-moved, -observed, same)
        return np.asarray(np.minimum(1, 2 * np.minimum(upper, lower)))

    def _share(self, drawn: Array, observed: Array, same: npt.NDArray[np.bool_]) -> Array:
        n = len(self.moved)
        room = 2 * TIE * np.abs(observed)
        if self.counts_itself:
            return np.asarray((np.sum((drawn >= observed - room) | same, axis=1) + 1) / (n + 1))
        return np.asarray(np.sum((drawn > observed + room) & ~same, axis=1) / n)


def _drawn(firms: _FirmParts, asked: WildBootstrapTest, draws: int) -> _Draws:
    """Return the sums of all draws, in batches that keep the memory small."""
    parts = [
        _batch(firms, weights, asked.null_imposed)
        for weights in _weights(asked.weights, len(firms.ux), draws, asked.seed)
    ]
    moved, slope, *spread, mirror = np.hstack(parts)
    enumerated = asked.weights == ENUMERATED
    return _Draws(
        moved=moved,
        slope=slope,
        spread=np.stack(spread),
        mirror=(mirror if asked.null_imposed else np.zeros_like(mirror)).astype("int8"),
        counts_itself=not enumerated or len(moved) < ENOUGH_PATTERNS,
        tails=asked.tails,
    )


def _batch(firms: _FirmParts, weights: Array, null_imposed: bool) -> Array:
    """Return moved, slope, the three coefficients of spread, and mirror of these draws, shape (6, draws)."""
    unit, size = firms.std_error, float(firms.ux @ firms.ux)
    change = weights @ firms.Xu @ firms.bread
    constant = weights * firms.ux - change @ firms.Xx.T
    slope, linear = np.zeros((2, len(weights)))
    quadratic = linear
    if null_imposed:
        per_unit = weights @ firms.Xx @ firms.bread
        slope = per_unit[:, firms.place]
        pulled = unit * (weights * firms.xx - per_unit @ firms.Xx.T)
        linear = -2 * np.einsum("dg,dg->d", constant, pulled) / size
        quadratic = np.einsum("dg,dg->d", pulled, pulled) / size
    mirror = np.where((weights == weights[:, :1]).all(axis=1), np.sign(weights[:, 0]), 0)
    square = np.einsum("dg,dg->d", constant, constant) / size
    return np.stack([change[:, firms.place] / unit, slope, square, linear, quadratic, mirror])


def _tested(
    fit: LeastSquares, place: int, firms: _FirmParts, draws: _Draws, asked: WildBootstrapTest
) -> WildBootstrapTest:
    """Return the test with its interval, from the draws."""
    G, n = fit.n_clusters, len(draws.moved)
    unit = firms.std_error / fit.scale[place]
    small_sample = np.sqrt(G / (G - 1) * (fit.n - 1) / fit.df_residual)
    p = float(draws.p_values(np.array([-asked.estimate / unit]))[0])
    alpha = 1 - asked.conf_level + TIE  # 1 - 0.9 is less than 0.1, and p may be 0.1 exactly
    (low, whole_low), (high, whole_high) = (_end(draws, side, alpha) for side in (-1, 1))
    enumerated = asked.weights == ENUMERATED
    note = "few_sign_patterns" if enumerated and draws.counts_itself else ""
    note = note if whole_low and whole_high else "not_an_interval"
    note = note if np.isfinite([low, high]).all() else "unbounded"
    return replace(
        asked,
        statistic=float(asked.estimate / (unit * small_sample)),
        p_value=p,
        mc_error=0.0 if enumerated else float(np.sqrt(p * (1 - p) / n)),
        conf_low=float(asked.estimate + low * unit),
        conf_high=float(asked.estimate + high * unit),
        n_draws=n,
        note=note,
    )


def _end(draws: _Draws, side: int, alpha: float) -> tuple[float, bool]:
    """Return the outermost trial value that is not rejected, and whether none within it is."""
    trials = side * TRIALS
    kept = draws.p_values(trials) > alpha
    last = int(np.flatnonzero(kept)[-1]) if kept.any() else 0
    whole = bool(kept[: last + 1].all())
    if last == len(trials) - 1:
        return side * np.inf, whole
    inside, outside = trials[last], trials[last + 1]
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        rejected = draws.p_values(np.array([middle]))[0] <= alpha
        inside, outside = (inside, middle) if rejected else (middle, outside)
    return float(inside), whole


def _kind(n_clusters: int, draws: int, weights: Weights) -> str:
    webb = weights == "webb" or (weights == "auto" and n_clusters <= WEBB_UP_TO)
    return "webb" if webb else ENUMERATED if 2**n_clusters <= draws else "rademacher"


def _weights(kind: str, n_clusters: int, draws: int, seed: int) -> Iterator[Array]:
    """Return the weights in batches; as a whole they are those of ``firm_weights``."""
    step = max(1, CELLS // n_clusters)
    if kind == ENUMERATED:
        for start in range(0, 2**n_clusters, step):
            numbers = np.arange(start, min(start + step, 2**n_clusters))
            yield SIGNS[numbers[:, None] >> np.arange(n_clusters) & 1]
        return
    rng, points = np.random.default_rng(seed), WEBB if kind == "webb" else SIGNS
    for start in range(0, draws, step):
        yield points[rng.integers(len(points), size=(min(step, draws - start), n_clusters))]


def _check(fit: LeastSquares, term: str, draws: int, seed: int, conf_level: float) -> None:
    """Refuse what cannot be tested."""
    where = "wild_bootstrap_test"
    check_least_squares(fit, where)
    if fit.clusters is None:
        raise ModelSpecificationError(
            expected="a fit with firms", found="none", where=where, todo="name the column of firms"
        )
    if term not in fit.terms:
        raise ModelSpecificationError(
            expected=f"one of {', '.join(fit.terms)}",
            found=as_found(term),
            where=where,
            todo="choose a term of the model",
        )
    check_draws(draws, seed, 9999, where)
    check_level(conf_level)
