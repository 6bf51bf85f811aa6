"""What every check returns: a question, an answer that may be "cannot tell", and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import pandas as pd

_ANSWERS = {True: "passed", False: "not passed", None: "no verdict"}


@dataclass(frozen=True, slots=True, eq=False)
class CheckResult:
    """The answer to one question about the data or a model. Made by the ``check_`` functions.

    Attributes
    ----------
    name : str
        Identifier of the check, such as ``"direction"``.
    question : str
        What is asked, in one sentence.
    passed : bool or None
        None when there is no honest verdict.
    text : str
        The answer in words, with proposals where something can be done.
    rule : str
        The threshold that decides, and its source.

    Examples
    --------
    >>> print(CheckResult("size", "Are there enough rows?", True, pd.DataFrame(), "30 rows.", "20 or more"))
    Are there enough rows? passed
    30 rows.
    rule: 20 or more
    """

    name: str
    question: str
    passed: bool | None
    table_: pd.DataFrame = field(repr=False)
    text: str
    rule: str

    def table(self) -> pd.DataFrame:
        """Return a copy of the figures behind the answer."""
        return self.table_.copy()

    def __str__(self) -> str:
        return f"{self.question} {_ANSWERS[self.passed]}\n{self.text}\nrule: {self.rule}"

    def _repr_html_(self) -> str:
        table = self.table_.to_html(index=False, float_format=lambda number: f"{number:.3f}")
        return f"<pre>{escape(str(self))}</pre>{table}"
