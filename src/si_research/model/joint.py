"""The joint test: do the products, all together, add anything when curvature is allowed for?"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.arguments import check_draws
from si_research.model.design import product_terms, term_name
from si_research.model.inference import LeastSquares, jackknife_changes, without
from si_research.model.interaction import InteractionFit, check_one_table, fit_with_squares
from si_research.model.steps import classical_f, robust_wald
from si_research.model.wild_bootstrap import bootstrap_p_value, bootstrap_wald, firm_weights

HC3: Final = "Wald, HC3"
WILD: Final = "wild cluster bootstrap Wald"
HOTELLING: Final = "Hotelling, CR3 jackknife"


@dataclass(frozen=True, slots=True, eq=False)
class JointTest:
    """The test that all products are 0, squares of the predictors in both models.

    Attributes
    ----------
    terms, squares : tuple of str
    null : str
    method : str
        The recommended form, whose p is ``p_value``.
    p_value : float
        Missing where ``note`` says so.
    mc_error : float
        Standard error of ``p_value`` from the finite number of draws; 0 without draws.
    n_draws, seed : int
        0 draws without firms.
    r2_gain : float
        What the products add to R² when the squares are there.
    tests : pandas.DataFrame, indexed by ``method``
        statistic, df, df_residual, p_value, recommended. Hotelling's form is missing where a single firm
        decides one of the terms.
    note : str
        Empty, or ``too_few_clusters``: no more firms than terms, so that no valid p exists and ``p_value`` is
        missing, which is not the same as finding nothing; ``cluster_identifies_term``: a single firm decides
        one of the products, or the terms beside them, so that Hotelling's form is missing and the bootstrap
        finds nothing whatever is there; ``no_variance``: the terms leave nothing to test with.
    """

    terms: tuple[str, ...]
    squares: tuple[str, ...]
    null: str
    method: str
    p_value: float
    mc_error: float
    n_draws: int
    seed: int
    r2_gain: float
    tests: pd.DataFrame = field(repr=False)
    note: str

    def table(self) -> pd.DataFrame:
        """Return a copy of the tests."""
        return self.tests.copy()

    def __str__(self) -> str:
        note = f"; {self.note}" if self.note else ""
        return f"{self.null}\np = {self.p_value:.4f} ({self.method}{note})\n{self.tests.round(4).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.null)}</p>{self.tests.round(4).to_html()}"


def joint_test(fit: InteractionFit, *, draws: int = 1999, seed: int) -> JointTest:
    """Test all products together, with the squares of the predictors in both models.

    This is the test to lead with: with a true product world and 2,000 people it finds the combination
    in more than nine of ten samples, where the three-way coefficient finds it in one of ten. Without the
    squares it would take curved main effects for a combination.

    Parameters
    ----------
    fit : InteractionFit
    draws : int, at least 199
        Bootstrap draws, used when the fit has firms.
    seed : int
        Where the draws start.

    Returns
    -------
    JointTest
        Over people: Wald F with HC3 (recommended) and the classical F. Over firms: the wild cluster bootstrap
        of the Wald statistic, null imposed (recommended), and Hotelling's form of the jackknife Wald test;
        never the plain F(q, G - 1), which rejects a true null in one of six samples of 12 firms.

    Raises
    ------
    ModelSpecificationError
        For a pooled fit, fewer than 199 draws, or a seed that is not a whole number.

    Notes
    -----
    H0: all products are 0, y = controls + mains + squares. W = b'V^-1 b of the products; bootstrap p =
    (1 + draws with W* >= W)/(1 + draws), where W* rests on the residuals under H0, those of a whole firm
    times one random weight, V the CR1 covariance. Hotelling: W·(G - q)/((G - 1)·q) on F(q, G - q), V of the
    jackknife.

    References
    ----------
    Cameron, Gelbach & Miller (2008), https://doi.org/10.1162/rest.90.3.414.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> from si_research.model.interaction import fit_interaction
    >>> fit = fit_interaction(simulate_scores(400, three_way=0.0, seed=1))
    >>> list(joint_test(fit, seed=1).tests.index)
    ['Wald, HC3', 'classical F']
    """
    check_one_table(fit, "joint_test", "read its `joint`, which has the pooled test")
    check_draws(draws, seed, 1999, "joint_test")
    model = fit_with_squares(fit)
    terms = tuple(term_name(parts) for parts in product_terms(fit.predictors))
    places = [model.terms.index(term) for term in terms]
    gain = model.r2 - without(model, places).r2
    over_people = fit.cluster is None
    method = HC3 if over_people else WILD
    tests = _over_people(model, places, gain) if over_people else _over_firms(model, places, draws, seed)
    tests["recommended"] = tests.index == method
    p = float(tests["p_value"][method])
    return JointTest(
        terms=terms,
        squares=fit.squares,
        null=f"the coefficients of {', '.join(terms)} are all 0",
        method=method,
        p_value=p,
        mc_error=0.0 if over_people else float(np.sqrt(p * (1 - p) / draws)),
        n_draws=0 if over_people else draws,
        seed=seed,
        r2_gain=gain,
        tests=tests,
        note=_note(model, places, p),
    )


def _note(model: LeastSquares, places: list[int], p: float) -> str:
    """Return why the test has no p, or why its p says little."""
    if model.clusters is not None and model.n_clusters <= len(places):
        return "too_few_clusters"
    if model.clusters is not None and jackknife_changes(model)[1][:, places].any():
        return "cluster_identifies_term"
    return "no_variance" if np.isnan(p) else ""


def _over_people(model: LeastSquares, places: list[int], gain: float) -> pd.DataFrame:
    robust, classical = robust_wald(model, places, "HC3"), classical_f(model, len(places), gain)
    return _as_tests({HC3: robust, "classical F": classical})


def _over_firms(model: LeastSquares, places: list[int], draws: int, seed: int) -> pd.DataFrame:
    statistic, drawn = bootstrap_wald(model, places, firm_weights(model.n_clusters, draws, seed))
    wild = (statistic, len(places), np.nan, bootstrap_p_value(statistic, drawn))
    return _as_tests({WILD: wild, HOTELLING: robust_wald(model, places, "CR3 jackknife")})


def _as_tests(rows: dict[str, tuple[float, float, float, float]]) -> pd.DataFrame:
    columns = ["statistic", "df", "df_residual", "p_value"]
    tests = pd.DataFrame.from_dict(rows, orient="index", columns=columns).astype("float64")
    tests.index.name = "method"
    return tests
