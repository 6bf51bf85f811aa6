"""The verdict: the rival readings of "only the combination" side by side, and which one the data support."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, check_draws, check_kind, listed_names
from si_research.model.fit_notes import Note
from si_research.model.forms.compensation import Compensation, fit_compensation
from si_research.model.forms.rows import FormRows, form_rows
from si_research.model.interaction import InteractionFit, fit_interaction
from si_research.model.joint import JointTest, joint_test
from si_research.model.necessity.beyond_correlation import (
    BeyondCorrelation,
    NecessityP,
    beyond_correlation,
)
from si_research.model.response_ends import Ends
from si_research.model.verdict.evidence import PowerFound, evidence_of
from si_research.model.verdict.rule import (
    COMPENSATING,
    NECESSARY,
    REFUSED,
    Evidence,
    VerdictRule,
    decide,
)
from si_research.model.verdict.tables import evidence_table, reading_table, wrong_sign_table

USUAL_DRAWS = 1999
THREE = 3


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """Which reading the data support, and what each of them has for and against it.

    Made by :func:`reach_verdict`.

    Attributes
    ----------
    code : str
        ``no_relation``, ``bottleneck``, ``necessary`` (otherwise compensating), ``reinforcing``,
        ``compensating``, ``undecided`` or ``refused``.
    reasons : tuple of str
        What led to it; for ``undecided`` what stood in the way, the nearest reading first.
    readings : pandas.DataFrame, indexed by ``reading``
        A row a reading: ``status`` (``supported``: the verdict; ``excluded`` by these data; ``open``),
        ``measure`` (how strong: ``r2``, ``p_hat``, ``share_product``, ``share_minimum``,
        ``conditions_necessary``), estimate, conf_low, conf_high, p_value, ``speaks_for``,
        ``speaks_against`` (tuples of codes), n_used.
    evidence : pandas.DataFrame
        A row a number: ``item`` (relation, power_mean, joint, without_slopes, differences, forms, shares,
        necessity (z), reliability, power), ``term``, estimate, conf_low, conf_high, p_value, p_holm, n_used.
    wrong_signs : pandas.DataFrame, indexed by ``finding``
        What goes against the theory's sign: ``three_way_negative``, ``slope_negative``, ``slope_falls``,
        ``share_negative``; ``term``, estimate, conf_low, conf_high, p_value, ``found`` (p at most alpha).
    notes : tuple of Note
        What must be known beside it, and what a verdict cannot see.
    numbers : Evidence or None
    fit, joint, compensation, necessity : the models behind it, or None when refused
    rows : FormRows or None
        The rows used. For further computation; no output shows them.
    """

    code: str
    reasons: tuple[str, ...]
    outcome: str
    predictors: tuple[str, ...]
    controls: tuple[str, ...]
    cluster: str | None
    n_rows: int
    n_used: int
    n_firms: int
    dropped: pd.Series
    rule: VerdictRule
    draws: int
    seed: int
    readings: pd.DataFrame = field(repr=False)
    evidence: pd.DataFrame = field(repr=False)
    wrong_signs: pd.DataFrame = field(repr=False)
    notes: tuple[Note, ...]
    reliability: Mapping[str, float] | None
    numbers: Evidence | None = field(repr=False)
    fit: InteractionFit | None = field(repr=False)
    joint: JointTest | None = field(repr=False)
    compensation: Compensation | None = field(repr=False)
    necessity: BeyondCorrelation | None = field(repr=False)
    rows: FormRows | None = field(repr=False)

    @property
    def conf_level(self) -> float:
        """Of every interval: 1 - alpha of the rule."""
        return 1 - self.rule.alpha

    def table(self) -> pd.DataFrame:
        """Return a copy of the readings."""
        return self.readings.copy()

    def _head(self) -> str:
        firms = f" in {self.n_firms} firms" if self.n_firms else ""
        return f"{self.code} ({', '.join(self.reasons)}); n = {self.n_used} of {self.n_rows}{firms}"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.readings[SHOWN].round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.readings[SHOWN].round(3).to_html()}"


SHOWN = ["status", "measure", "estimate", "conf_low", "conf_high", "p_value", "n_used"]


def reach_verdict(
    scores: pd.DataFrame,
    *,
    outcome: str = INNOVATIVE_BEHAVIOUR.name,
    predictors: Sequence[str] = CONDITIONS,
    controls: Sequence[str] = (),
    cluster: str | None = None,
    ends: Ends = None,
    reliability: Mapping[str, float] | None = None,
    draws: int = USUAL_DRAWS,
    seed: int,
    rule: VerdictRule | None = None,
) -> Verdict:
    """Gather the evidence for every reading of "only the combination", and say which one it supports.

    Use it as the last step: it puts the joint test, the power mean, necessity and the rest beside each other
    by a rule that was fixed before the data were seen.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row a respondent.
    outcome : str
    predictors : sequence of str
        Three.
    controls : sequence of str
    cluster : str, optional
        Column that names the firm; whole firms are then drawn, left out and counted.
    ends : mapping of str to (lowest, highest), or one pair for all, optional
        Ends of the response formats; (1, 5) by default.
    reliability : mapping of scale to float, optional
        Of outcome and conditions, such as omega. Those that are not known count as the rule assumes; a
        negative one (of items that do not go together) counts as 0, and is noted.
    draws, seed : int
        Of every bootstrap.
    rule : VerdictRule, optional

    Returns
    -------
    Verdict

    Raises
    ------
    ModelSpecificationError
        For names that are no columns, another number of conditions than three, reliabilities that are none.
    SurveyDataError
        For fewer than 20 complete rows, a column that does not vary, or scores beyond their ends.

    Notes
    -----
    The rule is that of :func:`~si_research.model.verdict.rule.decide`; how often it errs stands in
    :func:`~si_research.model.verdict.error_table.error_table`. The joint test is the wild cluster bootstrap
    Wald test (HC3 without firms), everything else the jackknife or the bootstrap over firms.

    Examples
    --------
    >>> from si_research.simulation.worlds import World, simulate_world_scores
    >>> scores = simulate_world_scores(World(form="minimum"), seed=1)
    >>> known = dict.fromkeys(["kunnen", "willen", "mogen", "innovative_behaviour"], 0.8)
    >>> reach_verdict(scores, cluster="firm_id", reliability=known, draws=199, seed=1).code
    'bottleneck'
    """
    rule = VerdictRule() if rule is None else rule
    check_draws(draws, seed, USUAL_DRAWS, "reach_verdict")
    names = listed_names(predictors, "`predictors` of reach_verdict")
    known = _reliabilities(reliability, (outcome, *names))
    if len(names) != THREE:
        raise ModelSpecificationError(
            expected="three conditions",
            found=f"{len(names)}",
            where="`predictors` of reach_verdict",
            todo="name three; of two, read the interaction and the power mean",
        )
    rows = form_rows(
        scores,
        outcome=outcome,
        predictors=names,
        controls=controls,
        cluster=cluster,
        ends=ends,
        where="reach_verdict",
    )
    verdict = _refused(rows, rule, draws, seed, known)
    low = [name for name, value in (known or {}).items() if value < rule.reliability_floor]
    if known is not None and len(low) == len(known) == len(names) + 1:
        return verdict
    shared: dict[str, Any] = {"outcome": outcome, "predictors": names, "controls": controls}
    return _reached(verdict, rows, scores, {**shared, "cluster": cluster, "ends": ends}, low)


def _reached(
    verdict: Verdict, rows: FormRows, scores: pd.DataFrame, options: dict[str, Any], low: list[str]
) -> Verdict:
    rule, draws, seed = verdict.rule, verdict.draws, verdict.seed
    without_ends = {name: value for name, value in options.items() if name != "ends"}
    fit = fit_interaction(scores, **without_ends, conf_level=verdict.conf_level)
    joint = joint_test(fit, draws=draws, seed=seed)
    power = fit_compensation(
        scores,
        **options,
        reliabilities=_of_conditions(verdict),
        conf_level=verdict.conf_level,
        draws=draws,
        seed=seed,
    )
    necessity = beyond_correlation(scores, **options, draws=draws, seed=seed)
    numbers = evidence_of(
        rows,
        verdict.reliability,
        rule,
        draws=draws,
        seed=seed,
        power_found=PowerFound(power.p_hat, power.draws),
        joint_p=joint.p_value,
        necessity=NecessityP(
            necessity.conditions.loc[list(rows.roles.predictors), "p_necessity"].to_numpy(), necessity.p_two
        ),
    )
    decision = decide(numbers, rule)
    return replace(
        verdict,
        code=decision.code,
        reasons=decision.reasons,
        readings=reading_table(numbers, decision, fit, rule),
        evidence=evidence_table(numbers, fit, joint, necessity),
        wrong_signs=wrong_sign_table(numbers, fit, rule),
        notes=(
            *(() if numbers.distinct else (Note("conditions_hardly_distinct"),)),
            *necessity.notes,
            *_notes(verdict, fit, joint, power, decision.code, low),
        ),
        numbers=numbers,
        fit=fit,
        joint=joint,
        compensation=power,
        necessity=necessity,
        rows=rows,
    )


def _of_conditions(verdict: Verdict) -> dict[str, float] | None:
    """Return the reliability of the conditions, where that of each is known and above 0."""
    known = {name: (verdict.reliability or {}).get(name, np.nan) for name in verdict.predictors}
    return known if all(value > 0 for value in known.values()) else None


def _reliabilities(given: object, scales: Sequence[str]) -> dict[str, float] | None:
    """Return reliabilities of these scales, missing ones left out; None where none was given."""
    if given is None:
        return None
    check_kind(
        given,
        Mapping,
        "a reliability for each scale",
        "`reliability` of reach_verdict",
        "write {'kunnen': 0.8, ...}",
    )
    assert isinstance(given, Mapping)
    strangers = [str(name) for name in given if name not in scales]
    wrong = [value for value in given.values() if not _is_reliability(value)]
    if strangers or wrong:
        raise ModelSpecificationError(
            expected=f"reliabilities up to 1 of {', '.join(scales)}",
            found=", ".join(strangers) if strangers else as_found(wrong[0]),
            where="`reliability` of reach_verdict",
            todo="give omega or alpha of each scale of the model, and leave out those that are not known",
        )
    return {str(name): float(value) for name, value in given.items() if not np.isnan(value)}


def _is_reliability(value: object) -> bool:
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return bool(number and not float(value) > 1 and float(value) != -np.inf)  # type: ignore[arg-type]


def _refused(
    rows: FormRows, rule: VerdictRule, draws: int, seed: int, reliability: dict[str, float] | None
) -> Verdict:
    """Return the verdict on scales of which none is reliable: that there is none."""
    values = dict(reliability or {})
    return Verdict(
        code=REFUSED,
        reasons=("no_reliable_scale",),
        outcome=rows.roles.outcome,
        predictors=rows.roles.predictors,
        controls=rows.roles.controls,
        cluster=rows.roles.cluster,
        n_rows=rows.n_rows,
        n_used=rows.n,
        n_firms=rows.n_firms,
        dropped=rows.dropped,
        rule=rule,
        draws=draws,
        seed=seed,
        readings=reading_table(None, None, None, rule),
        evidence=evidence_table(None, None, None, None),
        wrong_signs=wrong_sign_table(None, None, rule),
        notes=(Note("no_reliable_scale", {"reliability": values, "floor": rule.reliability_floor}),),
        reliability=reliability,
        numbers=None,
        fit=None,
        joint=None,
        compensation=None,
        necessity=None,
        rows=None,
    )


def _notes(
    verdict: Verdict, fit: InteractionFit, joint: JointTest, power: Compensation, code: str, low: list[str]
) -> tuple[Note, ...]:
    """Return what must be known beside a verdict, and what none can see."""
    notes = [*fit.notes, *power.notes]
    if joint.note:
        notes.append(Note(f"joint_{joint.note}"))
    known = verdict.reliability or {}
    assumed = [name for name in verdict.predictors if name not in known]
    if assumed:
        notes.append(
            Note("reliability_assumed", {"value": verdict.rule.assumed_reliability, "n": len(assumed)})
        )
    if negative := [name for name, value in known.items() if value <= 0]:
        notes.append(Note("reliability_not_positive", {"scales": negative}))
    if low:
        notes.append(Note("unreliable_scales", {"scales": low, "floor": verdict.rule.reliability_floor}))
    if code == COMPENSATING:
        notes.append(Note("halo_looks_compensating"))
    if code in (COMPENSATING, NECESSARY):
        notes.append(Note("mean_and_geometric_alike"))
    notes += [Note("one_source"), Note("one_wave"), Note("response_style")]
    return tuple({(note.code, str(note.values)): note for note in notes}.values())
