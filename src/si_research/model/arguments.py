"""What may be handed to the functions of the model: anything else is refused, in one way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from numbers import Integral, Real
from typing import Any, Final

import numpy as np

from si_research.errors import ModelSpecificationError
from si_research.model.inference import LeastSquares

FEWEST_DRAWS: Final = 199
SHOWN: Final = 40


def as_found(value: object) -> str:
    """Return a value as a message shows it: short ones as they are, others by their kind."""
    text = repr(value)
    plain = value is None or isinstance(value, str | int | float | list | tuple)
    return text if plain and len(text) <= SHOWN else f"a {type(value).__name__}"


def check_level(conf_level: object, where: str = "conf_level") -> None:
    """Refuse a confidence level that is not between 0 and 1."""
    if not (isinstance(conf_level, Real) and 0 < float(conf_level) < 1):
        raise ModelSpecificationError(
            expected="a confidence level between 0 and 1",
            found=as_found(conf_level),
            where=where,
            todo="use 0.95 for 95 per cent",
        )


def check_draws(draws: object, seed: object, usual: int, where: str) -> None:
    """Refuse too few draws, and what is no seed."""
    if not isinstance(draws, Integral) or draws < FEWEST_DRAWS:
        raise ModelSpecificationError(
            expected=f"at least {FEWEST_DRAWS} draws, a whole number",
            found=as_found(draws),
            where=f"`draws` of {where}",
            todo=f"use {usual}",
        )
    check_seed(seed, where)


def check_seed(seed: object, where: str) -> None:
    """Refuse what is no seed: without one nothing could be drawn again."""
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise ModelSpecificationError(
            expected="a seed: a whole number, 0 or above",
            found=as_found(seed),
            where=f"`seed` of {where}",
            todo="choose any, such as 2026, and keep it: it makes the draws come out the same again",
        )


def listed_names(names: object, where: str) -> tuple[str, ...]:
    """Return names as a tuple; one text, which would be read letter by letter, is refused, and so is None."""
    given = (
        None if isinstance(names, str | Mapping | Set) or not isinstance(names, Iterable) else tuple(names)
    )
    if given is None or not all(isinstance(name, str) for name in given):
        raise ModelSpecificationError(
            expected="a list of names",
            found=as_found(names),
            where=where,
            todo="write names in a list, also a single one: ['kunnen']",
        )
    return given


def check_name(name: object, where: str) -> None:
    """Refuse what is not one name."""
    if not isinstance(name, str) or not name:
        raise ModelSpecificationError(
            expected="one name",
            found=as_found(name),
            where=where,
            todo="write the name of one column or term, between quotes",
        )


def listed_points(
    points: object, where: str, *, example: str = "{'willen': [2, 4]}"
) -> dict[str, list[float]]:
    """Return the values that are stated for each name; None is none.

    A single number is refused: whether it is one of several values or an end is not for this function to say.
    """
    if points is None:
        return {}
    if not isinstance(points, Mapping):
        raise ModelSpecificationError(
            expected="values by name", found=as_found(points), where=where, todo=f"write them as in {example}"
        )
    found: dict[str, list[float]] = {}
    for name, values in points.items():
        numbers = _numbers(values)
        if numbers is None or not isinstance(name, str):
            raise ModelSpecificationError(
                expected=f"a list of numbers for {name}",
                found=as_found(values),
                where=where,
                todo=f"write values in a list, also a single one, as in {example}",
            )
        found[name] = numbers
    return found


def _numbers(values: Any) -> list[float] | None:
    """Return values as numbers; None where they are none."""
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        return None
    each = list(values)
    real = all(isinstance(value, Real) and not isinstance(value, bool | np.bool_) for value in each)
    return [float(value) for value in each] if real else None


def ends_of(ends: object, where: str) -> tuple[float, float] | None:
    """Return a low and a high end; None stays None."""
    if ends is None:
        return None
    numbers = _numbers(ends)
    if numbers is None or len(numbers) != 2 or not -np.inf < numbers[0] < numbers[1] < np.inf:
        raise ModelSpecificationError(
            expected="two finite numbers, the lowest and the highest",
            found=as_found(ends),
            where=where,
            todo="give the ends of the response format, as in (1, 5)",
        )
    return numbers[0], numbers[1]


def check_number(value: object, where: str) -> None:
    """Refuse what is not one number."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise ModelSpecificationError(
            expected="a number",
            found=as_found(value),
            where=where,
            todo="give it in scale points, not between quotes",
        )


def check_kind(value: object, kind: type, expected: str, where: str, todo: str) -> None:
    """Refuse an object of another kind than a function takes."""
    if not isinstance(value, kind):
        raise ModelSpecificationError(expected=expected, found=as_found(value), where=where, todo=todo)


def check_options(value: object, options: Sequence[str], where: str) -> None:
    """Refuse a word that is none of the options."""
    if value not in options:
        raise ModelSpecificationError(
            expected=f"one of {', '.join(options)}",
            found=as_found(value),
            where=where,
            todo="choose one of them",
        )


def check_least_squares(fit: object, where: str) -> None:
    """Refuse what is no least squares model, such as the interaction that holds one."""
    todo = "give regress(fit.rows, fit.roles) of a fit of fit_interaction"
    check_kind(fit, LeastSquares, "a least squares model", f"`fit` of {where}", todo)
