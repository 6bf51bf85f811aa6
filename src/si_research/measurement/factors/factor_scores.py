"""Factor scores: each respondent's expected place on a factor, given the answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.measurement.factors.factor_fit import FactorFit
from si_research.measurement.factors.moments import padded_inverse


def factor_scores(fit: FactorFit, index: pd.Index) -> pd.DataFrame:
    """Return regression factor scores of the respondents that were fitted.

    Use them to look at people, not as variables of a regression: their spread is smaller than the factor's,
    and how much smaller depends on how well it is measured.

    Parameters
    ----------
    fit : FactorFit
        With ``status`` "estimated".
    index : pandas.Index
        Of the answers that were given to the fit, in their order.

    Returns
    -------
    pandas.DataFrame, indexed by ``index``
        A column a factor; missing where a row took no part. With items missing the score rests on the others.

    Raises
    ------
    ModelSpecificationError
        For a fit that is not usable, or an index of another length.

    Notes
    -----
    E(factor | answers) = mean + C·W·(answers - means), C the covariances of factors with the answered items,
    W the inverse of the covariances of those (Thurstone's regression method).

    References
    ----------
    Thurstone (1935), The vectors of mind; Skrondal & Laake (2001), https://doi.org/10.1007/BF02296196.
    """
    if not fit.usable or len(index) != fit.n_rows:
        raise ModelSpecificationError(
            expected=f"an estimated fit and an index of {fit.n_rows} rows",
            found=f"{fit.status}, {len(index)} rows",
            where="fit",
            todo="see the findings of the fit, and pass the index of the answers that were fitted",
        )
    engine, names = fit.engine, list(fit.factors)
    p = len(engine.likelihood.model.observed)
    scores = np.full((fit.n_rows, len(names)), np.nan)
    groups = engine.likelihood.implied(engine.solution.theta)
    for here, data, positions in zip(groups, engine.answers.data, engine.answers.positions, strict=True):
        places = positions[data.order]
        for block in data.blocks():
            W, _ = padded_inverse(here.sigma, data.answered[block])
            for inverse, kind in zip(W, range(block.start, block.stop), strict=False):
                these = slice(int(data.starts[kind]), int(data.starts[kind + 1]))
                off = np.where(data.answered[kind], data.rows[these] - here.mu, 0.0)
                scores[places[these]] = here.u[p:] + off @ inverse @ here.E[:p, p:]
    return pd.DataFrame(scores, index=index, columns=names)
