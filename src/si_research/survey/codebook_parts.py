"""The parts of a codebook: items, variables, scales, routes, roles, and how the file is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import Field, model_validator

from si_research.survey.formats import BUILT_IN_FORMATS
from si_research.survey.response_format import Part, normalise

MissingReason = Literal[
    "not_asked",
    "routed_past",
    "does_not_apply",
    "does_not_know",
    "refused",
    "unanswered",
    "unreadable",
    "out_of_range",
    "declared_missing",
]
"""Why an answer is missing; ``declared_missing`` is a user-missing code whose reason nobody named."""

ConstructName = Literal[
    "kunnen",
    "willen",
    "mogen",
    "innovative_behaviour",
    "quality_of_work",
    "labour_relations",
    "organisational_performance",
    "other",
]
RoleName = Literal[
    "respondent",
    "organisation",
    "department",
    "team",
    "wave",
    "arm",
    "assignment",
    "stratum",
    "application",
    "scheme_start",
    "dose",
    "weight",
    "duration",
    "completed",
    "sector",
    "headcount",
    "manager",
]
SourceTool = Literal[
    "plain",
    "qualtrics",
    "limesurvey",
    "surveymonkey",
    "unipark",
    "google_forms",
    "microsoft_forms",
    "kobotoolbox",
]
"""The tool that made an export; ``plain`` is a table without system columns."""
Unit = Literal["respondent", "organisation"]
"""What one row stands for."""
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Kind = Literal["number", "category", "identifier"]

ROLE_NAMES: Final[tuple[RoleName, ...]] = get_args(RoleName)
ROLE_COLUMNS: Final[Mapping[RoleName, str]] = {
    "respondent": "respondent_id",
    "organisation": "firm_id",
    "department": "department_id",
    "team": "team_id",
    "wave": "wave",
    "arm": "arm",
    "assignment": "assignment",
    "stratum": "stratum",
    "application": "application",
    "scheme_start": "scheme_start",
    "dose": "dose",
    "weight": "weight",
}
"""The names under which roles stand in a table of scores."""


class SourceOptions(Part):
    """How the file is written, where that should not be detected."""

    encoding: str | None = None
    """Encoding of a text file: utf-8, windows-1252, ..."""
    separator: str | None = None
    """The sign between two columns of a text file."""
    decimal: Literal[",", "."] | None = None
    """The decimal sign."""
    sheet: str | None = None
    """Sheet of a workbook; default: the one that holds the answers."""
    header_row: int | None = Field(default=None, ge=1)
    """Row that holds the column names, counted from 1; default: found below titles."""
    tool: SourceTool | None = None
    """The survey tool that made the file; default: recognised."""
    names_from: str | None = None
    """A file beside it that names its columns: the same export under question codes, or the structure."""


class _InTheFile(Part):
    """Where an item or variable stands in the file."""

    column: str | None = None
    """Column in the file; default: the name in the codebook."""
    aliases: tuple[str, ...] = ()
    """Other names of the column, tried in this order (another export)."""
    columns: dict[str, str] = Field(default_factory=dict)
    """Wave to column, where the file has a column a wave; instead of `column`."""

    @model_validator(mode="after")
    def _one_column_or_one_a_wave(self) -> Self:
        if self.columns and (self.column is not None or self.aliases):
            raise ValueError("either `column` (with `aliases`), or `columns` with one a wave")
        return self


class Item(_InTheFile):
    """One question that is answered on a response format."""

    format: str = Field(examples=list(BUILT_IN_FORMATS))
    """Response format: a built-in one, or a name under `formats`."""
    reverse: bool = False
    """Whether a high answer means little of the construct, and the file has not turned it yet."""
    codes: dict[str, float] = Field(default_factory=dict)
    """Each number as an export writes it, and the answer it stands for, where the two differ."""
    missing_codes: dict[str, MissingReason] = Field(default_factory=dict)
    """Codes or words that mean "no answer" for this item, each with the reason."""
    wording_nl: str = ""
    """The question as asked, in Dutch."""
    wording_en: str = ""
    """The question in English."""
    confirm: bool = True
    """false for a proposal on which a person has to decide: nothing that uses it is tested before."""
    proposed: str = ""
    """Why the draft codebook has it this way."""


class Variable(_InTheFile):
    """A column that is not an item: a role, a control, a measured number, a selection variable."""

    kind: Kind = "category"
    """number (measured), category (words or codes), identifier (who; never shown)."""
    lowest: float | None = None
    """Lowest possible number; needed when the variable is a score."""
    highest: float | None = None
    """Highest possible number; needed when the variable is a score."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Value in the file to word in the report."""
    spellings: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Value in the file to other words that stand for it: another language, another export."""
    missing_codes: dict[str, MissingReason] = Field(default_factory=dict)
    """Codes or words that mean "no answer" for this variable, each with the reason."""
    allow_personal: bool = False
    """Whether a column that tells who somebody is (a name, an e-mail address, own words) may come in."""
    label_nl: str = ""
    """Name in a Dutch report."""
    label_en: str = ""
    """Name in an English report."""
    confirm: bool = True
    """false for a proposal on which a person has to decide: nothing that uses it is tested before."""
    proposed: str = ""
    """Why the draft codebook has it this way."""

    def names(self, text: str) -> bool:
        """Return whether a text is one of its values, or a word for one."""
        spelt = (word for words in self.spellings.values() for word in words)
        own = {*self.labels, *self.labels.values(), *self.spellings, *spelt}
        return normalise(text) in map(normalise, own)


class Route(Part):
    """Questions that were not put to everybody, so that an empty cell is no refusal to answer."""

    items: tuple[str, ...] = Field(min_length=1)
    """Items or variables that were asked together, or not at all."""
    variable: str | None = None
    """Item or variable that decides; left out, they were not asked to whoever left all of them empty."""
    values: tuple[str, ...] = ()
    """Values of that variable at which they are asked."""
    reason: Literal["routed_past", "not_asked"] = "routed_past"
    """routed_past: an earlier answer led around them; not_asked: a part of the people got another block."""

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.variable is None) != (not self.values):
            raise ValueError("both `variable` and `values`, or neither")
        return self


class Scale(Part):
    """A construct measured by ``items``, or by one ready-made ``score`` (a variable of kind number)."""

    construct_name: ConstructName = Field(alias="construct")
    """The construct that the scale measures (YAML key: `construct`)."""
    items: tuple[str, ...] = ()
    """Names of the items; their mean is the score."""
    score: str | None = None
    """A variable that is the score already: a test result, a percentage."""
    min_answered: int | Literal["half", "all"] = "half"
    """How many items must be answered for a score; half is rounded up."""
    label_nl: str = ""
    """Name in a Dutch report."""
    label_en: str = ""
    """Name in an English report."""
    confirm: bool = True
    """false for a proposal on which a person has to decide: nothing that uses it is tested before."""
    proposed: str = ""
    """Why the draft codebook has it this way."""


class Roles(Part):
    """Which variable plays which part; each names a key of ``variables`` (or a bare column)."""

    respondent: str | None = None
    """Who answered."""
    organisation: str | None = None
    """The firm or institution in which they work."""
    department: str | None = None
    """The department within the organisation."""
    team: str | None = None
    """The team within the organisation, or within the department where there is one."""
    wave: str | None = None
    """Which measurement."""
    arm: str | None = None
    """In the scheme or not."""
    assignment: str | None = None
    """Drawn by lot for the scheme or not, whoever then took part: makes the evaluation one of a lottery."""
    stratum: str | None = None
    """Group within which lots were drawn; only beside `assignment`."""
    application: str | None = None
    """Applied or not, or what became of it (granted, rejected, did not apply): compares applicants only."""
    scheme_start: str | None = None
    """The first wave in which the organisation had the scheme; empty for never."""
    dose: str | None = None
    """How much of the scheme the organisation got (hours, euros), 0 for nothing."""
    weight: str | None = None
    """Survey weight."""
    duration: str | None = None
    """Time taken to answer."""
    completed: str | None = None
    """Whether the questionnaire was finished."""
    sector: str | None = None
    """The sector of the organisation."""
    headcount: str | None = None
    """How many people work at the organisation, or its size class in words (`kind: category`)."""
    manager: str | None = None
    """Whether somebody manages others: yes or no."""
    controls: tuple[str, ...] = ()
    """Variables that the tests take into account, unless the study file lists others."""
    covariates: tuple[str, ...] = ()
    """Characteristics of organisations from before the scheme, for which an evaluation adjusts."""

    @property
    def listed(self) -> tuple[str, ...]:
        """Controls and covariates, each once."""
        return tuple(dict.fromkeys((*self.controls, *self.covariates)))

    @property
    def named_units(self) -> tuple[str, ...]:
        """The variables whose values name an organisation or a part of one, outermost first."""
        names = (self.organisation, self.department, self.team)
        return tuple(name for name in names if name is not None)
