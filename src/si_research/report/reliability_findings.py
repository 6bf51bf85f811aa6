"""What a report knows of how good the scales are, and how their questions were answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import pandas as pd

from si_research.measurement.scale_reliability import ScaleReliability
from si_research.survey.item_answers import ItemAnswers


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityFindings:
    """The reliability of each scale, and the answers to its items.

    Attributes
    ----------
    scales : tuple of ScaleReliability
        In the order of the codebook.
    answers : ItemAnswers or None
        None where the rows are no people.
    """

    scales: tuple[ScaleReliability, ...]
    answers: ItemAnswers | None = field(default=None, repr=False)

    def table(self) -> pd.DataFrame:
        """Return the known figures of every scale: scale, figure, estimate, conf_low, conf_high, n_used."""
        tables = [each.table().assign(scale=each.scale) for each in self.scales]
        columns = ["scale", "figure", "estimate", "conf_low", "conf_high", "n_used"]
        return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)

    def __str__(self) -> str:
        return "\n".join(str(each) for each in self.scales)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"
