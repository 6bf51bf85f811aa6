"""``environment.yml`` for conda users, generated from ``pyproject.toml``.

The names of the packages on conda-forge are those of the package index here, save the few in
``CONDA_NAMES``; they were not checked against the channel.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
CONDA_NAMES = {"matplotlib": "matplotlib-base"}
HEADER = "# Generated from pyproject.toml by `make lock`; a test proves that the two agree.\n"


def conda_name(requirement: str) -> str:
    match = re.fullmatch(r"([A-Za-z0-9._-]+)(.*)", requirement)
    assert match is not None, requirement
    name, bounds = match.groups()
    return f"{CONDA_NAMES.get(name, name)}{bounds.replace(' ', '')}"


def render() -> str:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["notebooks"]]
    lines = [HEADER + "name: si-research", "channels:", "  - conda-forge", "  - nodefaults"]
    lines += ["dependencies:", f'  - "python{project["requires-python"]}"', "  - pip"]
    lines += [f'  - "{conda_name(requirement)}"' for requirement in wanted]
    lines += ["  - pip:", "      - -e ."]
    return "\n".join(lines) + "\n"
