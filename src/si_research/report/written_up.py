"""What a Method section is rendered from: the results of a study, or of a fit and the tests done with it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import pandas as pd

from si_research.report.describe import is_stacked, records, rows_offered
from si_research.report.flow import FEW, flow_of_rows
from si_research.report.labels import Labels, labels_of
from si_research.report.ledger_words import reason_in_words
from si_research.report.suppression import is_small, merge_small_groups
from si_research.report.voice import voice

if TYPE_CHECKING:
    from si_research.model.corners import CornerComparison
    from si_research.model.interaction import InteractionFit
    from si_research.model.joint import JointTest
    from si_research.model.missing.pool import PooledInteraction
    from si_research.model.slope_differences import SlopeDifferences
    from si_research.report.findings import StudyFindings
    from si_research.report.outcomes_findings import OutcomesFindings
    from si_research.report.probing_findings import ProbingFindings

TOOLKIT = "si-research"
Reason = tuple[str, int]
"""Why rows were left out, in words, and how many."""


@dataclass(frozen=True, slots=True, eq=False)
class WrittenUp:
    """What a paragraph is rendered from: the results that there are, and the names in one language.

    Attributes
    ----------
    fit, joint, corners, slopes : result objects, or None where they were not asked for
    differences : tuple of SlopeDifferences
    probing : ProbingFindings or None
    outcomes : OutcomesFindings or None
        Where a study has several.
    measured_otherwise : bool
        Whether the highest product was estimated with the outcome taken in other ways too.
    labels : Labels
    steps : tuple of str
        In which terms entered; none of a pooled fit.
    df : float
        Degrees of freedom of t; of a pooled fit those without holes.
    offered : int
        Rows offered.
    rows : str
        What a row is: ``rows`` or ``measurements`` of the file, ``scores`` of a table.
    reasons : tuple of (str, int)
        Why rows were left out, small groups together.
    versions : tuple of (str, str)
        Packages, the toolkit first.
    synthetic : bool
    pooled : PooledInteraction or None
        The fit itself where it is pooled; that beside the complete cases of a study.
    """

    fit: InteractionFit | PooledInteraction
    joint: JointTest | None
    corners: CornerComparison | None
    slopes: pd.DataFrame | None
    differences: tuple[SlopeDifferences, ...]
    probing: ProbingFindings | None
    labels: Labels
    steps: tuple[str, ...]
    df: float
    offered: int
    rows: str
    reasons: tuple[Reason, ...]
    versions: tuple[tuple[str, str], ...]
    synthetic: bool
    pooled: PooledInteraction | None = None
    outcomes: OutcomesFindings | None = None
    measured_otherwise: bool = False


def write_up_study(
    findings: StudyFindings, language: str, differences: SlopeDifferences | None
) -> WrittenUp | None:
    """Return what a study tells; None after a refusal."""
    if findings.fit is None:
        return None
    labels, reasons = labels_of(findings, language), list[Reason]()
    for step in records(flow_of_rows(findings)):
        if step["step"] == "left_out":
            said = dict.fromkeys(reason_in_words(labels, code, detail) for code, detail in step["codes"])
            reasons.append((labels.voice.listed(list(said)), step["n"]))
    return WrittenUp(
        fit=findings.fit,
        joint=findings.joint,
        corners=findings.corners,
        slopes=findings.slopes,
        differences=_differences(findings, differences),
        probing=findings.probing,
        outcomes=findings.outcomes,
        measured_otherwise=findings.outcome_measure is not None
        and findings.outcome_measure.state == "compared",
        labels=labels,
        steps=tuple(findings.fit.steps.index),
        df=findings.fit.df,
        offered=rows_offered(findings),
        rows="measurements" if is_stacked(findings) else "rows",
        reasons=tuple(reasons),
        versions=tuple(findings.versions.items()) or ((TOOLKIT, version(TOOLKIT)),),
        synthetic=findings.synthetic,
        pooled=None if findings.missing_answers is None else findings.missing_answers.pooled,
    )


def _differences(findings: StudyFindings, given: SlopeDifferences | None) -> tuple[SlopeDifferences, ...]:
    if given is not None:
        return (given,)
    return () if findings.probing is None else findings.probing.differences


def write_up_fit(
    fit: InteractionFit,
    language: str,
    joint: JointTest | None,
    corners: CornerComparison | None,
    slopes: pd.DataFrame | None,
    differences: SlopeDifferences | None,
) -> WrittenUp:
    """Return what a fit tells, and the tests that were done with it."""
    labels = Labels(voice(language))
    reasons = []
    for group in merge_small_groups(fit.dropped):
        n = int(fit.dropped[list(group)].sum())
        lacking = [_lacking(fit, labels, name) for name in group]
        few = [reason_in_words(labels, *FEW)] if is_small(n) else lacking
        reasons.append((labels.voice.listed(few), n))
    return WrittenUp(
        fit=fit,
        joint=joint,
        corners=corners,
        slopes=slopes,
        differences=() if differences is None else (differences,),
        probing=None,
        labels=labels,
        steps=tuple(fit.steps.index),
        df=fit.df,
        offered=fit.n_rows,
        rows="scores",
        reasons=tuple(reasons),
        versions=((TOOLKIT, version(TOOLKIT)),),
        synthetic=False,
    )


def write_up_pooled(
    pooled: PooledInteraction,
    language: str,
    corners: CornerComparison | None,
    slopes: pd.DataFrame | None,
    differences: SlopeDifferences | None,
) -> WrittenUp:
    """Return what a fit pooled over filled-in tables tells; its joint test is its own."""
    return WrittenUp(
        fit=pooled,
        joint=None,
        corners=corners,
        slopes=slopes,
        differences=() if differences is None else (differences,),
        probing=None,
        labels=Labels(voice(language)),
        steps=(),
        df=pooled.df_complete,
        offered=pooled.n_rows,
        rows="scores",
        reasons=(),
        versions=((TOOLKIT, version(TOOLKIT)),),
        synthetic=False,
        pooled=pooled,
    )


def _lacking(fit: InteractionFit, labels: Labels, name: str) -> str:
    if name == fit.cluster:
        return labels.voice.say("flow.no_firm")
    if name == fit.weight:
        return labels.voice.say("write_up.no_weight")
    return labels.voice.say("flow.no_score", detail=labels.of(name))
