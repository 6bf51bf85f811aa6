"""What an imputation gives: completed tables, and how the chains that filled them went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.design import Roles
from si_research.model.fit_notes import Note

Array = npt.NDArray[np.float64]
CONVERGED: Final = 1.10
"""R-hat up to which the chains count as alike."""


@dataclass(frozen=True, slots=True, eq=False)
class ImputedScores:
    """Scores with their holes filled several times. Made by :func:`impute_scores`.

    Attributes
    ----------
    roles : Roles
        Outcome, predictors, controls and firm.
    squares : tuple of str
        Predictors whose square is in the outcome model that the imputation fits.
    rows : pandas.DataFrame
        The rows that take part, with their holes.
    draws : Mapping of str to pandas.DataFrame
        By column with holes: a row a hole (index as in ``rows``), a column an imputation, numbered from 1.
    n_rows, n_used, n_complete : int
        Rows offered, taking part, and without holes.
    left_out : pandas.Series
        Rows left out, by cause; sums to ``n_rows - n_used``. A score that is absent by design
        (``mogen: not_asked``) is never filled.
    n_imputations, iterations, seed : int
        Completed tables; iterations of each chain before its last values were taken.
    variables : pandas.DataFrame, indexed by ``variable``
        n_missing, share_missing, mean_observed, mean_imputed, std_dev_observed, std_dev_imputed, and how many
        imputed values (over all tables) lie outside the response format: n_below, n_above.
    trace : pandas.DataFrame
        imputation, iteration, quantity, value: mean and standard deviation of what is filled in each column,
        and the highest-order product, as drawn.
    convergence : pandas.DataFrame, indexed by ``quantity``
        r_hat and n_iterations it rests on (the second half).
    n_on_grid : int
        Values that were drawn on a grid because no proposal was accepted.
    notes : tuple of Note
    """

    roles: Roles
    squares: tuple[str, ...]
    rows: pd.DataFrame = field(repr=False)
    draws: Mapping[str, pd.DataFrame] = field(repr=False)
    n_rows: int
    n_used: int
    n_complete: int
    left_out: pd.Series
    n_imputations: int
    iterations: int
    seed: int
    variables: pd.DataFrame = field(repr=False)
    trace: pd.DataFrame = field(repr=False)
    convergence: pd.DataFrame = field(repr=False)
    n_on_grid: int
    notes: tuple[Note, ...]

    def completed(self, number: int) -> pd.DataFrame:
        """Return one completed table; ``number`` from 1 to ``n_imputations``."""
        if not 1 <= number <= self.n_imputations:
            raise ModelSpecificationError(
                expected=f"a number from 1 to {self.n_imputations}",
                found=str(number),
                where="number of the completed table",
                todo="count the imputations from 1",
            )
        filled = {name: self.rows[name].fillna(draws[number]) for name, draws in self.draws.items()}
        return self.rows.assign(**filled)

    def tables(self) -> Iterator[pd.DataFrame]:
        """Yield the completed tables one by one."""
        yield from (self.completed(number + 1) for number in range(self.n_imputations))

    def table(self) -> pd.DataFrame:
        """Return a copy of the table of variables."""
        return self.variables.copy()

    def __str__(self) -> str:
        head = (
            f"{self.n_imputations} imputations of {self.n_used} of {self.n_rows} rows "
            f"({self.n_complete} without holes); {self.iterations} iterations, seed {self.seed}; "
            f"largest R-hat {self.convergence['r_hat'].max():.3f}"
        )
        return f"{head}\n{self.variables.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self).splitlines()[0])}</p>{self.variables.round(3).to_html()}"


def r_hat(values: Array) -> Array:
    """Return how much more the chains differ than they would if all had forgotten where they began.

    Parameters
    ----------
    values : array, shape (iterations, chains, quantities)

    Returns
    -------
    array, shape (quantities,)
        About 1 when the chains are alike; missing with one chain or fewer than two iterations.

    Notes
    -----
    The root of ((n - 1)/n·W + B/n)/W, W the mean variance within chains, B/n the variance of their means.

    References
    ----------
    Gelman & Rubin (1992), https://doi.org/10.1214/ss/1177011136.

    Examples
    --------
    >>> chains = np.random.default_rng(1).normal(size=(200, 10, 1))
    >>> r_hat(chains).round(2).tolist(), r_hat(chains + np.arange(10)[:, None]).round(1).tolist()
    ([1.0], [3.2])
    """
    n, m = values.shape[:2]
    if n < 2 or m < 2:
        return np.full(values.shape[2], np.nan)
    within = values.var(axis=0, ddof=1).mean(axis=0)
    between = values.mean(axis=0).var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt((n - 1) / n + between / within))


def convergence_table(traced: Array, quantities: list[str]) -> pd.DataFrame:
    """Return R-hat of each quantity over the second half of the iterations.

    A quantity that never moves, such as the spread of one single value, has none and is left out.
    """
    half = traced[len(traced) // 2 :]
    index = pd.Index(quantities, name="quantity")
    table = pd.DataFrame({"r_hat": r_hat(half), "n_iterations": len(half)}, index=index)
    moving: pd.DataFrame = table[np.ptp(half, axis=(0, 1)) > 0]
    return moving


def trace_table(traced: Array, quantities: list[str]) -> pd.DataFrame:
    """Return a row for each iteration, imputation and quantity, from shape (iterations, m, quantities)."""
    iterations, m, _ = traced.shape
    index = pd.MultiIndex.from_product(
        [range(1, iterations + 1), range(1, m + 1), quantities], names=["iteration", "imputation", "quantity"]
    )
    return pd.DataFrame({"value": traced.ravel()}, index=index).reset_index()


def describe_draws(
    rows: pd.DataFrame, draws: Mapping[str, pd.DataFrame], ranges: Mapping[str, tuple[float, float]]
) -> pd.DataFrame:
    """Return what is known of each column with holes, and of what was filled in."""
    table = []
    for name, drawn in draws.items():
        low, high = ranges.get(name, (np.nan, np.nan))
        values, known = drawn.to_numpy(), rows[name].dropna()
        table.append(
            {
                "variable": name,
                "n_missing": len(drawn),
                "share_missing": len(drawn) / len(rows),
                "mean_observed": known.mean(),
                "mean_imputed": values.mean(),
                "std_dev_observed": known.std(),
                "std_dev_imputed": values.std(axis=0, ddof=1).mean() if len(drawn) > 1 else np.nan,
                "n_below": int((values < low).sum()),
                "n_above": int((values > high).sum()),
            }
        )
    return pd.DataFrame(table).set_index("variable")
