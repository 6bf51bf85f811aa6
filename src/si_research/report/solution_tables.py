"""The solutions of the combinations: short formulas for the outcome and for its absence."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from si_research.model.configurations.set_relations import ABSENT, EITHER, PRESENT, term_text
from si_research.report.configurations_plot import TOGETHER, told_rows
from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.suppression import is_small
from si_research.report.tables import Table, make_table
from si_research.report.voice import plain, sentence_case

if TYPE_CHECKING:
    import pandas as pd

    from si_research.model.configurations.configurations import Configurations

MOST_SHOWN: Final = 4
"""Equally short formulas of one outcome that the page shows; ``results.json`` has them all."""
FIT: Final = ("inclS", "PRI", "covS")
COLUMNS: Final = ("solution", "formula", "consistency", "pri", "coverage", "unique_coverage", "n")


def solution_tables(found: Configurations, labels: Labels) -> Iterator[Table]:
    """Give the solutions of the outcome and of its absence, each where there are any."""
    for negated in (False, True):
        told = told_solutions(found, negated=negated)
        if told:
            yield _solution_table(told, found, labels, negated=negated)


def told_solutions(found: Configurations, *, negated: bool) -> list[dict[str, Any]]:
    """Return each formula once with its fit, and that of its terms; nothing of fewer than five people.

    A number of people is told only where the rows of the truth table that are told give it as well, so
    that no small row can be worked out from it.

    Returns
    -------
    list of dict
        kinds (complex, parsimonious, intermediate), n_assumed, formula, inclS, PRI, covS, n, n_used; terms:
        a dict a term, with covU (missing for a single term).
    """
    outcome = f"~{found.outcome}" if negated else found.outcome
    rows = _rows_of_terms(found)
    groups = _hidden_groups(told_rows(found, negated=negated), frozenset().union(*rows.values()))
    terms = found.terms[found.terms.index == outcome]
    told: dict[frozenset[str], dict[str, Any]] = {}
    for row in records(found.solutions[found.solutions.index == outcome]):
        own = terms[(terms["kind"] == row["kind"]) & (terms["solution"] == row["solution"])]
        key = frozenset(map(str, own["term"]))
        if key in told:
            told[key]["kinds"] = tuple(dict.fromkeys((*told[key]["kinds"], row["kind"])))
            continue
        parts = [{"term": each["term"], **_told(each, rows[each["term"]], groups)} for each in records(own)]
        covered = frozenset().union(*(rows[term] for term in key))
        head = {"kinds": (row["kind"],), "n_assumed": int(row["n_assumed"]), "formula": row["formula"]}
        told[key] = {**head, **_told(row, covered, groups), "terms": parts}
    return list(told.values())


def _told(row: dict[str, Any], covered: frozenset[str], groups: list[frozenset[str]]) -> dict[str, Any]:
    """Return fit and people; a number that would tell of part of a group of hidden rows is left out."""
    small = is_small(row["n"])
    known = all(not covered & group or group <= covered for group in groups)
    told: dict[str, Any] = {
        name: math.nan if small else float(row[name]) for name in (*FIT, "covU") if name in row
    }
    return told | {"n": int(row["n"]) if known and not small else None, "n_used": int(row["n_used"])}


def _rows_of_terms(found: Configurations) -> dict[str, frozenset[str]]:
    """Return the rows of the truth table that each possible term covers."""
    names, k = found.conditions, len(found.conditions)
    corners = {term_text(signs, names): signs for signs in product((ABSENT, PRESENT), repeat=k)}
    return {
        term_text(term, names): frozenset(
            name
            for name, signs in corners.items()
            if all(sign in (own, EITHER) for sign, own in zip(term, signs, strict=True))
        )
        for term in product((ABSENT, PRESENT, EITHER), repeat=k)
    }


def _hidden_groups(table: pd.DataFrame, rows: frozenset[str]) -> list[frozenset[str]]:
    """Return rows of which only the number of people together is known."""
    alone = frozenset(map(str, table.index)) - {TOGETHER}
    hidden = frozenset(map(str, table.index[~table["told"].astype(bool)])) - {TOGETHER}
    together = rows - alone
    if together and not bool(table["told"][TOGETHER]):
        hidden, together = hidden | together, frozenset()
    return [group for group in (hidden, together) if group]


def _solution_table(
    told: list[dict[str, Any]], found: Configurations, labels: Labels, *, negated: bool
) -> Table:
    speak, rows = labels.voice, []
    names = {name: plain(labels.of(name)) for name in found.conditions}
    for each in told[:MOST_SHOWN]:
        kinds = speak.listed([speak.say(f"readings.solutions.{kind}") for kind in each["kinds"]])
        if each["n_assumed"]:
            kinds = speak.say("readings.solutions.assuming", kinds=kinds, count=each["n_assumed"])
        terms = [{**term, "text": _term(term["term"], names)} for term in each["terms"]]
        formula = " + ".join(term["text"] for term in terms)
        rows.append((sentence_case(kinds), f"`{formula}`", *_figures(each, labels)))
        if len(terms) > 1:
            part = speak.say("readings.solutions.part")
            rows += [(part, f"`{term['text']}`", *_figures(term, labels)) for term in terms]
    name = "solutions_absence" if negated else "solutions"
    left = len(told) - MOST_SHOWN
    more = f" {speak.say('table_notes.more_solutions', count=left)}" if left > 0 else ""
    note = speak.say("table_notes.solutions", n=found.n_used) + more
    outcome = labels.of(found.outcome)
    return make_table(name, COLUMNS, rows, labels=labels, words=(0, 1), note=note, outcome=outcome)


def _term(text: str, names: dict[str, str]) -> str:
    """Return a term with the names that a study uses."""
    shown: dict[str, str] = {}
    for name, said in names.items():
        shown |= {name: said, f"~{name}": f"~{said}"}
    return "*".join(shown.get(part, part) for part in text.split("*"))


def _figures(row: dict[str, Any], labels: Labels) -> tuple[str, ...]:
    speak = labels.voice
    n = speak.say("numbers.none") if row["n"] is None else speak.count(row["n"])
    return (*(speak.bounded(row[name]) for name in FIT), speak.bounded(row.get("covU", math.nan)), n)
