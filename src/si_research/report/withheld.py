"""The log of what a publication withholds: by which rule, where, and of how many people.

It holds the true numbers, so that it is as confidential as the raw file: it stands beside that, and never
among the outputs.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, NamedTuple

import pandas as pd

OWN_FILES: Final = ("suppression.py", "withheld.py")


class Withheld(NamedTuple):
    """One thing that was not told, or told as something else: the rule, the function that asked, people."""

    rule: str
    place: str
    n: float


_LOG: Final[ContextVar[Counter[Withheld] | None]] = ContextVar("withheld", default=None)


@contextmanager
def logging_withheld() -> Iterator[Counter[Withheld]]:
    """Write down what is withheld inside.

    Examples
    --------
    >>> from si_research.report.suppression import is_small
    >>> with logging_withheld() as log:
    ...     is_small(3)
    True
    >>> withheld_table(log)[["rule", "n", "times"]].values.tolist()
    [['small', 3.0, 1]]
    """
    log: Counter[Withheld] = Counter()
    before = _LOG.set(log)
    try:
        yield log
    finally:
        _LOG.reset(before)


def log_withheld(rule: str, n: float) -> None:
    """Write down that a rule withheld something of so many people; nothing where nobody keeps a log."""
    log = _LOG.get()
    if log is not None and n > 0:
        log[Withheld(rule, _place(), float(n))] += 1


def withheld_table(log: Counter[Withheld]) -> pd.DataFrame:
    """Return the log: rule, place, n, and how many times it came up; the same for the same findings."""
    rows = sorted((*each, times) for each, times in log.items())
    return pd.DataFrame(rows, columns=["rule", "place", "n", "times"])


def _place() -> str:
    """Return the function of the toolkit that asked: the first one outside the rules themselves."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("si_research.") and not frame.f_code.co_filename.endswith(OWN_FILES):
            return f"{module.removeprefix('si_research.')}.{frame.f_code.co_name}"
        frame = frame.f_back
    return ""
