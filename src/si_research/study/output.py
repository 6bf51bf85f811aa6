"""Writing the outputs of a study: all of them or none, and never over somebody else's files."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from si_research.errors import SurveyDataError
from si_research.survey.whole_file import workshop_beside

MANIFEST = "manifest.json"
_ELSEWHERE = "name another folder with --output, or ask for the right to write there"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes_below(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder, by its relative name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}


def hashes_of(paths: Iterable[Path]) -> dict[str, str]:
    """Return the hash of each file by its name; with its folder where two have one name."""
    hashes: dict[str, str] = {}
    for path in paths:
        name = path.name if path.name not in hashes else f"{path.parent.name}/{path.name}"
        hashes[name] = sha256_of(path)
    return hashes


def check_output_folder(folder: Path, made_by: str = "run") -> None:
    """Refuse a folder that holds anything that the same command did not write earlier.

    Raises
    ------
    SurveyDataError
        When files would be lost.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise SurveyDataError(
            expected="a folder for the outputs, new or made by an earlier run",
            found="a file of that name",
            where=folder.name,
            todo="name another folder with --output, or as `output:` in study.yml",
        )
    known, maker = _files_of_manifest(folder)
    if maker not in (None, made_by):
        raise SurveyDataError(
            expected="a folder for these outputs, new or made by the same command",
            found=f"one with the outputs of `si-research {maker}`, which would be lost",
            where=folder.name,
            todo="name another folder with --output",
        )
    strangers = sorted(set(_names_below(folder)) - known)
    if strangers:
        shown = ", ".join(strangers[:3]) + (", ..." if len(strangers) > 3 else "")
        raise SurveyDataError(
            expected="an output folder that holds nothing but what an earlier run wrote",
            found=f"{len(strangers)} other file(s): {shown}",
            where=folder.name,
            todo="move these files away, or name another folder with --output",
        )


def _names_below(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def _files_of_manifest(folder: Path) -> tuple[set[str], str | None]:
    """Return the files that an earlier run says it wrote, and which command it was."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        return {MANIFEST, *manifest["outputs"]}, str(manifest.get("made_by", "run"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set(), None


@contextmanager
def replacing(folder: Path, made_by: str = "run") -> Iterator[Path]:
    """Give an empty folder to write in; it takes the place of ``folder`` only if all goes well.

    The old outputs stay untouched until the last moment, and come back when the exchange fails.
    """
    check_output_folder(folder, made_by)
    workshop = workshop_beside(folder, "the outputs", _ELSEWHERE)
    try:
        new, old = workshop / "new", workshop / "old"
        new.mkdir()
        yield new
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
