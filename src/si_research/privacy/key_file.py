"""The key of the pseudonyms: a file of its own, outside every study folder, for its owner's eyes only."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from si_research.errors import SurveyDataError

KEY_VARIABLE: Final = "SI_RESEARCH_KEY"
N_BYTES: Final = 32
_NAME: Final = "pseudonyms.key"
_STUDY_FILE: Final = "study.yml"
_OF_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def default_key_path(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """Return where the key lies: where ``SI_RESEARCH_KEY`` says, else in the user's own configuration.

    Parameters
    ----------
    environment : Mapping, optional
        The environment variables; default: those of this process.
    platform : str
        As ``sys.platform``.

    Returns
    -------
    Path
        A file that need not be there.

    Examples
    --------
    >>> default_key_path({"XDG_CONFIG_HOME": "/conf"}, "linux").as_posix()
    '/conf/si-research/pseudonyms.key'
    """
    said = os.environ if environment is None else environment
    if said.get(KEY_VARIABLE):
        return Path(said[KEY_VARIABLE]).expanduser()
    if platform == "win32":
        folder = Path(said["APPDATA"]) if said.get("APPDATA") else Path.home() / "AppData" / "Roaming"
    elif platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = Path(said["XDG_CONFIG_HOME"]) if said.get("XDG_CONFIG_HOME") else Path.home() / ".config"
    return folder / "si-research" / _NAME


def make_key(path: Path, *, study: Path | None = None) -> bytes:
    """Make a new key and write it to a file that only its owner can read.

    Use it once for everything that is ever to be linked: waves, files, studies. Whoever has the key can
    find out who is behind a pseudonym by trying names; whoever loses it can link nothing any more.

    Parameters
    ----------
    path : Path
        The file to make; its folder is made too.
    study : Path, optional
        The folder of the study, in which the key must not lie.

    Returns
    -------
    bytes
        32 random bytes from the operating system.

    Raises
    ------
    SurveyDataError
        A file is there already, the place lies inside a study folder, or cannot be written to.
    """
    path = Path(path)
    _refuse_inside_a_study(path, study)
    key = secrets.token_bytes(N_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
            file.write(key.hex() + "\n")
    except OSError as error:
        there = isinstance(error, FileExistsError)
        raise SurveyDataError(
            expected="a place for a new key",
            found="a file of that name, which stays as it is" if there else "one that cannot be written to",
            where=path.name,
            todo=f"name another file in {KEY_VARIABLE}" + (", or use the key that is there" if there else ""),
        ) from error
    return key


def read_key(path: Path, *, study: Path | None = None) -> bytes:
    """Read a key that :func:`make_key` wrote.

    Parameters
    ----------
    path : Path
        The file.
    study : Path, optional
        The folder of the study, in which the key must not lie.

    Returns
    -------
    bytes

    Raises
    ------
    SurveyDataError
        No file, no key, a place inside a study folder, or (where the system knows owners) a file that
        others than its owner can read.
    """
    path = Path(path)
    _refuse_inside_a_study(path, study)
    try:
        text = path.read_text("ascii").strip()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        missing = isinstance(error, FileNotFoundError)
        raise _no_key(path, "no file of that name" if missing else "a file that cannot be read") from error
    if os.name == "posix" and mode & _OF_OTHERS:
        raise SurveyDataError(
            expected="a key that only its owner can read",
            found=f"a file that others can open (mode {stat.S_IMODE(mode):o})",
            where=path.name,
            todo="run `chmod 600` on it; if others may have read it, make a new key in another file",
        )
    try:
        key = bytes.fromhex(text)
    except ValueError as error:
        raise _no_key(path, "a file that holds something else") from error
    if len(key) != N_BYTES:
        raise _no_key(path, f"one of {len(key)} bytes")
    return key


def _no_key(path: Path, found: str) -> SurveyDataError:
    return SurveyDataError(
        expected=f"a key of {N_BYTES} bytes, as 64 hexadecimal digits",
        found=found,
        where=path.name,
        todo=f"name the file of the key in {KEY_VARIABLE}; only the same key gives the same pseudonyms",
    )


def _refuse_inside_a_study(path: Path, study: Path | None) -> None:
    """A study folder is zipped, mailed and archived; with the key in it its pseudonyms protect nobody."""
    place = path.resolve()
    is_inside = study is not None and place.is_relative_to(Path(study).resolve())
    if is_inside or any((folder / _STUDY_FILE).exists() for folder in place.parents):
        raise SurveyDataError(
            expected="the key of the pseudonyms outside every study folder",
            found="a place inside one",
            where=path.name,
            todo=f"keep it elsewhere and name the file in {KEY_VARIABLE}; without that variable it lies "
            "among your own settings",
        )
