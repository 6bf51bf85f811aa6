"""Tables of how firm a result is: without each firm, sizes, curves, ends of scales, diagnostics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from si_research.model.effect_sizes import HIGHEST, PRODUCTS
from si_research.model.model_checks import SQUARES, WITH_SQUARES, WITHOUT_SQUARES
from si_research.report.describe import record, records
from si_research.report.labels import Labels
from si_research.report.model_tables import estimate_of, interval_of
from si_research.report.robustness_counts import (
    COOK_LIMIT,
    n_firms_told,
    one_person_weighs,
    shown_ceiling,
    shown_diagnostics,
    shown_summary,
)
from si_research.report.tables import Table, make_table, scale_range
from si_research.report.voice import digits_for

if TYPE_CHECKING:
    import pandas as pd

    from si_research.model.effect_sizes import EffectSizes
    from si_research.model.influence import LeaveOneFirmOut
    from si_research.model.regression_diagnostics import RegressionDiagnostics
    from si_research.survey.check_result import CheckResult

STEPS: Final = {PRODUCTS: "all_products", HIGHEST: "highest_product"}
CURVATURE: Final = {SQUARES: "squares", WITH_SQUARES: "with", WITHOUT_SQUARES: "without"}


def leave_one_firm_out_table(found: LeaveOneFirmOut, labels: Labels) -> Table:
    """Return each product with all firms, and its lowest and highest estimate without one of them."""
    speak, rows = labels.voice, []
    none = speak.say("numbers.none")
    for row in records(shown_summary(found).rename_axis("term")):
        whole = record(found.whole, row["term"])
        digits = digits_for(whole["std_error"], 3)
        rows.append(
            (
                labels.term(str(row["term"])),
                f"{estimate_of(labels, whole, 3)} {interval_of(labels, whole, 3)}",
                speak.number(row["estimate_low"], digits),
                speak.number(row["estimate_high"], digits),
                speak.number(row["largest_dfbetas"]),
                *(
                    speak.count(row[f"n_{name}"]) if n_firms_told(found) else none
                    for name in ("sign_turns", "conclusion_turns", "missing")
                ),
            )
        )
    columns = ("term", "b_all_firms", "b_lowest", "b_highest", "dfbetas", "sign_turns", "turns", "unknown")
    note = speak.say(
        "table_notes.leave_one_firm_out",
        n=found.n_firms,
        level=speak.level(found.conf_level),
        line=speak.number(float(found.summary["threshold"].iloc[0])),
        alpha=speak.bounded(1 - found.conf_level),
    )
    return make_table("leave_one_firm_out", columns, rows, labels=labels, note=note)


def step_in_words(step: str, labels: Labels) -> str:
    """Return the name of a step of the regression, or of products beside squares."""
    return labels.voice.say(f"effect_steps.{STEPS[step]}" if step in STEPS else f"steps.{step}")


def size_of(sizes: pd.DataFrame, step: str, measure: str) -> dict[str, Any]:
    """Return the row of one measure of one step."""
    return record(sizes.loc[[step]].set_index("measure"), measure)


def size_in_words(row: dict[str, Any], labels: Labels) -> str:
    """Return a share of the variance, or f², with its interval."""
    speak = labels.voice
    return f"{speak.bounded(row['estimate'], 3)} " + speak.interval(
        row["conf_low"], row["conf_high"], digits=3, bounded=True
    )


def effect_sizes_table(found: EffectSizes, labels: Labels) -> Table:
    """Return R², its gain and f² of each step, with intervals."""
    speak, steps = labels.voice, list(found.sizes.index.unique())
    if "three-way" not in steps:  # all products are the highest one
        steps = [step for step in steps if step != HIGHEST]
    rows = [
        (
            step_in_words(str(step), labels),
            *(
                size_in_words(size_of(found.sizes, str(step), name), labels)
                for name in ("r2", "r2_gain", "f2")
            ),
        )
        for step in steps
    ]
    note = speak.say(
        f"table_notes.effect_sizes_{found.unit}", level=speak.level(found.conf_level), draws=found.n_draws
    )
    note += f" {speak.say('table_notes.effect_sizes')}"
    return make_table("effect_sizes", ("step", "r2", "r2_gain", "f2"), rows, labels=labels, note=note)


def curvature_table(found: CheckResult, labels: Labels) -> Table:
    """Return the test of the squares, and of the products with and without them."""
    speak = labels.voice
    rows = [
        (
            speak.say(f"curvature_tests.{CURVATURE[str(row['test'])]}"),
            speak.number(row["statistic"]),
            _df(row, labels),
            speak.p_value(row["p_value"], bare=True),
        )
        for row in records(found.table_)
    ]
    columns = ("test", "f", "df", "p")
    return make_table("curvature", columns, rows, labels=labels, note=speak.say("table_notes.curvature"))


def ceiling_table(found: CheckResult, labels: Labels) -> Table:
    """Return the share of people at both ends of each scale."""
    speak, rows = labels.voice, []
    few, none = speak.say("numbers.few"), speak.say("numbers.none")
    for row in records(shown_ceiling(found)):
        shares = [
            few if math.isnan(row[end]) else speak.percent(row[end])
            for end in ("share_lowest", "share_highest")
        ]
        kinds = [speak.say(f"robustness.{kind}") for kind in ("floor", "ceiling") if row[kind]]
        reach = scale_range(labels, row["lowest"], row["highest"]) or none
        rows.append((labels.of(str(row["score"])), reach, *shares, speak.listed(kinds) or none))
    columns = ("scale", "range", "share_lowest", "share_highest", "reading")
    note = speak.say("table_notes.ceiling", few=few)
    return make_table("ceiling", columns, rows, labels=labels, words=(0, 4), note=note)


def diagnostics_table(
    found: RegressionDiagnostics, labels: Labels, hidden: frozenset[str] = frozenset()
) -> Table:
    """Return the diagnostics; of single people only whether one of them weighs heavily."""
    speak, rows = labels.voice, []
    for row in records(shown_diagnostics(found, hidden)):
        name = str(row["diagnostic"])
        shown = f"VIF: {labels.term(name.removeprefix('VIF '))}" if name.startswith("VIF ") else name
        rows.append(
            (
                shown,
                speak.say(f"diagnostics.{row['asks']}"),
                speak.number(row["statistic"]),
                _df(row, labels),
                "" if name.startswith("VIF ") else speak.p_value(row["p_value"], bare=True),
            )
        )
    sign = ">" if one_person_weighs(found) else "≤"
    largest = speak.say("diagnostics.cook"), speak.say("diagnostics.influence")
    rows.append((*largest, f"{sign} {speak.number(COOK_LIMIT, 0)}", "", ""))
    columns = ("diagnostic", "asks", "statistic", "df", "p")
    note = speak.say("table_notes.diagnostics")
    return make_table("diagnostics", columns, rows, labels=labels, words=(0, 1), note=note)


def _df(row: dict[str, Any], labels: Labels) -> str:
    speak, (df, rest) = labels.voice, (row["df"], row["df_residual"])
    known = [write(each) for write, each in ((speak.whole, df), (speak.df, rest)) if not math.isnan(each)]
    return "; ".join(known)
