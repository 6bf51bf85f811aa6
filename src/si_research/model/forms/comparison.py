"""Six ways in which conditions may come together, side by side on the same people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.model.arguments import check_draws, check_level
from si_research.model.fit_notes import Note
from si_research.model.forms.profile import Array, resampling_groups
from si_research.model.forms.rivals import (
    CURVED,
    LARGER,
    MOST_FOLDS,
    ONE_SLOPE,
    Rivals,
    drawn_rss,
    held_out_r2,
    residual_squares,
    rivals_of,
)
from si_research.model.forms.rows import FormRows, form_rows
from si_research.model.response_ends import Ends

TOLD_APART: Final = 2.0
"""Difference in AIC from which two models count as told apart (Burnham & Anderson 2002, p. 70)."""
POWER: Final = 0.80
TIED: Final = 1e-6
"""Difference in AIC below which forms are one and the same on these rows."""


@dataclass(frozen=True, slots=True, eq=False)
class FormComparison:
    """Rival forms side by side. Made by :func:`compare_forms`.

    Attributes
    ----------
    outcome : str
    predictors, controls : tuple of str
    cluster : str or None
    n_rows, n_used, n_firms : int
    dropped : pandas.Series
    conf_level : float
    forms : pandas.DataFrame, indexed by ``model``
        ``family``: "one slope" (six forms, each with one slope), "one slope and curve" (the same with a
        square), "larger" (a slope for each condition; with squares; with all products). n_parameters (with
        the error variance), log_likelihood, aic, bic, r2; ``r2_held_out`` on firms that the model was not
        fitted to; delta_aic, ``rank``: within the family, never between families; delta_low and delta_high
        (bootstrap over firms of its AIC minus that of the family's best), ``share_best`` of the draws;
        n_expected and n_80: people with whom it is expected to lie, and in 80 % of samples would lie, more
        than 2 AIC behind the best; slope (points of the outcome from 0 to 1 of the form), n_used.
    best : str
        Of the six forms with one slope.
    draws : pandas.DataFrame, shape (n_draws, 6)
        AIC of each form with one slope in each draw, minus that of ``mean``; missing where a draw is of so
        few that a form fits without residuals.
    n_draws, seed, n_folds : int
    notes : tuple of Note
        ``cannot_tell`` where all six lie within 2 AIC, with the N that would tell; ``forms_tied`` where they
        are one and the same; ``slope_negative``, and those of the rows.
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
    forms: pd.DataFrame = field(repr=False)
    best: str
    draws: pd.DataFrame = field(repr=False)
    n_draws: int
    seed: int
    n_folds: int
    notes: tuple[Note, ...]

    def table(self, family: str | None = None) -> pd.DataFrame:
        """Return a copy of the models, of one family where asked."""
        chosen = self.forms if family is None else self.forms[self.forms["family"] == family]
        return chosen.copy()

    def _head(self) -> str:
        return f"best of six forms with one slope: {self.best}; n = {self.n_used} of {self.n_rows}"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.forms.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.forms.round(3).to_html()}"


def compare_forms(
    scores: pd.DataFrame,
    *,
    outcome: str = INNOVATIVE_BEHAVIOUR.name,
    predictors: Sequence[str] = CONDITIONS,
    controls: Sequence[str] = (),
    cluster: str | None = None,
    ends: Ends = None,
    conf_level: float = 0.95,
    draws: int = 2000,
    seed: int,
) -> FormComparison:
    """Compare mean, geometric, harmonic, minimum, product and maximum on the same rows and controls.

    Use it to see which form predicts best when each has one slope, and whether that is told from chance.

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
    conf_level : float, in (0, 1)
    draws, seed : int
        Of the bootstrap over firms (people, without firms); the seed also deals firms out over the folds.

    Returns
    -------
    FormComparison

    Raises
    ------
    ModelSpecificationError, SurveyDataError
        As :func:`~si_research.model.forms.compensation.fit_compensation`.

    Notes
    -----
    All forms are of conditions on 0-1 with equal weights. A form with one slope and a model with a slope for
    each condition answer different questions, so that AIC and BIC are ranked within a family only: weights
    that are unequal would let the larger family win, whatever the form.

    The difference in AIC grows with n: of n people it is n times what a person adds. So with n·(2/difference)
    people it is expected to pass 2; for 80 % of samples it takes the N with N·g - 2 = 0.84·s·sqrt(N), g the
    difference and s its standard deviation over draws of firms, both a person.

    References
    ----------
    Burnham & Anderson (2002), Model Selection and Multimodel Inference, 2nd ed. Roberts et al. (2017) on
    holding out whole groups, https://doi.org/10.1111/ecog.02881.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> scores = simulate_scores(400, seed=1)
    >>> found = compare_forms(scores, ends={"innovative_behaviour": (0, 6)}, draws=199, seed=1)
    >>> found.best, len(found.table("one slope"))
    ('mean', 6)
    """
    check_level(conf_level)
    check_draws(draws, seed, 2000, "compare_forms")
    rows = form_rows(
        scores,
        outcome=outcome,
        predictors=predictors,
        controls=controls,
        cluster=cluster,
        ends=ends,
        where="compare_forms",
    )
    rng = np.random.default_rng(seed)
    groups = resampling_groups(rows.n, rows.firms, rng)
    rivals = rivals_of(rows.x01, rows.y, rows.controls, groups)
    rss, sizes = drawn_rss(rivals, draws, rng)
    folds = min(MOST_FOLDS, len(rivals.sizes))
    table = _fit_table(rivals, rows.n)
    table.insert(6, "r2_held_out", held_out_r2(rivals, folds, rng))
    drawn = _drawn_aic(rivals, rss, sizes)
    table = _with_draws(table, drawn, rows.n, conf_level)
    ours = table.index[table["family"] == ONE_SLOPE]
    best = str(table.loc[table["family"] == ONE_SLOPE, "delta_aic"].idxmin())
    of_forms = drawn[:, : len(ours)]
    return FormComparison(
        outcome=outcome,
        predictors=rows.roles.predictors,
        controls=rows.roles.controls,
        cluster=rows.roles.cluster,
        n_rows=rows.n_rows,
        n_used=rows.n,
        n_firms=rows.n_firms,
        dropped=rows.dropped,
        conf_level=conf_level,
        forms=table,
        best=best,
        draws=pd.DataFrame(of_forms - of_forms[:, [0]], columns=list(ours)),
        n_draws=draws,
        seed=seed,
        n_folds=folds,
        notes=(*rows.notes, *_notes(table[table["family"] == ONE_SLOPE], rows)),
    )


def _fit_table(rivals: Rivals, n: int) -> pd.DataFrame:
    """Return how well each model fits all rows."""
    whole, y = rivals.products.sum(axis=0, keepdims=True), rivals.y
    total = float(whole[0, y, y])
    parts = []
    for (family, model), places in rivals.places.items():
        rss, estimate = residual_squares(whole, places, y)
        n_parameters, share = len(places) + 1, float(rss[0]) / total
        own = rivals.n_controls
        slope = float(estimate[0, own]) * rivals.scales[y] / rivals.scales[places[own]]
        unit = share * rivals.scales[y] ** 2  # mean square of what is left
        likelihood = -n / 2 * (np.log(2 * np.pi * unit) + 1)
        parts.append(
            {
                "model": f"{model} and square" if family == CURVED else model,
                "family": family,
                "n_parameters": n_parameters,
                "log_likelihood": likelihood,
                "aic": 2 * n_parameters - 2 * likelihood,
                "bic": np.log(n) * n_parameters - 2 * likelihood,
                "r2": 1 - share,
                "slope": np.nan if family == LARGER else slope,
                "n_used": n,
            }
        )
    return pd.DataFrame(parts).set_index("model")


def _drawn_aic(rivals: Rivals, rss: Array, sizes: Array) -> Array:
    """Return the AIC of each model in each draw; the units of the outcome leave no trace in differences.

    Missing in a draw of so few that one of them fits without residuals.
    """
    n_parameters = np.array([len(places) + 1 for places in rivals.places.values()])
    left = np.where((rss > 0).all(axis=1, keepdims=True), rss, np.nan)
    return np.asarray(sizes[:, None] * np.log(left / sizes[:, None]) + 2 * n_parameters)


def _with_draws(table: pd.DataFrame, drawn: Array, n: int, conf_level: float) -> pd.DataFrame:
    """Add what is compared within each family, with what draws of firms say of it."""
    added = pd.DataFrame(index=table.index)
    shares = np.array([1 - conf_level, 1 + conf_level]) / 2
    known = ~np.isnan(drawn).any(axis=1)
    drawn = drawn[known] if known.any() else drawn
    for family in table["family"].unique():
        places = np.flatnonzero(table["family"] == family)
        delta = table["aic"].to_numpy()[places] - table["aic"].to_numpy()[places].min()
        behind = drawn[:, places] - drawn[:, [places[int(delta.argmin())]]]
        low, high = np.quantile(behind, shares, axis=0)
        firsts = np.bincount(drawn[:, places].argmin(axis=1), minlength=len(places)) / len(drawn)
        columns = {
            "delta_aic": delta,
            "rank": pd.Series(delta).rank(method="min").to_numpy(),
            "delta_low": low,
            "delta_high": high,
            "share_best": firsts,
        }
        if family != LARGER:
            columns |= dict(zip(("n_expected", "n_80"), needed_n(delta, behind.std(axis=0), n), strict=True))
        for name, values in columns.items():
            added.loc[added.index[places], name] = values
    added["rank"] = added["rank"].astype("int64")
    whole = table.drop(columns=["slope", "n_used"]).join(added)
    return whole.assign(slope=table["slope"], n_used=n)


def needed_n(delta: Array, spread: Array, n: int, threshold: float = TOLD_APART) -> tuple[Array, Array]:
    """Return with how many people a model lies more than ``threshold`` AIC behind the best.

    Parameters
    ----------
    delta : array
        Its AIC minus the best one's, of models with the same number of parameters.
    spread : array
        Standard deviation of that difference over draws.
    n : int
        People that both rest on.

    Returns
    -------
    expected : array
        People with whom the expected difference passes the threshold; infinite where there is no difference,
        missing for the best itself.
    in_most : array
        People with whom it passes it in 80 % of samples.

    Examples
    --------
    >>> expected, in_most = needed_n(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 100)
    >>> float(expected[1]), float(in_most[1])
    (200.0, 360.0)
    """
    from scipy import stats

    per_person, own = delta / n, spread / np.sqrt(n) * stats.norm.ppf(POWER)
    best = np.arange(len(delta)) == delta.argmin()
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = threshold / per_person
        root = (own + np.sqrt(own**2 + 4 * per_person * threshold)) / (2 * per_person)
    told = per_person > TIED / n
    found = (np.where(told, values, np.inf) for values in (np.ceil(expected), np.ceil(root**2)))
    expected, in_most = (np.where(best, np.nan, values) for values in found)
    return expected, in_most


def _notes(ours: pd.DataFrame, rows: FormRows) -> list[Note]:
    notes = []
    means = ours.drop(index="product")["aic"]
    if float(means.max() - means.min()) < TIED:
        notes.append(Note("forms_tied"))
    if float(ours["delta_aic"].max()) <= TOLD_APART:
        order = ours.sort_values("delta_aic", kind="stable")
        second = order.iloc[1]
        firms = np.ceil(float(second["n_80"]) * rows.n_firms / rows.n) if rows.n_firms else 0.0
        values = {
            "best": str(order.index[0]),
            "runner_up": str(order.index[1]),
            "n_expected": float(second["n_expected"]),
            "n_80": float(second["n_80"]),
            "n_firms_80": firms,
        }
        notes.append(Note("cannot_tell", values))
    best = str(ours["delta_aic"].idxmin())
    if float(ours["slope"][best]) < 0:
        notes.append(Note("slope_negative", {"form": best}))
    return notes
