"""The codebook: what each column of a survey file means, validated as a whole.

A codebook is a YAML file that a researcher writes once per questionnaire. It names the items with
their response format, the scales with their construct, and the roles (who answered, in which
organisation, in which wave). Nothing about the data is guessed that the codebook can say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self, TypeVar, get_args

from pydantic import Field, PrivateAttr, model_validator
from pydantic.json_schema import GenerateJsonSchema

from si_research.errors import CodebookError, Problem
from si_research.survey.choice_question import ChoiceQuestion
from si_research.survey.formats import BUILT_IN_FORMATS
from si_research.survey.response_format import (
    Option,
    Part,
    ResponseFormat,
    did_you_mean,
    nearest_label,
    normalise,
    number_of,
)

__all__ = [
    "ChoiceQuestion",
    "Codebook",
    "ConstructName",
    "Item",
    "MissingReason",
    "Name",
    "Option",
    "Part",
    "ResponseFormat",
    "RoleName",
    "Roles",
    "Route",
    "Scale",
    "SourceOptions",
    "SourceTool",
    "Unit",
    "Variable",
    "codebook_schema",
    "did_you_mean",
    "nearest_label",
    "normalise",
    "number_of",
]

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
RoleName = Literal["respondent", "organisation", "team", "wave", "arm", "weight", "duration", "completed"]
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
    "team": "team_id",
    "wave": "wave",
    "arm": "arm",
    "weight": "weight",
}
"""The names under which roles stand in a table of scores."""
_KIND_OF_ROLE: Final[Mapping[str, Kind]] = {
    "respondent": "identifier",
    "weight": "number",
    "duration": "number",
}
_ONLY_NAMES: Final[dict[str, Any]] = {"additionalProperties": False}
_T = TypeVar("_T")


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
    team: str | None = None
    """The team within the organisation."""
    wave: str | None = None
    """Which measurement."""
    arm: str | None = None
    """In the scheme or not."""
    weight: str | None = None
    """Survey weight."""
    duration: str | None = None
    """Time taken to answer."""
    completed: str | None = None
    """Whether the questionnaire was finished."""
    controls: tuple[str, ...] = ()
    """Variables that the tests take into account, unless the study file lists others."""


class Codebook(Part):
    """The whole codebook of a questionnaire.

    Made by :func:`si_research.survey.codebook_file.read_codebook`, which also checks that the parts
    fit one another. A codebook made in Python skips that check: call
    :func:`si_research.survey.codebook_checks.findings_in` on it.

    Examples
    --------
    >>> codebook = Codebook(
    ...     title="Two questions",
    ...     items={"k1": Item(format="agree_5"), "k2": Item(column="Q2", format="agree_5")},
    ...     scales={"kunnen": Scale(construct="kunnen", items=("k1", "k2"))},
    ...     roles=Roles(organisation="Naam bedrijf"),
    ... )
    >>> codebook.used_names
    ('k1', 'k2', 'Naam bedrijf')
    >>> codebook.column_names("k2"), codebook.range_of("kunnen")
    (('Q2',), (1.0, 5.0))
    """

    codebook: Literal[1] = 1
    """Version of this format."""
    title: str
    """What the survey is called."""
    unit: Unit = "respondent"
    """What a row is: a respondent, or an organisation with percentages of its people."""
    synthetic: bool = False
    """Whether the answers were made up; every output then says so."""
    source: SourceOptions = SourceOptions()
    """How the file is written, where that should not be detected."""
    missing_codes: dict[str, MissingReason] = Field(default_factory=dict)
    """Codes or words that mean "no answer" in every column, each with the reason."""
    formats: dict[str, ResponseFormat] = Field(default_factory=dict)
    """Own response formats."""
    items: dict[Name, Item] = Field(default_factory=dict, json_schema_extra=_ONLY_NAMES)
    """The questions answered on a response format."""
    variables: dict[Name, Variable] = Field(default_factory=dict, json_schema_extra=_ONLY_NAMES)
    """The other columns that are used."""
    scales: dict[Name, Scale] = Field(json_schema_extra=_ONLY_NAMES)
    """The scales, each named by its construct where that is possible."""
    roles: Roles = Roles()
    """Which variable plays which part."""
    multiple_choice: tuple[ChoiceQuestion, ...] = ()
    """Questions of which each option has a column: an empty one was not chosen if another one was."""
    routing: tuple[Route, ...] = ()
    """Questions that were not put to everybody."""
    kept_out: dict[str, str] = Field(default_factory=dict)
    """Columns of the file that enter nothing, each with the reason."""
    attention_checks: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Items or variables that show whether somebody reads, each with its right answers."""
    waves: tuple[str, ...] = ()
    """The waves in `columns`, in order of time; default: as they first appear."""
    _lines: dict[str, int] = PrivateAttr(default_factory=dict)

    def with_lines(self, lines: Mapping[str, int]) -> Codebook:
        """Return the same codebook, which knows the line of its file for a place (``items.k1``)."""
        known = self.model_copy()
        known._lines = dict(lines)
        return known

    def line_of(self, place: str) -> int | None:
        """Return the line of the file that declares a place; None for a codebook made in Python."""
        return self._lines.get(place)

    @property
    def _implicit_variables(self) -> dict[str, Variable]:
        """Variables for the roles that name a bare column."""
        kinds: dict[str, Kind] = {}
        for role in ROLE_NAMES:
            name = self.variable_of_role(role)
            if name is not None:
                kinds.setdefault(name, _KIND_OF_ROLE.get(role, "category"))
        for name in self.roles.controls:
            kinds.setdefault(name, "category")
        declared = {*self.items, *self.variables}
        return {name: Variable(kind=kind) for name, kind in kinds.items() if name not in declared}

    @property
    def used_names(self) -> tuple[str, ...]:
        """Items, variables and bare columns of roles: all that the file is asked for."""
        return (*self.items, *self.variables, *self._implicit_variables)

    @property
    def known_formats(self) -> dict[str, ResponseFormat]:
        """The formats that an item can name: the built-in ones and its own."""
        return {**self.formats, **BUILT_IN_FORMATS}

    def variable(self, name: str) -> Variable:
        """Return a variable: declared, or implied by a role that names a bare column.

        Raises
        ------
        CodebookError
            When the codebook has no such variable.
        """
        return _entry({**self._implicit_variables, **self.variables}, name, "variables")

    def variable_of_role(self, role: RoleName) -> str | None:
        """Return the name of the variable that plays a role; None when nothing plays it.

        Where `columns` say what was asked in which wave, something always plays the wave.
        """
        name: str | None = getattr(self.roles, role)
        return "wave" if name is None and role == "wave" and self.wave_order else name

    @property
    def wave_order(self) -> tuple[str, ...]:
        """The waves that the file holds side by side, in order of time; empty where it does not."""
        entries = (*self.items.values(), *self.variables.values())
        named = dict.fromkeys(wave for entry in entries for wave in entry.columns)
        return tuple(dict.fromkeys((*self.waves, *named))) if named else ()

    def columns_of(self, name: str) -> dict[str | None, tuple[str, ...]]:
        """Return the columns in which an item or variable may stand, by wave (None: for all waves).

        Empty for the wave itself where the file holds the waves side by side: no column says it.

        Raises
        ------
        CodebookError
            When the codebook has no such item or variable.
        """
        if name in ("wave", self.roles.wave) and self.wave_order and name == self.variable_of_role("wave"):
            return {}
        entry = self.items[name] if name in self.items else self.variable(name)
        if entry.columns:
            return {wave: (entry.columns[wave],) for wave in self.wave_order if wave in entry.columns}
        return {None: tuple(dict.fromkeys((entry.column or name, *entry.aliases)))}

    def column_names(self, name: str) -> tuple[str, ...]:
        """Return all columns in which an item or variable may stand, in the order to try.

        Raises
        ------
        CodebookError
            When the codebook has no such item or variable.
        """
        return tuple(column for names in self.columns_of(name).values() for column in names)

    def missing_codes_of(self, name: str) -> dict[str, MissingReason]:
        """Return the missing codes of an item or variable, its own before those of every column.

        Returns
        -------
        dict
            Normalised code (:func:`normalise`) to reason.

        Raises
        ------
        CodebookError
            When the codebook has no such item or variable.
        """
        entry = self.items[name] if name in self.items else self.variable(name)
        return {**_normalised(self.missing_codes), **_normalised(entry.missing_codes)}

    def format_of(self, item: str) -> ResponseFormat:
        """Return the response format of an item, an own one or a built-in one.

        Raises
        ------
        CodebookError
            When there is no such item, or no such format.
        """
        name = _entry(self.items, item, "items").format
        return _entry(self.known_formats, name, "formats")

    def scale_of(self, construct: str) -> str | None:
        """Return the first scale that measures a construct; None when no scale does."""
        measuring = (name for name, scale in self.scales.items() if scale.construct_name == construct)
        return next(measuring, None)

    def items_of(self, scale: str) -> tuple[str, ...]:
        """Return the items of a scale; empty for a ready-made score.

        Raises
        ------
        CodebookError
            When there is no such scale.
        """
        return _entry(self.scales, scale, "scales").items

    def range_of(self, scale: str) -> tuple[float, float] | None:
        """Return the lowest and highest possible score: of the response format, never of the sample.

        Returns
        -------
        tuple of float, or None
            None when the codebook leaves an end open.

        Raises
        ------
        CodebookError
            When there is no such scale, item or variable.
        """
        items, score = self.items_of(scale), self.scales[scale].score
        if not items and score is None:
            return None
        ends = self.format_of(items[0]) if items else self.variable(str(score))
        if ends.lowest is None or ends.highest is None:
            return None
        return ends.lowest, ends.highest


def codebook_schema() -> dict[str, Any]:
    """Return the JSON schema of a codebook, with which an editor completes and explains keys.

    Returns
    -------
    dict
        Draft 2020-12, ready for ``json.dumps``. The project keeps a copy in
        ``docs/codebook.schema.json``; point an editor to it with a first line
        ``# yaml-language-server: $schema=...``.

    Examples
    --------
    >>> codebook_schema()["required"]
    ['title', 'scales']
    """
    schema = Codebook.model_json_schema(schema_generator=_UntitledSchema)
    return {"$schema": _UntitledSchema.schema_dialect, **schema}


class _UntitledSchema(GenerateJsonSchema):
    """A schema without a title per key: ``Wording Nl`` says less than the key itself."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _normalised(codes: Mapping[str, MissingReason]) -> dict[str, MissingReason]:
    return {normalise(code): reason for code, reason in codes.items()}


def _entry(entries: Mapping[str, _T], name: str, section: str) -> _T:
    """Return an entry of the codebook, or say what it is called instead."""
    if name in entries:
        return entries[name]
    problem = Problem(
        where=section,
        expected="a name that the codebook knows",
        found=f"`{name}`",
        todo=did_you_mean(name, entries),
    )
    raise CodebookError([problem], where="codebook", expected="names that the codebook knows")
