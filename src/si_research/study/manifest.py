"""The manifest of a command's outputs: from what, with what and when they were made, with their hashes."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from si_research.privacy.profiles import profile_in_force
from si_research.study.inputs import Inputs
from si_research.study.output import MANIFEST, hashes_below, hashes_of


def write_manifest(
    folder: Path, inputs: Inputs, *, language: str, versions: Mapping[str, str], made_by: str | None = None
) -> None:
    """Write the manifest of the outputs in a folder; last, because it holds the hashes of the others.

    Parameters
    ----------
    folder : Path
    inputs : Inputs
    language : {"nl", "en"}
    versions : mapping of package to version
    made_by : str, optional
        The command, where it is not ``run``.

    Notes
    -----
    A publication holds no fingerprint of the data and not the name of its file: whoever guesses a raw file
    could prove the guess with it.
    """
    profile = profile_in_force()
    data = () if profile.is_coarse else inputs.data
    whole: dict[str, Any] = {} if made_by is None else {"made_by": made_by}
    whole |= {"profile": profile.name} if profile.is_coarse else {}
    whole |= {
        "title": inputs.study.title,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "language": language,
        "seed": inputs.study.seed,
        "python": platform.python_version(),
        "versions": dict(versions),
        "inputs": hashes_of((inputs.file, inputs.codebook_path, *data)),
        "outputs": hashes_below(folder),
    }
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_bytes(text.encode("utf-8"))
