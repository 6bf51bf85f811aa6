"""What a person writes in a codebook where no proposal does: a scale out of columns of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from si_research.constructs import CONSTRUCTS
from si_research.survey.codebook import Codebook
from si_research.survey.drafting.unmeasured import unmeasured_constructs

_EXAMPLE: Final = """\
items:
  v1: {{column: "The name above the column", format: agree_5}}
  v2: {{column: "Another name", format: agree_5, reverse: true}}
scales:
  {scale}: {{construct: {scale}, items: [v1, v2]}}
"""
_OF_ITEMS: Final = """\
scales:
  {scale}: {{construct: {scale}, items: [{items}]}}
"""


def how_to_make_a_scale(codebook: Codebook) -> Iterator[str]:
    """Say what to write for a construct that no scale measures, a line each; nothing where each has one.

    Examples
    --------
    >>> book = Codebook(title="One question", items={"q1": {"format": "agree_5"}}, scales={})
    >>> print(*how_to_make_a_scale(book), sep="\\n")
    If the file holds such questions, write in the codebook (`reverse: true`: worded the other way):
        items:
          v1: {column: "The name above the column", format: agree_5}
          v2: {column: "Another name", format: agree_5, reverse: true}
        scales:
          kunnen: {construct: kunnen, items: [v1, v2]}
    Other formats: docs/your_survey.md. A column that stands under `kept_out`: delete that line.
    """
    absent = unmeasured_constructs(codebook)
    if not absent:
        return
    example = example_of_a_scale(codebook, absent[0])
    yield "If the file holds such questions, write in the codebook (`reverse: true`: worded the other way):"
    yield from (f"    {line}" for line in example.splitlines())
    yield "Other formats: docs/your_survey.md. A column that stands under `kept_out`: delete that line."


def example_of_a_scale(codebook: Codebook, construct: str) -> str:
    """Return the lines that make a scale: of two items that belong to none, else of columns to be named."""
    taken = {item for scale in codebook.scales.values() for item in scale.items}
    free = [name for name in codebook.items if name not in taken]
    if len(free) > 1:
        return _OF_ITEMS.format(scale=construct, items=", ".join(free[:2]))
    return _EXAMPLE.format(scale=construct)


def glosses() -> Iterator[str]:
    """Say in a line each what the constructs of the model are, in English and in Dutch."""
    for name, construct in CONSTRUCTS.items():
        yield f"{name}: {construct.gloss_en}; {construct.gloss_nl}"
