"""The ceilings on arrays, against twelve rows done in R, a walk over the people, and lines of NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from nca_cases import twelve_rows
from si_research.model.necessity import ceiling_lines
from si_research.model.necessity.ceilings import area_above_line, ce_fdh_effect, cr_fdh_effect, find_peers

TWELVE = {name: column.to_list() for name, column in twelve_rows().items()}
OUTCOME = TWELVE["innovative_behaviour"]


@pytest.mark.parametrize(
    ("name", "step", "line", "step_1_to_5", "line_1_to_5"),
    [
        ("kunnen", 0.4831933, 0.4117656, 0.5718750, 0.5076754),
        ("willen", 0.4852941, 0.4044193, 0.6343750, 0.5718884),
        ("mogen", 0.3991597, 0.3486194, 0.5093750, 0.4450000),
    ],
)
def test_effect_sizes_of_twelve_rows(
    name: str, step: float, line: float, step_1_to_5: float, line_1_to_5: float
) -> None:
    x = TWELVE[name]
    own = (min(x), max(x), min(OUTCOME), max(OUTCOME))
    assert float(ce_fdh_effect(x, OUTCOME, *own)) == pytest.approx(step, abs=1e-6)
    assert float(cr_fdh_effect(x, OUTCOME, *own)) == pytest.approx(line, abs=1e-6)
    assert float(ce_fdh_effect(x, OUTCOME, 1, 5, 1, 5)) == pytest.approx(step_1_to_5, abs=1e-6)
    assert float(cr_fdh_effect(x, OUTCOME, 1, 5, 1, 5)) == pytest.approx(line_1_to_5, abs=1e-6)


def walked(x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    """The peers by walking over the people: everybody on a peer's place is in."""
    found: list[tuple[float, float]] = []
    for point in sorted(zip(x.tolist(), y.tolist(), strict=True)):
        if not found or point[1] > found[-1][1] or point == found[-1]:
            if found and point != found[-1]:
                found = [peer for peer in found if peer[0] != point[0]]
            found.append(point)
    return found


@pytest.mark.parametrize(("levels_x", "levels_y"), [(5, 5), (17, 4), (4, 1000), (1000, 1000)])
def test_many_outcomes_at_once_as_one_by_one(levels_x: int, levels_y: int) -> None:
    rng = np.random.default_rng(1)
    x = np.floor(rng.random(60) * levels_x) / levels_x
    draws = np.floor(rng.random((40, 60)) * levels_y) / levels_y
    steps, lines = ce_fdh_effect(x, draws, 0, 1, 0, 1), cr_fdh_effect(x, draws, 0, 1, 0, 1)
    assert steps.shape == lines.shape == (40,)
    for y, step, line in zip(draws, steps, lines, strict=True):
        peers = walked(x, y)
        found = find_peers(x, y)
        assert np.repeat(found.x, found.n).tolist() == [peer[0] for peer in peers]
        assert np.repeat(found.y, found.n).tolist() == [peer[1] for peer in peers]
        edges = sorted({0.0, 1.0, *x.tolist()})
        below = [max([0.0, *y[x <= low].tolist()]) for low in edges[:-1]]
        assert step == pytest.approx(float(np.sum((1 - np.array(below)) * np.diff(edges))))
        if len(found.x) == 1:
            assert line == 0
            continue
        slope, intercept = np.polyfit(*np.array(peers).T, 1)
        grid = (np.arange(20_000) + 0.5) / 20_000
        assert line == pytest.approx(1 - np.clip(intercept + slope * grid, 0, 1).mean(), abs=1e-6)


def test_a_scope_without_area_and_lines_that_do_not_rise() -> None:
    assert np.isnan(ce_fdh_effect([1, 1, 1], [1, 2, 3], 1, 1, 1, 3))
    assert np.isnan(cr_fdh_effect([1, 1, 1], [1, 2, 3], 1, 1, 1, 3))
    areas = area_above_line(np.array([1.0, 0.0, -1.0]), np.array([0.0, 1.0, 1.0]), 1.0, 1.0)
    np.testing.assert_array_equal(areas, [0.5, np.nan, np.nan])


@pytest.mark.parametrize("decimals", [15, 1])
def test_a_quantile_line_of_many_people_is_that_of_all_at_once(
    decimals: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(4)
    x = rng.random(3_000).round(decimals)
    y = (0.3 * x + 0.1 * rng.standard_t(4, 3_000)).round(decimals + 1)
    at_once = ceiling_lines.quantile_line(x, y, 0.95)
    monkeypatch.setattr(ceiling_lines, "SOLVED_AT_ONCE", 100)
    slope, intercept = ceiling_lines.quantile_line(x, y, 0.95)

    def loss(line: tuple[float, float]) -> float:
        over = y - line[1] - line[0] * x
        return float(np.sum(np.where(over > 0, 0.95 * over, -0.05 * over)))

    assert loss((slope, intercept)) == pytest.approx(loss(at_once), rel=1e-9)
    assert np.mean(y < intercept + slope * x - 1e-9) <= 0.95 <= np.mean(y <= intercept + slope * x + 1e-9)
