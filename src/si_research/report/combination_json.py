"""The verdict as it stands in ``results.json``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from math import isinf
from typing import TYPE_CHECKING, Any

import numpy as np

from si_research.report.configuration_tables import told_records
from si_research.report.necessity_tables import bottlenecks_for_report
from si_research.report.necessity_words import levels_told, necessity_rows
from si_research.report.solution_tables import told_solutions

if TYPE_CHECKING:
    import pandas as pd

    from si_research.model.configurations.configurations import Configurations
    from si_research.model.fit_notes import Note
    from si_research.model.forms.comparison import FormComparison
    from si_research.model.forms.compensation import Compensation
    from si_research.model.necessity.necessity import Necessity
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
        "notes": _codes(verdict.notes),
        "open_scales": list(found.open_scales),
        "rule": asdict(verdict.rule),
        "draws": verdict.draws,
        "seed": verdict.seed,
        "conf_level": verdict.conf_level,
        "forms": None if found.forms is None else _forms(found.forms, plain),
        "power": None if verdict.compensation is None else _power(verdict.compensation, plain),
        "necessity": None if found.necessity is None else _necessity(found, found.necessity, plain),
        "configurations": None if found.configurations is None else _sets(found, found.configurations, plain),
    }


def _necessity(found: CombinationFindings, ceilings: Necessity, plain: Plain) -> dict[str, Any]:
    """Effect sizes to two places; places and numbers of who is on a ceiling, or above it, are left out."""
    levels = bottlenecks_for_report(ceilings, levels=levels_told(found, ceilings))
    shuffled = found.shuffled
    return {
        "conditions": plain(necessity_rows(found)),
        "bottlenecks": plain(levels.map(_score_or_code).reset_index()),
        "draws": None if shuffled is None else plain(shuffled.tests["n_draws"].max()),
        "notes": _codes(ceilings.notes),
    }


def _score_or_code(cell: str) -> float | str:
    """Return a required score as the number that it is; codes such as NN stay."""
    return cell if cell.strip("-0123456789.") or cell.count("-") == len(cell) else float(cell)


def _sets(combination: CombinationFindings, found: Configurations, plain: Plain) -> dict[str, Any]:
    """The truth tables and solutions of the page, and the answer; ends of the sample are left out."""
    answer, anchors = found.answer, found.anchors.copy()
    anchors.loc[list(combination.open_scales), ["lowest", "highest"]] = np.nan
    return {
        "answer": answer.code,
        "row": answer.row,
        "share_sufficient": plain(answer.share_sufficient),
        "share_only": plain(answer.share_only),
        "rows": plain(told_records(found, negated=False)),
        "rows_of_absence": plain(told_records(found, negated=True)),
        "solutions": plain(told_solutions(found, negated=False)),
        "solutions_of_absence": plain(told_solutions(found, negated=True)),
        "anchors": plain(anchors.reset_index()),
        "cut_offs": asdict(found.choices.cuts) | {"fewest_people": found.choices.n_cut},
        "n_used": found.n_used,
        "n_firms": found.n_firms,
        "draws": answer.n_draws,
        "conf_level": found.choices.conf_level,
        "notes": _codes(found.notes),
    }


def _forms(found: FormComparison, plain: Plain) -> dict[str, Any]:
    """The models side by side; the draws are left out."""
    return {
        "best": found.best,
        "models": plain(found.forms.reset_index()),
        "n_used": found.n_used,
        "n_firms": found.n_firms,
        "n_folds": found.n_folds,
        "draws": found.n_draws,
        "conf_level": found.conf_level,
        "notes": _codes(found.notes),
    }


def _power(found: Compensation, plain: Plain) -> dict[str, Any]:
    """How far one condition makes up for another; shares of people at an end of a scale are left out."""
    return {
        "estimates": _with_limits(found.table(), plain),
        "tests": plain(found.tests.reset_index()),
        "weights": _with_limits(found.weights, plain),
        "zero_point": _with_limits(found.zero_point.drop(columns="at_zero"), plain),
        "reliability": _with_limits(found.reliability, plain),
        "slope": plain(found.slope),
        "curve": plain(found.curve),
        "r2": plain(found.r2),
        "draws": found.n_draws,
        "notes": _codes(found.notes),
    }


def _with_limits(table: pd.DataFrame, plain: Plain) -> Any:
    """Return records in which a power that is a limit is told: ``inf`` or ``-inf``."""
    told = table.reset_index().astype(object)
    return plain(told.map(lambda cell: str(cell) if isinstance(cell, float) and isinf(cell) else cell))


def _codes(notes: Iterable[Note]) -> list[str]:
    return sorted({note.code for note in notes})
