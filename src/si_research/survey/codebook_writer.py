"""A codebook as the YAML file that a researcher reads and changes: no defaults, and a stable order."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from si_research.survey.codebook import Codebook, ResponseFormat
from si_research.survey.whole_file import writing_whole

_WIDTH: Final = 130
_NEVER_FOLDED: Final = 1_000_000
_PLAIN: Final = re.compile(r"[^\W_](?:[\w ,;.'’()/+?…–-]*[\w.?)])?")
_SECTIONS: Final = (
    "missing_codes",
    "formats",
    "items",
    "variables",
    "scales",
    "roles",
    "multiple_choice",
    "routing",
    "attention_checks",
)
"""Parts of the file that an empty line sets apart."""


def write_codebook(
    codebook: Codebook, path: Path | str, *, heading: Sequence[str] = (), overwrite: bool = False
) -> Path:
    """Write a codebook to a YAML file that :func:`read_codebook` reads as the same codebook.

    Parameters
    ----------
    codebook : Codebook
        Made by ``read_codebook``, imported, or made in Python.
    path : path
        The file to make.
    heading : sequence of str
        Lines of comment above it.
    overwrite : bool
        Whether a file of that name may be replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SurveyDataError
        A file of that name is there, or the folder takes no files; nothing is changed then.

    Notes
    -----
    Comments and the layout of a file that the codebook came from are not kept.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from si_research.survey.codebook import Item, Scale
    >>> codebook = Codebook(
    ...     title="Two questions",
    ...     items={"k1": Item(format="agree_5"), "k2": Item(format="agree_5", reverse=True)},
    ...     scales={"kunnen": Scale(construct="kunnen", items=("k1", "k2"))},
    ... )
    >>> with TemporaryDirectory() as folder:
    ...     print(write_codebook(codebook, Path(folder) / "codebook.yml").read_text("utf-8"))
    codebook: 1
    title: Two questions
    <BLANKLINE>
    items:
      k1: {format: agree_5}
      k2: {format: agree_5, reverse: true}
    <BLANKLINE>
    scales:
      kunnen: {construct: kunnen, items: [k1, k2]}
    <BLANKLINE>
    """
    path = Path(path)
    text = codebook_text(codebook, heading)
    with writing_whole([path], overwrite=overwrite) as (place,):
        place.write_text(text, "utf-8", newline="\n")
    return path


def codebook_text(codebook: Codebook, heading: Sequence[str] = ()) -> str:
    """Return the text of the YAML file of a codebook."""
    comments = [f"# {line}".rstrip() + "\n" for entry in heading for line in entry.splitlines() or [""]]
    tree = {"codebook": codebook.codebook, **plain_of(codebook)}
    parts = [("\n" if key in _SECTIONS else "") + _in_yaml({key: part}) for key, part in tree.items()]
    return "".join([*comments, *parts])


def plain_of(part: BaseModel) -> dict[str, Any]:
    """Return what must be written of a part of a codebook, by the keys of the file.

    Parameters
    ----------
    part : BaseModel
        A codebook, or a part of it.

    Returns
    -------
    dict
        Texts, numbers, lists and dicts; validating it gives an equal part.

    Examples
    --------
    >>> plain_of(ResponseFormat(labels={"nl": ["nee", "ja"]}, lowest=0))
    {'labels': {'nl': ['nee', 'ja']}, 'lowest': 0}
    """
    follows = _what_follows(part) if isinstance(part, ResponseFormat) else frozenset()
    written: dict[str, Any] = {}
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        is_default = not field.is_required() and value == field.get_default(call_default_factory=True)
        if not is_default and name not in follows:
            written[field.alias or name] = _plain(value)
    return written


def _what_follows(form: ResponseFormat) -> frozenset[str]:
    """Return the keys of a format that follow from its others."""
    if form.labels and form.options:
        starts_at_one = form.options[0].value == 1
        return frozenset({"options", "highest", *(("lowest",) if starts_at_one else ())})
    return frozenset({"lowest", "highest"}) if form.options else frozenset()


def _plain(value: Any) -> Any:
    """Return a value without models and tuples; a whole number without a decimal point."""
    if isinstance(value, BaseModel):
        return plain_of(value)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def _in_yaml(tree: Mapping[str, Any]) -> str:
    """Return plain values as YAML: a part that fits on one line stands on one."""
    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = _NEVER_FOLDED
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump({key: _laid_out(part, depth=1, is_section=True) for key, part in tree.items()}, out)
    return out.getvalue()


def _quoted(text: str) -> str:
    """Return a text that is written in quotes, unless it can be nothing but that text without them."""
    return text if _PLAIN.fullmatch(text) else DoubleQuotedScalarString(text)


def _laid_out(value: Any, depth: int, *, is_section: bool = False) -> Any:
    """Return a part with its style chosen: a flow on one line where that is short, else a block."""
    is_mapping = isinstance(value, dict)
    if isinstance(value, str):
        return _quoted(value)
    if not value or not (is_mapping or isinstance(value, list)):
        return value
    part: Any = CommentedMap() if is_mapping else CommentedSeq()
    if is_mapping:
        part.update({_quoted(key): _laid_out(each, depth + 1) for key, each in value.items()})
    else:
        part.extend(_laid_out(each, depth + 1) for each in value)
    is_short = len(json.dumps(value, ensure_ascii=False)) + 2 * depth <= _WIDTH
    if is_short and not (is_section and is_mapping):
        part.fa.set_flow_style()
    else:
        part.fa.set_block_style()
    return part
