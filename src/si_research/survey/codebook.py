"""The codebook: what each column of a survey file means, validated as a whole.

A codebook is a YAML file that a researcher writes once per questionnaire. It names the items with
their response format, the scales with their construct, and the roles (who answered, in which
organisation, in which wave). Nothing about the data is guessed that the codebook can say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeVar

from pydantic import Field, PrivateAttr
from pydantic.json_schema import GenerateJsonSchema

from si_research.errors import CodebookError, Problem
from si_research.survey.choice_question import ChoiceQuestion
from si_research.survey.codebook_parts import (
    ROLE_COLUMNS,
    ROLE_NAMES,
    ConstructName,
    Item,
    Kind,
    MissingReason,
    Name,
    RoleName,
    Roles,
    Route,
    Scale,
    SourceOptions,
    SourceTool,
    Unit,
    Variable,
)
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
    "ROLE_COLUMNS",
    "ROLE_NAMES",
    "ChoiceQuestion",
    "Codebook",
    "ConstructName",
    "Item",
    "Kind",
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

_KIND_OF_ROLE: Final[Mapping[str, Kind]] = {
    "respondent": "identifier",
    "weight": "number",
    "duration": "number",
    "dose": "number",
    "headcount": "number",
}
_ONLY_NAMES: Final[dict[str, Any]] = {"additionalProperties": False}
_T = TypeVar("_T")


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
        for name in self.roles.listed:
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

    def is_decided(self, name: str) -> bool:
        """Return whether an item or variable is no proposal that waits for somebody to decide."""
        entry = self.items.get(name) or self.variables.get(name)
        return entry is None or entry.confirm

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

        What a variable has under its own labels is an answer there, whatever it is in other columns.

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
        general = {
            code: reason
            for code, reason in self.missing_codes.items()
            if not (isinstance(entry, Variable) and entry.names(code))
        }
        return {**_normalised(general), **_normalised(entry.missing_codes)}

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
