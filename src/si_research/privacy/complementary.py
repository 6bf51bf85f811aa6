"""Complementary suppression: what else must be hidden, so that no total gives the small cells away."""

from __future__ import annotations

import numpy as np
import pandas as pd

from si_research.privacy.disclosure_audit import ALL, N, Sum, cells_of, first_narrow, sums_of

_Node = tuple[str, ...]


def hide_in_tree(table: pd.DataFrame, hidden: np.ndarray, smallest_cell: int) -> np.ndarray:
    """Hide more units of a hierarchy until no hidden one can be told within ``smallest_cell`` people.

    Under every unit that is shown, its hidden units must be two or more and hold ``smallest_cell`` people or
    more: then each of them could be anything from what is shown under it up to that many more. A hidden unit
    hides at least one of its own, else these would add up to it.
    """
    return _Tree(table, hidden, smallest_cell).hide()


class _Tree:
    """A hierarchy by number of the row, from the top down; which rows are hidden grows."""

    def __init__(self, table: pd.DataFrame, hidden: np.ndarray, smallest_cell: int) -> None:
        self.n = table[N].to_numpy(dtype=float)
        self.hidden = hidden.copy()
        self.smallest_cell = smallest_cell
        nodes = [tuple(row) for row in table.drop(columns=N).to_numpy(dtype=object)]
        self.depth = [sum(value != ALL for value in node) for node in nodes]
        at = {node: number for number, node in enumerate(nodes)}
        self.under: list[list[int]] = [[] for _ in nodes]
        self.above = [-1] * len(nodes)
        for number, node in enumerate(nodes):
            if depth := self.depth[number]:
                self.above[number] = at[_above(node, depth)]
                self.under[self.above[number]].append(number)

    def hide(self) -> np.ndarray:
        downwards = np.argsort(self.depth, kind="stable").tolist()
        for unit in reversed(downwards):
            if len(self.under[unit]) == 1 and self.hidden[self.under[unit][0]]:
                self.hidden[unit] = True
        for unit in downwards:
            if self.hidden[unit]:
                self._hide_below(unit)
            elif self._hidden_under(unit):
                self._make_wide(unit)
        return self.hidden

    def _make_wide(self, unit: int) -> None:
        while len(self._hidden_under(unit)) < 2:
            self._hide_below(self._smallest(self.under[unit]))
        while self._people(unit) < self.smallest_cell:
            self._hide_below(self._smallest(self._shown_beside(unit)))

    def _hide_below(self, unit: int) -> None:
        """Hide a unit, and the smallest of its own where none is hidden, down to the lowest level."""
        self.hidden[unit] = True
        while self.under[unit] and not self._hidden_under(unit):
            unit = self._smallest(self.under[unit])
            self.hidden[unit] = True

    def _hidden_under(self, unit: int) -> list[int]:
        return [each for each in self.under[unit] if self.hidden[each]]

    def _people(self, unit: int) -> float:
        """Count who is in the hidden units of the lowest level that hang on this one by hidden ones."""
        return sum(
            self._people(each) if self.under[each] else self.n[each] for each in self._hidden_under(unit)
        )

    def _shown_beside(self, unit: int) -> list[int]:
        """Give what can still be hidden: the shown units under this one, and under the hidden ones there."""
        shown = [each for each in self.under[unit] if not self.hidden[each]]
        return shown + [more for each in self._hidden_under(unit) for more in self._shown_beside(each)]

    def _smallest(self, units: list[int]) -> int:
        """Choose the smallest shown unit with people in it; an empty one where there is no other."""
        shown = [each for each in units if not self.hidden[each]]
        return min(shown, key=lambda each: (self.n[each] == 0, self.n[each], each))


def _above(node: _Node, depth: int) -> _Node:
    return (*node[: depth - 1], *[ALL] * (len(node) - depth + 1))


def hide_in_cross_table(table: pd.DataFrame, hidden: np.ndarray, smallest_cell: int) -> np.ndarray:
    """Hide more cells of a table with margins until the attack leaves every hidden one wide enough.

    First every line gets two hidden cells with ``smallest_cell`` people together; then linear programming
    finds a cell whose bounds are too close, and the smallest shown one of its lines is hidden as well.
    Margins are hidden last.
    """
    n = table[N].to_numpy(dtype=float)
    sums = list(sums_of(table, {cell: at for at, cell in enumerate(cells_of(table))}))
    hidden = hidden.copy()
    while (thin := _thin(sums, n, hidden, smallest_cell)) is not None:
        hidden[_partner([thin], n, hidden)] = True
    while (narrow := first_narrow(np.where(hidden, np.nan, n), sums, smallest_cell)) is not None:
        lines = [each for each in sums if narrow in (each.total, *each.parts)]
        lines = [each for each in lines if _shown(each, hidden)] or _tied(sums, narrow, hidden)
        hidden[_partner(lines, n, hidden)] = True
    return hidden


def _thin(sums: list[Sum], n: np.ndarray, hidden: np.ndarray, smallest_cell: int) -> Sum | None:
    """Give a line with a shown total whose hidden cells are one, or hold too few people; else None."""
    for line in sums:
        parts = np.array(line.parts)
        inside = parts[hidden[parts]]
        too_thin = len(inside) > 0 and (len(inside) < 2 or n[inside].sum() < smallest_cell)
        if too_thin and not hidden[line.total]:
            return line
    return None


def _partner(lines: list[Sum], n: np.ndarray, hidden: np.ndarray) -> int:
    """Choose what to hide: an inner cell before a margin, people before nobody, few before many."""
    totals = {line.total for line in lines}
    shown = sorted({cell for line in lines for cell in _shown(line, hidden)})
    return min(shown, key=lambda cell: (cell in totals, n[cell] == 0, n[cell], cell))


def _shown(line: Sum, hidden: np.ndarray) -> list[int]:
    return [cell for cell in (*line.parts, line.total) if not hidden[cell]]


def _tied(sums: list[Sum], cell: int, hidden: np.ndarray) -> list[Sum]:
    """Give the lines that hidden cells tie to this one, with something shown in them."""
    reached, before = {cell}, 0
    while len(reached) > before:
        before = len(reached)
        for line in sums:
            inside = {each for each in (line.total, *line.parts) if hidden[each]}
            if inside & reached:
                reached |= inside
    return [line for line in sums if reached & {line.total, *line.parts} and _shown(line, hidden)]
