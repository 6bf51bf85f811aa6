"""Several exports of one survey as one table, joined on what was asked and never on the name of a column."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from itertools import chain
from typing import Any, Final, Literal

import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.question_text import question_of, spelling_of
from si_research.survey.response_format import normalise
from si_research.survey.survey_data import FilePart, RawSurvey, SourceFacts, SystemRole, rename_columns

How = Literal["same text", "same text and name", "same system column", "same header", "declared"]
"""Why two columns are one: ``same header`` where neither file has texts and both have the very same names;
``declared`` where the codebook names the one as an alias of the other."""
_MATCHES: Final = ("file", "column", "question", "joined_as", "how")
_NOT_JOINED: Final = ("column", "question", "lacking_in", "reason")
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class JoinedExports:
    """Several exports as one. Made by :func:`join_exports`.

    Attributes
    ----------
    raw : RawSurvey
        All rows, numbered through in the order of the files; columns are called as in the first file that has
        them. ``raw.parts`` says which rows come from which file.
    matches : pandas.DataFrame
        One row a column of the second and later files that was joined: file, column (its name there),
        question, joined_as (its name in ``raw``), how.
    not_joined : pandas.DataFrame
        One row a column that is not in every file: column (its name in ``raw``), question, lacking_in (file),
        reason.
    """

    raw: RawSurvey = field(repr=False)
    matches: pd.DataFrame = field(repr=False)
    not_joined: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the columns that were joined."""
        return self.matches.copy()

    def __str__(self) -> str:
        rows = "; ".join(f"{part.name}: rows {part.first_row} to {part.last_row}" for part in self.raw.parts)
        return (
            f"{rows}\n{self.matches['joined_as'].nunique()} columns joined, "
            f"{self.not_joined['column'].nunique()} not in every file"
        )

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


@dataclass(frozen=True, slots=True)
class _Column:
    """What a column is known by: its question where it has one, or what the survey tool says of it."""

    name: str
    question: str
    key: tuple[str, str] | None
    role: SystemRole | None
    is_invented: bool = False
    """Whether its name was made up here, because the header stands there more than once."""


def join_exports(raws: Sequence[RawSurvey], declared: Sequence[Sequence[str]] = ()) -> JoinedExports:
    """Put exports of one survey under one another, column by column of the same question.

    Use it where a survey was exported more than once (another month, another form, overlapping downloads);
    :func:`read_surveys` does it for a study. It never trusts a name: ``Q5`` may be another question in the
    next export.

    Parameters
    ----------
    raws : sequence of RawSurvey
        The exports, from :func:`read_raw`.
    declared : sequence of sequence of str, optional
        Names that mean one column, as the codebook says: its column and aliases.

    Returns
    -------
    JoinedExports

    Raises
    ------
    SurveyDataError
        Fewer than two files, the same file twice, files of different tools, or codes that have other labels
        in another file.

    Notes
    -----
    A question is what stands above its answers: its text, else the header itself where that is no mere code.
    Numbers before it, markup, typography and white space do not count; every word does. Where two columns of
    one file ask the same, only those of which the name agrees too are joined; never where their headers are
    the same to the letter, since such a name was made up here from their place.
    """
    _refuse_what_is_no_series(raws)
    known = list(_columns_of(raws[0]))
    renamed = [{column.name: column.name for column in known}]
    how: list[dict[str, How]] = [{}]
    doubtful: set[str] = set()
    for raw in raws[1:]:
        found, reasons, unsure = _match(known, raw, declared, set(raws[0].frame.columns))
        doubtful |= unsure
        for column in _columns_of(raw):
            if column.name not in found:
                found[column.name] = _free_name(column.name, raw, known)
                known.append(replace(column, name=found[column.name]))
        renamed.append(found)
        how.append(reasons)
    joined = _joined(raws, renamed, known)
    return JoinedExports(joined, _matches(raws, renamed, how), _not_joined(raws, renamed, known, doubtful))


def _refuse_what_is_no_series(raws: Sequence[RawSurvey]) -> None:
    names = ", ".join(raw.facts.name for raw in raws) or "no files"
    if len(raws) < 2:
        raise _problem("two exports or more", names, names, "name each file under `data` in the study file")
    if len({raw.facts.sha256 for raw in raws}) < len(raws):
        raise _problem("each file once", "the same file twice", names, "name each file once")
    tools = dict.fromkeys(raw.facts.tool for raw in raws)
    if len(tools) > 1:
        todo = "join exports of one tool; another tool writes another survey"
        raise _problem("exports of one survey tool", " and ".join(tools), names, todo)


def _columns_of(raw: RawSurvey) -> list[_Column]:
    return [_column(raw, str(name)) for name in raw.frame]


def _column(raw: RawSurvey, name: str) -> _Column:
    text = raw.asked.get(name, "")
    question = question_of(text or name)
    header = next((each for each in raw.repeated if _stands_for(name, each)), None)
    is_bare = not any(sign.isspace() for sign in name) and _has_digit(name)
    is_code = not text and (is_bare or header is not None)
    key = (
        None if is_code or text == header or not question.text else (question.key, spelling_of(question.note))
    )
    shown = name if name in raw.withheld else question.text or text or name
    return _Column(name, shown, key, raw.roles.get(name), header is not None)


def _stands_for(name: str, header: str) -> bool:
    """Whether a column is one of those with this header, which is there more than once."""
    return name == header or bool(re.fullmatch(re.escape(header) + r" \(\d+\)", name))


def _has_digit(name: str) -> bool:
    return any(sign.isdigit() or sign == "_" for sign in name)


_Pairs = Iterator[tuple[_Column, _Column, How]]


def _match(
    known: list[_Column], raw: RawSurvey, declared: Sequence[Sequence[str]], first: set[str]
) -> tuple[dict[str, str], dict[str, How], set[str]]:
    """Return the known column of each column of a file, why, and the known columns that stay in doubt."""
    columns = _columns_of(raw)
    found: dict[str, str] = {}
    how: dict[str, How] = {}
    taken: set[str] = set()
    ways = (
        _same_system_columns(columns, known),
        _same_questions(columns, known),
        _same_header(columns, [column for column in known if column.name in first]),
        _declared(columns, known, declared, first),
    )
    for column, other, why in chain.from_iterable(ways):
        if column.name not in found and other.name not in taken:
            found[column.name], how[column.name] = other.name, why
            taken.add(other.name)
    asked = {column.key for column in columns if column.key and not column.role}
    doubtful = {each.name for each in known if each.key in asked or (each.is_invented and not each.key)}
    return found, how, doubtful - taken


def _same_system_columns(columns: list[_Column], known: list[_Column]) -> _Pairs:
    """Give the pairs of columns that the survey tool adds: of one name, or the only ones of their kind."""
    theirs = {column.name: column for column in known if column.role}
    mine, others = (Counter(each.role for each in side) for side in (columns, known))
    by_role = {each.role: each for each in known if each.role}
    for each in columns:
        if each.role and each.name in theirs:
            yield each, theirs[each.name], "same system column"
    for each in columns:
        if each.role and mine[each.role] == others[each.role] == 1:
            yield each, by_role[each.role], "same system column"


def _same_questions(columns: list[_Column], known: list[_Column]) -> _Pairs:
    """Give the pairs that ask the same; where a file asks it twice, only those of one name."""
    mine, theirs = _by_key(columns), _by_key(known)
    for key, asked in mine.items():
        others = theirs.get(key, [])
        if len(asked) == len(others) == 1:
            yield asked[0], others[0], "same text"
            continue
        for column in asked:
            for other in others:
                if column.name == other.name and not column.is_invented:
                    yield column, other, "same text and name"


def _by_key(columns: list[_Column]) -> dict[tuple[str, str], list[_Column]]:
    by_key: dict[tuple[str, str], list[_Column]] = {}
    for column in columns:
        if column.key and not column.role:
            by_key.setdefault(column.key, []).append(column)
    return by_key


def _same_header(columns: list[_Column], first: list[_Column]) -> _Pairs:
    """Give columns without a question, where these have the very same names in both files."""
    mine, theirs = (
        {each.name: each for each in side if each.key is None and not each.role and not each.is_invented}
        for side in (columns, first)
    )
    if mine.keys() == theirs.keys():
        for name, column in mine.items():
            yield column, theirs[name], "same header"


def _declared(
    columns: list[_Column], known: list[_Column], declared: Sequence[Sequence[str]], first: set[str]
) -> _Pairs:
    """Give columns that the codebook names as an alias of a column of the first file."""
    by_name = {column.name: column for column in known}
    for column in columns:
        for other in _declared_as(column.name, declared, first):
            yield column, by_name[other], "declared"


def _declared_as(name: str, declared: Sequence[Sequence[str]], first: set[str]) -> list[str]:
    """Return the column of the first file that the codebook gives this other name, if there is one."""
    groups = [group for group in declared if name in group]
    others = [other for group in groups for other in group if other in first]
    return others if len(others) == 1 and name not in first else []


def _free_name(name: str, raw: RawSurvey, known: list[_Column]) -> str:
    """Return a name that no other column has: a name that is taken stands for another question."""
    taken = {column.name for column in known}
    if name not in taken:
        return name
    candidate, n = f"{name} ({raw.facts.name})", 1
    while candidate in taken:
        n += 1
        candidate = f"{name} ({raw.facts.name}, {n})"
    return candidate


def _joined(
    raws: Sequence[RawSurvey], renamed: Sequence[Mapping[str, str]], known: list[_Column]
) -> RawSurvey:
    """Return all files as one raw survey."""
    as_one = [rename_columns(raw, names) for raw, names in zip(raws, renamed, strict=True)]
    frame = pd.DataFrame({column.name: _stacked(column.name, as_one) for column in known}, copy=False)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="row")
    parts = _parts(raws, renamed)
    return replace(
        raws[0],
        frame=frame,
        facts=_facts(raws, frame),
        value_labels=_agreed(as_one, "value_labels", "labels of their codes"),
        missing_ranges=_agreed(as_one, "missing_ranges", "declared missing values"),
        error_cells={name: cells for raw in reversed(as_one) for name, cells in raw.error_cells.items()},
        texts={name: text for raw in reversed(as_one) for name, text in raw.texts.items()},
        roles={name: role for raw in reversed(as_one) for name, role in raw.roles.items()},
        parts=parts,
        withheld={name: text for raw in reversed(as_one) for name, text in raw.withheld.items()},
        moments={name: kind for raw in reversed(as_one) for name, kind in raw.moments.items()},
    )


def _stacked(name: str, raws: Sequence[RawSurvey]) -> pd.Series[Any]:
    """Return a column of all files under one another; missing where a file does not have it."""
    dtypes = {raw.frame[name].dtype for raw in raws if name in raw.frame}
    dtype: Any = dtypes.pop() if len(dtypes) == 1 else "object"
    pieces: list[pd.Series[Any]] = [
        raw.frame[name].astype(dtype)
        if name in raw.frame
        else pd.Series(float("nan"), raw.frame.index, dtype=dtype)
        for raw in raws
    ]
    return pd.concat(pieces, ignore_index=True)


def _agreed(raws: Sequence[RawSurvey], part: str, what: str) -> dict[str, Any]:
    """Return what the files say of their columns, refusing where two say otherwise of one column."""
    agreed: dict[str, Any] = {}
    for raw in raws:
        for name, value in getattr(raw, part).items():
            if _comparable(agreed.setdefault(name, value)) != _comparable(value):
                raise _problem(
                    f"the same {what} in every file",
                    f"other ones in column {name[:_LONGEST]}",
                    raw.facts.name,
                    "export the survey with one setting, or read the files as separate studies",
                )
    return agreed


def _comparable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {code: normalise(label) for code, label in value.items()}
    return value


def _facts(raws: Sequence[RawSurvey], frame: pd.DataFrame) -> SourceFacts:
    """Return what is known of the files together; what differs is left open."""
    each = [raw.facts for raw in raws]
    same: dict[str, Any] = {
        key: getattr(each[0], key) if len({getattr(one, key) for one in each}) == 1 else None
        for key in ("encoding", "separator", "decimal", "sheet")
    }
    repairs: Counter[str] = Counter()
    for one in each:
        repairs.update(one.repairs)
    return replace(
        each[0],
        name=" + ".join(one.name for one in each),
        sha256=hashlib.sha256("".join(one.sha256 for one in each).encode()).hexdigest(),
        n_bytes=sum(one.n_bytes for one in each),
        n_rows=len(frame),
        n_columns=frame.shape[1],
        detected=tuple(f"{one.name}: {sentence}" for one in each for sentence in one.detected),
        repairs=dict(repairs),
        **same,
    )


def _parts(raws: Sequence[RawSurvey], renamed: Sequence[Mapping[str, str]]) -> tuple[FilePart, ...]:
    parts, first = [], 1
    for raw, names in zip(raws, renamed, strict=True):
        last = first + len(raw.frame) - 1
        parts.append(FilePart(raw.facts, raw.options, first, last, tuple(names.values())))
        first = last + 1
    return tuple(parts)


def _matches(
    raws: Sequence[RawSurvey], renamed: Sequence[Mapping[str, str]], how: Sequence[Mapping[str, How]]
) -> pd.DataFrame:
    rows = [
        (raw.facts.name, name, _column(raw, name).question, names[name], why)
        for raw, names, reasons in zip(raws, renamed, how, strict=True)
        for name, why in reasons.items()
    ]
    return pd.DataFrame(rows, columns=list(_MATCHES))


def _not_joined(
    raws: Sequence[RawSurvey],
    renamed: Sequence[Mapping[str, str]],
    known: Sequence[_Column],
    doubtful: set[str],
) -> pd.DataFrame:
    rows = []
    for raw, names in zip(raws, renamed, strict=True):
        there = set(names.values())
        for column in known:
            if column.name not in there:
                unsure = column.name in doubtful
                reason = "several columns of one question" if unsure else "no column with this question"
                rows.append((column.name, column.question, raw.facts.name, reason))
    return pd.DataFrame(rows, columns=list(_NOT_JOINED))


def _problem(expected: str, found: str, where: str, todo: str) -> SurveyDataError:
    return SurveyDataError(expected=expected, found=found, where=where, todo=todo)
