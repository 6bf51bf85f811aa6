"""What does not fit in a codebook, and the names against which that is judged."""

from __future__ import annotations

from dataclasses import dataclass

from si_research.survey.codebook import Codebook
from si_research.survey.yaml_file import Steps


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a codebook that does not fit; a :class:`Problem` before its line is looked up."""

    steps: Steps
    expected: str
    found: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """Every name that the file declares, of parts that could be read and of parts that could not.

    None for a section stands for "could not be read at all": then nothing is called unknown.
    """

    formats: frozenset[str] | None
    items: frozenset[str] | None
    variables: frozenset[str] | None

    @classmethod
    def by(cls, codebook: Codebook) -> Declared:
        """Return the names of a codebook of which every part could be read."""
        return cls(frozenset(codebook.formats), frozenset(codebook.items), frozenset(codebook.variables))
