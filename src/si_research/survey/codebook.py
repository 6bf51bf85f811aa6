"""The codebook: what each column of a survey file means, validated as a whole.

A codebook is a YAML file that a researcher writes once per questionnaire. It names the items with
their response format, the scales with their construct, and the roles (who answered, in which
organisation, in which wave). Nothing about the data is guessed that the codebook can say.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

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
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]


class Part(BaseModel):
    """Base of all parts: unknown keys are errors, and nothing changes after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Option(Part):
    """One answer of a response format: its value and every label that stands for it."""

    value: float
    labels: tuple[str, ...] = ()


class ResponseFormat(Part):
    """The answers that can be given, lowest first.

    Either ``options`` (closed answers), or ``labels`` by language with ``lowest`` as the value of
    the first, or ``lowest`` and ``highest`` alone (a mark, a percentage).
    """

    options: tuple[Option, ...] = ()
    labels: dict[str, tuple[str | tuple[str, ...], ...]] = {}
    lowest: float | None = None
    highest: float | None = None
    whole: bool = True


class SourceOptions(Part):
    """How the file is written, where that should not be detected."""

    encoding: str | None = None
    separator: str | None = None
    decimal: Literal[",", "."] | None = None
    sheet: str | None = None
    header_row: int = Field(default=1, ge=1)


class Item(Part):
    """One question that is answered on a response format."""

    column: str | None = None  # default: the item's own name
    aliases: tuple[str, ...] = ()
    format: str
    reverse: bool = False
    missing_codes: dict[str, MissingReason] = {}
    wording_nl: str = ""
    wording_en: str = ""


class Variable(Part):
    """A column that is not an item: a role, a control, a measured number, a selection variable."""

    column: str | None = None
    aliases: tuple[str, ...] = ()
    kind: Literal["number", "category", "identifier"] = "category"
    lowest: float | None = None
    highest: float | None = None
    labels: dict[str, str] = {}  # value in the file -> word in the report
    missing_codes: dict[str, MissingReason] = {}
    label_nl: str = ""
    label_en: str = ""


class Scale(Part):
    """A construct measured by ``items``, or by one ready-made ``score`` (a variable of kind number)."""

    construct_name: ConstructName = Field(alias="construct")  # the YAML key is `construct`
    items: tuple[str, ...] = ()
    score: str | None = None
    min_answered: int | Literal["half", "all"] = "half"
    label_nl: str = ""
    label_en: str = ""


class Roles(Part):
    """Which variable plays which part; each names a key of ``variables`` (or a bare column)."""

    respondent: str | None = None
    organisation: str | None = None
    team: str | None = None
    wave: str | None = None
    arm: str | None = None
    weight: str | None = None
    duration: str | None = None
    completed: str | None = None
    controls: tuple[str, ...] = ()


class Codebook(Part):
    """The whole codebook; made by :func:`read_codebook`."""

    codebook: Literal[1] = 1  # version of this format
    title: str
    synthetic: bool = False
    source: SourceOptions = SourceOptions()
    missing_codes: dict[str, MissingReason] = {}
    formats: dict[str, ResponseFormat] = {}
    items: dict[Name, Item] = {}
    variables: dict[Name, Variable] = {}
    scales: dict[Name, Scale]
    roles: Roles = Roles()
