"""Is a factor measured well, and is it another one than its neighbour?"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.measurement.factors.answers import prepared
from si_research.measurement.factors.factor_fit import FactorFit
from si_research.measurement.factors.factor_model import Factors, checked_factors
from si_research.measurement.factors.structure import Array

FACTOR_COLUMNS: Final = ["ave", "ave_standardised", "composite_reliability", "omega"]
PAIR_COLUMNS: Final = ["correlation", "squared_correlation", "lowest_ave", "fornell_larcker"]


@dataclass(frozen=True, slots=True, eq=False)
class Validity:
    """How well each factor is measured, and how far factors differ. Made by :func:`factor_validity`.

    Attributes
    ----------
    factors_ : pandas.DataFrame, indexed by ``factor``
        n_items; ave (share of the items' summed variances that the factor accounts for), ave_standardised
        (the same for standardised items: the mean squared loading), composite_reliability (share of the
        variance of the sum, by the model alone), omega (the same over the variance that the sum has).
    pairs : pandas.DataFrame
        first, second, correlation of the factors, squared_correlation, lowest_ave (the lower
        ``ave_standardised`` of the two), fornell_larcker (whether it is above the squared correlation).
    n_used : int
    status : str
        That of the fit; where it is not "estimated" all figures are missing.
    """

    factors_: pd.DataFrame = field(repr=False)
    pairs: pd.DataFrame = field(repr=False)
    n_used: int
    status: str

    def table(self) -> pd.DataFrame:
        """Return a copy of the table of factors."""
        return self.factors_.copy()

    def __str__(self) -> str:
        return f"validity of {len(self.factors_)} factor(s), {self.status}; n = {self.n_used}\n" + (
            self.factors_.round(3).to_string()
        )

    def _repr_html_(self) -> str:
        head = escape(f"validity, {self.status}; n = {self.n_used}")
        return f"<p>{head}</p>{self.factors_.round(3).to_html()}{self.pairs.round(3).to_html(index=False)}"


@dataclass(frozen=True, slots=True, eq=False)
class HeterotraitMonotrait:
    """How alike factors are, from correlations of items alone. Made by :func:`heterotrait_monotrait`.

    Attributes
    ----------
    original, htmt2 : pandas.DataFrame, factors by factors
        HTMT with arithmetic means, HTMT2 with geometric ones.
    n_rows, n_used : int
    """

    original: pd.DataFrame = field(repr=False)
    htmt2: pd.DataFrame = field(repr=False)
    n_rows: int
    n_used: int

    def table(self) -> pd.DataFrame:
        """Return one row a pair of factors: first, second, htmt, htmt2."""
        names = list(self.original.index)
        rows = [
            (first, second, self.original.loc[first, second], self.htmt2.loc[first, second])
            for place, first in enumerate(names)
            for second in names[place + 1 :]
        ]
        return pd.DataFrame(rows, columns=["first", "second", "htmt", "htmt2"])

    def __str__(self) -> str:
        return f"HTMT; n = {self.n_used} of {self.n_rows}\n{self.table().round(3).to_string(index=False)}"

    def _repr_html_(self) -> str:
        return f"<p>HTMT; n = {self.n_used} of {self.n_rows}</p>{self.table().round(3).to_html(index=False)}"


def factor_validity(fit: FactorFit) -> Validity:
    """Return average variance extracted, composite reliability and the Fornell-Larcker comparison.

    Parameters
    ----------
    fit : FactorFit
        Of one group.

    Returns
    -------
    Validity
        All figures missing where the fit is not usable: with a negative variance they mean nothing.

    Notes
    -----
    With loadings l, residual variances t and factor variance f: AVE = f·sum l²/(f·sum l² + sum t);
    composite reliability = f·(sum l)²/(f·(sum l)² + sum t); omega has the observed variance of the sum of
    the items below the line (``compRelSEM`` of semTools). AVE of .50 and composite reliability of .70 are the
    customary floors; both rest on loadings that are estimated, and on items keyed in one direction.

    References
    ----------
    Fornell & Larcker (1981), https://doi.org/10.1177/002224378101800104; McDonald (1999), Test theory, ch. 6.
    """
    names = list(fit.factors)
    if not fit.usable:
        return Validity(*_unknown(fit), n_used=fit.n_used, status=fit.status)
    here = fit.engine.likelihood.implied(fit.engine.solution.theta)[0]
    model, observed = fit.engine.likelihood.model, fit.engine.free.sigma[0]
    places = {name: place for place, name in enumerate(model.variables)}
    rows = {}
    for name in names:
        own = [places[item] for item in fit.factors[name]]
        loading, size = here.A[own, places[name]], here.E[places[name], places[name]]
        rest, total = np.diag(here.S)[own], np.diag(here.E)[own]
        common, of_sum = size * loading @ loading, size * loading.sum() ** 2
        rows[name] = (
            len(own),
            common / (common + rest.sum()),
            float(np.mean(size * loading**2 / total)),
            of_sum / (of_sum + rest.sum()),
            of_sum / observed[np.ix_(own, own)].sum(),
        )
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["n_items", *FACTOR_COLUMNS])
    table.index.name = "factor"
    return Validity(table, _pairs(names, here.E, places, table), n_used=fit.n_used, status=fit.status)


def heterotrait_monotrait(answers: pd.DataFrame, factors: Factors) -> HeterotraitMonotrait:
    """Return the heterotrait-monotrait ratios: near 1, two factors are one.

    Use it beside the correlation of factors; .85 (for what is meant to differ clearly) and .90 are the
    customary ceilings.

    Parameters
    ----------
    answers : pandas.DataFrame
        Keyed answers; rows with all items are used.
    factors : mapping of str to sequence of str
        Factor -> its items (two or more).

    Returns
    -------
    HeterotraitMonotrait

    Raises
    ------
    SurveyDataError, ModelSpecificationError
        As :func:`~si_research.measurement.factors.confirmatory.fit_factors`.

    Notes
    -----
    Mean correlation between the items of two factors, over the root of the product of the mean correlations
    within each; of absolute correlations, as in semTools. HTMT2 takes geometric means, which suits items that
    measure unequally well.

    References
    ----------
    Henseler, Ringle & Sarstedt (2015), https://doi.org/10.1007/s11747-014-0403-8; Roemer, Schuberth &
    Henseler (2021), https://doi.org/10.1108/IMDS-02-2021-0082.
    """
    named = {str(name): tuple(items) for name, items in factors.items()}
    if len(named) < 2:
        raise ModelSpecificationError(
            expected="two factors or more",
            found=str(len(named)),
            where="factors",
            todo="name a second factor",
        )
    named = checked_factors(named)
    items = [item for each in named.values() for item in each]
    offered = prepared(answers, items, "listwise")
    R = np.abs(np.corrcoef(offered.data[0].rows.T))
    member = np.array([name for name, own in named.items() for _ in own])
    original, second = (_ratios(R, member, list(named), geometric=each) for each in (False, True))
    return HeterotraitMonotrait(original, second, n_rows=offered.n_rows, n_used=offered.n_used)


def _ratios(R: Array, member: np.ndarray, names: list[str], *, geometric: bool) -> pd.DataFrame:
    def middle(values: Array) -> float:
        with np.errstate(divide="ignore"):
            return float(np.exp(np.log(values).mean()) if geometric else values.mean())

    within = {}
    for name in names:
        own = R[np.ix_(member == name, member == name)]
        within[name] = middle(own[np.triu_indices(len(own), 1)])
    found = np.eye(len(names))
    for i, first in enumerate(names):
        for j in range(i):
            between = middle(R[np.ix_(member == first, member == names[j])].ravel())
            base = np.sqrt(within[first] * within[names[j]])
            found[i, j] = found[j, i] = between / base if base > 0 else np.nan
    return pd.DataFrame(found, index=names, columns=names)


def _pairs(names: list[str], E: Array, places: dict[str, int], table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            i, j = places[first], places[second]
            r = E[i, j] / np.sqrt(E[i, i] * E[j, j])
            low = float(table.loc[[first, second], "ave_standardised"].min())
            rows.append((first, second, r, r**2, low, bool(low > r**2)))
    return pd.DataFrame(rows, columns=["first", "second", *PAIR_COLUMNS])


def _unknown(fit: FactorFit) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = list(fit.factors)
    table = pd.DataFrame(np.nan, index=pd.Index(names, name="factor"), columns=FACTOR_COLUMNS)
    table.insert(0, "n_items", [len(fit.factors[name]) for name in names])
    rows = [(a, b) for place, a in enumerate(names) for b in names[place + 1 :]]
    pairs = pd.DataFrame(rows, columns=["first", "second"]).reindex(
        columns=["first", "second", *PAIR_COLUMNS]
    )
    return table, pairs
