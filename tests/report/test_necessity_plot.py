"""The picture of a necessity analysis: nobody can be recognised from it, and the exact one is exact."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from si_research.errors import ModelSpecificationError
from si_research.model.necessity.necessity import Necessity, describe_necessity
from si_research.report.necessity_plot import plot_necessity, plot_necessity_panels, reached_by_five
from si_research.report.necessity_tables import bottlenecks_for_report

OUTCOME = "innovative_behaviour"
EVERY = ["ce_fdh", "cr_fdh", "ce_vrs", "cr_vrs", "qr", "c_lp", "cols"]


def scores(n: int = 400, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    y = rng.integers(4, 21, n) / 4
    return pd.DataFrame({"mogen": np.clip(y - 1 + rng.integers(0, 12, n) / 4, 1, 5), OUTCOME: y})


def described(table: pd.DataFrame, **options: object) -> Necessity:
    return describe_necessity(table, predictors=["mogen"], **options)  # type: ignore[arg-type]


def drawn(found: Necessity, **options: object) -> Axes:
    axis = Figure().add_subplot()
    return plot_necessity(found, axis, condition="mogen", **options)  # type: ignore[arg-type]


def labels(axis: Axes) -> list[str]:
    return [str(text) for text in axis.get_legend_handles_labels()[1]]


@pytest.mark.parametrize("corner", [1, 2, 3, 4])
def test_the_steps_are_reached_by_five_and_passed_by_fewer(corner: int) -> None:
    rng = np.random.default_rng(corner)
    x, y = rng.integers(1, 6, 200).astype("float64"), rng.normal(3, 0.8, 200)
    edges = np.arange(0.5, 6), np.linspace(0, 6, 13)
    line_x, line_y = reached_by_five(x, y, *edges, corner)
    assert set(line_x) <= set(edges[0])
    assert set(line_y) <= set(edges[1])
    for start, end, height in zip(line_x[::2], line_x[1::2], line_y[::2], strict=True):
        outer = end  # the side away from the empty corner
        near = x < outer if corner in (1, 3) else x > outer
        beyond = y > height if corner in (1, 2) else y < height
        inside = y > height - 0.5 if corner in (1, 2) else y < height + 0.5
        assert abs(end - start) == 1
        assert (near & inside).sum() >= 5
        assert (near & beyond).sum() < 5


def test_nobody_can_be_recognised() -> None:
    table = scores()
    axis = drawn(described(table, ceilings=EVERY))
    circles = axis.collections[0].get_offsets()
    assert len(circles) < len(table.drop_duplicates())
    assert "lowest line over all (C-LP)" not in labels(axis)
    assert "raised line (COLS)" not in labels(axis)
    assert not any(line.get_marker() == "o" for line in axis.lines)
    ends = axis.get_xlim()
    for line in axis.lines:
        x = np.asarray(line.get_xdata())
        if len(x) == 2:
            assert tuple(x) == ends  # over the whole width
    lone = table.iloc[[0]].assign(**{"mogen": 1.0, OUTCOME: 5.0})
    again = drawn(described(pd.concat([table, lone]), ceilings=["ce_fdh"]))
    assert np.asarray(again.lines[0].get_ydata())[0] < 5  # one person in the corner is not seen


def test_a_line_through_two_places_is_not_drawn() -> None:
    table = pd.DataFrame({"mogen": [1.0] * 20 + [5.0] * 20, OUTCOME: [1.0, 2.0] * 10 + [3.0, 4.0] * 10})
    assert labels(drawn(described(table, ceilings=["cr_fdh"]))) == ["people (larger for more)"]
    assert "line through the highest points (CR-FDH)" in labels(
        drawn(described(scores(), ceilings=["cr_fdh"]))
    )


def test_for_the_researcher_it_is_exact_and_in_both_languages() -> None:
    found = described(scores(), ceilings=EVERY)
    axis = drawn(found, every_person=True, language="nl")
    peers = found.ceilings["mogen", "ce_fdh"].peers
    steps = next(line for line in axis.lines if line.get_label() == "trappen (CE-FDH)")
    corners = {tuple(point) for point in np.asarray(steps.get_xydata()).tolist()}
    assert {(float(x), float(y)) for x, y in zip(peers.x, peers.y, strict=True)} <= corners
    assert len(labels(axis)) == len(EVERY)
    assert len(axis.lines[0].get_xydata()) == 400


def test_panels_have_one_legend_and_one_name_of_the_outcome() -> None:
    table = scores().assign(kunnen=np.tile([1.0, 5.0], 200))
    found = describe_necessity(table, predictors=["mogen", "kunnen"])
    figure = Figure(layout="constrained")
    axes = plot_necessity_panels(found, figure.subplots(1, 2), language="nl")
    assert [axis.get_ylabel() for axis in axes] == ["Innovatief gedrag", ""]
    assert [axis.get_legend() for axis in axes] == [None, None]
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(texts) == len(set(texts)) == 3
    with pytest.raises(ModelSpecificationError, match="2 axes"):
        plot_necessity_panels(found, [axes[0]])


def test_few_people_leave_an_empty_picture() -> None:
    axis = drawn(described(scores(4)))
    assert not axis.collections
    assert not axis.lines
    assert axis.get_legend() is None


def test_what_is_not_there_is_refused() -> None:
    found = described(scores())
    for wrong in ({"condition": "courage"}, {"condition": "mogen", "ceilings": ["qr"]}):
        with pytest.raises(ModelSpecificationError):
            plot_necessity(found, Figure().add_subplot(), **wrong)  # type: ignore[arg-type]


def test_the_table_for_a_report_has_the_line_and_nobody_s_own_score() -> None:
    table = scores().assign(kunnen=np.tile([1.0, 5.0], 200))
    found = describe_necessity(table, predictors=["mogen", "kunnen"])
    told = bottlenecks_for_report(found, levels=[3, 5])
    fit = found.ceilings["mogen", "cr_fdh"]
    assert told.loc[5.0, "mogen"] == f"{(5 - fit.intercept) / fit.slope:.2f}"
    few = pd.DataFrame({"kunnen": [1.0, 1.0, 5.0, 5.0, 5.0], OUTCOME: [1.0, 2.0, 4.0, 5.0, 3.0]})
    assert (
        bottlenecks_for_report(describe_necessity(few, predictors=["kunnen"]), levels=[3])["kunnen"] == "–"
    ).all()
    steps = describe_necessity(table, predictors=["mogen"], ceilings=["ce_fdh"])
    assert (bottlenecks_for_report(steps, levels=[3])["mogen"] == "–").all()
    assert told.attrs["n_used"] == {"mogen": 400, "kunnen": 400}
    other = describe_necessity(few, predictors=["kunnen"], ceilings=["cr_fdh", "qr"], quantile=0.1)
    assert (bottlenecks_for_report(other, levels=[3])["kunnen"] == "–").all()
    both = describe_necessity(
        table, predictors=["mogen"], ceilings=["c_lp", "qr"], scope="theoretical", quantile=0.9
    )
    line = both.ceilings["mogen", "qr"]
    assert (
        bottlenecks_for_report(both, levels=[5]).loc[5.0, "mogen"]
        == f"{(5 - line.intercept) / line.slope:.2f}"
    )
