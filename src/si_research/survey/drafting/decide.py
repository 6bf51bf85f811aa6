"""A decision written into a codebook file: its comments stay, and it is replaced as a whole or not at all."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from si_research.survey.codebook_file import read_codebook
from si_research.survey.drafting.names import says_reversed
from si_research.survey.drafting.questions import Choice, OpenQuestion
from si_research.survey.drafting.reversals import MOST_AT_ONCE
from si_research.survey.formats import BUILT_IN_FORMATS
from si_research.survey.undecided import ORDER_UNKNOWN
from si_research.survey.whole_file import writing_whole

_BY_HAND: Final = "left out by hand"
_NEVER_FOLDED: Final = 1_000_000
DIRECTION_AFTER_ORDER: Final = (
    "say whether it is worded the other way round: that was not looked at in this order"
)
DIRECTION_AFTER_SPLIT: Final = (
    "you split its scale: say whether it is worded the other way round than the others that are left with it"
)

DIRECTION_OF_MANY: Final = (
    "say whether it is worded the other way round: so long a block was not looked at as one scale"
)


def decide(path: Path, question: OpenQuestion, choice: Choice, value: Any = None) -> None:
    """Write the answer to one question into a codebook file.

    Parameters
    ----------
    path : Path
        The codebook; it is read again, so that what was changed by hand meanwhile stays.
    question : OpenQuestion
        From :func:`open_questions`.
    choice : str
        One of its choices.
    value : object, optional
        ``construct``: the construct; ``kind``: the kind; ``order``: the labels from low to high;
        other items keep the order that they had, and the direction of these is asked after. ``split``: the
        items of the second scale; both scales are open after it, and the direction of their items. ``out``
        of a scale: the items that leave it, or None for the scale as a whole.

    Raises
    ------
    ValueError
        The choice is none of the question's, or the value is none that fits.
    CodebookError
        The codebook would no longer be valid; then the file is as it was.
    """
    if choice not in question.choices:
        raise ValueError(f"one of {', '.join(question.choices)}")
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _NEVER_FOLDED
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = yaml.load(path.read_text("utf-8"))
    _CHANGES[choice](tree, question, value)
    out = io.StringIO()
    yaml.dump(tree, out)
    with writing_whole([path], overwrite=True) as (place,):
        place.write_text(out.getvalue(), "utf-8", newline="\n")
        read_codebook(place)


def _yes(tree: Any, question: OpenQuestion, value: Any) -> None:
    for name in question.names:
        tree[question.section][name].pop("confirm", None)


def _turn(tree: Any, question: OpenQuestion, value: Any) -> None:
    for name in question.names:
        item = tree["items"][name]
        if item.pop("reverse", False):
            continue
        item["reverse"] = True
    _yes(tree, question, value)


def _order(tree: Any, question: OpenQuestion, value: Any) -> None:
    """Give the items their order; what was seen of their direction in another order is no longer said."""
    formats, items = tree["formats"], tree["items"]
    name = items[question.names[0]]["format"]
    ((language, steps),) = formats[name]["labels"].items()
    if sorted(map(str, steps)) != sorted(map(str, value)):
        raise ValueError("the labels of the format, each once")
    if list(map(str, steps)) == list(map(str, value)):
        _order_as_it_stands(tree, question)
        return
    if _is_shared(tree, name, question):
        own = _free_name(name, {*formats, *BUILT_IN_FORMATS})
        formats[own] = {**formats[name], "labels": {language: list(value)}}
        name = own
    else:
        steps[:] = value
    for each in question.names:
        items[each]["format"] = name
        items[each].pop("reverse", None)
        items[each]["proposed"] = _after_order(each, items[each])


def _order_as_it_stands(tree: Any, question: OpenQuestion) -> None:
    """Take the order for given; the direction of who had none before it was never looked at."""
    for name in question.names:
        item = tree["items"][name]
        if ORDER_UNKNOWN in str(item.get("proposed", "")):
            item["proposed"] = _after_order(name, item)
        else:
            item.pop("confirm", None)


def _is_shared(tree: Any, name: str, question: OpenQuestion) -> bool:
    """Whether items that the question is not about hang on the labels of a format, by name or by an alias."""
    labels = tree["formats"][name]["labels"]
    same = {each for each, form in tree["formats"].items() if form.get("labels") is labels}
    users = {each for each, item in tree["items"].items() if item["format"] in same}
    return len(same) > 1 or not users <= set(question.names)


def _free_name(name: str, taken: Container[str]) -> str:
    return next(f"{name}_{number}" for number in itertools.count(2) if f"{name}_{number}" not in taken)


def _after_order(name: str, item: Mapping[str, Any]) -> str:
    wording = str(item.get("wording_nl") or item.get("wording_en") or "")
    said = says_reversed(str(item.get("column", name)), wording)
    return f"you gave the order of its answers{f'; {said}' if said else ''}; {DIRECTION_AFTER_ORDER}"


def _construct(tree: Any, question: OpenQuestion, value: Any) -> None:
    (name,) = question.names
    scale = tree["scales"][name]
    scale["construct"] = value
    if value != "other" and len(scale.get("items", ())) > MOST_AT_ONCE and not scale.get("confirm", True):
        for each in scale["items"]:
            if ORDER_UNKNOWN not in str(tree["items"][each].get("proposed", "")):
                _ask_again(tree["items"][each], DIRECTION_OF_MANY)
    _yes(tree, question, value)


def _split(tree: Any, question: OpenQuestion, value: Any) -> None:
    """Give the second scale its items; each keeps its answers, and its direction is looked at again."""
    (name,) = question.names
    scales, first = tree["scales"], tree["scales"][name]
    items = list(map(str, first["items"]))
    second = [item for item in items if item in value]
    if not second or len(second) == len(items) or len(second) < len(value):
        raise ValueError("some of the items of the scale, and not all")
    first["items"] = [item for item in items if item not in second]
    first["confirm"] = False
    own = _free_name(name, {*scales, *tree.get("items", ()), *tree.get("variables", ())})
    parted = {
        "construct": "other",
        "items": second,
        "confirm": False,
        "proposed": f"you split it off from `{name}`",
    }
    scales.insert(list(scales).index(name) + 1, own, parted)
    for each in items:
        item = tree["items"][each]
        if ORDER_UNKNOWN not in str(item.get("proposed", "")):
            _ask_again(item, DIRECTION_AFTER_SPLIT)


def _ask_again(item: Any, why: str) -> None:
    said = str(item.get("proposed", ""))
    item["confirm"] = False
    if why not in said:
        item["proposed"] = f"{said}; {why}" if said else why


def _kind(tree: Any, question: OpenQuestion, value: Any) -> None:
    (name,) = question.names
    variable = tree["variables"][name]
    variable["kind"] = value
    for key in () if value == "number" else ("lowest", "highest"):
        variable.pop(key, None)
    _yes(tree, question, value)


def _out(tree: Any, question: OpenQuestion, value: Any) -> None:
    if question.section == "scales":
        _leave_scale(tree, question, value)
        return
    for name in question.names:
        entry = tree[question.section].pop(name)
        for column in (entry.get("columns") or {"": entry.get("column", name)}).values():
            tree.setdefault("kept_out", {})[column] = _BY_HAND
        _leave_out_of_scales(tree, name)
        for role, played in list((tree.get("roles") or {}).items()):
            if played == name:
                del tree["roles"][role]
    for section in ("items", "variables", "roles"):
        if section in tree and not tree[section]:
            del tree[section]


def _leave_scale(tree: Any, question: OpenQuestion, value: Any) -> None:
    """Take items out of a scale, which stay questions; or the scale, when none is left or none is named."""
    (name,) = question.names
    items = tree["scales"][name].get("items", [])
    for item in value or list(items):
        items.remove(item)
    if not items:
        del tree["scales"][name]


def _leave_out_of_scales(tree: Any, name: str) -> None:
    for scale, entry in list(tree["scales"].items()):
        items = entry.get("items", [])
        if name in items:
            items.remove(name)
            if not items:
                del tree["scales"][scale]


_CHANGES: Final[Mapping[Choice, Callable[[Any, OpenQuestion, Any], None]]] = {
    "yes": _yes,
    "turn": _turn,
    "order": _order,
    "construct": _construct,
    "split": _split,
    "kind": _kind,
    "out": _out,
}
