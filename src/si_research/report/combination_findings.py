"""Whether only the combination counts: the verdict, and what stands behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from si_research.model.configurations.configurations import Configurations
    from si_research.model.forms.comparison import FormComparison
    from si_research.model.necessity.necessity import Necessity
    from si_research.model.necessity.permutation import PermutationTest
    from si_research.model.verdict.needed_n import NeededN
    from si_research.model.verdict.verdict import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class CombinationFindings:
    """The verdict of a study, and the readings one by one.

    Attributes
    ----------
    verdict : Verdict
    needed : NeededN or None
        How many people would decide; None where the verdict is none but undecided, or nobody asked.
    forms : FormComparison or None
    necessity : Necessity or None
    shuffled : PermutationTest or None
        What R's NCA tests; the verdict asks necessity beyond correlation.
    configurations : Configurations or None
    of_organisations : bool
        Whether a row is an organisation.
    open_scales : tuple of str
        Outcome and conditions without a lowest or highest answer: their ends and anchors are the sample's.
    """

    verdict: Verdict
    needed: NeededN | None = None
    forms: FormComparison | None = field(default=None, repr=False)
    necessity: Necessity | None = field(default=None, repr=False)
    shuffled: PermutationTest | None = field(default=None, repr=False)
    configurations: Configurations | None = field(default=None, repr=False)
    of_organisations: bool = False
    open_scales: tuple[str, ...] = ()

    @property
    def open_conditions(self) -> tuple[str, ...]:
        """The conditions among the open scales: on their ends the power and the forms hang."""
        return tuple(name for name in self.open_scales if name in self.verdict.predictors)

    def __str__(self) -> str:
        parts = (self.verdict, self.needed, self.forms, self.necessity, self.configurations)
        return "\n\n".join(str(part) for part in parts if part is not None)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"
