"""What a person has to decide on in a draft codebook, one question at a time, what a run needs first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from si_research.survey.codebook import ROLE_NAMES, Codebook, Item
from si_research.survey.drafting.shown_wording import shown_wordings
from si_research.survey.drafting.unmeasured import unmeasured_constructs
from si_research.survey.undecided import is_order_unknown

Choice = Literal["yes", "turn", "order", "construct", "split", "kind", "out"]
_WORDS: Final[dict[Choice, str]] = {
    "yes": "yes, as proposed",
    "turn": "no: turn it the other way",
    "order": "no: give the order of the answers",
    "construct": "no: say what it measures",
    "split": "no: split it in two scales",
    "kind": "no: say what kind it is",
    "out": "no: leave it out",
}
_ORDER_WANTED: Final = "give the order of the answers, the lowest first"
_OF_A_SCALE: Final[tuple[Choice, ...]] = ("yes", "construct", "split", "out")
_MOST_NAMED: Final = 6
_MOST_WORDINGS: Final = 3
_PARTS: Final[dict[Choice, frozenset[str]]] = {
    "yes": frozenset({"items"}),
    "turn": frozenset({"items", "scales"}),
    "order": frozenset({"items"}),
    "out": frozenset({"items", "scales"}),
    "split": frozenset({"scales"}),
}


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """One decision, on one part of a codebook or on several that are looked at together.

    Attributes
    ----------
    section : str
        items, variables or scales.
    names : tuple of str
        The parts that it is about.
    title, reason : str
        What is proposed, and why.
    choices : tuple of str
        What can be answered; ``yes`` leaves it as it is, and is absent where nothing is proposed.
    is_used : bool
        Whether a scale of the model, a role or an attention check hangs on it.
    members : tuple of str
        The items that some of them can be chosen from by number: of a scale, or ``names`` where they are
        several.
    shown : tuple of str
        A text for each member.
    """

    section: Literal["items", "variables", "scales"]
    names: tuple[str, ...]
    title: str
    reason: str
    choices: tuple[Choice, ...]
    is_used: bool
    members: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The parts as paths of keys."""
        return tuple(f"{self.section}.{name}" for name in self.names)

    def in_words(self) -> dict[Choice, str]:
        """Return the choices with their words."""
        words = {choice: _WORDS[choice] for choice in self.choices}
        if self.section == "scales" and "turn" in words:
            words |= {"turn": "turn items the other way: t with their numbers"}
        return words if "yes" in words or "order" not in words else {**words, "order": _ORDER_WANTED}

    def takes_numbers(self, choice: Choice) -> bool:
        """Whether a choice can be made for some of the members."""
        is_of_some = len(self.members) > 1 or (choice == "turn" and self.section == "scales")
        return is_of_some and self.section in _PARTS.get(choice, ())

    def about(self, names: Sequence[str]) -> OpenQuestion:
        """Return the same question on some of its parts."""
        return replace(self, names=tuple(names))


def open_questions(codebook: Codebook, *, apart: Collection[str] = ()) -> tuple[OpenQuestion, ...]:
    """Return the decisions that are left: scales, then what scales of the model and roles use, then the rest.

    Items of one scale are one question, as are items of no scale that share their reason; those in ``apart``
    are asked one by one.
    """
    scales = tuple(_scales(codebook))
    rest = (*_variables(codebook), *_items(codebook, apart))
    return (*scales, *(each for each in rest if each.is_used), *(each for each in rest if not each.is_used))


def count_questions(codebook: Codebook) -> int:
    """Return how many times a person is asked something; scales that are several are listed in one."""
    asked = open_questions(codebook)
    n_scales = sum(each.section == "scales" for each in asked)
    return len(asked) - max(n_scales - 1, 0)


def scales_to_look_at(codebook: Codebook) -> tuple[OpenQuestion, ...]:
    """Return the scales that are open, and those that measure `other` while a construct has no scale."""
    absent = unmeasured_constructs(codebook)
    again = f"no scale measures {', '.join(absent)}; perhaps this one does"
    return tuple(
        scale_question(codebook, name, again if scale.confirm else scale.proposed)
        for name, scale in codebook.scales.items()
        if not scale.confirm or (absent and scale.construct_name == "other")
    )


def scale_question(codebook: Codebook, name: str, reason: str) -> OpenQuestion:
    """Return what is asked of one scale: all its items, each with its wording."""
    scale = codebook.scales[name]
    title = f"scale `{name}` measures `{scale.construct_name}`"
    _, texts = shown_wordings(codebook, scale.items)
    shown = tuple(_worded(each, texts.get(each, "")) for each in scale.items)
    choices = tuple(each for each in _OF_A_SCALE if each != "split" or len(scale.items) > 1)
    if scale.confirm and all(codebook.items[each].confirm for each in scale.items):
        choices = (*choices[:-1], "turn", *choices[-1:])
        shown = tuple(
            _marked(each, codebook.items[each], texts.get(each, ""), "", unknown=False)
            for each in scale.items
        )
    return OpenQuestion("scales", (name,), title, reason, choices, True, scale.items, shown)


def items_of_scale(codebook: Codebook, name: str, members: Sequence[str]) -> OpenQuestion:
    """Return the question on the direction of items of one scale, decided on or not."""
    return _question_on(codebook, list(members), name, is_used=True)


def scale_in_short(codebook: Codebook, name: str) -> str:
    """Return what a scale measures, its items, and their wordings: the first of these where it is `other`.

    What all wordings begin with stands once, so that their different ends are seen.
    """
    scale = codebook.scales[name]
    is_other = scale.construct_name == "other"
    what = f"`{name}` measures {'nothing of the model' if is_other else scale.construct_name}: "
    beginning, texts = shown_wordings(codebook, scale.items)
    lines = [_worded(*each) for each in texts.items()]
    most = _MOST_WORDINGS if is_other else len(lines)
    more = [f"and {len(lines) - most} more"] if len(lines) > most else []
    first = [f"{beginning} …"] if beginning else []
    listed = _listed(scale.items) if is_other else ", ".join(scale.items)
    return "\n".join([f"{what}{listed}", *(f"     {line}" for line in (*first, *lines[:most], *more))])


def _scales(codebook: Codebook) -> Iterator[OpenQuestion]:
    for name, scale in codebook.scales.items():
        if not scale.confirm:
            yield scale_question(codebook, name, scale.proposed)


def _variables(codebook: Codebook) -> Iterator[OpenQuestion]:
    played = {codebook.variable_of_role(role): role for role in ROLE_NAMES}
    for name, variable in codebook.variables.items():
        if not variable.confirm:
            role = f", the role {played[name]}" if name in played else ""
            is_used = name in played or name in codebook.attention_checks
            what = f"`{name}` is a {variable.kind}{role}"
            yield OpenQuestion("variables", (name,), what, variable.proposed, ("yes", "kind", "out"), is_used)


def _items(codebook: Codebook, apart: Collection[str]) -> Iterator[OpenQuestion]:
    used = set(codebook.attention_checks)
    home: dict[str, str] = {}
    for name, scale in codebook.scales.items():
        if scale.construct_name != "other":
            used |= set(scale.items)
            home |= dict.fromkeys(scale.items, name)
        else:
            home = {**dict.fromkeys(scale.items, name), **home}
    together: dict[tuple[object, ...], list[str]] = {}
    for name, item in codebook.items.items():
        if item.confirm:
            continue
        shared = "" if is_order_unknown(item) else home.get(name, item.proposed)
        alone = name if name in apart else ""
        key = (item.format, is_order_unknown(item), shared, alone, name in used)
        together.setdefault(key, []).append(name)
    for names in together.values():
        yield _question_on(codebook, names, home.get(names[0]), is_used=names[0] in used)


def _question_on(codebook: Codebook, names: list[str], scale: str | None, *, is_used: bool) -> OpenQuestion:
    """Return one question on items that are answered in one way; what is said of all stands once."""
    items = [codebook.items[name] for name in names]
    unknown = is_order_unknown(items[0])
    said = [item.proposed.split("; ") for item in items]
    common = [part for part in said[0] if all(part in each for each in said)]
    own = ["; ".join(part for part in each if part not in common) for each in said]
    where = "" if scale is None or unknown else f"scale `{scale}`: "
    form = f"answers `{items[0].format}`"
    choices: tuple[Choice, ...] = ("yes", "turn", *_order_of(codebook, items[0]), "out")
    if unknown:
        choices = ("order", "out")
    _, texts = shown_wordings(codebook, names)
    shown = tuple(
        _marked(name, item, texts.get(name, ""), why, unknown=unknown)
        for name, item, why in zip(names, items, own, strict=True)
    )
    if len(names) == 1:
        title = f"{where}{shown[0]} ({form})"
        return OpenQuestion("items", tuple(names), title, items[0].proposed, choices, is_used)
    title, reason = f"{where}{len(names)} questions, {form}", "; ".join(common) or "said of each"
    return OpenQuestion("items", tuple(names), title, reason, choices, is_used, tuple(names), shown)


def _marked(name: str, item: Item, text: str, why: str, *, unknown: bool) -> str:
    turned = "" if unknown else f" {'turned' if item.reverse else 'not turned'}"
    return _worded(f"`{name}`{turned}", text) + (f"\n     {why}" if why else "")


def _worded(name: str, text: str) -> str:
    return f"{name}: {text}" if text else name


def _order_of(codebook: Codebook, item: Item) -> tuple[Choice, ...]:
    form = codebook.formats.get(item.format)
    return ("order",) if form is not None and len(form.labels) == 1 else ()


def _listed(names: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"
