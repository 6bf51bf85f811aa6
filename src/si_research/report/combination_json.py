"""The verdict as it stands in ``results.json``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from si_research.report.combination_findings import CombinationFindings

Plain = Callable[[Any], Any]


def combination_content(found: CombinationFindings, plain: Plain) -> dict[str, Any]:
    """Return what may leave the house: estimates over everybody; ``plain`` turns tables into records."""
    verdict = found.verdict
    return {
        "verdict": verdict.code,
        "reasons": plain(verdict.reasons),
        "readings": plain(verdict.readings),
        "evidence": plain(verdict.evidence),
        "wrong_signs": plain(verdict.wrong_signs),
        "notes": sorted({note.code for note in verdict.notes}),
        "rule": asdict(verdict.rule),
        "draws": verdict.draws,
        "seed": verdict.seed,
        "conf_level": verdict.conf_level,
    }
