"""What must be known beside the readings, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from si_research.report.labels import Labels
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.model.fit_notes import Note

SAID_ELSEWHERE: Final = frozenset(
    {
        "no_clusters",
        "one_cluster",
        "few_clusters",
        "cluster_identifies_term",
        "one_firm_dominates",
        "firm_spellings",
        "weights_on_few",
    }
)
"""Of firms and weights: they hold for the regressions too, and stand among the remarks on the analysis."""
ABSENCE: Final = "~"
UNDEFINED: Final = "draws_undefined"


def note_lines(notes: Iterable[Note], labels: Labels) -> tuple[str, ...]:
    """Return each note once; those of one kind about several conditions together."""
    speak, conditions, counts = labels.voice, dict[str, list[str]](), dict[str, str]()
    for note in notes:
        if note.code not in SAID_ELSEWHERE:
            of_absence = str(note.values.get("outcome", "")).startswith(ABSENCE)
            named = conditions.setdefault(f"{note.code}_absence" if of_absence else note.code, [])
            named += [labels.of(str(note.values[key])) for key in ("condition", "set") if key in note.values]
            if note.code == UNDEFINED:
                counts |= {key: speak.count(int(str(note.values[key]))) for key in ("n", "draws")}
    return tuple(
        sentence_case(
            speak.say(f"readings.notes.{code}", names=speak.listed(list(dict.fromkeys(named))), **counts)
        )
        for code, named in conditions.items()
    )
