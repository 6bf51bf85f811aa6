"""What may be told of the robustness checks: no estimate of a small firm, nor an extreme of one person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from si_research.model.model_checks import OBSERVED
from si_research.report.suppression import is_small

if TYPE_CHECKING:
    from si_research.model.influence import LeaveOneFirmOut
    from si_research.model.regression_diagnostics import RegressionDiagnostics
    from si_research.survey.check_result import CheckResult

LARGEST: Final = "largest "
COOK: Final = "largest Cook's distance"
COOK_LIMIT: Final = 1.0
"""Cook's distance above which one person moves all coefficients about as far as their joint uncertainty."""
COUNTS: Final = ["n_above", "n_sign_turns", "n_conclusion_turns", "n_missing"]


def told_firms(found: LeaveOneFirmOut) -> pd.DataFrame:
    """Return the rows without each firm of five people and more: all that ranges and counts are over.

    With counts over all firms, a turn outside the range told would give away that a smaller firm causes it.
    """
    return found.firms[~found.firms["n_left_out"].map(is_small)]


def n_firms_told(found: LeaveOneFirmOut) -> int:
    """Return how many firms have five people and more."""
    return len(told_firms(found)) // len(found.terms)


def shown_firms(found: LeaveOneFirmOut, term: str) -> pd.DataFrame:
    """Return the rows of a term without each firm of five people and more, the lowest estimate first.

    What is left without a smaller firm, set against what all firms give, could be solved for the answers of
    the few people in it.
    """
    rows = told_firms(found)
    here = rows["estimate"].notna() & (rows.index == term)
    return rows[here].sort_values("estimate", kind="stable")


def shown_summary(found: LeaveOneFirmOut) -> pd.DataFrame:
    """Return the summary over firms of five people and more: their extremes, and their turns.

    Returns
    -------
    pandas.DataFrame, indexed by ``term``
        As ``found.summary``; an extreme that no firm allows is missing.
    """
    rows = told_firms(found)
    by_term, size = rows.groupby(level="term", sort=False), rows["dfbetas"].abs()
    extremes = pd.DataFrame(
        {
            "estimate_low": by_term["estimate"].min(),
            "estimate_high": by_term["estimate"].max(),
            "p_low": by_term["p_value"].min(),
            "p_high": by_term["p_value"].max(),
            "largest_dfbetas": size.groupby(level="term").max(),
            "n_above": (size > float(found.summary["threshold"].iloc[0])).groupby(level="term").sum(),
            "n_sign_turns": by_term["sign_turns"].sum(),
            "n_conclusion_turns": by_term["conclusion_turns"].sum(),
            "n_missing": (rows["note"] != "").groupby(level="term").sum(),
        }
    )
    shown = found.summary.drop(columns=list(extremes)).join(extremes, how="left")
    shown[COUNTS] = shown[COUNTS].fillna(0).astype("int64")
    return shown[list(found.summary.columns)]


def shown_ceiling(found: CheckResult) -> pd.DataFrame:
    """Return the ends of each scale with the share of people there; nothing of fewer than five of them.

    Returns
    -------
    pandas.DataFrame, indexed by ``score``
        ``lowest``, ``highest``, ``share_lowest``, ``share_highest`` (missing where it may not be told),
        ``floor``, ``ceiling``, ``n_used``.
    """
    table = found.table_.copy()
    for end, kind in (("lowest", "floor"), ("highest", "ceiling")):
        few = table[f"n_{end}"].map(is_small)
        table[f"share_{end}"] = table[f"share_{end}"].mask(few)
        table[end] = table[end].astype("float64").mask(few & (table["ends"] == OBSERVED))
        table[kind] = table[kind] & ~few
    return table[["lowest", "highest", "share_lowest", "share_highest", "floor", "ceiling", "n_used"]]


def shown_diagnostics(found: RegressionDiagnostics, hidden: frozenset[str]) -> pd.DataFrame:
    """Return the diagnostics without those of a single person, and without ``hidden`` terms."""
    left_out = {f"VIF {term}" for term in hidden}
    names = [
        name
        for name in found.diagnostics.index
        if not str(name).startswith(LARGEST) and str(name) not in left_out
    ]
    return found.diagnostics.loc[names]


def one_person_weighs(found: RegressionDiagnostics) -> bool:
    """Whether some single person moves the coefficients that far; by how much is not told."""
    return bool(found.diagnostics["statistic"][COOK] > COOK_LIMIT)
