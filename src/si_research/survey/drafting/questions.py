"""What a person has to decide on in a draft codebook, one question at a time, what a run needs first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from si_research.survey.codebook import ROLE_NAMES, Codebook, Item
from si_research.survey.drafting.unmeasured import unmeasured_constructs

Choice = Literal["yes", "turn", "order", "construct", "kind", "out"]
_WORDS: Final[dict[Choice, str]] = {
    "yes": "yes, as proposed",
    "turn": "no: turn it the other way",
    "order": "no: give the order of the answers",
    "construct": "no: say what it measures",
    "kind": "no: say what kind it is",
    "out": "no: leave it out",
}
_MOST_NAMED: Final = 6
_MOST_WORDINGS: Final = 5


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """One decision, on one part of a codebook or on several that have the same reason.

    Attributes
    ----------
    section : str
        items, variables or scales.
    names : tuple of str
        The parts that it is about.
    title, reason : str
        What is proposed, and why.
    choices : tuple of str
        What can be answered; ``yes`` leaves it as it is.
    is_used : bool
        Whether a scale of the model, a role or an attention check hangs on it.
    """

    section: Literal["items", "variables", "scales"]
    names: tuple[str, ...]
    title: str
    reason: str
    choices: tuple[Choice, ...]
    is_used: bool

    @property
    def places(self) -> tuple[str, ...]:
        """The parts as paths of keys."""
        return tuple(f"{self.section}.{name}" for name in self.names)

    def in_words(self) -> dict[str, str]:
        """Return the choices with their words."""
        return {choice: _WORDS[choice] for choice in self.choices}


def open_questions(codebook: Codebook) -> tuple[OpenQuestion, ...]:
    """Return the decisions that are left: scales, then what scales of the model and roles use, then the rest.

    Items that share their reason are one question.
    """
    scales = tuple(_scales(codebook))
    rest = (*_variables(codebook), *_items(codebook))
    return (*scales, *(each for each in rest if each.is_used), *(each for each in rest if not each.is_used))


def scales_to_look_at_again(codebook: Codebook) -> tuple[OpenQuestion, ...]:
    """Return the scales that were decided to measure `other`, while a construct of the model has no scale."""
    absent = unmeasured_constructs(codebook)
    reason = f"no scale measures {', '.join(absent)}; perhaps this one does"
    return tuple(
        OpenQuestion(
            "scales", (name,), _scale_in_words(codebook, name), reason, ("yes", "construct", "out"), True
        )
        for name, scale in codebook.scales.items()
        if absent and scale.confirm and scale.construct_name == "other"
    )


def _scales(codebook: Codebook) -> Iterator[OpenQuestion]:
    for name, scale in codebook.scales.items():
        if not scale.confirm:
            what = _scale_in_words(codebook, name)
            yield OpenQuestion("scales", (name,), what, scale.proposed, ("yes", "construct", "out"), True)


def _scale_in_words(codebook: Codebook, name: str) -> str:
    """Return what a scale measures, and the first of its questions as they were asked."""
    scale = codebook.scales[name]
    what = f"scale `{name}` ({_listed(scale.items)}) measures `{scale.construct_name}`"
    asked = [(each, codebook.items[each]) for each in scale.items]
    worded = [(each, item.wording_nl or item.wording_en) for each, item in asked]
    lines = [f"  {each}: {wording}" for each, wording in worded if wording]
    more = len(lines) - _MOST_WORDINGS
    return "\n".join([what, *lines[:_MOST_WORDINGS], *([f"  and {more} more"] if more > 0 else [])])


def _variables(codebook: Codebook) -> Iterator[OpenQuestion]:
    played = {codebook.variable_of_role(role): role for role in ROLE_NAMES}
    for name, variable in codebook.variables.items():
        if not variable.confirm:
            role = f", the role {played[name]}" if name in played else ""
            is_used = name in played or name in codebook.attention_checks
            what = f"`{name}` is a {variable.kind}{role}"
            yield OpenQuestion("variables", (name,), what, variable.proposed, ("yes", "kind", "out"), is_used)


def _items(codebook: Codebook) -> Iterator[OpenQuestion]:
    used = {
        item for scale in codebook.scales.values() if scale.construct_name != "other" for item in scale.items
    } | set(codebook.attention_checks)
    alike: dict[tuple[str, bool, str, bool], list[str]] = {}
    for name, item in codebook.items.items():
        if not item.confirm:
            alike.setdefault((item.format, item.reverse, item.proposed, name in used), []).append(name)
    for (_, reverse, reason, is_used), names in alike.items():
        item = codebook.items[names[0]]
        what = f"{_listed(names)}: answers `{item.format}`, {'turned' if reverse else 'not turned'}"
        choices: tuple[Choice, ...] = ("yes", "turn", *_order_of(codebook, item), "out")
        wording = item.wording_nl or item.wording_en
        title = f"{what}\n  {wording}" if wording and len(names) == 1 else what
        yield OpenQuestion("items", tuple(names), title, reason, choices, is_used)


def _order_of(codebook: Codebook, item: Item) -> tuple[Choice, ...]:
    form = codebook.formats.get(item.format)
    return ("order",) if form is not None and len(form.labels) == 1 else ()


def _listed(names: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"
