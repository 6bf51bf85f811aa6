"""The audit trail of a survey: every step that touched it, with what it left.

A ledger holds rules and counts, never an answer: it can be shown to anybody. The parameters of a
step are complete enough for :func:`si_research.survey.replay.replay` to do the step again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, Final

import pandas as pd

from si_research.errors import SurveyDataError

COUNTS: Final = ("rows_before", "rows_after", "cells_before", "cells_after", "cells_changed")
COLUMNS: Final = ("step", "rule", "reason", *COUNTS, "parameters", "counts")

Parameters = Mapping[str, Any]
Counts = Mapping[str, Mapping[str, int]]
"""What a step counted, by kind: ``left_out`` (rows, by why), ``cells`` (changed, by how), ``kept`` (looked at
and left as it was), ``file`` (of the file as a whole), ``columns`` (outside), and columns that tell of a
person, by kind: ``kept_out``, ``let_in``."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How much there is: respondents, and answers that are not missing.

    Attributes
    ----------
    rows, cells : int
        Rows; cells that hold an answer in the columns that the codebook names.
    """

    rows: int
    cells: int


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """The steps that led from a raw file to the data at hand, oldest first.

    Attributes
    ----------
    steps : pandas.DataFrame, one row a step
        Columns step (identifier), rule (what was done), reason (why), rows_before, rows_after,
        cells_before, cells_after (answers that are not missing), cells_changed (cells that became another
        value, missing, or missing for another reason, or that were written otherwise; in the rows that
        stay), parameters (JSON: all that decides the outcome) and counts (JSON: what was counted, by kind).

    Examples
    --------
    >>> ledger = record_step(
    ...     Ledger(), "selection", "keep: employed = 1", "only employees", {"keep": ["1"]},
    ...     before=Tally(10, 40), after=Tally(8, 33),
    ... )
    >>> print(ledger)
    selection: keep: employed = 1 (10 -> 8 rows, 40 -> 33 answers, 0 changed)
    """

    steps: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(
            {name: pd.Series(dtype="int64" if name in COUNTS else "str") for name in COLUMNS}
        ),
        repr=False,
    )

    def table(self) -> pd.DataFrame:
        """Return a copy of the steps."""
        return self.steps.copy()

    def to_csv(self, path: Path) -> None:
        """Write the ledger as UTF-8 text separated by commas, the same bytes for the same ledger."""
        self.steps.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")

    def __str__(self) -> str:
        return "\n".join(
            f"{step.step}: {step.rule} ({step.rows_before} -> {step.rows_after} rows, "
            f"{step.cells_before} -> {step.cells_after} answers, {step.cells_changed} changed)"
            for step in self.steps.itertuples()
        )

    def _repr_html_(self) -> str:
        shown = self.steps.drop(columns=["parameters", "counts"])
        return str(shown.to_html(index=False)) if len(shown) else f"<pre>{escape('no steps')}</pre>"


def record_step(
    ledger: Ledger,
    step: str,
    rule: str,
    reason: str,
    parameters: Parameters,
    *,
    before: Tally,
    after: Tally,
    cells_changed: int = 0,
    counts: Counts | None = None,
) -> Ledger:
    """Return the ledger with one step more; the ledger that was given stays as it is."""
    row = {
        "step": step,
        "rule": rule,
        "reason": reason,
        "rows_before": before.rows,
        "rows_after": after.rows,
        "cells_before": before.cells,
        "cells_after": after.cells,
        "cells_changed": cells_changed,
        "parameters": json.dumps(parameters, ensure_ascii=False),
        "counts": json.dumps({kind: dict(each) for kind, each in (counts or {}).items()}, ensure_ascii=False),
    }
    return Ledger(
        pd.concat([ledger.steps, pd.DataFrame([row]).astype(ledger.steps.dtypes)], ignore_index=True)
    )


def parameters_of(ledger: Ledger, step: str) -> dict[str, Any]:
    """Return the parameters of the first step of that name.

    Raises
    ------
    SurveyDataError
        The ledger has no such step.
    """
    found = ledger.steps.loc[ledger.steps["step"] == step, "parameters"]
    if found.empty:
        raise SurveyDataError(
            expected=f"a ledger with a step {step}",
            found=f"the steps {', '.join(ledger.steps['step']) or 'none'}",
            where="the ledger",
            todo="give the ledger that came with the data, whole and unchanged",
        )
    return dict(json.loads(found.iloc[0]))


def counts_of(ledger: Ledger, place: int) -> dict[str, dict[str, int]]:
    """Return what the step at a place (counted from 0) counted, by kind."""
    return dict(json.loads(str(ledger.steps["counts"].iloc[place])))


def read_ledger(path: Path) -> Ledger:
    """Read a ledger that :meth:`Ledger.to_csv` wrote.

    Parameters
    ----------
    path : Path
        A file such as ``ledger.csv``.

    Returns
    -------
    Ledger

    Raises
    ------
    SurveyDataError
        The file is not a ledger.
    """
    types = {name: "int64" if name in COUNTS else "str" for name in COLUMNS}
    try:
        steps = pd.read_csv(path, dtype=types, keep_default_na=False, encoding="utf-8")
    except (ValueError, OSError) as error:
        raise _not_a_ledger(path, "a file that cannot be read as one") from error
    if tuple(steps.columns) != COLUMNS:
        raise _not_a_ledger(path, "other columns")
    return Ledger(steps)


def _not_a_ledger(path: Path, found: str) -> SurveyDataError:
    return SurveyDataError(
        expected=f"a ledger with the columns {', '.join(COLUMNS)}",
        found=found,
        where=Path(path).name,
        todo="give the ledger.csv of a run, unchanged",
    )
