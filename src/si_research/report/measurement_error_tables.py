"""Tables of measurement error: the products, and every estimate of the highest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from si_research.report.describe import records
from si_research.report.labels import Labels
from si_research.report.model_tables import estimate_of, interval_of
from si_research.report.suppression import is_small
from si_research.report.tables import Table, make_table
from si_research.report.voice import digits_for

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings


def products_table(findings: StudyFindings, labels: Labels) -> Table | None:
    """Return how sharply each product is measured; None where that is not known."""
    found, speak = findings.measurement_error, labels.voice
    if found is None or found.products is None:
        return None
    rows = [
        (
            labels.term(str(row["term"])),
            speak.bounded(row["reliability"]),
            speak.rate(row["share_kept"]),
            speak.number(row["n_times"], 1),
        )
        for row in records(found.products.products)
    ]
    columns = ("product", "reliability", "share_kept", "n_times")
    note = speak.say("table_notes.products")
    return make_table("products", columns, rows, labels=labels, note=note)


def corrections_table(findings: StudyFindings, labels: Labels) -> Table | None:
    """Return the estimates side by side; None where there is nothing beside the plain one."""
    found, fit, speak = findings.measurement_error, findings.fit, labels.voice
    if found is None or fit is None or len(found.estimates) < 2:
        return None
    rows = []
    for row in records(found.estimates):
        there, none = row["status"] == "estimated", speak.say("numbers.none")
        few = is_small(row["n_used"]) or row["n_used"] == 0
        n = (none if row["n_used"] == 0 else speak.say("numbers.few")) if few else speak.count(row["n_used"])
        error = speak.number(row["std_error"], digits_for(row["std_error"], 3))
        rows.append(
            (
                speak.say(f"measurement_ways.{row['method']}"),
                n,
                estimate_of(labels, row, 3) if there else speak.say(f"measurement_status.{row['status']}"),
                error if there else none,
                interval_of(labels, row, 3) if there else none,
                speak.p_value(row["p_value"], bare=True) if there else none,
            )
        )
    level = speak.level(found.conf_level)
    columns = ("way", "n", "b", "se", speak.say("columns.interval", level=level), "p")
    notes = [speak.say("table_notes.corrections", outcome=labels.of(fit.outcome), level=level)]
    if "simex" in found.estimates.index:
        notes.append(speak.say("table_notes.corrections_simex", draws=found.simex_draws))
    if {"latent", "lms"} & set(found.estimates.index):
        notes.append(speak.say("table_notes.corrections_latent"))
        notes += [speak.say("table_notes.corrections_latent_controls")] * found.controls
    if "latent" in found.estimates.index:
        notes += [speak.say("table_notes.corrections_latent_firms")] * found.firms
    if "lms" in found.estimates.index:
        notes.append(speak.say("table_notes.corrections_lms"))
    term = labels.term(found.tested_term)
    return make_table("corrections", columns, rows, labels=labels, note=" ".join(notes), term=term)
