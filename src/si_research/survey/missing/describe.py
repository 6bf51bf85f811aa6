"""Missing answers at a glance: reasons, blocks that were not asked, scores on part of their items."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import numpy as np
import pandas as pd

from si_research.survey.codebook import Codebook
from si_research.survey.missing.patterns import MissingPatterns, missing_patterns
from si_research.survey.missing.reasons import (
    BY_DESIGN,
    NO_ANSWER_TO_HAVE,
    could_be_answered,
    reason_counts,
    score_reasons,
)
from si_research.survey.scoring import Scores
from si_research.survey.survey_data import REASONS, Survey


@dataclass(frozen=True, slots=True, eq=False)
class MissingAnswers:
    """What is missing in items and scores. Made by :func:`describe_missing`.

    Attributes
    ----------
    reasons : pandas.DataFrame, indexed by ``variable``
        level ("item" or "score"), n_rows, n_answered, n_missing (an answer could have been given), n_absent
        (there is none to have: not asked, routed past, does not apply), and a column for each reason.
    blocks : pandas.DataFrame
        Items that are absent by design for the same rows: reason, variables, n_variables, n_rows, share.
    person_mean : pandas.DataFrame, indexed by ``score``
        For scales of items: n_items, min_answered, n_scored, n_all (every item answered), n_part (a score
        that rests on part of the items), share_part (of those with a score), n_too_few (answers that could
        have been given are lacking), n_absent (too few items have an answer to have).
    answered : pandas.DataFrame
        score, n_answered, n_rows, scored: how many rows answered how many items of each scale.
    items, scores : MissingPatterns
    """

    reasons: pd.DataFrame = field(repr=False)
    blocks: pd.DataFrame = field(repr=False)
    person_mean: pd.DataFrame = field(repr=False)
    answered: pd.DataFrame = field(repr=False)
    items: MissingPatterns
    scores: MissingPatterns

    def table(self) -> pd.DataFrame:
        """Return a copy of the reasons."""
        return self.reasons.copy()

    def __str__(self) -> str:
        lines = [f"items: {self.items}", f"scores: {self.scores}"]
        lines += [
            f"{row.Index}: {row.n_scored} scored, {row.n_part} of them on part of the {row.n_items} items "
            f"(at least {row.min_answered})"
            for row in self.person_mean.itertuples()
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>{self.reasons.to_html()}"


def describe_missing(survey: Survey, codebook: Codebook, scores: Scores) -> MissingAnswers:
    """Describe what is missing, why, and what it does to the scores.

    Use it before any test. It fills nothing. The counts are exact; a report hides those below five.

    Parameters
    ----------
    survey : Survey
        The cleaned answers that were scored.
    codebook : Codebook
    scores : Scores

    Returns
    -------
    MissingAnswers

    Notes
    -----
    The score of somebody who answered part of the items is the mean of those (the person mean), where at
    least ``min_answered`` are there. That is a fair estimate when the items measure alike; the fewer
    answered, the noisier it is.
    """
    names = [name for name in codebook.items if name in survey.values]
    columns = list(scores.scales)
    why = score_reasons(survey, codebook, scores)
    answers = survey.values[names]
    return MissingAnswers(
        reasons=pd.concat(
            [
                _by_reason(answers, survey.reasons[names], "item"),
                _by_reason(scores.table_[columns], why[columns], "score"),
            ]
        ),
        blocks=absent_blocks(survey.reasons[names]),
        person_mean=_person_mean(survey, scores),
        answered=_answered(survey, scores),
        items=_patterns(answers, survey.reasons[names]),
        scores=missing_patterns(scores.table_[columns], why[columns]),
    )


def _patterns(values: pd.DataFrame, reasons: pd.DataFrame) -> MissingPatterns:
    """Return the patterns; of a survey of ready-made scores, which has no item, one without columns."""
    if values.shape[1]:
        return missing_patterns(values, reasons)
    variables = pd.DataFrame(columns=["n_answered", "n_missing", "n_absent"], dtype="int64")
    patterns = pd.DataFrame({"n_missing": [0], "n_rows": [len(values)], "share": [1.0]})
    return MissingPatterns(patterns, variables.rename_axis("variable"), len(values), len(values))


def absent_blocks(reasons: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that are absent by design for the same rows, as blocks.

    Parameters
    ----------
    reasons : pandas.DataFrame
        Why each answer is missing.

    Returns
    -------
    pandas.DataFrame
        reason, variables (names, separated by commas), n_variables, n_rows, share. One row a block.

    Examples
    --------
    >>> why = pd.DataFrame({"m1": ["not_asked", None], "m2": ["not_asked", None], "k1": [None, None]})
    >>> absent_blocks(why).to_numpy().tolist()
    [['not_asked', 'm1, m2', 2, 1, 0.5]]
    """
    found: dict[tuple[str, bytes], list[str]] = {}
    for reason in BY_DESIGN:
        for name in reasons:
            rows = (reasons[name] == reason).to_numpy(dtype="bool")
            if rows.any():
                found.setdefault((reason, np.packbits(rows).tobytes()), []).append(str(name))
    table = []
    for (why, _), names in found.items():
        n = int((reasons[names[0]] == why).sum())
        table.append((why, ", ".join(names), len(names), n, n / len(reasons)))
    return pd.DataFrame(table, columns=["reason", "variables", "n_variables", "n_rows", "share"])


def _by_reason(values: pd.DataFrame, reasons: pd.DataFrame, level: str) -> pd.DataFrame:
    counts = {name: reasons[name].value_counts().reindex(list(REASONS), fill_value=0) for name in values}
    by_reason = pd.DataFrame(counts, index=list(REASONS)).T.astype("int64")
    answered, absent = values.notna().sum(), by_reason[list(NO_ANSWER_TO_HAVE)].sum(axis=1)
    table = pd.DataFrame({"level": level, "n_rows": len(values), "n_answered": answered})
    table["n_missing"] = len(values) - answered - absent
    table["n_absent"] = absent
    return pd.concat([table, by_reason], axis=1).rename_axis("variable")


def _person_mean(survey: Survey, scores: Scores) -> pd.DataFrame:
    rows = []
    for column, facts in scores.scales.items():
        if facts.kind == "score":
            continue
        items = list(facts.items)
        n_answered = survey.values[items].notna().sum(axis=1)
        scored = n_answered >= facts.min_answered
        could = could_be_answered(reason_counts(survey.reasons[items]), len(items))
        absent = ~scored & (could < facts.min_answered)
        n_part = int((scored & (n_answered < len(items))).sum())
        rows.append(
            {
                "score": column,
                "n_items": len(items),
                "min_answered": facts.min_answered,
                "n_scored": int(scored.sum()),
                "n_all": int((n_answered == len(items)).sum()),
                "n_part": n_part,
                "share_part": n_part / scored.sum() if scored.any() else np.nan,
                "n_too_few": int((~scored & ~absent).sum()),
                "n_absent": int(absent.sum()),
            }
        )
    names = ["score", "n_items", "min_answered", "n_scored", "n_all", "n_part", "share_part"]
    return pd.DataFrame(rows, columns=[*names, "n_too_few", "n_absent"]).set_index("score")


def _answered(survey: Survey, scores: Scores) -> pd.DataFrame:
    """Return how many rows answered how many items of each scale."""
    parts = []
    for column, facts in scores.scales.items():
        if facts.kind == "score":
            continue
        counts = survey.values[list(facts.items)].notna().sum(axis=1).to_numpy()
        numbers = np.arange(len(facts.items) + 1)
        n_rows = np.bincount(counts, minlength=len(numbers))
        part = {"score": column, "n_answered": numbers, "n_rows": n_rows}
        parts.append(pd.DataFrame({**part, "scored": numbers >= facts.min_answered}))
    empty = pd.DataFrame(columns=["score", "n_answered", "n_rows", "scored"])
    return pd.concat(parts, ignore_index=True) if parts else empty
