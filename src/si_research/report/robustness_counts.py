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
OF_FIRMS: Final = ["estimate_low", "estimate_high", "p_low", "p_high", "largest_dfbetas"]


def shown_firms(found: LeaveOneFirmOut, term: str) -> pd.DataFrame:
    """Return the rows of a term without each firm of five people and more, the lowest estimate first.

    What is left without a smaller firm, set against what all firms give, could be solved for the answers of
    the few people in it.
    """
    rows = found.firms.loc[[term]]
    told = rows["estimate"].notna() & ~rows["n_left_out"].map(is_small)
    return rows[told].sort_values("estimate", kind="stable")


def shown_summary(found: LeaveOneFirmOut) -> pd.DataFrame:
    """Return the summary with extremes over firms of five people and more; turns are counted over all firms.

    Returns
    -------
    pandas.DataFrame, indexed by ``term``
        As ``found.summary``; what no firm allows is missing.
    """
    rows = pd.concat([shown_firms(found, term) for term in found.terms])
    by_term, size = rows.groupby(level="term", sort=False), rows["dfbetas"].abs()
    extremes = pd.DataFrame(
        {
            "estimate_low": by_term["estimate"].min(),
            "estimate_high": by_term["estimate"].max(),
            "p_low": by_term["p_value"].min(),
            "p_high": by_term["p_value"].max(),
            "largest_dfbetas": size.groupby(level="term").max(),
        }
    )
    shown = found.summary.drop(columns=OF_FIRMS).join(extremes, how="left")
    counts = ["n_above", "n_sign_turns", "n_conclusion_turns", "n_missing"]
    return shown.astype(dict.fromkeys(counts, "int64"))[list(found.summary.columns)]


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
