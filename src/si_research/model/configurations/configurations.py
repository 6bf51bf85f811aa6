"""Fuzzy-set QCA of a survey: which combinations of conditions go with the outcome, and with its absence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import pandas as pd

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.errors import ModelSpecificationError
from si_research.model.arguments import check_draws, check_kind, check_level, listed_names
from si_research.model.configurations.both_outcomes import Choices, Sets, analyse_both
from si_research.model.configurations.calibration import (
    ERROR,
    anchor_table,
    memberships,
)
from si_research.model.configurations.configuration_notes import configuration_notes
from si_research.model.configurations.stability import OnlyRow, people_in_groups
from si_research.model.configurations.truth_table import CutOffs, check_cuts
from si_research.model.design import Roles, check_names, check_variation, complete_rows
from si_research.model.fit_notes import Note
from si_research.model.response_ends import Ends, check_within_ends, known_ends

FEWEST, MOST = 3, 6
USUAL: Final = CutOffs()


@dataclass(frozen=True, slots=True, eq=False)
class Configurations:
    """A fuzzy-set QCA. Made by :func:`fit_configurations`.

    Attributes
    ----------
    outcome : str
    conditions : tuple of str
    cluster : str or None
    answer : OnlyRow
        Whether the row with all conditions is the only sufficient one.
    rows : pandas.DataFrame, indexed by ``outcome`` (``~`` its absence) and ``configuration``
        The truth tables: 0 or 1 a condition; ``out`` (1 sufficient, 0 not, C between two cut-offs, ? too few
        people), n (people more in than out of the row), n_outcome (of these, more in than out of the
        outcome), n_firms (missing without firms), inclS, PRI, covS; share_sufficient (of the draws in which
        the row is sufficient), conf_low and conf_high of inclS over the draws
        (all three missing with a single firm); n_used.
    necessity : pandas.DataFrame, indexed by ``outcome`` and ``condition``
        inclN, RoN, covN, necessary, n_used; conditions and their absence.
    expressions : pandas.DataFrame, indexed by ``outcome`` and ``expression``
        Combinations, and smallest alternatives, that pass the cut-offs of necessity: inclN, RoN, covN,
        n_used.
    terms : pandas.DataFrame, indexed by ``outcome``
        The terms of every solution: kind (complex, parsimonious, intermediate), solution, term, inclS, PRI,
        covS, covU (missing for a single term), n, n_firms, n_used.
    solutions : pandas.DataFrame, indexed by ``outcome``
        kind, solution (all equally small ones are there), pair (the complex and parsimonious solution that an
        intermediate one lies between), formula, n_terms, inclS, PRI, covS, n, n_used, n_assumed and assumed:
        rows with too few people that are taken to be sufficient.
    anchors : pandas.DataFrame, indexed by ``set``
        out, crossover, full; lowest, highest of the response format.
    choices : Choices
        ``cuts``, ``n_cut`` (people from which a row was judged), ``expected``, draws, seed, conf_level.
    at_crossover : str
    sets : Sets
        ``members`` holds the memberships; its index the places in the scores, from 0.
    scores : pandas.DataFrame
        Of the people used.
    n_rows, n_used : int
    n_firms : int or None
    dropped : pandas.Series
    notes : tuple of Note
    """

    outcome: str
    conditions: tuple[str, ...]
    cluster: str | None
    answer: OnlyRow
    rows: pd.DataFrame = field(repr=False)
    necessity: pd.DataFrame = field(repr=False)
    expressions: pd.DataFrame = field(repr=False)
    terms: pd.DataFrame = field(repr=False)
    solutions: pd.DataFrame = field(repr=False)
    anchors: pd.DataFrame = field(repr=False)
    choices: Choices
    at_crossover: str
    sets: Sets = field(repr=False)
    scores: pd.DataFrame = field(repr=False)
    n_rows: int
    n_used: int
    n_firms: int | None
    dropped: pd.Series = field(repr=False)
    notes: tuple[Note, ...]

    @property
    def resampled(self) -> str:
        """What was drawn again as a whole: ``firms`` or ``people``."""
        return "firms" if self.sets.has_firms else "people"

    def table(self) -> pd.DataFrame:
        """Return a copy of the truth tables."""
        return self.rows.copy()

    def _head(self) -> str:
        firms = "" if self.n_firms is None else f" in {self.n_firms} firms"
        answer = self.answer
        return (
            f"{self.n_used} of {self.n_rows} people{firms}; "
            f"rows of {self.choices.n_cut} people or more are judged\n"
            f"{answer.row}: {answer.code} (sufficient in {answer.share_sufficient:.2f}, alone so in "
            f"{answer.share_only:.2f} of {answer.n_draws} draws of {self.resampled})"
        )

    def __str__(self) -> str:
        return f"{self._head()}\n{self.rows.round(3).to_string()}\n{self._formulas().to_string(index=False)}"

    def _formulas(self) -> pd.DataFrame:
        return self.solutions.reset_index()[["outcome", "kind", "formula", "inclS", "PRI", "covS", "n_used"]]

    def _repr_html_(self) -> str:
        head = escape(self._head()).replace("\n", "<br>")
        return f"<p>{head}</p>{self.rows.round(3).to_html()}{self._formulas().round(3).to_html(index=False)}"


def fit_configurations(
    scores: pd.DataFrame,
    *,
    outcome: str = INNOVATIVE_BEHAVIOUR.name,
    predictors: Sequence[str] = CONDITIONS,
    cluster: str | None = None,
    ends: Ends = None,
    anchors: Mapping[str, Sequence[float]] | None = None,
    at_crossover: str = ERROR,
    cuts: CutOffs = USUAL,
    expected: Mapping[str, int | None] | None = None,
    conf_level: float = 0.95,
    draws: int = 999,
    seed: int,
) -> Configurations:
    """Find which combinations of conditions are consistently followed by the outcome, and by its absence.

    Use it beside the regressions, to see whether people with all conditions are the only ones who
    consistently show the outcome, or whether there are other ways to it.

    Parameters
    ----------
    scores : pandas.DataFrame
    outcome : str
    predictors : sequence of str
        Three to six conditions.
    cluster : str, optional
        Column of the firm. Memberships are counted over people; firms are counted a row, and drawn as a
        whole.
    ends : (lowest, highest) or mapping of column to these
        The response format; 1 to 5 where nothing is given.
    anchors : mapping of column to (out, crossover, full), optional
        From theory; by default an eighth from either end of the response format, and its middle: 1.5, 3 and
        4.5 on 1 to 5. Falling anchors make a set of low scores.
    at_crossover : {"error", "in", "out"}
        What becomes of people exactly half in a set: refused, or moved by 0.001 into or out of it.
    cuts : CutOffs
    expected : mapping of condition to 1, 0 or None, optional
        Whether its presence (1) or its absence (0) should help the outcome; by default 1 for all. For the
        absence of the outcome the other way round. None leaves a condition in the intermediate solution.
    conf_level : float
    draws, seed : int
        Draws of whole firms, or of people where there are no firms.

    Returns
    -------
    Configurations

    Raises
    ------
    ModelSpecificationError
        For other than three to six conditions, anchors or cut-offs in no order, or a column in two parts.
    SurveyDataError
        For people exactly half in a set (their row numbers are told), scores beyond the response format, a
        score that is the same for all, or nobody with all scores.

    Notes
    -----
    A row is sufficient where inclS and PRI reach their cut-offs among people enough; see ``CutOffs`` for
    them and their sources, ``set_relations`` for the formulas. fsQCA tests nothing: inclS is no effect
    size, it falls with noise in the scores, has no p, and knows no controls. That people are nested in
    firms it does not see; the share of draws of whole firms in which a row is sufficient says how much
    hangs on which firms took part. A sufficient row is an association in this sample, and says nothing
    about what would happen if a condition were changed. Nor does "only" the row with all conditions say
    that conditions cannot make up for each other: an additive world answers the same about as often
    (``under_compensation``).

    References
    ----------
    Ragin (2008), Redesigning Social Inquiry. Schneider & Wagemann (2012), Set-Theoretic Methods for the
    Social Sciences, https://doi.org/10.1017/CBO9781139004244. Greckhamer et al. (2018),
    https://doi.org/10.1177/1476127018786487. Fiss (2011), https://doi.org/10.5465/amj.2011.60263120.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> found = fit_configurations(simulate_scores(400, seed=1).clip(1, 5), seed=1)
    >>> found.answer.row, len(found.rows)
    ('kunnen*willen*mogen', 16)
    """
    names = _checked_names(scores, outcome, predictors, cluster)
    check_level(conf_level)
    check_draws(draws, seed, 999, "fit_configurations")
    check_kind(cuts, CutOffs, "a CutOffs", "`cuts`", "write them as in CutOffs(inclusion=0.85)")
    check_cuts(cuts)
    directions = _directions(expected, names)
    roles = Roles(outcome, names, cluster=cluster)
    kept = complete_rows(scores.reset_index(drop=True), roles)
    check_variation(kept, roles)
    known = known_ends(ends, (outcome, *names), "fit_configurations")
    check_within_ends(kept.frame, known)
    table = anchor_table(anchors, known)
    members = memberships(kept.frame, table, at_crossover=at_crossover)
    sets = Sets(outcome, names, members, *people_in_groups(kept.frame, cluster, seed), cluster is not None)
    choices = Choices(cuts, cuts.people(len(members)), directions, draws, seed, conf_level)
    found = analyse_both(sets, choices)
    return Configurations(
        outcome=outcome,
        conditions=names,
        cluster=cluster,
        answer=found.answer,
        rows=found.rows,
        necessity=found.necessity,
        expressions=found.expressions,
        terms=found.terms,
        solutions=found.solutions,
        anchors=table,
        choices=choices,
        at_crossover=at_crossover,
        sets=sets,
        scores=kept.frame,
        n_rows=kept.n_rows,
        n_used=len(members),
        n_firms=sets.n_groups if sets.has_firms else None,
        dropped=kept.dropped,
        notes=configuration_notes(found, sets, choices),
    )


def _checked_names(
    scores: pd.DataFrame, outcome: str, predictors: Sequence[str], cluster: str | None
) -> tuple[str, ...]:
    """Return the conditions; other than three to six, and a column in two parts, are refused."""
    where = "outcome, predictors and cluster of fit_configurations"
    names = listed_names(predictors, "`predictors` of fit_configurations")
    parts = [outcome, *names, *([] if cluster is None else [cluster])]
    check_names(scores, parts)
    twice = sorted({name for name in parts if parts.count(name) > 1})
    if twice or not FEWEST <= len(names) <= MOST:
        raise ModelSpecificationError(
            expected=f"{FEWEST} to {MOST} conditions, and every column in one part only",
            found=f"{len(names)} condition(s)" + (f"; {', '.join(twice)} twice" if twice else ""),
            where=where,
            todo="name each column once" if twice else "more conditions have more rows than people can fill",
        )
    return names


def _directions(expected: Mapping[str, int | None] | None, names: Sequence[str]) -> dict[str, int | None]:
    """Return what is expected of each condition; presence helps, where nothing was said."""
    where = "`expected` of fit_configurations"
    todo = "write it as in {'kunnen': 1, 'pressure': 0, 'age': None}"
    given = {} if expected is None else expected
    check_kind(given, Mapping, "expectations by name", where, todo)
    wrong = [name for name, value in given.items() if name not in names or value not in (0, 1, None)]
    if wrong:
        raise ModelSpecificationError(
            expected=f"1, 0 or None for any of {', '.join(names)}",
            found=f"something else for {', '.join(map(str, wrong))}",
            where=where,
            todo=todo,
        )
    return {name: given.get(name, 1) for name in names}
