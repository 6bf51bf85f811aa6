"""Factors and their items as a model: who loads on what, what is fixed, what is equal between groups."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

from si_research.errors import ModelSpecificationError
from si_research.measurement.factors.structure import Array, Parameter, Structure, structure
from si_research.survey.codebook import Codebook

Unit = Literal["marker", "variance"]
Equal = Literal["loadings", "intercepts", "residuals"]
Factors = Mapping[str, Sequence[str]]
FEWEST_ITEMS: Final = 2


def factors_of(codebook: Codebook, scales: Sequence[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Return the scales of a codebook as factors: name of the scale -> its items.

    Parameters
    ----------
    codebook : Codebook
    scales : sequence of str, or None
        Which scales; None for all that have two items or more. Ready-made scores have no items.
    """
    names = list(codebook.scales) if scales is None else list(scales)
    found = {name: tuple(codebook.items_of(name)) for name in names}
    if scales is None:
        return {name: items for name, items in found.items() if len(items) >= FEWEST_ITEMS}
    return found


def one_factor(factors: Factors, name: str = "all items") -> dict[str, tuple[str, ...]]:
    """Return all items as one factor: the model that several factors must beat."""
    return {name: tuple(item for items in factors.values() for item in items)}


def checked_factors(factors: Factors) -> dict[str, tuple[str, ...]]:
    """Return the factors, each with two items or more and no item twice; else say what is wrong."""
    found = {str(name): tuple(map(str, items)) for name, items in factors.items()}
    short = [name for name, items in found.items() if len(items) < FEWEST_ITEMS]
    if not found or short:
        raise ModelSpecificationError(
            expected="factors with two items or more each",
            found=f"too few items for {', '.join(map(repr, short))}" if short else "no factor",
            where="factors",
            todo="leave the factor out: one item cannot say how well it measures",
        )
    items = [item for each in found.values() for item in each]
    twice = sorted({item for item in items if items.count(item) > 1} | (set(items) & set(found)))
    if twice:
        raise ModelSpecificationError(
            expected="each item in one factor, and no factor named like an item",
            found=", ".join(map(repr, twice)),
            where="factors",
            todo="decide which factor the item measures",
        )
    if len(found) == 1 and len(items) == FEWEST_ITEMS:
        raise ModelSpecificationError(
            expected="three items or more for a single factor",
            found="two: one correlation cannot give two loadings",
            where=f"factor {next(iter(found))!r}",
            todo="use the Spearman-Brown reliability of two items, or fit the factor beside another one",
        )
    return found


def factor_structure(
    factors: Factors,
    *,
    unit: Unit = "marker",
    correlated: bool = True,
    means: Sequence[Array] | None = None,
    n_groups: int = 1,
    equal: Collection[Equal] = (),
) -> Structure:
    """Return the model of correlated factors, each item on one of them.

    Parameters
    ----------
    factors : mapping of str to sequence of str
        Factor -> items.
    unit : {"marker", "variance"}
        What gives a factor its unit: its first item's loading is 1, or its variance is 1.
    correlated : bool
    means : sequence of array, or None
        Sample means of each group, for a model that has none of its own; None gives it intercepts.
    n_groups : int
    equal : collection of str
        What all groups share: ``loadings``, ``intercepts``, ``residuals``. Where intercepts are equal the
        factor means are free from the second group on; where loadings are equal and the unit is the
        variance, the variances are.
    """
    parameters: list[Parameter] = []
    for group in range(n_groups):
        parameters += _loadings(factors, group, unit, "loadings" in equal)
        parameters += _variances(factors, group, unit, equal)
        if correlated:
            parameters += _covariances(list(factors), group)
        if means is None:
            parameters += _means(factors, group, "intercepts" in equal)
    items = [item for each in factors.values() for item in each]
    return structure(items, list(factors), parameters, means=means, n_groups=n_groups)


def _loadings(factors: Factors, group: int, unit: Unit, equal: bool) -> list[Parameter]:
    return [
        Parameter(
            factor,
            "=~",
            item,
            group,
            fixed=1.0 if unit == "marker" and place == 0 else None,
            label=f"{factor} =~ {item}" if equal else "",
        )
        for factor, items in factors.items()
        for place, item in enumerate(items)
    ]


def _variances(factors: Factors, group: int, unit: Unit, equal: Collection[Equal]) -> list[Parameter]:
    label = "residual of " if "residuals" in equal else ""
    residual = [
        Parameter(item, "~~", item, group, label=label and label + item)
        for items in factors.values()
        for item in items
    ]
    free = unit == "marker" or ("loadings" in equal and group > 0)
    return residual + [
        Parameter(factor, "~~", factor, group, fixed=None if free else 1.0) for factor in factors
    ]


def _covariances(names: Sequence[str], group: int) -> list[Parameter]:
    return [
        Parameter(first, "~~", second, group)
        for place, first in enumerate(names)
        for second in names[place + 1 :]
    ]


def _means(factors: Factors, group: int, equal: bool) -> list[Parameter]:
    intercepts = [
        Parameter(item, "~1", "", group, label=f"intercept of {item}" if equal else "")
        for items in factors.values()
        for item in items
    ]
    free = equal and group > 0
    return intercepts + [
        Parameter(factor, "~1", "", group, fixed=None if free else 0.0) for factor in factors
    ]
