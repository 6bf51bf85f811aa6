"""Whether only the combination counts: the readings of a study side by side, and the verdict."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.verdict.verdict import reach_verdict
from si_research.report.combination_findings import CombinationFindings
from si_research.report.describe import scale_ends
from si_research.study.measurement_error import used_reliabilities

if TYPE_CHECKING:
    from collections.abc import Callable

    from si_research.model.interaction import InteractionFit
    from si_research.model.verdict.verdict import Verdict
    from si_research.study.analysis import PreparedStudy
    from si_research.study.study_file import StudyFile

THREE: Final = 3


def combination(
    study: StudyFile, ready: PreparedStudy, fit: InteractionFit | None, progress: Callable[[str, float], None]
) -> CombinationFindings | None:
    """Return the verdict of a study and what stands behind it.

    Parameters
    ----------
    study : StudyFile
    ready : PreparedStudy
    fit : InteractionFit or None
        Without weights; None after a refusal.
    progress : callable

    Returns
    -------
    CombinationFindings or None
        None after a refusal, with two predictors, or where the readings cannot be told apart at all.
    """
    if fit is None or len(fit.predictors) != THREE:
        return None
    progress("weighing the readings", 0.61)
    try:
        verdict = _verdict(study, ready, fit)
    except (SurveyDataError, ModelSpecificationError):
        return None
    return CombinationFindings(verdict)


def _verdict(study: StudyFile, ready: PreparedStudy, fit: InteractionFit) -> Verdict:
    used = used_reliabilities(ready.scale_reliabilities, (fit.outcome, *fit.predictors))
    known = {str(name): float(value) for name, value in used["reliability"].items() if not math.isnan(value)}
    return reach_verdict(
        fit.rows,
        outcome=fit.outcome,
        predictors=fit.predictors,
        controls=fit.controls,
        cluster=fit.cluster,
        ends={
            name: scale_ends(fit.rows[name], ready.scores.scales.get(name))
            for name in (fit.outcome, *fit.predictors)
        },
        reliability=known or None,
        draws=study.analysis.bootstrap_draws,
        seed=study.seed,
    )
