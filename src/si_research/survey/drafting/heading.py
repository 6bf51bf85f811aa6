"""What stands above a draft codebook."""

from __future__ import annotations

from typing import Final

HEADING: Final = (
    "yaml-language-server: $schema=codebook.schema.json",
    "A draft, made from the file itself. `proposed` says why each part is as it is.",
    "`confirm: false` waits for your decision: `si-research codebook --confirm` asks; or delete the key.",
    "Columns under `kept_out` enter nothing.",
)
