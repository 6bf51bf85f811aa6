"""The main result with and without the people whose answers look careless."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.interaction import InteractionFit
from si_research.model.joint import JointTest, joint_test
from si_research.report.describe import record
from si_research.report.findings import ScreeningComparison
from si_research.report.suppression import is_small
from si_research.study.study_file import StudyFile
from si_research.survey.screening.flags import USUAL_AT_LEAST, Screening, careless_rows

_COLUMNS: Final = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


def compare_screening(
    study: StudyFile,
    screening: Screening,
    everybody: pd.DataFrame,
    main: tuple[InteractionFit, JointTest],
    fit: Callable[[pd.DataFrame], InteractionFit],
) -> ScreeningComparison:
    """Set the main result beside that of the other choice: with, or without, who looks careless.

    The joint test draws the same signs as that of the study. Where the two differ by fewer than five people
    nothing is compared: the difference would tell how these few answered.

    Parameters
    ----------
    study : StudyFile
    screening : Screening
        Of everybody.
    everybody : pandas.DataFrame
        Scores, before anybody is left out for careless responding.
    main : tuple of InteractionFit and JointTest
        The result of the study.
    fit : callable
        From a table of scores to the fit that the study asks for.

    Returns
    -------
    ScreeningComparison
    """
    drop = study.screening.drop
    least = USUAL_AT_LEAST if drop is None else drop.at_least
    others = everybody if drop is not None else everybody.loc[~careless_rows(screening, least)]
    outcome, table = "too_few", pd.DataFrame(columns=["n_used", "term", *_COLUMNS])
    if not is_small(abs(len(others) - main[0].n_rows)):
        try:
            other = fit(others)
        except (ModelSpecificationError, SurveyDataError):
            outcome = "not_possible"
        else:
            if not is_small(abs(other.n_used - main[0].n_used)):
                joint = joint_test(other, draws=study.analysis.bootstrap_draws, seed=study.seed)
                both = {"with": main, "without": (other, joint)}
                if drop is not None:
                    both = {"with": (other, joint), "without": main}
                outcome = "compared"
                table = pd.DataFrame([{"people": name, **_row(*pair)} for name, pair in both.items()])
                table = table.set_index("people")
    return ScreeningComparison(least, drop is not None, outcome, table)


def _row(fit: InteractionFit, joint: JointTest) -> dict[str, object]:
    highest = record(fit.coefficients, fit.tested_term)
    return {
        "n_used": fit.n_used,
        "term": fit.tested_term,
        **{name: float(highest[name]) for name in _COLUMNS},
        "r2": fit.r2,
        "joint_r2_gain": joint.r2_gain,
        "joint_p_value": joint.p_value,
    }
