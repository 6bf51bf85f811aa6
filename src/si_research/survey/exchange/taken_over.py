"""What only this toolkit knows of a question, taken over when another program changed the rest of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_OF_ITEMS: Final = ("reverse", "codes", "missing_codes")
_OF_VARIABLES: Final = ("missing_codes", "allow_personal")
_WHY: Final = "Taken over from before another program changed the file; is it still so?"


def take_over(tree: dict[str, Any], own: Any) -> list[str]:
    """Add to a codebook that was read what the standard could not hold, each part open until it is confirmed.

    Direction, codes and identifiers decide scores and who is told apart: they must not get lost by an edit
    elsewhere.

    Parameters
    ----------
    tree : dict
        The codebook as read; changed in place.
    own : object
        The part of the file that only this toolkit writes.

    Returns
    -------
    list of str
        What was taken over, and what has no place any more; a phrase each.
    """
    before = own.get("codebook") if isinstance(own, Mapping) else None
    if not isinstance(before, Mapping):
        return []
    listed = [
        *_entries(tree, before, "items", _OF_ITEMS),
        *_entries(tree, before, "variables", _OF_VARIABLES),
    ]
    general = before.get("missing_codes")
    if general and not tree.get("missing_codes"):
        tree["missing_codes"] = dict(general)
        listed.append("taken over: `missing_codes` of every column")
    used = {column for part in ("items", "variables") for column in _columns(tree.get(part, {}))}
    kept_out = {name: why for name, why in (before.get("kept_out") or {}).items() if name not in used}
    if kept_out:
        tree["kept_out"] = {**kept_out, **tree.get("kept_out", {})}
        listed.append(f"taken over: {len(kept_out)} columns under `kept_out`")
    return listed


def _entries(
    tree: dict[str, Any], before: Mapping[str, Any], section: str, keys: tuple[str, ...]
) -> Iterator[str]:
    places = _columns(tree.get(section, {}))
    for name, entry in (before.get(section) or {}).items():
        kept = {key: entry[key] for key in keys if entry.get(key)}
        if section == "variables" and entry.get("kind") == "identifier":
            kept["kind"] = "identifier"
        if not kept:
            continue
        found = places.get(entry.get("column") or name, places.get(name))
        if found is None:
            yield f"lost, as there is no such question any more: {', '.join(kept)} of `{name}`"
            continue
        read = tree[section][found]
        dropped = {"labels", "lowest", "highest"} if "kind" in kept else set()
        tree[section][found] = {
            **{key: value for key, value in read.items() if key not in dropped},
            **kept,
            "confirm": False,
            "proposed": _WHY,
        }
        yield f"taken over, to be confirmed: {', '.join(kept)} of `{found}`"


def _columns(entries: Mapping[str, Any]) -> dict[str, str]:
    """Return the entry of each column and of each name."""
    by_name = {name: name for name in entries}
    return by_name | {entry["column"]: name for name, entry in entries.items() if entry.get("column")}
