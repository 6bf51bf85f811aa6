"""Renew the lock files and ``environment.yml`` from ``pyproject.toml`` (needs a connection)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import environment_file

PROJECT = Path(__file__).resolve().parent.parent
COMMON = ["--universal", "--generate-hashes", "--no-emit-index-url", "--no-header", "-p", "3.11", "--quiet"]


def compile_lock(target: str, *groups: str, upgrade: bool) -> None:
    command = ["uv", "pip", "compile", "pyproject.toml", *COMMON, "--extra", "notebooks"]
    for group in groups:
        command += ["--group", group]
    if upgrade:
        command.append("--upgrade")
    if target != "study":
        command += ["-c", "requirements/study.txt"]
    folder = str(Path(sys.executable).parent)
    environment = os.environ | {
        "UV_PYTHON_DOWNLOADS": "never",
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
    }
    command += ["-o", f"requirements/{target}.txt"]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True)


def main() -> None:
    upgrade = "--upgrade" in sys.argv[1:]
    compile_lock("study", "build", upgrade=upgrade)
    compile_lock("development", "build", "dev", upgrade=upgrade)
    (PROJECT / "environment.yml").write_text(environment_file.render(), "utf-8")


if __name__ == "__main__":
    main()
