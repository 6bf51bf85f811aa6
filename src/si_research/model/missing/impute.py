"""Filling in missing scores so that a product of three of them is not spoilt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_numeric_dtype

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.arguments import as_found, check_seed, listed_names
from si_research.model.design import Roles, control_terms, term_name
from si_research.model.fit_notes import Note
from si_research.model.missing.chains import Chains, Layout
from si_research.model.missing.imputed import (
    CONVERGED,
    ImputedScores,
    convergence_table,
    describe_draws,
    trace_table,
)
from si_research.model.missing.rows import IncompleteRows, firm_numbers, select_incomplete
from si_research.model.missing.terms import outcome_powers

Array = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
MUCH: Final = 0.5
"""Share of missing values in a column above which the imputation is told to rest on few answers."""
IN_MEMORY: Final = 4_000_000
"""Numbers (rows with holes times terms times chains) that are drawn at once."""


def impute_scores(
    scores: pd.DataFrame,
    *,
    outcome: str = INNOVATIVE_BEHAVIOUR.name,
    predictors: Sequence[str] = CONDITIONS,
    controls: Sequence[str] = (),
    cluster: str | None = None,
    reasons: pd.DataFrame | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    imputations: int = 20,
    iterations: int = 40,
    seed: int,
    progress: Progress | None = None,
) -> ImputedScores:
    """Fill in missing scores in the only way that does not destroy their products: by the model of the study.

    Use it when answers are missing that could have been given, and whether they are missing may hang on what
    *is* known (the outcome, other conditions, the firm). When it hangs on the missing answer itself, no
    imputation helps. Read :func:`pool_interaction` next: it puts the complete cases beside the pooled answer.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row a respondent, index without repeats; outcome and predictors are numbers with holes.
    outcome, predictors, controls, cluster
        As for :func:`fit_interaction`. Controls that are numbers are filled by their own normal model; rows
        without a category, a control of two values, or a firm are left out and counted.
    reasons : pandas.DataFrame, optional
        Why a score is missing (:func:`score_reasons`), same rows. A score that was not asked, routed past or
        does not apply is never filled: its row is left out and counted.
    ranges : mapping of str to (lowest, highest), optional
        Ends of the response formats, to count the imputed values outside them.
    imputations : int, at least 2
        Completed tables; 20 is usual, more when much is missing.
    iterations : int, at least 2
        Of each chain; its last values are taken.
    seed : int
    progress : callable, optional
        Called with (iterations done, iterations in all).

    Returns
    -------
    ImputedScores

    Raises
    ------
    ModelSpecificationError
        For columns that are not there, or fewer than two imputations or iterations.
    SurveyDataError
        When nothing is missing, too few rows are complete, or a predictor of two values has holes.

    Notes
    -----
    Outcome = controls + predictors + their squares + all their products + a random intercept for the firm +
    normal error. Each predictor, given the other predictors and controls: normal linear, with a random
    intercept for the firm. In every iteration the parameters are drawn anew from their posterior; a missing
    predictor is proposed by its own model and accepted in proportion to the density of the outcome (exactly
    normal where it has no square). An imputed value may lie outside the response format: it carries what is
    not known, is nobody's answer, and clipping it would bias the coefficients. It is counted, not mended.

    References
    ----------
    Bartlett, Seaman, White & Carpenter (2015), https://doi.org/10.1177/0962280214521348.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> scores = simulate_scores(200, three_way=0.2, seed=1)
    >>> scores.loc[scores["innovative_behaviour"] > 3.4, "kunnen"] = np.nan
    >>> filled = impute_scores(scores, imputations=5, iterations=10, seed=1)
    >>> filled.n_used, filled.n_complete, int(filled.completed(1).isna().sum().sum())
    (200, 150, 0)
    """
    _check_numbers(imputations, iterations)
    check_seed(seed, "impute_scores")
    own, others = (
        listed_names(names, part) for names, part in ((predictors, "predictors"), (controls, "controls"))
    )
    roles = Roles(outcome, own, others, cluster)
    chosen = select_incomplete(scores, roles, reasons)
    if not chosen.filled:
        raise SurveyDataError(
            expected="scores of which some are missing",
            found=f"none missing in the {len(chosen.frame)} rows that take part",
            where="imputation of missing scores",
            todo="fit the model on the scores as they are",
        )
    sample = _sample(chosen, roles, imputations, iterations, seed, progress)
    variables = describe_draws(chosen.frame, sample.draws, ranges or {})
    convergence = convergence_table(sample.traced, sample.quantities)
    return ImputedScores(
        roles=roles,
        squares=chosen.squares,
        rows=chosen.frame.loc[chosen.order],
        draws=sample.draws,
        n_rows=chosen.n_rows,
        n_used=len(chosen.frame),
        n_complete=len(chosen.frame.dropna()),
        left_out=chosen.left_out,
        n_imputations=imputations,
        iterations=iterations,
        seed=seed,
        variables=variables,
        trace=trace_table(sample.traced, sample.quantities),
        convergence=convergence,
        n_on_grid=sample.n_on_grid,
        notes=_notes(variables, convergence),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """What the chains gave, in points: values by column, and the trace, shape (iterations, m, quantities)."""

    draws: dict[str, pd.DataFrame]
    traced: Array
    quantities: list[str]
    n_on_grid: int


def _check_numbers(imputations: int, iterations: int) -> None:
    if not all(isinstance(number, Integral) and number >= 2 for number in (imputations, iterations)):
        raise ModelSpecificationError(
            expected="at least 2 imputations and 2 iterations",
            found=f"{as_found(imputations)} and {as_found(iterations)}",
            where="imputations, iterations",
            todo="use 20 imputations and 40 iterations",
        )


def _sample(
    chosen: IncompleteRows,
    roles: Roles,
    imputations: int,
    iterations: int,
    seed: int,
    progress: Progress | None,
) -> _Sample:
    """Run the chains in z-scores and return what they filled in, in points."""
    frame = chosen.frame
    numbers = [*roles.predictors, *filter(lambda name: is_numeric_dtype(frame[name]), roles.controls)]
    numbers.append(roles.outcome)
    centres, spreads = frame[numbers].mean(), frame[numbers].std()
    layout = _layout(chosen, roles, (frame[numbers] - centres) / spreads)
    batches = _run(layout, imputations, iterations, seed, progress)
    chains = [batch for batch, _ in batches]
    index = frame.index[frame.isna().any(axis=1)]
    draws, quantities = dict[str, pd.DataFrame](), list[str]()
    scale, shift = list[float](), list[float]()
    for place in layout.filled:
        name = numbers[place]
        values = np.concatenate([each.values[:, each.holes[place], place] for each in chains])
        drawn = centres[name] + spreads[name] * values.T
        rows = index[chains[0].holes[place]]
        table = pd.DataFrame(drawn, index=rows, columns=range(1, imputations + 1))
        draws[name] = table.loc[chosen.order.intersection(rows, sort=False)]
        quantities += [f"mean of {name}", f"standard deviation of {name}"]
        scale, shift = [*scale, spreads[name], spreads[name]], [*shift, centres[name], 0.0]
    unit = spreads[roles.outcome] / spreads[list(roles.predictors)].prod()
    traced = np.concatenate([trace for _, trace in batches], axis=1)
    traced = traced * np.array([*scale, unit]) + np.array([*shift, 0.0])
    quantities.append(f"coefficient of {term_name(roles.predictors)}")
    return _Sample(draws, traced, quantities, sum(each.n_on_grid for each in chains))


def _layout(chosen: IncompleteRows, roles: Roles, z: pd.DataFrame) -> Layout:
    frame, holed = chosen.frame, chosen.frame.isna().any(axis=1).to_numpy()
    categories = [name for name in roles.controls if name not in z]
    dummies = control_terms(frame, categories).to_numpy(dtype="float64")
    fixed = np.column_stack([np.ones(len(frame)), dummies.reshape(len(frame), -1)])
    firms, n_firms = firm_numbers(frame, roles.cluster)
    values = z.to_numpy(dtype="float64")
    return Layout(
        complete=values[~holed],
        holed=values[holed],
        complete_fixed=fixed[~holed],
        holed_fixed=fixed[holed],
        complete_firms=firms[~holed],
        holed_firms=firms[holed],
        sizes=np.bincount(firms, minlength=n_firms) if n_firms else np.zeros(0, dtype=np.intp),
        powers=np.array(list(outcome_powers(roles.predictors, chosen.squares).values())),
        filled=tuple(list(z.columns).index(name) for name in chosen.filled),
    )


def _run(
    layout: Layout, imputations: int, iterations: int, seed: int, progress: Progress | None
) -> list[tuple[Chains, Array]]:
    """Run all chains, as many at once as fit in memory; how many hangs on the data alone."""
    width = len(layout.holed) * (len(layout.powers) + layout.complete_fixed.shape[1] + layout.outcome)
    at_once = min(imputations, max(1, IN_MEMORY // max(width, 1)))
    sizes = [min(at_once, imputations - first) for first in range(0, imputations, at_once)]
    batches, done = [], 0
    for size, stream in zip(sizes, np.random.SeedSequence(seed).spawn(len(sizes)), strict=True):
        chains, traced = Chains(layout, size, np.random.default_rng(stream)), []
        for _ in range(iterations):
            chains.step()
            traced.append(chains.summary())
            done += 1
            if progress is not None:
                progress(done, iterations * len(sizes))
        batches.append((chains, np.stack(traced)))
    return batches


def _notes(variables: pd.DataFrame, convergence: pd.DataFrame) -> tuple[Note, ...]:
    """Return what must be known: chains that still differ, columns of which most was filled in."""
    notes = []
    apart = convergence.index[~(convergence["r_hat"] <= CONVERGED)]
    if len(apart):
        largest = float(convergence["r_hat"].max())
        notes.append(Note("not_converged", {"quantities": ", ".join(apart), "r_hat": largest}))
    for name, share in variables["share_missing"].items():
        if share > MUCH:
            notes.append(Note("mostly_missing", {"variable": str(name), "share": float(share)}))
    outside = int(variables[["n_below", "n_above"]].to_numpy().sum())
    if outside:
        notes.append(Note("outside_format", {"n": outside}))
    return tuple(notes)
