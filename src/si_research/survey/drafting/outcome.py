"""The outcome of a draft: the one scale that is left in a file whose titles name all conditions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.survey.codebook import Scale
from si_research.survey.drafting.meaning import speaks_of_new_ideas

FOR_YOU: Final = "what they measure is for you to say"
_WHY: Final = (
    "kunnen, willen and mogen are named, and these questions speak of new ideas: look whether they ask what "
    "people do with them"
)


def with_outcome(
    scales: dict[str, Scale], questions: Mapping[str, str], taken: Collection[str]
) -> dict[str, Scale]:
    """Propose the one scale that is left and speaks of new ideas as innovative behaviour; a person confirms.

    Parameters
    ----------
    scales : dict of str to Scale
    questions : Mapping of str to str
        By item.
    taken : collection of str
        Names that a scale cannot have.
    """
    measured = {scale.construct_name for scale in scales.values()}
    outcome = INNOVATIVE_BEHAVIOUR.name
    if not measured.issuperset(CONDITIONS) or outcome in {*measured, *taken}:
        return scales
    about = [
        name
        for name, scale in scales.items()
        if scale.construct_name == "other" and speaks_of_new_ideas(questions[item] for item in scale.items)
    ]
    if len(about) != 1:
        return scales
    left = scales[about[0]]
    update = {"construct_name": outcome, "proposed": left.proposed.replace(FOR_YOU, _WHY)}
    named = {outcome if name == about[0] else name: scale for name, scale in scales.items()}
    return {**named, outcome: left.model_copy(update=update)}
