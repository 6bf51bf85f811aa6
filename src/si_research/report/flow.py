"""The flow of people as a report may show it: small groups merged, so that no total gives one away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from si_research.report.describe import rows_offered
from si_research.report.suppression import is_published, is_small, merge_small_groups, merge_small_neighbours
from si_research.survey.flow import Flow, FlowStep, flow_of

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings

Code = tuple[str, str]
"""A reason without words: ``step.why`` (``system_rows.preview``), and its detail (the reason of a selection,
or the variable that lacks)."""
FEW: Code = ("few", "")
"""In place of the reasons of fewer than five rows: their number has to be told, why they left has not."""


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One or more steps of which the numbers may be shown.

    Attributes
    ----------
    place : int
        Of the last of them in the ledger, from 1.
    steps : tuple of str
        Names in the ledger; several where one alone left fewer than five rows out.
    n_in, n_out : int
        Rows before the first and after the last of them.
    groups : tuple of (tuple of Code, int)
        Reasons with the rows that left; reasons in one group are shown together.
    """

    place: int
    steps: tuple[str, ...]
    n_in: int
    n_out: int
    groups: tuple[tuple[tuple[Code, ...], int], ...]

    @property
    def n_left_out(self) -> int:
        """Rows that left."""
        return sum(n for _, n in self.groups)


def shown_flow(flow: Flow) -> tuple[ShownStep, ...]:
    """Return the steps of a flow such that no number below five is told, nor can be worked out.

    Parameters
    ----------
    flow : Flow

    Returns
    -------
    tuple of ShownStep
        Steps that made rows (waves side by side) have no groups.

    Notes
    -----
    A step that left fewer than five rows out is taken together with the next one (the last one with the one
    before), and the rows between them are not told: ``n_in`` less ``n_out`` would be that number. Within the
    steps that are together, reasons that hold for fewer than five rows go with the next smallest. What is
    left out in total is always shown, also when it is fewer than five: every result says how many rows were
    offered and used. Why is not told then (``FEW``): the reason of one to four people is theirs.
    """
    made = [each for each in flow.steps if not each.left_out]
    left = [each for each in flow.steps if each.left_out]
    runs = merge_small_neighbours([each.n_left_out for each in left]) or [slice(0, len(left))]
    shown = [ShownStep(each.place, (each.step,), each.n_in, each.n_out, ()) for each in made]
    return (*shown, *(_together(left[run]) for run in runs if left[run]))


def _together(steps: list[FlowStep] | tuple[FlowStep, ...]) -> ShownStep:
    reasons = [(_code(each, why), n) for each in steps for why, n in each.left_out]
    places = [str(place) for place in range(len(reasons))]
    counts = pd.Series([n for _, n in reasons], index=places, dtype="float64")
    groups = [[reasons[int(place)] for place in group] for group in merge_small_groups(counts)]
    return ShownStep(
        steps[-1].place,
        tuple(each.step for each in steps),
        steps[0].n_in,
        steps[-1].n_out,
        tuple(_told(group) for group in groups),
    )


def _told(group: list[tuple[Code, int]]) -> tuple[tuple[Code, ...], int]:
    """Return the reasons of a group with its rows; in a publication only those of enough rows by themselves.

    Elsewhere a reason stands with others that it was merged with: it holds for somebody then.
    """
    n = sum(own for _, own in group)
    codes = tuple(code for code, own in group if not (is_published() and is_small(own)))
    return ((FEW,) if is_small(n) or not codes else codes), n


def _code(step: FlowStep, why: str) -> Code:
    if step.step == "no_score":
        return "no_score", why
    detail = step.reason if step.step == "selection" else ""
    return (step.step if why == step.step else f"{step.step}.{why}"), detail


def rows_after_steps(findings: StudyFindings) -> dict[int, int]:
    """Return the rows that are left after a step, by its place in the ledger, where the flow tells them."""
    shown = shown_flow(flow_of_study(findings))
    after = {each.place: each.n_out for each in shown if not each.groups or not is_small(each.n_left_out)}
    return {1: findings.source.n_rows} | after


def flow_of_study(findings: StudyFindings) -> Flow:
    """Return the flow from the rows of the file to the people of the tests, or of a report that refuses."""
    flow = flow_of(findings.ledger)
    if findings.fit is None:
        return flow
    lacking = tuple((str(name), int(n)) for name, n in findings.fit.dropped.items() if n)
    n_lacking = sum(n for _, n in lacking)
    if not n_lacking:
        return flow
    last = FlowStep(len(findings.ledger.steps) + 1, "no_score", "", flow.used, flow.used - n_lacking, lacking)
    return replace(flow, steps=(*flow.steps, last))


def flow_of_rows(findings: StudyFindings) -> pd.DataFrame:
    """Return how the rows of the file became the people of the analysis, small groups merged.

    Returns
    -------
    pandas.DataFrame
        step ("offered", "left_out", "used"), codes (tuple of (code, detail)), n. The code is ``step.why`` of
        the ledger, or "no_score"; the detail is the reason of a selection, or the variable that lacks. Of
        fewer than five rows it is "few".
        Offered are the rows of the file, or one a respondent and wave of it.
    """
    flow = flow_of_study(findings)
    left = [("left_out", codes, n) for each in shown_flow(flow) for codes, n in each.groups]
    left = [row for row in left if not (is_published() and is_small(row[2]))]
    rows = [("offered", (), rows_offered(findings)), *left, ("used", (), flow.used)]
    return pd.DataFrame(rows, columns=["step", "codes", "n"])
