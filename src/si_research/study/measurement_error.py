"""What measurement error does to the interaction of a study, and what is left when it is taken out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.measurement.factors.latent_interaction import (
    fit_latent_interaction,
    in_points_of_scales,
)
from si_research.measurement.factors.lms import fit_lms
from si_research.measurement.person_errors import person_error_variances
from si_research.measurement.product_reliability import ProductReliability, product_reliability
from si_research.measurement.scale_reliability import ScaleReliability, known_figures
from si_research.model.design import term_name
from si_research.model.inference import COLUMNS
from si_research.model.measurement_error import NOISE, CorrectedInteraction, correct_measurement_error
from si_research.model.simex import extrapolate_measurement_error
from si_research.report.describe import record, records
from si_research.report.measurement_error_findings import (
    ESTIMATE_COLUMNS,
    Known,
    MeasurementErrorFindings,
    no_estimates,
)
from si_research.survey.scoring import keyed_items, score_columns

if TYPE_CHECKING:
    from si_research.model.interaction import InteractionFit
    from si_research.study.analysis import PreparedStudy
    from si_research.study.study_file import StudyFile
    from si_research.survey.codebook import Codebook

FIGURES: Final = ("omega", "alpha")
"""What is taken as the reliability, the first that is known and above 0."""
FEWEST_ITEMS: Final = 2
"""Items a scale, below which there are no products of items to measure a product of factors by."""


def measurement_error(
    study: StudyFile, codebook: Codebook, ready: PreparedStudy, fit: InteractionFit | None
) -> MeasurementErrorFindings | None:
    """Return what error leaves of the products, and with a fit the corrected estimates beside the plain one.

    Parameters
    ----------
    study : StudyFile
    codebook : Codebook
    ready : PreparedStudy
    fit : InteractionFit or None
        None after a refusal: then nothing is corrected.

    Returns
    -------
    MeasurementErrorFindings or None
        None where the file lacks a predictor, or its rows are no people.
    """
    names = list(study.analysis.predictors)
    if codebook.unit != "respondent" or not set(names) <= set(ready.scores.scales):
        return None
    used = used_reliabilities(ready.scale_reliabilities, names)
    rows = ready.scores.table() if fit is None else fit.rows
    known, products = products_of(used, rows[names])
    items = items_of_scales(codebook, ready, [*names, study.analysis.outcome])
    own = {name: person_error_variances(items[name]) for name in names if name in items}
    estimates = no_estimates()
    if fit is not None:
        estimates = estimates_of(study, fit, used if known != "unknown" else None, own, items)
    return MeasurementErrorFindings(
        reliabilities=used,
        known=known,
        products=products,
        tested_term=term_name(names),
        estimates=estimates,
        conf_level=study.analysis.confidence,
        own_errors=tuple(own),
        simex_draws=study.measurement_error.simex_draws if study.measurement_error.simex else 0,
        controls=fit is not None and bool(fit.controls),
        firms=fit is not None and fit.clusters is not None,
    )


def lines_on_measurement_error(study: StudyFile, ready: PreparedStudy) -> Iterator[str]:
    """Say whether a run will correct the interaction for measurement error, and how."""
    if ready.refusal is not None:
        return
    used = used_reliabilities(ready.scale_reliabilities, study.analysis.predictors)
    unknown = [str(name) for name in used.index[used["status"] != "known"]]
    asked = study.measurement_error
    among = [name for name, wanted in (("product indicators", asked.latent), ("LMS", asked.lms)) if wanted]
    if unknown:
        yield f"not corrected for measurement error: no reliability of {', '.join(unknown)}"
    else:
        ways = ["adjusted least squares", *(["SIMEX"] if asked.simex else []), *among]
        yield f"corrected for measurement error, beside the estimate as it is: {', '.join(ways)}"


def used_reliabilities(reliabilities: Iterable[ScaleReliability], names: Sequence[str]) -> pd.DataFrame:
    """Return the reliability that is used of each scale: omega where it is known, else alpha.

    None below .20: what is worked out from next to nothing but error tells nothing.
    """
    scales = {each.scale: each for each in reliabilities}
    rows = []
    for name in names:
        known = known_figures(scales[name])
        usable = [(known[each], each, "known") for each in FIGURES if known.get(each, 0.0) > 0]
        status = "mostly error" if usable else "not above 0" if known else scales[name].alpha.status
        rows.append(usable[0] if usable and usable[0][0] >= NOISE else (np.nan, "", status))
    return pd.DataFrame(
        rows, columns=["reliability", "figure", "status"], index=pd.Index(names, name="scale")
    )


def products_of(used: pd.DataFrame, scores: pd.DataFrame) -> tuple[Known, ProductReliability | None]:
    """Return how reliable the products are, or why that cannot be said."""
    if used["reliability"].isna().any():
        return "unknown", None
    try:
        return "known", product_reliability(used["reliability"], scores.dropna().corr())
    except SurveyDataError:
        return "overlap", None


def items_of_scales(
    codebook: Codebook, ready: PreparedStudy, names: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Return the keyed items of each scale that has two or more."""
    scales = {column: scale for column, scale in score_columns(codebook).items() if column in names}
    return {
        column: keyed_items(ready.survey, codebook, scale)
        for column, scale in scales.items()
        if len(codebook.scales[scale].items) >= FEWEST_ITEMS
    }


def estimates_of(
    study: StudyFile,
    fit: InteractionFit,
    used: pd.DataFrame | None,
    own: Mapping[str, pd.Series[float]],
    items: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Return every estimate of the highest product; only the plain ones where a reliability is unknown."""
    asked, term = study.measurement_error, fit.tested_term
    rows = {"plain": _row("estimated", fit.n_used, record(fit.coefficients, term))}
    known = None if used is None else {str(name): float(each) for name, each in used["reliability"].items()}
    if known is not None:
        corrected = correct_measurement_error(fit, known, own_errors=pd.DataFrame(own))
        rows["corrected"] = _of(corrected)
        if asked.simex and corrected.status == "estimated":  # a second opinion, never the only one
            found = extrapolate_measurement_error(fit, known, draws=asked.simex_draws, seed=study.seed)
            rows["simex"] = _of(found)
    if asked.latent:
        rows["latent"] = latent_row(fit, items)
    if asked.lms:
        rows["lms"] = latent_row(fit, items, lms=True)
    if fit.squares and known is not None:
        rows["plain_squares"] = _row("estimated", fit.n_used, record(fit.highest_order, "with squares"))
        rows["corrected_squares"] = _of(correct_measurement_error(fit, known, squares=True))
    return pd.DataFrame.from_dict(rows, orient="index", columns=ESTIMATE_COLUMNS).rename_axis("method")


def latent_row(fit: InteractionFit, items: Mapping[str, pd.DataFrame], *, lms: bool = False) -> list[Any]:
    """Return the estimate among factors, in points of the scales, of the people of the fit."""
    names = [*fit.predictors, fit.outcome]
    if not set(names) <= set(items):
        return _row("no items", 0, None)
    answers = pd.concat([items[name] for name in names], axis=1).loc[fit.rows.index]
    factors = {name: [str(item) for item in items[name]] for name in names}
    outcome = {fit.outcome: factors.pop(fit.outcome)}
    firms = None if fit.cluster is None else fit.rows[fit.cluster]
    try:
        if lms:
            moderated = fit_lms(answers, factors, outcome, clusters=firms, conf_level=fit.conf_level)
            return _of_effects(moderated.effects_in_points, moderated.status, moderated.n_used)
        found = fit_latent_interaction(answers, factors, outcome, conf_level=fit.conf_level)
    except (SurveyDataError, ModelSpecificationError):
        return _row("not possible", int(answers.dropna().shape[0]), None)
    in_points = in_points_of_scales(found, conf_level=fit.conf_level)
    return _of_effects(in_points, found.fit.status, found.n_used)


def _of_effects(effects: pd.DataFrame, status: str, n_used: int) -> list[Any]:
    """Return the last effect: that of the product of all factors."""
    return _row(status, n_used, records(effects)[-1])


def _of(found: CorrectedInteraction) -> list[Any]:
    return _row(found.status, found.n_used, record(found.coefficients, found.tested_term))


def _row(status: str, n_used: int, row: Mapping[str, Any] | None) -> list[Any]:
    there = row is not None and status == "estimated"
    return [status, n_used, *(row[name] if there and row is not None else np.nan for name in COLUMNS)]
