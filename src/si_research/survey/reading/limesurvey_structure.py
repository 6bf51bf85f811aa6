"""The questionnaire behind a LimeSurvey export: ``.lss``, ``.lsg``, ``.lsq``, or tab-separated text."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from si_research.errors import SurveyDataError
from si_research.survey.response_format import one_line

_SCRIPTS: Final = re.compile(r"<(script|style|noscript)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAGS: Final = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
_XML: Final = (".lss", ".lsg", ".lsq")
_TABBED: Final = (".txt", ".tsv")
STRUCTURE_ENDINGS: Final = (*_XML, *_TABBED)
"""What the name of a structure file may end in."""
_LONGEST_HEADER: Final = 1 << 16

Texts = Mapping[str, str]
"""A text by language, as LimeSurvey names it: ``nl``, ``en``, ``nl-informal``."""


@dataclass(frozen=True, slots=True)
class _Worded:
    """A part of a questionnaire with a code and a text in each language."""

    code: str
    html: Texts = field(repr=False)
    """The text as its makers wrote it, by language."""

    @property
    def texts(self) -> dict[str, str]:
        """What respondents read, by language, without HTML."""
        return {language: without_tags(text) for language, text in self.html.items()}


@dataclass(frozen=True, slots=True)
class AnswerOption(_Worded):
    """One answer of a closed question.

    Attributes
    ----------
    code, html, texts
        What LimeSurvey stores, and what respondents read by language: as written, and without HTML.
    assessment : float or None
        The value for LimeSurvey's own assessments; None where the structure has none.
    scale : int
        0, or 1 for the second scale of a question with two.
    """

    assessment: float | None = None
    scale: int = 0


@dataclass(frozen=True, slots=True)
class SubQuestion(_Worded):
    """One row of a question; ``scale`` 1 is a column of a question with rows and columns."""

    scale: int = 0


@dataclass(frozen=True, slots=True)
class Question(_Worded):
    """One question.

    Attributes
    ----------
    code, html, texts
        Its code, and the question by language: as written, and without HTML.
    type : str
        The letter of its kind: ``F`` array, ``1`` array with two scales, ``L`` list, ...
    sub_questions, answers : tuple
        In the order in which they were shown.
    group : Mapping of str to str
        Name of its group by language.
    relevance : str
        When it is asked; empty for always.
    mandatory, has_other : bool
        Whether an answer is required; whether respondents may write another answer.
    settings : Mapping of str to str
        Further settings, such as the highest number of a slider.
    """

    type: str = ""
    sub_questions: tuple[SubQuestion, ...] = ()
    answers: tuple[AnswerOption, ...] = ()
    group: Texts = field(default_factory=dict)
    relevance: str = ""
    mandatory: bool = False
    has_other: bool = False
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)

    def answers_of(self, scale: int = 0) -> tuple[AnswerOption, ...]:
        """Return the answers of one scale, in order."""
        return tuple(answer for answer in self.answers if answer.scale == scale)

    def rows(self, scale: int = 0) -> tuple[SubQuestion, ...]:
        """Return the sub-questions that are rows (0) or columns (1)."""
        return tuple(each for each in self.sub_questions if each.scale == scale)


@dataclass(frozen=True, slots=True)
class SurveyStructure:
    """A questionnaire as LimeSurvey saves it. Made by :func:`read_structure`.

    Attributes
    ----------
    name : str
        File name.
    titles : Mapping of str to str
        Title of the survey by language; empty where only a group was saved.
    languages : tuple of str
        The language of the survey first.
    questions : tuple of Question
        In the order of the questionnaire.
    """

    name: str
    titles: Texts
    languages: tuple[str, ...]
    questions: tuple[Question, ...]

    def question(self, code: str) -> Question:
        """Return a question by its code.

        Raises
        ------
        KeyError
            When there is none.
        """
        return {question.code: question for question in self.questions}[code]

    def __str__(self) -> str:
        return f"{self.name}: {len(self.questions)} questions in {', '.join(self.languages)}"


def read_structure(path: Path) -> SurveyStructure:
    """Read the structure of a LimeSurvey questionnaire.

    Use it where there is an export and the questionnaire behind it: the structure knows every answer in its
    order, also those that nobody gave.

    Parameters
    ----------
    path : Path
        ``.lss`` (survey), ``.lsg`` (group), ``.lsq`` (question), or the tab-separated form (``.txt``,
        ``.tsv``).

    Returns
    -------
    SurveyStructure
        Texts without HTML.

    Raises
    ------
    SurveyDataError
        No such file, no structure of LimeSurvey, damaged, or XML with entities of its own.

    Notes
    -----
    Whether a question was worded the other way round is not in a structure, and not claimed.
    """
    from si_research.survey.reading.limesurvey_tabbed import structure_in_table
    from si_research.survey.reading.limesurvey_xml import structure_in_xml

    path = Path(path)
    ending = path.suffix.lower()
    readers: dict[str, Callable[[str, bytes], SurveyStructure]] = {
        **dict.fromkeys(_XML, structure_in_xml),
        **dict.fromkeys(_TABBED, structure_in_table),
    }
    if ending not in readers:
        raise structure_problem(path.name, f"a file whose name ends in {ending or 'nothing'}")
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise structure_problem(path.name, "no file of that name") from error
    except OSError as error:
        raise structure_problem(path.name, error.strerror or "a file that cannot be read") from error
    structure = readers[ending](path.name, content)
    if not structure.questions:
        raise structure_problem(path.name, "a structure without questions")
    return structure


def is_structure(path: Path) -> bool:
    """Whether a file is a structure: by its ending, or, of a tab-separated text, by its columns."""
    ending = path.suffix.lower()
    if ending not in _TABBED:
        return ending in _XML
    try:
        with path.open("rb") as file:
            start = file.read(_LONGEST_HEADER)
    except OSError:
        return False
    header = start.replace(b"\0", b"").lower().splitlines()[:1]  # UTF-16 has a zero beside each letter
    return b"type/scale" in {cell.strip(b'" ') for line in header for cell in line.split(b"\t")}


def no_answers_in(path: Path, expected: str = "a survey file, with answers") -> SurveyDataError:
    """Return the error for a structure where something else belongs, with what can be made of it."""
    typed = shlex.quote(str(path))
    return SurveyDataError(
        expected=expected,
        found="the structure of a LimeSurvey questionnaire: its questions, without answers",
        where=path.name,
        todo="make a codebook of it: `si-research exchange "
        f"{typed} --to codebook --output codebook.yml`; or a study, of it and the export of the answers: "
        f"`si-research new my-study --data export.csv --codebook {typed}`",
    )


def structure_problem(name: str, found: str) -> SurveyDataError:
    """Return the error for a file that is no usable structure."""
    return SurveyDataError(
        expected=f"the structure of a LimeSurvey survey ({', '.join(STRUCTURE_ENDINGS)})",
        found=found,
        where=name,
        todo="in LimeSurvey, export the survey as Survey structure (.lss) or as Tab-separated values (.txt)",
    )


def without_tags(text: str) -> str:
    """Return what a reader sees of an HTML text, on one line.

    Examples
    --------
    >>> without_tags("<p>Ik&nbsp;mag <b>dingen</b> proberen.</p><script>x=1<2</script>")
    'Ik mag dingen proberen.'
    >>> without_tags("minder dan 3 < 4 &amp; meer")
    'minder dan 3 < 4 & meer'
    """
    plain = one_line(html.unescape(_TAGS.sub(" ", _SCRIPTS.sub(" ", text))))
    return re.sub(r" ([.,;:!?])(?= |$)", r"\1", plain)


def as_printed(text: str) -> tuple[str, ...]:
    """Return the ways in which LimeSurvey prints an HTML text in an export: nothing stands for a tag.

    Spaces at the ends stay, as they stand within brackets there; entities are left in some exports.

    Examples
    --------
    >>> as_printed("<b>Meer</b>dan 3 &gt; 2&nbsp;")
    ('Meerdan 3 > 2', 'Meerdan 3 > 2 ', 'Meerdan 3 &gt; 2&nbsp;')
    """
    bare = re.sub(r"\s+", " ", _TAGS.sub("", _SCRIPTS.sub("", text)))
    shown = re.sub(r"\s+", " ", html.unescape(bare))
    return tuple(dict.fromkeys(each for each in (shown.strip(), shown, bare.strip(), bare) if each.strip()))
