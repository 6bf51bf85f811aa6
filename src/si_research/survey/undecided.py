"""Proposals of a draft on which nobody decided yet: which scales they touch, and what cannot be scored."""

from __future__ import annotations

from typing import Final

from si_research.errors import CodebookError, Problem
from si_research.survey.codebook import Codebook, Item

ORDER_UNKNOWN: Final = "in words whose order cannot be known from the file"
"""What the reason of a format says, until a person has given its order."""


def is_order_unknown(item: Item) -> bool:
    """Whether an item waits for somebody to say in which order its answers go from low to high."""
    return not item.confirm and ORDER_UNKNOWN in item.proposed


def without_unknown_orders(codebook: Codebook) -> Codebook:
    """Return a codebook without the scales of which the answers have no order yet: they have no score."""
    scales = {name: scale for name, scale in codebook.scales.items() if not _unordered(codebook, name)}
    if len(scales) == len(codebook.scales):
        return codebook
    return codebook.model_copy(update={"scales": scales})


def refuse_unknown_orders(codebook: Codebook) -> None:
    """Raise where a scale uses an item with answers in an order that nobody decided: its mean says nothing.

    Raises
    ------
    CodebookError
        With every such scale.
    """
    problems = [
        Problem(
            where=f"scales.{name}",
            expected="answers whose order from low to high is known",
            found=f"answers in the order of the file, which says nothing, in {', '.join(items)}",
            todo="Give the order with `si-research codebook --confirm`; or put the labels in order under "
            "`formats`, and delete `confirm` of these items.",
            line=codebook.line_of(f"scales.{name}"),
        )
        for name in codebook.scales
        if (items := _unordered(codebook, name))
    ]
    if problems:
        raise CodebookError(problems, where="codebook", expected="scales that can be scored")


def _unordered(codebook: Codebook, scale: str) -> list[str]:
    items = codebook.scales[scale].items
    return [name for name in items if name in codebook.items and is_order_unknown(codebook.items[name])]


def said_of_undecided(codebook: Codebook) -> str:
    """Say how many proposals nobody decided on, and which scales these touch; nothing where there is none.

    Examples
    --------
    >>> from si_research.survey.codebook import Scale
    >>> items = {"k1": Item(format="agree_5", confirm=False), "k2": Item(format="agree_5")}
    >>> scales = {"kunnen": Scale(construct="kunnen", items=("k1", "k2"))}
    >>> said_of_undecided(Codebook(title="", items=items, scales=scales))
    '1 proposal that nobody decided on, which touches the scale kunnen: `si-research codebook --confirm`'
    """
    count = sum(not scale.confirm for scale in codebook.scales.values())
    count += sum(not codebook.is_decided(name) for name in (*codebook.items, *codebook.variables))
    touched = [
        name
        for name, scale in codebook.scales.items()
        if not scale.confirm or not all(map(codebook.is_decided, (*scale.items, scale.score or "")))
    ]
    if not count:
        return ""
    many, several = "s" if count > 1 else "", "s" if len(touched) > 1 else ""
    verb = "touch" if count > 1 else "touches"
    scales = f", which {verb} the scale{several} {', '.join(touched)}" if touched else ""
    return f"{count} proposal{many} that nobody decided on{scales}: `si-research codebook --confirm`"
