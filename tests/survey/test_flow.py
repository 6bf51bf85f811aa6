"""The flow of rows: each step starts where the one before ended, and says why."""

from __future__ import annotations

from pathlib import Path

from si_research.study.study_file import read_study
from si_research.survey.cleaning import CleaningRules, Selection, clean_survey
from si_research.survey.codebook_file import read_codebook
from si_research.survey.flow import flow_of
from si_research.survey.ledger import Ledger, Tally, record_step
from si_research.survey.reading import read_survey


def test_the_example_by_its_readme(project: Path) -> None:
    folder = project / "data/example"
    study, book = read_study(folder), read_codebook(folder / "codebook.yml")
    clean = clean_survey(read_survey(folder / study.data, book), book, study.cleaning)
    flow = flow_of(clean.ledger)
    assert (flow.offered, flow.used) == (3036, 1465)
    assert [(each.step, each.n_in, each.n_out, each.left_out) for each in flow.steps] == [
        ("duplicates", 3036, 3000, (("repeated", 36),)),
        ("selection", 3000, 1500, (("others", 1500),)),
        ("unfinished", 1500, 1465, (("too_few", 35),)),
    ]
    assert [clean.ledger.steps["step"].iloc[each.place - 1] for each in flow.steps] == [
        each.step for each in flow.steps
    ]
    assert "duplicates: 3036 -> 3000 (repeated 36)" in str(flow)
    assert flow.table()["n_left_out"].sum() == 3036 - 1465


def test_steps_of_one_name_and_reasons_without_counts() -> None:
    ledger = record_step(Ledger(), "read_file", "r", "w", {}, before=Tally(9, 1), after=Tally(9, 1))
    by_why = {"left_out": {"others": 1, "without_answer": 1}}
    for n_in, n_out, counts in ((9, 9, {}), (9, 7, by_why), (7, 4, {})):
        ledger = record_step(
            ledger, "selection", "r", "why", {}, before=Tally(n_in, 1), after=Tally(n_out, 1), counts=counts
        )
    flow = flow_of(ledger)
    assert [each.left_out for each in flow.steps] == [
        (("others", 1), ("without_answer", 1)),
        (("selection", 3),),
    ]
    assert [each.n_left_out for each in flow.steps] == [2, 3]
    assert flow_of(Ledger()).used == 0


def test_waves_side_by_side_make_rows_and_leave_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "codebook.yml").write_text(
        "title: waves\nitems: {k1: {format: agree_5, columns: {voor: a, na: b}}}\n"
        "scales: {kunnen: {construct: kunnen, items: [k1]}}\nroles: {respondent: nr}\n"
    )
    (tmp_path / "s.csv").write_text("nr;a;b\n1;1;2\n2;3;4\n3;5;\n")
    book = read_codebook(tmp_path / "codebook.yml")
    rules = CleaningRules(select=(Selection(variable="wave", keep=("na",), reason="after"),))
    flow = flow_of(clean_survey(read_survey(tmp_path / "s.csv", book), book, rules).ledger)
    assert [(each.n_in, each.n_out, each.n_left_out) for each in flow.steps] == [(3, 5, 0), (5, 2, 3)]
