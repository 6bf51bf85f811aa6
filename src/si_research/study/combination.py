"""Whether only the combination counts: the readings of a study side by side, and the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.configurations.calibration import OUT
from si_research.model.configurations.configurations import fit_configurations
from si_research.model.design import Roles, complete_rows
from si_research.model.fit_notes import is_of_firms
from si_research.model.forms.comparison import compare_forms
from si_research.model.necessity.necessity import THEORETICAL, describe_necessity
from si_research.model.necessity.permutation import permutation_test
from si_research.model.verdict.needed_n import needed_n
from si_research.model.verdict.rule import UNDECIDED
from si_research.model.verdict.verdict import reach_verdict
from si_research.report.combination_findings import CombinationFindings
from si_research.study.measurement_error import used_reliabilities
from si_research.study.open_scales import open_scales, sample_anchors, study_ends
from si_research.survey.codebook import ROLE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from si_research.model.configurations.configurations import Configurations
    from si_research.model.forms.comparison import FormComparison
    from si_research.model.interaction import InteractionFit
    from si_research.model.necessity.necessity import Necessity
    from si_research.model.necessity.permutation import PermutationTest
    from si_research.model.verdict.needed_n import NeededN
    from si_research.model.verdict.verdict import Verdict
    from si_research.study.analysis import PreparedStudy
    from si_research.study.study_file import StudyFile
    from si_research.survey.codebook import Codebook

THREE: Final = 3
MOST_DRAWS: Final = 999
"""Of the readings beside the verdict: they tell shares of draws, and no small p."""
Reading = TypeVar("Reading")
Ends = dict[str, tuple[float, float]]


def combination(
    study: StudyFile,
    codebook: Codebook,
    ready: PreparedStudy,
    fit: InteractionFit | None,
    progress: Callable[[str, float], None],
) -> CombinationFindings | None:
    """Return the verdict of a study and what stands behind it.

    Parameters
    ----------
    study : StudyFile
    codebook : Codebook
    ready : PreparedStudy
    fit : InteractionFit or None
        Without weights; None after a refusal.
    progress : callable

    Returns
    -------
    CombinationFindings or None
        None with two predictors, after a refusal (but for a file of organisations, of which the verdict is a
        statement on organisations), where the outcome is one figure a firm, whose people would be counted as
        if each had an own one, or where the readings cannot be told apart at all.
    """
    of_organisations = codebook.unit != "respondent"
    rows = _rows_of_organisations(study, ready) if of_organisations else None if fit is None else fit.rows
    if rows is None or len(study.analysis.predictors) != THREE or is_of_firms(fit):
        return None
    progress("weighing the readings", 0.61)
    firms = ROLE_COLUMNS["organisation"]
    cluster = firms if of_organisations and firms in rows else None if fit is None else fit.cluster
    try:
        verdict = _verdict(study, ready, rows, () if fit is None else fit.controls, cluster)
    except (SurveyDataError, ModelSpecificationError):
        return None
    names = (verdict.outcome, *verdict.predictors)
    unbounded = open_scales(ready.scores.scales, names)
    data = Asked(
        rows=rows,
        roles={
            "outcome": verdict.outcome,
            "predictors": verdict.predictors,
            "controls": verdict.controls,
            "cluster": verdict.cluster,
        },
        ends=study_ends(rows, ready.scores.scales, names),
        anchors=sample_anchors(rows, unbounded),
        draws=min(verdict.draws, MOST_DRAWS),
        seed=verdict.seed,
    )
    necessity = _or_nothing(data.necessity)
    return CombinationFindings(
        verdict,
        needed=_needed(study, verdict, progress),
        forms=_or_nothing(data.forms),
        necessity=necessity,
        shuffled=None if necessity is None else _or_nothing(lambda: data.shuffled(necessity)),
        configurations=_or_nothing(data.configurations),
        of_organisations=of_organisations,
        open_scales=unbounded,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What each reading rests on."""

    rows: pd.DataFrame
    roles: Mapping[str, Any]
    ends: Ends
    anchors: Mapping[str, tuple[float, ...]]
    draws: int
    seed: int

    def forms(self) -> FormComparison:
        """Compare the forms."""
        return compare_forms(self.rows, **self.roles, ends=self.ends, draws=self.draws, seed=self.seed)

    def necessity(self) -> Necessity:
        """Describe the ceilings over the people that the other readings rest on too."""
        roles = {name: value for name, value in self.roles.items() if name != "controls"}
        complete = complete_rows(self.rows, roles=Roles(**self.roles)).frame
        return describe_necessity(complete, **roles, ends=self.ends, scope=THEORETICAL)

    def shuffled(self, found: Necessity) -> PermutationTest:
        """Test the ceilings against those of shuffled outcomes, as R's NCA does."""
        return permutation_test(found, draws=self.draws, seed=self.seed)

    def configurations(self) -> Configurations:
        """Compare sets; people exactly half in a set count as out of it."""
        roles = {name: value for name, value in self.roles.items() if name != "controls"}
        return fit_configurations(
            self.rows,
            **roles,
            ends=self.ends,
            anchors=self.anchors,
            at_crossover=OUT,
            draws=self.draws,
            seed=self.seed,
        )


def _or_nothing(read: Callable[[], Reading]) -> Reading | None:
    """Return a reading; nothing where these people do not allow it, so that the others still stand."""
    try:
        return read()
    except (SurveyDataError, ModelSpecificationError):
        return None


def _needed(study: StudyFile, verdict: Verdict, progress: Callable[[str, float], None]) -> NeededN | None:
    """Return how many people would decide, where nothing is decided and the study wants to know."""
    runs = study.analysis.needed_n_runs
    if verdict.code != UNDECIDED or not runs:
        return None

    def tell(done: int, planned: int) -> None:
        progress(f"simulating how many people would decide, {done} of {planned} surveys", 0.62)

    return needed_n(verdict, runs=runs, progress=tell, seed=study.seed)


def _rows_of_organisations(study: StudyFile, ready: PreparedStudy) -> pd.DataFrame | None:
    """Return the scores of organisations, where the file has all of them."""
    asked = study.analysis
    names = {asked.outcome, *asked.predictors}
    return ready.scores.table() if names <= set(ready.scores.scales) else None


def _verdict(
    study: StudyFile,
    ready: PreparedStudy,
    rows: pd.DataFrame,
    controls: tuple[str, ...],
    cluster: str | None,
) -> Verdict:
    names = (study.analysis.outcome, *study.analysis.predictors)
    used = used_reliabilities(ready.scale_reliabilities, names)
    known = {str(name): float(value) for name, value in used["reliability"].items() if not math.isnan(value)}
    return reach_verdict(
        rows,
        outcome=study.analysis.outcome,
        predictors=study.analysis.predictors,
        controls=controls,
        cluster=cluster,
        ends=study_ends(rows, ready.scores.scales, names),
        reliability=known or None,
        draws=study.analysis.bootstrap_draws,
        seed=study.seed,
    )
