"""Every real file with answers, read whole: the rows and columns that the README of its folder states."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.survey.codebook import SourceOptions
from si_research.survey.reading import read_raw

WITHOUT_HEADER = [
    ("army_companies/bhr2000.csv", 5400, 14),
    ("army_companies/lq2002.csv", 2042, 27),
    ("army_companies/univbct.csv", 1485, 22),
    ("csps_uk_orgs/amo_by_org_year.csv", 1120, 8),
    ("csps_uk_orgs/questions_ref.csv", 217, 4),
    ("fairplayer_waves/fairplayer.csv", 142, 142),  # and a last row of separators only, the 143rd
    ("fevs_agency_wide/full_FEVS_prototype.csv", 52, 94),
    ("gss2010_spss/gss2010.sav", 2044, 790),
    ("jobcrafting_chile/unete2_reduced.sav", 264, 95),
    ("jtrain_grants/jtrain.csv", 471, 30),
    ("limesurvey_dutch/export_dutch_headers_masked.csv", 60, 46),
    ("limesurvey_german_jobcrafting/export_full_question_text.csv", 17, 127),
    ("limesurvey_german_jobcrafting/export_question_codes.csv", 17, 127),
    ("limesurvey_limonaid/survey_100001_R_data_file.csv", 3, 646),
    ("limesurvey_limonaid/survey_998192_R_data_file.csv", 7, 71),
    ("nca_innovation/nca_example.csv", 28, 4),
    ("nca_innovation/nca_example2.csv", 48, 4),
    ("nl_subsidies_2015_ez/innovatiesubsidies_ez_2015.csv", 1641, 6),
    ("piaac_nl_adults/piaac_nld_subset.csv", 5170, 60),
    ("piaac_nl_adults/piaac_variables.csv", 60, 5),  # one row a column of the data
    ("pses_canada_units/dtPSES.csv", 74558, 14),
    ("published_tables/wvs94b_job_autonomy.csv", 42, 9),
    ("qualtrics_choice_vs_numeric/engagement_choice_text.csv", 232, 111),
    ("qualtrics_choice_vs_numeric/engagement_numeric.csv", 232, 111),
    ("reversed_items/acl.csv", 433, 218),
    ("reversed_items/autonomySupport.csv", 259, 8),
    ("reversed_items/bfi.csv", 2800, 29),  # 28 and the number of the person
    ("surveymonkey_xlsx/Raw_data.xlsx", 198, 100),
    ("work_cognitions/nimon2021.csv", 518, 13),
]
AS_IN_THE_FILE = [
    ("raw_2010.csv", None, 105, 75),
    ("raw_2012.csv", None, 99, 83),
    ("raw_2013.xlsx", "Table 1 - EEI and theme scores", 151, 15),
    ("raw_2013.xlsx", "Table 2.1 - Question scores", 157, 87),
    ("raw_2015.csv", None, 103, 163),
    ("raw_2016.csv", None, 103, 88),
    ("raw_2018.csv", None, 107, 89),
    ("raw_2019.xlsx", "Table 1 - EEI and theme scores", 176, 18),
    ("raw_2019.xlsx", "Table 2 - Question scores", 176, 98),
]
"""Of the UK Civil Service: rows with titles, headers and blank lines."""


@pytest.mark.parametrize(("name", "n_rows", "n_columns"), WITHOUT_HEADER)
def test_rows_and_columns(shared: Path, name: str, n_rows: int, n_columns: int) -> None:
    raw = read_raw(shared / "real_data" / name)
    assert raw.frame.shape == (n_rows, n_columns)
    assert (raw.facts.n_rows, raw.facts.n_columns) == (n_rows, n_columns)


@pytest.mark.parametrize(("name", "sheet", "n_rows", "n_columns"), AS_IN_THE_FILE)
def test_every_row_of_a_published_table_is_read_or_counted_as_no_row_of_it(
    shared: Path, name: str, sheet: str | None, n_rows: int, n_columns: int
) -> None:
    raw = read_raw(shared / "real_data" / "csps_uk_orgs" / name, SourceOptions(sheet=sheet))
    repairs = raw.facts.repairs
    header = 1 + repairs.get("rows_above", 0)
    assert len(raw.frame) + header + repairs.get("blank_rows", 0) == n_rows
    assert raw.frame.shape[1] == n_columns
    assert raw.facts.header_row == (1 if name.endswith("csv") else 2 if "2013" in name else 4)


def test_every_folder_with_an_export_is_in_these_lists(shared: Path) -> None:
    """The small SPSS and Stata files, and the two tiny exports of Qualtrics, have no size in their README."""
    elsewhere = {"spss_stata_edgecases", "qualtrics_fixtures"}
    folders = {path.name for path in (shared / "real_data").iterdir() if path.is_dir()}
    named = {name.split("/")[0] for name, _, _ in WITHOUT_HEADER} | {"csps_uk_orgs"}
    assert folders == named | elsewhere
