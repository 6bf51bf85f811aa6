"""Worlds whose truth is known, for the error table of the verdict, and the rule as it was first proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any, Final

import numpy as np

from si_research.model.design import Roles
from si_research.model.forms.rows import form_rows
from si_research.model.interaction import regress
from si_research.model.verdict.evidence import evidence_of
from si_research.model.verdict.rule import Evidence, Figure, VerdictRule
from si_research.model.wild_bootstrap import bootstrap_p_value, bootstrap_wald, firm_weights
from si_research.simulation.worlds import World, simulate_world_scores

NAMES: Final = ("kunnen", "willen", "mogen")
OUTCOME, FIRM = "innovative_behaviour", "firm_id"
DRAWS: Final = 199
RUNS: Final = 200
FORMS: Final = {
    "additive, equal weights": World(),
    "additive, weights .70/.25/.05": World(weights=(0.70, 0.25, 0.05)),
    "additive, concave": World(form="concave"),
    "additive, convex": World(form="convex"),
    "product": World(form="product"),
    "minimum": World(form="minimum"),
    "harmonic": World(form="harmonic"),
    "geometric": World(form="geometric"),
    "floor": World(form="floor"),
    "threshold": World(form="threshold"),
    "nothing": World(form="nothing"),
}
HARSH: Final = {
    "15 firms": {"n_firms": 15},
    "conditions at the top": {"mean": 4.1},
    "outcome at its ceiling": {"outcome_mean": 4.2},
    "strong halo": {"halo": 0.5},
}
ALL: Final = {key: value for each in HARSH.values() for key, value in each.items()}
COMPENSATING: Final = ("additive, equal weights", "additive, concave", "additive, convex")
WORLDS: Final[dict[tuple[str, str], World]] = {
    **{(form, "usual"): world for form, world in FORMS.items()},
    **{
        (form, harsh): replace(FORMS[form], **options)
        for harsh, options in HARSH.items()
        for form in (*COMPENSATING, "nothing")
    },
    **{(form, "all at once"): replace(FORMS[form], **ALL) for form in (*COMPENSATING, "nothing")},
    **{(form, "600 people"): replace(FORMS[form], n_employees=600) for form in ("product", "minimum")},
    ("additive, equal weights", "600 people"): World(n_employees=600),
    **{
        (form, harsh): replace(FORMS[form], **HARSH[harsh])
        for form in ("product", "minimum")
        for harsh in ("outcome at its ceiling", "conditions at the top")
    },
}
RIGHT: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(FORMS, ("compensating",)),
    "product": ("reinforcing",),
    "minimum": ("bottleneck",),
    "harmonic": ("bottleneck", "reinforcing"),
    "geometric": ("reinforcing",),
    "floor": ("necessary",),
    "threshold": ("necessary",),
    "nothing": ("no_relation",),
}
CLAIMS: Final = ("bottleneck", "necessary", "reinforcing")


def evidence_in(world: World, seed: int, *, draws: int = DRAWS) -> Evidence:
    """Return what ``reach_verdict`` would look at in one survey, its joint test by a shorter road."""
    scores = simulate_world_scores(world, seed=seed)
    rows = form_rows(
        scores,
        outcome=OUTCOME,
        predictors=NAMES,
        controls=(),
        cluster=FIRM,
        ends=None,
        where="a simulation",
    )
    model = regress(scores, Roles(OUTCOME, NAMES, (), FIRM), squares=NAMES)
    places = [place for place, term in enumerate(model.terms) if ":" in term]
    statistic, drawn = bootstrap_wald(model, places, firm_weights(model.n_clusters, draws, seed))
    reliability = dict.fromkeys((*NAMES, OUTCOME), world.reliability)
    joint_p = bootstrap_p_value(statistic, drawn)
    return evidence_of(rows, reliability, VerdictRule(), draws=draws, seed=seed, joint_p=joint_p)


def flat(evidence: Evidence) -> dict[str, float]:
    """Return evidence as numbers with one name each, to be kept in a file."""
    found: dict[str, float] = {}
    for name, value in asdict(evidence).items():
        if name == "reliability":
            continue
        for key, inner in value.items() if isinstance(value, dict) else [("", value)]:
            parts = inner.items() if isinstance(inner, dict) else [("", inner)]
            found |= {"|".join(filter(None, (name, key, part))): float(number) for part, number in parts}
    return found


def whole(numbers: Mapping[str, float]) -> Evidence:
    """Return the evidence that :func:`flat` made numbers of."""
    given: dict[str, Any] = {each.name: {} for each in fields(Evidence)}
    for name, number in numbers.items():
        key, *inner = name.split("|")
        if key not in given:
            continue
        if not inner:
            given[key] = number
        elif len(inner) == 1:
            given[key][inner[0]] = number
        else:
            given[key].setdefault(inner[0], {})[inner[1]] = number
    for key in ("differences", "shares"):
        given[key] = {name: Figure(**each) for name, each in given[key].items()}
    return Evidence(**(given | {key: Figure(**given[key]) for key in ("p_hat", "products", "squares")}))


def first_rule(evidence: Evidence) -> str:
    """Return the verdict by the clauses that were proposed first, on the same evidence."""
    if evidence.relation_p > 0.05:
        return "no_relation" if evidence.relation_power >= 0.80 else "undecided"
    if evidence.p_hat.high < 0 and evidence.joint_p <= 0.05:
        return "bottleneck"
    if sum(p <= 0.05 for p in evidence.necessity.values()) >= 2:
        return "necessary"
    found = [each.estimate for each in evidence.differences.values() if each.p_value <= 0.05]
    rising, falling = (sum(np.sign(each) == sign for each in found) for sign in (1, -1))
    if evidence.joint_p <= 0.05 and rising >= 2 and not falling and evidence.mean_behind > 2:
        return "reinforcing"
    sure = evidence.share_power["minimum"] >= 0.80
    if evidence.p_hat.low > 0 and evidence.p_hat.high >= 1 and evidence.joint_p > 0.05 and sure:
        return "compensating"
    return "undecided"
