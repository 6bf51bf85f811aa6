"""``study.yml``: which file, which codebook, which question. Rules are data, never code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, field_validator

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.errors import SiResearchError, StudyError
from si_research.measurement.alpha_bootstrap import FEWEST_DRAWS
from si_research.survey.cleaning import CleaningRules
from si_research.survey.codebook import Codebook, Part
from si_research.survey.reading.detect import SURVEY_ENDINGS
from si_research.survey.screening.cut_offs import ScreeningRules
from si_research.survey.yaml_file import Steps, YamlFile, read_yaml
from si_research.survey.yaml_model import read_yaml_model

STUDY_FILE = "study.yml"
FEWEST_IMPUTATIONS = 6


class Outcomes(Part):
    """The outcomes beside the main one.

    ``planned`` were settled before the data were seen, and are corrected together with the main outcome,
    which is always the first of them and need not be named again. ``exploratory`` ones are not corrected.
    """

    planned: tuple[str, ...] = ()
    exploratory: tuple[str, ...] = ()


class Analysis(Part):
    """The question put to the data.

    ``outcomes`` are the outcomes beside the main one, planned and exploratory.
    ``cluster`` is ``organisation`` (the role of that name, where the codebook has one), or ``none``.
    ``controls`` are those of the codebook unless they are listed here; an empty list means none.
    ``reliability_floor``: no test is run on a scale of which alpha and omega (what can be known of them) lie
    below it, unless ``test_unreliable_scales``. ``weighted``: the tests weigh people by the weight that the
    codebook names, where it names one. ``needed_n_runs``: where the verdict is undecided, so many surveys of
    each world and size are simulated to tell how many people would decide; 0 for none.
    """

    outcome: str = INNOVATIVE_BEHAVIOUR.name
    outcomes: Outcomes = Outcomes()
    predictors: tuple[str, ...] = Field(default=CONDITIONS, min_length=2, max_length=3)
    controls: tuple[str, ...] | None = None
    cluster: Literal["organisation", "none"] = "organisation"
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    smallest_difference: Annotated[float, Field(gt=0)] = 0.25
    weighted: bool = True
    bootstrap_draws: Annotated[int, Field(ge=199, le=99_999)] = 1999
    needed_n_runs: Literal[0] | Annotated[int, Field(ge=10, le=1000)] = 20
    reliability_floor: Annotated[float, Field(ge=0, lt=1)] = 0.50
    test_unreliable_scales: bool = False

    @property
    def planned_outcomes(self) -> tuple[str, ...]:
        """The main outcome, then the others that were planned."""
        return (self.outcome, *(name for name in self.outcomes.planned if name != self.outcome))

    @property
    def other_outcomes(self) -> tuple[str, ...]:
        """Every outcome but the main one: planned, then exploratory."""
        return (*self.planned_outcomes[1:], *self.outcomes.exploratory)


class MeasurementError(Part):
    """How the interaction is corrected for measurement error, beside the plain estimate.

    Adjusted least squares takes no time and is always there. ``simex``: simulation and extrapolation as a
    second opinion, from ``simex_draws`` simulated data sets for each of four amounts of error. ``latent``:
    the interaction among factors by products of items, ``lms``: the same by latent moderated structural
    equations; both take seconds to minutes and about a thousand people.
    """

    simex: bool = True
    simex_draws: Annotated[int, Field(ge=5, le=1000)] = 20
    latent: bool = False
    lms: bool = False


class ReliabilityRules(Part):
    """How the reliability of the scales is worked out.

    ``missing``: alpha from complete rows (``listwise``) or from each pair of items (``pairwise``); omega
    always takes complete rows. ``bootstrap_draws``: 0, or so many draws for a second interval of alpha, of
    whole organisations where the study has them. ``ordinal``: alpha of polychoric correlations beside it.
    """

    missing: Literal["listwise", "pairwise"] = "listwise"
    bootstrap_draws: Literal[0] | Annotated[int, Field(ge=FEWEST_DRAWS, le=99_999)] = 0
    ordinal: bool = False


class FactorModels(Part):
    """The scales of the question as factors.

    ``missing`` is ``fiml`` (everybody with an answer) or ``listwise`` (people who answered every question);
    left out, it is ``fiml``, unless so many combinations of answers are missing that it would take minutes.
    ``groups`` are roles or variables over which the scales should be the same instrument; left out, they are
    the wave and the arm, where the study has several.
    """

    missing: Literal["fiml", "listwise"] | None = None
    groups: tuple[str, ...] | None = None


class FillingIn(Part):
    """How missing scores are filled in, beside the tests without them.

    ``imputations`` 0 fills in nothing; else at least 6, which the test of one product takes.
    """

    imputations: Annotated[int, Field(ge=0, le=200)] = 20
    iterations: Annotated[int, Field(ge=10, le=1000)] = 40

    @field_validator("imputations")
    @classmethod
    def _enough(cls, value: int) -> int:
        if 0 < value < FEWEST_IMPUTATIONS:
            raise ValueError(f"0 for none, or at least {FEWEST_IMPUTATIONS}; 20 is usual")
        return value


class StudyFile(Part):
    """The whole study file; made by :func:`read_study`.

    ``data`` names the export, or several exports of one survey, which are joined on their questions.

    ``translations`` holds, for a report in the other language, the researcher's own words (titles, question,
    reasons of selections, categories), each as it stands in the files, with its translation.
    """

    study: Literal[1] = 1  # version of this format
    title: str
    question: str = ""
    data: str | Annotated[tuple[str, ...], Field(min_length=1)]
    codebook: str = "codebook.yml"
    language: Literal["nl", "en"] = "nl"
    seed: Annotated[int, Field(ge=0)] = 20261123
    cleaning: CleaningRules = CleaningRules()
    screening: ScreeningRules = ScreeningRules()
    reliability: ReliabilityRules = ReliabilityRules()
    analysis: Analysis = Analysis()
    measurement_error: MeasurementError = MeasurementError()
    factors: FactorModels = FactorModels()
    missing: FillingIn = FillingIn()
    output: str = "output"
    translations: dict[Literal["nl", "en"], dict[str, str]] = Field(default_factory=dict)
    _source: YamlFile | None = PrivateAttr(default=None)

    @property
    def data_names(self) -> tuple[str, ...]:
        """The survey files, as the study file names them."""
        return (self.data,) if isinstance(self.data, str) else self.data

    def controls_of(self, codebook: Codebook) -> tuple[str, ...]:
        """Return the controls of the tests: those listed in the study, else those of the codebook."""
        listed = self.analysis.controls
        return codebook.roles.controls if listed is None else listed

    def line_of(self, steps: Steps) -> int | None:
        """Return the line of a place in the file; None for a study made in Python."""
        return None if self._source is None else self._source.line_of(steps)


def study_path(place: str | Path) -> Path:
    """Return the study file meant by a folder or by the file itself."""
    path = Path(place)
    return path / STUDY_FILE if path.is_dir() else path


def read_study(place: str | Path) -> StudyFile:
    """Read and validate a study file.

    Parameters
    ----------
    place : str or Path
        The file, or the folder that holds it as ``study.yml``.

    Returns
    -------
    StudyFile
        Paths in it are relative to the folder of the file.

    Raises
    ------
    StudyError
        With every problem of the file, each with its line.
    SiResearchError
        There is no such file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "study.yml").write_text("title: A first study\\ndata: answers.csv\\n")
    ...     read_study(folder).analysis.predictors
    ('kunnen', 'willen', 'mogen')
    """
    path = study_path(place)
    if not path.exists():
        raise SiResearchError(
            expected=f"a study: a folder with {STUDY_FILE}, or that file",
            found=f"a folder without {STUDY_FILE}" if path.name == STUDY_FILE else "nothing of that name",
            where=str(Path(path.resolve().parent.name, path.name)),
            todo="check the name and the folder; `si-research new NAME` makes a study to start from",
        )
    if path.suffix.lower() in SURVEY_ENDINGS:
        raise SiResearchError(
            expected=f"a study: a folder with {STUDY_FILE}, or that file",
            found="a file of answers, by its ending",
            where=path.name,
            todo="make a study of it with `si-research new NAME --data FILE`, and name that folder",
        )
    source = read_yaml(path)
    if isinstance(source.tree, dict) and {"items", "scales"} <= source.tree.keys():
        raise SiResearchError(
            expected=f"a study, such as {STUDY_FILE}",
            found="a codebook: it has `items` and `scales`",
            where=path.name,
            todo=f"name the folder of the study, or its {STUDY_FILE}; that file says which codebook it uses",
        )
    study = read_yaml_model(path, StudyFile, StudyError)
    study._source = source
    return study
