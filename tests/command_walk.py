"""Commands typed one after the other, as a new user would: each the one that the last output proposed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from click.testing import CliRunner, Result

from si_research.cli import main
from si_research.survey.codebook_file import read_codebook
from si_research.survey.drafting.questions import open_questions


class Walk:
    """Commands typed one after the other, each as the one before proposed it."""

    def __init__(self) -> None:
        self.n_commands = 0
        self.said = ""

    def type(self, command: str, answers: str | None = None) -> Result:
        self.n_commands += 1
        result = CliRunner().invoke(main, shlex.split(command)[1:], input=answers)
        self.said = result.output
        return result

    def proposed(self, word: str) -> str:
        """Return the command with a word in it that the last output told to type."""
        found = re.findall(rf"si-research {word}[^\n,`]*", self.said)
        assert found, self.said
        return str(found[0]).split(", then")[0].strip()


def started(file: Path) -> Walk:
    walk = Walk()
    walk.type("si-research --help")
    start = walk.proposed("new").split("   ")[0].replace("export.csv", shlex.quote(str(file)))
    assert walk.type(start).exit_code == 0, walk.said
    assert not re.search(r"Traceback|None", walk.said)
    return walk


def yes_to_what_a_run_needs(codebook: Path) -> str:
    """Return what a person types who finds the list of scales, and each used proposal, right; and no more."""
    asked = open_questions(read_codebook(codebook))
    n_scales = sum(each.section == "scales" for each in asked)
    return "y\n" * (min(n_scales, 1) + sum(each.is_used for each in asked) - n_scales) + "n\n"
