"""A Dutch export in all its habits, made up here: it reads right, and a denial never becomes its opposite."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.errors import LabelError
from si_research.survey.codebook import Codebook, Item, ResponseFormat, Scale, Variable
from si_research.survey.reading import read_survey

LONG = (
    "ik doe dit alleen wanneer mijn leidinggevende mij er uitdrukkelijk om vraagt",
    "ik doe dit ook wanneer mijn collega's mij er uitdrukkelijk om vragen",
    "ik doe dit uit mezelf, zonder dat iemand mij er uitdrukkelijk om vraagt",
)


def book() -> Codebook:
    return Codebook(
        title="Gemaakt",
        missing_codes={"weet niet": "does_not_know", "n.v.t.": "does_not_apply"},
        formats={"initiative": ResponseFormat(labels={"nl": LONG})},
        items={
            "k1": Item(column="Mijn werk biedt ruimte – voor ideeën", format="agree_5"),
            "w1": Item(column="Hoe vaak neemt u zelf initiatief?", format="initiative"),
        },
        variables={"hours": Variable(column="uren", kind="number")},
        scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
    )


def export(folder: Path, *rows: tuple[str, str, str]) -> Path:
    header = ("Mijn werk biedt ruimte – voor ideeën", "Hoe vaak neemt u zelf initiatief?", "uren")
    path = folder / "enquête.csv"
    path.write_bytes("".join(";".join(row) + "\r\n" for row in (header, *rows)).encode("windows-1252"))
    return path


def test_it_reads_right(tmp_path: Path) -> None:
    survey = read_survey(
        export(
            tmp_path,
            ("helemaal mee eens  ", LONG[0][:60], "37,5"),
            ("Mee eens", LONG[2][:60] + " ", "1.040,25"),
            ("niet mee eens", f'"{LONG[2]}"', "0"),
            (" helemaal niet mee eens", LONG[1], " 36 "),
            ("Weet niet.", "n.v.t.", ""),
        ),
        book(),
    )
    assert survey.facts.encoding == "windows-1252"
    assert (survey.facts.separator, survey.facts.decimal) == (";", ",")
    assert survey.values["k1"].tolist()[:4] == [5.0, 4.0, 2.0, 1.0]
    assert survey.reasons["k1"].tolist()[4] == "does_not_know"
    assert survey.values["w1"].tolist()[:4] == [1.0, 3.0, 3.0, 2.0]
    assert survey.reasons["w1"].tolist()[4] == "does_not_apply"
    assert survey.values["hours"].tolist()[:4] == [37.5, 1040.25, 0.0, 36.0]
    assert (
        "of which cut off by the tool: 2" in survey.ledger.steps.set_index("step").loc["map_labels", "rule"]
    )


@pytest.mark.parametrize(
    "label",
    ["(helemaal) niet mee eens", "niet (helemaal) mee eens", "helemaal niet mee een", "niet helemaal"],
)
def test_a_denial_that_fits_no_label_is_an_error_and_never_its_opposite(tmp_path: Path, label: str) -> None:
    with pytest.raises(LabelError) as raised:
        read_survey(export(tmp_path, (label, "", "1"), ("mee eens", "", "1")), book())
    (problem,) = raised.value.problems
    assert label in problem.found
    proposal = problem.todo.split("`")
    assert len(proposal) < 2 or "niet" in proposal[1] or "oneens" in proposal[1]


@pytest.mark.parametrize("label", ["ik doe dit", "ik doe dit alleen wanneer mij", LONG[0][:60] + " x"])
def test_a_beginning_that_is_short_or_goes_on_otherwise_is_an_error(tmp_path: Path, label: str) -> None:
    with pytest.raises(LabelError):
        read_survey(export(tmp_path, ("mee eens", label, "1")), book())
