"""How firm a result is: every part that a file does not allow has a status that says why, and no error."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from si_research import fit_interaction, simulate_scores
from si_research.model.effect_sizes import effect_sizes
from si_research.model.influence import leave_one_firm_out
from si_research.study.robustness import robustness
from si_research.survey.scoring import ScaleFacts

tried = partial(robustness, scales={}, draws=199, seed=1)
CONDITIONS = ["kunnen", "willen", "mogen"]


def people(n: int = 300, n_firms: int = 12) -> pd.DataFrame:
    """Scores of people who are spread over firms in turn."""
    return simulate_scores(n, seed=1).assign(firm=np.arange(n) % n_firms)


def curved(n: int) -> pd.DataFrame:
    """Two conditions that go together, the first of which counts as its square."""
    data = people(n)
    data["willen"] = (data["kunnen"] + data["willen"]) / 2
    data["innovative_behaviour"] = 2 + (data["kunnen"] - 3) ** 2 + 0.3 * data["innovative_behaviour"]
    return data


def test_the_parts_are_those_of_the_models() -> None:
    fit = fit_interaction(people(), cluster="firm")
    found = tried(fit)
    assert found.firms is not None
    pd.testing.assert_frame_equal(found.firms.firms, leave_one_firm_out(fit).firms)
    assert found.sizes is not None
    pd.testing.assert_frame_equal(found.sizes.sizes, effect_sizes(fit, draws=199, seed=1).sizes)
    assert (found.firms_status, found.sizes_status) == ("estimated", "estimated")
    assert "without each of 12 firms" in str(found)


@pytest.mark.parametrize(
    ("n_firms", "firms", "sizes", "curvature"),
    [
        (0, "no_firms", "estimated", "straight"),
        (1, "no_firms", "estimated", "straight"),
        (2, "too_few_firms", "too_few_firms", "no_test"),
        (3, "estimated", "too_few_firms", "no_test"),
        (4, "estimated", "too_few_firms", "no_test"),
        (5, "estimated", "estimated", None),
    ],
)
def test_few_firms_or_none(n_firms: int, firms: str, sizes: str, curvature: str | None) -> None:
    cluster = "firm" if n_firms else None
    found = tried(fit_interaction(people(n_firms=max(n_firms, 1)), cluster=cluster))
    assert (found.firms_status, found.sizes_status) == (firms, sizes)
    assert curvature in (None, found.curvature_status)
    assert (found.firms is None, found.sizes is None) == (firms != "estimated", sizes != "estimated")
    assert "firms: no_firms" in str(found) or n_firms > 1


def test_as_few_people_as_a_model_takes() -> None:
    found = tried(fit_interaction(people(13)))
    assert (found.sizes_status, found.sizes) == ("too_few_people", None)


def test_where_one_firm_decides_a_term_sizes_have_no_interval() -> None:
    data = people(300, 12)
    data.loc[data["firm"] != 0, "mogen"] = 3.0
    found = tried(fit_interaction(data, cluster="firm"))
    assert (found.sizes_status, found.firms_status) == ("not_told_apart", "estimated")
    assert found.firms is not None
    assert int(found.firms.summary["n_missing"]["kunnen:willen:mogen"]) == 1


def test_weights_two_predictors_and_binary_conditions() -> None:
    data = people().assign(weight=np.linspace(0.2, 3, 300))
    weighted = tried(fit_interaction(data, cluster="firm", weight="weight"))
    assert (weighted.firms_status, weighted.sizes_status) == ("estimated", "estimated")
    assert "RESET" not in weighted.diagnostics.diagnostics.index
    two = tried(fit_interaction(data, predictors=("kunnen", "mogen"), cluster="firm"))
    assert two.firms is not None
    assert two.firms.terms == ("kunnen:mogen",)
    halves = data.assign(**{name: (data[name] > data[name].median()) * 1.0 for name in CONDITIONS})
    binary = tried(fit_interaction(halves, cluster="firm"))
    assert binary.curvature_status == "no_squares"
    assert np.isnan(binary.diagnostics.diagnostics["statistic"]["RESET"])  # its powers follow from the terms
    one = tried(fit_interaction(data.assign(mogen=halves["mogen"]), cluster="firm"))
    assert one.curvature_status == "straight"
    assert "mogen" not in one.ceiling.table_.index


def test_curves_are_found_and_whether_the_products_hang_on_them() -> None:
    assert tried(fit_interaction(people())).curvature_status == "straight"
    found = tried(fit_interaction(curved(600)))
    p = found.curvature.table_["p_value"]
    assert float(p["squares"]) < 0.05 < float(p["products, beside squares"])
    assert float(p["products, without squares"]) < 0.05
    assert found.curvature_status == "curved_turns"


def facts(name: str, low: float, high: float) -> ScaleFacts:
    return ScaleFacts(name, name, (), (), low, high, "score", 1, name, name, 300, 0)


def test_a_scale_ends_where_its_format_does() -> None:
    data = people()
    name = "innovative_behaviour"
    data[name] = data[name].clip(upper=float(data[name].quantile(0.8)))
    top = float(data[name].max())
    fit = fit_interaction(data)
    for high, ends, ceiling in (
        (top, "possible", True),
        (top + 1, "possible", False),
        (top - 1, "observed", True),
    ):
        found = tried(fit, scales={name: facts(name, -9.0, high)}).ceiling.table_.loc[name]
        assert (found["ends"], bool(found["ceiling"])) == (ends, ceiling), high
    open_end = tried(fit, scales={name: facts(name, np.nan, np.nan)}).ceiling.table_
    assert open_end["ends"][name] == "observed"
