"""How each question was answered, as far as it may be shown: no group of fewer than five people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from si_research.report.suppression import (
    is_exact,
    is_published,
    is_small,
    merge_small_groups,
    merge_small_neighbours,
    share_step,
    told_of_all,
    told_shares,
)
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
    """Reasons that are shown together: people (None where these would tell who did answer), share of all."""

    reasons: tuple[str, ...]
    n: int | None
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
        People who answered: everybody where fewer than five did not, 0 where fewer than five did.
    is_exact : bool
        Whether ``n_used`` is the sum of the answers.
    runs : tuple of ShownRun
        All answers, lowest first; empty for fewer than five people. Shares in whole steps where not exact.
    n_missing : float
        People who gave no answer; missing for fewer than five, everybody where fewer than five did.
    reasons : tuple of ShownReasons
        Of these; empty where they are fewer than five.
    """

    item: str
    scale: str
    reversed: bool
    form: AnswerFormat
    n_used: int
    is_exact: bool
    runs: tuple[ShownRun, ...]
    n_missing: float
    reasons: tuple[ShownReasons, ...]


def shown_items(answers: ItemAnswers) -> tuple[ShownItem, ...]:
    """Return every item with its counts, small ones merged with their neighbours."""
    missing = answers.missing.T.to_dict()
    rows = answers.answers.sort_values("place", kind="stable").to_dict("records")
    by_item: dict[str, list[dict[Any, Any]]] = {str(name): [] for name in answers.answers["item"].unique()}
    for row in rows:
        by_item[row["item"]].append(row)
    return tuple(
        _shown(own, {str(reason): int(n) for reason, n in missing[item].items() if n > 0}, answers)
        for item, own in by_item.items()
    )


def by_format(items: tuple[ShownItem, ...]) -> Mapping[AnswerFormat, tuple[ShownItem, ...]]:
    """Return the items of each response format together, in the order in which the formats come up."""
    formats = dict.fromkeys(each.form for each in items)
    return {form: tuple(each for each in items if each.form == form) for form in formats}


def shown_json(answers: ItemAnswers) -> list[dict[str, Any]]:
    """Return the items for ``results.json``: counts of five or more only, and none that add up to fewer."""
    return [
        {
            "item": each.item,
            "scale": each.scale,
            "reversed": each.reversed,
            "n_rows": answers.n_rows,
            "n_used": each.n_used or None,
            "answers": [
                {"low": each.form.lows[run.first], "high": each.form.highs[run.last]}
                | {"n": run.n if each.is_exact else None, "share": run.share}
                for run in each.runs
            ],
            "n_missing": None if np.isnan(each.n_missing) else int(each.n_missing),
            "missing": [
                {"reasons": list(group.reasons), "n": group.n, "share": group.share} for group in each.reasons
            ],
        }
        for each in shown_items(answers)
    ]


def _shown(rows: list[dict[Any, Any]], without: Mapping[str, int], answers: ItemAnswers) -> ShownItem:
    """Return one item from its rows, lowest answer first, and its non-answers by reason."""
    first, counts, n_all = rows[0], [int(row["n"]) for row in rows], answers.n_rows
    n_used, n_missing = sum(counts), sum(without.values())
    few, told = is_small(n_missing), told_of_all(n_used, n_all)
    return ShownItem(
        item=str(first["item"]),
        scale=str(first["scale"]),
        reversed=bool(first["reversed"]),
        form=answers.formats[int(first["format"])],
        n_used=0 if is_small(n_used) else told,
        is_exact=is_exact(told, n_used),
        runs=_runs(counts, 0.0 if is_exact(told, n_used) else share_step(n_used)),
        n_missing=np.nan if few else float(told_of_all(n_missing, n_all)),
        reasons=() if few else _reasons(without, n_all),
    )


def _runs(counts: list[int], step: float) -> tuple[ShownRun, ...]:
    runs = merge_small_neighbours(counts)
    sizes = [sum(counts[run]) for run in runs]
    shares = [n / sum(counts) for n in sizes]
    shown = told_shares(shares, step) if step else shares
    return tuple(
        ShownRun(run.start, run.stop - 1, n, share) for run, n, share in zip(runs, sizes, shown, strict=True)
    )


def _reasons(without: Mapping[str, int], n_rows: int) -> tuple[ShownReasons, ...]:
    groups = merge_small_groups(pd.Series(without, dtype="int64"))
    sizes = [sum(without[reason] for reason in group) for group in groups]
    total = sum(sizes)
    if is_exact(told_of_all(total, n_rows), total):
        return tuple(ShownReasons(group, n, n / n_rows) for group, n in zip(groups, sizes, strict=True))
    whole = n_rows if is_published() else total  # told as the total, it is a share of that
    shares = told_shares([n / whole for n in sizes], share_step(n_rows))
    return tuple(ShownReasons(group, None, share) for group, share in zip(groups, shares, strict=True))
