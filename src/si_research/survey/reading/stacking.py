"""Waves side by side in a file become one row a respondent and wave."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.survey.codebook import Codebook, Part
from si_research.survey.ledger import record_step
from si_research.survey.survey_data import REASON_DTYPE, Survey, tally

NO_SIGN: Final = ("unanswered", "not_asked", "routed_past", "declared_missing")
"""Reasons that a file gives for who was not there just as well."""


class WaveRule(Part):
    """Which columns, by the name under which they were read, are one variable in which wave."""

    variable: str
    """The variable that will hold the wave."""
    order: tuple[str, ...]
    columns: dict[str, dict[str, str]]


def name_of_cell(name: str, wave: str | None) -> str:
    """Return the name under which one wave of a variable is read, before the waves are stacked.

    Examples
    --------
    >>> name_of_cell("k1", "t2"), name_of_cell("age", None)
    ('k1 (t2)', 'age')
    """
    return name if wave is None else f"{name} ({wave})"


def wave_rule_of(codebook: Codebook) -> WaveRule | None:
    """Return how a codebook stacks waves; None for a file with one row a respondent and wave already."""
    variable = codebook.variable_of_role("wave")
    if not codebook.wave_order or variable is None:
        return None
    by_name = {name: codebook.columns_of(name) for name in codebook.used_names}
    return WaveRule(
        variable=variable,
        order=codebook.wave_order,
        columns={
            name: {wave: name_of_cell(name, wave) for wave in waves if wave is not None}
            for name, waves in by_name.items()
            if waves and None not in waves
        },
    )


def stack_waves(survey: Survey, rule: WaveRule) -> Survey:
    """Make one row a respondent and wave, and write in the ledger what that did.

    Parameters
    ----------
    survey : Survey
        As read, one row a row of the file.
    rule : WaveRule
        From :func:`wave_rule_of`, or from a ledger.

    Returns
    -------
    Survey
        Index ``row``: the row in the file with its wave, such as ``12 (t2)``; rows of one respondent stand
        together. What has no column a wave is repeated.

    Notes
    -----
    A wave in which a respondent gave no answer and no reason of their own (does not know, refused, does not
    apply) is not made: empty cells and codes such as -99 for who was not asked are no sign that anybody was
    there. A respondent for whom this holds in all waves keeps the first one, so that a later step leaves them
    out with a count. What was not asked in a wave is missing as ``not_asked``.
    """
    made = _waves_made(survey.reasons, rule)
    parts = [_one_wave(survey, rule, wave, made[wave]) for wave in rule.order]
    file_rows = np.concatenate([np.flatnonzero(made[wave].to_numpy()) for wave in rule.order])
    order = np.argsort(file_rows, kind="stable")
    values, reasons = (pd.concat([part[place] for part in parts]).iloc[order] for place in (0, 1))
    index = _index(values, survey.values.index[file_rows[order]], rule.variable)
    responses = survey.responses
    if responses is not None:
        responses = responses.iloc[file_rows[order]].assign(wave=values[rule.variable].to_numpy())
        responses = responses.set_axis(index)
    stacked = replace(
        survey, values=values.set_axis(index), reasons=reasons.set_axis(index), responses=responses
    )
    ledger = record_step(
        survey.ledger,
        "stack_waves",
        _words(made, rule),
        "the file holds the waves side by side",
        {"waves": rule.model_dump(mode="json")},
        before=tally(survey.values),
        after=tally(stacked.values),
        counts={"file": {"respondents": len(made)}, "left_out": _empty(made)},
    )
    return replace(stacked, ledger=ledger)


def _waves_made(reasons: pd.DataFrame, rule: WaveRule) -> pd.DataFrame:
    """Mark, by row of the file, the waves in which somebody was there: an answer, or an own reason."""
    made = {}
    for wave in rule.order:
        cells = [cells[wave] for cells in rule.columns.values() if wave in cells]
        made[wave] = (~reasons[cells].isin(NO_SIGN)).any(axis=1)
    table = pd.DataFrame(made, index=reasons.index)
    table[rule.order[0]] |= ~table.any(axis=1)
    return table


def _one_wave(
    survey: Survey, rule: WaveRule, wave: str, there: pd.Series[Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return answers and reasons of one wave, under the names of the codebook."""
    n_rows = int(there.sum())
    index = survey.values.index[there]
    values: dict[str, pd.Series[Any]] = {}
    reasons: dict[str, pd.Series[Any]] = {}
    for name in _carried(survey, rule):
        values[name], reasons[name] = survey.values[name], survey.reasons[name]
    values[rule.variable] = pd.Series(wave, index=index, dtype="str")
    reasons[rule.variable] = _reasons(None, index)
    for name, cells in rule.columns.items():
        if wave in cells:
            values[name], reasons[name] = survey.values[cells[wave]], survey.reasons[cells[wave]]
        else:
            dtype = survey.values[next(iter(cells.values()))].dtype
            values[name] = pd.Series(np.full(n_rows, np.nan), index=index).astype(dtype)
            reasons[name] = _reasons("not_asked", index)
    return tuple(  # type: ignore[return-value]
        pd.DataFrame({name: column.reindex(index) for name, column in columns.items()}, index=index)
        for columns in (values, reasons)
    )


def _carried(survey: Survey, rule: WaveRule) -> tuple[str, ...]:
    """Return what is the same in every wave: the respondent, the firm, the arm."""
    in_waves = {cell for cells in rule.columns.values() for cell in cells.values()}
    return tuple(str(name) for name in survey.values if name not in in_waves)


def _reasons(reason: str | None, index: pd.Index[Any]) -> pd.Series[Any]:
    code = -1 if reason is None else REASON_DTYPE.categories.get_loc(reason)
    codes = np.full(len(index), code, dtype=np.int8)
    return pd.Series(pd.Categorical.from_codes(codes, dtype=REASON_DTYPE), index=index)


def _index(values: pd.DataFrame, file_rows: pd.Index[Any], variable: str) -> pd.Index[Any]:
    rows = pd.Series(file_rows.to_numpy()).astype("str")
    waves = values[variable].reset_index(drop=True)
    return pd.Index(rows + " (" + waves + ")", name="row")


def _words(made: pd.DataFrame, rule: WaveRule) -> str:
    empty = _empty(made)
    each = ", ".join(f"{wave} {count}" for wave, count in empty.items())
    listed = f" ({each})" if each else ""
    return (
        f"{len(made)} rows with {len(rule.order)} waves side by side ({', '.join(rule.order)}): one row a "
        f"respondent and wave; not made, because it holds no answer: {sum(empty.values())}{listed}"
    )


def _empty(made: pd.DataFrame) -> dict[str, int]:
    """Return how many respondents have nothing in a wave, where there are such."""
    return {str(wave): int(count) for wave, count in (~made).sum().items() if count}
