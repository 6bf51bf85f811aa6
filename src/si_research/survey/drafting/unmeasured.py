"""Which constructs of the model a codebook has no scale for."""

from __future__ import annotations

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.survey.codebook import Codebook


def unmeasured_constructs(codebook: Codebook) -> tuple[str, ...]:
    """Return the conditions and the outcome for which a codebook has no scale, in the order of the model."""
    asked = (*CONDITIONS, INNOVATIVE_BEHAVIOUR.name)
    return tuple(name for name in asked if codebook.scale_of(name) is None)
