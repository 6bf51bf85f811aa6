"""Three real studies, straight from their raw files: the figures that their READMEs print.

The same studies run through codebook, cleaning and report in tests/real; here nothing stands between the
file and the model, so that a difference tells which of the two moved.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from si_research.measurement.reliability import cronbach_alpha
from si_research.model.interaction import InteractionFit, fit_interaction


def check(fit: InteractionFit, method: str, figures: dict[str, tuple[float | None, float | str]]) -> None:
    """Compare standardised coefficients and p with what is printed, to the printed number of decimals."""
    chosen = fit.methods[(fit.methods["view"] == "standardised") & (fit.methods["method"] == method)]
    rows = chosen.set_index("term")
    for term, (estimate, p) in figures.items():
        if estimate is not None:
            assert round(rows["estimate"][term], 3) == estimate, (method, term)
        printed = str(p)
        if printed.startswith("<"):
            assert rows["p_value"][term] < float(printed[1:]), (method, term)
        else:
            assert f"{rows['p_value'][term]:.{len(printed) - 2}f}" == printed, (method, term)


def test_work_cognitions(shared: Path) -> None:
    data = pd.read_csv(shared / "real_data/work_cognitions/nimon2021.csv")
    fit = fit_interaction(data, outcome="IOCB", predictors=["GR", "MW", "AU"])
    plain = {"MW": (0.365, "<0.001"), "AU": (0.127, "0.019"), "GR": (0.033, "0.54")}
    check(fit, "OLS", {**plain, "GR:AU": (0.115, "0.042"), "GR:MW:AU": (0.026, "0.195")})
    robust = {"MW": (0.365, "<0.001"), "AU": (0.127, "0.047"), "GR": (0.033, "0.561")}
    check(fit, "HC3", {**robust, "GR:AU": (0.115, "0.104"), "GR:MW:AU": (0.026, "0.232")})
    assert fit.n_used == fit.n_rows == 518
    assert round(fit.r2, 3) == 0.247


@pytest.fixture(scope="module")
def piaac(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "real_data/piaac_nl_adults/piaac_nld_subset.csv", low_memory=False)


READINESS = [f"I_Q04{letter}" for letter in "bdhjlm"]
DISCRETION = [f"D_Q11{letter}" for letter in "abcd"]


def test_piaac(piaac: pd.DataFrame) -> None:
    employed = piaac[piaac["C_D05"] == 1]
    for items, everybody, alpha, n in (
        (READINESS, piaac, 0.863, 5052),
        (READINESS, employed, 0.853, 3924),
        (DISCRETION, employed, 0.793, 3922),
    ):
        found = cronbach_alpha(everybody[items])
        assert (round(found.alpha, 3), found.n_used) == (alpha, n)
    scores = pd.DataFrame(
        {
            "literacy": employed["PVLIT1"],
            "readiness": employed[READINESS].mean(axis=1, skipna=False),
            "discretion": employed[DISCRETION].mean(axis=1, skipna=False),
            "complex": employed["F_Q05b"],
        }
    )
    fit = fit_interaction(scores, outcome="complex", predictors=["literacy", "readiness", "discretion"])
    assert fit.n_used == 3902
    assert fit.n_used + fit.dropped.sum() == len(employed)
    mains = {"literacy": (0.172, "<0.001"), "readiness": (0.232, "<0.001"), "discretion": (0.165, "<0.001")}
    term = "literacy:readiness:discretion"
    check(fit, "OLS", {**mains, term: (-0.02, "0.098")})
    check(fit, "HC3", {**mains, term: (-0.02, "0.053")})
    assert round(fit.r2, 3) == 0.162


def test_piaac_with_half_answered_scales(piaac: pd.DataFrame) -> None:
    employed = piaac[piaac["C_D05"] == 1]
    scores = employed[["PVLIT1", "F_Q05b"]].assign(
        **{
            name: employed[items].mean(axis=1).where(employed[items].count(axis=1) >= len(items) / 2)
            for name, items in (("readiness", READINESS), ("discretion", DISCRETION))
        }
    )
    fit = fit_interaction(scores, outcome="F_Q05b", predictors=["PVLIT1", "readiness", "discretion"])
    assert fit.n_used == 3929
    check(fit, "OLS", {fit.tested_term: (-0.019, "0.124")})
    check(fit, "HC3", {fit.tested_term: (-0.019, "0.073")})


EFFICACY = ["d05", "d07", "d10", "d11", "d12", "d15"]
COMMITMENT = [f"e{i:02d}" for i in range(1, 12)]
SATISFACTION = [f"h{i}" for i in range(14, 23)]
CHALLENGE = ["c02", "c04", "c08", "c15", "c21"]


@pytest.fixture(scope="module")
def chile(shared: Path) -> pd.DataFrame:
    frame, _ = pyreadstat.read_sav(str(shared / "real_data/jobcrafting_chile/unete2_reduced.sav"))
    return frame


def chile_scores(chile: pd.DataFrame) -> pd.DataFrame:
    scales = {"k": EFFICACY, "w": COMMITMENT, "m": SATISFACTION, "y": CHALLENGE}
    scores = {name: chile[items].mean(axis=1, skipna=False) for name, items in scales.items()}
    return pd.DataFrame(scores).assign(firm=chile["i07"])


def test_jobcrafting(chile: pd.DataFrame) -> None:
    for items, alpha, n in (
        (EFFICACY, 0.752, 246),
        (CHALLENGE, 0.729, 255),
        (COMMITMENT, 0.877, 253),
        (SATISFACTION, 0.938, None),
    ):
        found = cronbach_alpha(chile[items])
        assert round(found.alpha, 3) == alpha
        assert n is None or found.n_used == n
    fit = fit_interaction(chile_scores(chile), outcome="y", predictors=["k", "w", "m"], cluster="firm")
    assert fit.n_used == 221
    assert round(fit.r2, 3) == 0.181
    assert fit.clusters is not None
    assert (fit.clusters.n_clusters, fit.df) == (10, 9)
    mains = {"k": (0.299, "<0.001"), "w": (0.239, "0.012"), "m": (-0.022, "0.81")}
    check(fit, "OLS", {**mains, "k:m": (0.184, "0.035"), "k:w:m": (-0.039, "0.556")})
    for method, two_way, three_way in (
        ("HC3", "0.199", "0.690"),
        ("CR1", "0.027", "0.663"),
        ("CR1S", "0.029", "0.668"),
        ("CR3 jackknife", "0.09", "0.73"),
    ):
        check(fit, method, {"k:m": (0.184, two_way), "k:w:m": (-0.039, three_way)})
    assert fit.method == "CR3 jackknife"


def test_one_choice_of_direction_moves_the_two_way_over_the_line(chile: pd.DataFrame) -> None:
    turned = chile.assign(e02=6 - chile["e02"])
    assert round(cronbach_alpha(turned[COMMITMENT]).alpha, 3) == 0.812
    fit = fit_interaction(chile_scores(turned), outcome="y", predictors=["k", "w", "m"], cluster="firm")
    check(fit, "OLS", {"k:m": (0.163, "0.051")})
