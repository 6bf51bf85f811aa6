"""Pages of a diagnosis that are meant for everybody: nothing of ten people, no names, and nothing exact."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from firms_with_teams import firms_and_teams, pages, table_of
from si_research.privacy.disclosure import INTERNAL, PUBLICATION, disclosing
from si_research.report.diagnosis_gate import told_units
from si_research.study.diagnose import DiagnosedStudy, diagnose_study
from small_survey import write_study


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> DiagnosedStudy:
    study = firms_and_teams(write_study(tmp_path_factory.mktemp("published") / "studie"))
    return diagnose_study(study, target=4, profile="publication")


def truth(done: DiagnosedStudy) -> dict[str, int]:
    units = done.findings.found.units.query("level == 'firm_id'")
    return dict(zip(units["firm_id"], units["n_people"].astype(int), strict=True))


def test_a_publication_names_no_unit(published: DiagnosedStudy) -> None:
    names = [*truth(published), "trio", "team 0", "team 1", "alert(1)"]
    folder = published.index.parent
    assert folder.name == "diagnosis_publication"
    for path in folder.rglob("*"):
        text = path.read_text("utf-8") if path.is_file() else ""
        assert not [name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)], path.name


def test_only_firms_of_ten_and_more_have_a_page(published: DiagnosedStudy) -> None:
    people = truth(published)
    shown = [row for row in table_of(published) if row["level"] == "firm_id" and row["condition"] == "mogen"]
    rest = sum(people.values()) - sum(sorted(people.values(), reverse=True)[: len(shown)])
    assert len(shown) == published.n_pages < len(people) and (rest == 0 or rest >= 10)
    assert all(int(row["n_people"]) % 5 == 0 and int(row["n_people"]) >= 10 for row in shown)
    assert [int(row["page"]) for row in shown] == list(range(1, len(shown) + 1))
    assert all(float(row["estimate"]).is_integer() for row in csv.DictReader(_lines(published)))


def test_the_order_of_pages_follows_from_what_they_say(published: DiagnosedStudy) -> None:
    found = [row for row in table_of(published) if row["condition"] == "kunnen"]
    rows = [row for row in found if row["level"] == "firm_id"]
    told = [(row["bottleneck"], -float(row["p_bottleneck"]), -int(row["n_people"])) for row in rows]
    assert told == sorted(told)


def test_pictures_have_no_more_digits_than_the_words(published: DiagnosedStudy) -> None:
    for name, page in pages(published).items():
        places = [float(x) for x in re.findall(r'class="bar [a-z]+" x1="([\d.]+)"', page)]
        assert all(round((x - 110) / 4.5, 6).is_integer() for x in places), name


@pytest.mark.parametrize(
    ("sizes", "profile", "shown"),
    [
        ((3, 40, 30, 20), INTERNAL, {1, 2}),
        ((3, 40, 30, 20), PUBLICATION, {1, 2}),
        ((7, 40, 30, 20), INTERNAL, {0, 1, 2, 3}),
        ((7, 40, 30, 20), PUBLICATION, {1, 2}),
        ((3, 1, 30, 20), INTERNAL, {2}),
        ((3, 2, 30, 20), INTERNAL, {2, 3}),
        ((4, 5, 30, 20), PUBLICATION, {2}),
    ],
)
def test_another_firm_is_hidden_until_the_whole_gives_nobody_away(
    sizes: tuple[int, ...], profile: object, shown: set[int]
) -> None:
    units = [{"unit": at, "parent": -1, "n_people": n, "state": ""} for at, n in enumerate(sizes)]
    with disclosing(profile):  # type: ignore[arg-type]
        assert told_units(units) == shown


def _lines(done: DiagnosedStudy) -> list[str]:
    return Path(done.index.parent / "units.csv").read_text("utf-8").splitlines()
