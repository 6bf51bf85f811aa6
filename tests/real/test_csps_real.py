"""Seven raw files of one survey in five styles, as one table: organisations by year, percentages, wordings.

The figures are those of the README of the data set and of its derived table, made from the same files.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from si_research.errors import SurveyDataError
from si_research.survey.numbering import Numbering, find_numbering, with_questions
from si_research.survey.published_tables import (
    PublishedTable,
    combine_tables,
    read_published_table,
    read_question_list,
)
from si_research.survey.question_text import spelling_of
from si_research.survey.reading import read_raw

WORDED = ("2010", "2012", "2013", "2015", "2019")
CODES_ONLY = ("2016", "2018")
LISTS = {"2013": "Table 2.2 - Question metadata", "2019": "Table 3.2 - Table 2 metadata"}
ITEMS = {
    "kunnen_skills_needed": "I have the skills I need to do my job effectively",
    "willen_interested_work": "I am interested in my work",
    "mogen_choice_how": "I have a choice in deciding how I do my work",
    "innov_encouraged_new_ways": "The people in my team are encouraged to come up with new and better ways "
    "of doing things",
    "innov_improve_service": "The people in my team work together to find ways to improve the service we "
    "provide",
}


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "real_data" / "csps_uk_orgs"


@pytest.fixture(scope="module")
def tables(folder: Path) -> dict[str, PublishedTable]:
    found = {}
    for year in (*WORDED, *CODES_ONLY):
        (path,) = folder.glob(f"raw_{year}.*")
        questions = read_question_list(path, LISTS[year]) if year in LISTS else None
        found[year] = read_published_table(path, wave=year, unit="Organisation", questions=questions)
    return found


@pytest.fixture(scope="module")
def numberings(tables: Mapping[str, PublishedTable]) -> dict[str, Numbering]:
    worded = [tables[year] for year in WORDED]
    return {year: find_numbering(tables[year], worded) for year in CODES_ONLY}


@pytest.fixture(scope="module")
def tidy(tables: Mapping[str, PublishedTable], numberings: Mapping[str, Numbering]) -> pd.DataFrame:
    named = {year: with_questions(tables[year], each) for year, each in numberings.items()}
    whole = {**tables, **named}
    return combine_tables([whole[year] for year in sorted(whole)])


def derived(folder: Path) -> pd.DataFrame:
    table = pd.read_csv(folder / "amo_by_org_year.csv", dtype={"year": "str"})
    return table[~table["organisation"].str.contains("benchmark", case=False)]


def wide(tidy: pd.DataFrame, year: str) -> pd.DataFrame:
    """The five questions of the derived table, by organisation."""
    names = {spelling_of(text): name for name, text in ITEMS.items()}
    rows = tidy[tidy["wave"] == year]
    item = rows["question"].map(spelling_of).map(names)
    chosen = rows.assign(item=item)[item.notna()]
    return chosen.pivot_table(index="unit", columns="item", values="percent")


def test_five_styles_become_one_table(tidy: pd.DataFrame) -> None:
    assert list(tidy.columns) == ["wave", "unit", "code", "question", "figure", "percent"]
    assert tidy.groupby("wave")["unit"].nunique().to_dict() == {
        "2010": 103, "2012": 97, "2013": 98, "2015": 98, "2016": 101, "2018": 105, "2019": 109,
    }  # fmt: skip
    assert tidy["percent"].dtype == "float64"
    assert tidy["percent"].dropna().between(0, 100).all()
    assert not tidy.duplicated(["wave", "unit", "code"]).any()
    assert not (tidy["question"] == "").any()


@pytest.mark.parametrize("year", ["2010", "2012", "2013", "2015"])
def test_every_shared_figure_is_that_of_the_derived_table(
    tidy: pd.DataFrame, folder: Path, year: str
) -> None:
    expected = derived(folder).query("year == @year").set_index("organisation")[list(ITEMS)]
    expected.index = expected.index.str.split().str.join(" ")
    found = wide(tidy, year)[list(ITEMS)]
    assert sorted(found.index) == sorted(expected.index)
    pd.testing.assert_frame_equal(
        found, expected.loc[found.index], check_names=False, check_exact=False, rtol=0, atol=1e-9
    )


def test_the_complete_organisations_of_these_years_are_part_of_the_688(
    tidy: pd.DataFrame, folder: Path
) -> None:
    four = ["kunnen_skills_needed", "willen_interested_work", "mogen_choice_how", "innov_encouraged_new_ways"]
    early = derived(folder).query("year <= '2015'").dropna(subset=four)
    assert len(early) == 688
    years = ("2010", "2012", "2013", "2015")
    complete = {year: len(wide(tidy, year)[four].dropna()) for year in years}
    assert complete == early["year"].value_counts()[list(years)].to_dict()


def test_figures_over_all_organisations_are_no_organisation(tables: Mapping[str, PublishedTable]) -> None:
    for year, table in tables.items():
        rows = table.left_out.query("what == 'row' and reason == 'a figure over all groups'")["name"]
        assert len(rows) == (2 if year == "2019" else 1)
        assert rows.str.startswith(("Civil Service", "All civil servants")).all()
        assert not table.table()["unit"].str.contains("benchmark|median", case=False).any()


def test_headings_and_notes_of_the_workbooks_are_left_out_by_name(
    tables: Mapping[str, PublishedTable],
) -> None:
    rows = tables["2013"].left_out.query("reason == 'no figures'")["name"]
    assert len(rows) == 21  # 17 departments, a heading and 3 footnotes
    assert {"Defence", "Footnotes:"} <= set(rows)


def test_how_each_style_was_read(tables: Mapping[str, PublishedTable]) -> None:
    assert tables["2015"].facts.encoding == "windows-1252"
    assert tables["2010"].facts.encoding == "utf-8"
    assert (
        tables["2015"]
        .table()["question"]
        .str.contains("[My organisation’s senior managers]", regex=False)
        .any()
    )
    assert tables["2013"].facts.sheet == "Table 2.1 - Question scores"
    assert tables["2013"].facts.header_row == 2
    assert tables["2016"].n_suppressed == 17
    assert {year: table.n_suppressed for year, table in tables.items() if year != "2016"} == dict.fromkeys(
        (*WORDED, "2018"), 0
    )


def test_the_cells_of_each_style(tables: Mapping[str, PublishedTable], folder: Path) -> None:
    """Plain numbers in 2010, signs of percent later; a point where a figure is not published."""
    first = {year: read_raw(folder / f"raw_{year}.csv").frame.iloc[0].tolist() for year in WORDED[:2]}
    assert ("56" in first["2010"], "58%" in first["2012"]) == (True, True)
    assert not any("%" in str(cell) for cell in first["2010"])
    codes = read_raw(folder / "raw_2016.csv").frame
    assert {"EES", "mw_ts", "B01"} <= set(codes)
    assert (codes == ".").any(axis=None)
    latest = tables["2018"].table()["code"]
    bare = {code for code in latest if code.startswith("B")}
    assert bare == {f"B{n:02d}" for n in range(1, 63)}
    for year, table in tables.items():
        assert table.table()["question"].eq("").all() == (year in CODES_ONLY)


def test_one_question_turned_into_another_figure_and_says_so(tidy: pd.DataFrame) -> None:
    """W04, how anxious: until 2016 the share of the calm (0-3), later that of the anxious (6-10)."""
    figures = tidy[tidy["code"] == "W04"].groupby("wave")["figure"].first()
    assert figures[["2015", "2016"]].tolist() == ["% rating 0-3", "% rating 0-3"]
    assert figures["2018"] == figures["2019"]
    assert "6-10" in figures["2019"]


def test_2016_follows_2015_and_2018_follows_2019(numberings: Mapping[str, Numbering]) -> None:
    assert {year: each.source for year, each in numberings.items()} == {"2016": "2015", "2018": "2019"}
    for each in numberings.values():
        waves = each.candidates.set_index("wave")
        assert waves.loc[each.source, "share_fit"] > 0.94
        assert (waves.drop(each.source)["share_fit"] < 0.7).all()
    assert "2018 holds codes only. It follows the numbering of 2019: 67 of 70 shared codes fit" in str(
        numberings["2018"]
    )


def test_b33_is_not_the_same_question_in_both_pairs(numberings: Mapping[str, Numbering]) -> None:
    b33 = {year: each.table().set_index("code").loc["B33"] for year, each in numberings.items()}
    assert b33["2016"]["question"] == "I have the skills I need to do my job effectively"
    assert b33["2018"]["question"] != b33["2016"]["question"]
    assert all(each["fits"] for each in b33.values())


def test_codes_that_do_not_fit_get_no_wording(
    numberings: Mapping[str, Numbering], tidy: pd.DataFrame
) -> None:
    """From B60 on, 2016 no longer follows 2015: its B60 lies nearest to B61 there, its B61 to B62."""
    codes = {year: each.table().set_index("code") for year, each in numberings.items()}
    refused = {year: list(table.index[~table["fits"]]) for year, table in codes.items()}
    assert refused == {
        "2016": ["B60", "B61", "B62", "B63", "E05", "E06"],
        "2018": ["B59", "B60", "B61", "B62", "E05", "E06"],
    }
    assert codes["2016"].loc[["B60", "B61"], "nearest_other"].tolist() == ["B61", "B62"]
    assert not tidy[tidy["wave"] == "2016"]["code"].isin(refused["2016"]).any()


def test_a_wrong_year_alone_is_refused(tables: Mapping[str, PublishedTable]) -> None:
    """2015 is as far from 2018 as 2019 is from 2016; either would give every question from B06 on wrongly."""
    with pytest.raises(SurveyDataError, match="codes that cannot be mapped"):
        find_numbering(tables["2018"], [tables["2015"]])
    with pytest.raises(SurveyDataError, match="do not take the nearest year"):
        find_numbering(tables["2016"], [tables["2019"]])


def test_the_statement_is_on_groups(tables: Mapping[str, PublishedTable]) -> None:
    assert "nothing of single people" in str(tables["2015"])
