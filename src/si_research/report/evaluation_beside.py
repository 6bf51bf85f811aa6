"""What stands beside the effects: other errors, other estimators, and whether the groups overlap."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from si_research.practice.scheme.adjusted import ADJUSTED, METHOD
from si_research.practice.scheme.estimates import TWO_WAY
from si_research.practice.scheme.fixed_effects import CLASSICAL, CR1S, CR2, WILD
from si_research.practice.scheme.lottery import EXACT, RANDOMISATION

if TYPE_CHECKING:
    import pandas as pd

    from si_research.report.evaluation_words import EvaluationWords

METHODS: Final[Mapping[str, str]] = {
    RANDOMISATION: "lots",
    EXACT: "lots",
    CR1S: "cr1",
    CR2: "cr2",
    WILD: "wild",
    CLASSICAL: "classical",
    METHOD: "influence",
}
"""Methods of the errors, and the word of each."""
ESTIMATORS: Final[Mapping[str, str]] = {
    "itt": "itt",
    "2x2": "two_by_two",
    "not yet treated": "not_yet",
    **dict(zip(ADJUSTED, ("doubly_robust", "weighting", "regression"), strict=True)),
    TWO_WAY: "two_way",
}


A_UNIT: Final = ("effect", "effect_sd", "where_binding")
"""Columns that hold, of a dose, what goes with one unit more."""


def words_table(
    words: EvaluationWords, name: str, columns: str, rows: list[list[str]]
) -> dict[str, Any] | None:
    """Return a table with its heads and note; None without rows."""
    if not rows:
        return None
    of_rows = name in ("effects", "description") and not words.findings.people
    key = f"{name}_rows" if of_rows else name
    line = A_UNIT if words.of_dose() else ()
    heads = [
        words.say(f"heads.{column}_a_unit" if column in line else f"heads.{column}", level=words.level)
        for column in columns.split()
    ]
    return {"head": heads, "rows": rows, "note": words.caption(key)}


def _planned(words: EvaluationWords) -> pd.DataFrame:
    table = words.figures.effects
    if words.figures.refusals:
        return table[:0]
    return table[(table["role"] == "planned") & (table["state"] == "") & table["estimator"].notna()]


def errors_table(words: EvaluationWords) -> dict[str, Any] | None:
    """Return p of each planned outcome under every method of its errors; None where there is one method."""
    table = _planned(words)
    main = table[table["recommended"].astype("bool")].set_index("outcome")
    if not len(main):
        return None
    own = table[table["estimator"] == table["outcome"].map(main["estimator"])]
    named = own.assign(word=own["method"].map(METHODS))
    names = [word for word in dict.fromkeys(METHODS.values()) if (named["word"] == word).any()]
    if len(names) < 2:
        return None
    rows = []
    for outcome in main.index:
        p = dict(
            zip(*(named.loc[named["outcome"] == outcome, key] for key in ("word", "p_value")), strict=True)
        )
        counts = METHODS[str(main.loc[outcome, "method"])]
        rows.append([words.name(str(outcome)), *(_p(words, p.get(name), counts == name) for name in names)])
    key = "errors_classical" if "classical" in names else "errors"
    return words_table(words, key, " ".join(["outcome", *names]), rows)


def _p(words: EvaluationWords, p: float | None, counts: bool) -> str:
    if p is None or not math.isfinite(p):
        return "–"
    told = words.labels.voice.p_value(p, bare=True)
    return words.say("counts", p=told) if counts else told


def estimators_table(words: EvaluationWords) -> dict[str, Any] | None:
    """Return the estimate of each planned outcome by every estimator; None where there is one."""
    table = _planned(words)
    named = table.assign(word=table["estimator"].map(ESTIMATORS))
    names = [word for word in ESTIMATORS.values() if (named["word"] == word).any()]
    if len(names) < 2:
        return None
    rows = []
    for outcome, own in named.groupby("outcome", sort=False):
        found: list[Any] = own.sort_values("recommended", ascending=False).to_dict("records")
        first: dict[str, Any] = {}
        for row in found:
            first.setdefault(row["word"], row)
        cells = [words.with_interval(first[name]) if name in first else "–" for name in names]
        rows.append([words.name(str(outcome)), *cells])
    key = "estimators_two_way" if "two_way" in names else "estimators"
    return words_table(words, key, " ".join(["outcome", *names]), rows)


def overlap_table(words: EvaluationWords) -> dict[str, Any] | None:
    """Return how probable it was for each arm to have the scheme, by its characteristics."""
    speak, found = words.labels.voice, words.figures.overlap
    rows = [
        [
            words.arm(str(arm)),
            *(speak.percent(row[key]) for key in ("q25", "median", "q75")),
            words.count(row["n"]),
            words.count(round(row["n_effective"])),
        ]
        for arm, row in found.to_dict("index").items()
    ]
    return words_table(words, "overlap", "arm q25 median q75 firms n_effective", rows)
