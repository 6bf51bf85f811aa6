"""YAML as a researcher writes it: values stay text, and every key remembers its line.

The nodes of ruamel.yaml (YAML 1.2) are read instead of the values it would make of them, so that
``no``, ``09`` and ``1:30`` arrive as they were typed; the models decide what is a number. All
repeated keys are reported, where a plain reader stops at the first or takes the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from si_research.errors import Problem

Steps = tuple[str | int, ...]

_CORE: Final = "tag:yaml.org,2002:"
_NULL: Final = f"{_CORE}null"
_INT: Final = f"{_CORE}int"
_MERGE: Final = f"{_CORE}merge"
_FOLD: Final = "\a"
"""The parser's own mark, in a folded text (``>``), of the places where its lines were joined."""
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, eq=False)
class YamlFile:
    """What a YAML file holds; made by :func:`read_yaml`.

    Attributes
    ----------
    tree : dict, list, str or None
        Mappings, lists, texts and plain whole numbers; a value left empty (or ``null``) is None.
    problems : tuple of Problem
        What is wrong with the file itself; then ``tree`` holds what could be read.
    root : ruamel.yaml.nodes.Node or None
        The nodes behind ``tree``; None when nothing could be read.
    """

    tree: Any
    problems: tuple[Problem, ...] = ()
    root: Node | None = None

    def line_of(self, steps: Steps) -> int | None:
        """Return the line (from 1) of a key or list entry, or of the nearest part around it."""
        if self.root is None:
            return None
        node, line = self.root, None
        for step in steps:
            entry = _entry_at(node, step)
            if entry is None:
                break
            marked, node = entry
            line = int(marked.start_mark.line) + 1
        return line


def read_yaml(path: Path | str) -> YamlFile:
    """Read a YAML file without raising: what is wrong with it comes back as problems.

    Parameters
    ----------
    path : path
        A text file in UTF-8.

    Returns
    -------
    YamlFile
    """
    path = Path(path)
    reader = _Reader()
    try:
        root = _compose(_text_of(path))
        if root is None:
            return YamlFile(None, (_whole_file("keys with values", "an empty file"),))
        tree = reader.value_of(root, ())
    except _UnreadableError as unreadable:
        return YamlFile(None, (unreadable.problem,))
    except RecursionError:
        return YamlFile(None, (_whole_file("a few levels of keys", "hundreds of levels, or a loop"),))
    return YamlFile(tree, tuple(reader.problems), root)


def place(steps: Steps) -> str:
    """Return the path of a key as people write it.

    Examples
    --------
    >>> place(("scales", "kunnen", "items", 2))
    'scales.kunnen.items[2]'
    """
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return "".join(parts).removeprefix(".") or "the whole file"


class _UnreadableError(Exception):
    """Nothing can be read from the file; carries why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _whole_file(expected: str, found: str, todo: str = "", line: int | None = None) -> Problem:
    return Problem(where="the whole file", expected=expected, found=found, todo=todo, line=line)


def _text_of(path: Path) -> str:
    """Return the text of a file, or say why it is not the text of a YAML file."""
    expected = "a YAML file, which is text in UTF-8"
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _UnreadableError(
            _whole_file(expected, "no file of that name", "Check the name and the folder.")
        ) from None
    except IsADirectoryError:
        raise _UnreadableError(_whole_file(expected, "a folder", "Name the file in it.")) from None
    except OSError as error:
        found = f"a file that cannot be read ({error.strerror})"
        raise _UnreadableError(_whole_file(expected, found)) from None
    if raw.startswith(_UTF16_MARKS):
        raise _UnreadableError(_whole_file(expected, "text in UTF-16", "Save the file as UTF-8."))
    if b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        todo = "This is no text; name the YAML file, not a workbook or a data file."
        raise _UnreadableError(_whole_file(expected, "a NUL byte", todo, line))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        todo = "Save the file as UTF-8 (in Notepad: Save as, Encoding)."
        raise _UnreadableError(_whole_file(expected, "another encoding", todo, line)) from None


@lru_cache(maxsize=8)  # a command reads its codebook several times; nobody changes the nodes
def _compose(text: str) -> Node | None:
    """Return the root node of a YAML text; None when it is empty."""
    yaml = YAML(pure=True)
    yaml.composer.warn_double_anchors = False
    try:
        root: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = int(mark.line) + 1 if mark is not None else None
        found = _said_by(error)
        raise _UnreadableError(_whole_file("valid YAML", found, _advice(found), line)) from None
    except YAMLError:
        found, todo = "a control character", "Remove it; it cannot be seen in most editors."
        raise _UnreadableError(_whole_file("valid YAML", found, todo)) from None
    if isinstance(root, ScalarNode) and root.tag == _NULL:
        return None
    return root


def _said_by(error: MarkedYAMLError) -> str:
    """Return what the parser found, and where the part began that it was reading."""
    found = re.sub(r"^(but )?found ", "", str(error.problem))
    if not error.context or error.context_mark is None:
        return found
    return f"{found}, {error.context} that starts on line {error.context_mark.line + 1}"


def _advice(found: str) -> str:
    """Return what to do about the two mistakes that everybody makes in YAML."""
    if r"'\t'" in found:
        return "Indent with spaces, not with tabs."
    if "mapping values are not allowed" in found:
        return "Put quotes around a text that holds a colon, and align keys of one level."
    return ""


def _entry_at(node: Node, step: str | int) -> tuple[Node, Node] | None:
    """Return the node that bears the line of a step, and the node it leads to."""
    if isinstance(node, MappingNode):
        for key, value in _pairs(node):
            if _text(key) == step:
                return key, value
    if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
        entry = node.value[step]
        return entry, entry
    return None


def _pairs(node: MappingNode) -> Iterator[tuple[Node, Node]]:
    """Yield keys with values: the mapping's own, then those it merges in with ``<<``."""
    yield from (pair for pair in node.value if pair[0].tag != _MERGE)
    for source in _merged(node):
        if isinstance(source, MappingNode):
            yield from _pairs(source)


def _merged(node: MappingNode) -> Iterator[Node]:
    """Yield what a mapping merges in: one part, or a list of parts."""
    for key, merged in node.value:
        if key.tag == _MERGE:
            yield from merged.value if isinstance(merged, SequenceNode) else [merged]


def _text(node: Node) -> str | None:
    """Return a scalar as it was typed; None for an empty one."""
    if not isinstance(node, ScalarNode) or node.tag == _NULL:
        return None
    return str(node.value).replace(_FOLD, "") if node.style == ">" else str(node.value)


def _scalar(node: ScalarNode) -> str | int | None:
    """Return a value as it was typed; a whole number as such where nothing (``007``) is lost."""
    text = _text(node)
    if text is not None and node.tag == _INT and text.isdecimal() and str(int(text)) == text:
        return int(text)
    return text


class _Reader:
    """Turns nodes into plain values and gathers what plain values cannot say."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._values: dict[Node, Any] = {}  # by identity: an alias is the node it stands for

    def value_of(self, node: Node, steps: Steps) -> Any:
        if node in self._values:
            return self._values[node]
        self._values[node] = None  # what a part that contains itself finds
        if not str(node.tag).startswith(_CORE):
            self._report(node, steps, "plain values", f"the tag `{node.tag}`", "Remove the tag.")
        if isinstance(node, ScalarNode):
            self._values[node] = _scalar(node)
        elif isinstance(node, MappingNode):
            self._values[node] = self._dict_of(node, steps)
        else:
            self._values[node] = self._list_of(node, steps)
        return self._values[node]

    def _list_of(self, node: Node, steps: Steps) -> list[Any]:
        return [self.value_of(entry, (*steps, index)) for index, entry in enumerate(node.value)]

    def _dict_of(self, node: MappingNode, steps: Steps) -> dict[str, Any]:
        for source in _merged(node):
            if not isinstance(source, MappingNode):
                self._report(source, steps, "`<<` before an alias of keys with values", "something else")
        first: dict[str, Node] = {}
        own = {id(key) for key, _ in node.value}
        values: dict[str, Any] = {}
        for key, value in _pairs(node):
            name = _text(key)
            if name is None:
                self._report(key, steps, "a key that is a text", "an empty or compound key")
            elif name not in first:
                first[name] = key
                values[name] = self.value_of(value, (*steps, name))
            elif id(key) in own:
                found = f"`{name}` again, after line {first[name].start_mark.line + 1}"
                self._report(key, (*steps, name), "each key once", found, "Keep one of the two.")
        return values

    def _report(self, node: Node, steps: Steps, expected: str, found: str, todo: str = "") -> None:
        line = int(node.start_mark.line) + 1
        self.problems.append(
            Problem(where=place(steps), expected=expected, found=found, todo=todo, line=line)
        )
