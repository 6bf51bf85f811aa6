"""The section on the interaction probed, and its long tables for the appendix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from si_research.report.blocks import Block, table_block
from si_research.report.labels import Labels
from si_research.report.probing_tables import methods_table, slope_differences_table, within_between_table

if TYPE_CHECKING:
    from si_research.report.probing_findings import ProbingFindings


def probing_tables(found: ProbingFindings, labels: Labels) -> Iterator[Block]:
    """Give the tables that stand in the technical appendix."""
    yield from table_block(methods_table(found.inference, labels))
    for each in found.differences:
        yield from table_block(slope_differences_table(each, labels))
    if found.split is not None:
        yield from table_block(within_between_table(found.split, labels))
