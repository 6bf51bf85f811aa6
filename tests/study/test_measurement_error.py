"""Measurement error in a study: the rows among factors, and what stands in their way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from noisy_scores import NAMES
from si_research.measurement.factors.latent_interaction import fit_latent_interaction, in_points_of_scales
from si_research.model.interaction import InteractionFit, fit_interaction
from si_research.study.check import check_study
from si_research.study.measurement_error import latent_row, products_of
from small_survey import change_text

OUTCOME = "innovative_behaviour"


def two_scales(n: int) -> tuple[InteractionFit, dict[str, pd.DataFrame]]:
    """Two conditions of four items that measure unequally well, and an outcome of three."""
    rng = np.random.default_rng(1)
    kunnen, willen = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], n).T
    outcome = 0.4 * kunnen + 0.3 * willen + 0.3 * kunnen * willen + 0.6 * rng.normal(size=n)
    items = {
        name: pd.DataFrame(
            np.outer(part, slopes) + 0.6 * rng.normal(size=(n, len(slopes))),
            columns=[f"{name}_{place}" for place in range(1, len(slopes) + 1)],
        )
        for name, part, slopes in (
            ("kunnen", kunnen, (1.2, 1.0, 0.8, 0.8)),
            ("willen", willen, (0.8, 1.0, 1.2, 0.9)),
            (OUTCOME, outcome, (1.0, 0.8, 0.9)),
        )
    }
    scores = pd.DataFrame({name: each.mean(axis=1) for name, each in items.items()})
    return fit_interaction(scores, predictors=NAMES[:2]), items


@pytest.fixture(scope="module")
def data() -> tuple[InteractionFit, dict[str, pd.DataFrame]]:
    return two_scales(700)


@pytest.mark.parametrize("lms", [False, True])
def test_effects_among_factors_are_in_points_of_the_scales(
    data: tuple[InteractionFit, dict[str, pd.DataFrame]], lms: bool
) -> None:
    """Doubling every item of a condition halves its effect; the truth is not far."""
    fit, items = data
    status, n_used, estimate, error, *_ = latent_row(fit, items, lms=lms)
    assert (status, n_used) == ("estimated", 700)
    wide = items | {"kunnen": 2 * items["kunnen"]}
    assert latent_row(fit, wide, lms=lms)[2:4] == pytest.approx([estimate / 2, error / 2], rel=2e-3)
    true = 0.3 * 0.9 / 0.95 / 0.975  # mean loadings of outcome, kunnen and willen
    assert estimate == pytest.approx(true, abs=0.12)  # the spread over samples of 700 is .055
    assert 0.01 < error < 0.06


def test_the_standard_error_in_points_is_that_of_the_delta_method(
    data: tuple[InteractionFit, dict[str, pd.DataFrame]],
) -> None:
    """Derivatives by hand: the effect times mean loadings, moved a little in each free parameter."""
    _, items = data
    answers = pd.concat(list(items.values()), axis=1)
    factors = {name: list(items[name]) for name in NAMES[:2]}
    found = fit_latent_interaction(answers, factors, {OUTCOME: list(items[OUTCOME])})
    model, theta = found.fit.engine.likelihood.model, found.fit.engine.solution.theta

    def effect(at: np.ndarray) -> float:
        values = [
            at[k] if p.fixed is None else p.fixed for p, k in zip(model.parameters, model.index, strict=True)
        ]
        of = {(p.left, p.operator, p.right): value for p, value in zip(model.parameters, values, strict=True)}
        mean = {
            name: np.mean([value for key, value in of.items() if key[:2] == (name, "=~")])
            for name in (*NAMES[:2], OUTCOME)
        }
        return float(of[OUTCOME, "~", "kunnen:willen"] * mean[OUTCOME] / mean["kunnen"] / mean["willen"])

    step = 1e-6 * np.eye(len(theta))
    slope = np.array([(effect(theta + each) - effect(theta - each)) / 2e-6 for each in step])
    row = in_points_of_scales(found).set_index("term").loc["kunnen:willen"]
    assert row["estimate"] == pytest.approx(effect(theta), rel=1e-12)
    assert row["std_error"] == pytest.approx(np.sqrt(slope @ found.fit.engine.covariance @ slope), rel=1e-6)


def test_without_items_or_answers_there_is_none(data: tuple[InteractionFit, dict[str, pd.DataFrame]]) -> None:
    fit, items = data
    assert latent_row(fit, {"kunnen": items["kunnen"]})[:2] == ["no items", 0]
    same = items | {"willen": items["willen"] * 0 + 3}
    holes = items | {"willen": items["willen"].loc[:2].reindex(items["willen"].index)}
    for changed in (same, holes):
        for lms in (False, True):
            status, _, estimate, *_ = latent_row(fit, changed, lms=lms)
            assert status in {"not possible", "not identified", "not converged", "improper"}
            assert np.isnan(estimate)


def test_products_of_scales_that_overlap() -> None:
    rng = np.random.default_rng(2)
    scores = pd.DataFrame(rng.normal(size=(200, 1)) + 0.4 * rng.normal(size=(200, 3)), columns=list(NAMES))
    used = pd.DataFrame({"reliability": [0.6, 0.7, 0.7]}, index=list(NAMES))
    assert products_of(used, scores) == ("overlap", None)
    assert products_of(used.assign(reliability=[0.6, np.nan, 0.7]), scores) == ("unknown", None)
    known, found = products_of(used.assign(reliability=1.0), scores)
    assert known == "known"
    assert found is not None
    np.testing.assert_allclose(found.products["share_kept"], 1.0)


def test_check_says_how_it_will_be_corrected(small_study: Path) -> None:
    start = "corrected for measurement error, beside the estimate as it is: adjusted least squares"
    assert f"{start}, SIMEX" in check_study(small_study).text
    asked = "measurement_error: {simex: false, latent: true, lms: true}\nanalysis:"
    change_text(small_study / "study.yml", "analysis:", asked)
    assert f"{start}, product indicators, LMS" in check_study(small_study).text
    change_text(small_study / "codebook.yml", "items: [m1, m2, m3]", "items: [m1]")
    assert "not corrected for measurement error: no reliability of mogen" in check_study(small_study).text
