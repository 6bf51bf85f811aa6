"""A model of observed and latent variables as a list of parameters, and the matrices they stand in.

Every model here is v = A v + u, with v the observed variables followed by the latent ones: A holds loadings
and regressions, S the covariances of u, m its means (the reticular form of McArdle & McDonald 1984,
https://doi.org/10.1111/j.2044-8317.1984.tb00802.x). A factor model, a measurement model in several groups and
a regression among latent variables are the same thing, with other parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Operator = Literal["=~", "~", "~~", "~1"]
MATRICES: Final[dict[Operator, str]] = {"=~": "A", "~": "A", "~~": "S", "~1": "m"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One entry of a model.

    Attributes
    ----------
    left, operator, right : str
        As lavaan writes it: ``factor =~ item`` a loading, ``y ~ x`` a regression, ``a ~~ b`` a (residual)
        covariance, ``a ~1`` a mean or intercept (right is empty).
    group : int
        Number of the group, from 0.
    fixed : float or None
        Its value where it is not estimated.
    label : str
        Free parameters with the same label are one parameter; empty for one of its own.
    start : float or None
        Where the search begins; None lets the data say.
    """

    left: str
    operator: Operator
    right: str = ""
    group: int = 0
    fixed: float | None = None
    label: str = ""
    start: float | None = None

    @property
    def term(self) -> str:
        """The parameter as it is written."""
        return f"{self.left} {self.operator} {self.right}".strip()


@dataclass(frozen=True, slots=True, eq=False)
class GroupLayout:
    """Where the parameters of one group stand: fixed matrices, and the places of what is free."""

    A: Array
    S: Array
    m: Array
    a_row: npt.NDArray[np.intp]
    a_col: npt.NDArray[np.intp]
    a_index: npt.NDArray[np.intp]
    s_row: npt.NDArray[np.intp]
    s_col: npt.NDArray[np.intp]
    s_index: npt.NDArray[np.intp]
    m_row: npt.NDArray[np.intp]
    m_index: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """A model that can be fitted. Made by :func:`structure`.

    Attributes
    ----------
    observed, latent : tuple of str
    parameters : tuple of Parameter
        In the order of tables.
    index : array of int, one a parameter
        Number of the free parameter, or -1.
    groups : tuple of GroupLayout
    n_free : int
    mean_structure : bool
        Without it the means are those of the sample, and count for nothing.
    """

    observed: tuple[str, ...]
    latent: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    index: npt.NDArray[np.intp] = field(repr=False)
    groups: tuple[GroupLayout, ...] = field(repr=False)
    n_free: int
    mean_structure: bool

    @property
    def variables(self) -> tuple[str, ...]:
        """Observed, then latent variables: the order of the rows of A, S and m."""
        return self.observed + self.latent

    def moments(self) -> int:
        """Number of means, variances and covariances in the data."""
        p = len(self.observed)
        return len(self.groups) * (p * (p + 1) // 2 + (p if self.mean_structure else 0))


def structure(
    observed: Sequence[str],
    latent: Sequence[str],
    parameters: Sequence[Parameter],
    *,
    means: Sequence[Array] | None = None,
    n_groups: int = 1,
) -> Structure:
    """Lay a list of parameters out in matrices.

    Parameters
    ----------
    observed, latent : sequence of str
    parameters : sequence of Parameter
        What is not named is 0.
    means : sequence of array, or None
        Sample means of each group for a model without mean structure; None where the model has means.
    n_groups : int
    """
    index = _numbers(parameters)
    places = {name: place for place, name in enumerate([*observed, *latent])}
    size = len(places)
    groups = []
    for group in range(n_groups):
        A, S, m = np.zeros((size, size)), np.zeros((size, size)), np.zeros(size)
        if means is not None:
            m[: len(observed)] = means[group]
        free: dict[str, list[tuple[int, int, int]]] = {"A": [], "S": [], "m": []}
        for parameter, number in zip(parameters, index, strict=True):
            if parameter.group != group:
                continue
            row, col = _place(parameter, places)
            if number >= 0:
                free[MATRICES[parameter.operator]].append((row, col, int(number)))
            else:
                _put(A, S, m, parameter, row, col)
        groups.append(_layout(A, S, m, free))
    return Structure(
        observed=tuple(observed),
        latent=tuple(latent),
        parameters=tuple(parameters),
        index=index,
        groups=tuple(groups),
        n_free=int(index.max(initial=-1)) + 1,
        mean_structure=means is None,
    )


def _numbers(parameters: Sequence[Parameter]) -> npt.NDArray[np.intp]:
    labels: dict[str, int] = {}
    numbers, count = [], 0
    for parameter in parameters:
        if parameter.fixed is not None:
            numbers.append(-1)
        elif parameter.label and parameter.label in labels:
            numbers.append(labels[parameter.label])
        else:
            numbers.append(count)
            if parameter.label:
                labels[parameter.label] = count
            count += 1
    return np.array(numbers, dtype=np.intp)


def _place(parameter: Parameter, places: dict[str, int]) -> tuple[int, int]:
    """Return row and column: of the effect of the column on the row, in A."""
    left = places[parameter.left]
    right = places[parameter.right] if parameter.right else left
    return (right, left) if parameter.operator == "=~" else (left, right)


def _put(A: Array, S: Array, m: Array, parameter: Parameter, row: int, col: int) -> None:
    value = 0.0 if parameter.fixed is None else parameter.fixed
    if parameter.operator == "~1":
        m[row] = value
    elif parameter.operator == "~~":
        S[row, col] = S[col, row] = value
    else:
        A[row, col] = value


def _layout(A: Array, S: Array, m: Array, free: dict[str, list[tuple[int, int, int]]]) -> GroupLayout:
    a, s, mean = (np.array(free[name], dtype=np.intp).reshape(-1, 3) for name in ("A", "S", "m"))
    return GroupLayout(
        A=A,
        S=S,
        m=m,
        a_row=a[:, 0],
        a_col=a[:, 1],
        a_index=a[:, 2],
        s_row=s[:, 0],
        s_col=s[:, 1],
        s_index=s[:, 2],
        m_row=mean[:, 0],
        m_index=mean[:, 2],
    )
