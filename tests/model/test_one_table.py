"""What rests on single rows refuses a fit pooled over filled-in tables, of which it would take the first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from si_research import fit_interaction, simulate_scores
from si_research.errors import ModelSpecificationError
from si_research.model.effect_sizes import effect_sizes
from si_research.model.inference_comparison import compare_inference
from si_research.model.influence import leave_one_firm_out
from si_research.model.joint import joint_test
from si_research.model.measurement_error import correct_measurement_error
from si_research.model.model_checks import check_ceiling, check_curvature
from si_research.model.model_summary import model_summary
from si_research.model.outcome_sensitivity import outcome_sensitivity
from si_research.model.person_influence import person_influence
from si_research.model.regression_diagnostics import regression_diagnostics
from si_research.model.simex import extrapolate_measurement_error
from si_research.model.step_coefficients import step_coefficients
from si_research.model.within_between import within_between

RELIABLE = dict.fromkeys(("kunnen", "willen", "mogen"), 0.95)
SIMEX = partial(extrapolate_measurement_error, reliabilities=RELIABLE, seed=1)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("leave_one_firm_out", leave_one_firm_out),
        ("person_influence", person_influence),
        ("effect_sizes", partial(effect_sizes, seed=1)),
        ("check_curvature", check_curvature),
        ("check_ceiling", check_ceiling),
        ("outcome_sensitivity", partial(outcome_sensitivity, lowest=-10, highest=20)),
        ("regression_diagnostics", regression_diagnostics),
        ("joint_test", partial(joint_test, draws=199, seed=1)),
        ("compare_inference", partial(compare_inference, draws=199, seed=1)),
        ("within_between", within_between),
        ("step_coefficients", step_coefficients),
        ("model_summary", model_summary),
        ("correct_measurement_error", partial(correct_measurement_error, reliabilities=RELIABLE)),
        (
            "extrapolate_measurement_error",
            SIMEX,
        ),
    ],
)
def test_a_pooled_fit_is_refused(name: str, function: Callable[[Any], object]) -> None:
    fit = fit_interaction(simulate_scores(60, n_firms=6, seed=1), cluster="firm_id")
    names = [each for each in dir(fit) if not each.startswith("_")]
    pooled = SimpleNamespace(**{each: getattr(fit, each) for each in names})
    with pytest.raises(ModelSpecificationError, match=name):
        function(pooled)
    function(fit)
