"""Pictures: nothing cut off, nothing on top of something else, the numbers those of the results."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from si_research.report.describe import distribution
from si_research.report.figures import _FIGURES, draw_figures
from si_research.report.findings import StudyFindings
from si_research.report.labels import labels_of
from si_research.report.voice import plain
from tidy_figures import assert_tidy, drawn

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.pictures
Small = Callable[..., StudyFindings]
FIGURES = tuple(_FIGURES)
LONG = "de mate waarin mensen met nieuwe ideeën komen en die ook echt uitvoeren"


def skip_unless_fit(findings: StudyFindings, name: str) -> None:
    if not _FIGURES[name].fits(findings):
        pytest.skip("this study has no such figure")


def long_names(folder: Path) -> None:
    text = (folder / "codebook.yml").read_text("utf-8")
    old = "construct: innovative_behaviour, "
    text = text.replace(old, f"{old}label_nl: {LONG}, label_en: {LONG}, ")
    (folder / "codebook.yml").write_text(text, "utf-8")


def two_conditions(folder: Path) -> None:
    text = (folder / "study.yml").read_text("utf-8")
    (folder / "study.yml").write_text(
        text.replace("analysis: {", "analysis: {predictors: [kunnen, mogen], "), "utf-8"
    )


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_figures_of_the_example_are_tidy(example: StudyFindings, name: str, language: str) -> None:
    skip_unless_fit(example, name)
    assert_tidy(drawn(example, name, language))


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("case", ["long names", "two conditions", "three firms"])
def test_the_figures_of_other_studies_are_tidy(small: Small, name: str, case: str) -> None:
    found = {
        "long names": lambda: small(240, 12, long_names),
        "two conditions": lambda: small(240, 12, two_conditions),
        "three firms": lambda: small(90, 3),
    }[case]()
    skip_unless_fit(found, name)
    fewest = 2 if name in {"flow", "aggregation"} else 6  # two boxes where nobody left; no firms to compare
    assert_tidy(drawn(found, name, "nl"), fewest)


def test_every_axis_with_numbers_is_named(example: StudyFindings) -> None:
    for name in (each for each in FIGURES if _FIGURES[each].fits(example)):
        figure = drawn(example, name, "en")
        named = [bool(axes.get_xlabel() or axes.get_ylabel() or axes.get_title()) for axes in figure.axes]
        assert all(named) or not any(axes.axison for axes in figure.axes), name


def test_the_coefficients_drawn_are_those_of_the_fit(example: StudyFindings) -> None:
    fit = example.fit
    assert fit is not None
    (axes,) = drawn(example, "coefficients", "en").axes
    points = [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1]
    terms = [term for term in fit.standardised.index if set(term.split(":")) <= set(fit.predictors)]
    assert len(terms) == 7
    assert points == pytest.approx(fit.standardised.loc[terms, "estimate"].tolist(), abs=1e-12)
    low, high = axes.get_xlim()
    assert low == -high, "a full scale, nil in the middle"


def test_the_lines_drawn_are_the_predictions(example: StudyFindings) -> None:
    """Straight lines whose slope is the simple slope of kunnen at those values of willen and mogen."""
    slopes = example.slopes
    assert slopes is not None
    figure = drawn(example, "slopes", "en")
    found = []
    for axes in figure.axes:
        for line in axes.lines:
            x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
            found.append((y[-1] - y[0]) / (x[-1] - x[0]))
    expected = slopes.loc[["kunnen"]].sort_values(["mogen", "willen"])["estimate"]
    assert len(found) == 9
    assert found == pytest.approx(expected.tolist(), abs=1e-9)


def test_bars_hold_five_people_and_add_up_to_all(example: StudyFindings) -> None:
    """``height`` is the share of people a step, so that height times width in steps adds up to 1."""
    for name in ("kunnen", "willen", "mogen", "innovative_behaviour"):
        bars = distribution(example, name)
        step = (bars["bin_high"] - bars["bin_low"]).min()
        share = bars["height"] * (bars["bin_high"] - bars["bin_low"]) / step
        assert share.sum() == pytest.approx(1.0, abs=1e-9)
        assert (share * 1465 >= 5 - 1e-6).all()


def test_nothing_behind_the_lines_is_a_group_under_five(small: Small) -> None:
    """90 people over a grid of cells: most hold fewer than five and stay blank."""
    from matplotlib.collections import PatchCollection

    figure = drawn(small(90, 3), "slopes", "en")
    for axes in figure.axes:
        assert not [each for each in axes.collections if isinstance(each, PatchCollection)]
    figure = drawn(small(), "slopes", "en")
    assert any(isinstance(each, PatchCollection) for axes in figure.axes for each in axes.collections)


def test_the_same_findings_give_the_same_bytes(small: Small) -> None:
    first, second = draw_figures(small(), "nl"), draw_figures(small(), "nl")
    assert [picture.svg for picture in first] == [picture.svg for picture in second]
    assert [picture.png for picture in first] == [picture.png for picture in second]


def test_the_alternative_text_has_the_numbers(example: StudyFindings) -> None:
    for name in (each for each in FIGURES if _FIGURES[each].fits(example)):
        alt = plain(_FIGURES[name].describe(example, labels_of(example, "nl"))[1])
        assert re.search(r"[,.]\d", alt), name
        assert "*" not in alt
