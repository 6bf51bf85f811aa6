"""How the rows of a file became the people of an analysis: who was left out at which step, and why."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

from si_research.survey.ledger import Ledger, counts_of


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One step that changed the number of rows.

    Attributes
    ----------
    place : int
        Of the step in the ledger, from 1.
    step : str
        Its name in the ledger.
    reason : str
        Why, in the words of the ledger.
    n_in, n_out : int
        Rows before and after.
    left_out : tuple of (str, int)
        Rows that left, by why.
    """

    place: int
    step: str
    reason: str
    n_in: int
    n_out: int
    left_out: tuple[tuple[str, int], ...]

    @property
    def n_left_out(self) -> int:
        """Rows that left; none where rows were made."""
        return max(self.n_in - self.n_out, 0)


@dataclass(frozen=True, slots=True)
class Flow:
    """The number of rows from the file to the end. Made by :func:`flow_of`.

    Attributes
    ----------
    offered : int
        Rows in the file.
    steps : tuple of FlowStep
        Only those that changed the number of rows, oldest first.
    """

    offered: int
    steps: tuple[FlowStep, ...]

    @property
    def used(self) -> int:
        """Rows at the end."""
        return self.steps[-1].n_out if self.steps else self.offered

    def table(self) -> pd.DataFrame:
        """Return one row a step and why: step, reason, n_in, why, n_left_out, n_out."""
        rows = [
            (each.step, each.reason, each.n_in, why, n, each.n_out)
            for each in self.steps
            for why, n in each.left_out or (("", 0),)
        ]
        return pd.DataFrame(rows, columns=["step", "reason", "n_in", "why", "n_left_out", "n_out"])

    def __str__(self) -> str:
        lines = [f"{self.offered} rows in the file"]
        for each in self.steps:
            listed = ", ".join(f"{why} {n}" for why, n in each.left_out)
            lines.append(f"{each.step}: {each.n_in} -> {each.n_out}" + (f" ({listed})" if listed else ""))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def flow_of(ledger: Ledger) -> Flow:
    """Return how many rows each step of a ledger left.

    Use it for a flow diagram as CONSORT and STROBE ask for. The counts are exact: what goes into a report
    passes :func:`si_research.report.flow.shown_flow` first, which hides the small ones.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    Flow
        Each step starts with the rows that the one before left.

    References
    ----------
    von Elm, E., et al. (2007). The Strengthening the Reporting of Observational Studies in Epidemiology
    (STROBE) statement. PLoS Medicine, 4(10), e296. https://doi.org/10.1371/journal.pmed.0040296

    Examples
    --------
    >>> from si_research.survey.ledger import Tally, record_step
    >>> ledger = record_step(
    ...     Ledger(), "duplicates", "rule", "a respondent counts once", {}, before=Tally(10, 40),
    ...     after=Tally(8, 33), counts={"left_out": {"repeated": 2}},
    ... )
    >>> print(flow_of(ledger))
    10 rows in the file
    duplicates: 10 -> 8 (repeated 2)
    """
    steps = ledger.steps
    found = []
    for place, row in enumerate(steps.itertuples(), start=1):
        n_in, n_out = int(str(row.rows_before)), int(str(row.rows_after))
        if n_in == n_out:
            continue
        whole = {str(row.step): n_in - n_out} if n_in > n_out else {}
        counted = counts_of(ledger, place - 1).get("left_out", {}) if n_in > n_out else {}
        left_out = counted if sum(counted.values()) == n_in - n_out else whole
        found.append(FlowStep(place, str(row.step), str(row.reason), n_in, n_out, tuple(left_out.items())))
    return Flow(int(steps["rows_before"].iloc[0]) if len(steps) else 0, tuple(found))
