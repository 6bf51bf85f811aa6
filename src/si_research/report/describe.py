"""Who was in and what the scores look like: counts, means and correlations, small groups hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from si_research.privacy.disclosure import dominated, profile_in_force
from si_research.report.dominance import dominated_levels
from si_research.report.suppression import (
    hide_small,
    is_exact,
    is_published,
    is_small,
    merge_small_groups,
    merge_small_neighbours,
    share_step,
    tail_percent,
    told_count,
    told_figure,
    told_of_all,
    told_shares,
)

if TYPE_CHECKING:
    from si_research.model.interaction import InteractionFit
    from si_research.model.missing.pool import PooledInteraction
    from si_research.report.findings import StudyFindings
    from si_research.survey.scoring import ScaleFacts

MOST_CELLS: Final = 12
"""Cells a side behind the slopes; smaller ones would mostly hold fewer than five people."""
Edges = np.ndarray[Any, np.dtype[np.float64]]
MOST_BINS: Final = 26
"""Bars in a histogram at most; a scale of three items from 1 to 5 has 13 possible scores."""
NEVER_LISTED: Final = frozenset({"respondent_id", "firm_id", "team_id", "weight"})
"""Columns whose values name somebody, or describe nobody."""
OTHER: Final = "other"
"""Name of the group of levels that are too small to show."""
_NO_ANSWER: Final = "\N{NO-BREAK SPACE}no answer"
"""Level of fewer than five people who gave none; always merged, so that it is never shown."""


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as one mapping a row, a named index as its first column."""
    columns = {} if table.index.name is None else {str(table.index.name): _cells(table.index)}
    columns |= {str(name): _cells(column) for name, column in table.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _cells(column: pd.Series | pd.Index) -> list[Any]:
    """Return the cells as Python knows them; five times as fast as a table's own ``to_dict``."""
    cells = column.tolist()
    if isinstance(column.dtype, np.dtype) and column.dtype != object:
        return cells
    plain = [cell.item() if isinstance(cell, np.generic) else cell for cell in cells]
    return [None if cell is pd.NA else cell for cell in plain]


def record(table: pd.DataFrame, label: str) -> dict[str, Any]:
    """Return one row of a table as a mapping."""
    return {str(name): value for name, value in table.loc[label].to_dict().items()}


def rows_offered(findings: StudyFindings) -> int:
    """Return the rows that a run starts with: those of the file, or one a respondent and wave of it."""
    steps = findings.ledger.steps
    stacked = steps.loc[steps["step"] == "stack_waves", "rows_after"]
    return findings.source.n_rows if stacked.empty else int(stacked.iloc[0])


def is_stacked(findings: StudyFindings) -> bool:
    """Whether the file held the waves side by side, so that a row of it became one a wave."""
    return bool((findings.ledger.steps["step"] == "stack_waves").any())


def people(findings: StudyFindings) -> pd.DataFrame:
    """Return the scores that the report describes: the rows of the fit, or all after a refusal."""
    scores = findings.scores.table()
    return scores if findings.fit is None else scores.loc[findings.fit.rows.index]


def described_scales(findings: StudyFindings) -> list[str]:
    """Return the scales of the question that the file has (conditions, then outcomes), by column."""
    return question_scales(findings) or list(findings.scores.scales)


def question_scales(findings: StudyFindings) -> list[str]:
    """Return the scales of the question that the file has; an outcome beside the main one if five have it."""
    study = findings.study
    asked = [name for name in (*study.predictors, study.outcome) if name in findings.scores.scales]
    others = [name for name in study.outcomes if name != study.outcome and name in findings.scores.scales]
    if others:
        known = people(findings)[others].count()
        others = [name for name in others if not is_small(int(known[name]))]
    return asked + others


def hidden_terms(fit: InteractionFit) -> frozenset[str]:
    """Return the terms of controls that fewer than five people decide: a rare level, or a rare value of two.

    In a publication also those that two firms decide.

    They count in the model; their coefficient would tell how these few people answered.
    """
    hidden: set[str] = set()
    firms = None if fit.cluster is None else fit.rows[fit.cluster]
    for name in fit.controls:
        counts = fit.rows[name].value_counts()
        of_two_firms = (
            frozenset() if is_numeric_dtype(fit.rows[name]) else dominated_levels(fit.rows[name], firms)
        )
        rare = [level for level, n in counts.items() if is_small(n) or level in of_two_firms]
        if not is_numeric_dtype(fit.rows[name]):
            hidden |= {f"{name}[{level}]" for level in rare}
        elif rare and len(counts) == 2:
            hidden.add(name)
    return frozenset(hidden)


def reference_levels(fit: InteractionFit | PooledInteraction) -> dict[str, str]:
    """Return the level that the others of a control are compared with; none that fewer than five have."""
    found: dict[str, str] = {}
    for name in fit.controls:
        if is_numeric_dtype(fit.rows[name]):
            continue
        counts = fit.rows[name].value_counts()
        (level,) = (each for each in counts.index if f"{name}[{each}]" not in fit.coefficients.index)
        cluster: str | None = getattr(fit, "cluster", None)
        firms = None if cluster is None else fit.rows[cluster]
        if not is_small(counts[level]) and level not in dominated_levels(fit.rows[name], firms):
            found[name] = str(level)
    return found


def told_of_scale(findings: StudyFindings, scale: str, n: float) -> int:
    """Return how many people a figure of one scale rests on, as it may be told."""
    return told_of_all(n, findings.scores.scales[scale].n_scored, len(findings.scores.table_))


def describe_scales(findings: StudyFindings) -> pd.DataFrame:
    """Return mean, spread and the share at the ends of each scale of the question.

    Returns
    -------
    pandas.DataFrame, indexed by ``term``
        n_used (everybody, where fewer than five have no score), mean, std_dev, lowest, highest (ends of the
        response format), pomp (mean as per cent of the maximum possible), share_lowest, share_highest
        (missing for fewer than five people), alpha.
    """
    frame = people(findings)
    alphas = {each.scale: each.alpha for each in findings.reliabilities}
    rows = {
        name: _describe(frame[name], findings.scores.scales[name], alphas.get(name, np.nan))
        for name in described_scales(findings)
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("term")


def _describe(column: pd.Series[Any], facts: ScaleFacts, alpha: float) -> dict[str, float]:
    scores = column.dropna()
    low, high, n = facts.lowest, facts.highest, len(scores)
    at_ends = hide_small(pd.Series([int((scores <= low).sum()), int((scores >= high).sum())])) / max(n, 1)
    too_few, told = is_small(n), told_of_all(n, len(column))
    mean, spread = (np.nan, np.nan) if too_few else (float(scores.mean()), float(scores.std()))
    if not is_exact(told, n):
        mean, spread = (told_figure(each, len(column)) for each in (mean, spread))
        at_ends = at_ends.map(lambda share: _in_steps(share, share_step(len(column))))
    return {
        "n_used": told,
        "mean": mean,
        "std_dev": spread,
        "lowest": low,
        "highest": high,
        "pomp": 100 * (mean - low) / (high - low),
        "share_lowest": float(at_ends[0]),
        "share_highest": float(at_ends[1]),
        "alpha": alpha,
    }


def scale_correlations(findings: StudyFindings) -> pd.DataFrame:
    """Return Pearson's correlations between the scales of the question, pair by pair.

    Returns
    -------
    pandas.DataFrame
        term_1, term_2, estimate, conf_low, conf_high (Fisher's z), n_used.

    Notes
    -----
    The interval is tanh(artanh r ± z/√(n - 3)); it takes people as independent.
    """
    from scipy import stats

    frame = people(findings)
    names = described_scales(findings)
    z = float(stats.norm.ppf((1 + findings.study.conf_level) / 2))
    rows = []
    for place, second in enumerate(names):
        for first in names[:place]:
            both = frame[[first, second]].dropna()
            r, n = _correlation(both), len(both)
            reach = z / np.sqrt(n - 3) if n > 3 else np.nan
            middle = np.arctanh(r) if abs(r) < 1 else np.nan
            told = told_of_all(n, *frame[[first, second]].count(), len(frame))
            figures = np.array([r, np.tanh(middle - reach), np.tanh(middle + reach)])
            # an interval to all its places tells the n that it was worked out from
            rows.append((first, second, *(figures if is_exact(told, n) else figures.round(2)), told))
    columns = ["term_1", "term_2", "estimate", "conf_low", "conf_high", "n_used"]
    return pd.DataFrame(rows, columns=columns)


def _correlation(both: pd.DataFrame) -> float:
    if is_small(len(both)) or (both.nunique() < 2).any():
        return np.nan
    return float(np.corrcoef(both.to_numpy().T)[0, 1])


def describe_sample(findings: StudyFindings) -> pd.DataFrame:
    """Return who was in: the firms, and the variables that the codebook gives as controls, wave and arm.

    Returns
    -------
    pandas.DataFrame
        variable, level (empty for a number; "other" for levels merged because fewer than five people have
        one), merged (number of levels in it), n, share, mean, std_dev.
    """
    frame = people(findings)
    n_all = len(frame)
    chosen = [name for name in (*findings.study.described_controls, "wave", "arm") if name in frame]
    chosen += [facts.name for facts in findings.variables if facts.name in frame]
    chosen = [name for name in chosen if name not in NEVER_LISTED]
    rows: list[dict[str, object]] = []
    for name in dict.fromkeys(chosen):
        column = frame[name].dropna()
        if is_numeric_dtype(column):
            rows += _number(name, column, n_all)
        else:
            rows += _levels(name, column, n_all, dominated_levels(column, frame.get("firm_id")))
    columns = ["variable", "level", "merged", "n", "share", "mean", "std_dev"]
    return pd.DataFrame(rows, columns=columns)


def _in_steps(share: float, step: float) -> float:
    return round(round(share / step) * step, 2) if np.isfinite(share) else share


def _number(name: str, column: pd.Series[Any], n_all: int) -> list[dict[str, object]]:
    if is_small(len(column)) or dominated(column, profile_in_force()):
        return []
    mean, spread, told = float(column.mean()), float(column.std()), told_of_all(len(column), n_all)
    if not is_exact(told, len(column)):
        mean, spread = (told_figure(each, n_all) for each in (mean, spread))
    row = {"variable": name, "level": "", "merged": 0, "n": told, "share": np.nan}
    return [{**row, "mean": mean, "std_dev": spread}]


def _groups(counts: pd.Series, dominated: frozenset[object]) -> list[tuple[str, ...]]:
    """Return groups of levels to show; dominated ones go together with others as small ones do."""
    return merge_small_groups(counts.mask(counts.index.isin(dominated), 0))


def _levels(
    name: str, column: pd.Series[Any], n_all: int, dominated: frozenset[object] = frozenset()
) -> list[dict[str, object]]:
    if is_small(len(column)):
        return []
    counts = column.value_counts().sort_index()
    if told_of_all(len(column), n_all) != len(column):  # who did not answer: else told by what is missing
        counts.loc[_NO_ANSWER] = n_all - len(column)
    groups = _groups(counts, dominated)
    if len(groups) < 2:  # the same for everybody, or too few of anything else: nothing to describe
        return []
    rows = []
    for group in groups:
        n = int(counts.loc[list(group)].sum())
        level = group[0] if len(group) == 1 else OTHER
        row = {"variable": name, "level": level, "merged": len(group) if level == OTHER else 0, "n": n}
        share = n / int(counts.sum())
        told = _in_steps(share, share_step(n_all)) if is_published() else share
        rows.append({**row, "share": told, "mean": np.nan, "std_dev": np.nan})
    return rows


def bin_edges(scores: pd.Series[Any], facts: ScaleFacts | None, *, at_most: int = MOST_BINS) -> Edges:
    """Return edges of bins that each hold equally many possible scores, over the whole response format.

    A mean of k items can only be a multiple of 1/k away from the lowest; bins that ignore this show teeth
    that are not in the data.
    """
    low, high = scale_ends(scores, facts)
    if facts is None or (facts.kind == "score" and not _is_whole(scores)):
        return np.linspace(low, high, at_most + 1)
    step = 1 / max(len(facts.items), 1)
    possible = round((high - low) / step) + 1
    together = int(np.ceil(possible / at_most))
    n_bins = int(np.ceil(possible / together))
    return np.asarray(low - step / 2 + step * together * np.arange(n_bins + 1))


def scale_ends(scores: pd.Series[Any], facts: ScaleFacts | None) -> tuple[float, float]:
    """Return the ends of the response format; where they are open, ends that tell nobody's score.

    Those are the 1st and 99th percentile, rounded outward to one digit; see
    :func:`~si_research.report.suppression.tail_percent`.
    """
    if facts is not None and np.isfinite(facts.lowest) and np.isfinite(facts.highest):
        return facts.lowest, facts.highest
    percent = tail_percent(int(scores.count()))
    low, high = np.nanpercentile(scores.to_numpy(dtype="float64"), [percent, 100 - percent])
    if low == high:
        return float(np.floor(low) - 1), float(np.ceil(high) + 1)
    unit = 10.0 ** np.floor(np.log10(max(high - low, 1e-9)))
    return float(np.floor(low / unit) * unit), float(np.ceil(high / unit) * unit)


def _is_whole(scores: pd.Series[Any]) -> bool:
    return bool((scores.dropna() % 1 == 0).all())


def distribution(findings: StudyFindings, name: str) -> pd.DataFrame:
    """Return how the people of the report are spread over a scale; see :func:`bars_of`."""
    return bars_of(people(findings)[name], findings.scores.scales[name])


def bars_of(scores: pd.Series[Any], facts: ScaleFacts | None) -> pd.DataFrame:
    """Return the bars of a histogram; bars of fewer than five people join their neighbour.

    Returns
    -------
    pandas.DataFrame
        bin_low, bin_high, n (missing where it would tell that fewer than five have no score; the shares are
        in whole steps then), share (of the people with a score), height (share per single bin, so that a
        merged bar keeps its area), merged (bins in the bar).
    """
    known = scores.dropna()
    edges = bin_edges(known, facts)
    counts, _ = np.histogram(known.clip(edges[0], edges[-1]), edges)
    runs = merge_small_neighbours([int(count) for count in counts])
    sizes = [int(counts[run].sum()) for run in runs]
    shares = [n / len(known) for n in sizes]
    exact = is_exact(told_of_all(len(known), len(scores)), len(known))
    rows = []
    for run, n, share in zip(
        runs, sizes, shares if exact else told_shares(shares, share_step(len(scores))), strict=True
    ):
        width = run.stop - run.start
        rows.append((edges[run.start], edges[run.stop], n if exact else np.nan, share, share / width, width))
    columns = ["bin_low", "bin_high", "n", "share", "height", "merged"]
    return pd.DataFrame(rows, columns=columns)


def paired_bins(
    x: pd.Series[Any], y: pd.Series[Any], x_facts: ScaleFacts | None, y_facts: ScaleFacts | None
) -> pd.DataFrame:
    """Return how many people stand in each cell of two scales; cells under five are not there.

    Returns
    -------
    pandas.DataFrame
        x_low, x_high, y_low, y_high, n.
    """
    x_edges = bin_edges(x, x_facts, at_most=MOST_CELLS)
    y_edges = bin_edges(y, y_facts, at_most=MOST_CELLS)
    columns = [each.clip(e[0], e[-1]).to_numpy() for each, e in ((x, x_edges), (y, y_edges))]
    counts, _, _ = np.histogram2d(columns[0], columns[1], bins=[x_edges, y_edges])
    cells = [
        (x_edges[i], x_edges[i + 1], y_edges[j], y_edges[j + 1], told_count(int(counts[i, j])))
        for i, j in zip(*np.nonzero(counts), strict=True)
        if not is_small(counts[i, j])
    ]
    return pd.DataFrame(cells, columns=["x_low", "x_high", "y_low", "y_high", "n"])
