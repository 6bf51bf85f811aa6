"""Draft codebooks of the real exports: the facts that their README files state, found without a codebook."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from si_research.survey.cleaning import clean_survey
from si_research.survey.codebook import Codebook
from si_research.survey.codebook_checks import findings_in
from si_research.survey.codebook_file import read_codebook
from si_research.survey.codebook_writer import write_codebook
from si_research.survey.drafting import describe_draft, draft_codebook, unmeasured_constructs
from si_research.survey.reading.raw import read_raw
from si_research.survey.reading.read import survey_of
from si_research.survey.reading.rules import rules_for
from si_research.survey.survey_data import RawSurvey, Survey, rows_in_file

FILES = (
    "army_companies/lq2002.csv",
    "army_companies/univbct.csv",
    "csps_uk_orgs/amo_by_org_year.csv",
    "csps_uk_orgs/raw_2010.csv",
    "csps_uk_orgs/raw_2012.csv",
    "csps_uk_orgs/raw_2013.xlsx",
    "csps_uk_orgs/raw_2015.csv",
    "csps_uk_orgs/raw_2016.csv",
    "csps_uk_orgs/raw_2018.csv",
    "csps_uk_orgs/raw_2019.xlsx",
    "fairplayer_waves/fairplayer.csv",
    "fevs_agency_wide/full_FEVS_prototype.csv",
    "gss2010_spss/gss2010.sav",
    "jobcrafting_chile/unete2_reduced.sav",
    "jtrain_grants/jtrain.csv",
    "limesurvey_dutch/export_dutch_headers_masked.csv",
    "limesurvey_german_jobcrafting/export_full_question_text.csv",
    "limesurvey_german_jobcrafting/export_question_codes.csv",
    "limesurvey_limonaid/survey_998192_R_data_file.csv",
    "nl_subsidies_2015_ez/innovatiesubsidies_ez_2015.csv",
    "piaac_nl_adults/piaac_nld_subset.csv",
    "pses_canada_units/dtPSES.csv",
    "qualtrics_choice_vs_numeric/engagement_choice_text.csv",
    "qualtrics_choice_vs_numeric/engagement_numeric.csv",
    "qualtrics_fixtures/sample.csv",
    "qualtrics_fixtures/sample_legacy.csv",
    "reversed_items/acl.csv",
    "reversed_items/autonomySupport.csv",
    "reversed_items/bfi.csv",
    "spss_stata_edgecases/pyreadstat_missing_char.sav",
    "spss_stata_edgecases/haven_tagged-na-double.dta",
    "spss_stata_edgecases/pyreadstat_sample.dta",
    "spss_stata_edgecases/pyreadstat_sample_missing.sav",
    "surveymonkey_xlsx/Raw_data.xlsx",
    "work_cognitions/nimon2021.csv",
)
AMO = ("kunnen", "willen", "mogen", "innovative_behaviour")


@cache
def _raw(path: Path) -> RawSurvey:
    return read_raw(path)


@cache
def _draft(path: Path) -> Codebook:
    return draft_codebook(_raw(path))


def _read(path: Path) -> Survey:
    return survey_of(_raw(path), rules_for(_raw(path), _draft(path)))


def _turned(codebook: Codebook) -> set[str]:
    return {name for name, item in codebook.items.items() if item.reverse}


@pytest.mark.parametrize("name", FILES)
def test_a_draft_fits_its_own_file_and_survives_yaml(shared: Path, tmp_path: Path, name: str) -> None:
    path = shared / "real_data" / name
    codebook = _draft(path)
    assert findings_in(codebook) == ()
    survey = _read(path)
    assert rows_in_file(survey).nunique() <= _raw(path).facts.n_rows
    assert codebook.wave_order or len(survey.values) == _raw(path).facts.n_rows
    assert set(survey.values) == set(codebook.used_names)
    is_of_organisations = name.startswith(("csps", "fevs", "pses"))
    assert codebook.unit == ("organisation" if is_of_organisations else "respondent")
    back = read_codebook(write_codebook(codebook, tmp_path / "codebook.yml"))
    assert back.model_dump() == codebook.model_dump()
    columns = sum(len(codebook.columns_of(name)) for name in codebook.used_names) + len(codebook.kept_out)
    assert columns == _raw(path).facts.n_columns
    entries = (*codebook.items.values(), *codebook.variables.values(), *codebook.scales.values())
    assert all(entry.proposed for entry in entries)
    assert all(codebook.kept_out.values())


@pytest.mark.parametrize("name", FILES)
def test_no_construct_is_mapped_to_a_look_alike(shared: Path, name: str) -> None:
    codebook = _draft(shared / "real_data" / name)
    assert unmeasured_constructs(codebook) == AMO
    assert all(not scale.confirm for scale in codebook.scales.values())
    assert "not measured" in describe_draft(codebook)


def test_bfi_reversed_items_are_exactly_those_of_its_key(shared: Path) -> None:
    codebook = _draft(shared / "real_data/reversed_items/bfi.csv")
    assert _turned(codebook) == {"A1", "C4", "C5", "E1", "E2", "O2", "O5"}
    assert {name: scale.items for name, scale in codebook.scales.items()} == {
        letter: tuple(f"{letter}{n}" for n in range(1, 6)) for letter in "ACENO"
    }
    assert not any(codebook.items[name].confirm for name in _turned(codebook))
    assert "age" in codebook.variables


def test_the_stars_of_acl_are_seen_and_not_turned_again(shared: Path) -> None:
    path = shared / "real_data/reversed_items/acl.csv"
    codebook = _draft(path)
    starred = {name for name, item in codebook.items.items() if "its name ends in *" in item.proposed}
    assert len(starred) == 77
    assert {codebook.column_names(name)[0][-1] for name in starred} == {"*"}
    assert _turned(codebook) == set()
    looks_turned = {name for name in starred if "already turned" in codebook.items[name].proposed}
    by_hand = pd.read_csv(path)
    near = {
        name: by_hand.iloc[:, max(place - 5, 0) : place + 6].drop(columns=name).mean(axis=1)
        for place, name in enumerate(by_hand)
    }
    agree = {name for name in near if name.endswith("*") and by_hand[name].corr(near[name]) >= 0.2}
    assert {codebook.column_names(name)[0] for name in looks_turned} == agree
    assert len(agree) == 67
    assert not any(codebook.items[name].confirm for name in starred)


def test_fairplayer_has_one_question_a_wave_and_no_scale_over_waves(shared: Path) -> None:
    codebook = _draft(shared / "real_data/fairplayer_waves/fairplayer.csv")
    assert codebook.wave_order == ("t1", "t2", "t3")
    assert codebook.items["sEM01"].columns == {"t1": "sEM01t1", "t2": "sEM01t2", "t3": "sEM01t3"}
    assert not codebook.items["sEM01"].confirm
    joined = [each for each in (*codebook.items.values(), *codebook.variables.values()) if each.columns]
    assert [len(each.columns) for each in joined] == [3] * 46
    sizes = {name: len(scale.items) for name, scale in codebook.scales.items()}
    assert sizes == {"sEM": 8, "sRA": 5, "sSI": 10, "tEM": 8, "tRA": 5, "tSI": 10}


def test_one_cell_outside_the_range_leaves_an_item_in_its_scale_and_is_told(shared: Path) -> None:
    """One pupil's sRA01 is an 11, where all others have 1 to 5, and so have its 371 answers but that one."""
    path = shared / "real_data/fairplayer_waves/fairplayer.csv"
    codebook = _draft(path)
    by_hand = pd.read_csv(path)[["sRA01t1", "sRA01t2", "sRA01t3"]]
    assert (by_hand.count().sum(), (by_hand > 5).to_numpy().sum()) == (371, 1)
    item = codebook.items["sRA01"]
    assert (item.format, item.confirm) == (codebook.items["sRA02"].format, False)
    assert "1 of its 371 answers lies outside that range, perhaps a slip" in item.proposed
    assert "11" not in item.proposed
    said = [name for name, each in codebook.items.items() if "slip" in each.proposed]
    assert said == ["sRA01"]
    steps = clean_survey(_read(path), codebook).ledger.steps.set_index("step")
    assert steps.loc["out_of_range", "cells_changed"] == 1


def test_a_file_of_dates_and_times_only_gives_a_draft_without_a_question(shared: Path) -> None:
    codebook = _draft(shared / "real_data/spss_stata_edgecases/haven_datetime.sav")
    assert (codebook.items, codebook.variables, codebook.scales) == ({}, {}, {})
    assert [each.expected for each in findings_in(codebook)] == ["at least one scale"]
    assert unmeasured_constructs(codebook) == AMO
    assert codebook.kept_out == {
        "date": "dates or times",
        "date.posix": "may tell who somebody is: exact time",
        "time": "dates or times",
    }


def test_decide_is_not_sure_and_not_turned(shared: Path) -> None:
    codebook = _draft(shared / "real_data/reversed_items/autonomySupport.csv")
    (scale,) = codebook.scales.values()
    assert scale.items == ("Choose", "Decide", "Task", "Listen", "Help", "Accept", "Understand")
    assert not codebook.items["Decide"].reverse
    assert not codebook.items["Decide"].confirm
    assert "not sure" in codebook.items["Decide"].proposed


def test_chile_e02_looks_already_turned(shared: Path) -> None:
    path = shared / "real_data/jobcrafting_chile/unete2_reduced.sav"
    codebook = _draft(path)
    commitment = next(scale for scale in codebook.scales.values() if "e02" in scale.items)
    assert commitment.items == tuple(f"e{n:02d}" for n in range(1, 12))
    item = codebook.items["e02"]
    assert (item.reverse, item.confirm) == (False, False)
    assert "worded the other way" in item.proposed
    assert "already turned" in item.proposed
    assert _turned(codebook).isdisjoint(commitment.items)
    efficacy = codebook.scales["d_Burnout_Eficacia"]
    assert efficacy.items == ("d05", "d07", "d10", "d11", "d12", "d15")
    assert codebook.roles.organisation == "i07"
    assert codebook.items["c02"].format == codebook.items["e01"].format
    assert _read(path).values["i07"].nunique() == 10


def test_qualtrics_text_and_numbers(shared: Path) -> None:
    folder = shared / "real_data/qualtrics_choice_vs_numeric"
    text, numeric = _draft(folder / "engagement_choice_text.csv"), _draft(folder / "engagement_numeric.csv")
    assert {"Q4", "Q8"} <= _turned(text)
    assert {"Q4", "Q8"}.isdisjoint(_turned(numeric))
    assert (text.items["Q14"].format, text.items["QID1"].format) == ("frequency_7", "agree_5")
    assert [option.value for option in text.format_of("C1").options] == [1, 2, 3, 4, 5, 6]
    for codebook in (text, numeric):
        assert codebook.roles.respondent == "ResponseId"
        personal = {"IPAddress", "LocationLatitude", "LocationLongitude", "RecipientEmail"}
        assert personal <= set(codebook.kept_out)
    for name in ("Q63", "Q64", "Q65", "Q67", "Q68", "Q69", "Q70", "Q71"):
        assert text.column_names(name) == (f"{name} (1)",)
        assert text.column_names(f"{name}_2") == (f"{name} (2)",)


@pytest.mark.parametrize("style", ["question_codes", "full_question_text"])
def test_german_labels_in_order_timing_and_attention_check(shared: Path, style: str) -> None:
    path = shared / f"real_data/limesurvey_german_jobcrafting/export_{style}.csv"
    codebook, raw = _draft(path), _raw(path)
    places = list(raw.frame)
    first = next(name for name in codebook.items if codebook.column_names(name)[0] == places[12])
    ordered = [
        *("Trifft gar nicht zu", "Trifft eher nicht zu", "Teils, teils", "Trifft teilweise zu"),
        "Trifft voll zu",
    ]
    assert [codebook.format_of(first).value_of(label) for label in ordered] == [1, 2, 3, 4, 5]
    assert codebook.items[first].confirm
    timing = [column for column, role in raw.roles.items() if role in ("timing", "duration")]
    assert len(timing) == 33
    total = codebook.variable_of_role("duration")
    assert total is not None
    assert set(timing) - set(codebook.kept_out) == set(codebook.column_names(total))
    ratings = [item for item in codebook.items.values() if item.format == codebook.items[first].format]
    assert len(ratings) == 69


def test_german_names_say_what_is_reversed(shared: Path) -> None:
    path = shared / "real_data/limesurvey_german_jobcrafting/export_question_codes.csv"
    codebook = _draft(path)
    assert "attention check" in codebook.kept_out["JC2[AC]"]
    assert _turned(codebook) == {
        *("NEO_E1R", "NEO_E3R", "NEO_V1R", "NEO_V3R", "NEO_V4R", "NEO_G2R", "NEO_N2R", "NEO_O5R"),
    }
    assert all("too few" in codebook.items[name].proposed for name in _turned(codebook))
    merged = [scale for scale in codebook.scales.values() if {"JC1", "JC2"} <= {i[:3] for i in scale.items}]
    assert merged == []
    assert not any({"SE1", "SE2"} <= set(scale.items) for scale in codebook.scales.values())


def test_gss_codes_run_backwards_and_keep_their_reasons(shared: Path) -> None:
    path = shared / "real_data/gss2010_spss/gss2010.sav"
    codebook = _draft(path)
    for name in ("wkfreedm", "haveinfo"):
        assert codebook.items[name].reverse
        assert "a high code means little" in codebook.items[name].proposed
        assert not codebook.items[name].confirm
    survey = _read(path)
    assert (survey.values["wkfreedm"].count(), survey.values["opdevel"].count()) == (1162, 1155)
    assert survey.values["wkfreedm"].mean() == pytest.approx(1.609, abs=0.0005)
    assert survey.values["opdevel"].mean() == pytest.approx(1.852, abs=0.0005)
    assert survey.values["haveinfo"].mean() == pytest.approx(1.497, abs=0.0005)
    assert set(survey.reasons["wkfreedm"].dropna()) >= {"does_not_apply", "does_not_know"}


def test_piaac_sentinels_and_blocks(shared: Path) -> None:
    path = shared / "real_data/piaac_nl_adults/piaac_nld_subset.csv"
    codebook = _draft(path)
    assert set(codebook.scales["I_Q04"].items) == {f"I_Q04{letter}" for letter in "bdhjlm"}
    assert set(codebook.scales["D_Q11"].items) == {f"D_Q11{letter}" for letter in "abcd"}
    assert (codebook.format_of("I_Q04b").lowest, codebook.format_of("I_Q04b").highest) == (1, 5)
    for name in ("ISIC1C", "ISIC2C", "ISCO1C"):
        codes = set(codebook.missing_codes_of(name))
        assert {"9995", "9996", "9997", "9998", "9999"} & codes >= {"9995", "9996"}
        assert "." in codes
        numbers = _read(path).values[name].dropna().unique()
        assert {"9995", "9996", "9997", "9998", "9999", "."}.isdisjoint(map(str, numbers))
    assert _turned(codebook) == set()
    assert _read(path).values[list(codebook.scales["I_Q04"].items)].dropna().shape[0] == 5052


def test_pses_has_no_people_and_nothing_of_the_model(shared: Path) -> None:
    codebook = _draft(shared / "real_data/pses_canada_units/dtPSES.csv")
    assert codebook.scales == {}
    for name in ("ANSWER3", "ANSWER4", "ANSWER5"):
        assert codebook.variables[name].missing_codes == {"9999": "declared_missing"}
    said = describe_draft(codebook)
    assert all(name in said for name in AMO)


def test_subsidies_are_amounts_and_recipients_stay_out(shared: Path) -> None:
    path = shared / "real_data/nl_subsidies_2015_ez/innovatiesubsidies_ez_2015.csv"
    codebook, survey = _draft(path), _read(path)
    assert "may tell who somebody is" in codebook.kept_out["Ontvanger"]
    amounts = survey.values["Realisatie"]
    assert amounts.count() == 1641
    assert int((amounts <= 0).sum()) == 6
    assert codebook.variables["Realisatie"].missing_codes == {}


def test_csps_2010_are_percentages(shared: Path) -> None:
    codebook = _draft(shared / "real_data/csps_uk_orgs/raw_2010.csv")
    shares = [each for each in codebook.variables.values() if (each.lowest, each.highest) == (0, 100)]
    assert len(shares) > 50
    assert codebook.roles.organisation == "Organisation"
    assert codebook.items == {}


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("csps_uk_orgs/raw_2019.xlsx", "Organisation"),
        ("fevs_agency_wide/full_FEVS_prototype.csv", "Agency & Subagency Name"),
        ("pses_canada_units/dtPSES.csv", "ANSCOUNT"),
    ],
)
def test_rows_that_are_organisations_are_open_with_their_reason(shared: Path, name: str, column: str) -> None:
    codebook = _draft(shared / "real_data" / name)
    (said,) = [each for key, each in codebook.variables.items() if (each.column or key) == column]
    assert not said.confirm
    assert said.proposed.startswith("each row seems to be an organisation and not a person")
    assert "delete `unit: organisation`" in said.proposed
    assert column not in codebook.kept_out
    assert "each row seems to be an organisation" in describe_draft(codebook)


def test_surveymonkey_answers_are_open_and_names_are_kept_out(shared: Path) -> None:
    codebook = _draft(shared / "real_data/surveymonkey_xlsx/Raw_data.xlsx")
    assert codebook.roles.respondent == "Respondent_ID"
    assert {"Email Address", "First Name", "Last Name"} <= set(codebook.kept_out)
    made_up = codebook.items["Question_1"]
    assert not made_up.confirm
    assert [codebook.format_of("Question_1").value_of(f"Answer {n}") for n in range(1, 9)] == list(
        range(1, 9)
    )
    assert codebook.missing_codes["prefer not to answer"] == "refused"
