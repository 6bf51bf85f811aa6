"""`si-research diagnose`: a page an organisation, nothing of few people, and nothing half-written."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from firms_with_teams import firms_and_teams, pages, table_of
from si_research.report.diagnosis_pages import write_diagnosis
from si_research.study.diagnose import DiagnosedStudy, NoDiagnosisError, diagnose_study
from si_research.study.output import hashes_below
from small_survey import change_text, write_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return firms_and_teams(write_study(tmp_path_factory.mktemp("diagnose") / "studie"))


@pytest.fixture(scope="module")
def dutch(study: Path) -> DiagnosedStudy:
    return diagnose_study(study, target=4)


def page_of(done: DiagnosedStudy, title: str) -> str:
    return next(
        text for name, text in pages(done).items() if f"<h1>{title}</h1>" in text and name != "index.html"
    )


def test_every_organisation_has_a_numbered_page(dutch: DiagnosedStudy) -> None:
    names = sorted(path.name for path in (dutch.index.parent / "units").iterdir())
    assert names == sorted(f"{number}.html" for number in range(1, dutch.n_pages + 1))
    linked = re.findall(r'href="units/(\d+)\.html"', pages(dutch)["index.html"])
    assert sorted(map(int, linked)) == sorted(2 * list(range(1, dutch.n_pages + 1)))
    assert sorted(path.name for path in dutch.index.parent.iterdir()) == [
        "index.html",
        "manifest.json",
        "units",
        "units.csv",
    ]


def test_a_name_from_the_file_is_never_markup(dutch: DiagnosedStudy) -> None:
    for text in pages(dutch).values():
        assert "<script" not in text
    assert "alert(1)" in page_of(dutch, "&lt;script&gt;alert(1)&lt;/script&gt;")


def test_the_page_says_the_figures_of_the_diagnosis(dutch: DiagnosedStudy) -> None:
    unit = dutch.findings.found.units.query("firm_id == 'B00' and level == 'firm_id'").iloc[0]
    row = dutch.findings.found.conditions.loc[(unit.name, "mogen")]
    page = page_of(dutch, "B00")
    interval = f"{row['estimate']:.0f} [{row['conf_low']:.0f}; {row['conf_high']:.0f}]"
    assert interval in page.replace("\N{NO-BREAK SPACE}", " ")
    assert f'<p class="people">{unit["n_people"]} mensen</p>' in page
    assert ("Er is niet één duidelijk knelpunt" in page) == (unit["bottleneck"] == "not_distinguishable")
    assert ("Dat betekent niet dat alles goed is" in page) == ("Er is niet één duidelijk" in page)
    assert "staat nergens" not in page and "kunnen deze antwoorden niet zeggen" in page
    assert "(van de mensen zelf, en niet naar dat van alle organisaties getrokken zoals in de tabel)" in page
    assert 'role="img"' in page and "<desc" in page and "@page { size: A4" in page


def test_a_firm_of_three_has_no_figures_and_no_count(dutch: DiagnosedStudy) -> None:
    page = page_of(dutch, "Klein")
    body = page[page.index("<body>") :]
    assert "te weinig mensen" in body
    assert not re.search(r"\d", re.sub(r"<h1>.*?</h1>|href=\"[^\"]*\"", "", body)), "no number at all"
    rows = [row for row in table_of(dutch) if row["firm_id"] == "Klein"]
    assert [(row["state"], row["n_people"], row["estimate"]) for row in rows] == [("too_few_people", "", "")]


def test_a_team_of_three_cannot_be_worked_out_from_the_whole(dutch: DiagnosedStudy) -> None:
    """Every firm has a team of three; of the other two, the smaller one is hidden with it."""
    rows = table_of(dutch)
    people = {(row["firm_id"], row["team_id"]): row["n_people"] for row in rows}
    firms = [firm for (firm, team), n in people.items() if not team and n]
    assert len(firms) > 10
    for firm in firms:
        shown = [int(n) for (of, team), n in people.items() if of == firm and team and n]
        rest = int(people[firm, ""]) - sum(shown)
        assert rest == 0 or rest >= 5
        assert people[firm, "trio"] == ""
        assert "trio" not in page_of(dutch, firm.replace("<", "&lt;").replace(">", "&gt;"))


def test_the_same_study_gives_the_same_bytes(study: Path, dutch: DiagnosedStudy, tmp_path: Path) -> None:
    again = diagnose_study(study, target=4, output=tmp_path / "again")
    one, two = (hashes_below(done.index.parent) for done in (dutch, again))
    assert {name for name in one | two if one.get(name) != two.get(name)} <= {"manifest.json"}


def test_it_speaks_english_too(dutch: DiagnosedStudy, tmp_path: Path) -> None:
    write_diagnosis(dutch.findings, tmp_path, "en")
    written = [path.read_text("utf-8") for path in (tmp_path / "units").iterdir()]
    page = next(text for text in written if "<h1>B00<" in text)
    assert 'lang="en"' in page and "What this does not show" in page
    assert "What goes with an outcome of 4" in page
    assert 'lang="nl"' in page_of(dutch, "B00") and "Wat hier niet uit blijkt" in page_of(dutch, "B00")
    assert (tmp_path / "units.csv").read_bytes() == (dutch.index.parent / "units.csv").read_bytes()


def test_a_mark_stands_at_single_bottlenecks_only(dutch: DiagnosedStudy) -> None:
    index = pages(dutch)["index.html"]
    heat = index[index.index("<table") : index.index("</table>")]
    single = len(re.findall(r'<tr class="single', heat))
    assert heat.count("◆") == heat.count('class="cell clear"') == single > 0
    assert heat.count("niet één duidelijk knelpunt") == len(re.findall(r'<tr class="several', heat)) > 0


def test_organisations_without_people_are_told_over_their_years(tmp_path: Path) -> None:
    """Figures of 10 organisations over 5 years, one more over 2: no people, no shares of people."""
    rng = np.random.default_rng(2)
    lines = ["org;jaar;k;w;m"]
    for org in range(11):
        k, w, m = rng.normal((70, 70, 50), 3)
        years = range(2015, 2020 if org else 2017)
        lines += [f"O{org};{year};{k + year % 3:.1f};{w - year % 2:.1f};{m + year % 4:.1f}" for year in years]
    (tmp_path / "survey.csv").write_text("\n".join(lines) + "\n", "utf-8")
    numbers = "".join(f"  {name}: {{kind: number, lowest: 0, highest: 100}}\n" for name in "kwm")
    variables = f"variables:\n{numbers}  org: {{kind: category}}\n  jaar: {{kind: category}}\n"
    pairs = zip(("kunnen", "willen", "mogen"), "kwm", strict=True)
    scales = "scales:\n" + "".join(f"  {name}: {{construct: {name}, score: {key}}}\n" for name, key in pairs)
    codebook = (
        f"title: Cijfers\nunit: organisation\n{variables}{scales}roles: {{organisation: org, wave: jaar}}\n"
    )
    (tmp_path / "codebook.yml").write_text(codebook, "utf-8")
    (tmp_path / "study.yml").write_text("study: 1\ntitle: Jaren\ndata: survey.csv\nseed: 1\n", "utf-8")
    done = diagnose_study(tmp_path)
    page, short = page_of(done, "O1"), page_of(done, "O0")
    assert '<p class="people">5 jaren</p>' in page and "Het laagst scoort <i>mogen</i>" in page
    assert (
        "Voor wie is wat het laagst" not in page and "zeggen niets over een afzonderlijke medewerker" in page
    )
    assert "te weinig jaren" in short and "<svg" not in short
    with pytest.raises(NoDiagnosisError, match="leave it out"):
        diagnose_study(tmp_path, target=4)


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        (", organisation: bedrijf", "", 3, "no `organisation`"),
        ("  mogen: {construct: mogen, items: [m1, m2, m3]}\n", "", 3, "none for mogen"),
        ("items:\n", "unit: organisation\nitems:\n", 3, "no column for the year"),
        ("organisation: bedrijf", "organisation: bedrijf, wave: k1", 2, "`k1`"),
    ],
)
def test_what_cannot_be_diagnosed_is_said_and_nothing_is_written(
    small_study: Path, si_research: Callable[..., Result], old: str, new: str, code: int, said: str
) -> None:
    change_text(small_study / "codebook.yml", old, new)
    before = hashes_below(small_study)
    done = si_research("diagnose", small_study)
    assert (done.exit_code, hashes_below(small_study)) == (code, before), done.stderr
    assert said in done.stderr


def test_a_target_beyond_the_scale_is_bad_input(study: Path, dutch: DiagnosedStudy) -> None:
    before = hashes_below(dutch.index.parent)
    with pytest.raises(Exception, match="from 1 to 5") as refused:
        diagnose_study(study, target=7)
    assert not isinstance(refused.value, NoDiagnosisError)
    assert hashes_below(dutch.index.parent) == before, "the earlier pages stay"
