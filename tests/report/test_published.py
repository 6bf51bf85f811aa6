"""How coarsely a publication tells: words, ``results.json``, pictures and tables of a notebook."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from si_research.errors import ModelSpecificationError
from si_research.privacy.profiles import INTERNAL, PUBLICATION, disclosing
from si_research.report import figures
from si_research.report.describe import bars_of, paired_bins
from si_research.report.labels import Labels
from si_research.report.plot_style import new_figure
from si_research.report.published import coarse_figure, published_json
from si_research.report.suppression import check_may_be_drawn, share_step, told_step
from si_research.report.tables import make_table
from si_research.report.voice import voice


@given(st.integers(13, 5000))
def test_a_rounded_number_could_be_any_of_five(n: int) -> None:
    with disclosing(PUBLICATION):
        told = int(voice("en").count(n).replace(",", ""))
        around = [voice("en").count(each).replace(",", "") for each in range(told - 2, told + 3)]
    assert told % 5 == 0 and abs(told - n) <= 2
    assert set(around) == {str(told)}


@given(st.integers(20, 5000))
def test_shares_and_sums_are_not_told_closer_than_to_ten_people(people: int) -> None:
    with disclosing(PUBLICATION):
        assert share_step(people) * people >= 9.999
        assert told_step(people) * people >= 9.999 or told_step(people) == 0.1


@pytest.mark.parametrize(
    ("profile", "count", "df", "share", "r2", "people"),
    [
        (INTERNAL, "1,463", "1,449", "33.4%", ".215", "3"),
        (PUBLICATION, "1,465", "> 30", "33%", ".22", "< 10"),
    ],
)
def test_words(profile: object, count: str, df: str, share: str, r2: str, people: str) -> None:
    speak = voice("en")
    with disclosing(profile, people=1463):  # type: ignore[arg-type]
        assert (speak.count(1463), speak.df(1449), speak.percent(0.334, 1)) == (count, df, share)
        assert (speak.bounded(0.2154, 3), speak.people(3)) == (r2, people)
        assert (speak.whole(1463), speak.rate(0.334, 1), speak.p_value(0.0123)) == (
            "1,463",
            "33.4%",
            "p = .012",
        )
        assert speak.level(0.95) == "95%"


def test_a_share_of_nobody_knows_how_many_is_told_in_tenths() -> None:
    with disclosing(PUBLICATION):
        assert voice("en").percent(0.334, 1) == "30%"


def test_a_number_that_nobody_thought_of_is_rounded_or_hidden() -> None:
    content = {"new": {"things": 1463, "few": 7, "none": 0, "k1": 1, "r2_new": 0.21543, "n_new": 12.0}}
    with disclosing(PUBLICATION, people=1463):
        told = published_json(content, frozenset({"k1"}))
    assert told == {"new": {"things": 1465, "few": None, "none": 0, "k1": 1, "r2_new": 0.22, "n_new": 10}}


@given(st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 1e-3))
def test_a_figure_has_three_digits(value: float) -> None:
    told = coarse_figure(value)
    assert told == pytest.approx(value, rel=0.005, abs=0.0005)


@pytest.mark.pictures
def test_places_in_a_picture_are_told_to_a_tenth_of_a_point() -> None:
    """A bar of 7 of 1,463 people is .3 % high; its height to six places tells both numbers."""
    found = {}
    for profile in (INTERNAL, PUBLICATION):
        figure = new_figure(2.0)
        figure.subplots().bar([0, 1], [7 / 1463, 131 / 1463])
        with disclosing(profile):
            svg, _ = figures._rendered(figure)
        places = re.findall(r'\b(?:d|x|y)="([^"]*)"', svg.decode("utf-8"))
        found[profile.name] = bool(re.search(r"\.\d\d", " ".join(places)))
    assert found == {"internal": True, "publication": False}


def test_bars_and_cells_hold_rounded_numbers() -> None:
    rng = np.random.default_rng(2)
    x, y = (pd.Series(rng.integers(1, 6, 997)).astype("float64") for _ in range(2))
    with disclosing(PUBLICATION):
        bars, cells = bars_of(x, None), paired_bins(x, y, None, None)
    assert bars["n"].isna().all()
    assert (bars["share"] / share_step(997)).round(6).map(float.is_integer).all()
    assert len(cells) > 10 and (cells["n"] % 5 == 0).all() and (cells["n"] >= 10).all()


def test_a_table_in_a_notebook_is_made_under_the_profile() -> None:
    def shown() -> str:
        labels = Labels(voice("en"))
        table = make_table("sample", ("variable", "n"), [("x", labels.voice.count(237))], labels=labels)
        return table._repr_html_()

    with disclosing(PUBLICATION):
        assert "235" in shown() and "237" not in shown()
    assert "237" in shown()


def test_a_picture_of_one_organisation_is_refused() -> None:
    check_may_be_drawn("inside the house, everything may be")
    with disclosing(PUBLICATION), pytest.raises(ModelSpecificationError, match="keep it inside the house"):
        check_may_be_drawn("one in which every mark is an organisation")
