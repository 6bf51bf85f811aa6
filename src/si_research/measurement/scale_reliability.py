"""All that is known of how reliable one scale is, and whether that is enough."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from si_research.measurement.omega import Omega
from si_research.measurement.polychoric import PolychoricCorrelations
from si_research.measurement.reliability import Reliability
from si_research.measurement.two_halves import SpearmanBrown


@dataclass(frozen=True, slots=True, eq=False)
class ScaleReliability:
    """The reliability of one scale by every way that it can be known.

    Attributes
    ----------
    alpha : Reliability
        With Feldt's interval.
    omega : Omega
    two_items : SpearmanBrown or None
        For a scale of two items.
    bootstrap : Reliability or None
        Alpha with a bootstrap interval, where that was asked for and is possible.
    ordinal : PolychoricCorrelations or None
        Where that was asked for and is possible.
    """

    alpha: Reliability
    omega: Omega
    two_items: SpearmanBrown | None = None
    bootstrap: Reliability | None = None
    ordinal: PolychoricCorrelations | None = None

    @property
    def scale(self) -> str:
        """Name of the scale."""
        return self.alpha.scale

    def table(self) -> pd.DataFrame:
        """Return one row a figure that is known: figure, estimate, conf_low, conf_high, n_used."""
        rows: list[tuple[str, float, float, float, int]] = [
            ("alpha", self.alpha.alpha, self.alpha.conf_low, self.alpha.conf_high, self.alpha.n_used),
            ("omega", self.omega.omega, self.omega.conf_low, self.omega.conf_high, self.omega.n_used),
        ]
        if self.two_items is not None:
            halves = self.two_items
            rows.append(
                ("spearman_brown", halves.reliability, halves.conf_low, halves.conf_high, halves.n_used)
            )
        table = pd.DataFrame(rows, columns=["figure", "estimate", "conf_low", "conf_high", "n_used"])
        known: pd.DataFrame = table.loc[table["estimate"].notna()]
        return known.reset_index(drop=True)

    def __str__(self) -> str:
        known = known_figures(self)
        listed = ", ".join(f"{name} {value:.2f}" for name, value in known.items())
        return f"{self.scale}: {listed or f'reliability unknown ({self.alpha.status})'}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


def known_figures(scale: ScaleReliability) -> dict[str, float]:
    """Return the figures of a scale that are known: ``alpha``, ``omega``, ``spearman_brown``."""
    table = scale.table()
    return dict(zip(table["figure"], map(float, table["estimate"]), strict=True))


def is_unreliable(scale: ScaleReliability, floor: float) -> bool:
    """Tell whether every known figure of a scale lies below a floor.

    Alpha and omega err in different ways (alpha where items measure unequally well, omega where one factor is
    not all), so one of them above the floor is enough. A scale of which nothing is known is not unreliable
    but unknown. Items that cancel each other out leave a sum that is the same for everybody: that is below
    any floor.
    """
    if scale.alpha.status == "cancelled":
        return True
    known = known_figures(scale)
    return bool(known) and all(value < floor for value in known.values())


def holding(scale: ScaleReliability, floor: float) -> dict[str, Any] | None:
    """Return the first figure of a scale of which the interval holds a floor; None where there is none.

    Then these people cannot tell on which side of it the scale lies.
    """
    table = scale.table()
    rows = table[(table["conf_low"] <= floor) & (table["conf_high"] >= floor)]
    return None if rows.empty else dict(zip(map(str, rows.columns), rows.iloc[0].tolist(), strict=True))


def unreliable_scales(scales: Iterable[ScaleReliability], floor: float) -> tuple[ScaleReliability, ...]:
    """Return the scales of which every known figure lies below a floor."""
    return tuple(each for each in scales if is_unreliable(each, floor))
