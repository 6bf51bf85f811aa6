"""Whether only the combination counts: the readings of a study side by side, and the verdict."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.verdict.verdict import reach_verdict
from si_research.report.combination_findings import CombinationFindings
from si_research.report.describe import scale_ends
from si_research.study.measurement_error import used_reliabilities
from si_research.survey.codebook import ROLE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from si_research.model.interaction import InteractionFit
    from si_research.model.verdict.verdict import Verdict
    from si_research.study.analysis import PreparedStudy
    from si_research.study.study_file import StudyFile
    from si_research.survey.codebook import Codebook

THREE: Final = 3


def combination(
    study: StudyFile,
    codebook: Codebook,
    ready: PreparedStudy,
    fit: InteractionFit | None,
    progress: Callable[[str, float], None],
) -> CombinationFindings | None:
    """Return the verdict of a study and what stands behind it.

    Parameters
    ----------
    study : StudyFile
    codebook : Codebook
    ready : PreparedStudy
    fit : InteractionFit or None
        Without weights; None after a refusal.
    progress : callable

    Returns
    -------
    CombinationFindings or None
        None with two predictors, after a refusal (but for a file of organisations, of which the verdict is a
        statement on organisations), or where the readings cannot be told apart at all.
    """
    of_organisations = codebook.unit != "respondent"
    rows = _rows_of_organisations(study, ready) if of_organisations else None if fit is None else fit.rows
    if rows is None or len(study.analysis.predictors) != THREE:
        return None
    progress("weighing the readings", 0.61)
    firms = ROLE_COLUMNS["organisation"]
    cluster = firms if of_organisations and firms in rows else None if fit is None else fit.cluster
    try:
        verdict = _verdict(study, ready, rows, () if fit is None else fit.controls, cluster)
    except (SurveyDataError, ModelSpecificationError):
        return None
    return CombinationFindings(verdict, of_organisations=of_organisations)


def _rows_of_organisations(study: StudyFile, ready: PreparedStudy) -> pd.DataFrame | None:
    """Return the scores of organisations, where the file has all of them."""
    asked = study.analysis
    names = {asked.outcome, *asked.predictors}
    return ready.scores.table() if names <= set(ready.scores.scales) else None


def _verdict(
    study: StudyFile,
    ready: PreparedStudy,
    rows: pd.DataFrame,
    controls: tuple[str, ...],
    cluster: str | None,
) -> Verdict:
    names = (study.analysis.outcome, *study.analysis.predictors)
    used = used_reliabilities(ready.scale_reliabilities, names)
    known = {str(name): float(value) for name, value in used["reliability"].items() if not math.isnan(value)}
    return reach_verdict(
        rows,
        outcome=study.analysis.outcome,
        predictors=study.analysis.predictors,
        controls=controls,
        cluster=cluster,
        ends={name: scale_ends(rows[name], ready.scores.scales.get(name)) for name in names},
        reliability=known or None,
        draws=study.analysis.bootstrap_draws,
        seed=study.seed,
    )
