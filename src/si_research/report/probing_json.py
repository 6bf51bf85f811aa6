"""The interaction probed as it stands in ``results.json``: no count of people, shares in whole per cent.

Curves and maps are left out: they follow from the coefficients and their covariance, which stand under
``fit``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from si_research.report.suppression import is_small, told_of_all

if TYPE_CHECKING:
    from si_research.model.inference_comparison import InferenceComparison
    from si_research.model.johnson_neyman import JohnsonNeyman
    from si_research.model.significance_map import SignificanceMap
    from si_research.model.slope_differences import SlopeDifferences
    from si_research.model.within_between import WithinBetween
    from si_research.report.probing_findings import ProbingFindings

Plain = Callable[[Any], Any]


def shown_share(n: float, n_all: float) -> float:
    """Return the share of people in a region, in whole per cent: NaN for fewer than five, 1 for nearly all.

    A region overlaps the bars of the distribution: exact counts of both could be subtracted.

    Examples
    --------
    >>> shown_share(3, 200), shown_share(197, 200), shown_share(41, 200)
    (nan, 1.0, 0.2)
    """
    if is_small(n):
        return float("nan")
    return round(told_of_all(int(n), int(n_all)) / n_all, 2)


def shown_regions(found: JohnsonNeyman) -> pd.DataFrame:
    """Return the regions with the share of people that may be shown, without their number."""
    n_all = float(found.regions["n"].sum())
    if found.regions.columns[0] != "low":  # the remaining predictor is held at several values
        n_all /= float(len(found.lines))
    shares = [shown_share(float(n), n_all) for n in found.regions["n"]]
    return found.regions.drop(columns=["n", "share"]).assign(share=shares)


def probing_content(found: ProbingFindings, plain: Plain) -> dict[str, Any]:
    """Return what may leave the house; ``plain`` turns tables into records."""
    return {
        "differences": [_differences(each, plain) for each in found.differences],
        "regions": [_regions(each, plain) for each in found.regions],
        "maps": [_map(each, plain) for each in found.maps],
        "inference": _inference(found.inference, plain),
        "levels": found.levels,
        "within_between": None if found.split is None else _split(found.split, plain),
        "ends": plain(found.ends),
    }


def _differences(found: SlopeDifferences, plain: Plain) -> dict[str, Any]:
    """The slopes without how many are nearest: from these sums a hidden corner could be worked out."""
    return {
        "of": found.of,
        "differences": plain(found.differences),
        "slopes": plain(found.slopes.drop(columns="n_nearest")),
        "points": plain(found.points),
    }


def _regions(found: JohnsonNeyman, plain: Plain) -> dict[str, Any]:
    return {
        "of": found.of,
        "over": found.over,
        "regions": plain(shown_regions(found)),
        "bounds": plain(found.bounds),
        "lines": plain(found.lines.drop(columns=["n_significant", "share_significant"])),
    }


def _map(found: SignificanceMap, plain: Plain) -> dict[str, Any]:
    """How many points of the map there are, have people, and are significant."""
    return {
        "of": found.of,
        "over": plain(found.over),
        "counts": plain(found.counts()),
        "reach": plain(found.reach),
    }


def _inference(found: InferenceComparison, plain: Plain) -> dict[str, Any]:
    n_all = int(found.methods["n_used"].max())
    methods = found.methods.assign(n_used=[told_of_all(int(n), n_all) for n in found.methods["n_used"]])
    about = {"term": found.term, "recommended": found.recommended, "reason": found.reason}
    return about | {"methods": plain(methods)}


def _split(found: WithinBetween, plain: Plain) -> dict[str, Any]:
    return {
        "coefficients": plain(found.coefficients.reset_index()),
        "spread": plain(found.spread),
        "status": found.status,
        "n_used": found.n_used,
        "n_clusters": found.n_clusters,
        "n_alone": None if found.n_alone and is_small(found.n_alone) else found.n_alone,
    }
