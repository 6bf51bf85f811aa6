"""What was recognised as personal: a column, its kind and how, never a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

IdentifierKind = Literal[
    "name",
    "email",
    "telephone",
    "bank_account",
    "citizen_number",
    "respondent_code",
    "ip_address",
    "location",
    "address",
    "birth_date",
    "exact_time",
    "device",
    "web_address",
    "free_text",
]
"""What a column tells of a person: who it is, where, when, or in whose own words."""
RecognisedBy = Literal["tool", "name", "content", "shape"]
KINDS: Final[tuple[IdentifierKind, ...]] = get_args(IdentifierKind)


@dataclass(frozen=True, slots=True)
class IdentifierFinding:
    """A column that may tell who somebody is. Made by :func:`find_identifiers`.

    Attributes
    ----------
    column : str
        The column in the file.
    kind : str
        One of ``KINDS``.
    recognised_by : str
        ``tool``: the survey tool says so; ``name``: its name or question does; ``content``: its cells do;
        ``shape``: nearly all cells have the shape of people's names, as those of some firms have.
    n_cells : int
        Cells that hold it; 0 for a column that is there and empty.
    reason : str
        Why, in words for a person; never a value of a cell.
    """

    column: str
    kind: IdentifierKind
    recognised_by: RecognisedBy
    n_cells: int
    reason: str

    def __str__(self) -> str:
        return f"{self.column}: {self.kind.replace('_', ' ')}, {self.reason}"
