"""All estimates of one outcome that a design allows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.model.fit_notes import Note
from si_research.practice.scheme.adjusted import (
    BOTH,
    adjusted_effects,
    dose_effect,
    firm_changes,
    firm_levels,
)
from si_research.practice.scheme.design import ADJUSTED, DOSE, LOTTERY, STAGGERED
from si_research.practice.scheme.difference import (
    FirmSample,
    event_study,
    event_times,
    pre_trend_test,
    same_firms,
    seen_twice,
    two_by_two,
)
from si_research.practice.scheme.fixed_effects import CR1S
from si_research.practice.scheme.lottery import drawn_firms, intention_to_treat
from si_research.practice.scheme.panel import SchemePanel
from si_research.practice.scheme.staggered import staggered_effects

TWO_WAY = "two-way fixed effects"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of every outcome: the kind of design, the level of intervals, and draws."""

    kind: str
    conf_level: float
    draws: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeEffects:
    """The effects on one outcome. Made by :func:`outcome_effects`.

    Attributes
    ----------
    rows : pandas.DataFrame
        A row an estimator and method, one of them recommended.
    event, group_time, pre_trends : pandas.DataFrame
        Empty where the design has none.
    notes : tuple of Note
    refusal : str
        Why there are no rows: ``no_same_firms``, ``no_comparison``, ``strata_one_sided``, ``not_identified``,
        ``separation``, ``too_few_for_covariates``; else empty.
    """

    rows: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    event: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    group_time: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    pre_trends: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    notes: tuple[Note, ...] = ()
    refusal: str = ""


def outcome_effects(panel: SchemePanel, outcome: str, asked: Asked) -> OutcomeEffects:
    """Return all estimates of the effect on one outcome that the design allows."""
    if asked.kind == LOTTERY:
        return _by_lottery(panel, outcome, asked)
    if asked.kind == STAGGERED:
        return _staggered(panel, outcome, asked)
    if asked.kind == ADJUSTED:
        return _adjusted(panel, outcome, asked)
    firms = same_firms(panel, outcome)
    if not firms.n_firms:
        return OutcomeEffects(refusal="no_same_firms")
    if asked.kind == DOSE:
        changes = firm_changes(panel, firms)
        if len(np.unique(changes.dose)) < 2:
            return OutcomeEffects(refusal="no_comparison")
        rows = dose_effect(changes, conf_level=asked.conf_level)
        return OutcomeEffects(rows, notes=_left_out(firms))
    if not (firms.n_treated and firms.n_comparison):
        return OutcomeEffects(refusal="no_comparison")
    return _before_after(panel, firms, asked)


def _before_after(panel: SchemePanel, firms: FirmSample, asked: Asked) -> OutcomeEffects:
    try:
        rows = two_by_two(firms, conf_level=asked.conf_level, draws=asked.draws, seed=asked.seed)
    except SurveyDataError:
        return OutcomeEffects(refusal="not_identified")
    if panel.covariates:
        changes = firm_changes(panel, firms)
        rows = pd.concat([rows, adjusted_effects(changes, conf_level=asked.conf_level)], ignore_index=True)
    if rows["note"].isin(["few_treated_refused", "no_error"]).any():
        return OutcomeEffects(rows, notes=_left_out(firms))
    event, trends, notes = _over_time(firms, asked)
    return OutcomeEffects(rows, event, pre_trends=trends, notes=(*_left_out(firms), *notes))


def _adjusted(panel: SchemePanel, outcome: str, asked: Asked) -> OutcomeEffects:
    """Return the adjusted differences of firms that nobody saw before; the doubly robust one counts."""
    levels = firm_levels(panel, outcome)
    if not levels.treated.any() or levels.treated.all():
        return OutcomeEffects(refusal="no_comparison")
    rows = adjusted_effects(levels, conf_level=asked.conf_level)
    rows["recommended"] = rows["estimator"] == BOTH
    note = str(rows.loc[rows["recommended"], "note"].iloc[0])
    if note in ("separation", "too_few_for_covariates"):
        return OutcomeEffects(refusal=note)
    lost = (Note("covariate_unknown", {"n_firms": levels.n_left_out}),) if levels.n_left_out else ()
    return OutcomeEffects(rows, notes=lost)


def _over_time(firms: FirmSample, asked: Asked) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Note, ...]]:
    """Return the event study and the test of what preceded the start, where there are waves enough."""
    times = event_times(firms)
    try:
        trends, note = pre_trend_test(firms)
        event = pd.DataFrame()
        if len(times) > 1:
            event = event_study(firms, times, conf_level=asked.conf_level)
            event = event.set_index(pd.Index(times, name="event_time"))
    except SurveyDataError:
        return pd.DataFrame(), pd.DataFrame(), (Note("event_study_not_identified", {}),)
    return event, trends, (note,) if note is not None else ()


def _staggered(panel: SchemePanel, outcome: str, asked: Asked) -> OutcomeEffects:
    firms = seen_twice(panel, outcome)
    if not firms.n_firms:
        return OutcomeEffects(refusal="no_same_firms")
    starts = firms.cells["start"].to_numpy()
    if not firms.n_treated or len(np.unique(starts)) < 2:
        return OutcomeEffects(refusal="no_comparison")
    found = staggered_effects(firms, panel.waves, conf_level=asked.conf_level)
    if found is None or not np.isfinite(found.overall["estimate"].iloc[0]):
        return OutcomeEffects(refusal="no_comparison")
    notes = (*_left_out(firms), *found.notes)
    rows = pd.concat([found.overall, _two_way(firms, asked)], ignore_index=True)
    return OutcomeEffects(rows, found.event, found.group_time, found.pre_trends, notes)


def _two_way(firms: FirmSample, asked: Asked) -> pd.DataFrame:
    """Return what two-way fixed effects would have been: a warning, never a result."""
    try:
        plain = two_by_two(firms, conf_level=asked.conf_level, label=TWO_WAY, methods=(CR1S,))
    except SurveyDataError:
        return pd.DataFrame()
    return plain[plain["method"] == CR1S].assign(recommended=False, note="warning_only")


def _by_lottery(panel: SchemePanel, outcome: str, asked: Asked) -> OutcomeEffects:
    lots = drawn_firms(panel, outcome)
    if not len(lots.y):
        told = lots.n_stratum_unknown or (lots.n_one_sided and "stratum" in panel.firms)
        return OutcomeEffects(refusal="strata_one_sided" if told else "no_comparison")
    rows = intention_to_treat(lots, conf_level=asked.conf_level, draws=asked.draws, seed=asked.seed)
    unseen = lots.n_left_out - lots.n_stratum_unknown - lots.n_one_sided
    left_out = {
        "firms_left_out": unseen,
        "stratum_unknown": lots.n_stratum_unknown,
        "strata_one_sided": lots.n_one_sided,
    }
    notes = [Note(code, {"n_firms": n}) for code, n in left_out.items() if n]
    if lots.baseline:
        notes.append(Note("adjusted_for_baseline", {}))
    return OutcomeEffects(rows, notes=tuple(notes))


def _left_out(firms: FirmSample) -> tuple[Note, ...]:
    return (Note("firms_left_out", {"n_firms": firms.n_left_out}),) if firms.n_left_out else ()
