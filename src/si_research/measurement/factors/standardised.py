"""Standardised parameters: what they would be if every variable had a standard deviation of 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from si_research.measurement.factors.implied import implied
from si_research.measurement.factors.structure import Array, Structure


def standardise(model: Structure, theta: Array) -> Array:
    """Return every parameter of the model standardised, in their order; fixed ones too.

    Loadings and regressions by the spread of both ends; variances as the share that nothing predicts;
    covariances as correlations (of residuals, where something predicts them); intercepts by the spread.
    Works for complex parameters too.
    """
    places = {name: place for place, name in enumerate(model.variables)}
    found: Any = np.full(len(model.parameters), np.nan, dtype=theta.dtype)
    for group, layout in enumerate(model.groups):
        here = implied(layout, theta, len(model.observed))
        m: Any = layout.m.astype(theta.dtype)
        m[layout.m_row] = theta[layout.m_index]
        variance, residual = np.diag(here.E), np.diag(here.S)
        with np.errstate(invalid="ignore", divide="ignore"):
            sd, residual_sd = np.sqrt(variance), np.sqrt(residual)
            for number, each in enumerate(model.parameters):
                if each.group != group:
                    continue
                left, right = places[each.left], places[each.right or each.left]
                if each.operator == "=~":
                    found[number] = here.A[right, left] * sd[left] / sd[right]
                elif each.operator == "~":
                    found[number] = here.A[left, right] * sd[right] / sd[left]
                elif each.operator == "~1":
                    found[number] = m[left] / sd[left]
                elif left == right:
                    found[number] = residual[left] / variance[left]
                else:
                    found[number] = here.S[left, right] / (residual_sd[left] * residual_sd[right])
    return np.asarray(found)


def standardised_errors(model: Structure, theta: Array, covariance: Array) -> Array:
    """Return the standard errors of the standardised parameters (delta method, exact derivatives)."""
    step = 1e-30
    moved: Any = theta.astype("complex128")
    slopes = np.empty((len(model.parameters), len(theta)))
    for place in range(len(theta)):
        moved[place] += 1j * step
        slopes[:, place] = standardise(model, moved).imag / step
        moved[place] = theta[place]
    variance = np.einsum("ij,jk,ik->i", slopes, covariance, slopes)
    return np.sqrt(np.where(variance > 1e-20, variance, np.where(np.isnan(variance), np.nan, 0.0)))


def explained(model: Structure, theta: Array) -> dict[tuple[int, str], float]:
    """Return the share of the variance of each predicted variable that the model accounts for."""
    found = {}
    for group, layout in enumerate(model.groups):
        here = implied(layout, theta, len(model.observed))
        predicted = (here.A != 0).any(axis=1)
        for place, name in enumerate(model.variables):
            if predicted[place] and here.E[place, place] > 0:
                found[group, name] = float(1 - here.S[place, place] / here.E[place, place])
    return found
