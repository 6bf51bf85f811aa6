"""The pictures of a fuzzy-set analysis: what they draw is what was found, and nobody stands alone."""

from __future__ import annotations

from itertools import product

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from si_research.errors import ModelSpecificationError
from si_research.model.configurations.configurations import Configurations, fit_configurations
from si_research.model.configurations.truth_table import CutOffs
from si_research.report.configurations_plot import (
    people_in_cells,
    plot_sufficiency,
    plot_truth_table,
    told_rows,
)
from si_research.report.figures import STYLE
from si_research.report.plot_style import new_figure
from si_research.simulation.worlds import simulate_scores
from tidy_figures import assert_tidy

SIX = ["kunnen", "willen", "mogen", "steun van collega's", "leiding", "tijd"]


@pytest.fixture(scope="module")
def three() -> Configurations:
    scores = simulate_scores(400, n_firms=20, main=0.4, three_way=0.2, seed=1)
    numbers = scores.select_dtypes("number").columns.drop("firm_id", errors="ignore")
    scores[numbers] = scores[numbers].clip(1, 5)
    return fit_configurations(scores, cluster="firm_id", draws=199, seed=1)


@pytest.fixture(scope="module")
def six() -> Configurations:
    rng = np.random.default_rng(2)
    x = (3 + rng.normal(0, 0.8, (600, 6)) + rng.normal(0, 0.6, (600, 1))).clip(1, 5)
    y = (x.mean(axis=1) + rng.normal(0, 0.6, 600)).clip(1, 5)
    scores = pd.DataFrame(x, columns=SIX).assign(innovative_behaviour=y)
    return fit_configurations(scores, predictors=SIX, draws=199, cuts=CutOffs(n=3), seed=1)


def drawn(plot: str, found: Configurations, height: float, **options: object) -> Axes:
    with mpl.rc_context(STYLE):
        figure = new_figure(height)
        axis = {"xy": plot_sufficiency, "table": plot_truth_table}[plot](found, figure.subplots(), **options)
        figure.canvas.draw()
    return axis


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_pictures_are_tidy(three: Configurations, six: Configurations, language: str) -> None:
    for found, height in ((three, 4.2), (six, 10.5)):
        for negated in (False, True):
            axis = drawn("table", found, height, negated=negated, language=language)
            assert_tidy(axis.figure)
    for relation in ("sufficiency", "necessity"):
        axis = drawn("xy", three, 5.6, relation=relation, language=language)
        assert_tidy(axis.figure)


def test_the_squares_are_the_consistencies(three: Configurations) -> None:
    axis = drawn("table", three, 4.2)
    squares = [line for line in axis.lines if line.get_marker() == "s" and len(line.get_xdata())]
    found = sorted(x for line in squares for x in line.get_xdata())
    table = three.rows.loc[three.outcome]
    assert found == pytest.approx(sorted(table["inclS"]))
    full = [line for line in squares if line.get_markerfacecolor() != "white"]
    sufficient = table.loc[table["out"] == "1", "inclS"]
    assert sorted(x for line in full for x in line.get_xdata()) == pytest.approx(sorted(sufficient))
    dots = {
        (round(float(x), 6), float(y), line.get_markerfacecolor() != "white")
        for line in axis.lines
        if line.get_marker() == "o"
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    }
    columns = sorted({x for x, _, _ in dots})
    order = table.sort_values("inclS", ascending=False)
    assert dots == {
        (columns[place], float(row), bool(order[name].iloc[row]))
        for (place, name), row in product(enumerate(three.conditions), range(8))
    }


def test_circles_stand_for_five_people_and_more(three: Configurations) -> None:
    x, y = np.array([0.05] * 5 + [0.31] * 4 + [0.95] * 9), np.array([0.15] * 5 + [0.5] * 4 + [1.0] * 9)
    cells = people_in_cells(x, y)
    assert cells.to_dict("list") == {
        "x": pytest.approx([0.05, 0.95]),
        "y": pytest.approx([0.15, 0.95]),
        "n": [5, 9],
    }
    axis = drawn("xy", three, 5.6)
    sets, outcome = three.sets.arrays()
    expected = people_in_cells(sets.min(axis=1), outcome)
    np.testing.assert_allclose(axis.collections[0].get_offsets(), expected[["x", "y"]])
    assert expected["n"].min() >= 5
    assert expected["n"].sum() < three.n_used


def test_rows_of_few_people_are_not_told_nor_given_away(six: Configurations) -> None:
    """Rows are judged from one person here: those of one to four have a dash, and no consistency."""
    scores, cuts = six.scores.iloc[:90], CutOffs(n=1)
    found = fit_configurations(scores, predictors=SIX[:4], cuts=cuts, draws=199, seed=1)
    table = told_rows(found)
    few = (table["n"] < 5) & (table.index != "together")
    assert few.any()
    assert not table.loc[few, ["fit", "told"]].any().any()
    hidden = table.loc[~table["told"], "n"].sum()
    assert hidden >= 5
    assert table["n"].sum() == found.n_used
    axis = drawn("table", found, 6)
    texts = [text.get_text() for text in axis.texts]
    assert not {"1", "2", "3", "4"} & set(texts)


def test_one_row_of_few_people_takes_another_with_it() -> None:
    """With one row hidden the total would tell: the next smallest row has a dash too."""
    rows = {row: 10 + place for place, row in enumerate(product((1, 0), repeat=3))}
    rows[0, 0, 0] = 3
    data = [[4.4 if v else 1.6 for v in row] for row, n in rows.items() for _ in range(n)]
    scores = pd.DataFrame(data, columns=["kunnen", "willen", "mogen"])
    scores["innovative_behaviour"] = scores.min(axis=1)
    found = fit_configurations(scores, draws=199, seed=1)
    table = told_rows(found)
    assert set(table.index[~table["told"]]) == {"~kunnen*~willen*~mogen", "kunnen*willen*mogen"}
    assert not table.loc["kunnen*willen*mogen", "fit"]  # a fit beside a dash would say that n is not small


def test_an_expression_of_an_unknown_condition_is_refused(three: Configurations) -> None:
    with pytest.raises(ModelSpecificationError, match="join conditions by"):
        drawn("xy", three, 5.6, expression="kunnen*zullen")
    with pytest.raises(ModelSpecificationError, match="sufficiency, necessity"):
        drawn("xy", three, 5.6, relation="both")
