"""Files that are written wholly or not at all, and never over a file of the user's unasked."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from si_research.errors import SurveyDataError

_ANY_WRITES: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@contextmanager
def writing_whole(paths: Sequence[Path], *, overwrite: bool = False) -> Iterator[tuple[Path, ...]]:
    """Give a place to write each file; they get their own names only if all goes well.

    Parameters
    ----------
    paths : sequence of Path
        The files to make, all in one folder.
    overwrite : bool
        Whether files of these names may be replaced.

    Yields
    ------
    tuple of Path
        Where to write, with the names of ``paths``, in a folder beside them.

    Raises
    ------
    SurveyDataError
        A file is there already, or is write-protected, or the folder takes no files.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with writing_whole([Path(folder) / "a.txt"]) as (place,):
    ...         _ = place.write_text("whole")
    ...     (Path(folder) / "a.txt").read_text()
    'whole'
    """
    _refuse_present(paths, overwrite)
    workshop = workshop_beside(paths[0])
    try:
        places = tuple(workshop / path.name for path in paths)
        yield places
        _refuse_present(paths, overwrite)
        for place, path in zip(places, paths, strict=True):
            if path.exists():
                shutil.copymode(path, place)
            place.replace(path)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _refuse_present(paths: Sequence[Path], overwrite: bool) -> None:
    for path in paths:
        if path.is_dir() or (path.exists() and not overwrite):
            raise SurveyDataError(
                expected="a name that is free",
                found="a folder of that name" if path.is_dir() else "a file of that name",
                where=path.name,
                todo="choose another name, or move what is there; nothing was changed",
            )
        refuse_write_protected(path)


def refuse_write_protected(path: Path) -> None:
    """Refuse to replace a file that its owner protected; a rename would not ask for that right."""
    if path.exists() and not (path.stat().st_mode & _ANY_WRITES and os.access(path, os.W_OK)):
        raise SurveyDataError(
            expected="a file that may be changed",
            found="one that is write-protected",
            where=path.name,
            todo="take the protection off, or work on a copy; nothing was changed",
        )


def workshop_beside(
    path: Path, what: str = "the file", todo: str = "name another folder, or ask for the right to write there"
) -> Path:
    """Make a folder to work in, on the same disk, so that what is finished only changes its name.

    Raises
    ------
    SurveyDataError
        The folder takes no files; nothing was written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    except OSError as error:
        raise SurveyDataError(
            expected=f"a place where {what} can be written",
            found=f"a folder that takes no files ({error.strerror})",
            where=path.name,
            todo=todo,
        ) from error
