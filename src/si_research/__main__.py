"""``python -m si_research``: the command line where its script is not on the path."""

from __future__ import annotations

from si_research.cli import main

if __name__ == "__main__":
    main(prog_name="si-research")
