"""How far one condition can make up for another: the power of the mean that fits best, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.model.arguments import check_draws, check_level
from si_research.model.fit_notes import Note
from si_research.model.forms.likelihood import Likelihood, likelihood_of
from si_research.model.forms.power_mean import PowerMeans, equal_weights
from si_research.model.forms.power_tests import power_tests
from si_research.model.forms.profile import Array, bootstrap_p_hat, profile_grid
from si_research.model.forms.rows import FormRows, form_rows, share_at_ends
from si_research.model.forms.unreliability import known_reliabilities, reliability_table
from si_research.model.forms.weighted_power import weighted_power
from si_research.model.forms.zero_point import interval_figures, zero_point_table
from si_research.model.response_ends import Ends

CEILING: Final = 0.15
"""Share of outcomes at one end above which that end is said to bend the form (McHorney & Tarlov 1995)."""
TURNING: Final = 0.05
"""Share of people above which a curve that falls on one side and rises on the other is noted."""
UNDEFINED: Final = 0.01
"""Share of draws in which all powers fit alike, above which it is noted: the interval leaves them out."""


@dataclass(frozen=True, slots=True, eq=False)
class Compensation:
    """How far one condition can make up for another. Made by :func:`fit_compensation`.

    Attributes
    ----------
    outcome : str
    predictors, controls : tuple of str
    cluster : str or None
    n_rows, n_used, n_firms : int
    dropped : pandas.Series
    conf_level : float
    ends : mapping of str to (float, float)
    p_hat : float
        The power that fits best, -inf and inf included; missing where all fit alike.
    lr_low, lr_high : float
        Likelihood-ratio interval: people taken as independent.
    boot_low, boot_high : float
        Percentile interval over draws of whole firms (of people, without firms): the one to read.
    slope, curve : float
        b and c at ``p_hat``, M_p centred at its mean: points of the outcome on a scale of M from 0 to 1.
    r2 : float
        At ``p_hat``, controls included.
    profile : pandas.DataFrame, indexed by ``p``
        log_likelihood, deviance (twice what is lost against p_hat), rss, r2, slope, curve, n_used.
    at_ends : pandas.Series
        Share of outcomes at the ``lowest`` and at the ``highest`` answer.
    n_draws, seed : int
    draws : array
        p_hat of each draw.
    tests : pandas.DataFrame, indexed by ``null_p``
        Of p = 1 and p = 0, weights free: method, statistic (below 0 where the power is lower), df, p_value,
        recommended, n_used.
    weights : pandas.DataFrame, indexed by ``weights``
        With equal and with free weights: estimate, lr_low, lr_high, boot_low, boot_high, the weight of each
        condition, r2, n_used.
    zero_point : pandas.DataFrame, indexed by ``zero``
        The power where zero is the lowest point of the format, a quarter of its width lower, and an eighth
        higher (on 1 to 5: one point, and half a point).
    reliability : pandas.DataFrame, indexed by ``method``
        The power as measured and without the error of the scores; without ``reliabilities``, what
        reliabilities of .7, .8 and .9 would mean.
    rows : FormRows
        The rows used. For further computation; no output shows them.
    notes : tuple of Note
        Among them ``p_at_limit``, ``slope_negative``, ``slope_turns`` (with the share of people for whom more
        lowers the outcome), ``p_not_identified`` (the likelihood-ratio interval takes all powers),
        ``forms_tied`` (no power fits better than another), ``draws_undefined`` (in more than 1 in 100 draws
        all powers fit alike; n and draws), ``p_outside_interval`` (p_hat lies beyond its own bootstrap
        interval), ``scores_at_floor``,
        ``unequal_formats``, ``outcome_at_end``, ``no_clusters``, ``one_cluster``, ``few_clusters``.
    """

    outcome: str
    predictors: tuple[str, ...]
    controls: tuple[str, ...]
    cluster: str | None
    n_rows: int
    n_used: int
    n_firms: int
    dropped: pd.Series
    conf_level: float
    ends: dict[str, tuple[float, float]]
    p_hat: float
    lr_low: float
    lr_high: float
    boot_low: float
    boot_high: float
    slope: float
    curve: float
    r2: float
    profile: pd.DataFrame = field(repr=False)
    at_ends: pd.Series = field(repr=False)
    n_draws: int
    seed: int
    draws: Array = field(repr=False)
    tests: pd.DataFrame = field(repr=False)
    weights: pd.DataFrame = field(repr=False)
    zero_point: pd.DataFrame = field(repr=False)
    reliability: pd.DataFrame = field(repr=False)
    rows: FormRows = field(repr=False)
    notes: tuple[Note, ...]

    def table(self) -> pd.DataFrame:
        """Return p_hat with both intervals, a row a method."""
        rows = {
            "firm bootstrap" if self.n_firms else "bootstrap": (self.boot_low, self.boot_high),
            "likelihood ratio": (self.lr_low, self.lr_high),
        }
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["conf_low", "conf_high"])
        table.insert(0, "estimate", self.p_hat)
        return table.assign(n_used=self.n_used, n_firms=self.n_firms).rename_axis("interval")

    def p_value(self, null_p: float) -> float:
        """Return the p of the recommended test that the power is ``null_p``: 1 or 0."""
        chosen = self.tests[self.tests["recommended"]]
        return float(chosen["p_value"][null_p])

    def _head(self) -> str:
        return (
            f"p = {self.p_hat:.2f} [{self.boot_low:.2f}, {self.boot_high:.2f}]; "
            f"n = {self.n_used} of {self.n_rows}; R2 = {self.r2:.3f}"
        )

    def __str__(self) -> str:
        return f"{self._head()}\n{self.table().round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.table().round(3).to_html()}"


def fit_compensation(
    scores: pd.DataFrame,
    *,
    outcome: str = INNOVATIVE_BEHAVIOUR.name,
    predictors: Sequence[str] = CONDITIONS,
    controls: Sequence[str] = (),
    cluster: str | None = None,
    ends: Ends = None,
    reliabilities: Mapping[str, float] | None = None,
    conf_level: float = 0.95,
    draws: int = 2000,
    seed: int,
) -> Compensation:
    """Estimate the power p of the power mean by which the conditions make the outcome.

    Use it to say how far one condition can make up for another: p = 1 is fully, p at or below 0 says that
    each condition is essential, minus infinity that only the lowest counts.

    Parameters
    ----------
    scores : pandas.DataFrame
    outcome : str
    predictors : sequence of str
        Two or three.
    controls : sequence of str
    cluster : str, optional
        Column that names the firm.
    ends : mapping of str to (lowest, highest), or one pair for all, optional
        Ends of the response formats; (1, 5) by default.
    reliabilities : mapping of str to float in (0, 1], optional
        Of the conditions, to tell what error in their scores does to the power.
    conf_level : float, in (0, 1)
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    Compensation

    Raises
    ------
    ModelSpecificationError
        For names that are no columns, or ends, level, draws or seed that are none.
    SurveyDataError
        For fewer than 20 complete rows, a column that does not vary, or scores beyond their ends.

    Notes
    -----
    outcome = a + b·M_p + c·M_p² + controls, conditions on 0-1, p by profile likelihood from -30 to 4 with
    both limits. Without the curve c a true product would look as if conditions made up for one another.
    Unreliable scores pull p towards 1. A curve in each condition by itself (the sum of logarithms, say) looks
    like another power too: read p beside the joint test of the products, which allows for such curves.

    References
    ----------
    Arrow, Chenery, Minhas & Solow (1961), https://doi.org/10.2307/1927286. Cameron, Gelbach & Miller (2008)
    on resampling firms, https://doi.org/10.1162/rest.90.3.414.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> scores = simulate_scores(400, seed=1)
    >>> found = fit_compensation(scores, ends={"innovative_behaviour": (0, 6)}, draws=199, seed=1)
    >>> found.boot_low < 1 < found.boot_high
    True
    """
    check_level(conf_level)
    check_draws(draws, seed, 2000, "fit_compensation")
    rows = form_rows(
        scores,
        outcome=outcome,
        predictors=predictors,
        controls=controls,
        cluster=cluster,
        ends=ends,
        where="fit_compensation",
    )
    known = None
    if reliabilities is not None:
        known = known_reliabilities(reliabilities, rows.roles.predictors, "fit_compensation")
    return _fit(rows, known, conf_level, draws, seed)


def _fit(
    rows: FormRows, reliabilities: Array | None, conf_level: float, draws: int, seed: int
) -> Compensation:
    found = likelihood_of(rows.x01, rows.y, rows.controls, conf_level)
    drawn = bootstrap_p_hat(rows.x01, rows.y, rows.firms, controls=rows.controls, draws=draws, seed=seed)
    own = interval_figures(found, drawn, conf_level)
    plain = dict(
        zip(
            ("estimate", "conf_low", "conf_high"),
            (found.p_hat, own["boot_low"], own["boot_high"]),
            strict=True,
        )
    )
    at_ends = share_at_ends(rows.y, rows.ends[rows.roles.outcome])
    return Compensation(
        outcome=rows.roles.outcome,
        predictors=rows.roles.predictors,
        controls=rows.roles.controls,
        cluster=rows.roles.cluster,
        n_rows=rows.n_rows,
        n_used=rows.n,
        n_firms=rows.n_firms,
        dropped=rows.dropped,
        conf_level=conf_level,
        ends=rows.ends,
        p_hat=found.p_hat,
        lr_low=found.low,
        lr_high=found.high,
        boot_low=own["boot_low"],
        boot_high=own["boot_high"],
        slope=found.slope,
        curve=found.curve,
        r2=found.r2,
        profile=_profile_table(rows, found),
        at_ends=pd.Series(at_ends, index=["lowest", "highest"], name="share"),
        n_draws=draws,
        seed=seed,
        draws=drawn,
        tests=power_tests(rows.x01, rows.y, rows.controls, rows.firms, draws=draws, seed=seed),
        weights=_weights_table(rows, found, own, draws, seed, conf_level),
        zero_point=zero_point_table(rows, own, conf_level=conf_level, draws=draws, seed=seed),
        reliability=reliability_table(rows.x01, plain, reliabilities, seed=seed),
        rows=rows,
        notes=(*rows.notes, *_notes(found, at_ends, _turned(rows, found)), *_notes_on_draws(drawn, own)),
    )


def _profile_table(rows: FormRows, found: Likelihood) -> pd.DataFrame:
    """Return the profile at the grid and at p_hat, in the order of p."""
    grid = found.grid
    if not np.isin(found.p_hat, grid.p) and not np.isnan(found.p_hat):
        own = np.sort(np.append(grid.p, found.p_hat))
        grid = profile_grid(rows.x01, rows.y, controls=rows.controls, p=own)
    total = float(((rows.y - rows.y.mean()) ** 2).sum())
    return pd.DataFrame(
        {
            "log_likelihood": grid.log_likelihood,
            "deviance": found.deviance(grid.rss),
            "rss": grid.rss,
            "r2": 1 - grid.rss / total,
            "slope": grid.slope,
            "curve": grid.curve,
            "n_used": rows.n,
        },
        index=pd.Index(grid.p, name="p"),
    )


def _weights_table(
    rows: FormRows, found: Likelihood, equal: Mapping[str, float], draws: int, seed: int, conf_level: float
) -> pd.DataFrame:
    """Return the power with equal and with free weights."""
    free = weighted_power(
        rows.x01, rows.y, rows.controls, rows.firms, conf_level=conf_level, draws=draws, seed=seed
    )
    names, total = rows.roles.predictors, float(((rows.y - rows.y.mean()) ** 2).sum())
    own = dict(
        zip(equal, (free.p_hat, free.lr_low, free.lr_high, free.boot_low, free.boot_high), strict=True)
    )
    parts = [
        {**equal, **dict.fromkeys(names, 1 / len(names)), "r2": found.r2},
        {**own, **dict(zip(names, free.weights, strict=True)), "r2": 1 - free.rss / total},
    ]
    return pd.DataFrame(parts, index=pd.Index(["equal", "free"], name="weights")).assign(n_used=rows.n)


def _turned(rows: FormRows, found: Likelihood) -> float:
    """Return the share of people for whom more of M_p lowers the outcome, by the curve."""
    power = 1.0 if np.isnan(found.p_hat) else found.p_hat
    M = PowerMeans(rows.x01, equal_weights(rows.x01.shape[1])).at(power)
    return float(np.mean(found.slope + 2 * found.curve * (M - M.mean()) < 0))


def _notes(found: Likelihood, at_ends: tuple[float, float], turned: float) -> list[Note]:
    notes = []
    if np.isnan(found.p_hat):
        notes.append(Note("forms_tied"))
    if np.isinf(found.p_hat):
        notes.append(Note("p_at_limit", {"p": found.p_hat}))
    if found.slope < 0:
        notes.append(Note("slope_negative", {"slope": found.slope}))
    if TURNING < turned < 1 - TURNING:
        notes.append(Note("slope_turns", {"share": turned}))
    if found.low == -np.inf and found.high == np.inf:
        notes.append(Note("p_not_identified", {"largest_deviance": found.largest}))
    if max(at_ends) > CEILING:
        notes.append(Note("outcome_at_end", {"lowest": at_ends[0], "highest": at_ends[1]}))
    return notes


def _notes_on_draws(drawn: Array, own: Mapping[str, float]) -> list[Note]:
    """Return what must be known of the bootstrap interval."""
    notes, undefined = [], int(np.isnan(drawn).sum())
    if np.isnan(own["estimate"]):
        return []
    if undefined > UNDEFINED * len(drawn):
        notes.append(Note("draws_undefined", {"n": undefined, "draws": len(drawn)}))
    if not own["boot_low"] <= own["estimate"] <= own["boot_high"]:
        notes.append(Note("p_outside_interval", {"p": own["estimate"]}))
    return notes
