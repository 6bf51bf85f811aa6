"""What a reader must know about a fuzzy-set analysis: few people, empty rows, skewed sets, ties."""

from __future__ import annotations

from typing import Final

import pandas as pd

from si_research.model.configurations.both_outcomes import Both, Choices, Sets
from si_research.model.configurations.stability import ONLY, ONLY_JUDGED
from si_research.model.configurations.truth_table import NOT_JUDGED, SUFFICIENT, TOLERANCE
from si_research.model.fit_notes import FEW_CLUSTERS, Note

FEW_CASES: Final = 20
MOST_ON_ONE_SIDE: Final = 0.90
"""Share of people on one side of the crossover from which a set hardly tells anybody apart."""
KEPT_SHARE: Final = 0.80
"""Share of people that the rows that are judged should hold (Greckhamer, Misangyi & Fiss, 2013)."""


def configuration_notes(found: Both, sets: Sets, choices: Choices) -> tuple[Note, ...]:
    """Return the notes on an analysis, those on people first.

    ``only_is_no_evidence``: where conditions make up for each other the answer is as common; see
    ``under_compensation``.
    """
    of = found.rows.index.get_level_values("outcome")
    own, absence = (found.rows[of == name].droplevel(0) for name in (sets.outcome, f"~{sets.outcome}"))
    notes = [*_on_people(sets), *_on_rows(own, absence, choices)]
    for name, table in ((sets.outcome, own), (f"~{sets.outcome}", absence)):
        n_sufficient = int((table["out"] == SUFFICIENT).sum())
        if n_sufficient == 0:
            best = table["inclS"].where(table["out"] != NOT_JUDGED)
            values = {"highest": float(best.max()), "row": str(best.idxmax())} if best.notna().any() else {}
            notes.append(Note("no_sufficient_row", {"outcome": name, **values}))
        if n_sufficient and n_sufficient == int((table["out"] != NOT_JUDGED).sum()):
            notes.append(Note("every_row_sufficient", {"outcome": name, "n": n_sufficient}))
    if found.answer.code in (ONLY, ONLY_JUDGED):
        notes.append(Note("only_is_no_evidence", {"row": found.answer.row}))
    return (*notes, *_on_solutions(found))


def _on_people(sets: Sets) -> list[Note]:
    n = len(sets.members)
    notes = [Note("few_cases", {"n": n})] if n < FEW_CASES else []
    if sets.has_firms and sets.n_groups < FEW_CLUSTERS:
        notes.append(Note("few_clusters", {"n_clusters": sets.n_groups}))
    for name in map(str, sets.members.columns):
        share = float((sets.members[name] > 0.5).mean())
        if max(share, 1 - share) >= MOST_ON_ONE_SIDE - TOLERANCE:
            notes.append(Note("one_sided_set", {"set": name, "share_in": share}))
    return notes


def _on_rows(own: pd.DataFrame, absence: pd.DataFrame, choices: Choices) -> list[Note]:
    """Return the notes on rows of too few people, and on rows that go with the outcome and its absence."""
    notes = []
    open_ = own["out"] == NOT_JUDGED
    if open_.any():
        empty, few = (tuple(map(str, own.index[each])) for each in (own["n"] == 0, open_ & (own["n"] > 0)))
        notes.append(Note("rows_not_judged", {"empty": empty, "few": few, "n_cut": choices.n_cut}))
    n_people = int(own["n_used"].iloc[0])
    kept = int(own.loc[~open_, "n"].sum()) / n_people
    if kept < KEPT_SHARE:
        notes.append(Note("people_outside_rows", {"share_kept": kept, "n": n_people}))
    cut = choices.cuts.inclusion - TOLERANCE
    both = ~open_ & (own["inclS"] >= cut) & (absence["inclS"] >= cut)
    if both.any():
        notes.append(Note("rows_of_both_outcomes", {"rows": tuple(map(str, own.index[both]))}))
    between = own["out"] == "C"
    if between.any():
        notes.append(Note("contradictory_rows", {"rows": tuple(map(str, own.index[between]))}))
    return notes


def _on_solutions(found: Both) -> list[Note]:
    """Return the notes on equally small solutions."""
    notes = []
    by = ["outcome", "kind", "pair"]
    tied = found.solutions.reset_index().groupby(by, sort=False).size().reset_index(name="n")
    for row in tied[tied["n"] > 1].to_dict("records"):
        notes.append(Note("tied_solutions", {str(name): value for name, value in row.items()}))
    notes += [Note("more_solutions", {"outcome": outcome, "kind": kind}) for outcome, kind in found.more]
    return notes
