"""The significance map: slopes as elsewhere, people counted by hand, and nothing claimed without them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.errors import ModelSpecificationError
from si_research.model import significance_map as module
from si_research.model.interaction import InteractionFit, fit_interaction
from si_research.model.probing import simple_slopes
from si_research.model.significance_map import significance_map
from si_research.simulation.worlds import simulate_scores

NUMBERS = ["estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"]


def tied(seed: int, *, n: int = 250, step: float = 0.25) -> pd.DataFrame:
    """Scores with ties, and some not given."""
    scores = simulate_scores(n, main=0.2, two_way=0.2, three_way=0.2, seed=seed)
    named = ["kunnen", "willen", "mogen"]
    scores[named] = (scores[named] / step).round() * step
    scores.loc[scores.index[::19], "mogen"] = np.nan
    return scores


@pytest.fixture(scope="module")
def fit() -> InteractionFit:
    return fit_interaction(tied(1))


def with_pairs(pairs: np.ndarray[Any, Any]) -> InteractionFit:
    """A fit in which willen and mogen are these pairs."""
    rng = np.random.default_rng(1)
    data = pd.DataFrame(pairs, columns=["willen", "mogen"]).assign(kunnen=rng.normal(3, 1, len(pairs)))
    return fit_interaction(data.assign(innovative_behaviour=data.sum(axis=1) + rng.normal(size=len(pairs))))


@pytest.mark.parametrize("of", ["kunnen", "willen", "mogen"])
def test_every_point_is_a_simple_slope(fit: InteractionFit, of: str) -> None:
    found = significance_map(fit, of=of, grid=5)
    x, y = found.over
    slopes = simple_slopes(fit, of=of, at={name: list(found.points[name].unique()) for name in (x, y)})
    np.testing.assert_allclose(found.points[[x, y]], slopes[[x, y]])
    np.testing.assert_allclose(found.points[NUMBERS], slopes[NUMBERS], rtol=1e-8, atol=1e-12)


def test_people_near_a_point_by_hand(fit: InteractionFit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a standard deviation on both axes, edges included; counted in one go or a few at a time."""
    found = significance_map(fit, of="kunnen", grid=9, scales={"willen": (1, 5), "mogen": (1, 5)})
    rows = fit.rows
    for name in ("willen", "mogen"):
        assert found.reach[name] == pytest.approx(rows[name].std() / 2)
        assert found.reach[name] > 0.25 / 2
    for _, point in found.points.iterrows():
        near = [(rows[name] - point[name]).abs() <= found.reach[name] for name in ("willen", "mogen")]
        assert point["n_near"] == int((near[0] & near[1]).sum())
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 7)
    again = significance_map(fit, of="kunnen", grid=9, scales={"willen": (1, 5), "mogen": (1, 5)})
    pd.testing.assert_frame_equal(found.points, again.points)


def test_the_hull_is_that_of_triangles(fit: InteractionFit) -> None:
    """Delaunay's triangles cover the same area; points within a hair of the edge are left aside."""
    from scipy.spatial import Delaunay

    found = significance_map(fit, of="kunnen", grid=33, scales={"willen": (0.9, 5.2), "mogen": (0.8, 5.3)})
    pairs = fit.rows[["willen", "mogen"]].to_numpy()
    points = found.points[["willen", "mogen"]].to_numpy()
    inside = Delaunay(pairs).find_simplex(points) >= 0
    moved = [Delaunay(pairs).find_simplex(points + each) >= 0 for each in np.eye(2)[[0, 1, 0, 1]] * 1e-6]
    settled = np.all([each == inside for each in moved], axis=0)
    np.testing.assert_array_equal(found.points["inside_hull"][settled], inside[settled])
    assert 0 < inside.sum() < len(inside)


def test_corners_of_a_square_of_people_lie_in_it() -> None:
    pairs = np.repeat(np.array([[x, y] for x in (1.0, 2, 3, 4, 5) for y in (1.0, 2, 3, 4, 5)]), 8, axis=0)
    found = significance_map(with_pairs(pairs), of="kunnen")
    assert found.points["supported"].all()
    wider = significance_map(with_pairs(pairs), of="kunnen", scales={"willen": (0, 5)})
    outside = wider.points["willen"] < 1
    assert (wider.points["inside_hull"] == ~outside).all()
    assert (wider.points["n_near"][outside] >= 5).any()
    assert not wider.points["supported"][outside].any()


def test_a_coarse_scale_has_no_holes_between_its_points() -> None:
    """Where half a standard deviation is less than half a step, half a step it is."""
    pairs = np.repeat(np.array([[x, y] for x in (1.0, 2, 3) for y in (1.0, 2, 3)]), 8, axis=0)
    found = significance_map(with_pairs(pairs), of="kunnen")
    assert found.reach == {"willen": 0.5, "mogen": 0.5}
    assert found.points["supported"].all()


def test_a_hollow_cloud_and_an_outlier_give_no_support() -> None:
    """The middle of a ring lies in its hull, and so does the way to one person far away."""
    turn = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    radius = np.tile([0.9, 1.0, 1.1], 100)
    ring = 3 + np.column_stack([np.cos(turn), np.sin(turn)]) * radius[:, None]
    found = significance_map(with_pairs(np.vstack([ring, [[9.0, 9.0]]])), of="kunnen", grid=31).points
    distance = np.hypot(found["willen"] - 3, found["mogen"] - 3)
    middle, way = distance < 0.3, (distance > 3) & (found["willen"] == found["mogen"])
    assert found["inside_hull"][middle].all()
    assert not found["supported"][middle].any()
    assert way.any()
    assert found["inside_hull"][way].all()
    assert not found["supported"][way].any()
    assert found["supported"].any()


@pytest.mark.parametrize("n", [4, 5])
def test_five_people_near_support_a_point(n: int) -> None:
    """A far group of n and a far outlier beyond it, so that the group lies within the hull."""
    rng = np.random.default_rng(3)
    pairs = np.vstack([rng.normal(3, 0.4, (200, 2)), np.full((n, 2), 8.0), [[12.0, 12.0]]])
    found = significance_map(
        with_pairs(pairs), of="kunnen", grid=2, scales={"willen": (3, 8), "mogen": (3, 8)}
    )
    row = found.points.iloc[-1]
    assert row["inside_hull"]
    assert row["n_near"] == n
    assert row["supported"] == (n == 5)


def test_false_discoveries_by_hand_and_only_where_people_are(fit: InteractionFit) -> None:
    """From the largest p down, p·m/rank, never above the one before; m counts supported points only."""
    points = significance_map(fit, of="kunnen", scales={"willen": (0, 6), "mogen": (0, 6)}).points
    inside = points[points["supported"]].sort_values("p_value")
    m = len(inside)
    assert 0 < m < len(points)
    stepped = (inside["p_value"] * m / np.arange(1, m + 1)).to_numpy()[::-1]
    np.testing.assert_allclose(
        inside["p_fdr"], np.minimum(np.minimum.accumulate(stepped), 1)[::-1], rtol=1e-12
    )
    outside = points[~points["supported"]]
    assert outside["p_fdr"].isna().all()
    assert (outside["p_value"] < 0.001).any()
    assert not outside["significant"].any()
    assert (outside["direction"] == "none").all()
    assert (inside["significant"] == (inside["p_fdr"] < 0.05)).all()


def test_a_slope_that_turns_is_shown_in_both_directions() -> None:
    rng = np.random.default_rng(4)
    X = rng.uniform(1, 5, (1500, 3))
    y = (X[:, 0] - 3) * (X[:, 2] - 3) + rng.normal(size=1500)
    data = pd.DataFrame(X, columns=["kunnen", "willen", "mogen"]).assign(innovative_behaviour=y)
    found = significance_map(fit_interaction(data), of="kunnen")
    points = found.points[found.points["supported"]]
    assert (points["direction"][points["mogen"] > 3.5] == "positive").all()
    assert (points["direction"][points["mogen"] < 2.5] == "negative").all()
    counts = found.counts()
    assert counts["points"] == 41**2
    assert counts["supported"] == len(points)
    assert counts["positive"] == (points["direction"] == "positive").sum()
    assert counts["negative"] == (points["direction"] == "negative").sum()


def test_nobody_near_anything_leaves_nothing_to_correct(fit: InteractionFit) -> None:
    found = significance_map(fit, of="kunnen", grid=3, scales={"willen": (10, 12)})
    assert found.counts().to_list() == [9, 0, 0, 0]
    assert found.points["p_fdr"].isna().all()


def test_a_binary_condition_has_its_two_values() -> None:
    scores = tied(2)
    scores["mogen"] = (scores["mogen"] > 3.4).astype(float)
    fit = fit_interaction(scores)
    found = significance_map(fit, of="kunnen", grid=7)
    assert sorted(found.points["mogen"].unique()) == [0, 1]
    assert len(found.points) == 14
    assert found.points["supported"].any()
    assert len(significance_map(fit, of="mogen", grid=7).points) == 49


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.integers(-40, 40), scale=st.sampled_from([0.0625, 1.0, 32.0]))
def test_neither_origin_unit_nor_order_of_rows_matters(seed: int, shift: int, scale: float) -> None:
    """Moved by whole points and powers of two, so that nothing rounds at the edge of reach."""
    scores = tied(seed)
    other = scores.assign(mogen=scores["mogen"] * scale + shift, willen=scores["willen"] + shift)
    first, second = (
        significance_map(fit_interaction(data), of="kunnen", grid=9).points
        for data in (scores, other.sample(frac=1, random_state=seed))
    )
    np.testing.assert_allclose(second[NUMBERS], first[NUMBERS], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(second["p_fdr"], first["p_fdr"], rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose((second["mogen"] - shift) / scale, first["mogen"])
    same = ["n_near", "inside_hull", "supported"]
    pd.testing.assert_frame_equal(first[same], second[same])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"of": "leeftijd"}, "leeftijd"),
        ({"of": "kunnen", "scales": {"leeftijd": (1, 5)}}, "leeftijd"),
        ({"of": "kunnen", "scales": {"kunnen": (1, 5)}}, "kunnen"),
        ({"of": "kunnen", "scales": {"mogen": (1, np.inf)}}, "not finite"),
        ({"of": "kunnen", "scales": {"mogen": (5, 1)}}, "ends of mogen"),
        ({"of": "kunnen", "grid": 1}, "1 points"),
        ({"of": "kunnen", "grid": 2000}, "2000 points"),
    ],
)
def test_what_cannot_be_mapped(fit: InteractionFit, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelSpecificationError, match=words):
        significance_map(fit, **arguments)


def test_two_conditions_have_no_map() -> None:
    with pytest.raises(ModelSpecificationError, match="johnson_neyman"):
        significance_map(fit_interaction(tied(1), predictors=["kunnen", "mogen"]), of="kunnen")


def test_one_firm_is_tested_over_people() -> None:
    scores = tied(5).assign(firm_id="F001")
    whole, plain = (
        significance_map(fit_interaction(scores, cluster=cluster), of="kunnen", grid=5).points
        for cluster in ("firm_id", None)
    )
    pd.testing.assert_frame_equal(whole, plain)


def test_printing_and_copies(fit: InteractionFit) -> None:
    found = significance_map(fit, of="kunnen", grid=5)
    copy = found.table()
    copy["supported"] = False
    assert found.points["supported"].any()
    assert str(found).startswith("slope of kunnen over willen and mogen\n")
    page = replace(found, of="<b>")._repr_html_()
    assert "<b>" not in page
    assert "<table" in page
