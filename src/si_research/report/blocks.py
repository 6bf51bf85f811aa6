"""The pieces that a section of the report is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from si_research.report.labels import Labels
from si_research.report.tables import Table
from si_research.report.voice import sentence_case


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A piece of a section: text, a list with a heading, a table, the name of a figure, a heading or a link.

    A heading may have its place in the page as its only line; a link has the place to which it goes.
    """

    kind: Literal["text", "list", "table", "figure", "warning", "heading", "link"]
    text: str = ""
    lines: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A section with its heading."""

    name: str
    title: str
    blocks: tuple[Block, ...]


def text_block(labels: Labels, key: str, **values: object) -> Block:
    """Return a phrase of the locale file as a paragraph."""
    return Block("text", sentence_case(labels.voice.say(key, **values)))


def table_block(table: Table | None) -> Iterator[Block]:
    """Give a table, where there is one."""
    if table is not None:
        yield Block("table", table=table)
