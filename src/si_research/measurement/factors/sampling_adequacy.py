"""Do the items go together enough to look for factors in them?"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.measurement.factors.answers import prepared


@dataclass(frozen=True, slots=True, eq=False)
class SamplingAdequacy:
    """Kaiser's measure and Bartlett's test. Made by :func:`sampling_adequacy`.

    Attributes
    ----------
    overall : float
        0 to 1; below .50 there is nothing to find (Kaiser), from .80 it is good.
    items : pandas.Series, indexed by ``item``
        The same for each item.
    chi_square, df, p_value : float
        Bartlett's test of no correlation at all.
    n_rows, n_used : int
    """

    overall: float
    items: pd.Series = field(repr=False)
    chi_square: float
    df: float
    p_value: float
    n_rows: int
    n_used: int

    def table(self) -> pd.DataFrame:
        """Return one row an item: item, adequacy."""
        return self.items.rename("adequacy").reset_index()

    def __str__(self) -> str:
        return (
            f"sampling adequacy {self.overall:.3f}; chi-square({self.df:.0f}) = {self.chi_square:.2f}, "
            f"p = {self.p_value:.4f}; n = {self.n_used} of {self.n_rows}"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>{self.table().round(3).to_html(index=False)}"


def sampling_adequacy(answers: pd.DataFrame) -> SamplingAdequacy:
    """Return the Kaiser-Meyer-Olkin measure and Bartlett's test of sphericity.

    Use it before an exploration: it says whether correlations are there at all, and whether they are more
    than pairs of items that share something of their own. It says nothing on how many factors there are.

    Parameters
    ----------
    answers : pandas.DataFrame
        Items; rows with all of them are used.

    Returns
    -------
    SamplingAdequacy

    Raises
    ------
    SurveyDataError
        As :func:`~si_research.measurement.factors.confirmatory.fit_factors`; for fewer than two items.

    Notes
    -----
    Sum of squared correlations over that sum plus the squared partial correlations (given all other items).
    Bartlett: -(n - 1 - (2p + 5)/6)·ln|R| with p(p - 1)/2 degrees of freedom; with many people it rejects
    whatever the answers.

    References
    ----------
    Kaiser (1974), https://doi.org/10.1007/BF02291575; Bartlett (1951),
    https://doi.org/10.1093/biomet/38.3-4.337.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> items = rng.normal(size=(300, 1)) + rng.normal(size=(300, 4))
    >>> round(sampling_adequacy(pd.DataFrame(items, columns=list("abcd"))).overall, 1)
    0.8
    """
    from scipy import stats

    names = [str(name) for name in answers.columns]
    if len(names) < 2:
        raise SurveyDataError(
            expected="two items or more", found=str(len(names)), where="answers", todo="name the items"
        )
    data = prepared(answers, names, "listwise").data[0]
    n, p = data.rows.shape
    R = np.corrcoef(data.rows.T)
    inverse = np.linalg.inv(R)
    partial = inverse / np.sqrt(np.outer(np.diag(inverse), np.diag(inverse)))
    own, rest = (np.where(np.eye(p, dtype=bool), 0.0, each) ** 2 for each in (R, partial))
    chi_square = float(-(n - 1 - (2 * p + 5) / 6) * np.linalg.slogdet(R)[1])
    df = p * (p - 1) / 2
    return SamplingAdequacy(
        overall=float(own.sum() / (own.sum() + rest.sum())),
        items=pd.Series(own.sum(axis=0) / (own.sum(axis=0) + rest.sum(axis=0)), pd.Index(names, name="item")),
        chi_square=chi_square,
        df=df,
        p_value=float(stats.chi2.sf(chi_square, df)),
        n_rows=len(answers),
        n_used=n,
    )
