"""``results.json``: every number of the report at full precision, and nothing about anybody."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from si_research.report.aggregation_counts import firms_in_bars, shown_aggregation
from si_research.report.combination_json import combination_content
from si_research.report.describe import (
    describe_sample,
    describe_scales,
    distribution,
    hidden_terms,
    question_scales,
    records,
    scale_correlations,
    told_of_scale,
)
from si_research.report.factor_counts import factors_shown
from si_research.report.flow import flow_of_rows, rows_after_steps
from si_research.report.item_counts import shown_json
from si_research.report.ledger_words import shown_kinds
from si_research.report.methods_paragraph import methods_paragraph, references
from si_research.report.missing_json import missing_content
from si_research.report.outcomes_json import outcomes_content
from si_research.report.probing_json import probing_content
from si_research.report.published import published_json
from si_research.report.robustness_json import robustness_content
from si_research.report.screening_counts import shown_agreement, shown_counts, shown_indices
from si_research.report.suppression import (
    hide_small,
    is_exact,
    is_published,
    is_small,
    told_figure,
    told_of_all,
)
from si_research.report.words import answer_of

if TYPE_CHECKING:
    from si_research.measurement.aggregation import Aggregation
    from si_research.measurement.reliability import Reliability
    from si_research.model.corners import CornerComparison
    from si_research.model.interaction import InteractionFit
    from si_research.report.findings import StudyFindings
    from si_research.survey.scoring import ScaleFacts
    from si_research.survey.screening.flags import Screening

VERSION: Final = 1
_ROWS_OF_PEOPLE: Final = frozenset({"rows", "dropped"})


def results_json(findings: StudyFindings, language: str = "nl") -> str:
    """Return the results of a study as JSON: aggregates only, the same text for the same findings.

    Parameters
    ----------
    findings : StudyFindings
    language : {"nl", "en"}
        Of the paragraph for a Method section; nothing else is in words.

    Returns
    -------
    str
        Keys sorted; columns named as in the result objects; numbers that are not known are null.
    """
    n_all = len(findings.scores.table_)
    content: dict[str, Any] = {
        "version": VERSION,
        "synthetic": findings.synthetic,
        "study": plain(findings.study),
        "source": plain(findings.source),
        "versions": dict(findings.versions),
        "flow": plain(flow_of_rows(findings)),
        "cleaning": _cleaning(findings),
        "sample": plain(describe_sample(findings)),
        "scales": [
            _without_small(plain(scale), "n_scored", "n_missing") | _told_scored(scale, n_all)
            for scale in findings.scales
        ],
        "reliabilities": [_reliability(each, findings) for each in findings.reliabilities],
        "reliability": None if findings.reliability is None else _reliability_findings(findings),
        "direction": plain(replace(findings.direction, table_=_of_items(findings.direction.table_, n_all))),
        "items": plain(_of_items(findings.items, n_all)),
        "descriptives": plain(describe_scales(findings)),
        "distributions": {name: plain(distribution(findings, name)) for name in question_scales(findings)},
        "correlations": plain(scale_correlations(findings)),
        "refusal": plain(findings.refusal),
        "answer": _answer(findings),
        "fit": None if findings.fit is None else _fit(findings.fit),
        "joint": plain(findings.joint),
        "corners": None if findings.corners is None else _corners(findings.corners),
        "slopes": plain(findings.slopes),
        "probing": None if findings.probing is None else probing_content(findings.probing, plain),
        "robustness": _robustness(findings),
        "combination": None
        if findings.combination is None
        else combination_content(findings.combination, plain),
        "outcomes": None if findings.outcomes is None else outcomes_content(findings, plain),
        "outcome_measure": None if findings.outcome_measure is None else plain(findings.outcome_measure),
        "screening": None if findings.screening is None else _screening(findings.screening),
        "measurement_error": _measurement_error(findings),
        "screening_comparison": plain(findings.screening_comparison),
        "aggregation": [_aggregation(each) for each in findings.aggregation],
        "factors": None if findings.factors is None else plain(factors_shown(findings.factors)),
        "missing_answers": missing_content(findings, plain),
        "methods_paragraph": methods_paragraph(findings, language) or None,
        "references": references(findings, language),
    }
    if is_published():
        items = findings.items["item"].astype("str")
        names = frozenset({*findings.scores.scales, *items, *items.add("_reversed")})
        content = published_json(content, names) | {"profile": "publication"}
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Return a result as JSON knows it: tables as records, missing numbers as null."""
    if isinstance(value, pd.DataFrame):
        return [{name: plain(cell) for name, cell in row.items()} for row in records(value)]
    if isinstance(value, pd.Series):
        return {str(name): plain(cell) for name, cell in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(cell) for name, cell in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is pd.NA:
        return None
    return value


def _answer(findings: StudyFindings) -> Any:
    if findings.fit is None or findings.joint is None or findings.corners is None:
        return None
    return plain(answer_of(findings))


def _measurement_error(findings: StudyFindings) -> Any:
    found = findings.measurement_error
    if found is None:
        return None
    few = found.estimates["n_used"].map(is_small)
    hidden = found.estimates.assign(n_used=found.estimates["n_used"].astype("float64").mask(few))
    return plain(found) | {"estimates": plain(hidden)}


def _robustness(findings: StudyFindings) -> Any:
    if findings.robustness is None or findings.fit is None:
        return None
    return robustness_content(findings.robustness, hidden_terms(findings.fit), plain)


def _cleaning(findings: StudyFindings) -> list[dict[str, Any]]:
    """The steps of the ledger; the rows that are left only where the flow tells them."""
    after = rows_after_steps(findings)
    return [
        _cleaning_step(row) | {"rows_after": after.get(place)}
        for place, row in enumerate(records(findings.ledger.steps), start=1)
    ]


def _cleaning_step(row: dict[str, Any]) -> dict[str, Any]:
    changed = int(row["cells_changed"])
    return {
        "step": row["step"],
        "reason": row["reason"],
        "cells_changed": None if changed and is_small(changed) else changed,
        "kinds": shown_kinds(str(row["step"]), json.loads(str(row["counts"]))),
    }


def _fit(fit: InteractionFit) -> dict[str, Any]:
    """The fit without its rows; people left out stand in the flow, where small groups are merged."""
    hidden = [*hidden_terms(fit)]
    shown = replace(
        fit,
        coefficients=fit.coefficients.drop(index=hidden, errors="ignore"),
        standardised=fit.standardised.drop(index=hidden, errors="ignore"),
        methods=fit.methods[~fit.methods["term"].isin(hidden)],
        covariance=fit.covariance.drop(index=hidden, columns=hidden, errors="ignore"),
        steps=fit.steps.assign(terms=[_without_terms(text, hidden) for text in fit.steps["terms"]]),
    )
    content = {
        each.name: plain(getattr(shown, each.name))
        for each in fields(fit)
        if each.name not in _ROWS_OF_PEOPLE
    }
    if fit.clusters is not None:
        content["clusters"] = _without_small(content["clusters"], "smallest", "median", "largest")
    return content


def _without_terms(text: str, hidden: list[str]) -> str:
    for term in hidden:
        text = text.replace(f"{term}, ", "").replace(f", {term}", "").replace(term, "")
    return text


def _of_items(table: pd.DataFrame, n_all: int) -> pd.DataFrame:
    """The table without small numbers of who answered or did not; a mean to many places tells n as well."""
    told = table["n_used"].map(lambda n: told_of_all(n, n_all))
    rounded = [name for name in ("mean", "std_dev", "item_rest") if name in table]
    coarse = table[rounded].map(lambda figure: told_figure(figure, n_all))
    figures = table[rounded].where((told == table["n_used"]) & (not is_published()), coarse)
    return _without_few(table.assign(n_used=told, **{str(name): figures[name] for name in rounded}))


def _without_few(table: pd.DataFrame) -> pd.DataFrame:
    """The table without what fewer than five people answered: a mean and spread of two tell both answers."""
    few = table["n_used"].map(is_small)
    hidden = [str(name) for name in table if name == "n_used" or table[name].dtype == "float64"]
    return table.assign(**{name: table[name].astype("float64").mask(few) for name in hidden})


def _told_scored(scale: ScaleFacts, n_all: int) -> dict[str, Any]:
    return {} if is_small(scale.n_scored) else {"n_scored": told_of_all(scale.n_scored, n_all)}


def _told_of_scale(content: dict[str, Any], findings: StudyFindings, scale: str) -> dict[str, Any]:
    """The figures of one scale with their n as it may be told; with two places where it is another number."""
    told = told_of_scale(findings, scale, content["n_used"])
    if not is_exact(told, content["n_used"]):
        content = _rounded(content) | {"n_used": told}
    return _without_small(content, "n_used")


def _rounded(value: Any) -> Any:
    """A result to two places: intervals to all their places tell the n that they were worked out from."""
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, 2) if isinstance(value, float) else value


def _reliability(reliability: Reliability, findings: StudyFindings) -> dict[str, Any]:
    told = [told_of_scale(findings, reliability.scale, n) for n in reliability.items["n_used"]]
    items = reliability.items.assign(told=told)
    for name in ("mean", "std_dev"):
        coarse = items[name].map(lambda figure: told_figure(figure, reliability.n_rows))
        items[name] = items[name].where((items["told"] == items["n_used"]) & (not is_published()), coarse)
    items = _without_few(items.assign(n_used=items["told"]).drop(columns="told"))
    return _told_of_scale(plain(replace(reliability, items=items)), findings, reliability.scale)


def _reliability_findings(findings: StudyFindings) -> dict[str, Any]:
    """What is known of each scale beside alpha, and the answers to each item with small counts merged."""
    found = findings.reliability
    assert found is not None
    return {
        "scales": [
            {
                "scale": each.scale,
                "omega": _told_of_scale(plain(each.omega), findings, each.scale),
                "two_items": None
                if each.two_items is None
                else _told_of_scale(plain(each.two_items), findings, each.scale),
                "bootstrap": None if each.bootstrap is None else _bootstrap(each.bootstrap),
                "ordinal_alpha": None if each.ordinal is None else plain(each.ordinal.ordinal_alpha),
            }
            for each in found.scales
        ],
        "answers": None if found.answers is None else shown_json(found.answers),
    }


def _bootstrap(alpha: Reliability) -> dict[str, Any]:
    names = ("interval", "conf_low", "conf_high", "conf_level", "missing")
    return {name: plain(getattr(alpha, name)) for name in names}


def _without_small(content: dict[str, Any], *names: str) -> dict[str, Any]:
    """The content with counts of one to four people set to null."""
    small = {name for name in names if content[name] > 0 and is_small(content[name])}
    return {name: None if name in small else value for name, value in content.items()}


def _screening(screening: Screening) -> dict[str, Any]:
    """Lines, counts and agreement, small counts hidden; the values and flags of people are left out."""
    return {
        "n_rows": screening.n_rows,
        "items": plain(screening.items),
        "all_one_way": screening.all_one_way,
        "indices": plain(shown_indices(screening)),
        "counts": plain(shown_counts(screening)),
        "agreement": plain(shown_agreement(screening)),
    }


def _aggregation(found: Aggregation) -> dict[str, Any]:
    """What may be shown of one scale, and how firms of five people and more are spread over r_wg(j)."""
    about = {"scale": found.scale, "level": found.level, "verdict": found.verdict, "rule": found.check.rule}
    bars = {each.null: plain(firms_in_bars(each)) for each in found.agreement}
    figures: dict[str, Any] = plain({"findings": found.findings, "bars": bars, **shown_aggregation(found)})
    return about | figures


def _corners(corners: CornerComparison) -> dict[str, Any]:
    """The corners, with small counts hidden; a corner's size is no part of a known total of the page."""
    content: dict[str, Any] = plain(corners)
    shown = hide_small(corners.corners["n_nearest"])
    if int(shown.isna().sum()) == 1:  # one hidden count could be worked out from the rest
        shown = shown.where(shown.index != shown.idxmin())
    for row, count in zip(content["corners"], shown, strict=True):
        row["n_nearest"] = None if is_small(count) else int(count)
    return content
