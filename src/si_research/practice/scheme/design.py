"""Which design a scheme has, how high it stands on the ladder, and what the file cannot answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from si_research.model.fit_notes import Note
from si_research.practice.scheme.lottery import two_armed
from si_research.practice.scheme.panel import NEVER, SchemePanel, SchemeRoles

LOTTERY, STAGGERED, BEFORE_AFTER = "lottery", "staggered_start", "before_after_comparison"
REJECTED, DOSE, ADJUSTED = "rejected_applicants", "dose", "adjusted_comparison"
DESCRIPTION = "description"
KINDS: Final = (LOTTERY, STAGGERED, BEFORE_AFTER, REJECTED, DOSE, ADJUSTED, DESCRIPTION)
RUNGS: Final[Mapping[str, tuple[int, str]]] = {
    LOTTERY: (1, "lottery"),
    STAGGERED: (2, "difference_in_differences"),
    BEFORE_AFTER: (2, "difference_in_differences"),
    REJECTED: (2, "difference_in_differences"),
    DOSE: (3, "adjusted_comparison"),
    ADJUSTED: (3, "adjusted_comparison"),
    DESCRIPTION: (4, "description"),
}
"""Rung on the ladder (1 the highest) and its name, which the report puts into words."""
ASSUMPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    LOTTERY: ("drawn_by_lot", "everybody_followed_up", "no_spillover"),
    STAGGERED: ("parallel_trends", "no_anticipation", "no_spillover", "same_instrument"),
    BEFORE_AFTER: ("parallel_trends", "no_anticipation", "no_spillover", "same_instrument"),
    REJECTED: ("parallel_trends", "rejection_unrelated_to_trend", "no_anticipation", "no_spillover"),
    DOSE: ("parallel_trends", "dose_unrelated_to_trend", "straight_dose_response", "no_spillover"),
    ADJUSTED: ("no_unseen_differences", "alike_are_there", "covariates_from_before", "no_spillover"),
    DESCRIPTION: (),
}
BREAKS: Final[Mapping[str, tuple[str, ...]]] = {
    LOTTERY: ("lots_exchanged", "losers_served_elsewhere", "unequal_attrition"),
    STAGGERED: ("timing_follows_a_dip", "other_scheme_at_the_same_time", "effect_before_start"),
    BEFORE_AFTER: ("joined_after_a_dip", "other_scheme_at_the_same_time", "comparison_affected"),
    REJECTED: ("best_plans_were_chosen", "rejected_served_elsewhere", "unequal_attrition"),
    DOSE: ("eager_firms_took_more", "other_scheme_at_the_same_time"),
    ADJUSTED: ("eager_firms_joined", "covariates_changed_by_scheme", "other_scheme_at_the_same_time"),
    DESCRIPTION: (),
}


@dataclass(frozen=True, slots=True)
class SchemeDesign:
    """The design of a scheme evaluation. Made by :func:`recognise_design`.

    Attributes
    ----------
    kind : str
        One of ``KINDS``.
    rung : int
        1 lottery, 2 difference-in-differences, 3 adjusted comparison, 4 description only.
    rung_name : str
    assumptions, breaks : tuple of str
        Codes of what must hold, and of what would break it.
    n_firms, n_treated, n_comparison : int
        Firms in all; with the scheme within the waves seen, without those that are ``always_treated``;
        without it.
    starts : tuple of str
        Waves in which firms start.
    refusals : tuple of Note
        Why no effect can be estimated; empty where one can.
    notes : tuple of Note
        What a reader must know of who is in: ``rows_left_out``, ``always_treated``, ``none_never_treated``,
        ``one_firm_dominates`` (more than half of the people are of one firm, and people count once),
        ``counted_from_first_start`` (firms whose scheme ended count as having it from its start on).
    """

    kind: str
    rung: int
    rung_name: str
    assumptions: tuple[str, ...]
    breaks: tuple[str, ...]
    n_firms: int
    n_treated: int
    n_comparison: int
    starts: tuple[str, ...]
    refusals: tuple[Note, ...]
    notes: tuple[Note, ...]


def recognise_design(
    panel: SchemePanel, roles: SchemeRoles, *, outcomes: Sequence[str], changed: Sequence[str] = ()
) -> SchemeDesign:
    """Tell the design from the roles that are filled, and refuse what it cannot answer.

    Parameters
    ----------
    panel : SchemePanel
    roles : SchemeRoles
    outcomes : sequence of str
    changed : sequence of str
        Outcomes whose questions or answers changed between waves.

    Returns
    -------
    SchemeDesign

    Notes
    -----
    After the ladder of the expert group on measuring effects: a lottery; a difference-in-differences with
    firms seen before and after; a comparison adjusted for covariates, where nothing was seen before;
    description. A refusal ends in description. Refusals:
    ``no_outcome``; ``no_scheme`` (no firm has it); ``no_comparison`` (no firm is without it, and starts do
    not differ); ``one_wave_without_lottery``; ``no_before_wave``; ``instrument_changed`` (of every outcome);
    ``grants_only`` (several of these at once: a list of grants).

    References
    ----------
    Expertwerkgroep Effectmeting, chair Theeuwes (2012), Durf te meten: eindrapport. Ministerie van
    Economische Zaken.
    """
    starts = panel.firms["start"].to_numpy(dtype="float64")
    within = np.isfinite(starts)
    started = np.unique(starts[within])
    refusals = _refusals(panel, roles, starts, outcomes, changed)
    kind = DESCRIPTION if refusals else _kind(roles, started)
    rung, rung_name = RUNGS[kind]
    return SchemeDesign(
        kind=kind,
        rung=rung,
        rung_name=rung_name,
        assumptions=_with_rejected(ASSUMPTIONS, kind, roles),
        breaks=_with_rejected(BREAKS, kind, roles),
        n_firms=len(starts),
        n_treated=int(within.sum()) - _always_treated(panel, roles, starts),
        n_comparison=int((~within).sum()),
        starts=tuple(panel.waves[int(start)] for start in started),
        refusals=refusals,
        notes=_notes(panel, roles, starts),
    )


def _with_rejected(codes: Mapping[str, tuple[str, ...]], kind: str, roles: SchemeRoles) -> tuple[str, ...]:
    """Return the codes of a design, with those of rejected applicants where they are the comparison."""
    if roles.applied is None or kind in (LOTTERY, DESCRIPTION):
        return codes[kind]
    return tuple(dict.fromkeys((*codes[kind], *codes[REJECTED])))


def _kind(roles: SchemeRoles, started: np.ndarray) -> str:
    if roles.lottery or roles.stratum is not None:
        return LOTTERY
    if roles.dose is not None:
        return DOSE
    if not (started > 0).any():
        return ADJUSTED
    if len(started[started > 0]) > 1:
        return STAGGERED
    return REJECTED if roles.applied is not None else BEFORE_AFTER


def _refusals(
    panel: SchemePanel,
    roles: SchemeRoles,
    starts: np.ndarray,
    outcomes: Sequence[str],
    changed: Sequence[str],
) -> tuple[Note, ...]:
    lottery = roles.lottery or roles.stratum is not None
    n_waves, codes = len(panel.waves), []
    if not outcomes:
        codes.append("no_outcome")
    elif n_waves > 1 and not lottery and set(outcomes) <= set(changed):
        codes.append("instrument_changed")
    if not np.isfinite(starts).any():
        codes.append("no_scheme")
    later = starts[starts > 0]
    apart = not lottery and len(np.unique(later)) > 1
    if np.isfinite(starts).any() and not (np.isinf(starts).any() or apart):
        codes.append("no_comparison")
    adjusted = bool(panel.covariates) and roles.dose is None
    if not lottery and not adjusted and n_waves == 1:
        codes.append("one_wave_without_lottery")
    elif not lottery and not adjusted and np.isfinite(starts).any() and not np.isfinite(later).any():
        codes.append("no_before_wave")
    if {"no_outcome", "no_comparison"} <= set(codes):
        codes.append("grants_only")
    return tuple(Note(code, {"n_firms": len(starts), "n_waves": n_waves}) for code in codes)


def _always_treated(panel: SchemePanel, roles: SchemeRoles, starts: np.ndarray) -> int:
    """Return how many firms had the scheme before anything was seen of them, where others had not."""
    lottery = roles.lottery or roles.stratum is not None
    later = bool((starts[np.isfinite(starts)] > 0).any())
    return int((starts == 0).sum()) if later and not lottery and len(panel.waves) > 1 else 0


def _notes(panel: SchemePanel, roles: SchemeRoles, starts: np.ndarray) -> tuple[Note, ...]:
    notes = [Note("rows_left_out", {"reason": str(name), "n": int(n)}) for name, n in panel.dropped.items()]
    n_always = _always_treated(panel, roles, starts)
    if n_always:
        notes.append(Note("always_treated", {"n_firms": n_always}))
    people = panel.counts.max(axis=1).groupby(level="firm").sum() if len(panel.counts.columns) else None
    if people is not None and "stratum" in panel.firms:
        people = people[two_armed(panel.firms["stratum"], np.isfinite(starts))[people.index]]
    if (
        people is not None
        and len(people)
        and float(people.max()) > float(people.sum()) / 2
        and panel.weighting == "person"
    ):
        notes.append(Note("one_firm_dominates", {"largest": int(people.max()), "n": int(people.sum())}))
    n_ended = int(panel.firms["ended"].sum())
    if n_ended:
        notes.append(Note("counted_from_first_start", {"n_firms": n_ended}))
    if not (starts == NEVER).any():
        notes.append(Note("none_never_treated", {}))
    return tuple(notes)
