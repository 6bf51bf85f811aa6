"""Is a condition more of a limit in one group, or wave, than in another?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.arguments import check_draws, check_options, listed_names
from si_research.model.design import text_column
from si_research.model.holm import holm
from si_research.model.necessity.ceiling_fits import CE_FDH, CR_FDH, Scope, signs
from si_research.model.necessity.ceilings import Array, ce_fdh_effect, cr_fdh_effect
from si_research.model.necessity.exchange import PEOPLE, Exchange, Labels, plan_exchange
from si_research.model.necessity.necessity import EMPIRICAL, FEW_PEOPLE, THEORETICAL
from si_research.model.necessity.people import (
    check_columns,
    corners_of,
    scope_of,
    select_pairs,
)
from si_research.model.response_ends import USUAL_ENDS, Ends, check_names_of_ends

COMPARED: Final = (CE_FDH, CR_FDH)
SAME_EFFECT: Final = 1e-9
AT_ONCE: Final = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class NecessityComparison:
    """The effect sizes of two groups. Made by :func:`compare_necessity`.

    Attributes
    ----------
    groups : tuple of two str
        The first and the second, in the order of their names.
    differences : pandas.DataFrame, indexed by ``condition`` and ``ceiling``
        effect_first, effect_second, difference (second minus first), p_value (two-sided), p_holm (over the
        conditions of a ceiling), n_first, n_second, n_draws, note: ``few_people`` (fewer than 20 in a group),
        ``no_variance``.
    exchanged : str
        What changed groups in the draws: people, the two rows of a person, whole firms, or people within
        firms.
    seed : int
    """

    groups: tuple[str, str]
    differences: pd.DataFrame = field(repr=False)
    exchanged: str
    seed: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the differences."""
        return self.differences.copy()

    def _head(self) -> str:
        return f"{self.groups[1]} minus {self.groups[0]}; exchanged: {self.exchanged}"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.differences.round(4).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.differences.round(4).to_html()}"


def compare_necessity(
    scores: pd.DataFrame,
    *,
    group: str,
    outcome: str = INNOVATIVE_BEHAVIOUR.name,
    predictors: Sequence[str] = CONDITIONS,
    person: str | None = None,
    cluster: str | None = None,
    ends: Ends = USUAL_ENDS,
    scope: str = EMPIRICAL,
    corner: int | Mapping[str, int] = 1,
    ceilings: Sequence[str] = COMPARED,
    draws: int = 2_000,
    seed: int,
) -> NecessityComparison:
    """Compare the effect sizes of two groups, or of two waves.

    Use it for two sectors, before and after, or two rounds of a survey.

    Parameters
    ----------
    scores : pandas.DataFrame
    group : str
        A column with two values: the group, or the wave.
    outcome, predictors, ends, scope, corner
        As in :func:`~si_research.model.necessity.necessity.describe_necessity`. An empirical scope is that of
        both groups together, so that no difference comes from other ends.
    person : str, optional
        Who answered in both waves; only people with one complete row in each are compared.
    cluster : str, optional
        The firm. Where each firm is in one group whole firms change groups, else people within firms.
    ceilings : sequence of str
        ``ce_fdh``, ``cr_fdh``.
    draws, seed : int

    Returns
    -------
    NecessityComparison

    Raises
    ------
    ModelSpecificationError
        For columns or options that are none, and a person together with firms.
    SurveyDataError
        For another number of groups than two, and a person more than once in a wave.

    Notes
    -----
    p = (1 + draws with |difference*| >= |difference|)/(1 + draws), where labels of groups are exchanged.
    Larger groups fill corners: a difference between groups of very different size is partly that, and so is
    the expected one over the draws, which the test takes into account.

    References
    ----------
    The function ``nca_difference`` of R's NCA 5; exchange of labels after Good (2005), Permutation,
    parametric and bootstrap tests of hypotheses.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> scores = simulate_scores(200, seed=1).assign(sector=["care", "school"] * 100)
    >>> found = compare_necessity(scores, group="sector", draws=199, seed=1)
    >>> found.groups
    ('care', 'school')
    """
    predictors = listed_names(predictors, "`predictors` of compare_necessity")
    names = listed_names(ceilings, "`ceilings` of compare_necessity")
    for name in names:
        check_options(name, COMPARED, "`ceilings` of compare_necessity")
    check_options(scope, (EMPIRICAL, THEORETICAL), "`scope` of compare_necessity")
    check_draws(draws, seed, 2_000, "compare_necessity")
    check_columns(scores, outcome, predictors, [group, person, cluster])
    _check_design(person, cluster)
    check_names_of_ends(ends, (outcome, *predictors), "compare_necessity")
    corners = corners_of(corner, predictors)
    labels = text_column(scores[group])
    scores, labels = scores[labels.notna()], labels[labels.notna()]
    groups = _two(labels)
    _, pairs, _ = select_pairs(scores, outcome, predictors, cluster)
    whom = None if person is None else text_column(scores[person])
    rows, kind = [], PEOPLE
    for condition, people in pairs.items():
        own, _ = scope_of(people, condition, outcome, ends if scope == THEORETICAL else None)
        second = (labels == groups[1]).to_numpy()[people.rows]
        plan = plan_exchange(people, second, None if whom is None else whom.iloc[people.rows])
        kind = plan.kind
        found = _compare(plan, own, corners[condition], names, draws, seed)
        rows += [{"condition": condition, **row} for row in found]
    table = pd.DataFrame(rows)
    corrected = table.groupby("ceiling")["p_value"].transform(lambda p: holm(p.to_numpy()))
    table.insert(list(table.columns).index("p_value") + 1, "p_holm", corrected)
    return NecessityComparison(groups, table.set_index(["condition", "ceiling"]), kind, seed)


def _check_design(person: str | None, cluster: str | None) -> None:
    if person is not None and cluster is not None:
        raise ModelSpecificationError(
            expected="persons who answered twice, or firms",
            found="both",
            where="`person` and `cluster` of compare_necessity",
            todo="name the person only: who answers twice stays in the own firm",
        )


def _two(labels: pd.Series) -> tuple[str, str]:
    groups = sorted(labels.unique())
    if len(groups) != 2:
        raise SurveyDataError(
            expected="two groups",
            found=f"{len(groups)}",
            where=f"column {labels.name!r} of the scores",
            todo="keep the rows of the two groups that you want to compare",
        )
    return str(groups[0]), str(groups[1])


def _compare(
    plan: Exchange, scope: Scope, corner: int, names: Sequence[str], draws: int, seed: int
) -> list[dict[str, object]]:
    """Return a row a ceiling."""
    n_first, n_second = int((~plan.second).sum()), int(plan.second.sum())
    note = "few_people" if min(n_first, n_second) < FEW_PEOPLE else ""
    if scope.area == 0 or min(n_first, n_second) == 0:
        note = "no_variance" if scope.area == 0 else note
    observed = _effects(plan, plan.second[None, :], scope, corner)
    random = np.random.default_rng(seed)
    size = max(1, AT_ONCE // len(plan.x))
    parts = [
        _effects(plan, plan.labels(min(size, draws - start), random), scope, corner)
        for start in range(0, draws, size)
    ]
    rows = []
    for name in names:
        first, second = (float(each[0]) for each in observed[name])
        drawn = np.concatenate([part[name][1] - part[name][0] for part in parts])
        as_large = int(np.sum(np.abs(drawn) >= abs(second - first) - SAME_EFFECT))
        p = np.nan if np.isnan(second - first) else (1 + as_large) / (1 + draws)
        rows.append(
            {
                "ceiling": name,
                "effect_first": first,
                "effect_second": second,
                "difference": second - first,
                "p_value": p,
                "n_first": n_first,
                "n_second": n_second,
                "n_draws": draws,
                "note": note,
            }
        )
    return rows


def _effects(plan: Exchange, second: Labels, scope: Scope, corner: int) -> dict[str, tuple[Array, Array]]:
    """Return the effects of the first and of the second group, for each row of labels."""
    x_sign, y_sign = signs(corner)
    x, y, turned = plan.x * x_sign, plan.y * y_sign, scope.turned(corner)
    ends = (turned.x_low, turned.x_high, turned.y_low, turned.y_high)
    parts = [np.where(inside, y, -np.inf) for inside in (~second, second)]
    lone = ~second.any(axis=1) | second.all(axis=1)
    return {
        name: (
            np.where(lone, np.nan, kernel(x, parts[0], *ends)),
            np.where(lone, np.nan, kernel(x, parts[1], *ends)),
        )
        for name, kernel in ((CE_FDH, ce_fdh_effect), (CR_FDH, cr_fdh_effect))
    }
