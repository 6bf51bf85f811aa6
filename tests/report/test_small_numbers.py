"""No number of one to four people on the page or in the results, nor one that leaves so few of a total."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from si_research.report.findings import StudyFindings
from si_research.report.flow import rows_after_steps
from si_research.report.flow_plot import flow_in_words
from si_research.report.labels import labels_of
from si_research.report.results_json import results_json
from si_research.report.sections import sections_of
from small_survey import answers, write_csv

Small = Callable[..., StudyFindings]
OF_THE_TESTS = re.compile(
    r"\.(fit|flow|correlations|descriptives|measurement_error|screening_comparison)\b|\.n_used$"
)
"""Where the people of the tests are counted: these are always told."""


def some_left_out(folder: Path) -> None:
    """Three people have no score on willen; two others leave a question of kunnen open."""
    rows = answers(240, 12, seed=3)
    for row in rows[:3]:
        row[5:8] = ["", "", ""]
    for row in rows[3:5]:
        row[2] = ""
    write_csv(folder / "survey.csv", rows)


def some_answered(folder: Path) -> None:
    """Three people answer k2; four do not answer m1."""
    rows = answers(240, 12, seed=3)
    for row in rows[3:]:
        row[3] = ""
    for row in rows[10:14]:
        row[8] = ""
    write_csv(folder / "survey.csv", rows)


def few_people(folder: Path) -> None:
    """One of twelve leaves a question open: too few people for the model."""
    rows = answers(12, 3, seed=3)
    rows[0][2] = ""
    write_csv(folder / "survey.csv", rows)


def numbers(value: object, where: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from numbers(each, f"{where}.{name}")
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from numbers(each, f"{where}[{place}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield where, float(value)


@pytest.mark.parametrize("change", [some_left_out, some_answered])
def test_no_number_leaves_one_to_four_of_all(small: Small, change: Callable[[Path], None]) -> None:
    found = small(240, 12, change)
    assert found.fit is not None
    kept = found.fit.n_used
    told = list(numbers(json.loads(results_json(found))))
    near = [(where, n) for where, n in told if 0 < 240 - n < 5 and not where.endswith("df_residual")]
    # one n is always told, that of the tests
    assert [each for each in near if each[1] != kept or not OF_THE_TESTS.search(each[0])] == []
    for language in ("nl", "en"):
        sections = sections_of(found, labels_of(found, language))
        tables = [block.table for each in sections for block in each.blocks if block.table is not None]
        cells = {(table.name, cell) for table in tables for row in table.rows for cell in row}
        of_tests = {"flow", "measurement_error", "with_and_without", "corrections", "descriptives"}
        wrong = {each for each in cells if each[1] in {"236", "237", "238", "239"}}
        assert {name for name, _ in wrong} <= of_tests
        assert {n for _, n in wrong} <= {str(kept)}


def test_few_left_out_have_no_reason(small: Small) -> None:
    found = small(240, 12, some_left_out)
    content = json.loads(results_json(found))
    assert [step["codes"] for step in content["flow"]] == [[], [["few", ""]], []]
    assert [step["n"] for step in content["flow"]] == [240, 3, 237]
    assert set(rows_after_steps(found)) == {1}
    for language, words in (("nl", "Niet mee 3: reden niet getoond"), ("en", "Left out 3: reason not shown")):
        from si_research.report.flow import flow_of_study

        labels = labels_of(found, language)
        assert words in flow_in_words(flow_of_study(found), labels)
        who = next(each for each in sections_of(found, labels) if each.name == "who")
        assert any(labels.voice.say("who.few_left_out") == block.text for block in who.blocks)


def test_twelve_people_are_twelve_in_every_table(small: Small) -> None:
    found = small(12, 3, few_people)
    told = [
        (where, n) for where, n in numbers(json.loads(results_json(found))) if re.search(r"\.n_\w+$", where)
    ]
    counted = {where: n for where, n in told if re.search(r"\.n_(used|scored|complete|rows)$", where)}
    assert len(counted) > 40
    assert set(counted.values()) == {12.0}
    (first,) = [each for each in json.loads(results_json(found))["items"] if each["item"] == "k1"]
    assert first["mean"] == round(first["mean"], 1)  # 31 / 11 = 2.82 is no mean of twelve answers
    for section in sections_of(found, labels_of(found, "nl")):
        for block in section.blocks:
            if block.table is not None and "n" in block.table.columns and block.table.name != "flow_refusal":
                assert set(block.table.table()["n"]) <= {"12", "–"}, block.table.name
