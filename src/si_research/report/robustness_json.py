"""How firm a result is, as it stands in ``results.json``: no firm by itself, and nothing of one person."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from si_research.report.robustness_counts import (
    n_firms_told,
    one_person_weighs,
    shown_ceiling,
    shown_diagnostics,
    shown_summary,
)

if TYPE_CHECKING:
    from si_research.model.effect_sizes import EffectSizes
    from si_research.model.influence import LeaveOneFirmOut
    from si_research.report.robustness_findings import RobustnessFindings

Plain = Callable[[Any], Any]


def robustness_content(found: RobustnessFindings, hidden: frozenset[str], plain: Plain) -> dict[str, Any]:
    """Return what may leave the house; ``plain`` turns tables into records, ``hidden`` terms are left out."""
    checks = {"curvature": found.curvature, "ceiling": found.ceiling}
    rules = {name: {"passed": each.passed, "rule": each.rule} for name, each in checks.items()}
    ceiling = shown_ceiling(found.ceiling)
    passed = not (ceiling["floor"] | ceiling["ceiling"]).any()
    return {
        "firms_status": found.firms_status,
        "firms": None if found.firms is None else _firms(found.firms, plain),
        "small_firms_together": None if found.small_firms is None else plain(found.small_firms),
        "sizes_status": found.sizes_status,
        "sizes": None if found.sizes is None else _sizes(found.sizes, plain),
        "curvature_status": found.curvature_status,
        "curvature": rules["curvature"] | {"tests": plain(found.curvature.table_)},
        "ceiling": rules["ceiling"] | {"passed": bool(passed), "scores": plain(ceiling)},
        "diagnostics": plain(shown_diagnostics(found.diagnostics, hidden)),
        "one_person_weighs": one_person_weighs(found.diagnostics),
    }


def _firms(found: LeaveOneFirmOut, plain: Plain) -> dict[str, Any]:
    return {
        "n_firms": found.n_firms,
        "n_firms_told": n_firms_told(found),
        "conf_level": found.conf_level,
        "whole": plain(found.whole.rename_axis("term")),
        "summary": plain(shown_summary(found)),
    }


def _sizes(found: EffectSizes, plain: Plain) -> dict[str, Any]:
    """The sizes; how many people were drawn is how many there are."""
    names = ("unit", "n_used", "n_draws", "seed", "n_deficient", "conf_level")
    return {name: getattr(found, name) for name in names} | {"sizes": plain(found.sizes)}
