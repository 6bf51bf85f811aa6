"""With which condition ten points more goes with the most of the outcome, under a form of combination."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.model.design import INTERCEPT
from si_research.model.fit_notes import FEW_CLUSTERS, Note
from si_research.model.forms.comparison import TOLD_APART, compare_forms
from si_research.model.forms.rivals import FORMS as ONE_SLOPE_FORMS
from si_research.model.forms.rivals import ONE_SLOPE, forms_of
from si_research.model.forms.rows import FEWEST_ROWS
from si_research.model.inference import Method, covariance, least_squares, reference_df
from si_research.practice.diagnosis.binding import mean_by_unit
from si_research.practice.diagnosis.evidence import Array
from si_research.practice.diagnosis.lowest import probability_lowest
from si_research.practice.diagnosis.people import People

ADDITIVE: Final = "additive"
FORMS: Final = (ADDITIVE, *(form for form in ONE_SLOPE_FORMS if form != "mean"))
MORE: Final = 10.0
SUPPORTED: Final = 0.80
"""Share of draws of firms in which a form must be the best to be the one that is used."""
DRAWS: Final = 499


@dataclass(frozen=True, slots=True, eq=False)
class FormFit:
    """The outcome regressed on a form of the conditions.

    Attributes
    ----------
    form : str
    slopes, cov : array, shapes (q,) and (q, q)
        Points of the outcome from 0 to 1 of each condition (additive) or of the form; covariance over firms.
    df : float
    n_used : int
    notes : tuple of Note
    """

    form: str
    slopes: Array = field(repr=False)
    cov: Array = field(repr=False)
    df: float
    n_used: int
    notes: tuple[Note, ...]


def fit_form(people: People, outcome: str, form: str | None, seed: int) -> FormFit | None:
    """Return the fit of a form; None where too few people have everything that it needs.

    Without a form it is the one that predicts best, where firms drawn again agree on it; else the additive.
    """
    assert people.outcome is not None
    rows = ~np.isnan(people.percent).any(axis=1) & ~np.isnan(people.outcome)
    x01, y = people.percent[rows] / 100, people.outcome[rows]
    firms = pd.Series(people.tree.of_rows[0][rows])
    if len(y) < FEWEST_ROWS or not np.ptp(y) > 0 or not (np.ptp(x01, axis=0) > 0).all():
        return None
    notes: list[Note] = []
    if form is None:
        form, notes = _supported(people, outcome, rows, seed)
    features = form_features(x01, form)
    design = pd.DataFrame(features, columns=[f"x{place}" for place in range(features.shape[1])])
    design.insert(0, INTERCEPT, 1.0)
    several = firms.nunique() > 1
    try:
        fit = least_squares(design, pd.Series(y), firms if several else None)
    except SurveyDataError:
        return None
    if several and firms.nunique() < FEW_CLUSTERS:
        notes.append(Note("few_clusters", {"n_clusters": int(firms.nunique())}))
    method: Method = "CR3 jackknife" if several else "HC3"
    return FormFit(
        form=form,
        slopes=fit.estimate[1:],
        cov=covariance(fit, method)[1:, 1:],
        df=reference_df(fit, method),
        n_used=len(y),
        notes=tuple(notes),
    )


def _supported(
    people: People, outcome: str, rows: npt.NDArray[np.bool_], seed: int
) -> tuple[str, list[Note]]:
    """Return the form that is told from the others, or the additive one with a note on what is not."""
    frame = pd.DataFrame(people.percent[rows], columns=list(people.predictors))
    assert people.outcome is not None
    frame[outcome] = people.outcome[rows]
    cluster = "unit of diagnosis"
    frame[cluster] = people.tree.of_rows[0][rows]
    ends = {**dict.fromkeys(people.predictors, (0.0, 100.0)), outcome: people.ends[outcome]}
    try:
        found = compare_forms(
            frame,
            outcome=outcome,
            predictors=people.predictors,
            cluster=cluster if frame[cluster].nunique() > 1 else None,
            ends=ends,
            draws=DRAWS,
            seed=seed,
        )
    except SurveyDataError:
        return ADDITIVE, [Note("form_not_compared")]
    ours = found.table(ONE_SLOPE).sort_values("delta_aic", kind="stable")
    second = ours.iloc[1]
    best, runner_up = (ADDITIVE if form == "mean" else str(form) for form in ours.index[:2])
    share, behind = float(ours["share_best"].iloc[0]), float(second["delta_aic"])
    values = {
        "best": best,
        "share_best": share,
        "runner_up": runner_up,
        "delta_aic": behind,
        "n_draws": DRAWS,
    }
    told = share >= SUPPORTED and behind > TOLD_APART
    return (best if told else ADDITIVE), [Note("form_supported" if told else "form_undecided", values)]


def form_features(x01: Array, form: str) -> Array:
    """Return the columns that a form regresses on, shape (n, q): the conditions themselves if additive."""
    return x01 if form == ADDITIVE else forms_of(x01)[form][:, None]


def ten_points_columns(people: People, fit: FormFit, level: int, conf_level: float) -> dict[str, Array]:
    """Return what ten points more on each condition go with in each unit, shapes (u, k).

    Averaged over the unit's people who have all conditions, each capped at 100; in points of the outcome.
    The people are taken as they are, so that the interval is that of the slopes.
    """
    from scipy import stats

    there = ~np.isnan(people.percent).any(axis=1)
    x01 = people.percent[there] / 100
    units, n_units = people.tree.of_rows[level][there], len(people.tree.units[level])
    base, k = form_features(x01, fit.form), x01.shape[1]
    steps = []
    for place in range(k):
        raised = x01.copy()
        raised[:, place] = np.minimum(raised[:, place] + MORE / 100, 1)
        steps.append(mean_by_unit(form_features(raised, fit.form) - base, units, n_units)[0])
    D = np.stack(steps, axis=1)  # units, conditions, columns of the form
    estimate = D @ fit.slopes
    cov = D @ fit.cov @ np.swapaxes(D, 1, 2)
    spread = np.sqrt(np.maximum(np.diagonal(cov, axis1=1, axis2=2), 0))
    t = stats.t.ppf((1 + conf_level) / 2, fit.df)
    return {
        "ten_points": estimate,
        "ten_points_low": estimate - t * spread,
        "ten_points_high": estimate + t * spread,
        "p_most": probability_lowest(-estimate, cov),
    }
