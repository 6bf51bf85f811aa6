"""A question of which each option has a column of its own, as survey tools export it."""

from __future__ import annotations

from pydantic import Field

from si_research.survey.response_format import Part


class ChoiceQuestion(Part):
    """One question with options that go together: most tools leave those that were not chosen empty."""

    items: tuple[str, ...] = Field(min_length=2)
    """Items answered no or yes (0 and 1), one an option."""
    also: tuple[str, ...] = ()
    """Items or variables whose answer shows too that the question was put: the words after "other"."""
