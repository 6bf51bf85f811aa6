"""From a study file to findings: every step of the analysis, in the order in which it is reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd

from si_research.measurement.reliability import Reliability
from si_research.measurement.scale_reliability import ScaleReliability
from si_research.model.corners import corner_comparison
from si_research.model.design import Roles
from si_research.model.interaction import InteractionFit, fit_interaction
from si_research.model.joint import joint_test
from si_research.model.probing import simple_slopes
from si_research.report.findings import Refusal, StudyFacts, StudyFindings, VariableFacts
from si_research.report.reliability_findings import ReliabilityFindings
from si_research.study.aggregation import aggregate_scales
from si_research.study.combination import combination
from si_research.study.factors import fit_study_factors
from si_research.study.few_people import refusal_of_few_people, refusal_of_no_variation
from si_research.study.measurement_error import measurement_error
from si_research.study.missing import describe_study_missing
from si_research.study.outcomes import outcome_measure, several_outcomes
from si_research.study.probing import probe_interaction
from si_research.study.questions import check_controls, check_names, check_selections
from si_research.study.reliability import refusal_of_unreliable, reliability_of_scales
from si_research.study.robustness import robustness
from si_research.study.sensitivity import compare_screening
from si_research.study.study_file import StudyFile
from si_research.study.unconfirmed import check_confirmed
from si_research.study.waves import changed_instruments, changed_outcomes, check_waves
from si_research.survey.answer_check import check_answers
from si_research.survey.check_result import CheckResult
from si_research.survey.cleaning import clean_survey
from si_research.survey.codebook import ROLE_COLUMNS, Codebook
from si_research.survey.copies import check_copies
from si_research.survey.direction import check_direction
from si_research.survey.item_answers import item_answers
from si_research.survey.ledger import Ledger
from si_research.survey.reading.several import read_surveys
from si_research.survey.scoring import Scores, score_columns, score_scales
from si_research.survey.screening.cut_offs import ScreeningRules
from si_research.survey.screening.drop import drop_careless
from si_research.survey.screening.flags import Screening, flag_careless
from si_research.survey.screening.plan import FEWEST_ITEMS, plan_screening
from si_research.survey.seal import seal_ledger
from si_research.survey.survey_data import Survey
from si_research.survey.undecided import without_unknown_orders

Progress = Callable[[str, float], None]
PACKAGES: Final = (
    "si-research",
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "matplotlib",
    "seaborn",
)
SAMPLE_ROLES: Final = ("organisation", "department", "team", "wave", "arm")
ITEM_COLUMNS: Final = ("scale", "item", "reversed", "n_used", "mean", "std_dev", "lowest", "highest")


@dataclass(frozen=True, slots=True, eq=False)
class PreparedStudy:
    """Everything up to the tests: who is in, their scores, and whether the question can be put.

    ``everybody`` holds the scores before anybody is left out for careless responding.
    """

    survey: Survey
    ledger: Ledger
    scores: Scores
    screening: Screening | None
    everybody: pd.DataFrame
    scale_reliabilities: tuple[ScaleReliability, ...]
    refusal: Refusal | None
    instruments: CheckResult | None = None
    """Whether each scale was the same in the waves that are compared; None where there is one wave."""
    changed_outcomes: frozenset[str] = frozenset()
    """Outcomes beside the main one that were not the same in these waves."""

    @property
    def reliabilities(self) -> tuple[Reliability, ...]:
        """Alpha of each scale."""
        return tuple(each.alpha for each in self.scale_reliabilities)


def prepare_study(
    study: StudyFile,
    codebook: Codebook,
    data: Sequence[Path],
    progress: Progress,
    *,
    as_written: StudyFile | None = None,
) -> PreparedStudy:
    """Read, clean and score; ``as_written`` is the study with selections that are not applied, but checked.

    Raises
    ------
    SiResearchError
        For input that cannot be used.
    """
    codebook = without_unknown_orders(codebook)
    progress("reading", 0.05)
    survey = read_surveys(data, codebook)
    check_selections(as_written or study, codebook, survey)
    check_controls(study, codebook, survey)
    progress("cleaning", 0.25)
    survey = clean_survey(survey, codebook, study.cleaning)
    progress("screening", 0.32)
    screening = screen_study(study, codebook, survey)
    everybody = score_scales(survey, codebook)
    progress("scoring", 0.35)
    scores = everybody
    if study.screening.drop is not None:
        survey = drop_careless(survey, codebook, study.screening)
        scores = score_scales(survey, codebook)
    reliabilities = reliability_of_scales(survey, codebook, study)
    instruments = check_waves(study, codebook, survey, data)
    refusal = refusal_of(study, codebook, scores, reliabilities, instruments)
    ledger = seal_ledger(survey, scores.ledger)
    return PreparedStudy(
        survey,
        ledger,
        scores,
        screening,
        everybody.table(),
        reliabilities,
        refusal,
        instruments,
        changed_outcomes(study, codebook, survey, data),
    )


def screen_study(study: StudyFile, codebook: Codebook, survey: Survey) -> Screening | None:
    """Return who looks careless; None without people, or with too few questions when nobody asked."""
    asked = study.screening != ScreeningRules()
    if codebook.unit != "respondent":
        return None  # an organisation answers nothing, with care or without
    if not asked and len(plan_screening(codebook).items) < FEWEST_ITEMS:
        return None
    return flag_careless(survey, codebook, study.screening)


def analyse_study(
    study: StudyFile, codebook: Codebook, data: Sequence[Path], progress: Progress
) -> StudyFindings:
    """Run every step that the data allow.

    Parameters
    ----------
    study : StudyFile
    codebook : Codebook
    data : sequence of Path
        The raw file, or several exports of one survey; they are only read.
    progress : callable
        Called with the name of the step and the share of the work done.

    Returns
    -------
    StudyFindings
        With a fit, or with a refusal that says what the file lacks.

    Raises
    ------
    SiResearchError
        For input that cannot be used.
    """
    check_names(study, codebook)
    check_confirmed(study, codebook)
    codebook = without_unknown_orders(codebook)
    ready = prepare_study(study, codebook, data, progress)
    controls = study.controls_of(codebook)
    tests = {} if ready.refusal else run_tests(study, controls, ready, progress)
    plain = unweighted(tests.get("fit"))
    progress("correcting for error", 0.6)
    error = measurement_error(study, codebook, ready, plain)
    combined = combination(study, codebook, ready, plain, progress)
    progress("fitting factors", 0.64)
    factors = fit_study_factors(study, codebook, ready.survey, ready.scores, ready.refusal)
    progress("missing answers", 0.66)
    return StudyFindings(
        study=study_facts(study, codebook),
        source=ready.survey.facts,
        ledger=ready.ledger,
        scales=tuple(ready.scores.scales.values()),
        reliabilities=ready.reliabilities,
        direction=check_direction(ready.survey, codebook),
        answers=check_answers(ready.survey, codebook),
        copies=check_copies(ready.survey, codebook),
        items=item_table(ready.survey, codebook),
        scores=ready.scores,
        refusal=ready.refusal,
        synthetic=codebook.synthetic,
        versions={name: version(name) for name in PACKAGES},
        variables=variable_facts(codebook),
        wordings=wordings_of(codebook),
        screening=ready.screening,
        door=ready.survey.door,
        aggregation=aggregate_scales(ready.survey, ready.scores, codebook, study.analysis.confidence),
        measurement_error=error,
        combination=combined,
        reliability=ReliabilityFindings(
            ready.scale_reliabilities,
            item_answers(ready.survey, codebook) if codebook.unit == "respondent" else None,
        ),
        factors=factors,
        missing_answers=describe_study_missing(study, codebook, ready, plain, progress),
        **tests,
    )


def refusal_of(
    study: StudyFile,
    codebook: Codebook,
    scores: Scores,
    reliabilities: tuple[ScaleReliability, ...],
    instruments: CheckResult | None = None,
) -> Refusal | None:
    """Return why the question cannot be put to this file, or None."""
    asked = study.analysis
    missing = tuple(name for name in asked.predictors if name not in scores.scales)
    if codebook.unit != "respondent":
        lacking = missing if asked.outcome in scores.scales else (asked.outcome, *missing)
        return Refusal("no_respondents", {"missing": lacking} if lacking else {})
    if asked.outcome not in scores.scales:
        return Refusal("no_outcome", {"outcome": asked.outcome, "missing": (asked.outcome, *missing)})
    if missing:
        return Refusal("missing_condition", {"missing": missing})
    if instruments is not None and instruments.passed is False:
        return changed_instruments(instruments, scores)
    # the number of people first: how reliable a scale is cannot be told of a handful either
    table = scores.table()
    roles = roles_of(study, study.controls_of(codebook), table)
    of_people = refusal_of_few_people(table, roles) or refusal_of_no_variation(table, roles)
    return of_people or refusal_of_unreliable(study, reliabilities, {asked.outcome, *asked.predictors})


def run_tests(
    study: StudyFile, controls: tuple[str, ...], ready: PreparedStudy, progress: Progress
) -> dict[str, Any]:
    """Return the fit, its tests, corners and slopes, and the result with or without who looks careless."""
    asked = study.analysis
    progress("fitting", 0.45)
    fit = fit_study(study, controls, ready.scores.table())
    progress("testing", 0.55)
    joint = joint_test(fit, draws=asked.bootstrap_draws, seed=study.seed)
    comparison = None
    if ready.screening is not None:
        progress("comparing", 0.58)
        refit = partial(fit_study, study, controls)
        comparison = compare_screening(study, ready.screening, ready.everybody, (fit, joint), refit)
    progress("other outcomes", 0.59)
    roles = roles_of(study, controls, ready.scores.table_)
    return {
        "fit": fit,
        "joint": joint,
        "screening_comparison": comparison,
        "corners": corner_comparison(fit, smallest_difference=asked.smallest_difference),
        "slopes": pd.concat([simple_slopes(fit, of=name) for name in fit.predictors]),
        "probing": probe_interaction(study, fit, ready.scores.scales),
        "robustness": robustness(fit, ready.scores.scales, draws=asked.bootstrap_draws, seed=study.seed),
        "outcomes": several_outcomes(study, ready, roles),
        "outcome_measure": outcome_measure(fit, ready.scores.scales),
    }


def fit_study(study: StudyFile, controls: tuple[str, ...], table: pd.DataFrame) -> InteractionFit:
    """Return the fit that the study asks for, on a table of scores."""
    roles = roles_of(study, controls, table)
    return fit_interaction(
        table,
        outcome=roles.outcome,
        predictors=roles.predictors,
        controls=controls,
        cluster=roles.cluster,
        weight=roles.weight,
        conf_level=study.analysis.confidence,
    )


def unweighted(fit: InteractionFit | None) -> InteractionFit | None:
    """Return the fit without its weights, for what has no weighted form: the correction, and filling in."""
    if fit is None or fit.weight is None:
        return fit
    return fit_interaction(
        fit.rows,
        outcome=fit.outcome,
        predictors=fit.predictors,
        controls=fit.controls,
        cluster=fit.cluster,
        conf_level=fit.conf_level,
    )


def roles_of(study: StudyFile, controls: tuple[str, ...], table: pd.DataFrame) -> Roles:
    """Return which column of the scores plays which part in the model."""
    asked, cluster, weight = study.analysis, ROLE_COLUMNS["organisation"], ROLE_COLUMNS["weight"]
    by_firm = asked.cluster == "organisation" and cluster in table
    weighted = asked.weighted and weight in table
    return Roles(
        asked.outcome,
        tuple(asked.predictors),
        controls,
        cluster if by_firm else None,
        weight if weighted else None,
    )


def item_table(survey: Survey, codebook: Codebook) -> pd.DataFrame:
    """Return one row an item (or ready-made score), as it was answered: before any reversal."""
    rows = []
    for column, name in score_columns(codebook).items():
        scale = codebook.scales[name]
        ends = codebook.range_of(name) or (None, None)
        for item in scale.items or (scale.score,):
            assert item is not None
            answers = survey.values[item]
            rows.append(
                {
                    "scale": column,
                    "item": item,
                    "reversed": item in codebook.items and codebook.items[item].reverse,
                    "n_used": int(answers.count()),
                    "mean": answers.mean(),
                    "std_dev": answers.std(),
                    "lowest": ends[0],
                    "highest": ends[1],
                }
            )
    return pd.DataFrame(rows, columns=list(ITEM_COLUMNS))


def study_facts(study: StudyFile, codebook: Codebook) -> StudyFacts:
    """Return what was asked, as the report needs it."""
    asked = study.analysis
    return StudyFacts(
        title=study.title,
        question=study.question,
        survey=codebook.title,
        outcome=asked.outcome,
        predictors=asked.predictors,
        planned=asked.planned_outcomes,
        exploratory=asked.outcomes.exploratory,
        controls=study.controls_of(codebook),
        named_controls=codebook.roles.controls,
        conf_level=asked.confidence,
        smallest_difference=asked.smallest_difference,
        reliability_floor=asked.reliability_floor,
        test_unreliable_scales=asked.test_unreliable_scales,
        seed=study.seed,
        cluster=asked.cluster,
        translations={str(language): words for language, words in study.translations.items()},
    )


def variable_facts(codebook: Codebook) -> tuple[VariableFacts, ...]:
    """Return the words for the columns that describe the sample."""
    found = []
    for role in SAMPLE_ROLES:
        name = codebook.variable_of_role(role)
        if name is not None:
            found.append((ROLE_COLUMNS[role], name))
    found += [(name, name) for name in codebook.roles.controls]
    facts = []
    for column, name in found:
        variable = codebook.variables.get(name)
        if variable is not None:
            facts.append(VariableFacts(column, variable.label_nl, variable.label_en, variable.labels))
    return tuple(facts)


def wordings_of(codebook: Codebook) -> dict[str, dict[str, str]]:
    """Return the wording of the items by language, where the codebook has it."""
    return {
        language: {
            name: text
            for name, item in codebook.items.items()
            if (text := getattr(item, f"wording_{language}"))
        }
        for language in ("nl", "en")
    }
