"""What an SPSS syntax file says of a text file beside it: the few commands that survey tools write.

Nothing is ever executed. A command that would change the data is refused, since a reading without it would
not be what SPSS reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from si_research.survey.reading.written_numbers import read_number
from si_research.survey.survey_data import Code

_PROGRAM: Final = re.compile(r"^[ \t]*begin program\b.*?^[ \t]*end program\.[^\n]*$", re.I | re.S | re.M)
_HARMLESS: Final = (
    "*", "COMMENT", "SET", "SHOW", "PRESERVE", "RESTORE", "CACHE", "EXECUTE", "FILE HANDLE", "NEW FILE",
    "VARIABLE LEVEL", "VARIABLE WIDTH", "VARIABLE ALIGNMENT", "FORMATS", "TITLE", "DATASET NAME", "SAVE",
)  # fmt: skip
_FILE: Final = re.compile(r"\bFILE\s*=\s*(?:'([^']*)'|\"([^\"]*)\")", re.I)
_QUOTED_SIGN: Final = r"(?:\"'\"|'\"'|\"([^\"])\"|'([^'])')"
_GET_VARIABLES: Final = re.compile(r"/\s*VARIABLES\s*=(.*)", re.I | re.S)
_GET_VARIABLE: Final = re.compile(r"\s*(\S+)\s+([A-Z]+)(\d*(?:\.\d+)?)(?=\s|$)", re.I)
_LIST_VARIABLE: Final = re.compile(r"\s*(\w[\w.#@$]*)\s*\(([A-Z]+)(\d*(?:\.\d+)?)\)", re.I)
_LABEL: Final = re.compile(r"(\S+)\s+([\"'])(.*)\2", re.S)
_JOINED: Final = re.compile(r"\"\s*\+\s*\"|'\s*\+\s*'")
_VALUE: Final = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([+-]?[\d.]+))\s+([\"'])(.*)\4\s*/?\s*$")
_NEXT_VALUE: Final = re.compile(r"(?<=[\"'])\s+(?=(?:[+-]?[\d.]+|\"[^\"]*\"|'[^']*')\s+[\"'])")
_RENAME: Final = re.compile(r"(\S+?)\s*=\s*(\S+?)(?=[\s)])")
_OTHER: Final = re.compile(r"RECODE\s+\S+\s*\(\s*[\"']-oth-[\"']\s*=\s*[\"']\d+[\"']\s*\)", re.I)
_RANGE: Final = re.compile(r"(\S+)\s+THRU\s+(\S+)", re.I)


class SyntaxRefusedError(ValueError):
    """A syntax file that cannot be followed; its text says what was found."""


@dataclass(slots=True)
class SyntaxVariable:
    """One variable: name, type (``F``, ``A``, ``DATETIME``, ...), label, value labels, missing values."""

    name: str
    type: str
    label: str = ""
    value_labels: dict[Code, str] = field(default_factory=dict)
    missing: tuple[tuple[Code, Code], ...] = ()


@dataclass(frozen=True, slots=True)
class SpssSyntax:
    """What a syntax file says: the name of the data file, how it is written, its variables in order."""

    data_file: str
    separator: str
    quote: str
    variables: tuple[SyntaxVariable, ...]


def parse_syntax(text: str) -> SpssSyntax:
    """Return what a syntax file says of its data.

    Parameters
    ----------
    text : str
        The syntax: GET DATA or DATA LIST, VARIABLE LABELS, VALUE LABELS, MISSING VALUES, RENAME VARIABLES.

    Returns
    -------
    SpssSyntax

    Raises
    ------
    SyntaxRefusedError
        No data are defined, a variable is unknown or named twice, or a command could change the data.

    Examples
    --------
    >>> syntax = parse_syntax(
    ...     "GET DATA\\n /TYPE=TXT\\n /FILE='a.dat'\\n /DELIMITERS=\\",\\"\\n /VARIABLES=\\n V1 F1.\\n"
    ...     'VARIABLE LABELS V1 "Mag het?".\\nRENAME VARIABLES ( V1 = M1 ).\\n'
    ... )
    >>> syntax.data_file, syntax.variables[0].name, syntax.variables[0].label
    ('a.dat', 'M1', 'Mag het?')
    """
    commands = list(_commands(_PROGRAM.sub("", text.removeprefix("\ufeff"))))
    start = next((n for n, each in enumerate(commands) if _is(each, "GET DATA", "DATA LIST")), None)
    if start is None:
        raise SyntaxRefusedError("no GET DATA or DATA LIST")
    syntax = _definition(commands[start])
    known = {variable.name: variable for variable in syntax.variables}
    if len(known) < len(syntax.variables):
        raise SyntaxRefusedError("two variables of one name")
    for command in (*commands[:start], *commands[start + 1 :]):
        _follow(command, known)
    return syntax


def _commands(text: str) -> Iterator[str]:
    """Give the commands: each ends with a point at the end of a line."""
    lines: list[str] = []
    for line in text.splitlines():
        lines.append(line)
        if line.rstrip().endswith("."):
            yield "\n".join(lines).strip()[:-1].strip()
            lines = []
    if "".join(lines).strip():
        raise SyntaxRefusedError("a last command without its point: the file is cut off")


def _is(command: str, *names: str) -> bool:
    tidy = " ".join(command[:60].upper().split())
    return any(tidy == name or tidy.startswith((f"{name} ", f"{name}/")) for name in names)


def _definition(command: str) -> SpssSyntax:
    """Read the command that says which file holds the data, and which variables it has."""
    found = _FILE.search(command)
    if found is None:
        raise SyntaxRefusedError("no FILE that holds the data (an old export with its data in the syntax)")
    is_list = _is(command, "DATA LIST")
    head, _, tail = command[found.end() :].partition("/")
    if is_list:
        separator, quote = _sign(r"\(\s*" + _QUOTED_SIGN, command[: found.start()] + head) or ",", "'"
        parts = [*_LIST_VARIABLE.finditer(tail)]
        rest = _LIST_VARIABLE.sub("", tail)
    else:
        listed = _GET_VARIABLES.search(command)
        separator = _sign(r"/\s*DELIMITERS\s*=\s*" + _QUOTED_SIGN, command) or ","
        quote = _sign(r"/\s*QUALIFIER\s*=\s*" + _QUOTED_SIGN, command) or "'"
        parts = [*_GET_VARIABLE.finditer(listed[1])] if listed else []
        rest = _GET_VARIABLE.sub("", listed[1]) if listed else ""
    if not parts or rest.strip():
        raise SyntaxRefusedError("variables that are not a list of names and types")
    file = re.split(r"[\\/]", found[1] or found[2] or "")[-1]
    return SpssSyntax(
        file, separator, quote, tuple(SyntaxVariable(part[1], part[2].upper()) for part in parts)
    )


def _sign(pattern: str, text: str) -> str | None:
    """Return the one sign within quotes, or the quote that stands within the other kind."""
    found = re.search(pattern, text, re.I)
    if found is None:
        return None
    return next((sign for sign in found.groups() if sign), None) or found[0].strip()[-2]


def _follow(command: str, known: dict[str, SyntaxVariable]) -> None:
    """Do what one command says to the variables."""
    body = re.sub(r"^\s*(?:ADD\s+)?\w+\s+\w+\s*", "", command, flags=re.I)
    if _is(command, *_HARMLESS) or command.startswith("*") or _OTHER.fullmatch(command):
        return
    if _is(command, "VARIABLE LABELS"):
        found = _LABEL.fullmatch(body.strip())
        if found is None:
            raise SyntaxRefusedError("a VARIABLE LABELS that is not one name and one text")
        _variable(known, found[1]).label = _unquoted(_JOINED.sub("", found[3]))
    elif _is(command, "VALUE LABELS", "ADD VALUE LABELS"):
        name, _, values = body.strip().replace("\t", " ").partition("\n" if "\n" in body.strip() else " ")
        _variable(known, name.strip()).value_labels.update(_values(values))
    elif _is(command, "MISSING VALUES"):
        _declare_missing(body, known)
    elif _is(command, "RENAME VARIABLES", "RENAME VARIABLE"):
        _rename(body, known)
    elif _is(command, "ALTER TYPE"):
        name, _, type_ = body.strip().partition("(")
        _variable(known, name.strip()).type = type_.strip()[:1].upper()
    else:
        raise SyntaxRefusedError(
            f"the command {' '.join(command.split()[:2])[:40]}, which may change the data"
        )


def _variable(known: dict[str, SyntaxVariable], name: str) -> SyntaxVariable:
    if name not in known:
        raise SyntaxRefusedError("a command for a variable that the data do not have")
    return known[name]


def _unquoted(text: str) -> str:
    """Return a text without the marks that protect its quotes: doubled, or with a backslash.

    Examples
    --------
    >>> _unquoted('zeg ""ja""'), _unquoted('zeg "ja"'), _unquoted("zo\\\\'n")
    ('zeg "ja"', 'zeg "ja"', "zo'n")
    """
    plain = re.sub(r"\\([\\\"'])", r"\1", text)
    return plain.replace('""', '"') if '"' not in plain.replace('""', "") else plain


def _values(text: str) -> dict[Code, str]:
    """Return the labels by value; quotes within a label are written as they are."""
    labels: dict[Code, str] = {}
    for line in text.splitlines():
        for part in _NEXT_VALUE.split(line) if line.strip() else ():
            found = _VALUE.fullmatch(part)
            if found is None:
                raise SyntaxRefusedError("value labels that are not a value and a text")
            code: Code = found[1] or found[2] or ""
            if found[3]:
                number = read_number(found[3], ".")
                code = found[3] if number is None else number
            labels[code] = _unquoted(found[5])
    return labels


def _declare_missing(body: str, known: dict[str, SyntaxVariable]) -> None:
    """Take up MISSING VALUES: values one by one, and ranges from LOWEST to HIGHEST."""
    for names, listed in re.findall(r"([^()/]+)\(([^()]*)\)", body):
        ranges = [(_end(low), _end(high)) for low, high in _RANGE.findall(listed)]
        single = re.findall(r"'[^']*'|\"[^\"]*\"|[^\s,]+", _RANGE.sub(" ", listed))
        values = tuple(ranges + [(_end(code), _end(code)) for code in single])
        for name in _names(names, known):
            known[name].missing = values


def _names(text: str, known: dict[str, SyntaxVariable]) -> Iterator[str]:
    """Give the variables of a list, ``A TO C`` among them."""
    words, order = text.replace(",", " ").split(), list(known)
    for place, word in enumerate(words):
        if word.upper() == "TO":
            first, last = (_place(order, words[n]) for n in (place - 1, min(place + 1, len(words) - 1)))
            yield from order[first:last]
        elif word.upper() == "ALL":
            yield from order
        else:
            yield order[_place(order, word)]


def _place(order: list[str], name: str) -> int:
    if name not in order:
        raise SyntaxRefusedError("a command for a variable that the data do not have")
    return order.index(name)


def _end(text: str) -> Code:
    """Return one end of a range of missing values."""
    word = text.strip(" ,")
    if word.upper() in ("LO", "LOWEST", "HI", "HIGHEST"):
        return float("-inf") if word.upper().startswith("LO") else float("inf")
    if word[:1] in "\"'":
        return word[1:-1]
    number = read_number(word, ".")
    if number is None:
        raise SyntaxRefusedError("missing values that are no numbers and no texts")
    return number


def _rename(body: str, known: dict[str, SyntaxVariable]) -> None:
    """Give variables their new names, all at once within one command."""
    pairs = dict(_RENAME.findall(body.replace("(", " ").replace(")", " ) ") + " "))
    if not pairs or not set(pairs) <= set(known):
        raise SyntaxRefusedError("a RENAME VARIABLES of variables that the data do not have")
    renamed = [(pairs.get(name, name), variable) for name, variable in known.items()]
    if len(dict(renamed)) < len(renamed):
        raise SyntaxRefusedError("two variables of one name")
    for name, variable in renamed:
        variable.name = name
    known.clear()
    known.update(renamed)
