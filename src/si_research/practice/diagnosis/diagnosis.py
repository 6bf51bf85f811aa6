"""Where is the bottleneck of each organisation, department or team, and how sure is that?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, check_level, check_options, check_seed
from si_research.model.fit_notes import Note
from si_research.model.response_ends import Ends
from si_research.practice.diagnosis.binding import lowest_of_each, mean_by_unit, share_interval
from si_research.practice.diagnosis.diagnosis_notes import notes_on_form, notes_on_units
from si_research.practice.diagnosis.evidence import Array, Evidence, evidence_of
from si_research.practice.diagnosis.gaussian_tree import summed
from si_research.practice.diagnosis.people import People, people_of, without_levels_of_one
from si_research.practice.diagnosis.posterior import LevelPosterior, level_posteriors
from si_research.practice.diagnosis.profile import (
    FIGURES_OF_UNIT,
    NOT_DISTINGUISHABLE,
    bottleneck_of,
    condition_frame,
    person_spread,
    profile_columns,
    state_of,
    unit_frame,
)
from si_research.practice.diagnosis.required_level import (
    RequiredLevels,
    check_target,
    gap_columns,
    required_levels,
    shares_below,
)
from si_research.practice.diagnosis.spread import spread_table
from si_research.practice.diagnosis.ten_points import FORMS, FormFit, fit_form, ten_points_columns
from si_research.practice.diagnosis.tree_fit import TreeFit, fit_tree

MINIMUM: Final = 5
"""People in the smallest unit of which anything is shown."""
ALWAYS_SHOWN: Final = ("n_used", "required", "code")


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """The bottleneck of each unit. Made by :func:`diagnose`.

    Attributes
    ----------
    unit : tuple of str
        Columns that name the units, outermost first; without levels of which hardly anybody shares a unit.
    predictors : tuple of str
    outcome : str or None
    target : float or None
        In scale points of the outcome.
    form : str or None
        Under which ten points more are reckoned.
    conf_level : float
    minimum : int
    n_rows, n_used, n_no_unit, n_no_score : int
        Rows offered; with a unit and at least one condition; without a unit; with a unit and no condition.
    units : pandas.DataFrame, indexed by ``unit``
        A row a named unit of each level: its names, ``level``, ``parent`` (the index of the unit above, -1 on
        top), n_people (with a condition), n_complete (with all of them), ``state`` (empty, or why there are
        no figures: ``too_few_people``, ``condition_missing``, ``no_scores``), ``bottleneck`` (the condition,
        or ``not_distinguishable`` where none has a probability of .80, and with fewer than ten outermost
        units), p_bottleneck (of the likeliest), the same norm-referenced, ``mean_of_minima`` (mean over
        people of their own lowest condition),
        ``minimum_of_means`` (lowest of the three means of the same people, never below it), ``n_tied``
        (people with two conditions equally low).
    conditions : pandas.DataFrame, indexed by ``unit`` and ``condition``
        Conditions from 0 to 100: n_used, raw_mean, estimate (posterior mean), std_error, conf_low, conf_high,
        p_lowest; normed (distance from the grand mean in standard deviations of people) with normed_low,
        normed_high and p_lowest_normed; share_binding (of people for whom it is the lowest, ties split) with
        share_low and share_high, the same norm-referenced. With a target: required, ``code`` (``NN`` not
        necessary, ``NA`` not available), gap (required minus estimate) with gap_low and gap_high, p_short
        (probability that the unit is below), share_below (of people). With an outcome: ten_points with
        ten_points_low and ten_points_high, in points of the outcome, p_most.
    spread : pandas.DataFrame, indexed by ``level`` and ``condition``
        n_units, sd_between (of units within those of the level above), sd_within (of people in the smallest
        units), icc, grand_mean, std_error.
    fit_of_form : FormFit or None
    posteriors : tuple of LevelPosterior
        For further computation; all units of each level, also those of whom nothing may be shown.
    places : tuple of array
        Rows of the posteriors that the units of each level have.
    notes : tuple of Note
    """

    unit: tuple[str, ...]
    predictors: tuple[str, ...]
    outcome: str | None
    target: float | None
    form: str | None
    conf_level: float
    minimum: int
    n_rows: int
    n_used: int
    n_no_unit: int
    n_no_score: int
    units: pd.DataFrame = field(repr=False)
    conditions: pd.DataFrame = field(repr=False)
    spread: pd.DataFrame = field(repr=False)
    fit_of_form: FormFit | None = field(repr=False)
    posteriors: tuple[LevelPosterior, ...] = field(repr=False)
    places: tuple[Any, ...] = field(repr=False)
    notes: tuple[Note, ...]

    def table(self, level: str | None = None) -> pd.DataFrame:
        """Return a row a unit and condition, of one level where asked, with the names of the units."""
        level = self._level(level) if level is not None else None
        names = [*self.unit, "level", "n_people", "state", "bottleneck"]
        whole = self.conditions.join(self.units[names], on="unit")
        whole = whole[[*names, *self.conditions.columns]]
        return whole.copy() if level is None else whole[whole["level"] == level].copy()

    def ranked(self, level: str | None = None) -> pd.DataFrame:
        """Return the units of a level (the outermost by default): clear bottlenecks first, surest on top.

        Units without a clear bottleneck are a class of their own, those without figures stand last.
        """
        own = self.units[self.units["level"] == self._level(level or self.unit[0])]
        group = own["state"].ne("") * 2 + (own["bottleneck"] == NOT_DISTINGUISHABLE) * 1
        order = np.lexsort((-own["p_bottleneck"].fillna(0).to_numpy(), group.to_numpy()))
        return own.iloc[order].copy()

    def _level(self, level: str) -> str:
        check_options(level, self.unit, "`level` of Diagnosis")
        return level

    def _head(self) -> str:
        n_units = ", ".join(
            f"{n} of {name}" for name, n in self.units["level"].value_counts(sort=False).items()
        )
        return f"Bottlenecks of units: {n_units}; n = {self.n_used} of {self.n_rows}"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.ranked().round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.ranked().round(3).to_html()}"


def diagnose(
    scores: pd.DataFrame,
    *,
    unit: str | Sequence[str] = "organisation",
    target: float | None = None,
    predictors: Sequence[str] = CONDITIONS,
    outcome: str | None = INNOVATIVE_BEHAVIOUR.name,
    ends: Ends = None,
    form: str | None = None,
    conf_level: float = 0.95,
    minimum: int = MINIMUM,
    seed: int,
) -> Diagnosis:
    """Say for each unit which condition is the lowest, with the probability that it is.

    Use it to see where an organisation, department or team stands, and how sure that is. It describes: a
    condition that is low is where a unit stands, not what would follow from raising it.

    Parameters
    ----------
    scores : pandas.DataFrame
        A row a person, of one wave.
    unit : str or sequence of str
        The column that names the unit, or several, outermost first: ``["organisation", "team"]``. A name that
        recurs under another parent is another unit.
    target : float, optional
        A level of the outcome, in its scale points, for which the ceiling says what each condition must be.
    predictors : sequence of str
        Two or three conditions; people with some of them count for those.
    outcome : str or None
        None leaves out the target and the ten points.
    ends : mapping of str to (lowest, highest), or one pair for all, optional
        Ends of the response formats; (1, 5) by default.
    form : {"additive", "geometric", "harmonic", "minimum", "product", "maximum"}, optional
        How conditions come together, for the ten points. By default the form that predicts best, where it is
        told from the others (80 % of draws of firms, 2 AIC); else the additive one, which a note says.
    conf_level : float, in (0, 1)
    minimum : int, at least 1
        Units with fewer people have no figures; their people count in the units above.
    seed : int
        Of the draws with which forms are compared.

    Returns
    -------
    Diagnosis

    Raises
    ------
    ModelSpecificationError
        For options that are none, and names that are no columns.
    SurveyDataError
        Where the spread of people cannot be told: hardly an outermost unit has two people, or all of a unit
        are alike.

    Notes
    -----
    People of a unit differ by N(0, S), units by N(0, T) about the unit above them, with unrestricted S and T
    by restricted maximum likelihood. Posterior means and covariances are exact given S and T; the uncertainty
    of the grand mean counts, and that of S and T to first order. With fewer than five units nothing is
    shrunken, and with fewer than ten intervals stay a little too narrow and probabilities too high: then no
    condition is called the bottleneck. The mean of a unit that holds others
    is that of its people.

    The raw version asks which condition is the lowest on the scale; as questions differ in how easily they
    are agreed with, the norm-referenced one asks on which condition a unit lies furthest below the grand
    mean, in standard deviations of people.

    References
    ----------
    Efron & Morris (1975), https://doi.org/10.1080/01621459.1975.10479864.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> scores = simulate_scores(400, n_firms=20, icc=0.2, seed=1)
    >>> wide = {"innovative_behaviour": (0, 6)}
    >>> found = diagnose(scores, unit="firm_id", ends=wide, form="additive", seed=1)
    >>> found.units["bottleneck"].value_counts().to_dict()
    {'not_distinguishable': 12, 'mogen': 8}
    """
    _check(form, conf_level, minimum, seed)
    where = "diagnose"
    people = people_of(scores, unit=unit, predictors=predictors, outcome=outcome, ends=ends, where=where)
    if target is not None:
        check_target(target, outcome, people.ends.get(str(outcome), (0, 0)), where)
    people = without_levels_of_one(people)
    tree = people.tree
    evidence = evidence_of(people.percent, tree.of_rows[-1], len(tree.units[-1]), people.predictors)
    fit = fit_tree(evidence, tree.parents)
    posteriors = level_posteriors(evidence, tree.parents, fit)
    levels = None if target is None or outcome is None else required_levels(people, outcome, target)
    form_fit = None if outcome is None else fit_form(people, outcome, form, seed)
    first = np.cumsum([0, *(len(each) for each in tree.units)])
    tables = [
        _level_tables(
            people, evidence, (fit, posteriors[level], levels, form_fit), level, first, (conf_level, minimum)
        )
        for level in range(tree.n_levels)
    ]
    units = pd.concat([table for table, _ in tables])
    n_used = int(evidence.n_people.sum())
    return Diagnosis(
        unit=tree.names,
        predictors=people.predictors,
        outcome=outcome,
        target=None if target is None else float(target),
        form=None if form_fit is None else form_fit.form,
        conf_level=conf_level,
        minimum=minimum,
        n_rows=len(scores),
        n_used=n_used,
        n_no_unit=tree.n_no_unit,
        n_no_score=int(tree.kept.sum()) - n_used,
        units=units,
        conditions=pd.concat([table for _, table in tables]),
        spread=spread_table(people, evidence, fit),
        fit_of_form=form_fit,
        posteriors=posteriors,
        places=tuple(np.flatnonzero(tree.known(level)) for level in range(tree.n_levels)),
        notes=(*notes_on_units(tree, evidence, fit, units), *notes_on_form(form_fit, outcome, levels)),
    )


def _check(form: object, conf_level: object, minimum: object, seed: object) -> None:
    check_level(conf_level)
    check_seed(seed, "diagnose")
    if form is not None:
        check_options(form, FORMS, "`form` of diagnose")
    if isinstance(minimum, bool) or not isinstance(minimum, int) or minimum < 1:
        raise ModelSpecificationError(
            expected="a whole number of people, 1 or more",
            found=as_found(minimum),
            where="`minimum` of diagnose",
            todo="use 5; in what is published 10",
        )


def _level_tables(
    people: People,
    evidence: Evidence,
    found: tuple[TreeFit, LevelPosterior, RequiredLevels | None, FormFit | None],
    level: int,
    first: Any,
    options: tuple[float, int],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of the units of a level, and those of their conditions."""
    from scipy import stats

    (fit, posterior, levels, form_fit), (conf_level, minimum) = found, options
    tree, names = people.tree, people.predictors
    n_people, n_scores, raw = _counts(people, level)
    spread = person_spread(evidence, fit)
    columns: dict[str, Any] = {"n_used": n_scores.astype(int), "raw_mean": raw}
    columns |= profile_columns(posterior, spread, conf_level)
    own = _binding(people, posterior.grand, spread, level, conf_level)
    columns |= own.pop("of_conditions")
    if levels is not None:
        z = float(stats.norm.ppf((1 + conf_level) / 2))
        columns |= gap_columns(levels, posterior.mean, posterior.cov, z)
        columns["code"] = np.broadcast_to(np.array(levels.codes, dtype=object), raw.shape)
        columns["share_below"] = shares_below(people, levels, level)
    if form_fit is not None:
        columns |= ten_points_columns(people, form_fit, level, conf_level)
    state = state_of(n_people, n_scores, minimum)
    n_outermost = int((_counts(people, 0)[0] > 0).sum())
    clear, p = bottleneck_of(columns["p_lowest"], names, n_outermost)
    normed, p_normed = bottleneck_of(columns["p_lowest_normed"], names, n_outermost)
    told = {
        "bottleneck": clear,
        "p_bottleneck": p,
        "bottleneck_normed": normed,
        "p_bottleneck_normed": p_normed,
    }
    units = unit_frame(tree, level, first, {"n_people": n_people.astype(int), **own, "state": state, **told})
    hidden, known = (state != "")[:, None], tree.known(level)
    shown = {
        name: values if name in ALWAYS_SHOWN else np.where(hidden, np.nan, values)
        for name, values in columns.items()
    }
    conditions = condition_frame(units.index, names, shown)
    return _without_hidden(units)[known], conditions[np.repeat(known, len(names))]


def _without_hidden(units: pd.DataFrame) -> pd.DataFrame:
    """Return the units with no figures of those that have none to show."""
    hidden = units["state"].ne("")
    for name in FIGURES_OF_UNIT:
        units[name] = units[name].where(~hidden)
    for name in ("bottleneck", "bottleneck_normed"):
        units[name] = units[name].astype(object).where(~hidden, units["state"])
    return units


def _counts(people: People, level: int) -> tuple[Array, Array, Array]:
    """Return people with a condition, people with each, and its mean, by unit."""
    units, n_units = people.tree.of_rows[level], len(people.tree.units[level])
    there = ~np.isnan(people.percent)
    n = np.bincount(units[there.any(axis=1)], minlength=n_units).astype("float64")
    n_scores = summed(there.astype("float64"), units, n_units)
    sums = summed(np.where(there, people.percent, 0.0), units, n_units)
    with np.errstate(invalid="ignore"):
        return n, n_scores, sums / n_scores


def _binding(people: People, grand: Array, spread: Array, level: int, conf_level: float) -> dict[str, Any]:
    """Return for whom each condition binds, raw and norm-referenced, and the two minima."""
    units, n_units = people.tree.of_rows[level], len(people.tree.units[level])
    complete = people.complete
    of_conditions: dict[str, Array] = {}
    for name, values in (("", complete), ("_normed", (complete - grand) / spread)):
        share, tied = lowest_of_each(values)
        means, n = mean_by_unit(share, units, n_units)
        low, high = share_interval(means, n, conf_level)
        parts = {"share_binding": means, "share_low": low, "share_high": high}
        of_conditions |= {f"{part}{name}": found for part, found in parts.items()}
        if not name:
            n_tied, n_complete = mean_by_unit(tied, units, n_units)[0] * n, n
    minima, _ = mean_by_unit(complete.min(axis=1), units, n_units)
    means, _ = mean_by_unit(complete, units, n_units)
    return {
        "of_conditions": of_conditions,
        "n_complete": n_complete.astype(int),
        "mean_of_minima": minima,
        "minimum_of_means": means.min(axis=1),
        "n_tied": np.rint(n_tied),
    }
