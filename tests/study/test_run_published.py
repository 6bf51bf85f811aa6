"""A run for publication: nothing of fewer than ten people, nothing exact, the true numbers by the data."""

from __future__ import annotations

import base64
import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from si_research.cli import main
from si_research.errors import SiResearchError
from si_research.model.design import Roles, fewest_rows
from si_research.privacy.profiles import INTERNAL, PUBLICATION, DisclosureProfile, disclosing
from si_research.report.withheld import Withheld
from si_research.study.few_people import refusal_of_few_people
from si_research.study.inputs import read_inputs
from si_research.study.run import (
    RESPONDENT,
    WAVE,
    WITHHELD,
    StudyOutcome,
    _check_one_answer_a_person,
    _write_log,
    run_study,
)
from small_survey import answers, write_csv, write_study

N, LACKING = 237, 3


def people() -> list[list[str]]:
    """237 people, three of whom have no score on mogen, in firms of which one has four people."""
    rows = answers(N, 11, seed=3)
    for row in rows[:LACKING]:
        row[8:11] = [""] * 3
    for row in rows[10:14]:
        row[1] = "Kleinbedrijf"
    return rows


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> StudyOutcome:
    study = write_study(tmp_path_factory.mktemp("published") / "studie")
    write_csv(study / "survey.csv", people())
    with (study / "study.yml").open("a", encoding="utf-8") as file:
        file.write("measurement_error: {simex: false}\nmissing: {imputations: 0}\n")
    return run_study(study, profile="publication")


def results(done: StudyOutcome) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((done.report.parent / "results.json").read_text("utf-8"))
    return found


def numbers(value: Any, key: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from numbers(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from numbers(each, key)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield key, value


def page(done: StudyOutcome) -> str:
    """The words of the page, with the alternative texts of its pictures."""
    text = re.sub(r'src="data:[^"]*"|<style>.*?</style>', "", done.report.read_text("utf-8"), flags=re.DOTALL)
    return unescape(re.sub(r"<(?!img)[^>]+>", " ", text)).replace("\N{NO-BREAK SPACE}", " ")


def test_it_stands_in_a_folder_of_its_own_and_says_what_it_is(published: StudyOutcome) -> None:
    folder = published.report.parent
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert folder.name == "output_publication"
    assert manifest["profile"] == results(published)["profile"] == "publication"
    assert "Van minder dan tien mensen" in page(published)
    assert "minder dan vijf" not in page(published)


def test_every_number_of_people_is_a_multiple_of_five(published: StudyOutcome) -> None:
    found = [(key, n) for key, n in numbers(results(published)) if re.match(r"n$|n_(used|rows|scored)", key)]
    assert len(found) > 50
    assert {n % 5 for _, n in found} == {0}
    assert min(n for _, n in found if n) >= 10
    told = [int(n) for n in re.findall(r"\bn = (\d+)", page(published))]
    assert len(told) > 20 and {n % 5 for n in told} == {0}


@pytest.mark.parametrize("told", [N, N - LACKING])
def test_no_exact_number_of_people_stands_anywhere(published: StudyOutcome, told: int) -> None:
    assert not re.search(rf"(?<![\d.,]){told}(?![\d.,])", page(published))
    assert told not in {n for _, n in numbers(results(published))}


def test_the_flow_tells_of_three_people_only_that_they_are_few(published: StudyOutcome) -> None:
    found = re.search(r"Stroomschema[^>]*", page(published))
    assert found is not None and "Niet mee < 10" in found[0]
    assert all(int(n) % 5 == 0 for n in re.findall(r"\d+", found[0]))


def test_no_degrees_of_freedom_tell_how_many_there_are(published: StudyOutcome) -> None:
    of_tests = {"df", "df_residual", "robust_df", "robust_df_residual", "df_complete"}
    assert not [key for key, _ in numbers(results(published)) if key in of_tests]
    assert "> 30" in page(published)


def test_figures_have_three_digits_at_most(published: StudyOutcome) -> None:
    for key, value in numbers(results(published)):
        if isinstance(value, float):
            digits = f"{abs(value):.10f}".rstrip("0").lstrip("0.").replace(".", "")
            assert len(digits.rstrip("0")) <= 3, (key, value)


def test_the_ledger_has_no_counts(published: StudyOutcome) -> None:
    text = (published.report.parent / "ledger.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert list(rows[0]) == ["place", "step", "changed"]
    assert {row["changed"] for row in rows} <= {"yes", "no", ""}


def test_neither_the_raw_file_nor_its_fingerprint_nor_a_firm_is_in_any_byte(published: StudyOutcome) -> None:
    raw = published.report.parent.parent / "survey.csv"
    words = [b"survey.csv", sha256(raw.read_bytes()).hexdigest().encode(), b"Kleinbedrijf", b"B07"]
    for path in published.report.parent.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        parts = re.findall(rb"base64,([A-Za-z0-9+/=]+)", content)
        for whole in (content, *map(base64.b64decode, parts)):
            assert not [word for word in words if word in whole], path.name


def test_no_picture_has_a_mark_an_organisation_or_a_pattern(published: StudyOutcome) -> None:
    pictures = {path.stem for path in (published.report.parent / "figures").glob("*.svg")}
    assert {"flow", "distributions", "necessity_ceilings"} <= pictures
    assert not {"leave_one_firm_out", "missing_patterns", "person_mean", "agreement", "pooled"} & pictures


@pytest.mark.parametrize("key", ["mean", "std_dev"])
def test_means_of_answers_are_told_in_steps(published: StudyOutcome, key: str) -> None:
    """Of 237 people in steps of .05; the sum of the answers is then not known closer than to ten."""
    of_items = [float(item[key]) for item in results(published)["items"]]
    told = [
        float(mean)
        for mean in re.findall(r"gemiddelde (?:is )?(\d\.\d\d)", page(published).replace(",", "."))
    ]
    assert len(of_items) == 12 and len(told) > 10
    assert all(round(mean / 0.05, 6).is_integer() for mean in [*of_items, *told])


def test_what_is_withheld_stands_beside_the_raw_file_with_its_true_number(published: StudyOutcome) -> None:
    folder = published.report.parent
    assert published.withheld == folder.parent / WITHHELD
    rows = list(csv.DictReader(published.withheld.read_text("utf-8").splitlines()))
    assert {"small", "told_as_total"} <= {row["rule"] for row in rows}
    assert {float(row["n"]) for row in rows if row["rule"] == "small"} <= {float(n) for n in range(1, 10)}
    assert "4.0" in {row["n"] for row in rows}
    assert WITHHELD not in {path.name for path in folder.rglob("*")}


def test_without_a_log_nothing_is_published(tmp_path: Path) -> None:
    inputs = read_inputs(write_study(tmp_path / "studie"))
    (inputs.data[0].parent / WITHHELD).mkdir()
    with pytest.raises(SiResearchError, match="beside the raw file"):
        _write_log(Counter({Withheld("small", "here", 3.0): 1}), inputs)


def test_a_report_for_inside_never_takes_the_place_of_a_publication(published: StudyOutcome) -> None:
    folder = published.report.parent
    before = published.report.read_bytes()
    with pytest.raises(SiResearchError, match="run --profile publication"):
        run_study(folder.parent, output=folder)
    assert published.report.read_bytes() == before


def test_waves_of_the_same_people_are_not_published_together() -> None:
    """Five people in two waves are ten answers."""
    people = pd.DataFrame({WAVE: ["a", "b"] * 5, RESPONDENT: np.repeat(range(5), 2).astype(str)})
    for table in (people, people.drop(columns=RESPONDENT)):
        with pytest.raises(SiResearchError, match="choose one wave"):
            _check_one_answer_a_person(table)
    _check_one_answer_a_person(people.assign(**{RESPONDENT: [str(row) for row in range(10)]}))
    _check_one_answer_a_person(people.drop_duplicates(RESPONDENT))


def test_the_command_takes_the_profile(published: StudyOutcome) -> None:
    done = CliRunner().invoke(main, ["run", str(published.report.parent.parent), "--profile", "publication"])
    assert done.exit_code == 0, done.output
    assert "output_publication" in done.output
    unknown = CliRunner().invoke(main, ["run", str(published.report.parent.parent), "--profile", "everybody"])
    assert unknown.exit_code == 2


def test_nine_people_are_not_published(tmp_path: Path) -> None:
    study = write_study(tmp_path / "studie")
    write_csv(study / "survey.csv", answers(9, 3, seed=1))
    with pytest.raises(SiResearchError) as refused:
        run_study(study, profile="publication")
    assert "10 people or more" in str(refused.value) and "9" not in str(refused.value)
    assert not (study / "output_publication").exists()


@pytest.mark.parametrize(("profile", "n_needed"), [(INTERNAL, 0), (PUBLICATION, 9)])
def test_a_model_that_leaves_few_degrees_of_freedom_is_refused(
    profile: DisclosureProfile, n_needed: int
) -> None:
    """Ten must be left: nine people more than a report for inside asks for."""
    rng = np.random.default_rng(1)
    names = ["kunnen", "willen", "mogen", "innovative_behaviour"]
    scores = pd.DataFrame(rng.normal(size=(40, 4)), columns=names)
    roles = Roles("innovative_behaviour", ("kunnen", "willen", "mogen"), (), None)
    least = fewest_rows(scores, roles) + n_needed
    with disclosing(profile):
        assert refusal_of_few_people(scores.head(least), roles) is None
        refused = refusal_of_few_people(scores.head(least - 1), roles)
    assert refused is not None and refused.code == "too_few_people"
