"""The solutions as formulas: what the table shows, and that it gives nobody away."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from si_research.constructs import CONDITIONS
from si_research.model.configurations.configurations import Configurations, fit_configurations
from si_research.model.configurations.truth_table import CutOffs
from si_research.report.combination_findings import CombinationFindings
from si_research.report.configuration_tables import notes_beside_answer, told_records
from si_research.report.findings import StudyFindings
from si_research.report.labels import Labels, labels_of
from si_research.report.readings_section import readings_blocks
from si_research.report.results_json import results_json
from si_research.report.solution_tables import MOST_SHOWN, solution_tables, told_solutions
from si_research.report.voice import plain, voice

LANGUAGES = ("nl", "en")
OTHERS = ("steun (team)", "leiding", "tijd")


def people(counts: dict[tuple[int, ...], tuple[int, float]], names: tuple[str, ...]) -> pd.DataFrame:
    """So many people in each corner of low (2) and high (4), with such an outcome."""
    rows = [
        [*(4.4 if high else 1.6 for high in signs), y] for signs, (n, y) in counts.items() for _ in range(n)
    ]
    return pd.DataFrame(rows, columns=[*names, "innovative_behaviour"])


def analysed(counts: dict[tuple[int, ...], tuple[int, float]], **more: object) -> Configurations:
    names = tuple(str(name) for name in more.pop("names", CONDITIONS))  # type: ignore[attr-defined]
    return fit_configurations(people(counts, names), predictors=names, draws=199, seed=1, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def two_ways() -> Configurations:
    """High where kunnen and willen are, and where only mogen is; nobody with willen and mogen alone."""
    counts = {(0, 0, 0): (40, 1.4), (0, 0, 1): (30, 4.6), (0, 1, 0): (25, 1.4), (1, 0, 0): (25, 1.4)}
    counts |= {(1, 0, 1): (20, 1.4), (1, 1, 0): (30, 4.6), (1, 1, 1): (35, 4.6), (0, 1, 1): (2, 1.4)}
    return analysed(counts, cuts=CutOffs(n=5))


def test_formulas_are_those_of_boolean_algebra(two_ways: Configurations) -> None:
    """By hand: 001, 110 and 111 are high; 011 has two people, and is free for the parsimonious one."""
    told = {each["formula"]: each for each in told_solutions(two_ways, negated=False)}
    conservative = "~kunnen*~willen*mogen"
    (first,) = [each for each in told.values() if "complex" in each["kinds"]]
    assert {term["term"] for term in first["terms"]} == {"kunnen*willen", conservative}
    (short,) = [each for each in told.values() if "parsimonious" in each["kinds"]]
    assert {term["term"] for term in short["terms"]} == {"kunnen*willen", "~kunnen*mogen"}
    assert (first["n_assumed"], short["n_assumed"]) == (0, 1)


def test_fit_is_counted_by_hand(two_ways: Configurations) -> None:
    (found,) = [each for each in told_solutions(two_ways, negated=False) if "complex" in each["kinds"]]
    sets, y = two_ways.sets.arrays()
    k, w, m = sets.T
    both, only = np.minimum(k, w), np.minimum(np.minimum(1 - k, 1 - w), m)
    each = {"kunnen*willen": both, "~kunnen*~willen*mogen": only}
    for term in found["terms"]:
        x = each[term["term"]]
        assert term["inclS"] == pytest.approx(np.minimum(x, y).sum() / x.sum())
        assert term["covS"] == pytest.approx(np.minimum(x, y).sum() / y.sum())
        others = np.minimum(both, y), np.minimum(only, y)
        shared = np.minimum(*others).sum()
        assert term["covU"] == pytest.approx((np.minimum(x, y).sum() - shared) / y.sum())
    either = np.maximum(both, only)
    assert found["covS"] == pytest.approx(np.minimum(either, y).sum() / y.sum())
    assert found["n"] == 95
    assert sorted(term["n"] for term in found["terms"]) == [30, 65]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_has_a_row_a_formula_and_a_row_a_term(two_ways: Configurations, language: str) -> None:
    labels = Labels(voice(language))
    table = next(solution_tables(two_ways, labels))
    firsts = [row[0] for row in table.rows]
    part = labels.voice.say("readings.solutions.part")
    n_terms = [len(each["terms"]) for each in told_solutions(two_ways, negated=False)]
    assert firsts.count(part) == sum(n for n in n_terms if n > 1)
    assert len(firsts) - firsts.count(part) == len(n_terms)
    assert len(table.columns) == len(table.rows[0]) == 7
    assert "+" in table.rows[0][1]
    assert labels.voice.say("readings.solutions.complex") in firsts[0].lower()
    assert any(row[1] == "`kunnen*willen`" for row in table.rows)


def test_a_number_that_would_tell_of_two_people_is_left_out(two_ways: Configurations) -> None:
    """~kunnen*mogen is 001 (30 people) and 011 (2); 32 would tell of these two."""
    hidden = [row for row in told_records(two_ways, negated=False) if row["n"] is None]
    assert hidden
    by_term = {
        term["term"]: term for each in told_solutions(two_ways, negated=False) for term in each["terms"]
    }
    assert by_term["~kunnen*mogen"]["n"] is None
    assert by_term["kunnen*willen"]["n"] == 65
    assert not math.isnan(by_term["~kunnen*mogen"]["inclS"])
    shown = next(solution_tables(two_ways, Labels(voice("en"))))
    assert [row[-1] for row in shown.rows if row[1] == "`~kunnen*mogen`"] == ["–"]


def test_what_is_told_gives_no_small_row_away(two_ways: Configurations) -> None:
    """All that is told, as linear equations: no combination of them fixes a row of fewer than five."""
    names = list(two_ways.rows.loc[two_ways.outcome].index)
    counts = two_ways.rows.loc[two_ways.outcome]["n"].to_numpy(dtype=float)
    signs = two_ways.rows.loc[two_ways.outcome][list(two_ways.conditions)].to_numpy()
    known = [np.ones(len(names))]
    for negated in (False, True):
        known += [
            (np.array(names) == row["configuration"]).astype(float)
            for row in told_records(two_ways, negated=negated)
            if row["n"] is not None and row["configuration"] in names
        ]
        for each in told_solutions(two_ways, negated=negated):
            covers = []
            for term in each["terms"]:
                wanted = {part.removeprefix("~"): int("~" not in part) for part in term["term"].split("*")}
                covers.append(
                    np.all(
                        [signs[:, list(two_ways.conditions).index(k)] == v for k, v in wanted.items()], axis=0
                    )
                )
                known += [covers[-1].astype(float)] if term["n"] is not None else []
            known += [np.any(covers, axis=0).astype(float)] if each["n"] is not None else []
    rank = np.linalg.matrix_rank(known)
    for place in np.flatnonzero(counts < 5):
        alone = np.eye(len(names))[place]
        assert np.linalg.matrix_rank([*known, alone]) == rank + 1


def test_in_a_notebook_words_stand_left_and_numbers_right(two_ways: Configurations) -> None:
    page = next(solution_tables(two_ways, Labels(voice("en"))))._repr_html_()
    assert re.search(
        r'<th style="text-align: left">Solution</th>.*<th style="text-align: right">n</th>', page
    )
    assert '<td style="text-align: right">65</td>' in page
    assert page.count("<td") == page.count("</td>") == 7 * page.count("<tr><td")


def test_other_names_stand_as_they_are() -> None:
    counts = dict.fromkeys(np.ndindex(2, 2, 2), (20, 1.4)) | {(1, 1, 1): (30, 4.6)}
    found = analysed(counts, names=OTHERS)
    table = next(solution_tables(found, Labels(voice("en"))))
    assert table.rows[0][1] == "`steun (team)*leiding*tijd`"
    assert plain(table.rows[0][1]) == table.rows[0][1]


def test_no_more_formulas_than_fit_a_page(two_ways: Configurations) -> None:
    labels = Labels(voice("en"))
    own = two_ways.solutions.index == two_ways.outcome
    solutions, terms = [], []
    for number in range(MOST_SHOWN + 2):
        kinds = {"kind": "complex", "solution": number + 1}
        solutions.append(two_ways.solutions[own].iloc[[0]].assign(**kinds))
        terms.append(two_ways.terms[two_ways.terms.index == two_ways.outcome].iloc[[0]].assign(**kinds))
        terms[-1]["term"] = f"{'~' * (number // 3)}{CONDITIONS[number % 3]}"
    many = replace(two_ways, solutions=pd.concat(solutions), terms=pd.concat(terms))
    table = next(solution_tables(many, labels))
    assert len(table.rows) == MOST_SHOWN
    assert "2 more formulas" in table.note
    assert "more formulas" not in next(solution_tables(two_ways, labels)).note


def combination_of(findings: StudyFindings) -> CombinationFindings:
    assert findings.combination is not None
    return findings.combination


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_answer_says_is_said_once(example: StudyFindings, language: str) -> None:
    found, labels = combination_of(example).configurations, labels_of(example, language)
    assert found is not None
    assert found.answer.code == "none"
    assert "no_sufficient_row" in {note.code for note in found.notes}
    said = labels.voice.say("readings.notes.no_sufficient_row")
    lines = [line for block in readings_blocks(example, labels) for line in (block.text, *block.lines)]
    assert said not in lines
    assert "no_sufficient_row" not in {note.code for note in notes_beside_answer(found)}
    other = replace(found, answer=replace(found.answer, code="not_judged"))
    assert "no_sufficient_row" in {note.code for note in notes_beside_answer(other)}


def test_solutions_stand_on_the_page_and_in_the_results(example: StudyFindings) -> None:
    tables = [block.table for block in readings_blocks(example, labels_of(example, "en"))]
    (shown,) = [table for table in tables if table is not None and table.name.startswith("solutions")]
    assert shown.name == "solutions_absence"
    assert shown.rows[0][0] == "Conservative, parsimonious and intermediate"
    assert shown.rows[0][1] == "`~kunnen*~willen + ~kunnen*~mogen + ~willen*~mogen`"
    content = json.loads(results_json(example))["combination"]["configurations"]
    assert content["solutions"] == []
    (one,) = content["solutions_of_absence"]
    assert one["kinds"] == ["complex", "parsimonious", "intermediate"]
    assert len(one["terms"]) == 3
    assert "n_firms" not in one["terms"][0]


def test_a_formula_keeps_its_asterisks() -> None:
    assert plain("kunnen*willen*mogen, *kunnen* and (*willen*)") == "kunnen*willen*mogen, kunnen and (willen)"
