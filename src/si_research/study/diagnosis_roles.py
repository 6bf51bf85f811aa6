"""What employees and those who manage others answer in each organisation."""

from __future__ import annotations

from typing import Final

import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.design import text_column
from si_research.model.fit_notes import Note
from si_research.practice.diagnosis.diagnosis import Diagnosis
from si_research.practice.diagnosis.role_gap import RoleGap, diagnose_role_gap
from si_research.study.analysis import PreparedStudy
from si_research.study.open_scales import study_ends
from si_research.study.scheme_roles import WITH, WITHOUT
from si_research.survey.codebook import Codebook

MANAGES: Final = "manages others"
"""Column of the roles, beside those of the scores."""
EMPLOYEE, MANAGER = "employee", "manager"


def gap_of_roles(
    found: Diagnosis, table: pd.DataFrame, ready: PreparedStudy, codebook: Codebook
) -> tuple[RoleGap | None, tuple[Note, ...]]:
    """Return how far employees and managers differ, or why that is not told; neither without the role."""
    name = codebook.variable_of_role("manager")
    if name is None:
        return None, ()
    roles = _roles(ready.survey.values[name].loc[table.index], codebook, name)
    try:
        gap = diagnose_role_gap(
            table.assign(**{MANAGES: roles}),
            role=MANAGES,
            employees=EMPLOYEE,
            managers=MANAGER,
            unit=found.unit[0],
            predictors=found.predictors,
            ends=study_ends(table, ready.scores.scales, found.predictors),
            conf_level=found.conf_level,
            minimum=found.minimum,
        )
    except (SurveyDataError, ModelSpecificationError):  # hardly anybody in a role
        return None, (Note("gap_not_told"),)
    return gap, ()


def _roles(answers: pd.Series, codebook: Codebook, name: str) -> pd.Series:
    """Return who is an employee and who manages others; a number by the word that the codebook has for it."""
    labels = codebook.variable(name).labels
    told = text_column(answers)
    words = told.map(lambda each: str(labels.get(each, each)), na_action="ignore")
    roles = pd.Series(None, index=answers.index, dtype="object")
    for texts in (told, words):
        plain = texts.str.strip().str.lower()
        roles = roles.mask(plain.isin(WITH), MANAGER).mask(plain.isin(WITHOUT), EMPLOYEE)
    unknown = words[told.notna() & roles.isna()].nunique()
    if unknown:
        raise SurveyDataError(
            expected="`ja` and `nee`, `yes` and `no`, or 1 and 0: whether somebody manages others",
            found=f"answers that are neither ({unknown} different ones)",
            where=f"column {name}, which plays the role `manager`",
            todo="say under `labels` which answer is `ja` and which `nee`, or leave the role out",
        )
    return roles
