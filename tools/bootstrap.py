"""Set up the project's own environment in ``.venv`` and run one command in it.

Needs nothing but a Python 3.11 to 3.13 with its ``venv`` module; ``make study`` and ``make test``
call it, and on a machine without ``make`` it is called directly::

    python tools/bootstrap.py study          # set up, then run the embedded example
    python tools/bootstrap.py test           # set up with the test tools, then pass the tests
    python tools/bootstrap.py setup          # set up only (add --development for the test tools)

Packages come from the hashed lock files in ``requirements/``; a second call with an unchanged
lock file does no set-up at all.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
OLDEST, NEWEST = (3, 11), (3, 13)
LOCKS = {"study": "requirements/study.txt", "development": "requirements/development.txt"}


def say(message: str) -> None:
    print(f"[set-up] {message}", file=sys.stderr, flush=True)


def stop(message: str) -> None:
    say(message)
    raise SystemExit(2)


def in_venv(name: str) -> Path:
    folder, ending = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
    return VENV / folder / f"{name}{ending}"


def clean_environment() -> dict[str, str]:
    """Drop the variables by which another environment could reach into ours."""
    foreign = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "UV_PROJECT_ENVIRONMENT"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {"UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy"}


def run(command: Sequence[str | Path]) -> int:
    return subprocess.run(
        [str(part) for part in command], cwd=PROJECT, env=clean_environment(), check=False
    ).returncode


def stamp_of(purpose: str) -> str:
    """One hash of everything that decides what stands in the environment."""
    parts = [sys.version, *((PROJECT / LOCKS[purpose]).read_text("utf-8"),)]
    parts.append((PROJECT / "pyproject.toml").read_text("utf-8"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def is_ready(purpose: str) -> bool:
    """The development environment holds everything that a study needs."""
    for installed in dict.fromkeys((purpose, "development")):
        stamp = VENV / f".{installed}-stamp"
        if stamp.is_file() and stamp.read_text("utf-8") == stamp_of(installed):
            return in_venv("python").exists()
    return False


def pinned_uv(lock: Path) -> str:
    """The lines of the lock file that pin uv, hashes included."""
    lines = lock.read_text("utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("uv=="))
    end = start + 1
    while lines[end - 1].endswith("\\"):
        end += 1
    return "\n".join(lines[start:end]) + "\n"


def install_packages(lock: Path) -> bool:
    """With uv, which is fast; where that fails, with plain pip and the same hashes."""
    python = in_venv("python")
    with tempfile.TemporaryDirectory() as folder:
        uv_only = Path(folder) / "uv.txt"
        uv_only.write_text(pinned_uv(lock), "utf-8")
        pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if run([*pip, "--require-hashes", "--no-deps", "-r", uv_only]) == 0:
            uv: list[str | Path] = [in_venv("uv"), "pip", "install", "--quiet", "--python", python]
            if run([*uv, "--compile-bytecode", "--require-hashes", "-r", lock]) == 0:
                return True
        say("uv could not install the packages; trying plain pip, which takes about a minute longer")
        return run([*pip, "--require-hashes", "-r", lock]) == 0


def install_project() -> bool:
    """The project itself, editable; its build tools are in the lock file, so nothing is fetched."""
    pip: list[str | Path] = [
        in_venv("python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    return run([*pip, "--no-deps", "--no-build-isolation", "-e", "."]) == 0


def set_up(purpose: str) -> None:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        stop(
            f"expected Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}, found "
            f"{sys.version.split()[0]}: call this script with another Python"
        )
    if is_ready(purpose):
        return
    started = time.monotonic()
    say(f"preparing .venv for '{purpose}' (once; needs a connection to the package index)")
    if run([sys.executable, "-m", "venv", "--clear", VENV]) != 0:
        stop("Python could not make a virtual environment; on Debian: apt-get install python3-venv")
    if not install_packages(PROJECT / LOCKS[purpose]) or not install_project():
        stop("the packages could not be installed: see the messages above, then call again")
    (VENV / f".{purpose}-stamp").write_text(stamp_of(purpose), "utf-8")
    say(f"ready after {time.monotonic() - started:.0f} s")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=["setup", "study", "test"])
    parser.add_argument("--development", action="store_true", help="setup: with the test tools")
    given, rest = parser.parse_known_args(arguments)
    development = given.development or given.task == "test"
    set_up("development" if development else "study")
    if given.task == "study":
        return run([in_venv("si-research"), "run", "data/example", *rest])
    if given.task == "test":
        return run([in_venv("python"), "-m", "pytest", *rest])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
