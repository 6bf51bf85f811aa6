"""What a draft codebook holds, in the words that the command line prints."""

from __future__ import annotations

from collections.abc import Iterator

from si_research.survey.codebook import ROLE_NAMES, Codebook
from si_research.survey.drafting.questions import count_questions
from si_research.survey.drafting.unmeasured import unmeasured_constructs

_MOST_NAMED = 12


def open_proposals(codebook: Codebook) -> tuple[str, ...]:
    """Return the places of a codebook on which a person has to decide: `items.k1`, `scales.A`."""
    sections = (("items", codebook.items), ("variables", codebook.variables), ("scales", codebook.scales))
    return tuple(
        f"{section}.{name}" for section, part in sections for name, entry in part.items() if not entry.confirm
    )


def describe_draft(codebook: Codebook) -> str:
    """Return what was proposed, in a few lines; it names columns and counts, and no answers."""
    return "\n".join(_lines(codebook))


def _lines(codebook: Codebook) -> Iterator[str]:
    counts = (
        (codebook.items, "question", "questions"),
        (codebook.variables, "other column", "other columns"),
        (codebook.scales, "candidate for a scale", "candidates for a scale"),
        (codebook.kept_out, "column kept out", "columns kept out"),
    )
    yield ", ".join(f"{len(part)} {one if len(part) == 1 else several}" for part, one, several in counts)
    roles = [
        f"{role} `{name}`" for role in ROLE_NAMES if (name := codebook.variable_of_role(role)) is not None
    ]
    if roles:
        yield f"roles: {', '.join(roles)}"
    if codebook.unit == "organisation":
        yield (
            "each row seems to be an organisation (`unit: organisation`): a run then refuses, because such "
            "figures say nothing of single people; if a row is a person, delete that line"
        )
    turned = [name for name, item in codebook.items.items() if item.reverse]
    if turned:
        more = f" and {len(turned) - _MOST_NAMED} more" if len(turned) > _MOST_NAMED else ""
        yield f"proposed to be turned: {', '.join(turned[:_MOST_NAMED])}{more}"
    absent = unmeasured_constructs(codebook)
    if absent:
        yield (
            f"not measured, as far as names and questions say: {', '.join(absent)}. A scale that "
            f"measures one of these "
            "gets its construct from you; without them a run ends in a report that says what is missing"
        )
    n_asked, n_proposals = count_questions(codebook), len(open_proposals(codebook))
    questions = "1 question" if n_asked == 1 else f"{n_asked} questions"
    about = f", about {n_proposals} proposals (`confirm: false`)" if n_proposals > n_asked else ""
    yield f"for you to decide: {questions}{about}"
