"""With which other organisations one is compared: those of its sector, of its size class, or both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from si_research.model.design import text_column
from si_research.practice.diagnosis.comparison_groups import GroupComparison, compare_with_groups
from si_research.practice.diagnosis.diagnosis import Diagnosis
from si_research.practice.diagnosis.size_class import DEFINITIONS, size_class
from si_research.report.diagnosis_gate import is_published, told_units
from si_research.report.findings import VariableFacts
from si_research.study.analysis import PreparedStudy
from si_research.survey.codebook import Codebook, RoleName

SECTOR, SIZE_CLASS = "sector", "size_class"
SIZE_CLASSES: Final = (SIZE_CLASS, *(f"{SIZE_CLASS}_{definition}" for definition in DEFINITIONS))
"""In the words of the file, or by a definition."""


def group_comparisons(
    found: Diagnosis, table: pd.DataFrame, ready: PreparedStudy, codebook: Codebook, definition: str
) -> tuple[GroupComparison, ...]:
    """Compare each organisation with those of its sector, of its size class, and of both.

    Only organisations that are told of count, so that no mean of others gives away one that is not. In a
    publication there are none: with its sector and size an organisation has a name.
    """
    unit = found.unit[0]
    values = _characteristics(ready, codebook, definition)
    if is_published() or not values:
        return ()
    told = told_units(found.units.reset_index().to_dict("records"))  # type: ignore[arg-type]
    own = found.units[(found.units["level"] == unit) & found.units.index.isin(list(told))]
    units = text_column(table[unit])
    frame = pd.DataFrame({unit: units})
    for name, column in values.items():
        frame[name] = text_column(column.loc[table.index]).where(units.isin(set(own[unit])))
    ways = [(name,) for name in values] + ([tuple(values)] if len(values) > 1 else [])
    return tuple(compare_with_groups(found, frame, by=by) for by in ways)


def _characteristics(ready: PreparedStudy, codebook: Codebook, definition: str) -> Mapping[str, pd.Series]:
    """Return the sector and size class of the organisation in each row, where the codebook names them."""
    found: dict[str, pd.Series] = {}
    sector, people = codebook.variable_of_role("sector"), codebook.variable_of_role("headcount")
    if sector is not None:
        found[SECTOR] = ready.survey.values[sector]
    if people is not None and codebook.variable(people).kind == "number":
        classes = size_class(ready.survey.values, people, definition=definition)
        found[str(classes.name)] = classes
    elif people is not None:
        found[SIZE_CLASS] = ready.survey.values[people]
    return found


def group_facts(codebook: Codebook) -> dict[str, VariableFacts]:
    """Return the words of the codebook for sectors and for size classes that the file has in words."""
    names: tuple[tuple[str, RoleName], ...] = ((SECTOR, "sector"), (SIZE_CLASS, "headcount"))
    facts = {}
    for column, role in names:
        variable = codebook.variables.get(codebook.variable_of_role(role) or "")
        if variable is not None:
            facts[column] = VariableFacts(column, variable.label_nl, variable.label_en, variable.labels)
    return facts
