"""Counting the answers to each item: every answer once, reasons apart, long scales in classes."""

from __future__ import annotations

from pathlib import Path

from si_research import Codebook, read_survey
from si_research.survey.codebook import Item, ResponseFormat, Scale
from si_research.survey.item_answers import item_answers

FORMATS = {
    "three": ResponseFormat(labels={"nl": ("oneens", "neutraal", "eens"), "en": ("no", "so-so", "yes")}),
    "mark": ResponseFormat(lowest=1, highest=10),
    "slider": ResponseFormat(lowest=0, highest=100),
    "open": ResponseFormat(lowest=0),
}


def counted(folder: Path) -> dict[str, object]:
    (folder / "survey.csv").write_text(
        "k1;k2;k3;k4;k5\neens;10;100;7;eens\nEens;1;0;8;weet niet\n"
        "oneens;5;10;9;\nneutraal;5;99;10;neutraal\n",
        "utf-8",
    )
    items = {"k1": "three", "k2": "mark", "k3": "slider", "k4": "open", "k5": "three"}
    codebook = Codebook(
        title="telling",
        formats=FORMATS,
        items={name: Item(format=form, reverse=name == "k5") for name, form in items.items()},
        scales={name: Scale(construct="other", items=(name,)) for name in items},
        missing_codes={"weet niet": "does_not_know"},
    )
    found = item_answers(read_survey(folder / "survey.csv", codebook), codebook)
    table = found.table()
    return {
        "found": found,
        "n": {name: rows["n"].tolist() for name, rows in table.groupby("item", sort=False)},
        "low": {name: rows["low"].tolist() for name, rows in table.groupby("item", sort=False)},
    }


def test_every_answer_is_counted_once(tmp_path: Path) -> None:
    content = counted(tmp_path)
    n, low, found = content["n"], content["low"], content["found"]
    assert isinstance(n, dict)
    assert isinstance(low, dict)
    assert n["k1"] == [1, 1, 2]
    assert n["k2"] == [1, 0, 0, 0, 2, 0, 0, 0, 0, 1]
    assert n["k3"] == [1, 1, 0, 0, 0, 0, 0, 0, 0, 2], "a class holds its lower end, the last one both"
    assert low["k3"] == [10.0 * step for step in range(10)]
    assert n["k5"] == [0, 1, 1], "as answered: not turned"
    assert found.not_counted == ("k4",)  # type: ignore[attr-defined]


def test_reasons_and_words_are_kept_apart(tmp_path: Path) -> None:
    found = counted(tmp_path)["found"]
    missing = found.missing  # type: ignore[attr-defined]
    assert missing.loc["k5"].to_dict() == {"does_not_know": 1, "unanswered": 1}
    assert missing.loc["k1"].sum() == 0
    form = found.formats[0]  # type: ignore[attr-defined]
    assert (form.labels_nl, form.labels_en) == (("oneens", "neutraal", "eens"), ("no", "so-so", "yes"))
    assert not form.is_classes
