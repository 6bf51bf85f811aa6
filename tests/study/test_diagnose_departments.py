"""Departments, teams and other firms on the pages of a diagnosis: what is too small is rolled up."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from firms_with_departments import firms_and_departments
from firms_with_teams import pages, table_of
from si_research.privacy.disclosure import PUBLICATION, disclosing
from si_research.study import diagnosis_groups
from si_research.study.diagnose import DiagnosedStudy, diagnose_study
from small_survey import write_study

UNITS = ["firm_id", "department_id", "team_id"]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> DiagnosedStudy:
    study = firms_and_departments(write_study(tmp_path_factory.mktemp("parts") / "studie"))
    return diagnose_study(study, size_class="rvo")


@pytest.fixture(scope="module")
def people(done: DiagnosedStudy) -> pd.DataFrame:
    """The file that was diagnosed, with the names of the units by level."""
    survey = pd.read_csv(done.index.parents[1] / "survey.csv", sep=";", keep_default_na=False)
    return survey.rename(columns=dict(zip(["bedrijf", "afdeling", "ploeg"], UNITS, strict=True)))


def told(done: DiagnosedStudy) -> dict[tuple[str, ...], int]:
    return {
        tuple(row[name] for name in UNITS): int(row["n_people"]) for row in table_of(done) if row["n_people"]
    }


def test_units_of_one_name_in_several_firms_stay_apart(done: DiagnosedStudy, people: pd.DataFrame) -> None:
    found = told(done)
    assert len({unit for unit in found if unit[1:] == ("Kantoor", "")}) > 5
    assert len({unit for unit in found if unit[1:] == ("Kantoor", "A")}) > 2
    for unit, n in found.items():
        named = {name: value for name, value in zip(UNITS, unit, strict=True) if value}
        assert n == (people[list(named)] == pd.Series(named)).all(axis=1).sum()


def test_nothing_of_fewer_than_five_follows_from_three_levels(done: DiagnosedStudy) -> None:
    found = told(done)
    for unit, n in found.items():
        depth = sum(map(bool, unit))
        inside = [
            m
            for part, m in found.items()
            if sum(map(bool, part)) == depth + 1 and part[:depth] == unit[:depth]
        ]
        assert n >= 5 and (n == sum(inside) or n - sum(inside) >= 5)


def test_who_is_not_told_of_apart_is_counted_in_the_unit_above(done: DiagnosedStudy) -> None:
    found, seen = told(done), 0
    for page in pages(done).values():
        firm = re.findall(r"<h1>(B\d\d)</h1>", page)
        rows = re.findall(
            r'<tr class="rolled depth(\d)">.*?<td class="number">(\d+)</td>.*?telt mee in (\w+)</td>', page
        )
        for depth, n, above in rows:
            unit = (firm[0], "", "") if depth == "1" else (firm[0], above, "")
            level = int(depth)
            inside = [
                m
                for part, m in found.items()
                if part[:level] == unit[:level] and part[level] and not any(part[level + 1 :])
            ]
            assert int(n) == found[unit] - sum(inside) >= 5
            seen += 1
    assert seen > 5


def test_the_index_has_a_row_for_every_unit_that_is_told(done: DiagnosedStudy) -> None:
    index = pages(done)["index.html"]
    for depth in range(3):
        rows = index.count(f' depth{depth}">')
        units = [unit for unit in told(done) if sum(map(bool, unit)) == depth + 1]
        assert rows == (len(units) if depth else done.n_pages) and units
    assert "Binnen deze organisatie: afdelingen en teams" in "".join(pages(done).values())


@pytest.fixture(scope="module")
def firms(done: DiagnosedStudy) -> pd.DataFrame:
    table = pd.read_csv(done.index.parent / "units.csv", dtype={"page": str})
    return table[(table["level"] == "firm_id") & table["state"].isna()]


def test_the_mean_of_others_is_that_of_those_who_are_told_of(firms: pd.DataFrame) -> None:
    assert 8 <= firms["firm_id"].nunique() < 13, (
        "the firm of three is hidden, and one that would give it away"
    )
    for _, row in firms.iterrows():
        alike = firms[(firms["condition"] == row["condition"]) & (firms["firm_id"] != row["firm_id"])]
        in_sector = alike[alike["sector"] == row["sector"]]
        assert row["sector_n_others"] == len(in_sector)
        assert row["size_n_others"] == len(alike) and row["size_class"] == "medium"
        assert row["size_mean"] == pytest.approx(alike["estimate"].mean(), abs=0.1)
        assert row["size_difference"] == pytest.approx(row["estimate"] - alike["estimate"].mean(), abs=0.15)
        assert (row["sector_note"] == "few_in_group") == (len(in_sector) < 5)
        assert np.isnan(row["sector_mean"]) == (len(in_sector) < 5)


def test_the_page_names_the_group_and_whose_size_class_it_is(
    done: DiagnosedStudy, firms: pd.DataFrame
) -> None:
    row = firms.iloc[0]
    page = pages(done)[f"units/{row['page']}.html"]
    assert "Naast organisaties zoals deze" in page and "grootteklasse (RVO): middelgroot" in page
    assert "micro minder dan 10 arbeidsjaren" in page and "CBS" not in page
    cells = re.search(r"grootteklasse \(RVO\): middelgroot</th><td[^>]*>(\d+)</td>", page)
    assert cells is not None and int(cells[1]) == row["size_n_others"]


def test_a_publication_names_no_sector_of_a_unit(
    done: DiagnosedStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis_groups, "_characteristics", lambda *given: {"sector": "never read"})
    with disclosing(PUBLICATION):
        assert diagnosis_groups.group_comparisons(done.findings.found, None, None, None, "cbs") == ()  # type: ignore[arg-type]


def test_every_column_of_the_table_for_machines_is_explained(done: DiagnosedStudy, project: Path) -> None:
    guide = (project / "docs" / "your_survey.md").read_text("utf-8")
    for column in next(iter(table_of(done))):
        whole = column.removeprefix("sector_size_").removeprefix("sector_").removeprefix("size_")
        assert f"`{column}`" in guide or f"`{whole}`" in guide, column
