"""The lowest and the highest answer of each scale of a model, and whether scores keep to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.arguments import ends_of

Pair = tuple[float, float]
Ends = Mapping[str, Pair] | Pair | None
USUAL_ENDS: Final = (1.0, 5.0)
BEYOND: Final = 1e-9
"""Of the width of a response format, by which rounding may carry a mean beyond its end."""


def known_ends(ends: object, names: Sequence[str], where: str) -> dict[str, Pair]:
    """Return the ends of each column; one pair is for all, and what is not stated is 1 to 5."""
    place = f"`ends` of {where}"
    check_names_of_ends(ends, names, where)
    if isinstance(ends, Mapping):
        return {name: ends_of(ends.get(name), place) or USUAL_ENDS for name in names}
    return dict.fromkeys(names, ends_of(ends, place) or USUAL_ENDS)


def check_names_of_ends(ends: object, names: Sequence[str], where: str) -> None:
    """Refuse ends of a column that is none of these: a misspelt one would leave its scale at 1 to 5."""
    strangers = [str(name) for name in ends if name not in names] if isinstance(ends, Mapping) else []
    if strangers:
        raise ModelSpecificationError(
            expected=f"ends of {', '.join(names)}",
            found=f"ends of {', '.join(strangers)}",
            where=f"`ends` of {where}",
            todo="name the outcome and the conditions of the model only, as in the scores",
        )


def check_within_ends(frame: pd.DataFrame, ends: Mapping[str, Pair]) -> None:
    """Refuse scores beyond the ends of their response format."""
    for name, (low, high) in ends.items():
        room = BEYOND * (high - low)
        beyond = int((~frame[name].between(low - room, high + room)).sum())
        if beyond:
            raise SurveyDataError(
                expected=f"scores of {name} from {low:g} to {high:g}",
                found=f"{beyond} score(s) beyond these ends",
                where=f"column {name!r} of the scores",
                todo=f"state the ends of its response format: ends={{{name!r}: (lowest, highest)}}",
            )
