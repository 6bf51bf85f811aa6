"""Everything a report can be rendered from: the results of one study, without a word of language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from si_research.measurement.scale_reliability import unreliable_scales
from si_research.survey.survey_data import AtTheDoor

if TYPE_CHECKING:
    from si_research.measurement.aggregation import Aggregation
    from si_research.measurement.reliability import Reliability
    from si_research.measurement.scale_reliability import ScaleReliability
    from si_research.model.corners import CornerComparison
    from si_research.model.interaction import InteractionFit
    from si_research.model.joint import JointTest
    from si_research.report.combination_findings import CombinationFindings
    from si_research.report.factor_findings import StudyFactors
    from si_research.report.measurement_error_findings import MeasurementErrorFindings
    from si_research.report.missing_findings import MissingFindings
    from si_research.report.outcomes_findings import OutcomeMeasure, OutcomesFindings
    from si_research.report.probing_findings import ProbingFindings
    from si_research.report.reliability_findings import ReliabilityFindings
    from si_research.report.robustness_findings import RobustnessFindings
    from si_research.survey.check_result import CheckResult
    from si_research.survey.ledger import Ledger
    from si_research.survey.scoring import ScaleFacts, Scores
    from si_research.survey.screening.flags import Screening
    from si_research.survey.survey_data import SourceFacts

REFUSAL_CODES = (
    "no_respondents",
    "no_outcome",
    "missing_condition",
    "too_few_people",
    "no_variation",
    "instrument_changed",
    "unreliable_scales",
)


@dataclass(frozen=True, slots=True, eq=False)
class Refusal:
    """Why the question cannot be put to this file.

    Attributes
    ----------
    code : str
        One of ``REFUSAL_CODES``; the words stand in the locale files under ``refusals``.
    values : Mapping of str to object
        What the words need. ``no_respondents``: missing (scales that are not there either), if any.
        ``no_outcome``: outcome (name), missing (outcome and conditions).
        ``missing_condition``: missing (names).
        ``too_few_people``: n (complete rows), needed (the fewest that the model takes).
        ``no_variation``: scales (names) on which everybody has one score, n (complete rows).
        ``instrument_changed``: scales, waves (names).
        ``unreliable_scales``: scales (names), floor (no test is run where alpha and omega lie below it),
        reliabilities (scale to its known figures), open (names of which an interval holds the floor).
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class VariableFacts:
    """The words for a variable that describes the sample or is a control.

    Attributes
    ----------
    name : str
        Its column in the table of scores.
    label_nl, label_en : str
        Its name in a report; empty: the name of the column.
    levels : Mapping of str to str
        Value in the file to word, for a category.
    """

    name: str
    label_nl: str = ""
    label_en: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class StudyFacts:
    """What was asked, as the study file states it.

    Attributes
    ----------
    title, question : str
        In the words of the researcher; the question may be empty.
    survey : str
        Title of the codebook.
    outcome : str
        The main one.
    predictors, controls : tuple of str
    planned, exploratory : tuple of str
        Every outcome that was planned, the main one first; and those that explore. Empty: the main one only.
    named_controls : tuple of str
        What the codebook calls controls, in the tests or not.
    conf_level : float
        Coverage of every interval.
    smallest_difference : float
        In scale points of the outcome: a smaller difference does not matter.
    reliability_floor : float
        No test is run where alpha and omega both lie below it.
    test_unreliable_scales : bool
        Whether scales below the floor are tested all the same.
    seed : int
        Start of every draw.
    cluster : str
        ``organisation`` or ``none``.
    translations : Mapping of str to Mapping of str to str
        Language to the words of the researcher (titles, question, reasons, categories) to their translation.
    """

    title: str
    question: str
    survey: str
    outcome: str
    predictors: tuple[str, ...]
    controls: tuple[str, ...] = ()
    planned: tuple[str, ...] = ()
    exploratory: tuple[str, ...] = ()
    named_controls: tuple[str, ...] = ()
    conf_level: float = 0.95
    smallest_difference: float = 0.25
    reliability_floor: float = 0.5
    test_unreliable_scales: bool = False
    seed: int = 0
    cluster: str = "organisation"
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Every outcome, the main one first."""
        return (*(self.planned or (self.outcome,)), *self.exploratory)

    @property
    def described_controls(self) -> tuple[str, ...]:
        """Every control, each once: those in the tests first."""
        return tuple(dict.fromkeys((*self.controls, *self.named_controls)))


@dataclass(frozen=True, slots=True, eq=False)
class ScreeningComparison:
    """The main result with and without who is marked by several kinds of evidence of careless responding.

    Attributes
    ----------
    at_least : int
        Kinds of evidence by which somebody must be marked.
    dropped : bool
        Whether the study leaves these people out, so that its main result is the one without them.
    outcome : str
        ``compared``; ``too_few`` (the two differ by fewer than five people); ``not_possible`` (the model
        cannot be fitted on the others).
    table_ : pandas.DataFrame, indexed by ``people`` (with, without)
        n_used, term, estimate, std_error, statistic, df, p_value, conf_low, conf_high of the highest product;
        r2; joint_r2_gain and joint_p_value of all products together. Empty when nothing was compared.
    """

    at_least: int
    dropped: bool
    outcome: str
    table_: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the comparison."""
        return self.table_.copy()

    def __str__(self) -> str:
        return f"{self.outcome} ({self.at_least} or more kinds)\n{self.table_.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.outcome)}</p>{self.table_.round(3).to_html()}"


@dataclass(frozen=True, slots=True, eq=False)
class StudyFindings:
    """All results of one study; with a fit, or with a refusal that says what the file lacks.

    Attributes
    ----------
    study : StudyFacts
    source : SourceFacts
        The file that was read.
    ledger : Ledger
        What happened to its rows and answers.
    scales : tuple of ScaleFacts
    reliabilities : tuple of Reliability
        One a scale, in the order of ``scales``; alpha is NaN where it is unknown.
    direction, answers, copies : CheckResult
        Items that run against their scale; answers that do not fit the codebook; items that may be one
        question stored twice.
    items : pandas.DataFrame
        One row an item as it was answered, before any reversal: scale, item, reversed, n_used, mean, std_dev,
        lowest, highest (ends of the response format).
    scores : Scores
        The people; only ever shown as aggregates.
    fit, joint, corners, slopes : result objects, or None after a refusal
    refusal : Refusal or None
    synthetic : bool
        Whether the answers were made up.
    wordings : Mapping of str to Mapping of str to str
        Language to items with their wording, where the codebook has it.
    versions : Mapping of str to str
        Package to version.
    variables : tuple of VariableFacts
        Words for the columns of ``scores`` that describe the sample.
    screening : Screening or None
        Who looks careless, before anybody is left out for it; None with too few questions to tell.
    screening_comparison : ScreeningComparison or None
        None after a refusal, or without a screening.
    door : AtTheDoor
        Which columns of the file stayed outside, and what of them tells of a person.
    aggregation : tuple of Aggregation
        One a scale and level (organisation, team), where the codebook names these; else empty.
    measurement_error : MeasurementErrorFindings or None
        What error leaves of the products, with a fit the corrected estimates; None without the predictors.
    probing : ProbingFindings or None
        The interaction from more sides; None after a refusal.
    robustness : RobustnessFindings or None
        How firm the result is: without each firm, with sizes and checks; None after a refusal.
    outcomes : OutcomesFindings or None
        The tests for every outcome, where there are several; None with one, or after a refusal.
    combination : CombinationFindings or None
        The verdict on "only the combination"; None after a refusal, or without three conditions.
    outcome_measure : OutcomeMeasure or None
        The highest product with the main outcome measured in other ways; None after a refusal.
    reliability : ReliabilityFindings or None
        Omega and what else is known of each scale beside alpha; how each item was answered.
    factors : StudyFactors or None
        The scales of the question as factors; None where a row is an organisation, or none is there.
    missing_answers : MissingFindings or None
        What is missing and why, and the tests with missing scores filled in; None without people or scales.
    """

    study: StudyFacts
    source: SourceFacts
    ledger: Ledger
    scales: tuple[ScaleFacts, ...]
    reliabilities: tuple[Reliability, ...]
    direction: CheckResult
    answers: CheckResult
    copies: CheckResult
    items: pd.DataFrame = field(repr=False)
    scores: Scores = field(repr=False)
    fit: InteractionFit | None = None
    joint: JointTest | None = None
    corners: CornerComparison | None = None
    slopes: pd.DataFrame | None = field(default=None, repr=False)
    refusal: Refusal | None = None
    synthetic: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
    variables: tuple[VariableFacts, ...] = ()
    wordings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    screening: Screening | None = None
    screening_comparison: ScreeningComparison | None = None
    door: AtTheDoor = field(default_factory=AtTheDoor)
    aggregation: tuple[Aggregation, ...] = ()
    measurement_error: MeasurementErrorFindings | None = None
    missing_answers: MissingFindings | None = None
    probing: ProbingFindings | None = None
    robustness: RobustnessFindings | None = None
    outcomes: OutcomesFindings | None = None
    outcome_measure: OutcomeMeasure | None = None
    combination: CombinationFindings | None = None
    reliability: ReliabilityFindings | None = None

    @property
    def unreliable(self) -> tuple[ScaleReliability, ...]:
        """The scales of which every known figure lies below the floor of the study."""
        if self.reliability is None:
            return ()
        return unreliable_scales(self.reliability.scales, self.study.reliability_floor)

    factors: StudyFactors | None = None

    def table(self) -> pd.DataFrame:
        """Return the coefficients of the fit; after a refusal, the items as they were answered."""
        return self.items.copy() if self.fit is None else self.fit.table()

    def __str__(self) -> str:
        answer = f"refused: {self.refusal.code}" if self.refusal is not None else str(self.fit)
        return f"{self.study.title} ({self.source.name}, {self.source.n_rows} rows)\n{answer}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"
