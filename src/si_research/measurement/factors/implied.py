"""Means and covariances that a model implies, and their derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from si_research.measurement.factors.structure import Array, GroupLayout


@dataclass(frozen=True, slots=True, eq=False)
class Implied:
    """What one group looks like under the model.

    Attributes
    ----------
    S : array, shape (v, v)
        Covariances of the residuals and of what nothing predicts.
    A : array, shape (v, v)
    B : array, shape (v, v)
        (I - A)^-1: total effects.
    E : array, shape (v, v)
        Covariances of all variables, latent ones too.
    u : array, shape (v,)
        Their means.
    n_observed : int
    """

    A: Array
    S: Array
    B: Array
    E: Array
    u: Array
    n_observed: int

    @property
    def sigma(self) -> Array:
        """Covariances of the observed variables."""
        return self.E[..., : self.n_observed, : self.n_observed]

    @property
    def mu(self) -> Array:
        """Means of the observed variables."""
        return self.u[..., : self.n_observed]


def implied(layout: GroupLayout, theta: Array, n_observed: int) -> Implied:
    """Return what the parameters imply; works for complex ones too, and for several sets (the last axis)."""
    several, size = theta.shape[:-1], len(layout.m)
    A, S = (
        np.broadcast_to(each, (*several, size, size)).astype(theta.dtype) for each in (layout.A, layout.S)
    )
    m = np.broadcast_to(layout.m, (*several, size)).astype(theta.dtype)
    A[..., layout.a_row, layout.a_col] = theta[..., layout.a_index]
    S[..., layout.s_row, layout.s_col] = theta[..., layout.s_index]
    S[..., layout.s_col, layout.s_row] = theta[..., layout.s_index]
    m[..., layout.m_row] = theta[..., layout.m_index]
    B: Any = np.linalg.inv(np.eye(size) - A)
    E = B @ S @ np.swapaxes(B, -1, -2)
    return Implied(A=A, S=S, B=B, E=E, u=np.einsum("...ij,...j->...i", B, m), n_observed=n_observed)


def matrix_gradients(model: Implied, G: Array, g: Array) -> tuple[Array, Array, Array]:
    """Return the derivatives with respect to every entry of A, S and m.

    Parameters
    ----------
    model : Implied
    G, g : array, shapes (p, p) and (p,)
        Derivatives with respect to the covariances (symmetric, each entry for itself) and the means.
    """
    p = model.n_observed
    L = model.B[..., :p, :]
    up = np.swapaxes(L, -1, -2)
    pull, mean = up @ G, up @ g
    dA = 2 * pull @ model.E[..., :p, :] + mean[..., :, None] * model.u[..., None, :]
    dS = 2 * pull @ L
    np.einsum("...ii->...i", dS)[...] /= 2
    return dA, dS, mean


def gradient(layout: GroupLayout, model: Implied, G: Array, g: Array, n_free: int) -> Array:
    """Return the derivatives with respect to the free parameters."""
    dA, dS, dm = matrix_gradients(model, G, g)
    total: Array = np.zeros((*dm.shape[:-1], n_free), dtype=dA.dtype)
    last: Any = total.T  # parameters first: several entries may add to one
    _add(last, layout.a_index, dA[..., layout.a_row, layout.a_col].T)
    _add(last, layout.s_index, dS[..., layout.s_row, layout.s_col].T)
    _add(last, layout.m_index, dm[..., layout.m_row].T)
    return total


def derivatives(layout: GroupLayout, model: Implied, n_free: int) -> tuple[Array, Array]:
    """Return the derivatives of covariances and means, shapes (q, p, p) and (q, p)."""
    p = model.n_observed
    L, E = model.B[:p], model.E[:, :p]
    d_sigma, d_mu = np.zeros((n_free, p, p)), np.zeros((n_free, p))
    halves = L.T[layout.a_row, :, None] * E[layout.a_col, None, :]
    _add(d_sigma, layout.a_index, halves + halves.transpose(0, 2, 1))
    _add(d_mu, layout.a_index, L.T[layout.a_row] * model.u[layout.a_col, None])
    halves = L.T[layout.s_row, :, None] * L.T[layout.s_col, None, :]
    halves[layout.s_row == layout.s_col] /= 2
    _add(d_sigma, layout.s_index, halves + halves.transpose(0, 2, 1))
    _add(d_mu, layout.m_index, L.T[layout.m_row])
    return d_sigma, d_mu


def _add(total: Any, places: npt.NDArray[np.intp], values: Array) -> None:
    """Add values to their places; several may go to one, which NumPy does far more slowly."""
    if len(np.unique(places)) == len(places):
        total[places] += values
    else:
        np.add.at(total, places, values)


def curvature(layout: GroupLayout, theta: Array, G: Array, g: Array, n_observed: int) -> Array:
    """Return what the second derivatives of covariances and means add to a Hessian, shape (q, q).

    Differentiated along the imaginary axis (Squire & Trapp 1998, https://doi.org/10.1137/S003614459631241X),
    which is exact to rounding. 0 where no effect is free: covariances and means are then linear.
    """
    q = len(theta)
    total = np.zeros((q, q))
    if not len(layout.a_index):
        return total
    own = np.unique(np.concatenate([layout.a_index, layout.s_index, layout.m_index]))
    step = 1e-30
    moved: Any = theta + 1j * step * np.eye(q)[own]
    total[own] = gradient(layout, implied(layout, moved, n_observed), G, g, q).imag / step
    return (total + total.T) / 2
