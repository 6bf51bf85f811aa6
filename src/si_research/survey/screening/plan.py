"""What is screened: the questions in the order asked, their scales, the time, the checks.

A plan holds everything that decides who is marked, so that a ledger can keep it and a replay needs no
codebook.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from pydantic import Field

from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook, Part
from si_research.survey.listed_values import value_in_survey
from si_research.survey.screening.cut_offs import ScreeningRules

FEWEST_ITEMS: Final = 5
"""Questions below which nothing can be said of how somebody answers."""


class ScreeningPlan(Part):
    """Everything that decides the outcome of a screening. Made by :func:`plan_screening`."""

    items: tuple[str, ...]
    """The questions whose answers are compared, in the order asked; they share one range."""
    questions: tuple[str, ...]
    """All questions on a response format, for the time a question and the share missing."""
    turned: dict[str, float] = Field(default_factory=dict)
    """Items worded the other way round, each with lowest plus highest answer."""
    scales: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """The items of each scale among ``items``."""
    duration: str | None = None
    """Variable that holds the time taken."""
    checks: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Attention checks with their right answers, as the survey holds them."""
    rules: ScreeningRules = ScreeningRules()


def plan_screening(codebook: Codebook, rules: ScreeningRules | None = None) -> ScreeningPlan:
    """Work out from the codebook what is screened.

    Parameters
    ----------
    codebook : Codebook
    rules : ScreeningRules, optional
        The `screening:` part of the study file.

    Returns
    -------
    ScreeningPlan

    Raises
    ------
    SurveyDataError
        ``items`` of the rules names what is no item, or items with different ranges.

    Notes
    -----
    Answers from 1 to 5 and from 1 to 10 cannot be compared. Without ``items`` the largest group of
    questions with one range is taken, in the order of the codebook. Items and scales with
    ``confirm: false`` decide about nobody, unless ``items`` lists them.
    """
    rules = rules or ScreeningRules()
    questions = tuple(
        name
        for name, item in codebook.items.items()
        if item.confirm and name not in codebook.attention_checks
    )
    items = _listed(codebook, rules.items) if rules.items else _largest_block(codebook, questions)
    chosen = set(items)
    scales = {
        name: tuple(item for item in items if item in set(scale.items) & chosen)
        for name, scale in codebook.scales.items()
        if scale.confirm
    }
    return ScreeningPlan(
        items=items,
        questions=questions,
        turned={item: sum(_range(codebook, item)) for item in items if codebook.items[item].reverse},
        scales={name: scale for name, scale in scales.items() if len(scale) > 1},
        duration=codebook.variable_of_role("duration"),
        checks={
            name: tuple(value_in_survey(codebook, name, answer) for answer in right)
            for name, right in codebook.attention_checks.items()
        },
        rules=rules,
    )


def _range(codebook: Codebook, item: str) -> tuple[float, float]:
    form = codebook.format_of(item)
    assert form.lowest is not None
    assert form.highest is not None
    return form.lowest, form.highest


def _closed(codebook: Codebook, item: str) -> bool:
    form = codebook.format_of(item)
    return form.lowest is not None and form.highest is not None


def _largest_block(codebook: Codebook, questions: tuple[str, ...]) -> tuple[str, ...]:
    """Return the questions with the commonest range; of two that are as common, the first asked."""
    closed = [name for name in questions if _closed(codebook, name)]
    ranges = Counter(_range(codebook, name) for name in closed)
    if not ranges:
        return ()
    commonest, _ = ranges.most_common(1)[0]
    return tuple(name for name in closed if _range(codebook, name) == commonest)


def _listed(codebook: Codebook, listed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the items that the rules list, or say why they cannot be screened."""
    unknown = [name for name in listed if name not in codebook.items or not _closed(codebook, name)]
    ranges = {_range(codebook, name) for name in listed if name not in unknown}
    if unknown or len(ranges) > 1 or len(set(listed)) < len(listed):
        found = (
            f"{', '.join(f'`{name}`' for name in unknown)}, without"
            if unknown
            else "one item twice"
            if len(ranges) == 1
            else " and ".join(f"{low:g} to {high:g}" for low, high in sorted(ranges))
        )
        raise SurveyDataError(
            expected="items of the codebook, each once, that share a lowest and highest answer",
            found=found,
            where="screening: items",
            todo="list the questions of one response range in the order asked, or leave `items` out",
        )
    return listed
