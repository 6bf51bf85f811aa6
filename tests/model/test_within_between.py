"""The interaction within and between firms, against lme4 and against a simulated truth.

Tolerance 1e-4 relative, as in test_mixed_model.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research import simulate_scores
from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.interaction import fit_interaction
from si_research.model.within_between import within_between

NAMES = ("HRS", "LEAD", "COHES")


def test_within_and_between_are_those_of_lme4(shared: Path) -> None:
    content = json.loads((shared / "reference/mixed/mixed_bh1996.json").read_text("utf-8"))
    case = next(each["result"] for each in content["cases"] if each["id"] == "bh_within_between_REML")
    theirs = pd.DataFrame(case["fixed"]).set_index("term")
    data = pd.read_csv(shared / "reference/data/bh1996.csv")
    split = within_between(fit_interaction(data, outcome="WBEING", predictors=NAMES, cluster="GRP"))
    for level, prefix in (("within", "W."), ("between", "G.")):
        for term, row in split.coefficients.loc[level].iterrows():
            name = ":".join(f"{prefix}{part}" for part in str(term).split(":"))
            for ours, column in (("estimate", "Estimate"), ("std_error", "Std. Error"), ("df", "df")):
                assert row[ours] == pytest.approx(theirs.loc[name, column], rel=1e-4), name
    vcov = pd.DataFrame(case["vcov"]["values"], case["vcov"]["rownames"], case["vcov"]["colnames"])
    more = split.coefficients.loc[("between minus within", "HRS")]
    assert more["estimate"] == pytest.approx(
        theirs.loc["G.HRS", "Estimate"] - theirs.loc["W.HRS", "Estimate"]
    )
    variance = vcov.loc["G.HRS", "G.HRS"] + vcov.loc["W.HRS", "W.HRS"] - 2 * vcov.loc["G.HRS", "W.HRS"]
    assert more["std_error"] == pytest.approx(variance**0.5, rel=1e-4)
    assert (split.n_used, split.n_clusters, split.status) == (7382, 99, "estimated")


def scores(seed: int, *, between: float) -> pd.DataFrame:
    """People whose own score counts .3, in firms whose mean counts ``between`` more."""
    rng = np.random.default_rng(seed)
    firm = np.repeat(np.arange(80), 12)
    means = rng.normal(size=(80, 3)) * 0.6
    x = means[firm] + rng.normal(size=(960, 3)) * 0.8
    y = 0.3 * x.sum(axis=1) + between * means[firm].sum(axis=1) + rng.normal(size=960) * 0.7
    return pd.DataFrame(x, columns=["kunnen", "willen", "mogen"]).assign(innovative_behaviour=y, firm=firm)


@pytest.mark.parametrize("between", [0.0, 0.5])
def test_what_lies_between_firms_is_told_apart(between: float) -> None:
    split = within_between(fit_interaction(scores(3, between=between), cluster="firm"))
    within, more = split.coefficients.loc["within"], split.coefficients.loc["between minus within"]
    names = ["kunnen", "willen", "mogen"]
    for table, truth in ((within, 0.3), (more, between)):
        off = (table.loc[names, "estimate"] - truth) / table.loc[names, "std_error"]
        assert (off.abs() < 3.5).all()
    assert (split.spread.loc[names, "share_between"] > 0.3).all()


def test_a_firm_of_one_person_says_nothing_within() -> None:
    data = scores(3, between=0.2)
    extra = data.head(4).assign(firm=[900, 901, 902, 903])
    plain, more = (
        within_between(fit_interaction(each, cluster="firm")) for each in (data, pd.concat([data, extra]))
    )
    assert (plain.n_alone, more.n_alone) == (0, 4)
    a, b = (each.coefficients.loc["within", "estimate"] for each in (plain, more))
    np.testing.assert_allclose(a, b, atol=0.01)


def test_without_firms_or_without_differences_within_them_it_is_refused() -> None:
    data = scores(3, between=0.2)
    with pytest.raises(ModelSpecificationError, match="without firms"):
        within_between(fit_interaction(simulate_scores(100, seed=1)))
    two = data.assign(firm=data["firm"] % 2)
    with pytest.raises(ModelSpecificationError, match="3 firms"):
        within_between(fit_interaction(two, cluster="firm"))
    flat = data.assign(mogen=data.groupby("firm")["mogen"].transform("mean"))
    with pytest.raises(SurveyDataError, match="no differences within firms in mogen"):
        within_between(fit_interaction(flat, cluster="firm"))
