"""Names of firms that are no names, and one name in several spellings: told, and never changed in silence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from si_research.survey.answer_check import check_answers
from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.drafting import draft_codebook
from si_research.survey.firm_names import name_key, names_without_answer, reason_of_name
from si_research.survey.reading import read_raw, read_survey
from si_research.survey.replay import replay

NO_NAMES = (
    "Onbekend",
    "?",
    "geen",
    "n.v.t.",
    "-",
    "unknown",
    "none",
    "NVT",
    "weet niet",
    "(onbekend)",
    "-99",
)
ONE_NAME = ("Bakker BV", "Bakker bv", "Bakker B.V.", "Bakker  B.V", "BAKKER B V", "Bäkker bv")


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_reads_as_no_answer_is_no_name(name: str) -> None:
    assert reason_of_name(name) is not None


@pytest.mark.parametrize(
    "name", ["Geen Gedoe BV", "None Such Ltd", "B01", "12", "0", "Onbekend Terrein", "X", ""]
)
def test_a_name_stays_a_name(name: str) -> None:
    assert reason_of_name(name) is None


@pytest.mark.parametrize(
    "names",
    [
        ONE_NAME,
        ("Shell N.V.", "Shell NV", "shell nv."),
        ("Jansen & Zn", "Jansen en Zn.", "JANSEN&ZN", "Jansen and Zn"),
    ],
)
def test_spellings_of_one_name(names: Sequence[str]) -> None:
    assert len({name_key(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.1", "11"),
        ("B-1-1", "B-11"),
        ("Bakker BV", "Bakker NV"),
        ("Завод 1", "Фирма 1"),
        ("AB", "BA"),
        ("Aen", "A en B"),
    ],
)
def test_two_names_stay_two(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.fixture
def checked(tmp_path: Path) -> Callable[..., CheckResult]:
    """Check a survey of which a column names the firm."""

    def check(firms: Sequence[str], **variable: object) -> CheckResult:
        rows = "".join(f"{n};{firm};{n % 5 + 1}\n" for n, firm in enumerate(firms, start=1))
        (tmp_path / "survey.csv").write_text(f"nr;bedrijf;k1\n{rows}", "utf-8")
        codebook = book(**variable)
        survey = read_survey(tmp_path / "survey.csv", codebook)
        again = replay(survey.ledger, tmp_path / "survey.csv", codebook)
        assert again.values.equals(survey.values)
        return check_answers(survey, codebook)

    return check


def book(**variable: object) -> Codebook:
    return Codebook(
        title="",
        items={"k1": Item(format="agree_5")},
        variables={"bedrijf": Variable.model_validate(variable)} if variable else {},
        scales={"kunnen": Scale(construct_name="kunnen", items=("k1",))},
        roles=Roles(respondent="nr", organisation="bedrijf"),
    )


def test_people_in_a_firm_that_is_none_are_counted(checked: Callable[..., CheckResult]) -> None:
    firms = [*(["B01", "B02", "B03"] * 4), *["Onbekend"] * 7, "?", "n.v.t."]
    check = checked(firms)
    assert check.passed is False
    assert check.table().to_numpy().tolist() == [["no_answer", "bedrijf", 9]]
    assert "9 rows hold a name that reads as no answer (`onbekend` 7, `?` 1, `n.v.t` 1)" in check.text
    codes = {"onbekend": "does_not_know", "?": "does_not_know", "n.v.t": "does_not_apply"}
    assert '{"onbekend": does_not_know, "?": does_not_know, "n.v.t": does_not_apply}' in check.text
    assert checked(firms, missing_codes=codes).passed  # what it says to write is enough


def test_a_label_keeps_a_firm_of_that_name(checked: Callable[..., CheckResult]) -> None:
    firms = ["B01", "Geen", "Geen"] * 5
    assert not checked(firms).passed
    assert checked(firms, labels={"Geen": "Geen, adviseurs"}).passed


def test_a_label_of_the_codebook_that_reads_as_no_answer_is_told(checked: Callable[..., CheckResult]) -> None:
    check = checked(["1", "2", "9"] * 5, labels={"1": "A", "2": "B", "9": "Onbekend"})
    assert '5 rows hold a name that reads as no answer (`9` 5): `{"9": does_not_know}`' in check.text


def test_numbers_for_no_answer_among_numbered_firms_are_told(checked: Callable[..., CheckResult]) -> None:
    firms = [*map(str, range(1, 30)), *["9999"] * 4, "9997", "999", "-99", "9999.0"]
    check = checked(firms)
    assert check.table().to_numpy().tolist() == [["no_answer", "bedrijf", 8]]
    codes = {"9999": "declared_missing", "9997": "declared_missing", "999": "declared_missing"}
    said = ", ".join(f'"{code}": {reason}' for code, reason in codes.items())
    assert said in check.text
    assert checked(firms, missing_codes={**codes, "-99": "declared_missing"}).passed
    labels = {str(firm): f"firma {firm}" for firm in range(1, 30)}
    assert not checked(firms, labels=labels).passed
    assert checked(firms[:33], labels={"9999": "Achternegen BV"}).passed


@pytest.mark.parametrize(
    "firms",
    [
        range(1, 100),
        range(1, 1000),
        range(9001, 10000),
        (1010, 3755, 6001, 9500, 9999),
        (99, 999, 9999),
    ],
    ids=["1 to 99", "1 to 999", "four digits", "numbers far apart", "nothing to compare with"],
)
def test_a_number_near_those_of_other_firms_is_a_firm(
    checked: Callable[..., CheckResult], firms: Sequence[int]
) -> None:
    assert checked([str(firm) for firm in firms] * 2).passed


def test_a_sentinel_among_names_is_told_and_proposed(tmp_path: Path) -> None:
    assert names_without_answer({"Bakker": 5, "Slager": 5, "9999": 3}, {}) == {"9999": 3}
    firms = ["Bakker", "Slager", "Smid"] * 10 + ["9999"]
    rows = "".join(f"{n};{firm};{n % 5 + 1}\n" for n, firm in enumerate(firms, start=1))
    (tmp_path / "a.csv").write_text(f"nr;bedrijf;k1\n{rows}", "utf-8")
    drafted = draft_codebook(read_raw(tmp_path / "a.csv")).variables["bedrijf"]
    assert drafted.missing_codes == {"9999": "declared_missing"}


def test_spellings_are_told_with_rows_and_hardly_shown(checked: Callable[..., CheckResult]) -> None:
    firms = ["Bakker BV"] * 6 + ["Jansen NV"] * 5 + ["Bakker B.V.", "Bakker bv", "Bakker B.V."]
    check = checked(firms)
    assert check.table().to_numpy().tolist() == [["spellings", "bedrijf", 2]]
    assert (
        "1 name is perhaps written in 3 ways, in 9 rows: `Bakker BV` (6 rows), a spelling of 2 rows, "
        "first in row 12, a spelling of 1 row, first in row 13"
    ) in check.text
    assert "Bakker B.V." not in check.text
    assert "Bakker bv" not in check.text


def test_spellings_of_the_codebook_bring_one_name_together(checked: Callable[..., CheckResult]) -> None:
    firms = ["Bakker BV"] * 6 + ["Jansen NV"] * 5 + ["Bakker B.V.", "bakker bv", "Bakker  bv."]
    assert checked(firms, spellings={"Bakker BV": ["Bakker B.V."]}).passed


def test_a_firm_by_number_has_no_spellings(checked: Callable[..., CheckResult]) -> None:
    assert checked(["1", "11", "1.1", "2", "21"] * 3).passed
