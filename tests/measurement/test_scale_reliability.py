"""What is known of a scale together, and when it is below the floor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from si_research.measurement.omega import omega_total, unknown_omega
from si_research.measurement.reliability import cronbach_alpha, unknown_reliability
from si_research.measurement.scale_reliability import (
    ScaleReliability,
    is_unreliable,
    known_figures,
    unreliable_scales,
)
from si_research.measurement.two_halves import spearman_brown

ITEMS = pd.DataFrame(
    np.random.default_rng(1).normal(size=(80, 1)) + np.random.default_rng(2).normal(size=(80, 3)),
    columns=["k1", "k2", "k3"],
)


def three_items(alpha: float, omega: float) -> ScaleReliability:
    return ScaleReliability(
        replace(cronbach_alpha(ITEMS, scale="kunnen"), alpha=alpha),
        replace(omega_total(ITEMS, scale="kunnen"), omega=omega),
    )


@pytest.mark.parametrize(
    ("alpha", "omega", "low"),
    [(0.4, 0.45, True), (0.4, 0.55, False), (0.55, 0.45, False), (-2.0, 0.1, True), (0.4, np.nan, True)],
)
def test_every_known_figure_must_be_below_the_floor(alpha: float, omega: float, low: bool) -> None:
    scale = three_items(alpha, omega)
    assert is_unreliable(scale, 0.5) is low
    assert unreliable_scales([scale], 0.5) == ((scale,) if low else ())
    assert ("omega" in known_figures(scale)) is bool(np.isfinite(omega))


def test_nothing_known_is_not_unreliable() -> None:
    score = ITEMS[["k1"]]
    scale = ScaleReliability(
        unknown_reliability(score, scale="kunnen", status="single score"),
        unknown_omega(score, scale="kunnen", status="single score"),
    )
    assert known_figures(scale) == {}
    assert not is_unreliable(scale, 0.5)
    assert str(scale) == "kunnen: reliability unknown (single score)"


def test_two_items_go_by_alpha_and_spearman_brown() -> None:
    two = ITEMS[["k1", "k2"]]
    scale = ScaleReliability(
        cronbach_alpha(two, scale="kunnen"), omega_total(two, scale="kunnen"), spearman_brown(two)
    )
    assert list(known_figures(scale)) == ["alpha", "spearman_brown"]
    assert not is_unreliable(scale, 0.5)
    assert str(scale).startswith("kunnen: alpha 0.52, spearman_brown 0.52")


def test_items_that_cancel_each_other_out_are_below_any_floor() -> None:
    two = pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [5, 4, 3, 2, 1]})
    scale = ScaleReliability(cronbach_alpha(two), omega_total(two), spearman_brown(two))
    assert known_figures(scale) == {}
    assert is_unreliable(scale, 0.0)
