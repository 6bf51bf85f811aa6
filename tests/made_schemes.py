"""Schemes whose effect is known: people in firms, some with the scheme from a wave on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

NAMES = ("kunnen", "willen", "mogen", "innovative_behaviour")


def made_scheme(
    *,
    n_firms: int = 60,
    people: int = 25,
    waves: int = 2,
    starts: Sequence[float] = (1,),
    effects: Mapping[str, float] | None = None,
    growth: float = 0.0,
    icc: float = 0.1,
    names: Sequence[str] = NAMES,
    seed: int,
) -> pd.DataFrame:
    """Return firms of 15 to 35 people (by default 25 on average), new people in each wave.

    Half of the firms have the scheme, starts dealt out in turn. Scores have variance 1, ``icc`` of it between
    firms; every wave adds .1. The effect is ``effects`` in the wave of the start, and ``growth`` more in each
    wave after it.
    """
    rng = np.random.default_rng(seed)
    effects = effects or {}
    low, high = max(1, people - 10), people + 10
    start = np.full(n_firms, np.inf)
    start[: n_firms // 2] = np.resize(np.asarray(starts, dtype="float64"), n_firms // 2)
    level = {name: rng.normal(0, np.sqrt(icc), n_firms) for name in names}
    parts = []
    for wave in range(waves):
        firm = np.repeat(np.arange(n_firms), rng.integers(low, high + 1, n_firms))
        since = np.where(wave >= start, wave - np.where(np.isfinite(start), start, 0), 0)[firm]
        on = (wave >= start)[firm]
        part = {"firm": firm, "wave": wave, "start": np.where(np.isfinite(start), start, np.nan)[firm]}
        for name in names:
            lift = on * (effects.get(name, 0.0) + (growth * since if name in effects else 0.0))
            part[name] = level[name][firm] + rng.normal(0, np.sqrt(1 - icc), len(firm)) + 0.1 * wave + lift
        parts.append(pd.DataFrame(part))
    scores = pd.concat(parts, ignore_index=True)
    return scores.assign(scheme=scores["start"].notna().astype("int64"))
