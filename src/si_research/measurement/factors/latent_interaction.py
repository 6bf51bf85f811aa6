"""The three-way interaction among factors, so that measurement error is no part of the product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import combinations, product
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.measurement.factors.answers import numbers_of, prepared
from si_research.measurement.factors.confirmatory import fit_structure, normal_tests
from si_research.measurement.factors.factor_fit import Estimator, FactorFit, Status
from si_research.measurement.factors.factor_model import Factors, checked_factors
from si_research.measurement.factors.structure import Operator, Parameter, Structure, structure

Parts = tuple[str, ...]
COLUMNS: Final = [
    *("term", "estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"),
    "standardised",
]


@dataclass(frozen=True, slots=True, eq=False)
class LatentInteraction:
    """What factors and their products do to a factor. Made by :func:`fit_latent_interaction`.

    Attributes
    ----------
    effects : pandas.DataFrame
        term, estimate, std_error, statistic, df, p_value, conf_low, conf_high, standardised (change of the
        outcome in its standard deviations when each factor of the term has a standard deviation of 1).
    fit : FactorFit
        The whole model; where its ``status`` is not "estimated" the effects are missing or not to be used.
    n_rows, n_used : int
    """

    effects: pd.DataFrame = field(repr=False)
    fit: FactorFit
    n_rows: int
    n_used: int

    @property
    def status(self) -> Status:
        """That of the whole model."""
        return self.fit.status

    @property
    def usable(self) -> bool:
        """Whether the figures may be used."""
        return self.fit.usable

    @property
    def conf_level(self) -> float:
        """Coverage of the intervals."""
        return self.fit.conf_level

    def table(self) -> pd.DataFrame:
        """Return a copy of the effects."""
        return self.effects.copy()

    def __str__(self) -> str:
        return f"{self.fit}\n{self.effects.round(3).to_string(index=False)}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self.fit))}</pre>{self.effects.round(3).to_html(index=False)}"


def product_indicators(answers: pd.DataFrame, factors: Factors) -> pd.DataFrame:
    """Return the centred items of the factors and the matched products of each pair and of all three.

    Parameters
    ----------
    answers : pandas.DataFrame
        Rows with all items are used.
    factors : mapping of str to sequence of str
        The first item of one factor goes with the first of another, and so on, as far as the shortest goes.

    Returns
    -------
    pandas.DataFrame
        Items with mean 0; then the products (``k1.w1``, ..., ``k1.w1.m1``, ...), with mean 0 again.

    Notes
    -----
    Double mean centring: without it the product of two centred items has the mean of their covariance.

    References
    ----------
    Lin, Wen, Marsh & Lin (2010), https://doi.org/10.1080/10705511.2010.488999.
    """
    items = [item for each in factors.values() for item in each]
    centred = answers[items].astype("float64").dropna()
    centred = centred - centred.mean()
    columns = {}
    for parts in product_parts(list(factors)):
        for matched in zip(*(factors[name] for name in parts), strict=False):
            multiplied = centred[list(matched)].prod(axis=1)
            columns[".".join(matched)] = multiplied - multiplied.mean()
    return pd.concat([centred, pd.DataFrame(columns, index=centred.index)], axis=1)


def product_parts(names: list[str]) -> list[Parts]:
    """Return the pairs, and then all three together."""
    return [parts for size in range(2, len(names) + 1) for parts in combinations(names, size)]


def fit_latent_interaction(
    answers: pd.DataFrame,
    factors: Factors,
    outcome: Factors,
    *,
    estimator: Estimator = "MLR",
    shared_items: bool = True,
    parts_unrelated: bool = False,
    conf_level: float = 0.95,
) -> LatentInteraction:
    """Fit the outcome on factors and all their products, by product indicators.

    Use it beside the interaction of scale scores: measurement error makes the products of scores too small,
    that of factors not. It needs many respondents (a thousand for three factors), and answers that are not
    far from normal; where it is not found, that says nothing about the interaction.

    Parameters
    ----------
    answers : pandas.DataFrame
        Keyed answers; rows with all items of factors and outcome are used.
    factors : mapping of str to sequence of str
        Two or three factors.
    outcome : mapping of str to sequence of str
        One factor.
    estimator : {"MLR", "ML"}
        Products are never normal: MLR allows for it.
    shared_items : bool
        Whether residuals go together where two indicators share an item and factors go together (k1.w1 and
        k1.m1; k1 and k1.w1.m1). Without it the three-way effect came out a quarter too small in simulation.
    parts_unrelated : bool
        Whether a product is set to be unrelated to the factors and products that it holds, as semTools'
        examples have it. Less to estimate, but wrong for factors that are skewed, and for three factors that
        go together (then kunnen and kunnen:willen:mogen are related however normal they are).
    conf_level : float, in (0, 1)

    Returns
    -------
    LatentInteraction

    Raises
    ------
    SurveyDataError
        As :func:`~si_research.measurement.factors.confirmatory.fit_factors`.
    ModelSpecificationError
        For another number of factors, or names that are taken.

    Notes
    -----
    Unconstrained product indicators, matched and double-mean-centred (:func:`product_indicators`).
    Standardised: b·(product of the factors' standard deviations)/sd(outcome).

    References
    ----------
    Marsh, Wen & Hau (2004), https://doi.org/10.1037/1082-989X.9.3.275; Wen, Marsh & Hau (2010),
    https://doi.org/10.1080/10705510903438872.
    """
    named, target = checked_parts(factors, outcome)
    own = next(iter(target.values()))
    asked = [item for each in (named | target).values() for item in each]
    complete = pd.DataFrame(numbers_of(answers, asked), columns=asked).dropna()
    data = pd.concat([product_indicators(complete, named), complete[list(own)]], axis=1)
    measured = named | _products(named) | target
    items = [item for each in measured.values() for item in each]
    offered = prepared(data, items, "listwise")
    model = latent_model(
        measured,
        list(named),
        next(iter(target)),
        shared_items=shared_items,
        parts_unrelated=parts_unrelated,
        data=data,
    )
    fit = fit_structure(
        model, measured, offered, estimator=estimator, missing="listwise", conf_level=conf_level
    )
    return LatentInteraction(effects=_effects(fit), fit=fit, n_rows=len(answers), n_used=fit.n_used)


def latent_simple_slopes(
    found: LatentInteraction,
    focal: str,
    moderators: Mapping[str, Sequence[float]],
    *,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Return the slope of one factor at values of the others.

    Parameters
    ----------
    found : LatentInteraction
    focal : str
        The factor whose slope is meant.
    moderators : mapping of str to sequence of float
        Each other factor -> values, in its own unit (that of its first item), 0 at its mean.
    conf_level : float, in (0, 1)

    Returns
    -------
    pandas.DataFrame
        A column a moderator, then estimate, std_error, statistic, df, p_value, conf_low, conf_high; a row a
        combination of values, the first moderator slowest. Missing where the fit is not usable.
    """
    model, names = found.fit.engine.likelihood.model, list(moderators)
    others = {part for term in found.effects["term"] for part in term.split(":")} - {focal}
    if focal not in set(found.effects["term"]) or others != set(names):
        raise ModelSpecificationError(
            expected="a factor of the model, and values for each of the others",
            found=f"{focal!r}, with {', '.join(map(repr, names))}",
            where="moderators",
            todo=f"name all of {', '.join(sorted(map(repr, others)))}",
        )
    at = pd.DataFrame(list(product(*moderators.values())), columns=names, dtype="float64")
    weights = np.zeros((len(at), model.n_free))
    for each, number in zip(model.parameters, model.index, strict=True):
        if each.operator == "~" and focal in (parts := each.right.split(":")):
            weights[:, number] = at[[part for part in parts if part != focal]].prod(axis=1)
    theta = found.fit.engine.solution.theta if found.fit.usable else np.full(model.n_free, np.nan)
    variance = np.einsum("ij,jk,ik->i", weights, found.fit.engine.covariance, weights)
    return pd.concat([at, normal_tests(weights @ theta, np.sqrt(variance), conf_level)], axis=1)


def in_points_of_scales(found: LatentInteraction, *, conf_level: float = 0.95) -> pd.DataFrame:
    """Return the effects in points of the scale scores, to stand beside coefficients of scores.

    A factor is counted in points of its first item; the mean of the items moves less than a first item that
    measures well. Effects are multiplied by the mean loading of the outcome over those of the factors of the
    term.

    Parameters
    ----------
    found : LatentInteraction
    conf_level : float, in (0, 1)

    Returns
    -------
    pandas.DataFrame
        term, estimate, std_error (delta method), statistic, df, p_value, conf_low, conf_high. Missing where
        the fit is not usable.
    """
    model, effects = found.fit.engine.likelihood.model, found.effects
    theta = found.fit.engine.solution.theta if found.fit.usable else np.full(model.n_free, np.nan)
    values = [
        theta[number] if each.fixed is None else each.fixed
        for each, number in zip(model.parameters, model.index, strict=True)
    ]
    loadings: dict[str, list[int]] = {}
    for place, each in enumerate(model.parameters):
        if each.operator == "=~":
            loadings.setdefault(each.left, []).append(place)
    mean = {name: float(np.mean([values[place] for place in places])) for name, places in loadings.items()}
    estimates, errors = [], []
    for place, each in enumerate(model.parameters):
        if each.operator != "~":
            continue
        parts = each.right.split(":")
        unit = mean[each.left] / float(np.prod([mean[part] for part in parts]))
        slope = np.zeros(model.n_free)
        slope[model.index[place]] = unit
        for name, sign in [(each.left, 1.0), *((part, -1.0) for part in parts)]:
            for other in loadings[name]:
                if model.index[other] >= 0:
                    share = sign * values[place] * unit / mean[name] / len(loadings[name])
                    slope[model.index[other]] += share
        estimates.append(values[place] * unit)
        errors.append(float(np.sqrt(slope @ found.fit.engine.covariance @ slope)))
    tests = normal_tests(np.array(estimates), np.array(errors), conf_level)
    return pd.concat([effects[["term"]], tests], axis=1)


def latent_model(
    measured: Mapping[str, tuple[str, ...]],
    names: list[str],
    outcome: str,
    *,
    shared_items: bool,
    parts_unrelated: bool,
    data: pd.DataFrame,
) -> Structure:
    """Return the model: measurement of factors and products, covariances, and the regression on them."""
    predictors = [name for name in measured if name != outcome]
    parts = {name: frozenset((name,)) for name in names}
    parts |= {":".join(each): frozenset(each) for each in product_parts(names)}
    parameters = [
        Parameter(factor, "=~", item, fixed=1.0 if place == 0 else None)
        for factor, items in measured.items()
        for place, item in enumerate(items)
    ]
    parameters += [Parameter(outcome, "~", name) for name in predictors]
    items = [item for each in measured.values() for item in each]
    parameters += [Parameter(name, "~~", name) for name in [*items, *measured]]
    parameters += [
        Parameter(
            first, "~~", second, fixed=0.0 if parts_unrelated and parts[first] < parts[second] else None
        )
        for first, second in combinations(predictors, 2)
    ]
    if shared_items:
        parameters += [Parameter(*pair) for pair in _sharing({name: measured[name] for name in names})]
    markers = {each[0] for each in measured.values()}
    parameters += [Parameter(item, "~1", fixed=0.0 if item in markers else None) for item in items]
    means = {name: float(data[each[0]].mean()) for name, each in measured.items()}
    parameters += [Parameter(name, "~1", start=means[name]) for name in measured]
    return structure(items, list(measured), parameters)


def _sharing(named: Mapping[str, tuple[str, ...]]) -> list[tuple[str, Operator, str]]:
    """Return pairs of indicators whose residuals have an error in common: e² times two other factors."""
    held = {item: frozenset((item,)) for items in named.values() for item in items}
    for parts in product_parts(list(named)):
        for matched in zip(*(named[name] for name in parts), strict=False):
            held[".".join(matched)] = frozenset(matched)
    return [
        (first, "~~", second)
        for first, second in combinations(held, 2)
        if held[first] & held[second] and len(held[first] ^ held[second]) == 2
    ]


def checked_parts(
    factors: Factors, outcome: Factors
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return the factors and the outcome with their items, or refuse them."""
    if len(factors) not in (2, 3) or len(outcome) != 1:
        raise ModelSpecificationError(
            expected="two or three factors, and one outcome",
            found=f"{len(factors)} and {len(outcome)}",
            where="factors, outcome",
            todo="name the factors whose products are meant",
        )
    both = checked_factors({**factors, **outcome})
    if len(both) != len(factors) + 1 or any(":" in name for name in both):
        raise ModelSpecificationError(
            expected="an outcome that is no factor, and names without a colon",
            found=", ".join(map(repr, [*factors, *outcome])),
            where="factors, outcome",
            todo="rename them",
        )
    return {name: both[name] for name in factors}, {name: both[name] for name in outcome}


def _products(named: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {
        ":".join(parts): tuple(".".join(each) for each in zip(*(named[name] for name in parts), strict=False))
        for parts in product_parts(list(named))
    }


def _effects(fit: FactorFit) -> pd.DataFrame:
    table = fit.estimates[fit.estimates["operator"] == "~"].copy()
    table["term"] = table["right"]
    table["standardised"] = np.nan
    if fit.usable:
        engine = fit.engine
        here = engine.likelihood.implied(engine.solution.theta)[0]
        places = {name: place for place, name in enumerate(engine.likelihood.model.variables)}
        sd = np.sqrt(np.diag(here.E))
        spread = [np.prod([sd[places[name]] for name in term.split(":")]) for term in table["term"]]
        table["standardised"] = table["estimate"] * spread / sd[places[str(table["left"].iloc[0])]]
    return table[COLUMNS].reset_index(drop=True)
