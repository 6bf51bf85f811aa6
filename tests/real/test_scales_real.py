"""Alphas, intraclass correlations and correlations of real surveys, from codebook to score.

The figures are those of the README of each data set, to the decimals that it prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from si_research.measurement.reliability import cronbach_alpha
from si_research.model.clusters import cluster_facts
from si_research.model.interaction import fit_interaction
from si_research.survey.codebook import Codebook, Item, Option, ResponseFormat, Roles, Scale, Variable
from si_research.survey.drafting import draft_codebook
from si_research.survey.reading import read_raw, read_survey
from si_research.survey.scoring import keyed_items, score_scales
from si_research.survey.survey_data import Survey

FIVE = ResponseFormat(options=tuple(Option(value=value) for value in range(1, 6)))


def surveyed(path: Path, scales: dict[str, Sequence[str]], **roles: str) -> tuple[Survey, Codebook]:
    """Read the items of the scales as answers from 1 to 5, none of them turned."""
    codebook = Codebook(
        title=path.stem,
        formats={"five": FIVE},
        items={item: Item(format="five") for items in scales.values() for item in items},
        scales={
            name: Scale(construct="other", items=tuple(items), min_answered="all")
            for name, items in scales.items()
        },
        roles=Roles.model_validate(roles),
    )
    return read_survey(path, codebook), codebook


def alpha(survey: Survey, codebook: Codebook, scale: str) -> tuple[float, int]:
    found = cronbach_alpha(keyed_items(survey, codebook, scale))
    return round(found.alpha, 3), found.n_used


def numbers(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    variables = {column.replace(" ", "_"): Variable(kind="number", column=column) for column in columns}
    survey = read_survey(path, Codebook(title=path.stem, variables=variables, scales={}))
    return survey.values.set_axis(list(columns), axis="columns")


# reversed_items: a Dutch scale of pupils, and the answers that 2,800 people left open


def test_autonomy_support_of_pupils_in_fourteen_groups(shared: Path) -> None:
    items = ("Choose", "Decide", "Task", "Listen", "Help", "Accept", "Understand")
    path = shared / "real_data/reversed_items/autonomySupport.csv"
    survey, codebook = surveyed(path, {"support": items}, team="Teacher")
    assert alpha(survey, codebook, "support") == (0.674, 259)
    with_rest = survey.values[list(items)].corr()["Decide"].drop("Decide")
    assert (round(with_rest.min(), 2), round(with_rest.max(), 2)) == (0.02, 0.36)
    groups = survey.values["Teacher"].value_counts()
    assert (len(groups), groups.min(), groups.max()) == (14, 5, 39)


def test_731_cells_of_bfi_are_empty_and_each_has_its_reason(shared: Path) -> None:
    path = shared / "real_data/reversed_items/bfi.csv"
    survey = read_survey(path, draft_codebook(read_raw(path)))
    table = survey.table()
    assert table["unanswered"].sum() == 731
    assert survey.reasons.notna().to_numpy().sum() == 731
    assert (table["n_answered"] + table["unanswered"] == 2800).all()


# jobcrafting_chile


def test_structural_crafting_in_chile_is_named_in_the_labels(shared: Path) -> None:
    path = shared / "real_data/jobcrafting_chile/unete2_reduced.sav"
    texts = read_raw(path).texts
    items = [name for name, text in texts.items() if " IST" in text]
    assert items == ["c05", "c07", "c09", "c13", "c18"]
    assert "Decido por mi mismo" in texts["c07"]
    survey, codebook = surveyed(path, {"structural": items}, organisation="i07")
    assert alpha(survey, codebook, "structural") == (0.716, 252)


# piaac_nl_adults


def test_readiness_to_learn_of_all_adults(shared: Path) -> None:
    path = shared / "real_data/piaac_nl_adults/piaac_nld_subset.csv"
    survey, codebook = surveyed(path, {"readiness": [f"I_Q04{letter}" for letter in "bdhjlm"]})
    assert alpha(survey, codebook, "readiness") == (0.863, 5052)
    draft = draft_codebook(read_raw(path))
    plausible = {f"PVLIT{n}" for n in range(1, 6)}
    assert plausible <= set(draft.variables), "five draws of one ability are no items of a scale"


# army_companies


def test_leadership_in_99_companies(shared: Path) -> None:
    path = shared / "real_data/army_companies/bhr2000.csv"
    items = [name for name in read_raw(path).frame if name.startswith("A")]
    assert len(items) == 11
    survey, codebook = surveyed(path, {"leadership": items}, organisation="GRP")
    assert alpha(survey, codebook, "leadership")[0] == 0.891
    assert survey.values["GRP"].nunique() == 99
    scores = score_scales(survey, codebook).table()
    hours = numbers(path, ["HRS"])["HRS"].set_axis(scores.index)
    for measure, icc1, icc2 in ((hours, 0.175, 0.920), (scores["leadership"], 0.136, 0.895)):
        facts = cluster_facts(measure, scores["firm_id"])
        size = 1 + (facts.design_effect - 1) / facts.icc
        assert round(facts.icc, 3) == icc1
        assert round(size * facts.icc / (1 + (size - 1) * facts.icc), 3) == icc2


def test_task_significance_and_hostility_in_49_companies(shared: Path) -> None:
    path = shared / "real_data/army_companies/lq2002.csv"
    scales = {
        "leadership": [f"LEAD{n:02d}" for n in range(1, 12)],
        "significance": [f"TSIG{n:02d}" for n in range(1, 4)],
    }
    survey, codebook = surveyed(path, scales, organisation="COMPID")
    assert alpha(survey, codebook, "leadership")[0] == 0.902
    assert alpha(survey, codebook, "significance")[0] == 0.823
    company = survey.values["COMPID"]
    assert company.nunique() == 49
    stored = numbers(path, ["HOSTILE", "LEAD"])
    found = {name: round(cluster_facts(stored[name], company).icc, 3) for name in stored}
    assert found == {"HOSTILE": 0.054, "LEAD": 0.089}


# scores without items: work_cognitions, nca_innovation, published_tables


def test_work_cognitions_are_complete_scores_from_1_to_5(shared: Path) -> None:
    path = shared / "real_data/work_cognitions/nimon2021.csv"
    scores = numbers(path, list(read_raw(path).frame))
    assert scores.notna().all(axis=None)
    assert scores.min(axis=None) >= 1
    assert scores.max(axis=None) <= 5
    assert scores.corr()["IOCB"][["AU", "MW", "GR"]].round(2).tolist() == [0.38, 0.46, 0.35]


def test_the_examples_of_necessary_conditions(shared: Path) -> None:
    folder = shared / "real_data/nca_innovation"
    countries = numbers(
        folder / "nca_example.csv", ["Individualism", "Risk taking", "Innovation performance"]
    )
    assert countries.corr()["Innovation performance"][:2].round(2).tolist() == [0.38, 0.46]
    names = ["Innovation", "Contractual detail", "Goodwill trust", "Competence trust"]
    relations = numbers(folder / "nca_example2.csv", names)
    assert relations.corr()["Innovation"][1:].round(2).tolist() == [0.44, 0.46, 0.41]


def test_job_autonomy_in_42_countries(shared: Path) -> None:
    table = numbers(shared / "real_data/published_tables/wvs94b_job_autonomy.csv", ["r_JS_JA", "n"])
    r = table["r_JS_JA"]
    assert (len(r), round(r.min(), 2), round(r.max(), 2), round(r.median(), 2)) == (42, 0.24, 0.77, 0.42)


# csps_uk_orgs: the percentages of 688 organisation-years


MEASURES = {
    "kunnen": "kunnen_skills_needed",
    "willen": "willen_interested_work",
    "mogen": "mogen_choice_how",
    "innovative_behaviour": "innov_encouraged_new_ways",
}


@pytest.fixture(scope="module")
def organisations(shared: Path) -> pd.DataFrame:
    codebook = Codebook(
        title="Civil Service",
        variables={
            name: Variable(kind="number", lowest=0, highest=100, column=column)
            for name, column in MEASURES.items()
        },
        scales={},
        roles=Roles(organisation="organisation", wave="year"),
    )
    return read_survey(shared / "real_data/csps_uk_orgs/amo_by_org_year.csv", codebook).values


def test_260_names_of_organisations_of_which_five_are_the_benchmark(organisations: pd.DataFrame) -> None:
    names = organisations["organisation"].drop_duplicates()
    assert len(names) == 260
    assert names.str.contains("benchmark", case=False).sum() == 5
    years = organisations["year"].unique().tolist()
    assert sorted(years) == [*map(str, range(2009, 2016)), *map(str, range(2021, 2025))]


def test_of_organisations_the_three_way_is_an_honest_null(organisations: pd.DataFrame) -> None:
    r = organisations[list(MEASURES)].corr()["innovative_behaviour"]
    assert r[["mogen", "kunnen", "willen"]].round(2).tolist() == [0.76, 0.48, 0.46]
    benchmark = organisations["organisation"].str.contains("benchmark", case=False)
    early = organisations[~benchmark & (organisations["year"] <= "2015")]
    fit = fit_interaction(early, cluster="organisation")
    assert (fit.n_used, round(fit.r2, 3)) == (688, 0.523)
    rows = fit.methods.query("view == 'standardised' and method == 'CR1'").set_index("term")
    told = rows.loc[["mogen", "kunnen", "willen", "kunnen:willen:mogen"]]
    assert told["estimate"].round(3).tolist() == [0.658, 0.135, 0.038, 0.006]
    assert told["p_value"].round(3).tolist()[:2] == [0.0, 0.012]
    assert told["p_value"].round(2).tolist()[2:] == [0.57, 0.80]
