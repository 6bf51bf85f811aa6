"""What a reader finds in published files: every byte, unpacked, and every number with its place."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

DATA_URI = re.compile(r"data:[\w/+.-]+;base64,([A-Za-z0-9+/=\s]+)")
WORDS, PLAIN_WORDS = re.compile(r"[\w@.:+-]+"), re.compile(r"\w+")
PIXELS = "inflated pixels: "
PNG = b"\x89PNG\r\n\x1a\n"


def texts_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield everything that can be read in each file, under its name: embedded files and PNG chunks too."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            yield name, name
            for text in _unpacked(path.read_bytes()):
                yield name, text


def _unpacked(content: bytes) -> Iterator[str]:
    """Yield bytes as text, and what they hold: data URIs, and inflated chunks of a PNG."""
    if content.startswith(PNG):
        for kind, chunk in _chunks(content):
            if kind != "IDAT":
                yield kind + " " + chunk.decode("latin-1")
            if kind in ("zTXt", "iTXt", "iCCP"):
                packed = chunk[chunk.index(b"\0") + 2 :]
                yield zlib.decompressobj().decompress(packed).decode("latin-1")
        pixels = b"".join(chunk for kind, chunk in _chunks(content) if kind == "IDAT")
        yield PIXELS + zlib.decompress(pixels).decode("latin-1") if pixels else ""
        return
    text = content.decode("utf-8")
    yield text
    for match in DATA_URI.finditer(text):
        yield from _unpacked(base64.b64decode(match[1]))


def _chunks(content: bytes) -> Iterator[tuple[str, bytes]]:
    at = len(PNG)
    while at < len(content):
        size = int.from_bytes(content[at : at + 4])
        yield content[at + 4 : at + 8].decode("ascii"), content[at + 8 : at + 8 + size]
        at += size + 12


def found_in(folder: Path, tokens: set[str], stems: Iterable[str] = ()) -> dict[str, set[str]]:
    """Return which of the tokens stand in which file as a word, and which stems stand anywhere."""
    found: dict[str, set[str]] = {}
    for name, text in texts_of(folder):
        there = {stem for stem in stems if stem in text}
        if not text.startswith(PIXELS):
            words = {match.strip(".-+:") for match in WORDS.findall(text)} | set(PLAIN_WORDS.findall(text))
            there |= words & tokens
        if there:
            found.setdefault(name, set()).update(there)
    return found


def numbers_of(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield every number of the JSON and CSV files with its place: the file, the keys and the column."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".json" and path.name != "manifest.json":
            yield from _of_json(json.loads(path.read_text("utf-8")), name)
        elif path.suffix == ".csv":
            for row in csv.DictReader(io.StringIO(path.read_text("utf-8"))):
                yield from _of_row(row, name)


def _of_json(value: Any, place: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _of_json(each, f"{place}.{key}")
    elif isinstance(value, list):
        for each in value:
            yield from _of_json(each, f"{place}[]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place, float(value)


def _of_row(row: dict[str, str], name: str) -> Iterator[tuple[str, float]]:
    for column, cell in row.items():
        if cell.startswith("{"):
            yield from _of_json(json.loads(cell), f"{name}.{column}")
        else:
            try:
                yield f"{name}.{column}", float(cell)
            except ValueError:
                continue
