"""Where one firm decides a term, the tests over firms that would find it nearly always give no p."""

from __future__ import annotations

import numpy as np

from null_worlds import FIRM, SIZE, TERM, made_scores
from si_research.model.interaction import fit_interaction
from si_research.model.joint import HOTELLING, WILD, joint_test


def test_the_jackknife_wald_test_is_missing() -> None:
    fit = fit_interaction(made_scores(SIZE["12 firms, one decides the term"], seed=1), cluster=FIRM)
    assert "cluster_identifies_term" in [note.code for note in fit.notes]
    joint = joint_test(fit, draws=199, seed=1)
    assert np.isnan(joint.tests.loc[HOTELLING, ["statistic", "df_residual", "p_value"]].astype(float)).all()
    assert joint.tests.loc[WILD, "p_value"] > 0.05
    assert fit.steps.loc[["main effects", "two-way", "three-way"], "robust_p_value"].isna().all()


def test_it_is_there_where_several_firms_do() -> None:
    fit = fit_interaction(made_scores(SIZE["12 firms, a binary condition"], seed=1), cluster=FIRM)
    assert 0 <= joint_test(fit, draws=199, seed=1).tests.loc[HOTELLING, "p_value"] <= 1
    assert fit.coefficients.loc[TERM, "std_error"] > 0
    assert fit.steps["robust_p_value"].notna().all()
