"""Real files that cannot answer the question: five commands lead to a report that says what they lack."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from command_walk import started
from si_research.survey.codebook_file import read_codebook

MOST = 5
AMO = ("kunnen", "willen", "mogen", "innovative_behaviour")


def refused(folder: Path, file: Path) -> tuple[str, str]:
    """Walk to the refusal; return the code in the results, and the report without its markup."""
    walk = started(file)
    assert "not measured" in walk.said
    said = walk.said
    assert walk.type(walk.proposed("codebook --confirm"), "y\n" * 100).exit_code == 0, walk.said
    assert "Left to decide for a run: 0" in walk.said
    assert walk.type(walk.proposed("check")).exit_code == 3, walk.said
    assert "A run will refuse to answer" in walk.said
    assert all(name in walk.said for name in AMO)
    walk.said = said
    assert walk.type(walk.proposed("run")).exit_code == 3, walk.said
    assert walk.n_commands <= MOST
    output = folder / "my-study" / "output"
    results = json.loads((output / "results.json").read_text("utf-8"))
    assert results["fit"] is None
    assert results["reliabilities"] == []
    assert set(results["refusal"]["values"]["missing"]) == set(AMO)
    report = re.sub(r"<[^>]+>|\s+", " ", (output / "report.html").read_text("utf-8"))
    assert "Dit bestand kan de vraag niet beantwoorden" in report
    assert "is met dit bestand niet te zeggen" in report
    assert not re.search(r"[0-9] mensen", report), "rows of units and of grants are no people"
    assert not re.search(r"\b[pβ] ?[<=]|betrouwbaarheidsinterval", report), "no effect stands in it"
    for command in ("diagnose", "evaluate"):
        walk.said = ""
        assert walk.type(f"si-research {command} my-study").exit_code == 3, walk.said
        assert "expected:" in walk.said, walk.said
        assert "what to do:" in walk.said, walk.said
    return str(results["refusal"]["code"]), report


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_pses_measures_none_of_the_model_and_no_look_alike_is_taken(in_folder: Path, shared: Path) -> None:
    """The README: the questions on skills and innovation are named, and are not among the 31 in the file."""
    code, report = refused(in_folder, shared / "real_data/pses_canada_units/dtPSES.csv")
    assert code == "no_respondents"  # and what is not measured is said beside it
    assert "Dit bestand bevat organisaties, geen mensen" in report
    assert read_codebook(in_folder / "my-study" / "codebook.yml").scales == {}
    for gloss in ("kunnen", "willen", "mogen", "innovatief gedrag"):
        assert gloss in report


def test_csps_2019_holds_organisations_and_the_refusal_says_so(in_folder: Path, shared: Path) -> None:
    """The README: an organisation in a year, percentages of its staff, no individual answers."""
    code, report = refused(in_folder, shared / "real_data/csps_uk_orgs/raw_2019.xlsx")
    assert code == "no_respondents"
    assert "Dit bestand bevat organisaties, geen mensen" in report
    codebook = read_codebook(in_folder / "my-study" / "codebook.yml")
    assert (codebook.unit, codebook.roles.organisation) == ("organisation", "Organisation")


def test_a_list_of_subsidies_estimates_no_effect(in_folder: Path, shared: Path) -> None:
    """The README: a grant list has no comparison firms and no outcome."""
    file = shared / "real_data/nl_subsidies_2015_ez/innovatiesubsidies_ez_2015.csv"
    code, report = refused(in_folder, file)
    assert code == "no_outcome"
    codebook = read_codebook(in_folder / "my-study" / "codebook.yml")
    assert codebook.scales == {}
    assert "Ontvanger" in codebook.kept_out
    assert codebook.roles.arm is None
    assert codebook.roles.wave is None
    assert "innovatief gedrag" in report
