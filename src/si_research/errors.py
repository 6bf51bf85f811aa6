"""The errors of the toolkit: each says what was expected, what was found, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file the user wrote.

    Attributes
    ----------
    where : str
        Place in the file: a path of keys (``scales.kunnen.items``), with the line where known.
    expected, found, todo : str
        What should stand there, what does, and what to do about it.
    line : int or None
        Line number, counted from 1.
    """

    where: str
    expected: str
    found: str
    todo: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}, {self.where}" if self.line is not None else self.where
        advice = f" {self.todo}" if self.todo else ""
        return f"{place}: expected {self.expected}; found {self.found}.{advice}"


class SiResearchError(Exception):
    """Root of all errors that a user can mend.

    Parameters
    ----------
    expected, found, where, todo : str
        The four parts of the message. Texts typed by a respondent never belong here.
    """

    exit_code = 2

    def __init__(self, *, expected: str, found: str, where: str, todo: str) -> None:
        self.expected, self.found, self.where, self.todo = expected, found, where, todo
        super().__init__(self.message())

    def message(self) -> str:
        """Return the message as four labelled lines."""
        return (
            f"expected:   {self.expected}\nfound:      {self.found}\n"
            f"where:      {self.where}\nwhat to do: {self.todo}"
        )


class ProblemsError(SiResearchError):
    """Several problems of one file, reported together.

    Attributes
    ----------
    problems : tuple of Problem
        Every problem found, in the order of the file.
    """

    def __init__(self, problems: Sequence[Problem], *, where: str, expected: str) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(
            expected=expected,
            found=f"{count} problem{'s' if count != 1 else ''}",
            where=where,
            todo="mend the lines below, then run `si-research check`",
        )

    def message(self) -> str:
        """Return the four labelled lines, then one line a problem."""
        listed = "\n".join(f"  - {problem}" for problem in self.problems)
        return f"{super().message()}\n{listed}"


class CodebookError(ProblemsError):
    """A codebook that cannot be used as it stands; carries all its problems at once."""


class StudyError(ProblemsError):
    """A ``study.yml`` that cannot be used as it stands; carries all its problems at once."""


class SurveyDataError(SiResearchError, ValueError):
    """A survey file, or what is in it, that cannot be used."""


class SeveralFilesError(SiResearchError):
    """What is wrong with several files that were looked at together.

    Attributes
    ----------
    errors : tuple of SiResearchError
        One a file, each with its own message.
    """

    def __init__(self, errors: Sequence[SiResearchError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(expected=first.expected, found=first.found, where=first.where, todo=first.todo)

    def message(self) -> str:
        """Return the messages of all files."""
        return "\n\n".join(error.message() for error in getattr(self, "errors", ()))


class LabelError(ProblemsError, ValueError):
    """Answers in the file that fit no label of the codebook; carries one problem a label."""


class ModelSpecificationError(SiResearchError, ValueError):
    """A model that was asked for in a way that cannot be fitted."""


class SmallSampleWarning(UserWarning):
    """The result stands on few respondents or few organisations."""
