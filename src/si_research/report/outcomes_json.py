"""Several outcomes as they stand in ``results.json``, and how many people a test may be said to rest on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from si_research.model.several_outcomes import JOINT
from si_research.report.suppression import is_small

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings
    from si_research.report.outcomes_findings import OutcomesFindings

Plain = Callable[[Any], Any]


def told_people(found: OutcomesFindings) -> dict[str, int]:
    """Return the people of each test: the number of an earlier outcome, where it differs by fewer than five.

    The models of two outcomes differ in one scale only: 1,465 beside 1,463 would tell of two people that they
    did not answer it. The main outcome has its own number; 0 for an outcome that was not tested.
    """
    told: dict[str, int] = {}
    for outcome, n in found.tested.outcomes.groupby(level=0, sort=False)["n_used"].first().items():
        near = [other for other in told.values() if other and is_small(abs(int(n) - other))]
        told[str(outcome)] = near[0] if near and n else int(n)
    return told


def shown_outcomes(found: OutcomesFindings) -> pd.DataFrame:
    """Return the rows of the tests with the gain of the joint ones and the people that may be told."""
    table, told, tests = found.tested.table(), told_people(found), found.tested.tests
    names = [str(name) for name in table.index]
    gains = [
        tests[name].r2_gain if test == JOINT and name in tests else float("nan")
        for name, test in zip(names, table["test"], strict=True)
    ]
    people = pd.Series([told[name] or None for name in names], index=table.index, dtype="object")
    return table.assign(n_used=people, r2_gain=gains, state=[found.states[name] for name in names])


def outcomes_content(findings: StudyFindings, plain: Plain) -> dict[str, Any]:
    """Return what may leave the house; ``plain`` turns tables into records."""
    from si_research.report.outcomes_words import verdict_after_holm

    found = findings.outcomes
    assert found is not None
    return {
        "main": found.main,
        "planned": plain(found.tested.planned),
        "exploratory": plain(found.tested.exploratory),
        "tests": plain(shown_outcomes(found)),
        "verdict_after_holm": verdict_after_holm(findings),
    }
