"""Waves in real surveys: the facts that the README of each data set states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research.survey.cleaning import CleaningRules, Unfinished, clean_survey
from si_research.survey.codebook import Codebook, Item, ResponseFormat, Roles, Scale, Variable
from si_research.survey.nested_rows import check_nested_rows
from si_research.survey.reading import read_raw, read_survey
from si_research.survey.replay import replay
from si_research.survey.survey_data import RawSurvey, Survey, rows_in_file
from si_research.survey.waves.changes import check_wave_columns
from si_research.survey.waves.instruments import check_instruments
from si_research.survey.waves.names import WaveColumns, find_waves
from si_research.survey.waves.presence import describe_waves
from si_research.survey.waves.shape import long_to_wide, wide_to_long
from si_research.survey.waves.stored_twice import check_stored_twice


def raw_of(shared: Path, *place: str) -> RawSurvey:
    return read_raw(shared.joinpath("real_data", *place))


def waves_of(raw: RawSurvey) -> WaveColumns:
    return find_waves(list(raw.frame), raw.texts)


# fairplayer: 143 pupils side by side, two sources, three constructs, three waves


@pytest.fixture
def fairplayer(shared: Path) -> RawSurvey:
    return raw_of(shared, "fairplayer_waves", "fairplayer.csv")


def fairplayer_codebook(found: WaveColumns) -> Codebook:
    stems = found.by_stem()
    scales = {
        f"{source}_{construct}": Scale(construct="other", items=tuple(rows["stem"].drop_duplicates()))
        for (source, construct), rows in found.columns.groupby(["source", "construct"], sort=False)
    }
    return Codebook(
        title="fairplayer",
        items={stem: Item(format="agree_5", columns=columns) for stem, columns in stems.items()},
        scales=scales,
        roles=Roles(respondent="ratee", organisation="klasse", controls=("IGL", "IGS")),
    )


def test_fairplayer_source_construct_item_and_wave(fairplayer: RawSurvey) -> None:
    """The README counts 143 rows and 3,164 empty cells; one of these rows is blank, and is left out."""
    assert fairplayer.frame.shape == (143 - 1, 142)
    assert fairplayer.facts.repairs["blank_rows"] == 1
    assert int((fairplayer.frame.isna() | (fairplayer.frame == "")).to_numpy().sum()) == 3164 - 142
    found = waves_of(fairplayer)
    assert found.waves == ("t1", "t2", "t3")
    assert found.left_over == ("ratee", "IGL", "IGS", "klasse")
    sizes = found.columns.groupby(["source", "construct", "wave"]).size()
    expected = {"EM": 8, "RA": 5, "SI": 10}
    assert len(sizes) == 2 * 3 * 3
    assert {(source, construct): n for (source, construct, _), n in sizes.items()} == {
        (source, construct): n for source in ("self", "teacher") for construct, n in expected.items()
    }


def test_fairplayer_reads_as_one_row_a_pupil_and_wave(shared: Path, fairplayer: RawSurvey) -> None:
    codebook = fairplayer_codebook(waves_of(fairplayer))
    path = shared / "real_data" / "fairplayer_waves" / "fairplayer.csv"
    survey = read_survey(path, codebook)
    assert survey.values["klasse"].nunique() == 9
    arms = survey.values.groupby(rows_in_file(survey))[["IGL", "IGS"]].first()
    assert arms.value_counts(dropna=False).to_dict() == {
        ("0", "0"): 45,
        ("0", "1"): 45,
        ("1", "0"): 45,
        (np.nan, np.nan): 8 - 1,  # a blank row is nobody
    }
    by_hand = pd.read_csv(path).dropna(how="all")
    present = {
        wave: by_hand[[name for name in by_hand if name.endswith(wave)]].notna().any(axis=1)
        for wave in ("t1", "t2", "t3")
    }
    none = ~np.logical_or.reduce(list(present.values()))
    assert len(survey.values) == sum(int(each.sum()) for each in present.values()) + int(none.sum())
    n_answers = int(by_hand.iloc[:, 4:].notna().to_numpy().sum())
    assert int(survey.values[list(codebook.items)].notna().to_numpy().sum()) == n_answers
    for wave in ("t1", "t2", "t3"):  # each cell by brute force
        part = survey.values[survey.values["wave"] == wave]
        rows = rows_in_file(survey)[part.index] - 1
        for stem in codebook.items:
            np.testing.assert_array_equal(part[stem], by_hand.loc[rows, f"{stem}{wave}"])


def test_fairplayer_has_every_class_wholly_in_one_arm(shared: Path, fairplayer: RawSurvey) -> None:
    """135 pupils are rated in 142 rows with a number, and one cell holds an 11, which no answer can be."""
    codebook = fairplayer_codebook(waves_of(fairplayer))
    path = shared / "real_data" / "fairplayer_waves" / "fairplayer.csv"
    survey = read_survey(path, codebook)
    arms = survey.values.groupby("klasse")[["IGL", "IGS"]].agg(["nunique", "first"])
    assert (arms.xs("nunique", axis=1, level=1) == 1).all(axis=None)
    per_arm = arms.xs("first", axis=1, level=1).value_counts().to_dict()
    assert per_arm == {("1", "0"): 3, ("0", "1"): 3, ("0", "0"): 3}
    assert survey.values["ratee"].nunique() == 135
    rules = CleaningRules(duplicates="keep_all", unfinished=Unfinished(drop=False))
    steps = clean_survey(survey, codebook, rules).ledger.steps.set_index("step")
    assert steps.loc["out_of_range", "cells_changed"] == int((survey.values["sRA01"] == 11).sum()) == 1


def test_fairplayer_replays(shared: Path, fairplayer: RawSurvey) -> None:
    codebook = fairplayer_codebook(waves_of(fairplayer))
    path = shared / "real_data" / "fairplayer_waves" / "fairplayer.csv"
    clean = clean_survey(read_survey(path, codebook), codebook)
    again = replay(clean.ledger, path, codebook)
    pd.testing.assert_frame_equal(again.values, clean.values, check_exact=True)
    pd.testing.assert_frame_equal(again.reasons, clean.reasons, check_exact=True)
    assert check_instruments(codebook, survey=clean).passed


@pytest.mark.parametrize(("fewest", "n_in_all"), [(1, 135), (23, 127)], ids=["as read", "cleaned"])
def test_fairplayer_drop_out_is_as_counted_by_hand(
    shared: Path, fairplayer: RawSurvey, fewest: int, n_in_all: int
) -> None:
    """Who gave one of the 46 answers of a wave is there; after cleaning, who gave half of them."""
    path = shared / "real_data" / "fairplayer_waves" / "fairplayer.csv"
    codebook = fairplayer_codebook(waves_of(fairplayer))
    survey = read_survey(path, codebook)
    presence = describe_waves(survey if fewest == 1 else clean_survey(survey, codebook), codebook)
    by_hand = pd.read_csv(path)
    answered = {
        wave: by_hand[[name for name in by_hand if name.endswith(wave)]].notna().sum(axis=1)
        for wave in ("t1", "t2", "t3")
    }
    there = pd.DataFrame(answered).groupby(by_hand["ratee"]).max() >= fewest
    assert presence.waves["n"].tolist() == there.sum().tolist()
    assert presence.waves["n_dropped"].tolist() == [
        0, (there["t1"] & ~there["t2"]).sum(), (there["t2"] & ~there["t3"]).sum(),
    ]  # fmt: skip
    assert presence.waves["n_new"].tolist() == [
        there["t1"].sum(),
        (~there["t1"] & there["t2"]).sum(),
        (~there["t1"] & ~there["t2"] & there["t3"]).sum(),
    ]
    assert presence.waves["n_back"].tolist() == [0, 0, (there["t1"] & ~there["t2"] & there["t3"]).sum()]
    in_waves = there.sum(axis=1).value_counts().drop(0, errors="ignore").sort_index()
    assert presence.times["n_waves"].tolist() == in_waves.index.tolist()
    assert presence.times["n_respondents"].tolist() == in_waves.tolist()
    assert presence.n_respondents == in_waves.sum() == n_in_all


def test_fairplayer_goes_long_and_back(shared: Path, fairplayer: RawSurvey) -> None:
    wide = pd.read_csv(shared / "real_data" / "fairplayer_waves" / "fairplayer.csv")
    columns = waves_of(fairplayer).by_stem()
    long = wide_to_long(wide, columns)
    assert len(long) < 143 * 3
    back = long_to_wide(long, columns)
    pd.testing.assert_frame_equal(back[list(wide)], wide, check_exact=True, check_dtype=False)


# fevs: indices of one department tree, a year in the name of each column


@pytest.fixture
def fevs(shared: Path) -> RawSurvey:
    return raw_of(shared, "fevs_agency_wide", "full_FEVS_prototype.csv")


def fevs_survey(shared: Path, fevs: RawSurvey, **scales: str) -> tuple[Survey, Codebook]:
    stems = waves_of(fevs).by_stem()
    names = {"n": "Response Count", "engaged": "Employee Engagement: Intrinsic Work Experience", **scales}
    variables = {name: Variable(kind="number", columns=stems[stem]) for name, stem in names.items()}
    variables |= {
        name: variables[name].model_copy(update={"lowest": 0.0, "highest": 1.0})
        for name in names
        if name != "n"
    }
    variables["level"] = Variable(columns=stems["Reporting Level"])
    codebook = Codebook(
        title="FEVS",
        variables=variables,
        scales={name: Scale(construct="other", score=name) for name in names if name != "n"},
        roles=Roles(organisation="Sorting Code"),
    )
    path = shared / "real_data" / "fevs_agency_wide" / "full_FEVS_prototype.csv"
    return read_survey(path, codebook), codebook


def test_fevs_years_in_names(fevs: RawSurvey) -> None:
    assert fevs.frame.shape == (52, 94)
    found = waves_of(fevs)
    assert found.waves == ("2015", "2016", "2017", "2018", "2019", "2020", "2022")
    assert set(found.left_over) == {"Agency & Subagency Name", "Sorting Code"}
    units = ["Governmentwide", "Department of Commerce", "National Oceanic and Atmospheric Administration"]
    assert fevs.frame["Agency & Subagency Name"].tolist()[:3] == units
    in_2015, in_2018 = (
        [name[:-5] for name in fevs.frame if name.endswith(f"_{year}")] for year in (2015, 2018)
    )
    shared_names = [name for name in in_2015 if name in in_2018]
    assert shared_names != [name for name in in_2018 if name in in_2015], "their order changes"
    check = check_wave_columns(found)
    assert "no column is about 2021" in check.text


def test_fevs_a_renamed_index_is_reported_and_not_joined(fevs: RawSurvey) -> None:
    found = waves_of(fevs)
    changes = check_wave_columns(found).table().set_index("stem")
    renamed = changes[changes["change"] == "renamed"]
    assert renamed["other"].to_dict() == {"New IQ: Empowered": "New IQ: Empowering"}
    assert tuple(renamed.loc["New IQ: Empowered", ["first", "last"]]) == ("2015", "2017")
    stems = found.by_stem()
    assert list(stems["New IQ: Empowered"]) == ["2015", "2016", "2017"]
    assert list(stems["New IQ: Empowering"]) == ["2018", "2019"]
    stopped = set(changes.index[(changes["change"] == "stops") & (changes["last"] == "2017")])
    assert stopped == {name for name in stems if name.startswith("HCAAF")}
    assert len(stopped) == 4  # the README counts them as two blocks


def test_fevs_counts_with_and_without_commas_are_the_same_numbers(shared: Path, fevs: RawSurvey) -> None:
    survey, _ = fevs_survey(shared, fevs)
    government = survey.values[survey.values["Sorting Code"] == "GOV"].set_index("wave")["n"]
    assert fevs.frame.loc[1, ["Response Count_2015", "Response Count_2016"]].tolist() == ["421,748", "407789"]
    assert government[["2015", "2016", "2022"]].tolist() == [421748.0, 407789.0, 557778.0]
    assert not (survey.reasons["n"] == "unreadable").any()


def test_fevs_rows_contain_one_another(fevs: RawSurvey) -> None:
    check = check_nested_rows(fevs.frame, count="Response Count_2015")
    assert check.passed is False
    assert check.table()["n_rows"].tolist() == [1, 1, 1, 8, 41]
    assert check.table()["largest"].iloc[0] == 421748
    assert "people would count several times" in check.text


def test_fevs_a_block_that_stops_is_refused_for_comparison(shared: Path, fevs: RawSurvey) -> None:
    survey, codebook = fevs_survey(
        shared, fevs, talent="HCAAF: Talent Management", empowered="New IQ: Empowered"
    )
    check = check_instruments(codebook, survey=survey)
    assert check.passed is False
    told = check.table()
    assert set(told["scale"]) == {"talent", "empowered"}
    assert set(zip(told["change"], told["wave"], told["next_wave"], strict=True)) == {
        ("absent", "2017", "2018")
    }
    assert check_instruments(codebook, survey=survey, scales=["engaged"]).passed


# limesurvey_german_jobcrafting: two tasks for each of 17 people


def test_jobcrafting_tasks_within_a_person(shared: Path) -> None:
    raw = raw_of(shared, "limesurvey_german_jobcrafting", "export_question_codes.csv")
    found = waves_of(raw)
    assert found.waves == ("1", "2")
    stems = found.by_stem()
    for stem in ("JC[IStR1]", "SE", "SDT[SDT1]", "SDT[SDT2]"):
        assert list(stems[stem]) == ["1", "2"]
    assert stems["SE"] == {"1": "SE1", "2": "SE2"}
    assert {name for name in found.left_over if name.startswith("NEO[")} >= {"NEO[E1R]", "NEO[N4]"}
    assert not {name for name in found.columns["column"] if name.endswith("Time") or name.startswith("NEO")}
    assert "JC[AC]" in stems  # the attention check of the second task


def test_jobcrafting_reads_as_two_rows_a_person_and_sees_other_items(shared: Path) -> None:
    path = shared / "real_data" / "limesurvey_german_jobcrafting" / "export_question_codes.csv"
    stems = waves_of(read_raw(path)).by_stem()
    crafting = {
        f"jc{n}": stem for n, stem in enumerate(s for s in stems if s.startswith("JC[") and "AC" not in s)
    }
    applies = ResponseFormat(
        labels={
            "de": (
                "Trifft gar nicht zu",
                "Trifft eher nicht zu",
                "Teils, teils",
                "Trifft teilweise zu",
                "Trifft voll zu",
            )
        }
    )
    codebook = Codebook(
        title="two tasks",
        formats={"applies": applies},
        items={name: Item(format="applies", columns=stems[stem]) for name, stem in crafting.items()},
        variables={"se": Variable(kind="number", lowest=0, highest=100, columns=stems["SE"])},
        scales={
            "jobcrafting": Scale(construct="other", items=tuple(crafting)),
            "efficacy": Scale(construct="other", score="se"),
        },
        roles=Roles(respondent="VPNCode"),
    )
    survey = read_survey(path, codebook)
    assert survey.values["VPNCode"].nunique() == 17
    assert survey.values["wave"].value_counts().to_dict() == {"1": 17, "2": 17}
    told = check_instruments(codebook, survey=survey).table()
    assert told[["scale", "change"]].to_numpy().tolist() == [["jobcrafting", "items"]]
    presence = describe_waves(survey, codebook)
    assert presence.times["n_respondents"].tolist() == [0, 17]


# jtrain: firms in three years, of which some got a grant


def test_jtrain_follows_157_firms_over_three_years(shared: Path) -> None:
    measures = ("hrsemp", "scrap", "grant")
    codebook = Codebook(
        title="jtrain",
        variables={name: Variable(kind="number", lowest=0) for name in measures},
        scales={name: Scale(construct="other", score=name) for name in measures},
        roles=Roles(respondent="fcode", wave="year"),
    )
    survey = read_survey(shared / "real_data" / "jtrain_grants" / "jtrain.csv", codebook)
    presence = describe_waves(survey, codebook)
    assert presence.n_respondents == 157
    assert presence.waves["n"].tolist() == [157, 157, 157]
    by_year = survey.values.groupby("year")
    assert by_year["grant"].sum().to_dict() == {"1987": 0, "1988": 36, "1989": 30}
    assert by_year["hrsemp"].mean().round(1).tolist() == [8.9, 16.1, 19.8]
    assert (survey.reasons["scrap"] == "unanswered").sum() == 309
    known = survey.values[survey.values["scrap"].notna()]
    assert known["fcode"].value_counts().to_numpy().tolist() == [3] * 54


@pytest.mark.parametrize(
    "place",
    [
        ("army_companies", "bhr2000.csv"),
        ("army_companies", "lq2002.csv"),
        ("fairplayer_waves", "fairplayer.csv"),
    ],
)
def test_nothing_is_found_twice_where_it_is_once(shared: Path, place: tuple[str, str]) -> None:
    raw = raw_of(shared, *place)
    assert check_stored_twice(raw.frame).passed
    assert check_nested_rows(raw.frame).passed
