"""Was the same thing asked in each wave? Another wording or response format makes a change that is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import pandas as pd

from si_research.survey.check_result import CheckResult
from si_research.survey.codebook import Codebook, Item, normalise
from si_research.survey.codebook_file import find_columns
from si_research.survey.survey_data import RawSurvey, Survey
from si_research.survey.waves.names import find_waves
from si_research.survey.waves.used_answers import own_answers, unused_ends

COLUMNS: Final = ("scale", "change", "item", "wave", "next_wave", "before", "after")
_WORDS: Final = {
    "absent": "the scale was not asked in one of them",
    "items": "other questions",
    "wording": "another wording",
    "points": "another number of answers, or other values",
    "labels": "other labels",
    "range": "another range",
    "answers": "other answers to what its names call the same questions",
    "unused": "answers at an end that nobody gave in one of them, as if there was another response format",
    "seldom": "answers at an end that nobody gave in one of them; could they be chosen there?",
}
_WAVE_IN_TEXT: Final = re.compile(r"\b(?:t|w|wave|meting|time|tijd|golf|ronde|round|taak|task)\s?\d{1,2}\b")


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """An item as it was put in one wave: its texts and labels by where they come from, and its answers."""

    texts: Mapping[str, str]
    values: tuple[float, ...]
    ends: tuple[float | None, float | None]
    labels: Mapping[float, frozenset[str]] = field(default_factory=dict)
    file_labels: Mapping[str, str] = field(default_factory=dict)


_Instrument = Mapping[str, Mapping[str, _Question]]
"""By scale: its items as they were put in one wave."""
_Change = tuple[str, str, str, str]
"""What changed, of which item, from what, into what."""


def check_instruments(
    codebook: Codebook | Mapping[str, Codebook],
    *,
    raw: RawSurvey | Mapping[str, RawSurvey] | None = None,
    survey: Survey | None = None,
    scales: Sequence[str] | None = None,
) -> CheckResult:
    """Tell whether each scale was the same instrument in every wave.

    Use it before comparing or pooling waves. It changes nothing; a study that uses a changed scale in more
    than one wave is refused, and one wave can be chosen with `select`.

    Parameters
    ----------
    codebook : Codebook or Mapping of str to Codebook
        One whose items have `columns`, or whose file has a row a wave; or one codebook a wave, in order of
        time.
    raw : RawSurvey or Mapping of str to RawSurvey, optional
        The file (of each wave), for the questions and labels that it states itself.
    survey : Survey, optional
        The answers: an item that nobody answered in a wave was not asked there. Only its waves are compared.
    scales : sequence of str, optional
        The scales to look at, by their key; default all.

    Returns
    -------
    CheckResult
        Table: scale, change (``absent``, ``answers``, ``items``, ``wording``, ``points``, ``labels``,
        ``range``, ``unused``, ``seldom``), item, wave, next_wave, before, after. Passed when
        nothing changed; None with
        fewer than two waves, or where only answers are ``seldom``.

    Notes
    -----
    Each wave is held against the one before. Texts are compared in lower case and without punctuation, spaces
    and the number of a wave; any other word is another wording. Questions are shown: they are no answers.
    """
    instruments = _instruments(codebook, raw, scales)
    if survey is not None and isinstance(codebook, Codebook):
        instruments = _as_answered(instruments, codebook, survey, scales)
    rows = [
        (scale, change, item, wave, following, before, after)
        for wave, following in pairwise(instruments)
        for scale in {**instruments[wave], **instruments[following]}
        for change, item, before, after in _changes(instruments[wave][scale], instruments[following][scale])
    ]
    if isinstance(codebook, Codebook):
        rows = [_with_other_answers(codebook, row) for row in rows]
    if survey is not None and isinstance(codebook, Codebook):
        rows += _changes_in_use(instruments, codebook, survey)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    is_same = None if len(instruments) < 2 or set(table["change"]) == {"seldom"} else table.empty
    return CheckResult(
        name="instruments",
        question="Was each scale the same instrument in every wave?",
        passed=is_same,
        table_=table,
        text=_text(table, tuple(instruments)),
        rule="the same items, words (capitals and punctuation apart) and answers to choose from",
    )


def _instruments(
    codebook: Codebook | Mapping[str, Codebook],
    raw: RawSurvey | Mapping[str, RawSurvey] | None,
    scales: Sequence[str] | None,
) -> dict[str, _Instrument]:
    """Return the instrument of each wave, in order of time."""
    if isinstance(codebook, Codebook):
        files: dict[str, Any] = dict.fromkeys(codebook.wave_order, raw)
        books = dict.fromkeys(codebook.wave_order, codebook)
    else:
        books = dict(codebook)
        files = dict(raw) if isinstance(raw, Mapping) else dict.fromkeys(books, raw)
    names = scales or tuple(dict.fromkeys(name for book in books.values() for name in book.scales))
    return {
        wave: {name: _questions(book, name, wave, files.get(wave)) for name in names}
        for wave, book in books.items()
    }


def _questions(
    codebook: Codebook, scale: str, wave: str, raw: RawSurvey | Mapping[str, RawSurvey] | None
) -> dict[str, _Question]:
    """Return the items of a scale that a wave has."""
    file = raw if isinstance(raw, RawSurvey) else None
    found = {}
    for name in _parts_of(codebook, scale):
        columns = codebook.columns_of(name)
        wanted = columns.get(wave, columns.get(None))
        if wanted is not None:
            found[name] = _question(codebook, name, wanted, file)
    return found


def _parts_of(codebook: Codebook, scale: str) -> tuple[str, ...]:
    """Return the items of a scale, or its ready-made score; nothing for a scale that a codebook lacks."""
    if scale not in codebook.scales:
        return ()
    score = codebook.scales[scale].score
    return codebook.items_of(scale) if score is None else (score,)


def _question(codebook: Codebook, name: str, wanted: Sequence[str], raw: RawSurvey | None) -> _Question:
    if name not in codebook.items:
        score = codebook.variable(name)
        return _Question({}, (), (score.lowest, score.highest))
    item, form = codebook.items[name], codebook.format_of(name)
    texts = {language: text for language, text in _wordings(item).items() if text}
    file_labels: dict[str, str] = {}
    if raw is not None:
        columns = find_columns(tuple(raw.frame.columns), wanted, raw.asked)
        column = columns[0] if columns else ""
        if raw.texts.get(column):
            texts["file"] = raw.texts[column]
        reasons = codebook.missing_codes_of(name)
        given = raw.value_labels.get(column, {})
        file_labels = {
            f"{code:g}" if isinstance(code, float) else str(code): normalise(label)
            for code, label in given.items()
            if normalise(label) not in reasons and normalise(str(code)) not in reasons
        }
    labels = {each.value: frozenset(map(normalise, each.labels)) for each in form.options if each.labels}
    return _Question(texts, form.values, (form.lowest, form.highest), labels, file_labels)


def _wordings(item: Item) -> dict[str, str]:
    return {"nl": item.wording_nl, "en": item.wording_en}


def _as_answered(
    instruments: dict[str, _Instrument],
    codebook: Codebook,
    survey: Survey,
    scales: Sequence[str] | None,
) -> dict[str, _Instrument]:
    """Leave out waves that are not there, and items that nobody answered in a wave."""
    variable = codebook.variable_of_role("wave")
    if variable is None or variable not in survey.values:
        return instruments
    there = survey.values[variable]
    waves = waves_in_order(codebook, there)
    names = scales or tuple(codebook.scales)
    items = {item for name in names for item in _parts_of(codebook, name)}
    answered = survey.values[sorted(items)].notna().groupby(there).any() if items else pd.DataFrame()
    result: dict[str, _Instrument] = {}
    for wave, value in waves.items():
        asked = instruments.get(wave) or {name: _questions(codebook, name, wave, None) for name in names}
        result[wave] = {
            name: {item: each for item, each in found.items() if bool(answered.loc[value, item])}
            for name, found in asked.items()
        }
    return result


def _changes_in_use(
    instruments: Mapping[str, _Instrument], codebook: Codebook, survey: Survey
) -> Iterator[tuple[str, str, str, str, str, str, str]]:
    """Give the answers that one wave has at an end of a scale, and the next or the one before has not."""
    variable = codebook.variable_of_role("wave")
    if variable is None or variable not in survey.values:
        return
    there = survey.values[variable]
    values = waves_in_order(codebook, there)
    for wave, following in pairwise(instruments):
        for scale, asked in instruments[wave].items():
            items = [
                item for item in asked if item in instruments[following][scale] and item in codebook.items
            ]
            both = tuple(survey.values.loc[there == values[each], items] for each in (wave, following))
            found = own_answers(items, (both[0], both[1])) or unused_ends(codebook, items, (both[0], both[1]))
            for change, before, after in found:
                yield scale, change, "", wave, following, before, after


def _with_other_answers(codebook: Codebook, row: tuple[str, ...]) -> Any:
    """Return an absent scale as one with other answers, where another scale has its questions by name."""
    scale, change, _, wave, following, before, after = row
    if change != "absent":
        return row
    lacking = following if after == "none" else wave
    named = [name for name in codebook.items if codebook.items[name].columns]
    found = find_waves([name for item in named for name in codebook.column_names(item)])
    stems = {column: stem for stem, cells in found.by_stem().items() for column in cells.values()}

    def asked(items: Sequence[str], only: str | None = None) -> set[str]:
        columns = (codebook.items[item].columns for item in items if item in codebook.items)
        return {stems[c] for each in columns for at, c in each.items() if only in (None, at) and c in stems}

    own = asked(codebook.items_of(scale))
    for other in codebook.scales:
        if other != scale and own & asked(codebook.items_of(other), lacking):
            there = ", ".join(codebook.items_of(other))
            change = "answers"
            before, after = (before, there) if lacking == following else (there, after)
            break
    return scale, change, "", wave, following, before, after


def waves_in_order(codebook: Codebook, values: pd.Series[Any]) -> dict[str, Any]:
    """Return the waves that occur, in order of time: as text, with the value that stands for each.

    The order is that of the codebook (`waves`, else the labels of the variable), else of numbers, else that
    in which they first appear.

    Examples
    --------
    >>> waves_in_order(Codebook(title="", scales={}), pd.Series(["10", "9", None]))
    {'9': '9', '10': '10'}
    """
    found = {f"{each:g}" if isinstance(each, float) else str(each): each for each in values.dropna().unique()}
    variable = codebook.variable_of_role("wave")
    labels = codebook.variables[variable].labels if variable in codebook.variables else {}
    order = codebook.wave_order or tuple(labels)
    if set(found) <= set(order):
        return {wave: found[wave] for wave in order if wave in found}
    if all(re.fullmatch(r"\d+(\.\d+)?", wave) for wave in found):
        return dict(sorted(found.items(), key=lambda each: float(each[0])))
    return found


def _changes(before: Mapping[str, _Question], after: Mapping[str, _Question]) -> Iterator[_Change]:
    """Give what differs between a scale in one wave and in the next."""
    if not before and not after:
        return
    if not before or not after:
        yield "absent", "", _listed(before), _listed(after)
        return
    if before.keys() != after.keys():
        yield "items", "", _listed(before), _listed(after)
    for name in before:
        if name in after:
            yield from _changes_of_item(name, before[name], after[name])


def _changes_of_item(name: str, before: _Question, after: _Question) -> Iterator[_Change]:
    for source, text in before.texts.items():
        other = after.texts.get(source, "")
        if other and _bare(text) != _bare(other):
            yield "wording", name, " ".join(text.split()), " ".join(other.split())
            break
    if before.values != after.values:
        yield "points", name, _numbers(before.values), _numbers(after.values)
    elif before.ends != after.ends:
        yield "range", name, _numbers(before.ends), _numbers(after.ends)
    elif shared := sorted(set(before.labels) & set(after.labels)):
        other_words = [value for value in shared if not before.labels[value] & after.labels[value]]
        if other_words:
            first, second = (
                "; ".join(f"{value:g} {min(each.labels[value])}" for value in other_words)
                for each in (before, after)
            )
            yield "labels", name, first, second
    if before.file_labels and after.file_labels and before.file_labels != after.file_labels:
        kind = "labels" if before.file_labels.keys() == after.file_labels.keys() else "points"
        first, second = (
            "; ".join(
                f"{code} {label}" for code, label in each.file_labels.items() if (code, label) not in both
            )
            for each, both in (
                (before, after.file_labels.items()),
                (after, before.file_labels.items()),
            )
        )
        yield kind, name, first, second


def _bare(text: str) -> str:
    """Return a question as it is compared: no capitals, no punctuation, no number of the wave.

    Examples
    --------
    >>> _bare("T1: Ik weet, hoe het BETER kan!") == _bare("t2 ik weet hoe het beter kan")
    True
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_WAVE_IN_TEXT.sub(" ", re.sub(r"[\W_]+", " ", plain)).split())


def _listed(items: Mapping[str, _Question]) -> str:
    return ", ".join(items) or "none"


def _numbers(numbers: Sequence[float | None]) -> str:
    return ", ".join("open" if number is None else f"{number:g}" for number in numbers)


def _text(table: pd.DataFrame, waves: Sequence[str]) -> str:
    if len(waves) < 2:
        return "There are no two waves to compare."
    if table.empty:
        return f"Each scale is the same in the waves {', '.join(waves)}, as far as codebook and file tell."
    lines = [_line(row) for row in table.itertuples()]
    if "unused" in set(table["change"]):
        lines.append(
            "if each wave had all answers to choose from, name their `labels` in the codebook's format; "
            "if not, choose one wave with `select`"
        )
    return "\n".join(lines)


def _line(row: Any) -> str:
    item = f" of {row.item}" if row.item else ""
    return (
        f"`{row.scale}`, {row.wave} and {row.next_wave}: {_WORDS[row.change]}{item}: "
        f"{row.before or 'none'} / {row.after or 'none'}"
    )
