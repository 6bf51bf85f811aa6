"""Figures as a report draws them, and whether every text in them can be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from si_research.report.figures import _FIGURES, STYLE
from si_research.report.findings import StudyFindings
from si_research.report.labels import labels_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox


def drawn(findings: StudyFindings, name: str, language: str) -> Figure:
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        figure = _FIGURES[name].draw(findings, labels_of(findings, language))
        figure.canvas.draw()
    return figure


def texts_of(figure: Figure) -> Iterator[tuple[str, Bbox]]:
    """Every text that is drawn, with the room it takes in pixels; ticks beyond the ends are not drawn."""
    found: list[Text] = list(figure.texts)
    legends = list(figure.legends)
    for axes in (axes for axes in figure.axes if axes.get_visible()):
        found += [axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
        legends += [legend for legend in [axes.get_legend()] if legend is not None]
        for side, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            ticks = [
                tick for tick in side.get_major_ticks() if min(low, high) <= tick.get_loc() <= max(low, high)
            ]
            found += [tick.label1 for tick in ticks if tick.label1.get_visible()]
    found += [text for legend in legends for text in legend.get_texts()]
    for text in found:
        if text.get_visible() and text.get_text().strip():
            yield text.get_text(), text.get_window_extent()


def assert_tidy(figure: Figure, fewest: int = 6) -> None:
    shown = list(texts_of(figure))
    assert len(shown) >= fewest
    page = figure.bbox
    for text, box in shown:
        assert box.x0 >= page.x0 - 1, f"cut off at the left: {text}"
        assert box.x1 <= page.x1 + 1, f"cut off at the right: {text}"
        assert box.y0 >= page.y0 - 1, f"cut off below: {text}"
        assert box.y1 <= page.y1 + 1, f"cut off above: {text}"
    for (one, first), (other, second) in combinations(shown, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        upright = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert not (across > 1 and upright > 1), f"{one!r} lies on {other!r}"
