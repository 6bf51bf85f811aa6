"""How far people of a unit differ, and units of each level."""

from __future__ import annotations

import numpy as np
import pandas as pd

from si_research.practice.diagnosis.evidence import Evidence
from si_research.practice.diagnosis.people import People
from si_research.practice.diagnosis.tree_fit import TreeFit


def spread_table(people: People, evidence: Evidence, fit: TreeFit) -> pd.DataFrame:
    """Return how far people and units of each level differ on each condition."""
    within = np.diagonal(fit.S) * evidence.scale**2
    between = [np.diagonal(T) * evidence.scale**2 for T in fit.T]
    if not fit.shrunk:
        between[0] = np.full(len(within), np.nan)
    total = within + sum(between)
    frames = [
        pd.DataFrame(
            {
                "n_units": int(people.tree.known(level).sum()),
                "sd_between": np.sqrt(own),
                "sd_within": np.sqrt(within),
                "icc": own / total,
                "grand_mean": fit.passed.mean * evidence.scale + evidence.centre,
                "std_error": np.sqrt(np.diagonal(fit.passed.cov)) * evidence.scale,
                "n_used": int(evidence.n_people.sum()),
            },
            index=pd.MultiIndex.from_product([[name], people.predictors], names=["level", "condition"]),
        )
        for level, (name, own) in enumerate(zip(people.tree.names, between, strict=True))
    ]
    return pd.concat(frames)
