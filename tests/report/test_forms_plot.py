"""The pictures of how far one condition makes up for another: they draw what was found, and nobody alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from si_research.model.forms.compensation import Compensation, fit_compensation
from si_research.model.forms.power_mean import power_mean
from si_research.model.forms.profile import bounded
from si_research.model.forms.surface import form_surface
from si_research.report.figures import STYLE
from si_research.report.forms_plot import plot_compensation, plot_form_surface
from si_research.report.plot_style import new_figure
from tidy_figures import assert_tidy

NAMES = ["kunnen", "willen", "mogen"]


@cache
def found(form: str) -> Compensation:
    rng = np.random.default_rng(3)
    x = np.rint(4 * np.clip(3.4 + 0.7 * rng.normal(size=(300, 3)), 1, 5)) / 4
    p = {"mean": 1.0, "minimum": -np.inf, "tied": 1.0, "beyond": 1.3}[form]
    if form == "tied":
        x = x[:, [0, 0, 0]]
    y = 1 + 3 * power_mean((x - 1) / 4, p) + (0.2 if form == "beyond" else 0.3) * rng.normal(size=300)
    scores = pd.DataFrame(x, columns=NAMES).assign(innovative_behaviour=y)
    return fit_compensation(scores, ends={"innovative_behaviour": (-2, 8)}, draws=199, seed=1)


def drawn(form: str, plot: str, **options: object) -> Axes:
    with mpl.rc_context(STYLE):
        figure = new_figure(4.2)
        function = {"profile": plot_compensation, "surface": plot_form_surface}[plot]
        axis = function(found(form), figure.subplots(), **options)
        figure.canvas.draw()
    return axis


@pytest.mark.parametrize(("form", "language"), [("mean", "en"), ("minimum", "nl"), ("tied", "nl")])
def test_the_pictures_are_tidy(form: str, language: str) -> None:
    assert_tidy(drawn(form, "profile", language=language).figure)
    if form != "tied":
        assert_tidy(drawn(form, "surface", language=language).figure)


@pytest.mark.parametrize("form", ["mean", "minimum", "beyond"])
def test_no_name_of_a_form_stands_on_the_line(form: str) -> None:
    axis = drawn(form, "profile")
    line = next(line for line in axis.lines if len(line.get_xdata()) > 10)
    ends = axis.transData.transform(np.column_stack([line.get_xdata(), line.get_ydata()]))
    steps = np.linspace(0, 1, 50)[:, None]
    points = np.vstack([a + steps * (b - a) for a, b in pairwise(ends)])
    inside = axis.bbox.contains
    for text in axis.texts:
        box = text.get_window_extent()
        on_line = [point for point in points if box.contains(*point) and inside(*point)]
        assert not on_line, text.get_text()


def test_the_profile_is_drawn_with_its_best_power_and_its_interval() -> None:
    axis, fit = drawn("mean", "profile"), found("mean")
    line = next(line for line in axis.lines if len(line.get_xdata()) > 10)
    assert np.asarray(line.get_ydata()) == pytest.approx(-fit.profile["deviance"].to_numpy() / 2)
    best = next(line for line in axis.lines if line.get_marker() == "o")
    assert float(best.get_xdata()[0]) == pytest.approx(float(bounded(fit.p_hat)))
    band = axis.patches[0].get_extents().transformed(axis.transData.inverted())
    ends = bounded(np.array([fit.boot_low, fit.boot_high]))
    assert [band.x0, band.x1] == pytest.approx(ends)


def test_forms_that_fit_far_worse_stand_at_the_foot() -> None:
    axis = drawn("mean", "profile")
    feet = [float(line.get_xdata()[0]) for line in axis.lines if line.get_marker() == "v"]
    far = found("mean").profile["deviance"]
    assert feet == [float(bounded(p)) for p in (-np.inf, -1.0, 0.0, 1.0, np.inf) if far[p] / 2 > 17.4]
    assert feet


def test_the_name_of_a_form_near_the_foot_stays_in_the_picture() -> None:
    fit = found("mean")
    profile = fit.profile.assign(deviance=fit.profile["deviance"] * 32.6 / fit.profile["deviance"][0.0])
    axis = new_figure(4.2).subplots()
    plot_compensation(replace(fit, profile=profile), axis)
    axis.figure.canvas.draw()
    name = next(text for text in axis.texts if "geometric" in text.get_text()).get_window_extent()
    assert axis.get_window_extent().y0 < name.y0
    assert name.x1 < axis.transData.transform((0, 0))[0]


def test_where_no_power_is_better_none_is_marked() -> None:
    axis = drawn("tied", "profile")
    assert "o" not in {line.get_marker() for line in axis.lines}
    assert axis.get_legend().get_texts()[0].get_text() == "fits best: p̂ = –"


def test_both_surfaces_have_one_scale_of_colours() -> None:
    """The fitted and the additive one, so that they can be laid side by side."""
    best, adding = (drawn("minimum", "surface", p=p) for p in (None, 1.0))
    levels = [axis.collections[0].levels.tolist() for axis in (best, adding)]
    assert levels[0] == levels[1]
    values = pd.concat([form_surface(found("minimum"), p=p)["estimate"] for p in (None, 1.0)])
    assert levels[0][0] <= values.min()
    assert levels[0][-1] >= values.max()
    assert best.get_title("left").startswith("As it fits best: ")
    assert adding.get_title("left").startswith("If it were a mean (p = 1.0)\nat mogen = 3.")


def test_circles_stand_for_five_people_or_more() -> None:
    axis, fit = drawn("mean", "surface"), found("mean")
    circles = axis.collections[-1]
    assert len(circles.get_offsets()) < fit.n_used / 5
    without = drawn("mean", "surface", people=False)
    assert len(without.collections) == len(axis.collections) - 1
