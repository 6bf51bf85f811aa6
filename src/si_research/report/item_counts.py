"""How each question was answered, as far as it may be shown: no group of fewer than five people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from si_research.report.suppression import is_small, merge_small_groups, merge_small_neighbours
from si_research.survey.item_answers import AnswerFormat, ItemAnswers


@dataclass(frozen=True, slots=True)
class ShownRun:
    """Neighbouring answers that are shown together: places in the format, people, share of the answers."""

    first: int
    last: int
    n: int
    share: float


@dataclass(frozen=True, slots=True)
class ShownReasons:
    """Reasons that are shown together: people, share of all people."""

    reasons: tuple[str, ...]
    n: int
    share: float


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item as it may be shown.

    Attributes
    ----------
    item, scale : str
    reversed : bool
    form : AnswerFormat
    n_used : int
        People who answered; 0 where they are fewer than five.
    runs : tuple of ShownRun
        All answers, lowest first; empty for fewer than five people.
    n_missing : float
        People who gave no answer; missing where they are fewer than five.
    reasons : tuple of ShownReasons
        Of these; empty where they are fewer than five.
    """

    item: str
    scale: str
    reversed: bool
    form: AnswerFormat
    n_used: int
    runs: tuple[ShownRun, ...]
    n_missing: float
    reasons: tuple[ShownReasons, ...]


def shown_items(answers: ItemAnswers) -> tuple[ShownItem, ...]:
    """Return every item with its counts, small ones merged with their neighbours."""
    found = []
    for item, rows in answers.answers.groupby("item", sort=False):
        first = rows.iloc[0]
        counts = [int(n) for n in rows.sort_values("place")["n"]]
        n_used = sum(counts)
        without: pd.Series[Any] = answers.missing.T[item]
        n_missing = int(without.sum())
        found.append(
            ShownItem(
                item=str(item),
                scale=str(first["scale"]),
                reversed=bool(first["reversed"]),
                form=answers.formats[int(first["format"])],
                n_used=0 if is_small(n_used) else n_used,
                runs=_runs(counts),
                n_missing=np.nan if is_small(n_missing) else float(n_missing),
                reasons=() if is_small(n_missing) else _reasons(without, answers.n_rows),
            )
        )
    return tuple(found)


def by_format(items: tuple[ShownItem, ...]) -> Mapping[AnswerFormat, tuple[ShownItem, ...]]:
    """Return the items of each response format together, in the order in which the formats come up."""
    formats = dict.fromkeys(each.form for each in items)
    return {form: tuple(each for each in items if each.form == form) for form in formats}


def shown_json(answers: ItemAnswers) -> list[dict[str, Any]]:
    """Return the items for ``results.json``: counts of five or more only."""
    return [
        {
            "item": each.item,
            "scale": each.scale,
            "reversed": each.reversed,
            "n_rows": answers.n_rows,
            "n_used": each.n_used or None,
            "answers": [
                {"low": each.form.lows[run.first], "high": each.form.highs[run.last]}
                | {"n": run.n, "share": run.share}
                for run in each.runs
            ],
            "n_missing": None if np.isnan(each.n_missing) else int(each.n_missing),
            "missing": [
                {"reasons": list(group.reasons), "n": group.n, "share": group.share} for group in each.reasons
            ],
        }
        for each in shown_items(answers)
    ]


def _runs(counts: list[int]) -> tuple[ShownRun, ...]:
    total = sum(counts)
    return tuple(
        ShownRun(run.start, run.stop - 1, sum(counts[run]), sum(counts[run]) / total)
        for run in merge_small_neighbours(counts)
    )


def _reasons(without: pd.Series[Any], n_rows: int) -> tuple[ShownReasons, ...]:
    present = without[without > 0]
    groups = merge_small_groups(present)
    sizes = [int(present.loc[list(group)].sum()) for group in groups]
    return tuple(ShownReasons(group, n, n / n_rows) for group, n in zip(groups, sizes, strict=True))
