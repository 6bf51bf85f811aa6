"""Calibration, truth tables, minimisation and necessity against the R package QCA, cell by cell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.model.configurations.calibration import calibrate
from si_research.model.configurations.minimise import Solution, intermediate, minimise
from si_research.model.configurations.necessity_of_sets import (
    necessary_expressions,
    single_sets,
    sufficient_combinations,
)
from si_research.model.configurations.set_relations import (
    formula,
    necessity,
    sufficiency,
    term_memberships,
    term_text,
    unique_coverage,
)
from si_research.model.configurations.truth_table import CutOffs, corner_sums, truth_table

EXACT = {"rel": 0, "abs": 1e-10}
LIPSET = ["DEV", "URB", "LIT", "IND", "STB"]
CALIBRATED = {
    **{f"direct_logistic_{name}": {} for name in (*LIPSET, "SURV")},
    "direct_logistic_DEV_idm_0.975": {"inclusion_membership": 0.975},
    "direct_linear_DEV": {"logistic": False},
    "direct_linear_DEV_above_below_2": {"logistic": False, "above": 0.5, "below": 2},
    "direct_linear_decreasing_STB": {"logistic": False},
}
NECESSITY = {
    "LF_necessity_each",
    "LF_necessity_each_negated",
    "LF_necessity_each_for_negated_outcome",
    "LC_necessity_each",
    "LF_pofind_necessity",
}
TERMS = {
    "LF_sufficiency_each",
    "LF_conjunction_three_sufficiency",
    "LF_conjunction_three_necessity",
    "LF_disjunction_necessity",
    "LF_expression_sufficiency",
}
SUPERSETS = {
    "LF_superSubset_nec": {"inclusion": 0.9, "relevance": 0.6},
    "LF_superSubset_nec_cov": {"inclusion": 0.9, "coverage": 0.6},
    "LF_superSubset_nec_depth2": {"inclusion": 0.9, "relevance": 0.5, "depth": 2},
    "LC_superSubset_nec": {"inclusion": 1, "coverage": 0.6},
}
TABLES = {
    "LC_truth_table": {},
    "LC_three_conditions_truth_table": {},
    "LF_truth_table_incl_0.8": {"inclusion": 0.8},
    "LF_truth_table_incl_0.8_0.6_contradictions": {"inclusion": 0.8, "between": 0.6},
    "LF_truth_table_ncut2": {"inclusion": 0.8, "n": 2},
    "LF_truth_table_pri_cut": {"inclusion": 0.7, "pri": 0.5},
    "Krook_truth_table": {},
    "LF_three_conditions": {"inclusion": 0.75},
}
SOLVED = {
    "LC": ["LC_conservative", "LC_parsimonious", "LC_intermediate"],
    "~LC": ["LC_negated_outcome_conservative", "LC_negated_outcome_parsimonious"],
    "LF": ["LF_conservative", "LF_parsimonious", "LF_intermediate"],
    "~LF": ["LF_negated_conservative", "LF_negated_parsimonious", "LF_negated_intermediate"],
    "Krook": ["Krook_conservative", "Krook_parsimonious_two_solutions", "Krook_intermediate"],
}
CLAIMED = {
    *CALIBRATED,
    *NECESSITY,
    *TERMS,
    *SUPERSETS,
    "LF_superSubset_suf",
    *TABLES,
    *(case for cases in SOLVED.values() for case in cases),
}


@cache
def cases(folder: Path) -> dict[str, Any]:
    files = [folder / f"reference/qca/{name}.json" for name in ("calibration", "necessity", "sufficiency")]
    return {case["id"]: case for file in files for case in json.loads(file.read_text("utf-8"))["cases"]}


@cache
def data(folder: Path, name: str) -> pd.DataFrame:
    file = {"K": "qca_krook"}.get(name[0], f"qca_lipset_{name.lower()}")
    return pd.read_csv(folder / "reference/data" / f"{file}.csv", index_col="case").astype("float64")


def sets_of(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Memberships of the conditions and the outcome, and the conditions; ``~`` turns the outcome round."""
    table = data(folder, name.removeprefix("~"))
    *names, outcome = table.columns
    y = table[outcome].to_numpy()
    return table[names].to_numpy(), 1 - y if name[0] == "~" else y, names


def literal_terms(expression: str, names: list[str]) -> list[tuple[int, ...]]:
    """Terms of ``A*~B + C`` as numbers: 1 present, 0 absent, -1 either."""
    found = []
    for term in re.split(r" ?\+ ?", expression):
        signs = {part.lstrip("~"): int(not part.startswith("~")) for part in term.split("*")}
        found.append(tuple(signs.get(name, -1) for name in names))
    return found


def numbers(values: list[Any]) -> list[float]:
    return [np.nan if value == "NA" else float(value) for value in values]


def same(found: Any, expected: list[Any]) -> None:
    np.testing.assert_allclose(np.asarray(found, float), numbers(expected), rtol=0, atol=1e-10)


@pytest.mark.parametrize("case", sorted(CALIBRATED))
def test_calibration(shared: Path, case: str) -> None:
    expected = cases(shared)[case]
    anchors = dict(re.findall(r"([eci])=(-?[\d.]+)", expected["call"]))
    column = next(name for name in (*LIPSET, "SURV") if name in case)
    result = expected["result"]
    found = calibrate(
        data(shared, "LR")[column], [float(anchors[each]) for each in "eci"], **CALIBRATED[case]
    )
    same(found, result["membership"] if isinstance(result, dict) else result)


@pytest.mark.parametrize("case", sorted(NECESSITY))
def test_necessity_of_each_condition(shared: Path, case: str) -> None:
    expected = cases(shared)[case]["result"]
    outcome = "~LF" if "negated_outcome" in case else case[:2]
    x, y, names = sets_of(shared, outcome)
    rows = [name.strip() for name in expected[".rownames"]]
    table = single_sets(x, y, names, CutOffs()).loc[rows]
    for figure in ("inclN", "RoN", "covN"):
        same(table[figure], expected[figure])


@pytest.mark.parametrize("case", sorted(TERMS))
def test_fit_of_expressions(shared: Path, case: str) -> None:
    expected = cases(shared)[case]["result"]
    x, y, names = sets_of(shared, "LF")
    rows = [name for name in expected[".rownames"] if name != "expression"]
    columns = term_memberships(x, [literal_terms(name, names)[0] for name in rows])
    both = (
        np.column_stack([columns, columns.max(axis=1)]) if "expression" in expected[".rownames"] else columns
    )
    figures = ("inclN", "RoN", "covN") if "inclN" in expected else ("inclS", "PRI", "covS")
    relation = necessity if "inclN" in expected else sufficiency
    for figure, found in zip(figures, relation(both, y), strict=True):
        same(found, expected[figure])
    if "covU" in expected:
        same(unique_coverage(columns, y), expected["covU"][: len(rows)])


@pytest.mark.parametrize("case", sorted(SUPERSETS))
def test_necessary_expressions(shared: Path, case: str) -> None:
    expected = cases(shared)[case]["result"]
    outcome = "~LF" if "~" in cases(shared)[case]["call"] else case[:2]
    found = necessary_expressions(*sets_of(shared, outcome), **SUPERSETS[case])
    assert list(found.index) == expected[".rownames"]
    for figure in found.columns:
        same(found[figure], expected[figure])


def test_sufficient_combinations(shared: Path) -> None:
    expected = cases(shared)["LF_superSubset_suf"]["result"]
    found = sufficient_combinations(*sets_of(shared, "LF"), inclusion=0.85, coverage=0.5)
    assert list(found.index) == expected[".rownames"]
    for figure in found.columns:
        same(found[figure], expected[figure])


def table_of(folder: Path, name: str, cuts: Mapping[str, Any], conditions: list[str]) -> pd.DataFrame:
    x, y, names = sets_of(folder, name.removeprefix("~"))
    x = x[:, [names.index(each) for each in conditions]]
    chosen = CutOffs(**{"inclusion": 1.0, "pri": 0.0, "n": 1, **cuts})
    sums = corner_sums(x, y, np.arange(len(y)) % 3, 3)  # in three groups, whose number changes nothing
    negated = name[0] == "~"
    total = (1 - y).sum() if negated else y.sum()
    return truth_table(sums, conditions, total, negated=negated, cuts=chosen, n_cut=chosen.people(len(y)))


@pytest.mark.parametrize("case", sorted(TABLES))
def test_truth_table(shared: Path, case: str) -> None:
    result = cases(shared)[case]["result"]
    rows = (result.get("truth_table") or result)["rows"]
    names = (result.get("truth_table") or result)["options"]["conditions"]
    found = table_of(shared, case[:2], TABLES[case], names)
    for name in names:
        assert found[name].tolist() == rows[name]
    assert found["out"].tolist() == rows["OUT"]
    assert found["n"].tolist() == rows["n"]
    same(found["inclS"], rows["incl"])
    same(found["PRI"], rows["PRI"])


def fit_matches(folder: Path, name: str, terms: Solution, names: list[str], expected: Any) -> None:
    """Fit of each term and of the whole, whatever the order of the terms."""
    x, y, order = sets_of(folder, name)
    columns = term_memberships(x[:, [order.index(each) for each in names]], terms)
    place = {term_text(term, names): at for at, term in enumerate(terms)}
    rows = [place[text] for text in expected["terms"][".rownames"]]
    figures = ("inclS", "PRI", "covS")
    for figure, found, whole in zip(
        figures, sufficiency(columns, y), sufficiency(columns.max(axis=1)[:, None], y), strict=True
    ):
        same(found[rows], expected["terms"][figure])
        same(whole, expected["solution"][figure])
    same(unique_coverage(columns, y)[rows], expected["terms"]["covU"])


def as_sets(solutions: list[list[str]] | tuple[Solution, ...], names: list[str]) -> list[set[str]]:
    texts = [[each if isinstance(each, str) else term_text(each, names) for each in one] for one in solutions]
    return sorted(map(set, texts), key=sorted)


def solution_matches(folder: Path, name: str, result: Any, solved: Any) -> None:
    primes, solutions, more = solved
    names = result["conditions"]
    assert not more
    assert {term_text(term, names) for term in primes} == set(result["prime_implicants"])
    assert as_sets(solutions, names) == as_sets(result["solutions"], names)
    essential = set.intersection(*as_sets(solutions, names))
    assert essential == set(result["essential"])
    every = result["fit"].get("per_solution", [result["fit"]])
    for expected in every:
        wanted = set(expected["terms"][".rownames"])
        (terms,) = [one for one in solutions if {term_text(term, names) for term in one} == wanted]
        fit_matches(folder, name, terms, names, expected)
    if "overall" in result["fit"]:  # R's coverage beside the terms of all solutions together
        wanted = result["fit"]["overall"]["terms"][".rownames"]
        union = tuple(term for term in primes if term_text(term, names) in wanted)
        fit_matches(folder, name, union, names, result["fit"]["overall"])


def intermediate_matches(folder: Path, name: str, result: Any, on: np.ndarray, solved: Any) -> None:
    names = result["conditions"]
    found = intermediate(on, *solved, [0 if name[0] == "~" else 1] * len(names))
    assert {f"C{each.complex + 1}P{each.parsimonious + 1}" for each in found} == set(result["intermediate"])
    for each in found:
        expected = result["intermediate"][f"C{each.complex + 1}P{each.parsimonious + 1}"]
        assert as_sets(each.solutions, names) == as_sets(expected["solutions"], names)
        assert as_sets((solved[0][each.complex],), names) == [set(expected["complex"])]
        assert as_sets((solved[1][each.parsimonious],), names) == [set(expected["parsimonious"])]
        assert [str(row + 1) for row in each.easy] == expected["easy_counterfactuals"]
        assert [str(row + 1) for row in each.difficult] == expected["difficult_counterfactuals"]
        fit_matches(folder, name, each.solutions[0], names, expected["fit"])


def all_solutions(folder: Path, name: str, results: list[Any], cuts: Mapping[str, Any]) -> list[int]:
    """Hold each kind of solution against R's; return how many complex and parsimonious ones there are."""
    names = results[0]["conditions"]
    table = table_of(folder, name, cuts, names)
    on, empty = (table["out"] == "1").to_numpy(), (table["out"] == "?").to_numpy()
    solved = [minimise(on, on), minimise(on, on | empty)]
    solution_matches(folder, name, results[0], solved[0])
    solution_matches(folder, name, results[1], solved[1])
    if len(results) == 3:
        intermediate_matches(folder, name, results[2], on, [each[1] for each in solved])
    return [len(each[1]) for each in solved]


@pytest.mark.parametrize("name", sorted(SOLVED))
def test_complex_parsimonious_and_intermediate_solutions(shared: Path, name: str) -> None:
    results = [cases(shared)[case]["result"] for case in SOLVED[name]]
    found = all_solutions(shared, name, results, {"inclusion": 0.8 if "LF" in name else 1.0})
    assert found == [len(each["solutions"]) for each in results[:2]]


def test_solutions_of_three_conditions(shared: Path) -> None:
    result = cases(shared)["LF_three_conditions"]["result"]
    kinds = [result[kind] for kind in ("conservative", "parsimonious", "intermediate")]
    all_solutions(shared, "LF", kinds, {"inclusion": 0.75})
    assert formula([(1, 1, 1)], kinds[0]["conditions"]) == "DEV*LIT*STB"
