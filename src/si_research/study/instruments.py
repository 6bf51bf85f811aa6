"""Were the scales the same instrument in each wave, arm or language of a study?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from si_research.measurement.factors.answers import hindrance_in
from si_research.measurement.factors.factor_fit import FactorFit, Finding
from si_research.measurement.factors.invariance import fit_invariance
from si_research.report.factor_findings import InstrumentComparison
from si_research.study.study_file import StudyFile
from si_research.survey.codebook import ROLE_COLUMNS, Codebook
from si_research.survey.survey_data import Survey

if TYPE_CHECKING:
    from si_research.study.factors import Offered

USUAL_ROLES: Final = ("wave", "arm")
FEWEST_IN_GROUP: Final = 50
MOST_GROUPS: Final = 6


def compare_instruments(
    study: StudyFile,
    codebook: Codebook,
    survey: Survey,
    offered: Offered,
    main: FactorFit,
    clusters: pd.Series[Any] | None,
) -> tuple[InstrumentComparison, ...]:
    """Compare the groups that the study asks for; by default its waves and the arms of its scheme.

    Returns
    -------
    tuple of InstrumentComparison
        One a grouping with two values or more.
    """
    asked = study.factors.groups
    found = []
    for name in USUAL_ROLES if asked is None else asked:
        values = _groups(codebook, survey, name)
        if values is None:
            continue
        values = values.loc[offered.used.index]
        if values.nunique() > 1:
            found.append(_compared(column_of(codebook, name), values, offered, main, clusters))
        elif asked is not None:
            found.append(InstrumentComparison(column_of(codebook, name), findings=(Finding("one_group"),)))
    return tuple(found)


def column_of(codebook: Codebook, name: str) -> str:
    """Return the name under which a role or a variable is known to the report."""
    for role, column in ROLE_COLUMNS.items():
        if name in (role, codebook.variable_of_role(role)):
            return column
    return name


def _groups(codebook: Codebook, survey: Survey, name: str) -> pd.Series[Any] | None:
    variable = (codebook.variable_of_role(name) if name in ROLE_COLUMNS else None) or name  # type: ignore[arg-type]
    if variable not in survey.values:
        return None
    values = survey.values[variable]
    if pd.api.types.is_float_dtype(values):
        return values.map(lambda each: f"{each:g}", na_action="ignore").astype("object")
    return values.astype("object")


def _compared(
    name: str,
    values: pd.Series[Any],
    offered: Offered,
    main: FactorFit,
    clusters: pd.Series[Any] | None,
) -> InstrumentComparison:
    """Compare the groups that are large enough, or say why that is not possible."""
    sizes = values.value_counts()
    large = sizes[sizes >= max(FEWEST_IN_GROUP, len(offered.items) + 1)]
    findings = (Finding("small_groups"),) if len(large) < len(sizes) else ()
    if not main.usable:
        return InstrumentComparison(name, findings=(Finding("no_model"),))
    if len(large) < 2:
        return InstrumentComparison(name, findings=(Finding("too_few_in_groups"),))
    if len(large) > MOST_GROUPS:
        return InstrumentComparison(name, findings=(Finding("too_many_groups"),))
    rows = values.index[values.isin(large.index)]
    answers = offered.answers.loc[rows, offered.items]
    for group in large.index:
        found = hindrance_in(answers[values.loc[rows] == group].to_numpy(dtype="float64"), offered.items)
        if found is not None:
            return InstrumentComparison(name, findings=(Finding(f"group_{found.code}", found.items),))
    invariance = fit_invariance(
        answers,
        offered.factors,
        values.loc[rows],
        missing=offered.missing,
        clusters=None if clusters is None else clusters.loc[rows],
        until="scalar",
    )
    return InstrumentComparison(name, invariance, findings, n_left_out=len(values) - len(rows))
