"""The random intercept against R's lme, statsmodels' mixed model, and by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from si_research.errors import SurveyDataError
from si_research.measurement.agreement import intraclass_correlation
from si_research.measurement.random_intercept import random_intercept_correlation

CLAIMED = {"bh1996_mult_icc"}
SEARCH = 1e-5  # what the search of lme leaves of a ratio of variances


def test_the_correlations_are_those_of_lme(shared: Path) -> None:
    content = json.loads((shared / "reference/aggregation/icc_rwg.json").read_text("utf-8"))
    case = next(case["result"] for case in content["cases"] if case["id"] == "bh1996_mult_icc")
    army = pd.read_csv(shared / "reference/data/bh1996.csv")
    for name, icc1, icc2 in zip(case["Variable"], case["ICC1"], case["ICC2"], strict=True):
        found = random_intercept_correlation(army[name], army["GRP"])
        assert (found.status, found.n_used, found.n_groups) == ("estimated", 7382, 99)
        assert found.icc1 == pytest.approx(icc1, rel=SEARCH)
        assert found.icc2 == pytest.approx(icc2, rel=SEARCH)


def unequal(icc: float, seed: int = 3) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    groups = pd.Series(np.repeat(np.arange(30), rng.integers(2, 25, 30)))
    firms = rng.normal(0, np.sqrt(icc), 30)[groups]
    return pd.Series(firms + rng.normal(0, np.sqrt(1 - icc), len(groups))), groups


def test_the_variances_are_those_of_a_mixed_model() -> None:
    """statsmodels, without its optimiser that can end at an infinite likelihood; two others must agree."""
    score, groups = unequal(0.2)
    found = random_intercept_correlation(score, groups)
    data = pd.DataFrame({"y": score, "g": groups})
    for method in ("bfgs", "powell"):
        fit = smf.mixedlm("y ~ 1", data, groups="g").fit(reml=True, method=[method])
        assert np.isfinite(fit.llf)
        assert found.between == pytest.approx(float(fit.cov_re.iloc[0, 0]), rel=1e-3)
        assert found.within == pytest.approx(float(fit.scale), rel=1e-3)


def test_in_groups_of_one_size_it_is_that_of_the_analysis_of_variance() -> None:
    score, groups = unequal(0.3)
    equal = groups.groupby(groups).cumcount() < 2
    found = random_intercept_correlation(score[equal], groups[equal])
    by_variance = intraclass_correlation(score[equal], groups[equal])
    assert found.icc1 == pytest.approx(by_variance.icc1, abs=1e-6)
    assert found.icc2 == pytest.approx(by_variance.icc2, abs=1e-6)


def test_edges() -> None:
    pairs = pd.Series(list("aabbcc"))
    unlike = random_intercept_correlation(pd.Series([1.0, 5, 1, 5, 1, 5]), pairs)
    assert (unlike.status, unlike.icc1, unlike.between) == ("at zero", 0.0, 0.0)
    alike = random_intercept_correlation(pd.Series([1.0, 1, 3, 3, 5, 5]), pairs)
    assert (alike.icc1, alike.within, alike.between) == (1.0, 0.0, 4.0)
    same = random_intercept_correlation(pd.Series([0.1] * 6), pairs)
    assert (same.status, np.isnan(same.icc1)) == ("nothing varies", True)
    single = random_intercept_correlation(pd.Series([1.0, 2, 3]), pd.Series(list("abc")))
    assert (single.status, np.isnan(single.icc1)) == ("too few", True)
    with pytest.raises(SurveyDataError, match="at least two groups"):
        random_intercept_correlation(pd.Series([1.0, 2.0]), pd.Series(["a", "a"]))
