"""The outcomes of a study beside the main one, and the main one measured in other ways."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.measurement.scale_reliability import unreliable_scales
from si_research.model.design import Roles, is_constant, select_rows
from si_research.model.outcome_sensitivity import outcome_sensitivity
from si_research.model.several_outcomes import planned_outcomes
from si_research.report.outcomes_findings import OutcomeMeasure, OutcomesFindings, OutcomeState
from si_research.study.few_people import FEWEST_TO_DESCRIBE, refusal_of_few_people

if TYPE_CHECKING:
    from si_research.model.interaction import InteractionFit
    from si_research.study.analysis import PreparedStudy
    from si_research.study.study_file import StudyFile
    from si_research.survey.scoring import ScaleFacts

LINES = {
    "no_scores": "nobody has a score",
    "instrument_changed": "it changed between the waves",
    "too_few_people": "too few people have every score",
    "too_few_firms": "the people with a score work in one organisation",
    "unreliable": "alpha and omega lie below the floor",
    "no_variation": "everybody has the same score",
}


def several_outcomes(study: StudyFile, ready: PreparedStudy, roles: Roles) -> OutcomesFindings | None:
    """Return the interaction for every outcome; None for a study with one.

    Parameters
    ----------
    study : StudyFile
    ready : PreparedStudy
    roles : Roles
        Those of the main outcome.

    Returns
    -------
    OutcomesFindings or None
        An outcome that cannot be tested keeps its place among the planned ones.
    """
    asked = study.analysis
    if not asked.other_outcomes:
        return None
    states = dict(_obstacles(study, ready, roles))
    found = planned_outcomes(
        ready.scores.table(),
        planned=asked.planned_outcomes,
        exploratory=asked.outcomes.exploratory,
        withheld=[name for name, state in states.items() if state != "tested"],
        predictors=roles.predictors,
        draws=asked.bootstrap_draws,
        seed=study.seed,
        controls=roles.controls,
        cluster=roles.cluster,
        weight=roles.weight,
        conf_level=asked.confidence,
    )
    states |= dict.fromkeys(found.refused, "not_possible")
    untested = [name for name, joint in found.tests.items() if math.isnan(joint.p_value)]
    states |= dict.fromkeys(untested, "joint_untested")
    return OutcomesFindings(found, {asked.outcome: "tested", **states})


def _obstacles(study: StudyFile, ready: PreparedStudy, roles: Roles) -> Iterator[tuple[str, OutcomeState]]:
    """Give each outcome beside the main one, and what keeps it from being tested."""
    table, asked = ready.scores.table(), study.analysis
    low = unreliable_scales(ready.scale_reliabilities, asked.reliability_floor)
    weak = set() if asked.test_unreliable_scales else {each.scale for each in low}
    firms = 0 if roles.cluster is None else select_rows(table, roles).frame[roles.cluster].nunique()
    for name in asked.other_outcomes:
        own = replace(roles, outcome=name)
        if name not in table or not table[name].notna().any():
            yield name, "no_scores"
        elif name in ready.changed_outcomes:
            yield name, "instrument_changed"
        else:
            state = _obstacle(table, own, firms)
            yield name, "unreliable" if state == "tested" and name in weak else state


def _obstacle(table: pd.DataFrame, roles: Roles, firms: int) -> OutcomeState:
    """Return what the people with every score lack; ``firms`` are those of the main outcome."""
    rows = select_rows(table, roles).frame
    if len(rows) < FEWEST_TO_DESCRIBE or refusal_of_few_people(table, roles) is not None:
        return "too_few_people"
    if is_constant(rows[roles.outcome]):
        return "no_variation"
    if firms > 1 and rows[roles.cluster].nunique() < 2:
        return "too_few_firms"
    return "tested"


def outcome_measure(fit: InteractionFit, scales: Mapping[str, ScaleFacts]) -> OutcomeMeasure:
    """Return the highest product with the outcome measured in other ways, or why not.

    Parameters
    ----------
    fit : InteractionFit
    scales : mapping of str to ScaleFacts
        By column of the scores: the ends of the response format, and how fine a score is.
    """
    outcome, facts = fit.outcome, scales[fit.outcome]
    scores = fit.rows[outcome]
    if scores.nunique() < 3:
        return OutcomeMeasure(outcome, "two_values")
    if pd.isna(facts.lowest) or pd.isna(facts.highest):
        return OutcomeMeasure(outcome, "open_ends")
    if scores.min() < facts.lowest - 1e-9 or scores.max() > facts.highest + 1e-9:
        return OutcomeMeasure(outcome, "outside_ends")
    step = 1 / len(facts.items) if facts.items else None
    try:
        found = outcome_sensitivity(fit, lowest=facts.lowest, highest=facts.highest, step=step)
    except SurveyDataError:
        return OutcomeMeasure(outcome, "not_possible")
    return OutcomeMeasure(outcome, "compared", found)


def lines_on_outcomes(study: StudyFile, ready: PreparedStudy, roles: Roles) -> Iterator[str]:
    """Say for ``check`` which outcomes are planned, which exploratory, and which will not be tested."""
    asked = study.analysis
    if not asked.other_outcomes:
        return
    planned, exploratory = asked.planned_outcomes, asked.outcomes.exploratory
    if len(planned) > 1:
        yield f"planned outcomes, corrected together (Holm): {', '.join(planned)}; the first is the main one"
    if exploratory:
        yield f"exploratory outcomes, which confirm nothing: {', '.join(exploratory)}"
    for name, state in _obstacles(study, ready, roles):
        if state in LINES:
            place = "; it counts with p = 1" if name in planned else ""
            yield f"{name} will not be tested: {LINES[state]}{place}"
