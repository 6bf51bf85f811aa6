"""What probing needs of a fit, so that it is asked in one way of one table and of filled-in ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found
from si_research.model.inference import Array


class Probed(Protocol):
    """An interaction that can be probed: of one table, or pooled over completed ones."""

    @property
    def outcome(self) -> str:
        """The outcome."""
        ...

    @property
    def predictors(self) -> tuple[str, ...]:
        """Two or three conditions."""
        ...

    @property
    def controls(self) -> tuple[str, ...]:
        """What else is in the model."""
        ...

    @property
    def weight(self) -> str | None:
        """Column of weights."""
        ...

    @property
    def rows(self) -> pd.DataFrame:
        """The rows used; of completed tables the first."""
        ...

    @property
    def centres(self) -> Mapping[str, float]:
        """Where predictors are centred."""
        ...

    @property
    def std_devs(self) -> Mapping[str, float]:
        """Their standard deviations."""
        ...

    @property
    def coefficients(self) -> pd.DataFrame:
        """The coefficients, indexed by term."""
        ...

    @property
    def covariance(self) -> pd.DataFrame:
        """Their covariance matrix."""
        ...

    @property
    def conf_level(self) -> float:
        """Confidence level."""
        ...

    @property
    def n_used(self) -> int:
        """Rows used."""
        ...

    @property
    def squares_left_out(self) -> tuple[str, ...]:
        """Predictors with two values."""
        ...

    def combination_df(self, weights: Array) -> float | Array:
        """Return the degrees of freedom of c'b: one number, or one for each row c of ``weights``."""
        ...

    def smallest_df(self, weights: Array) -> float:
        """Return the fewest degrees of freedom that any combination of these rows has."""
        ...


def check_probed(fit: object, where: str) -> None:
    """Refuse what is no fit that can be probed."""
    if not hasattr(fit, "combination_df"):
        raise ModelSpecificationError(
            expected="a fit of fit_interaction, or one pooled over filled-in tables",
            found=as_found(fit),
            where=f"`fit` of {where}",
            todo="fit the model first: fit_interaction(scores)",
        )
