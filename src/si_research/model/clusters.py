"""How people are spread over firms, and how alike the people of one firm are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from si_research.measurement.agreement import intraclass_correlation


@dataclass(frozen=True, slots=True, eq=False)
class ClusterFacts:
    """How people are spread over firms.

    Attributes
    ----------
    n_clusters, smallest, largest : int
    median : float
    effective : float
        (sum of sizes)²/(sum of squared sizes): the number of equal firms that would weigh the same.
    icc : float
        ICC(1) of the outcome from one-way analysis of variance, with the size n0 corrected for inequality.
        Negative where people of one firm differ more than strangers do; missing when no firm has two people.
    design_effect : float
        1 + (n0 - 1)·icc: how many times a mean's variance is what it would be without firms.
    """

    n_clusters: int
    smallest: int
    median: float
    largest: int
    effective: float
    icc: float
    design_effect: float


def cluster_facts(outcome: pd.Series, clusters: pd.Series) -> ClusterFacts:
    """Describe how people are spread over firms, and how alike the people of one firm are.

    Parameters
    ----------
    outcome : pandas.Series of float
    clusters : pandas.Series
        Firm of each row; at least two different ones.

    Returns
    -------
    ClusterFacts

    Notes
    -----
    ICC as in :func:`~si_research.measurement.agreement.intraclass_correlation`.

    Examples
    --------
    >>> facts = cluster_facts(pd.Series([1.0, 2.0, 3.0, 4.0]), pd.Series(["a", "a", "b", "b"]))
    >>> facts.n_clusters, round(facts.icc, 3)
    (2, 0.778)
    """
    sizes = clusters.value_counts().to_numpy(dtype="float64")
    likeness = intraclass_correlation(outcome, clusters)
    return ClusterFacts(
        n_clusters=len(sizes),
        smallest=int(sizes.min()),
        median=float(np.median(sizes)),
        largest=int(sizes.max()),
        effective=float(sizes.sum() ** 2 / (sizes**2).sum()),
        icc=likeness.icc1,
        design_effect=1 + (likeness.corrected_size - 1) * likeness.icc1,
    )
