"""What stands above a draft codebook, and the survey file that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HEADING: Final = (
    "yaml-language-server: $schema=codebook.schema.json",
    "A draft, made from the file itself. `proposed` says why each part is as it is.",
    "`confirm: false` waits for your decision: `si-research codebook --confirm` asks; or delete the key.",
    "Columns under `kept_out` enter nothing.",
)
_MADE_FROM: Final = "The survey file: "


def heading_for(file: Path) -> tuple[str, ...]:
    """Return what stands above a draft that lies outside a study: it says from which file it was made."""
    return (*HEADING[1:], f"{_MADE_FROM}{file.name}")


def survey_file_of(codebook: Path) -> Path | None:
    """Return the survey file that a draft was made from, where it lies beside it or in the folder of work."""
    lines = codebook.read_text("utf-8").splitlines()
    said = next((line for line in lines if line.startswith(f"# {_MADE_FROM}")), None)
    if said is None:
        return None
    name = said.removeprefix(f"# {_MADE_FROM}").strip()
    places = (Path(name), codebook.parent / name)
    return next((place for place in places if name and place.is_file()), None)
