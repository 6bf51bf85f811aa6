"""Tables of the screening: the indices with their lines, their agreement, the result with and without."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.model_tables import estimate_of, interval_of
from si_research.report.screening_counts import shown_agreement, shown_indices
from si_research.report.tables import Table, make_table
from si_research.report.words import level_of

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings
    from si_research.survey.screening.flags import Screening

SIGNS: Final = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}
WITHOUT_ZERO: Final = frozenset({"person_total", "even_odd", "synonyms", "antonyms", "share_missing"})
"""Indices that cannot pass 1."""


def screening_table(screening: Screening, labels: Labels) -> Table:
    """Return every index with its line, its source, and how many people are beyond the line."""
    speak, rows = labels.voice, []
    for row in records(shown_indices(screening)):
        used = row["status"] == "used"
        count = speak.say("numbers.few") if math.isnan(row["n_flagged"]) else speak.count(row["n_flagged"])
        rows.append(
            (
                speak.say(f"screening_indices.{row['index']}"),
                speak.say(f"screening_evidence.{row['evidence']}"),
                line_of(labels, row),
                source_of(labels, row),
                speak.say("numbers.none") if math.isnan(row["n_used"]) else speak.count(row["n_used"]),
                count if used else speak.say(f"screening_status.{row['status']}"),
            )
        )
    sources = {row["source"]: row["doi"] for row in records(screening.indices) if row["source"]}
    listed = "; ".join(f"{source}: https://doi.org/{doi}" for source, doi in sources.items())
    note = speak.say("table_notes.screening", sources=listed, few=speak.say("numbers.few"))
    columns = ("index", "evidence", "line", "source", "n", "marked")
    return make_table("screening", columns, rows, labels=labels, words=(0, 1, 3), note=note)


def line_of(labels: Labels, row: dict[str, Any]) -> str:
    """Return the line of an index with its sign; nothing where there is none."""
    if math.isnan(row["cut_off"]):
        return ""
    is_whole = float(row["cut_off"]).is_integer()
    write = labels.voice.bounded if row["index"] in WITHOUT_ZERO and not is_whole else labels.voice.number
    digits = 0 if is_whole else 2
    return f"{SIGNS[row['direction']]} {write(row['cut_off'], digits)}"


def source_of(labels: Labels, row: dict[str, Any]) -> str:
    """Return who proposed the index, and whether the line is theirs, a convention or the study's."""
    has_line = not math.isnan(row["cut_off"])
    key = "by_source" if row["by_source"] or not has_line else "convention"
    key = key if row["default"] else "own"
    if not row["source"]:
        return labels.voice.say(f"screening_no_source.{key}")
    return labels.voice.say(f"screening_source.{key}", source=row["source"])


def used_indices(screening: Screening) -> list[str]:
    """Return the indices that mark people, in order."""
    return [str(name) for name in screening.indices.index[screening.indices["status"] == "used"]]


def agreement_cells(screening: Screening, key: str) -> dict[tuple[str, str], float]:
    """Return one figure of the agreement by pair of indices; missing where it may not be shown."""
    return {(row["index_1"], row["index_2"]): row[key] for row in records(shown_agreement(screening))}


def screening_agreement_table(screening: Screening, labels: Labels) -> Table | None:
    """Return who is marked by both (below the diagonal) and Jaccard (above); None with nothing to show."""
    speak, names = labels.voice, used_indices(screening)
    both, jaccard = (agreement_cells(screening, key) for key in ("n_both", "jaccard"))
    if not any(math.isfinite(n) for n in both.values()):
        return None
    alone = shown_indices(screening)["n_flagged"]
    rows = []
    for place, name in enumerate(names):
        cells = [speak.count(both[other, name]) for other in names[:place]]
        n = float(alone[name])
        cells.append(f"({speak.say('numbers.few') if math.isnan(n) else speak.count(n)})")
        cells += [speak.bounded(jaccard[name, other]) for other in names[place + 1 :]]
        rows.append((f"{place + 1}. {speak.say(f'screening_short.{name}')}", *cells))
    columns = ("index", *(str(place + 1) for place in range(len(names))))
    note = speak.say("table_notes.screening_agreement")
    return make_table("screening_agreement", columns, rows, labels=labels, note=note)


def with_and_without_table(findings: StudyFindings, labels: Labels) -> Table | None:
    """Return the main result with and without who is marked; None when nothing was compared."""
    speak, comparison, fit = labels.voice, findings.screening_comparison, findings.fit
    if comparison is None or comparison.outcome != "compared" or fit is None:
        return None
    rows = []
    for row in records(comparison.table()):
        main = (row["people"] == "without") == comparison.dropped
        head = speak.say(f"screening_people.{row['people']}", at_least=comparison.at_least)
        rows.append(
            (
                head + (" ✓" if main else ""),
                speak.count(row["n_used"]),
                estimate_of(labels, row, 3),
                interval_of(labels, row, 3),
                speak.p_value(row["p_value"], bare=True),
                speak.bounded(row["joint_r2_gain"], 3),
                speak.p_value(row["joint_p_value"], bare=True),
            )
        )
    level = level_of(fit.conf_level, speak)
    columns = ("people", "n", "b", speak.say("columns.interval", level=level), "p", "r2_gain", "joint_p")
    term = labels.term(fit.tested_term)
    note = speak.say("table_notes.with_and_without", term=term, level=level)
    return make_table("with_and_without", columns, rows, labels=labels, note=note)
