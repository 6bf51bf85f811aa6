"""The constructs of the model: their names, glosses, order and sources.

*kunnen*, *willen* and *mogen* are the model's own terms and stay Dutch everywhere; they are the
ability, motivation and opportunity of the AMO literature (Blumberg & Pringle 1982). Only the order
below is ever used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Construct:
    """One construct of the model of social innovation.

    Attributes
    ----------
    name : str
        Identifier: column name, argument and legend entry.
    gloss_nl, gloss_en : str
        What it means, in a few words, for a reader of a report.
    family : str
        ``condition`` (kunnen, willen, mogen) or ``outcome``.
    """

    name: str
    gloss_nl: str
    gloss_en: str
    family: str


KUNNEN: Final = Construct("kunnen", "kunnen (kennis en vaardigheden)", "kunnen (ability)", "condition")
WILLEN: Final = Construct("willen", "willen (motivatie)", "willen (motivation)", "condition")
MOGEN: Final = Construct("mogen", "mogen (ruimte krijgen)", "mogen (being allowed and enabled)", "condition")
INNOVATIVE_BEHAVIOUR: Final = Construct(
    "innovative_behaviour", "innovatief gedrag", "innovative behaviour", "outcome"
)
QUALITY_OF_WORK: Final = Construct("quality_of_work", "kwaliteit van de arbeid", "quality of work", "outcome")
LABOUR_RELATIONS: Final = Construct("labour_relations", "arbeidsverhoudingen", "labour relations", "outcome")
ORGANISATIONAL_PERFORMANCE: Final = Construct(
    "organisational_performance", "organisatieprestatie", "organisational performance", "outcome"
)

CONDITIONS: Final = (KUNNEN.name, WILLEN.name, MOGEN.name)
OUTCOMES: Final = (
    INNOVATIVE_BEHAVIOUR.name,
    QUALITY_OF_WORK.name,
    LABOUR_RELATIONS.name,
    ORGANISATIONAL_PERFORMANCE.name,
)
"""Each can be the outcome of a study, the first unless `outcome` says otherwise."""
CONSTRUCTS: Final = {
    construct.name: construct
    for construct in (
        KUNNEN,
        WILLEN,
        MOGEN,
        INNOVATIVE_BEHAVIOUR,
        QUALITY_OF_WORK,
        LABOUR_RELATIONS,
        ORGANISATIONAL_PERFORMANCE,
    )
}
