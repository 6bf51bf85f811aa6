"""Missing answers as they stand in ``results.json``: aggregates only, small counts hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from si_research.report.missing_counts import (
    complete_rows,
    shown_blocks,
    shown_left_out,
    shown_person_mean,
    shown_reasons,
    shown_variables,
)
from si_research.report.missing_tables import shown_item_patterns, tested_terms
from si_research.report.suppression import is_small

if TYPE_CHECKING:
    from si_research.model.missing.imputed import ImputedScores
    from si_research.model.missing.pool import PooledInteraction
    from si_research.report.findings import StudyFindings


def missing_content(findings: StudyFindings, plain: Callable[[Any], Any]) -> dict[str, Any] | None:
    """Return what may leave the house; ``plain`` turns tables into records."""
    found = findings.missing_answers
    if found is None:
        return None
    answers, shown = found.answers, shown_item_patterns(findings)
    return {
        "n_rows": answers.items.n_rows,
        "n_complete": plain(complete_rows(answers.items)),
        "reasons": {level: plain(shown_reasons(answers, level)) for level in ("item", "score")},
        "patterns": None if shown is None else plain(shown),
        "blocks": plain(shown_blocks(answers)),
        "person_mean": plain(shown_person_mean(answers)),
        "outcome": found.outcome,
        "n_holed": None if is_small(found.n_holed) and found.n_holed else found.n_holed,
        "imputed": None if found.imputed is None else _imputed(found.imputed, plain),
        "pooled": None if found.pooled is None else _pooled(found.pooled, plain),
    }


def _imputed(imputed: ImputedScores, plain: Callable[[Any], Any]) -> dict[str, Any]:
    """The imputation without its rows and draws."""
    return {
        "n_rows": imputed.n_rows,
        "n_used": imputed.n_used,
        "n_complete": imputed.n_complete,
        "n_imputations": imputed.n_imputations,
        "iterations": imputed.iterations,
        "seed": imputed.seed,
        "squares": list(imputed.squares),
        "left_out": [{"causes": list(causes), "n": n} for causes, n in shown_left_out(imputed)],
        "variables": plain(shown_variables(imputed)),
        "convergence": plain(imputed.convergence),
    }


def _pooled(pooled: PooledInteraction, plain: Callable[[Any], Any]) -> dict[str, Any]:
    """Both columns for the conditions and their products; controls may rest on few people."""
    terms = tested_terms(pooled)
    return {
        "formula": pooled.formula,
        "tested_term": pooled.tested_term,
        "imputed": plain(pooled.coefficients.loc[terms]),
        "complete_cases": plain(pooled.complete_cases.loc[terms]),
        "highest_order": plain(pooled.highest_order.reset_index()),
        "joint": plain(pooled.joint),
        "r2": plain(pooled.r2),
        "method": pooled.method,
        "df_complete": pooled.df_complete,
        "conf_level": pooled.conf_level,
        "notes": plain(pooled.notes),
    }
