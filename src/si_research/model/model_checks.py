"""Checks of the moderated regression: curved main effects, and scores that pile up at an end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import listed_points
from si_research.model.design import product_terms, square_name, term_name
from si_research.model.interaction import InteractionFit, check_one_table, fit_with_squares, regress
from si_research.model.low_and_high import PAIR, turned
from si_research.model.steps import robust_wald
from si_research.survey.check_result import CheckResult

SQUARES: Final = "squares"
WITH_SQUARES: Final = "products, beside squares"
WITHOUT_SQUARES: Final = "products, without squares"
TOO_MANY: Final = 0.15
"""Share of people at one end of a scale above which it is a floor or a ceiling."""
POSSIBLE, OBSERVED = "possible", "observed"


def check_curvature(fit: InteractionFit) -> CheckResult:
    """Tell whether main effects are curved, and whether the products hang on allowing for it.

    Use it beside the joint test: conditions that go together make curved main effects look like products.

    Parameters
    ----------
    fit : InteractionFit

    Returns
    -------
    CheckResult
        Table indexed by ``test`` (squares; products, beside squares; products, without squares): statistic,
        df, df_residual, p_value. Passed when neither the squares are rejected nor the products are judged
        otherwise without them; None where there are no squares (binary predictors) or no test (not more firms
        than terms, or a single firm that decides one).

    Raises
    ------
    ModelSpecificationError
        For a pooled fit.

    Notes
    -----
    H0: the squares of all predictors that are not binary are 0, in the model with all products. Robust Wald
    test, with firms Hotelling's form of that of the jackknife, at 1 - ``conf_level``. A fit without squares
    is not therefore right: with few people a curve goes unseen, which is why the joint test has them anyway.

    References
    ----------
    Ganzach (1997), https://doi.org/10.1037/1082-989X.2.3.235.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> print(check_curvature(fit_interaction(simulate_scores(300, seed=1))).text)
    No sign of curved main effects; the products are judged alike with and without squares.
    """
    check_one_table(fit, "check_curvature")
    curved, plain = fit_with_squares(fit), regress(fit.rows, fit.roles)
    squares = [square_name(name) for name in fit.squares]
    products = [term_name(parts) for parts in product_terms(fit.predictors)]
    asked = [(WITH_SQUARES, curved, products), (WITHOUT_SQUARES, plain, products)]
    if squares:
        asked.insert(0, (SQUARES, curved, squares))
    rows = {
        name: robust_wald(model, [model.terms.index(term) for term in terms], fit.method)
        for name, model, terms in asked
    }
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["statistic", "df", "df_residual", "p_value"]
    ).rename_axis("test")
    alpha = 1 - fit.conf_level
    rejected = {name: bool(p < alpha) for name, p in table["p_value"].items()}
    passed: bool | None = None
    text = "No predictor has a square: all are binary."
    if squares and table["p_value"].isna().any():
        text = "No test of the squares: there are not more firms than terms, or one firm decides a term."
    elif squares:
        bent, turns = rejected[SQUARES], rejected[WITH_SQUARES] != rejected[WITHOUT_SQUARES]
        passed = not bent and not turns
        text = f"{'Main effects are curved' if bent else 'No sign of curved main effects'}; "
        text += f"the products are judged {'otherwise' if turns else 'alike'} with and without squares."
    return CheckResult(
        name="curvature",
        question="Are the main effects straight, or do the products hang on their curves?",
        passed=passed,
        table_=table,
        text=text,
        rule=f"squares not rejected at {alpha:.2f}, and the same answer on the products without them",
    )


def check_ceiling(
    fit: InteractionFit, *, ranges: Mapping[str, tuple[float, float]] | None = None
) -> CheckResult:
    """Tell which scores pile up at their lowest or highest value, which bends every slope near it.

    Parameters
    ----------
    fit : InteractionFit
    ranges : mapping of name to (lowest, highest), optional
        The possible ends of the outcome and the predictors; the lowest and highest score among the rows used
        where not given.

    Returns
    -------
    CheckResult
        Table indexed by ``score``: ``lowest``, ``highest``, ``ends`` (possible or observed), ``n_lowest``,
        ``share_lowest``, ``n_highest``, ``share_highest``, ``n_used``, ``floor``, ``ceiling``. Counts of a
        few people stand in it: a report masks them. Binary predictors are left out.

    Raises
    ------
    ModelSpecificationError
        For a pooled fit, ends of a name that is not in it, turned round, or with scores beyond them.

    Notes
    -----
    A floor or ceiling is more than 15 % of people at that end. Shares are of respondents, not weighted.

    References
    ----------
    Terwee et al. (2007), https://doi.org/10.1016/j.jclinepi.2006.03.012.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> scores = simulate_scores(300, seed=1)
    >>> fit = fit_interaction(scores.assign(kunnen=scores["kunnen"].clip(upper=3.5)))
    >>> print(check_ceiling(fit, ranges={"kunnen": (0.0, 3.5)}).text)
    kunnen has a ceiling.
    """
    check_one_table(fit, "check_ceiling")
    stated = listed_points(ranges, "`ranges` of check_ceiling", example=PAIR)
    names = [name for name in (fit.outcome, *fit.predictors) if name not in fit.squares_left_out]
    _check_ranges(fit, stated)
    scores = fit.rows[names]
    table = pd.DataFrame(
        {
            "lowest": [stated[name][0] if name in stated else float(scores[name].min()) for name in names],
            "highest": [stated[name][1] if name in stated else float(scores[name].max()) for name in names],
            "ends": [POSSIBLE if name in stated else OBSERVED for name in names],
        },
        index=pd.Index(names, name="score"),
    )
    for end in ("lowest", "highest"):
        table[f"n_{end}"] = np.isclose(scores, table[end], rtol=0, atol=1e-9).sum(axis=0)
        table[f"share_{end}"] = table[f"n_{end}"] / len(scores)
    table["n_used"] = len(scores)
    table["floor"], table["ceiling"] = table["share_lowest"] > TOO_MANY, table["share_highest"] > TOO_MANY
    found = [
        f"{name} has a {' and a '.join(kind for kind in ('floor', 'ceiling') if table[kind][name])}."
        for name in names
        if table["floor"][name] or table["ceiling"][name]
    ]
    return CheckResult(
        name="ceiling",
        question="Do scores have room at both ends?",
        passed=not found,
        table_=table,
        text=" ".join(found) or "No score piles up at an end.",
        rule=f"at most {TOO_MANY:.0%} of people at the lowest and at the highest value (Terwee et al., 2007)",
    )


def _check_ranges(fit: InteractionFit, stated: Mapping[str, Sequence[float]]) -> None:
    known = [name for name in stated if name in (fit.outcome, *fit.predictors)]
    wrong = sorted({*stated} - {*known}) + turned({name: stated[name] for name in known})
    beyond = [
        name
        for name in known
        if float(fit.rows[name].min()) < min(stated[name], default=-np.inf) - 1e-9
        or float(fit.rows[name].max()) > max(stated[name], default=np.inf) + 1e-9
    ]
    if wrong or beyond:
        raise ModelSpecificationError(
            expected="(lowest, highest) of the outcome and the predictors, with all scores between them",
            found=", ".join(dict.fromkeys([*wrong, *beyond])),
            where="`ranges` of check_ceiling",
            todo="give the ends of the response format, in scale points",
        )
