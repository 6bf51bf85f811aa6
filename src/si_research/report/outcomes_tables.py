"""Tables of several outcomes, and of the main outcome measured in other ways."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from si_research.model.several_outcomes import HIGHEST, JOINT
from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.model_tables import estimate_of, interval_of
from si_research.report.outcomes_json import told_people
from si_research.report.outcomes_words import role_in_words, row_of, way_in_words
from si_research.report.probing_tables import method_in_words
from si_research.report.tables import Table, make_table
from si_research.report.voice import digits_for

if TYPE_CHECKING:
    from si_research.model.outcome_sensitivity import OutcomeSensitivity
    from si_research.report.outcomes_findings import OutcomesFindings


def outcomes_table(found: OutcomesFindings, labels: Labels) -> Table:
    """Return both tests of every outcome, with p corrected over the planned ones where there are several."""
    speak, told = labels.voice, told_people(found)
    rows = [
        _outcome_row(name, test, found, labels, told[name])
        for name in found.states
        for test in ((JOINT, HIGHEST) if name in found.tested.fits else (JOINT,))
    ]
    level = next((speak.level(fit.conf_level) for fit in found.tested.fits.values()), "")
    n_planned, note_name = len(found.tested.planned), "outcomes"
    columns: tuple[str, ...] = ("outcome", "outcome_role", "test", "result", "p", "p_holm", "n")
    if n_planned == 1:
        columns, rows = (*columns[:5], "n"), [(*row[:5], row[6]) for row in rows]
        note_name = "outcomes_one_planned"
    note = speak.say(f"table_notes.{note_name}", level=level, n=n_planned)
    return make_table("outcomes", columns, rows, labels=labels, words=(0, 1, 2, 3), note=note)


def _outcome_row(name: str, test: str, found: OutcomesFindings, labels: Labels, told: int) -> tuple[str, ...]:
    speak, tested, state = labels.voice, found.tested, found.states[name]
    head = (labels.of(name), role_in_words(name, tested, labels))
    none = speak.say("numbers.none")
    if name not in tested.fits:
        reason = speak.say("outcomes.not_tested_short", reason=speak.say(f"outcomes.states.{state}"))
        return (*head, none, reason, none, none, none)
    row = row_of(tested, name, test)
    if test == HIGHEST:
        said = f"b = {estimate_of(labels, row, 3)} {interval_of(labels, row, 3)}"
    elif state == "joint_untested":
        said = speak.say("outcomes.not_tested_short", reason=speak.say("outcomes.few_firms"))
    else:
        said = f"ΔR² = {speak.bounded(row['gain'], 3)}"
    term = labels.term(tested.fits[name].tested_term)
    what = speak.say("outcomes.joint_tested") if test == JOINT else term
    p, holm = (speak.p_value(row[column], bare=True) for column in ("p_value", "p_holm"))
    return (*head, what, said, p, holm, speak.count(told))


def outcome_measure_table(found: OutcomeSensitivity, conf_level: float, labels: Labels) -> Table:
    """Return the highest product with the outcome taken in each way."""
    speak, rows = labels.voice, [_way_row(row, labels) for row in records(found.outcomes)]
    level = speak.level(conf_level)
    columns = ("outcome_taken", "b", "se", speak.say("columns.interval", level=level), "df", "p", "method")
    note = speak.say(
        "table_notes.outcome_measure",
        n=int(found.outcomes["n_used"].iloc[0]),
        low=speak.number(found.lowest, 0 if float(found.lowest).is_integer() else 1),
        high=speak.number(found.highest, 0 if float(found.highest).is_integer() else 1),
        offset=speak.number(found.offset, digits_for(found.offset, 2)),
    )
    term = labels.term(found.term)
    return make_table("outcome_measure", columns, rows, labels=labels, words=(0, 6), note=note, term=term)


def _way_row(row: dict[str, Any], labels: Labels) -> tuple[str, ...]:
    speak, none = labels.voice, labels.voice.say("numbers.none")
    name, method = way_in_words(str(row["outcome"]), labels), method_in_words(str(row["method"]), labels)
    if row["note"]:
        method = speak.say(f"outcome_measure.notes_short.{row['note']}")
    if math.isnan(row["estimate"]):
        return (name, *(none,) * 5, method)
    error = speak.number(row["std_error"], digits_for(row["std_error"], 3))
    df = "z" if math.isinf(row["df"]) else speak.df(row["df"])
    p = speak.p_value(row["p_value"], bare=True)
    interval = none if math.isnan(row["p_value"]) else interval_of(labels, row, 3)
    return (name, estimate_of(labels, row, 3), error, interval, df, p, method)
