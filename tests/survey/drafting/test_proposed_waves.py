"""Waves in the rows of a file: `na` is one, people are counted once, other answers are named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from si_research.survey.codebook import Codebook, Item, Roles, Scale, Variable
from si_research.survey.reading.read import read_survey
from si_research.survey.waves.instruments import check_instruments
from si_research.survey.waves.used_answers import own_answers

Draft = Callable[[dict[str, Sequence[object]]], Codebook]
STEPS = ("Helemaal mee oneens", "Mee oneens", "Neutraal", "Mee eens", "Helemaal mee eens")
N = 30


def in_rows(first: str, second: str, name: str = "meting") -> dict[str, Sequence[object]]:
    """A file of 30 people in two waves, three questions."""
    answers = {f"k{n}": [STEPS[(row + row // N * n) % 5] for row in range(2 * N)] for n in (1, 2, 3)}
    people = [f"r{row}" for row in range(N)] * 2
    return {"respondent": people, name: [first] * N + [second] * N, **answers}


@pytest.mark.parametrize(
    ("first", "name"), [("voor", "meting"), ("Vooraf", "x"), ("nul", "x"), ("start", "golf")]
)
def test_na_beside_its_partner_is_a_wave(draft_of: Draft, first: str, name: str) -> None:
    codebook = draft_of(in_rows(first, "na", name))
    assert codebook.missing_codes == {}
    labels = codebook.variables[name].labels
    assert list(labels)[-1] == "na"
    assert "`na` is a measurement here" in codebook.variables[name].proposed
    assert not codebook.variables[name].confirm


@pytest.mark.parametrize("others", [("voor", "tegen"), ("1", "2"), ("t1", "t2")])
def test_na_beside_other_words_is_no_answer(draft_of: Draft, others: tuple[str, str]) -> None:
    columns = in_rows(*others, "keuze")
    columns["keuze"] = [*list(columns["keuze"])[:-5], *["NA"] * 5]
    assert draft_of(columns).missing_codes == {"na": "unanswered"}


def test_na_is_no_answer_in_the_other_columns_only(draft_of: Draft, tmp_path: Path) -> None:
    columns = in_rows("voor", "na")
    columns["k1"] = ["NA", *list(columns["k1"])[1:]]
    codebook = draft_of(columns)
    survey = read_survey(tmp_path / "survey.csv", codebook)
    assert survey.values["meting"].value_counts().to_dict() == {"voor": N, "na": N}
    assert survey.reasons["k1"].iloc[0] == "unanswered"


def test_na_beside_for_and_against_stays_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("keuze;k1\nvoor;1\ntegen;2\nna;3\n", "utf-8")
    variables = {"keuze": Variable(), "k1": Variable(kind="number")}
    codebook = Codebook(title="", missing_codes={"na": "unanswered"}, variables=variables, scales={})
    assert read_survey(path, codebook).reasons["keuze"].iloc[2] == "unanswered"


@pytest.mark.parametrize(
    ("variable", "roles", "waves"),
    [
        (Variable(), Roles(wave="meting"), {"voor": N, "na": N}),
        (Variable(labels={"voor": "Voor", "na": "Na"}), Roles(), {"voor": N, "na": N}),
        (Variable(labels={"1": "Voor", "2": "Na"}), Roles(), {"1": N, "2": N}),
        (Variable(), Roles(), {"voor": N, "na": N}),
    ],
)
def test_a_codebook_by_hand_keeps_a_wave_called_na(
    tmp_path: Path, variable: Variable, roles: Roles, waves: dict[str, int]
) -> None:
    columns = in_rows("voor", "na")
    path = tmp_path / "survey.csv"
    lines = [list(columns), *zip(*columns.values(), strict=True)]
    path.write_text("\n".join(";".join(map(str, line)) for line in lines), "utf-8")
    codebook = Codebook(
        title="",
        missing_codes={"na": "unanswered"},
        items={"k1": Item(format="agree_5")},
        variables={"meting": variable},
        scales={},
        roles=roles,
    )
    survey = read_survey(path, codebook)
    assert survey.values["meting"].value_counts().to_dict() == waves


def test_each_wave_with_answers_of_its_own_is_said(draft_of: Draft) -> None:
    columns = in_rows("voor", "na")
    assert "answers of its own" not in draft_of(columns).items["k1"].proposed
    often = dict(zip(STEPS, ("Nooit", "Zelden", "Soms", "Vaak", "Altijd"), strict=True))
    for name in ("k1", "k2", "k3"):
        cells = list(columns[name])
        columns[name] = [*cells[:N], *(often[str(cell)] for cell in cells[N:])]
    assert "each wave (`meting`) uses answers of its own" in draft_of(columns).items["k1"].proposed


def test_a_scale_kept_apart_by_its_answers_has_other_answers_in_the_next_wave() -> None:
    items = {
        f"{wave}_k{n}": Item(format=form, columns={wave: f"{wave}_k{n}"})
        for wave, form in (("t1", "agree_5"), ("t2", "frequency_5"))
        for n in (1, 2)
    }
    scales = {wave: Scale(construct="other", items=(f"{wave}_k1", f"{wave}_k2")) for wave in ("t1", "t2")}
    check = check_instruments(Codebook(title="", items=items, scales=scales))
    assert set(check.table()["change"]) == {"answers"}
    assert "other answers" in check.text
    assert check.passed is False


def test_waves_without_one_answer_in_common_are_no_one_instrument() -> None:
    first = pd.DataFrame({"a": [1.0, 2, 3] * 10})
    assert own_answers(["a"], (first, first + 3)) == [("answers", "1, 2, 3", "4, 5, 6")]
    assert own_answers(["a"], (first, first + 2)) == []


def test_who_is_there_once_a_wave_is_the_respondent(draft_of: Draft) -> None:
    codebook = draft_of(in_rows("voor", "na"))
    assert codebook.roles.respondent == "respondent"
    assert codebook.variables["respondent"].kind == "identifier"
    twice = in_rows("voor", "na")
    twice["respondent"] = ["r1", *list(twice["respondent"])[1:]]  # r1 is in `voor` twice
    assert draft_of(twice).roles.respondent is None


@pytest.mark.parametrize(("stems", "said"), [(["JC", "SE", "AB", "SD"], True), (["JC", "SE"], False)])
@pytest.mark.parametrize("shape", ["{}{}", "a{}{}", "{}_{}"])
def test_two_numbers_after_many_names_may_be_waves(
    draft_of: Draft, stems: list[str], said: bool, shape: str
) -> None:
    names = [shape.format(stem, number) for stem in stems for number in (1, 2)]
    columns = {name: [STEPS[(row + row // 5 * at) % 5] for row in range(30)] for at, name in enumerate(names)}
    reasons = [scale.proposed for scale in draft_of(columns).scales.values()]
    assert len(reasons) == len(stems)
    assert all(("may be those of waves" in reason) is said for reason in reasons)
