"""Real files with sentinels, routes, amounts and codes, counted as their READMEs count them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research.survey.answer_check import check_answers
from si_research.survey.cleaning import CleaningRules, clean_survey
from si_research.survey.codebook import (
    Codebook,
    Item,
    MissingReason,
    Option,
    ResponseFormat,
    Roles,
    Route,
    Variable,
)
from si_research.survey.drafting import draft_codebook
from si_research.survey.firm_names import name_key, spellings_in, spellings_of_one_name
from si_research.survey.reading import read_raw, read_survey
from si_research.survey.survey_data import Survey

SENTINELS: dict[str, MissingReason] = {
    "9995": "routed_past",
    "9996": "routed_past",
    "9997": "does_not_know",
    "9998": "refused",
    "9999": "unanswered",
    ".": "not_asked",
}
FIVE = ResponseFormat(options=tuple(Option(value=value) for value in range(1, 6)))


def reasons_of(survey: Survey, name: str) -> dict[str, int]:
    return dict(Counter(survey.reasons[name].dropna()))


@pytest.fixture(scope="module")
def piaac(shared: Path) -> Survey:
    book = Codebook(
        title="PIAAC",
        missing_codes=SENTINELS,
        formats={"five": FIVE},
        items={name: Item(format="five") for name in ("D_Q11a", "I_Q04b")},
        variables={
            "C_D05": Variable(labels={"1": "employed", "2": "unemployed", "3": "inactive", "4": "not known"}),
            "ISIC1C": Variable(),
            "ISCO1C": Variable(),
            "PVLIT1": Variable(kind="number", lowest=0, highest=500),
        },
        scales={},
        routing=(Route(items=("D_Q11a",), variable="C_D05", values=("1",)),),
    )
    return read_survey(shared / "real_data/piaac_nl_adults/piaac_nld_subset.csv", book)


def test_piaac_sentinels_keep_their_reason(piaac: Survey) -> None:
    """Counted in the file with a text search."""
    assert reasons_of(piaac, "ISIC1C") == {
        "routed_past": 590 + 588, "does_not_know": 4, "refused": 3, "unanswered": 3 + 530, "not_asked": 83,
    }  # fmt: skip
    assert reasons_of(piaac, "ISCO1C")["not_asked"] == 83
    assert not piaac.values["ISIC1C"].isin([*SENTINELS]).any()


def test_piaac_questions_for_workers_were_not_put_to_others(piaac: Survey) -> None:
    """1,237 cells are empty; of these, 85 belong to people whose employment is not known."""
    table = piaac.table().set_index("variable")
    assert table.loc["C_D05", "n_answered"] == 5170 - 85
    assert (piaac.values["C_D05"] == "1").sum() == 3943
    assert reasons_of(piaac, "D_Q11a")["routed_past"] == 963 + 178 + 1
    assert reasons_of(piaac, "D_Q11a") == {"routed_past": 1142, "unanswered": 1237 - 1142}
    assert reasons_of(piaac, "I_Q04b") == {"unanswered": 104}


def test_pses_codes_are_no_percentages(shared: Path) -> None:
    percent = Variable(kind="number", lowest=0, highest=100)
    book = Codebook(
        title="PSES",
        missing_codes={"9999": "not_asked"},
        variables={
            **{f"ANSWER{place}": percent for place in range(1, 6)},
            "SCORE100": percent,
            "ANSCOUNT": Variable(kind="number", lowest=0),
            "SURVEYR": Variable(),
            "QUESTION": Variable(),
            "LEVEL1ID": Variable(),
        },
        scales={},
    )
    survey = read_survey(shared / "real_data/pses_canada_units/dtPSES.csv", book)
    values = survey.values
    assert (survey.facts.separator, survey.facts.n_rows, survey.facts.n_columns) == ("\t", 74558, 14)
    coded = survey.reasons["ANSWER3"] == "not_asked"
    assert coded.sum() == 2720
    assert set(values.loc[coded, "SURVEYR"]) == {"2018"}
    assert values[["ANSWER3", "ANSWER4", "ANSWER5"]].max().max() <= 100
    assert values["QUESTION"].nunique() == 31
    assert set(values["SURVEYR"]) == {"2008", "2011", "2014", "2017", "2018"}
    assert values["ANSCOUNT"].min() == 10
    latest = values["SURVEYR"] == "2018"
    assert values.loc[latest, "ANSCOUNT"].median() == 52  # of 2018; over all years 55
    assert (values["LEVEL1ID"] == "0").any(), "a zero that names the whole organisation stays an answer"
    total = values[[f"ANSWER{place}" for place in range(1, 6)]].sum(axis=1, skipna=False).dropna()
    assert (total < 97).any(), "the README: percentages that add up to less than 97 in small units"


def test_pses_is_a_tree_of_2289_units(shared: Path) -> None:
    """A unit is its place on five levels, 0 standing for none further down.

    Only 2018 goes below the second level (of the earlier years, agencies of one department are on it).
    """
    levels = [f"LEVEL{level}ID" for level in range(1, 6)]
    names = [*levels, "SURVEYR"]
    book = Codebook(title="PSES", variables={name: Variable() for name in names}, scales={})
    values = read_survey(shared / "real_data/pses_canada_units/dtPSES.csv", book).values
    assert len(values[levels].drop_duplicates()) == 2289
    below = (values[levels[2:]] != "0").any(axis=1)
    assert set(values.loc[below, "SURVEYR"]) == {"2018"}
    deepest = values[(values[levels] != "0").all(axis=1)]
    assert len(deepest[levels].drop_duplicates()) == 95


def test_the_pses_questions_on_skills_and_innovation_are_named_and_not_asked(shared: Path) -> None:
    folder = shared / "real_data/pses_canada_units"
    mapping = read_raw(folder / "dtQmapping.csv").frame
    asked = set(read_raw(folder / "dtPSES.csv").frame["QUESTION"])
    look_alikes = mapping["Question"].str.contains("good fit with my skills|encouraged to be innovative")
    numbers = mapping.loc[look_alikes, "n2018"]
    assert len(numbers) == 2
    assert asked.isdisjoint({f"Q{int(number):02d}" for number in numbers})
    moved = mapping[mapping["n2018"] != mapping["n2014"]]
    assert len(moved) > len(mapping) / 2, "the number of a question changes by year"


def test_a_9999_that_no_codebook_names_is_out_of_range_and_counted(shared: Path) -> None:
    book = Codebook(
        title="PSES", variables={"ANSWER3": Variable(kind="number", lowest=0, highest=100)}, scales={}
    )
    survey = read_survey(shared / "real_data/pses_canada_units/dtPSES.csv", book)
    cleaned = clean_survey(survey, book, CleaningRules())
    steps = cleaned.ledger.steps.set_index("step")
    assert steps.loc["out_of_range", "cells_changed"] == 2720
    assert cleaned.values["ANSWER3"].max() <= 100


def test_subsidies_are_amounts_in_euro(shared: Path) -> None:
    book = Codebook(
        title="Innovatiesubsidies",
        variables={
            "amount": Variable(column="Realisatie", kind="number"),
            "scheme": Variable(column="Regeling"),
            "recipient": Variable(column="Ontvanger", kind="identifier"),
        },
        scales={},
    )
    survey = read_survey(shared / "real_data/nl_subsidies_2015_ez/innovatiesubsidies_ez_2015.csv", book)
    values, amounts = survey.values, survey.values["amount"]
    assert len(values) == 1641
    assert amounts.notna().all()
    assert (amounts <= 0).sum() == 6
    assert (amounts != np.floor(amounts)).sum() == 74
    assert round(float(amounts.max()) / 1e6, 1) == 12.9
    schemes = values["scheme"]
    assert schemes.nunique() == 35
    mit = schemes == "MKB Innovatieregeling Topsectoren (MIT)"
    assert mit.sum() == 643
    assert round(float(amounts[mit].median())) == 22528
    hidden = values["recipient"] == "X"
    assert (hidden.sum(), (hidden & mit).sum()) == (162, 84)
    assert values["recipient"].nunique() == 1039
    assert (amounts < 0).any(), "claims returned stay amounts"


def test_subsidies_name_one_firm_in_several_spellings(shared: Path) -> None:
    """The README counts 1,028 names without BV; the toolkit tells spellings, and merges nothing."""
    path = shared / "real_data/nl_subsidies_2015_ez/innovatiesubsidies_ez_2015.csv"
    recipient = Variable(column="Ontvanger", allow_personal=True)
    book = Codebook(
        title="Innovatiesubsidies",
        variables={"recipient": recipient},
        scales={},
        roles=Roles(organisation="recipient"),
    )
    survey = read_survey(path, book)
    names = survey.values["recipient"].drop_duplicates()
    assert len(names) == 1039
    assert names.map(name_key).str.removesuffix("bv").nunique() == 1028
    groups = spellings_of_one_name(spellings_in(survey, "recipient"))
    raw = pd.read_csv(path, dtype=str)["Ontvanger"].drop_duplicates()
    bare = raw.str.upper().str.replace(r"[^A-Z0-9]", "", regex=True)
    by_hand = raw.groupby(bare).agg(frozenset)
    assert {frozenset(each.name for each in group) for group in groups} == set(by_hand[by_hand.map(len) > 1])
    assert (len(groups), sum(map(len, groups))) == (8, 17)
    told = check_answers(survey, book).table().set_index(["problem", "variable"])
    assert told.loc[("spellings", "recipient"), "n"] == 17 - 8


def test_chile_s_9_is_an_answer_since_the_file_labels_it(shared: Path) -> None:
    book = Codebook(
        title="Chile",
        variables={"a01": Variable(), "i07": Variable()},
        scales={},
    )
    path = shared / "real_data/jobcrafting_chile/unete2_reduced.sav"
    survey, raw = read_survey(path, book), read_raw(path)
    assert (survey.values["a01"] == "9").sum() == 1
    assert raw.value_labels["a01"][9.0] == "Terreno", "a kind of work place, not a missing value"
    sizes = survey.values["i07"].value_counts()
    assert (len(sizes), sizes.min(), sizes.max()) == (10, 15, 40)


def test_chile_keeps_the_labels_as_they_are_spelt(shared: Path) -> None:
    path = shared / "real_data/jobcrafting_chile/unete2_reduced.sav"
    raw = read_raw(path)
    assert raw.value_labels["a01"][1.0] == "oficina individula"
    with_sign = {name for name, text in raw.texts.items() if "+" in text}
    without = {name for name in raw.texts if name[0] in "bc"} - with_sign
    assert {"b01", "c01", "c04", "c15"} <= with_sign
    assert {"c02", "c05", "c07", "c21"} <= without, "items of the same scales, without the sign"
    codebook = draft_codebook(raw)
    assert not any(codebook.items[name].reverse for name in ("c02", "c04", "c08", "c15", "c21"))
    missing = raw.frame.isna().sum()
    assert (missing.min(), missing.max()) == (0, 17)  # the README's 19 was of a question that was taken out
