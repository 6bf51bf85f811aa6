"""The other outcomes of a study, planned and exploratory; and the main outcome measured in other ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from si_research.model.outcome_sensitivity import OutcomeSensitivity
    from si_research.model.several_outcomes import PlannedOutcomes

OutcomeState = Literal[
    "tested",
    "joint_untested",
    "no_scores",
    "instrument_changed",
    "too_few_people",
    "too_few_firms",
    "unreliable",
    "no_variation",
    "not_possible",
]
MeasureState = Literal["compared", "two_values", "open_ends", "outside_ends", "not_possible"]


@dataclass(frozen=True, slots=True, eq=False)
class OutcomesFindings:
    """What is found for each outcome of a study that names several.

    Attributes
    ----------
    tested : PlannedOutcomes
        The main outcome is the first planned one.
    states : mapping of str to str
        By outcome: "tested", "joint_untested" (too few firms for the joint test), or why it was not tested:
        "no_scores" (nobody has one), "instrument_changed" (between the waves), "too_few_people",
        "too_few_firms" (people with a score work in one firm, where the main outcome has several),
        "unreliable" (below the floor of the study), "no_variation", "not_possible" (the model cannot be
        fitted).
    """

    tested: PlannedOutcomes
    states: Mapping[str, OutcomeState]

    @property
    def main(self) -> str:
        """The main outcome."""
        return self.tested.planned[0]

    def __str__(self) -> str:
        return f"{self.tested}\n{', '.join(f'{name}: {state}' for name, state in self.states.items())}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeMeasure:
    """The highest product with the main outcome as it is, its ends stretched, and as ordered levels.

    Attributes
    ----------
    outcome : str
    state : str
        "compared", or why not: "two_values" (there is nothing to stretch or order), "open_ends" (the codebook
        does not say from where to where), "outside_ends" (scores lie beyond), "not_possible" (the model
        cannot be fitted).
    compared : OutcomeSensitivity or None
        None unless ``state`` is "compared".
    """

    outcome: str
    state: MeasureState
    compared: OutcomeSensitivity | None = None

    def __str__(self) -> str:
        return f"{self.outcome}: {self.compared or self.state}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"
