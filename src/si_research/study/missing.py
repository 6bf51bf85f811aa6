"""Missing answers of a study: what is missing and why, and the tests with missing scores filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.design import Roles
from si_research.model.interaction import InteractionFit
from si_research.model.missing.impute import impute_scores
from si_research.model.missing.pool import pool_interaction
from si_research.model.missing.rows import select_incomplete
from si_research.report.missing_findings import FillingOutcome, MissingFindings
from si_research.report.suppression import is_small, smallest_cell
from si_research.study.study_file import StudyFile
from si_research.survey.codebook import ROLE_COLUMNS, Codebook
from si_research.survey.missing.describe import describe_missing
from si_research.survey.missing.reasons import score_reasons

if TYPE_CHECKING:
    from si_research.study.analysis import PreparedStudy

Progress = Callable[[str, float], None]
FROM, TO = 0.66, 0.69
"""Share of the work of a run at which filling in begins and ends."""
CANNOT: Final = (ModelSpecificationError, SurveyDataError)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The scores that may be filled in, and why they are missing."""

    scores: pd.DataFrame
    reasons: pd.DataFrame
    roles: Roles


def describe_study_missing(
    study: StudyFile,
    codebook: Codebook,
    ready: PreparedStudy,
    fit: InteractionFit | None,
    progress: Progress,
) -> MissingFindings | None:
    """Describe missing answers, and run the tests with missing scores filled in.

    Parameters
    ----------
    study : StudyFile
    codebook : Codebook
    ready : PreparedStudy
    fit : InteractionFit, optional
        The main result; None after a refusal, when nothing is filled in.
    progress : callable

    Returns
    -------
    MissingFindings or None
        None where no person answered anything, or no scale could be scored.
    """
    if codebook.unit != "respondent" or not ready.scores.scales:
        return None
    answers = describe_missing(ready.survey, codebook, ready.scores)
    if fit is None:
        return MissingFindings(answers, "refused")
    rows = _rows(codebook, ready, fit)
    outcome, n_holed = _what_to_fill(study, rows, fit)
    if outcome != "pooled":
        return MissingFindings(answers, outcome, n_holed)

    def tell(done: int, total: int) -> None:
        progress("filling in", FROM + (TO - FROM) * done / total)

    ends = {name: (facts.lowest, facts.highest) for name, facts in ready.scores.scales.items()}
    try:
        imputed = impute_scores(
            rows.scores,
            **_named(rows.roles),
            reasons=rows.reasons,
            ranges=ends,
            imputations=study.missing.imputations,
            iterations=study.missing.iterations,
            seed=study.seed,
            progress=tell,
        )
        pooled = pool_interaction(imputed, conf_level=fit.conf_level)
    except CANNOT:
        return MissingFindings(answers, "not_possible", n_holed)
    return MissingFindings(answers, "pooled", n_holed, imputed, pooled)


def _rows(codebook: Codebook, ready: PreparedStudy, fit: InteractionFit) -> _Rows:
    """Return the scores of the fit with their holes; with one firm, those of the people who name it."""
    scores, firm = ready.scores.table(), ROLE_COLUMNS["organisation"]
    if fit.cluster is None and any(note.code == "one_cluster" for note in fit.notes):
        scores = scores[scores[firm].notna()]
    reasons = score_reasons(ready.survey, codebook, ready.scores).loc[scores.index]
    return _Rows(scores, reasons, replace(fit.roles, weight=None))  # filling in knows no weights


def _named(roles: Roles) -> dict[str, Any]:
    return {
        "outcome": roles.outcome,
        "predictors": roles.predictors,
        "controls": roles.controls,
        "cluster": roles.cluster,
    }


def _what_to_fill(study: StudyFile, rows: _Rows, fit: InteractionFit) -> tuple[FillingOutcome, int]:
    """Return whether to fill in, or why not, and how many rows that is about."""
    try:
        chosen = select_incomplete(rows.scores, rows.roles, rows.reasons)
    except CANNOT:
        holes = rows.scores[list(fit.squares_left_out)].isna().any(axis=None)
        return ("two_values" if holes else "not_possible"), 0
    n_holed = len(chosen.frame) - len(chosen.frame.dropna())
    if not n_holed:
        return "none_missing", 0
    if is_small(n_holed):
        return "too_few", n_holed
    return ("pooled" if study.missing.imputations else "off"), n_holed


def lines_on_missing(
    study: StudyFile, codebook: Codebook, ready: PreparedStudy, fit: InteractionFit
) -> Iterator[str]:
    """Say for how many people a run fills in missing scores, and what else it does with them."""
    outcome, n_holed = _what_to_fill(study, _rows(codebook, ready, fit), fit)
    asked = study.missing
    lack = (
        f"missing scores: {n_holed} people lack a score, or a control that is a number, that could be there"
    )
    yield {
        "pooled": f"{lack}; a run shows the tests without them, and beside these {asked.imputations} times "
        "with the missing scores filled in (`missing: {imputations: 0}` in study.yml: without)",
        "off": f"{lack}; the tests leave them out (`missing: {{imputations: 0}}`)",
        "too_few": f"missing scores: fewer than {smallest_cell()} people lack a score that could be there; "
        "the tests leave them out",
        "none_missing": "missing scores: nobody in the tests lacks a score that could be there",
        "two_values": "missing scores: a condition of two values has some; they are not filled in, and the "
        "tests leave these people out",
        "not_possible": "missing scores: they cannot be filled in, because too few people have all scores; "
        "the tests leave these people out",
        "refused": "",
    }[outcome]
