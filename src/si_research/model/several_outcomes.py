"""Several outcomes in one study: the planned ones corrected together, exploratory ones labelled as such."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.constructs import CONDITIONS
from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.arguments import check_draws, listed_names
from si_research.model.holm import holm
from si_research.model.interaction import InteractionFit, fit_interaction
from si_research.model.joint import JointTest, joint_test

PLANNED, EXPLORATORY = "planned", "exploratory"
JOINT, HIGHEST = "joint", "highest product"
COLUMNS: Final = ["role", "test", "estimate", "conf_low", "conf_high", "p_value", "p_holm", "n_used", "note"]


@dataclass(frozen=True, slots=True, eq=False)
class PlannedOutcomes:
    """The interaction for several outcomes. Made by :func:`planned_outcomes`.

    Attributes
    ----------
    planned, exploratory : tuple of str
    outcomes : pandas.DataFrame, indexed by ``outcome``
        Two rows an outcome, with ``test`` ``joint`` (all products, squares beside them; no estimate) and
        ``highest product``: ``role`` (planned or exploratory), estimate, conf_low, conf_high (not corrected),
        p_value, ``p_holm`` over the planned outcomes of the same test (missing for exploratory ones), n_used,
        ``note``: ``not_fitted`` (see ``refused``), ``withheld``, ``too_few_clusters`` (no joint test), and
        the other notes of :func:`~si_research.model.joint.joint_test`.
    fits, tests : mapping of outcome to InteractionFit and JointTest
    refused : mapping of outcome to str
        Why an outcome could not be fitted.
    """

    planned: tuple[str, ...]
    exploratory: tuple[str, ...]
    outcomes: pd.DataFrame = field(repr=False)
    fits: Mapping[str, InteractionFit] = field(repr=False)
    tests: Mapping[str, JointTest] = field(repr=False)
    refused: Mapping[str, str] = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the rows."""
        return self.outcomes.copy()

    def _head(self) -> str:
        return (
            f"{len(self.planned)} planned outcome(s), Holm; {len(self.exploratory)} exploratory, uncorrected"
        )

    def __str__(self) -> str:
        return f"{self._head()}\n{self.outcomes.round(4).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.outcomes.round(4).to_html()}"


def planned_outcomes(
    scores: pd.DataFrame,
    *,
    planned: Sequence[str],
    exploratory: Sequence[str] = (),
    withheld: Collection[str] = (),
    predictors: Sequence[str] = CONDITIONS,
    draws: int = 1999,
    seed: int,
    **options: Any,
) -> PlannedOutcomes:
    """Fit the interaction for several outcomes and correct over those that were planned.

    Use it when a study has more than one outcome: which are planned is settled before the data are seen.

    Parameters
    ----------
    scores : pandas.DataFrame
    planned : sequence of str
        At least one.
    exploratory : sequence of str
        Tested without correction; such a p shows where to look, and confirms nothing.
    withheld : collection of str
        Those that are not to be fitted, such as a scale that is too unreliable; they keep their place.
    predictors : sequence of str
    draws, seed : int
        As in :func:`~si_research.model.joint.joint_test`; every outcome has the same draws.
    **options
        ``controls``, ``cluster``, ``weight`` and ``conf_level`` of
        :func:`~si_research.model.interaction.fit_interaction`.

    Returns
    -------
    PlannedOutcomes
        Each outcome is fitted on its own complete rows, so that ``n_used`` may differ.

    Raises
    ------
    ModelSpecificationError
        For no planned outcome, an outcome named twice, or columns that are not there.

    Notes
    -----
    Holm's correction is over the planned outcomes, apart for the joint test and for the highest product. A
    planned outcome without a p (it could not be fitted, or there are too few firms) stays among them with p =
    1: leaving it out would make the others' correction milder after the fact.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics
    6, 65-70. Rubin (2021) on which tests form a family, https://doi.org/10.1007/s11229-021-03276-4.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> scores = simulate_scores(300, seed=1)
    >>> scores["ideas"] = simulate_scores(300, seed=2)["innovative_behaviour"]
    >>> found = planned_outcomes(scores, planned=["innovative_behaviour"], exploratory=["ideas"], seed=1)
    >>> found.outcomes["role"].to_list()
    ['planned', 'planned', 'exploratory', 'exploratory']
    """
    planned, exploratory = (
        listed_names(names, f"`{part}` of planned_outcomes")
        for part, names in (("planned", planned), ("exploratory", exploratory))
    )
    withheld = listed_names(withheld, "`withheld` of planned_outcomes")
    check_draws(draws, seed, 1999, "planned_outcomes")
    _check_outcomes(planned, exploratory, withheld)
    fits: dict[str, InteractionFit] = {}
    refused: dict[str, str] = {}
    for outcome in (*planned, *exploratory):
        if outcome in withheld:
            continue
        try:
            fits[outcome] = fit_interaction(scores, outcome=outcome, predictors=predictors, **options)
        except SurveyDataError as error:
            refused[outcome] = str(error)
    tests = {outcome: joint_test(fit, draws=draws, seed=seed) for outcome, fit in fits.items()}
    table = pd.DataFrame(
        [
            {"outcome": outcome, "role": role, "test": test, **_row(test, outcome, fits, tests, refused)}
            for role, names in ((PLANNED, planned), (EXPLORATORY, exploratory))
            for outcome in names
            for test in (JOINT, HIGHEST)
        ]
    )
    table["p_holm"] = _holm(table)
    table = table.set_index("outcome").reindex(columns=COLUMNS)  # without any fit there is no estimate
    return PlannedOutcomes(tuple(planned), tuple(exploratory), table, fits, tests, refused)


def _check_outcomes(planned: Sequence[str], exploratory: Sequence[str], withheld: Sequence[str]) -> None:
    names = [*planned, *exploratory]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not planned or twice:
        raise ModelSpecificationError(
            expected="a list of at least one planned outcome, each outcome once",
            found=f"{', '.join(twice)} twice" if twice else "no planned one",
            where="`planned` and `exploratory` of planned_outcomes",
            todo="name each outcome as planned or as exploratory",
        )
    unknown = [name for name in withheld if name not in names]
    if unknown:
        raise ModelSpecificationError(
            expected="names of planned or exploratory outcomes",
            found=", ".join(unknown),
            where="`withheld` of planned_outcomes",
            todo="name outcomes only, or leave `withheld` out",
        )


def _row(
    test: str,
    outcome: str,
    fits: Mapping[str, InteractionFit],
    tests: Mapping[str, JointTest],
    refused: Mapping[str, str],
) -> dict[str, object]:
    if outcome not in fits:
        return {"p_value": np.nan, "n_used": 0, "note": "not_fitted" if outcome in refused else "withheld"}
    fit, joint = fits[outcome], tests[outcome]
    if test == JOINT:
        return {"p_value": joint.p_value, "n_used": fit.n_used, "note": joint.note}
    figures = ["estimate", "conf_low", "conf_high", "p_value"]
    row = {name: float(fit.coefficients[name][fit.tested_term]) for name in figures}
    return {**row, "n_used": fit.n_used, "note": ""}


def _holm(table: pd.DataFrame) -> pd.Series:
    """Return Holm's p over the planned outcomes of each test; a missing p counts as 1 and stays missing."""
    corrected = pd.Series(np.nan, index=table.index)
    for test in (JOINT, HIGHEST):
        family = (table["role"] == PLANNED) & (table["test"] == test)
        p = table.loc[family, "p_value"]
        corrected[family] = pd.Series(holm(p.fillna(1.0)), index=p.index).where(p.notna())
    return corrected
