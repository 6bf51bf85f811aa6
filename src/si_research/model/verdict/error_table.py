"""How often the verdict is right and how often it claims what is not so: figures of a simulation."""

from __future__ import annotations

from importlib.resources import files
from io import StringIO
from typing import Final

import pandas as pd

COLUMNS: Final = [
    "world",
    "situation",
    "runs",
    "right_verdicts",
    "right",
    "error",
    "no_relation",
    "bottleneck",
    "necessary",
    "reinforcing",
    "compensating",
    "undecided",
    "first_right",
]


def error_table() -> pd.DataFrame:
    """Return the share of simulated surveys with each verdict, in worlds whose truth is known.

    Use it beside a verdict: it says how often such a verdict is right, and what it is mistaken for.

    Returns
    -------
    pandas.DataFrame, indexed by ``world`` and ``situation``
        ``runs``; ``right_verdicts``, those that hold in the world; ``right``, the share of surveys that got
        one, and ``error``, its Monte Carlo error; the share of each verdict; ``first_right``, what the
        clauses that were proposed first reach in the same surveys (decision record 0014).

    Examples
    --------
    >>> table = error_table()
    >>> bool(table.loc[("minimum", "usual"), "bottleneck"] > 0.8)
    True
    """
    text = files("si_research.model.verdict").joinpath("error_rates.csv").read_text("utf-8")
    return pd.read_csv(StringIO(text), comment="#")[COLUMNS].set_index(["world", "situation"])
