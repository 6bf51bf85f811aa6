"""Leaving out whose answers look careless: only where a study asks for it, and as a step of the ledger."""

from __future__ import annotations

from si_research.survey.cleaning_steps import apply_step
from si_research.survey.codebook import Codebook
from si_research.survey.screening.cut_offs import ScreeningRules
from si_research.survey.screening.plan import plan_screening
from si_research.survey.survey_data import Survey


def drop_careless(survey: Survey, codebook: Codebook, rules: ScreeningRules) -> Survey:
    """Leave out who is marked by so many kinds of evidence as the rules say, and record it.

    Use it after :func:`clean_survey`, and only when it was decided before looking at the result.

    Parameters
    ----------
    survey : Survey
        Cleaned answers.
    codebook : Codebook
    rules : ScreeningRules
        Without ``drop`` the survey comes back as it is.

    Returns
    -------
    Survey
        With one row more in its ledger (``screening``), which holds all that decides and can be replayed.

    Raises
    ------
    SurveyDataError
        There are fewer than five questions to screen, or nobody is left.
    """
    if rules.drop is None:
        return survey
    plan = plan_screening(codebook, rules)
    return apply_step(survey, "screening", "answers that look careless", plan.model_dump(mode="json"))
