"""Did the scheme work, and did it lift the condition that was binding?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd

from si_research.constructs import CONDITIONS, CONSTRUCTS
from si_research.errors import ModelSpecificationError
from si_research.model.arguments import check_draws, check_level, check_options, listed_names
from si_research.model.fit_notes import Note
from si_research.practice.scheme.binding import BINDING, BINDING_NORM, seen_before, with_binding
from si_research.practice.scheme.design import DESCRIPTION, LOTTERY, SchemeDesign, recognise_design
from si_research.practice.scheme.estimates import Asked, OutcomeEffects, outcome_effects
from si_research.practice.scheme.gathered import (
    all_effects,
    all_notes,
    bottleneck_view,
    checks,
    costs_of,
    described,
    has_before,
    stacked,
)
from si_research.practice.scheme.panel import SchemePanel, SchemeRoles, Weighting, scheme_panel


@dataclass(frozen=True, slots=True, eq=False)
class SchemeEvaluation:
    """The evaluation of a scheme. Made by :func:`evaluate_scheme`.

    Attributes
    ----------
    roles : SchemeRoles
    planned : tuple of str
        Outcomes that are corrected for; with the binding condition where that is one of them.
    waves : tuple of str
    n_rows : int
        Rows offered.
    dropped : pandas.Series
        Rows left out, by reason.
    design : SchemeDesign
        With the rung, the assumptions, and the refusals: where there is one, there are no effects and the
        description is all that the file can say.
    effects : pandas.DataFrame, indexed by ``outcome``
        A row an outcome, estimator and method of its errors: role (planned or exploratory), family,
        estimator, method, ``recommended`` (one row an outcome), the figures, ``p_holm`` over the planned
        outcomes (recommended rows), ``effect_sd`` (in standard deviations between people in the first wave),
        n_used (people), n_firms, n_treated, note.
    event_study, group_time, pre_trends : pandas.DataFrame
        Effects by time since the start, and by wave of start, with ``outcome``; the joint test of what
        preceded the start. Empty where the design has none.
    balance, overlap, attrition : pandas.DataFrame
    bottleneck : pandas.DataFrame, indexed by ``condition``
        Firms in which each condition was binding before, and the effect on it in all firms and in those.
    costs : pandas.DataFrame, indexed by ``outcome``
        Empty without ``cost``.
    description : pandas.DataFrame
        outcome, arm, wave, mean, n (people), n_firms.
    refused : mapping of outcome to str
        Code of why an outcome has no effect: ``instrument_changed``, ``no_comparison``, ``no_same_firms``,
        ``strata_one_sided`` (in no stratum some firms were drawn and some not), ``not_identified``,
        ``separation``, ``too_few_for_covariates``.
    notes : tuple of Note
    conf_level : float
    draws, seed : int
    """

    roles: SchemeRoles = field(repr=False)
    planned: tuple[str, ...]
    waves: tuple[str, ...]
    n_rows: int
    dropped: pd.Series = field(repr=False)
    design: SchemeDesign
    effects: pd.DataFrame = field(repr=False)
    event_study: pd.DataFrame = field(repr=False)
    group_time: pd.DataFrame = field(repr=False)
    pre_trends: pd.DataFrame = field(repr=False)
    balance: pd.DataFrame = field(repr=False)
    overlap: pd.DataFrame = field(repr=False)
    attrition: pd.DataFrame = field(repr=False)
    bottleneck: pd.DataFrame = field(repr=False)
    costs: pd.DataFrame = field(repr=False)
    description: pd.DataFrame = field(repr=False)
    refused: Mapping[str, str] = field(repr=False)
    notes: tuple[Note, ...] = field(repr=False)
    conf_level: float
    draws: int
    seed: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the recommended effects; of the description where no effect can be estimated."""
        if self.design.kind == DESCRIPTION:
            return self.description.copy()
        return self.effects[self.effects["recommended"].astype("bool")].copy()

    def _head(self) -> str:
        design = self.design
        refused = f"; refused: {', '.join(note.code for note in design.refusals)}" if design.refusals else ""
        return (
            f"{design.kind}, rung {design.rung} ({design.rung_name}); {design.n_treated} firms with the "
            f"scheme, {design.n_comparison} without{refused}"
        )

    def __str__(self) -> str:
        return f"{self._head()}\n{self.table().round(4).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.table().round(4).to_html()}"


def evaluate_scheme(
    scores: pd.DataFrame,
    *,
    firm: str,
    wave: str | None = None,
    treated: str | None = None,
    start: str | None = None,
    after: Any = None,
    lottery: bool = False,
    stratum: str | None = None,
    applied: str | None = None,
    dose: str | None = None,
    covariates: Sequence[str] = (),
    weighting: Weighting = "person",
    outcomes: Sequence[str] | None = None,
    exploratory: Sequence[str] = (),
    changed: Sequence[str] = (),
    cost: float | str | None = None,
    conf_level: float = 0.95,
    draws: int = 1999,
    seed: int,
) -> SchemeEvaluation:
    """Evaluate a scheme for firms: its design, every estimate that this allows, and the bottleneck view.

    Use it with a row a person (or firm) and wave. What it can say follows from the roles: with none that give
    a comparison it describes and says why it refuses.

    Parameters
    ----------
    scores : pandas.DataFrame
    firm, wave, treated, start, after, lottery, stratum, applied, dose, covariates, weighting
        The roles, as :class:`~si_research.practice.scheme.panel.SchemeRoles` explains them.
    outcomes : sequence of str, optional
        The planned outcomes; without, kunnen, willen, mogen, innovative behaviour and the three families of
        outcomes, as far as they are there. With two conditions or more, the one that was binding is planned
        too.
    exploratory : sequence of str
        Outcomes that are not corrected for, and confirm nothing.
    changed : sequence of str
        Outcomes whose questions or answers changed between waves (see ``check_instruments``): refused.
    cost : float or str, optional
        Mean cost of a firm with the scheme, or the column with the cost of each.
    conf_level : float, in (0, 1)
    draws, seed : int
        Of the lots drawn again, and of the wild bootstrap.

    Returns
    -------
    SchemeEvaluation

    Raises
    ------
    ModelSpecificationError, SurveyDataError
        For roles that cannot be read; a design that gives no effect is no error but a refusal in the result.

    Notes
    -----
    Each outcome is estimated on its own firms. Holm's correction is over the recommended rows of the planned
    outcomes; one without a p stays among them with p = 1.

    References
    ----------
    Expertwerkgroep Effectmeting, chair Theeuwes (2012), Durf te meten: eindrapport. Ministerie van
    Economische Zaken.

    Examples
    --------
    >>> from si_research import simulate_scores
    >>> scores = simulate_scores(480, seed=1)
    >>> scores["firm"], scores["wave"] = scores.index // 2 % 24, scores.index % 2
    >>> scores["scheme"] = (scores["firm"] < 12).astype(int)
    >>> roles = {"firm": "firm", "wave": "wave", "treated": "scheme"}
    >>> found = evaluate_scheme(scores, **roles, outcomes=["mogen"], draws=199, seed=1)
    >>> found.design.kind, found.effects.loc["mogen", "n_firms"].iloc[0]
    ('before_after_comparison', np.int64(24))
    """
    check_level(conf_level)
    check_draws(draws, seed, 1999, "evaluate_scheme")
    check_options(weighting, ("person", "firm"), "`weighting` of the scheme")
    roles = SchemeRoles(
        firm=firm,
        wave=wave,
        treated=treated,
        start=start,
        after=after,
        lottery=lottery,
        stratum=stratum,
        applied=applied,
        dose=dose,
        cost=cost if isinstance(cost, str) else None,
        covariates=listed_names(covariates, "`covariates` of evaluate_scheme"),
        weighting=weighting,
    )
    fixed_cost = None if isinstance(cost, str) else cost
    planned, explored = _outcomes(scores, outcomes, exploratory)
    panel = scheme_panel(scores, roles, [*planned, *explored])
    design = recognise_design(panel, roles, outcomes=planned, changed=changed)
    asked = Asked(design.kind, conf_level, draws, seed)
    conditions = seen_before(panel, [name for name in CONDITIONS if name in planned])
    estimable = design.kind != DESCRIPTION
    if estimable and len(conditions) > 1 and has_before(panel) and not set(conditions) & set(changed):
        panel = with_binding(panel, conditions)
        planned, explored = [*planned, BINDING], [*explored, BINDING_NORM]
    else:
        conditions = []
    found, refused = _found(panel, asked, [*planned, *explored] if estimable else [], changed)
    effects = all_effects(panel, found, planned)
    looked = checks(panel, found, planned, drawn=design.kind == LOTTERY)
    return SchemeEvaluation(
        roles=roles,
        planned=tuple(planned),
        waves=panel.waves,
        n_rows=panel.n_rows,
        dropped=panel.dropped,
        design=design,
        effects=effects,
        event_study=stacked(found, "event"),
        group_time=stacked(found, "group_time"),
        pre_trends=stacked(found, "pre_trends"),
        balance=looked[0],
        overlap=looked[1],
        attrition=looked[2],
        bottleneck=bottleneck_view(panel, asked, effects, conditions),
        costs=costs_of(panel, effects, fixed_cost, conf_level),
        description=described(panel, [*planned, *explored]),
        refused=refused,
        notes=(*design.notes, *looked[3], *all_notes(found)),
        conf_level=conf_level,
        draws=draws,
        seed=seed,
    )


def _outcomes(
    scores: pd.DataFrame, outcomes: Sequence[str] | None, exploratory: Sequence[str]
) -> tuple[list[str], list[str]]:
    given = [name for name in CONSTRUCTS if name in scores] if outcomes is None else outcomes
    planned = list(listed_names(given, "`outcomes` of evaluate_scheme"))
    explored = list(listed_names(exploratory, "`exploratory` of evaluate_scheme"))
    names = [*planned, *explored]
    twice = sorted({name for name in names if names.count(name) > 1})
    own = sorted({BINDING, BINDING_NORM} & set(names))
    if twice or own:
        raise ModelSpecificationError(
            expected="each outcome once, and no outcome under a name that the evaluation uses itself",
            found=", ".join(twice or own),
            where="`outcomes` and `exploratory` of evaluate_scheme",
            todo="name each outcome as planned or as exploratory, once",
        )
    return planned, explored


def _found(
    panel: SchemePanel, asked: Asked, names: Sequence[str], changed: Sequence[str]
) -> tuple[dict[str, OutcomeEffects], dict[str, str]]:
    """Return the effects on each outcome, and why others have none."""
    found: dict[str, OutcomeEffects] = {}
    refused: dict[str, str] = {}
    for name in names:
        if name in changed and asked.kind != LOTTERY:
            refused[name] = "instrument_changed"
            continue
        effects = outcome_effects(panel, name, asked)
        if effects.refusal:
            refused[name] = effects.refusal
        else:
            found[name] = effects
    return found, refused
