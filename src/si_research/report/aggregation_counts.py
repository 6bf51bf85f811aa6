"""What may be shown of the averages of firms: nothing of fewer than five people or five firms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from si_research.report.suppression import (
    is_exact,
    is_published,
    is_small,
    merge_small_neighbours,
    told_of_all,
)

if TYPE_CHECKING:
    from si_research.measurement.aggregation import Aggregation
    from si_research.measurement.agreement import WithinGroupAgreement

N_BARS = 10


def shown_aggregation(found: Aggregation) -> dict[str, Any]:
    """Return the figures of one scale; counts of one to four, and figures of fewer than five firms, missing.

    Returns
    -------
    dict
        n_scored (people with a score; everybody, where fewer than five have none), n_left_out (of an
        unknown firm, or the only one of theirs), n_single (of these, the only one of theirs), n_groups; icc1,
        conf_low, conf_high, statistic, p_value, icc2; n_complete (people with all answers, told likewise),
        n_agreement_left_out, n_agreement_groups; uniform, slight_skew (median r_wg(j)), ad_mean, ad_limit,
        n_below_null (groups whose people differ more than under the uniform null).
    """
    scored, left_out = found.n_rows - found.n_no_score, found.n_no_group + found.n_single
    n_scored = told_of_all(scored, found.n_rows)
    n_complete = told_of_all(found.n_complete, scored, found.n_rows)
    exact = is_exact(n_scored, scored) and is_exact(n_complete, found.n_complete)
    away = found.n_complete - found.n_agreement
    told = _told(found.n_no_group) and _told(left_out)
    return {
        "n_scored": _count(n_scored),
        "n_left_out": _count(left_out),
        "n_single": _count(found.n_single) if told else np.nan,
        "n_groups": float(found.n_groups),
        **_as_told(_differences(found), exact),
        "n_complete": _count(n_complete),
        "n_agreement_left_out": _count(away),
        "n_agreement_groups": float(found.n_agreement_groups),
        **_as_told(_agreement(found), exact),
    }


def firms_in_bars(agreement: WithinGroupAgreement) -> pd.DataFrame:
    """Return how the firms of five people and more are spread over r_wg(j); bars hold five firms or more.

    Returns
    -------
    pandas.DataFrame
        bin_low, bin_high, n (firms), height (share of the firms per single bar). Empty with fewer than five.
    """
    large = agreement.groups.loc[~agreement.groups["n_used"].map(is_small), "r_wg"]
    counts, edges = np.histogram(large, bins=np.linspace(0, 1, N_BARS + 1))
    rows = [
        (edges[run.start], edges[run.stop], int(counts[run].sum()), counts[run].mean() / len(large))
        for run in merge_small_neighbours([int(count) for count in counts])
    ]
    return pd.DataFrame(rows, columns=["bin_low", "bin_high", "n", "height"])


def is_drawn(found: Aggregation) -> bool:
    """Whether the firms of five people and more make two bars at least under each null."""
    return bool(found.agreement) and all(len(firms_in_bars(each)) > 1 for each in found.agreement)


def _as_told(figures: dict[str, float], exact: bool) -> dict[str, float]:
    """Figures to three places where n is not told: all places of F and its p tell the degrees of freedom."""
    coarse = is_published()
    places = {name: 2 if coarse and name != "p_value" else 3 for name in figures}
    return figures if exact else {name: float(np.round(each, places[name])) for name, each in figures.items()}


def _told(n: int) -> bool:
    return (n == 0 and not is_published()) or not is_small(n)


def _count(n: int) -> float:
    return float(n) if _told(n) else np.nan


def _differences(found: Aggregation) -> dict[str, float]:
    names = ("icc1", "conf_low", "conf_high", "statistic", "p_value", "icc2")
    if found.differences is None or is_small(found.n_groups):
        return dict.fromkeys(names, np.nan)
    return {name: float(getattr(found.differences, name)) for name in names}


def _agreement(found: Aggregation) -> dict[str, float]:
    names = ("uniform", "slight_skew", "ad_mean", "ad_limit", "n_below_null")
    if not found.agreement or is_small(found.n_agreement_groups):
        return dict.fromkeys(names, np.nan)
    first = found.agreement[0]
    return {
        "uniform": found.median("uniform"),
        "slight_skew": found.median("slight_skew"),
        "ad_mean": found.ad_mean,
        "ad_limit": first.ad_limit,
        "n_below_null": _count(int((first.groups["r_wg_lindell"] < 0).sum())),
    }
