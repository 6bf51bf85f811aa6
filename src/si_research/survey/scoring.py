"""Scale scores: items keyed in one direction, their mean where enough of them are answered."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

import pandas as pd

from si_research.survey.codebook import ROLE_COLUMNS, Codebook, Scale
from si_research.survey.copies import refuse_copies
from si_research.survey.direction import check_direction
from si_research.survey.keying import ends_of, keyed_items, wrong_scale
from si_research.survey.ledger import Ledger
from si_research.survey.scoring_steps import record_scoring
from si_research.survey.survey_data import Survey
from si_research.survey.undecided import refuse_unknown_orders

__all__ = [
    "ScaleFacts",
    "Scores",
    "check_direction",
    "keyed_items",
    "pomp",
    "score_columns",
    "score_scales",
]


@dataclass(frozen=True, slots=True)
class ScaleFacts:
    """What a scale is made of, and for how many respondents it has a score.

    Attributes
    ----------
    name : str
        Key of the scale in the codebook.
    construct : str
        What it measures.
    items, reversed_items : tuple of str
        Its items, and those of them that are turned; empty for a ready-made score.
    lowest, highest : float
        Ends of the response format (NaN where the codebook leaves one open), in scale points.
    kind : {"items", "score"}
        Mean of items, or a ready-made score.
    min_answered : int
        Answers needed for a score.
    label_nl, label_en : str
        Name in a report.
    n_scored, n_missing : int
        Respondents with a score, and without.
    """

    name: str
    construct: str
    items: tuple[str, ...]
    reversed_items: tuple[str, ...]
    lowest: float
    highest: float
    kind: Literal["items", "score"]
    min_answered: int
    label_nl: str
    label_en: str
    n_scored: int
    n_missing: int


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """One score a respondent and scale. Made by :func:`score_scales`.

    Attributes
    ----------
    table_ : pandas.DataFrame
        Index as in the survey. A column a scale (float, scale points), named by its construct,
        or by its own key where scales share a construct or measure another one; then the roles
        (respondent_id, firm_id, team_id, wave, arm, ...), the controls and the covariates.
    scales : Mapping of str to ScaleFacts
        By column of the table.
    n_rows : int
        Respondents.
    ledger : Ledger
        That of the survey, and the two steps of scoring: ``reverse`` and ``score``.
    """

    table_: pd.DataFrame = field(repr=False)
    scales: Mapping[str, ScaleFacts]
    n_rows: int
    ledger: Ledger = field(default_factory=Ledger, repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the scores."""
        return self.table_.copy()

    def __str__(self) -> str:
        lines = [f"scores of {self.n_rows} respondents"]
        lines += [
            f"{column}: {facts.n_scored} scored, {facts.n_missing} not; "
            f"from {facts.lowest:g} to {facts.highest:g}"
            for column, facts in self.scales.items()
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def score_scales(survey: Survey, codebook: Codebook) -> Scores:
    """Score every scale of the codebook.

    Use it on the cleaned survey. A score that rests on too few answers is missing, not guessed.

    Parameters
    ----------
    survey : Survey
        Cleaned answers.
    codebook : Codebook
        Items, scales and roles.

    Returns
    -------
    Scores

    Raises
    ------
    CodebookError
        A scale whose items have different response formats, asks for more answers than it has items,
        reverses an item of which the format has no ends, holds answers in an order that nobody decided, or
        one question that is in twice.

    Notes
    -----
    Score = mean of the keyed items, when at least ``min_answered`` are answered (default: half,
    rounded up); a reversed item is lowest + highest - answer, with the ends of its format.
    """
    refuse_unknown_orders(codebook)
    refuse_copies(survey, codebook)
    columns = score_columns(codebook)
    scored = {column: _score(survey, codebook, name) for column, name in columns.items()}
    roles = {
        column: survey.values[name]
        for role, column in ROLE_COLUMNS.items()
        if (name := codebook.variable_of_role(role)) is not None
    }
    controls = {name: survey.values[name] for name in codebook.roles.listed}
    scales = {column: _facts(codebook, columns[column], scores) for column, scores in scored.items()}
    return Scores(
        pd.DataFrame({**controls, **roles, **scored})[[*scored, *roles, *controls]],
        scales,
        len(survey.values),
        record_scoring(survey, scales),
    )


def score_columns(codebook: Codebook) -> dict[str, str]:
    """Return the scales by the name of their column: the construct, or the scale's own key."""
    sharing = Counter(scale.construct_name for scale in codebook.scales.values())
    return {
        name
        if scale.construct_name == "other" or sharing[scale.construct_name] > 1
        else scale.construct_name: name
        for name, scale in codebook.scales.items()
    }


def pomp(scores: pd.Series[Any], lowest: float, highest: float) -> pd.Series[Any]:
    """Return scores as percentage of the maximum possible.

    Use it to compare scales with different response formats; it changes no test.

    Parameters
    ----------
    scores : pandas.Series
        Scale points.
    lowest, highest : float
        Ends of the response format, not of the sample.

    Returns
    -------
    pandas.Series
        0 to 100.

    Notes
    -----
    POMP = 100 (x - lowest) / (highest - lowest).

    References
    ----------
    Cohen, P., Cohen, J., Aiken, L. S., & West, S. G. (1999). The problem of units and the
    circumstance for POMP. Multivariate Behavioral Research, 34(3), 315-346.
    https://doi.org/10.1207/S15327906MBR3403_2

    Examples
    --------
    >>> pomp(pd.Series([1.0, 3.0, 5.0]), lowest=1, highest=5).tolist()
    [0.0, 50.0, 100.0]
    """
    return 100 * (scores - lowest) / (highest - lowest)


def _score(survey: Survey, codebook: Codebook, name: str) -> pd.Series[Any]:
    score = codebook.scales[name].score
    if score is not None:
        return survey.values[score]
    keyed = keyed_items(survey, codebook, name)
    enough = keyed.notna().sum(axis=1) >= _min_answered(codebook.scales[name], name)
    return keyed.mean(axis=1).where(enough)


def _facts(codebook: Codebook, name: str, scores: pd.Series[Any]) -> ScaleFacts:
    scale = codebook.scales[name]
    low, high = ends_of(codebook, name)
    n_scored = int(scores.notna().sum())
    return ScaleFacts(
        name=name,
        construct=scale.construct_name,
        items=scale.items,
        reversed_items=tuple(item for item in scale.items if codebook.items[item].reverse),
        lowest=low,
        highest=high,
        kind="score" if scale.score is not None else "items",
        min_answered=_min_answered(scale, name),
        label_nl=scale.label_nl,
        label_en=scale.label_en,
        n_scored=n_scored,
        n_missing=len(scores) - n_scored,
    )


def _min_answered(scale: Scale, name: str) -> int:
    n_items = max(len(scale.items), 1)
    if scale.min_answered == "half":
        return math.ceil(n_items / 2)
    needed = n_items if scale.min_answered == "all" else scale.min_answered
    if not 1 <= needed <= n_items:
        raise wrong_scale(name, f"`min_answered` from 1 to {n_items}, its number of items", str(needed))
    return needed
