"""Omega hierarchical: against psych, with a known truth, and where it does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError
from si_research.measurement import general_factor
from si_research.measurement.general_factor import omega_hierarchical

CLAIMED = {"omega_hierarchical_25_items_5_factors"}
ROTATED = 3e-5  # GPArotation stops at a slope of 1e-5


def test_against_psych(psych: Mapping[str, Any], bfi: pd.DataFrame) -> None:
    case = psych["omega_hierarchical_25_items_5_factors"]
    found = omega_hierarchical(bfi, 5)
    assert found.n_used == case["n"]
    assert found.omega_hierarchical == pytest.approx(case["omega_h"], abs=ROTATED)
    assert found.omega_total == pytest.approx(case["omega_tot"], abs=ROTATED)
    assert found.omega_limit == pytest.approx(case["omega_lim"], abs=ROTATED)
    assert found.alpha == pytest.approx(case["alpha"], abs=1e-10)
    schmid = case["schmid"]
    theirs = pd.DataFrame(schmid["values"], columns=schmid["colnames"]).astype("float64")
    assert tuple(name.removesuffix("-") for name in schmid["rownames"]) == tuple(found.loadings.index)
    assert found.turned == tuple(name[:-1] for name in schmid["rownames"] if name.endswith("-"))
    np.testing.assert_allclose(found.loadings["general"], theirs["g"], atol=ROTATED)
    np.testing.assert_allclose(found.loadings["communality"], theirs["h2"], atol=ROTATED)
    np.testing.assert_allclose(found.loadings["share_general"], theirs["p2"], atol=1e-4)
    ours = found.loadings[[f"factor_{place}" for place in range(1, 6)]].to_numpy()
    for column in ("F1*", "F2*", "F3*", "F4*", "F5*"):  # in another order, and a group may be turned round
        off = np.minimum(
            np.abs(np.abs(ours) - np.abs(theirs[[column]].to_numpy())).max(axis=0),
            np.abs(ours + theirs[[column]].to_numpy()).max(axis=0),
        )
        assert off.min() < ROTATED


def grouped(n: int, general: float, group: float, seed: int) -> pd.DataFrame:
    """Nine items of three groups: loadings on a general factor and on the group."""
    rng = np.random.default_rng(seed)
    own = np.sqrt(1 - general**2 - group**2)
    x = general * rng.normal(size=(n, 1)) + group * np.repeat(rng.normal(size=(n, 3)), 3, axis=1)
    return pd.DataFrame(x + own * rng.normal(size=(n, 9)), columns=[f"i{place}" for place in range(9)])


def test_a_known_general_factor() -> None:
    """Loadings .6 and .5: omega hierarchical 81·.36/V and total (81·.36 + 27·.25)/V, V their sum + 9·.39."""
    found = omega_hierarchical(grouped(60_000, 0.6, 0.5, seed=1))
    V = 81 * 0.36 + 27 * 0.25 + 9 * 0.39
    assert found.omega_hierarchical == pytest.approx(81 * 0.36 / V, abs=0.01)
    assert found.omega_total == pytest.approx((81 * 0.36 + 27 * 0.25) / V, abs=0.01)


def test_two_factors_do_not_tell() -> None:
    with pytest.raises(ModelSpecificationError, match="at least 3 factors"):
        omega_hierarchical(grouped(100, 0.6, 0.5, seed=1), 2)


def test_a_heywood_case_and_a_lost_search_have_no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    items = grouped(400, 0.3, 0.5, seed=2)
    items["i1"] = items["i0"] + 0.01 * np.random.default_rng(3).normal(size=400)
    found = omega_hierarchical(items)
    assert found.status == "improper"
    assert "i0" in found.concerned or "i1" in found.concerned
    assert np.isnan(found.omega_hierarchical)
    monkeypatch.setattr(general_factor, "minres_loadings", lambda R, k: None)
    lost = omega_hierarchical(items)
    assert lost.status == "not converged"
    assert lost.loadings.isna().all(axis=None)
    assert "unknown (not converged)" in str(lost)
