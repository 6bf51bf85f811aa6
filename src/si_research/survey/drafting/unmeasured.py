"""Which constructs of the model a codebook has no scale for."""

from __future__ import annotations

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR, OUTCOMES
from si_research.survey.codebook import Codebook


def unmeasured_constructs(codebook: Codebook) -> tuple[str, ...]:
    """Return the conditions for which a codebook has no scale, in the order of the model, and innovative
    behaviour where no outcome at all has one."""
    has_outcome = any(codebook.scale_of(name) is not None for name in OUTCOMES)
    asked = CONDITIONS if has_outcome else (*CONDITIONS, INNOVATIVE_BEHAVIOUR.name)
    return tuple(name for name in asked if codebook.scale_of(name) is None)
