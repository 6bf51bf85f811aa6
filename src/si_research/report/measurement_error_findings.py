"""What measurement error does to the products, and the corrected estimates beside the plain one."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from si_research.measurement.product_reliability import ProductReliability

ESTIMATE_COLUMNS: Final = [
    *("status", "n_used", "estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
]
OTHER_WAYS: Final = ("simex", "latent", "lms")
TELLS_NOTHING: Final = 5.0
"""Times the standard error as measured, above which a correction tells nothing of the coefficient."""
Agreement = Literal["together", "uncertain", "apart"]
Known = Literal["known", "unknown", "overlap"]


@dataclass(frozen=True, slots=True, eq=False)
class MeasurementErrorFindings:
    """The reliabilities that are used, what they leave of the products, and every estimate of the highest.

    Attributes
    ----------
    reliabilities : pandas.DataFrame, indexed by ``scale``
        Of each predictor: reliability; figure ("omega", "alpha", or "" where there is none); status ("known",
        "not above 0", "mostly error" (below .20), or why it cannot be known: "single score", "one item",
        "too few", ...).
    known : str
        "known"; "unknown": of a scale there is no reliability; "overlap": scales correlate more than their
        reliabilities allow, as if they measured one thing.
    products : ProductReliability or None
        None unless ``known`` is "known".
    tested_term : str
        The product of all predictors.
    estimates : pandas.DataFrame, indexed by ``method``
        status, n_used, estimate, std_error, statistic, df, p_value, conf_low, conf_high of the highest
        product, in points of the outcome per product of points: "plain", "corrected" (adjusted least
        squares), "simex", "latent" (product indicators), "lms"; "plain_squares" and "corrected_squares" have
        the squares of the predictors in the model too. Empty after a refusal.
    conf_level : float
    own_errors : tuple of str
        Predictors for which the correction allows people's errors to differ.
    simex_draws : int
    controls : bool
        Whether the model has controls, which the fits among factors have not.
    firms : bool
        Whether the intervals allow for firms, which that by product indicators does not.
    """

    reliabilities: pd.DataFrame = field(repr=False)
    known: Known
    products: ProductReliability | None
    tested_term: str
    estimates: pd.DataFrame = field(repr=False)
    conf_level: float = 0.95
    own_errors: tuple[str, ...] = ()
    simex_draws: int = 0
    controls: bool = False
    firms: bool = False

    @property
    def share_kept(self) -> float:
        """The part of the coefficient of the highest product that is left; NaN when unknown."""
        return np.nan if self.products is None else float(self.products.products["share_kept"].iloc[-1])

    @property
    def product_reliability(self) -> float:
        """The reliability of the highest product; NaN when unknown."""
        return np.nan if self.products is None else float(self.products.products["reliability"].iloc[-1])

    @property
    def standardised_share_kept(self) -> float:
        """What is left of the standardised coefficient of the highest product; NaN when unknown.

        For scores with a standard deviation of 1 against true scores with one: a true score varies less, by
        the root of its reliability.
        """
        return self.share_kept / math.sqrt(float(np.prod(self.reliabilities["reliability"].to_numpy())))

    @property
    def corrected(self) -> str:
        """Status of the main correction; "" where none was tried."""
        return str(self.estimates.loc["corrected", "status"]) if "corrected" in self.estimates.index else ""

    @property
    def tells_nothing(self) -> bool:
        """Whether there is a correction, so uncertain that almost any coefficient fits it."""
        if self.corrected != "estimated":
            return False
        errors = self.estimates["std_error"].astype("float64")
        return bool(errors["corrected"] > TELLS_NOTHING * errors["plain"])

    def estimated(self) -> pd.DataFrame:
        """Return the rows of the estimates that there are."""
        return self.estimates[self.estimates["status"] == "estimated"]

    def agreement(self) -> dict[str, Agreement]:
        """Return how each other correction lies beside the main one.

        "together": its estimate lies within the interval of the main one; "uncertain": it does not, but its
        own interval holds the main estimate; "apart": neither holds the other.
        """
        rows = {row["method"]: row for row in self.estimated().reset_index().to_dict("records")}
        main, found = rows.get("corrected"), dict[str, Agreement]()
        for name in OTHER_WAYS:
            if main is None or name not in rows:
                continue
            other = rows[name]
            inside = main["conf_low"] <= other["estimate"] <= main["conf_high"]
            holds = other["conf_low"] <= main["estimate"] <= other["conf_high"]
            found[name] = "together" if inside else "uncertain" if holds else "apart"
        return found

    def table(self) -> pd.DataFrame:
        """Return a copy of the estimates."""
        return self.estimates.copy()

    def __str__(self) -> str:
        kept = "" if self.products is None else f"; {self.products}"
        return f"reliabilities {self.known}{kept}\n{self.estimates.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def no_estimates() -> pd.DataFrame:
    """Return a table of no estimates."""
    return pd.DataFrame(columns=ESTIMATE_COLUMNS, index=pd.Index([], name="method"))
