"""What ``results.json`` holds of factor models: every figure of the section, and no row of anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from si_research.report.factor_tables import sizes_shown
from si_research.report.factor_words import pairs_of, reading_of
from si_research.report.suppression import told_of_all

if TYPE_CHECKING:
    from si_research.measurement.factors.factor_fit import FactorFit
    from si_research.report.factor_findings import InstrumentComparison, StudyFactors


def factors_shown(factors: StudyFactors) -> dict[str, Any]:
    """Return the figures of the section by name: mappings, tables and numbers."""
    validity = factors.validity
    return {
        "reason": factors.reason,
        "findings": factors.findings,
        "missing": factors.missing,
        "clusters": factors.clusters,
        "n_rows": factors.n_rows,
        "models": {name: _model(fit) for name, fit in factors.models.items()},
        "validity": None if validity is None else validity.table(),
        "pairs": None if validity is None else pairs_of(validity, factors.htmt),
        "n_pairs": None if factors.htmt is None else told_of_all(factors.htmt.n_used, factors.n_rows),
        "hints": None if factors.hints is None else factors.hints.table(),
        "instruments": [_instrument(each) for each in factors.instruments],
    }


def _model(fit: FactorFit) -> dict[str, Any]:
    names = ("factors", "estimator", "missing", "status", "findings", "n_used", "conf_level", "fit", "r2")
    shown = {name: getattr(fit, name) for name in names}
    return shown | {"reading": reading_of(fit), "estimates": fit.estimates, "standardised": fit.standardised}


def _instrument(found: InstrumentComparison) -> dict[str, Any]:
    """The levels, the items that moved, and the sizes of groups where these tell of nobody."""
    invariance = found.invariance
    shown: dict[str, Any] = {"name": found.name, "verdict": found.verdict, "findings": found.findings}
    if invariance is None:
        return shown | {"groups": None, "levels": None, "items": None}
    sizes = {name: size if sizes_shown(found) else None for name, size in invariance.groups.items()}
    return shown | {"groups": sizes, "levels": invariance.levels, "items": invariance.items}
