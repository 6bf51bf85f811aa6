"""Bottleneck tables that a report can show: what a level of the outcome asks, and nobody's own score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from si_research.model.arguments import check_kind
from si_research.model.necessity.bottlenecks import ACTUAL, bottlenecks
from si_research.model.necessity.ceiling_fits import CR_FDH, CR_VRS, QR
from si_research.model.necessity.necessity import Necessity
from si_research.report.necessity_plot import tells_of_nobody

LINES: Final = (CR_FDH, QR, CR_VRS)
NOT_TOLD: Final = "–"


def bottlenecks_for_report(found: Necessity, *, levels: Sequence[float]) -> pd.DataFrame:
    """Return which score on each condition a level of the outcome asks for, for a report.

    Parameters
    ----------
    found : Necessity
        With CR-FDH, the quantile line or CR-VRS: for each condition the first of these is taken that nobody
        can be recognised from.
    levels : sequence of float
        Outcomes, in scale points.

    Returns
    -------
    pandas.DataFrame, indexed by ``outcome``
        A column a condition, texts: a score of two decimals, ``NN`` (not necessary), ``NA`` (more than
        anybody has), ``-`` (no ceiling) or a dash, where every line rests on so few people that somebody
        could be recognised. ``attrs["n_used"]``: people, a condition each.

    Notes
    -----
    Step ceilings are left out: each of their required scores is the score of one person.
    """
    todo = "give what describe_necessity returns"
    check_kind(found, Necessity, "a Necessity", "`found` of bottlenecks_for_report", todo)
    rows = bottlenecks(found, x_unit=ACTUAL, y_unit=ACTUAL, steps=list(levels)).levels
    table = pd.DataFrame(index=pd.Index(list(levels), dtype="float64", name="outcome"))
    for condition in found.predictors:
        table[condition] = NOT_TOLD
        own = rows[rows["condition"] == condition]
        for name in [each for each in LINES if (condition, each) in found.ceilings]:
            line = own[own["ceiling"] == name]
            if tells_of_nobody(found.ceilings[condition, name]) or (line["code"] != "").all():
                cells = zip(line["code"], line["required"], strict=True)
                table[condition] = [code or f"{score:.2f}" for code, score in cells]
                break
    table.attrs["n_used"] = rows.groupby("condition", sort=False)["n_used"].first().to_dict()
    return table
