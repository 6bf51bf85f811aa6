"""Published figures of organisations over years: made ones, and those of a civil service."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from si_research.errors import SurveyDataError
from si_research.model.interaction import fit_interaction
from si_research.practice.diagnosis.organisations import OrganisationDiagnosis, diagnose_organisations

NAMES = ["kunnen", "willen", "mogen"]
QUESTIONS = {
    "kunnen_skills_needed": "kunnen",
    "willen_interested_work": "willen",
    "mogen_choice_how": "mogen",
    "innov_encouraged_new_ways": "innovative_behaviour",
}


def made(n: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    firm, year = np.divmod(np.arange(5 * n), 5)
    level = 60 + 6 * rng.normal(size=(n, 3))
    frame = pd.DataFrame(level[firm] + 3 * rng.normal(size=(5 * n, 3)), columns=NAMES)
    return frame.assign(organisation=[f"O{each:02d}" for each in firm], year=2019 + year)


def codes(found: OrganisationDiagnosis) -> dict[str, object]:
    return {note.code: note.values for note in found.notes}


def test_organisations_with_too_few_years_are_counted_and_left_out() -> None:
    figures = made()
    figures = figures[~((figures["organisation"] == "O01") & (figures["year"] > 2020))]
    figures.loc[figures.index[0], "mogen"] = np.nan
    found = diagnose_organisations(figures)
    assert found.units.loc[1, "state"] == "too_few_years"
    assert found.units.loc[1, "bottleneck"] == "too_few_years"
    assert 1 not in found.conditions.index
    assert (found.units["n_years"].to_list()[:3]) == [4, 2, 5]
    assert codes(found)["too_few_years"] == {"n": 1, "needed": 3}
    assert (found.n_rows, found.n_used, found.n_incomplete) == (97, 94, 1)
    assert {"years_for_sampling_error", "no_individuals", "incomplete_rows"} <= set(codes(found))
    assert not [name for name in found.conditions if "share" in name or "minima" in name]
    assert "n = 94 of 97" in str(found)
    assert "<table" in found._repr_html_()


def test_years_that_do_not_differ_from_chance_hardly_go_together() -> None:
    alike = codes(diagnose_organisations(made(60)))["years_alike"]
    assert_allclose(list(alike.values()), -0.25, atol=0.15)  # five years about their own mean
    drifting = made(60)
    drifting[NAMES] += 4 * (drifting[["year"]].to_numpy() - 2021)
    assert min(codes(diagnose_organisations(drifting))["years_alike"].values()) > 0.2


def test_the_order_of_rows_changes_nothing_and_doubled_years_are_refused() -> None:
    figures = made()
    first, other = (
        diagnose_organisations(figures),
        diagnose_organisations(figures.sample(frac=1, random_state=2)),
    )
    assert_frame_equal(first.table(), other.table(), rtol=1e-5, atol=1e-6)
    with pytest.raises(SurveyDataError, match="once a year"):
        diagnose_organisations(pd.concat([figures, figures[:1]]))
    with pytest.raises(SurveyDataError, match="3 years or more"):
        diagnose_organisations(figures[figures["year"] < 2021])


@pytest.fixture(scope="module")
def civil_service(shared: Path) -> pd.DataFrame:
    table = pd.read_csv(shared / "real_data" / "csps_uk_orgs" / "amo_by_org_year.csv").rename(
        columns=QUESTIONS
    )
    return table[~table["organisation"].str.contains("benchmark|All civil servants", case=False)]


def test_the_figures_of_the_civil_service_are_those_of_the_readme(civil_service: pd.DataFrame) -> None:
    fit = fit_interaction(civil_service[civil_service["year"] <= 2015], cluster="organisation")
    rows = fit.methods[(fit.methods["view"] == "standardised") & (fit.methods["method"] == "CR1")]
    rows = rows.set_index("term")
    assert fit.n_used == 688
    assert rows.loc[["mogen", "kunnen", "willen"], "estimate"].round(3).to_list() == [0.658, 0.135, 0.038]
    assert round(float(rows.loc["kunnen:willen:mogen", "p_value"]), 2) == 0.80


def test_the_civil_service_has_its_bottlenecks(civil_service: pd.DataFrame) -> None:
    found = diagnose_organisations(civil_service)
    clear = found.units[found.units["state"] == ""]
    assert len(clear) == 143
    # a choice in how one works is rarer than skills or interest nearly everywhere, which is a fact of the
    # questions too: against the norm hardly a third has it
    assert (clear["bottleneck"] == "mogen").sum() > 130
    assert (clear["bottleneck_normed"] == "mogen").sum() < 50
    raw = civil_service.groupby("organisation")[NAMES].mean()
    own = (
        found.table()
        .set_index("organisation", append=True)["raw_mean"]
        .groupby(["organisation", "condition"])
    )
    assert_allclose(own.first().loc["Acas", NAMES], raw.loc["Acas"])
    assert codes(found)["years_alike"]["mogen"] > 0.3
