"""What each cleaning step does to a survey, from its parameters alone.

Cleaning and replay share these functions; that is what makes a replay exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.survey.codebook import did_you_mean
from si_research.survey.ledger import Parameters, record_step
from si_research.survey.listed_values import is_one_of
from si_research.survey.stored_responses import (
    n_other_people,
    named_rows,
    refuse_other_answers,
    response_of_rows,
    with_people_apart,
)
from si_research.survey.survey_data import Survey, tally

_MOST_ROWS: Final = 10
"""Rows that one person may plausibly have sent; more, and the number is no person's."""


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """What a step makes of a survey: the rows that stay, the cells that become missing, the rule.

    ``left_out`` counts the rows that leave by why, ``kept`` what was looked at and stays.
    """

    rule: str
    stay: pd.Series[Any]
    blank: pd.DataFrame | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)

    def counts(self, n_blank: int) -> dict[str, dict[str, int]]:
        """Return what was counted, by kind; what did not occur is left out."""
        kinds = {"left_out": self.left_out, "cells": {"out_of_range": n_blank}, "kept": self.kept}
        found = {kind: {why: int(n) for why, n in each.items() if n} for kind, each in kinds.items()}
        return {kind: each for kind, each in found.items() if each}


def apply_step(survey: Survey, step: str, reason: str, parameters: Parameters) -> Survey:
    """Do one step and write it in the ledger.

    Parameters
    ----------
    survey : Survey
        Before the step.
    step : str
        One of ``STEPS``: ``duplicates``, ``out_of_range``, ...
    reason : str
        Why it is done.
    parameters : Mapping
        Everything that decides its outcome.

    Returns
    -------
    Survey
        After the step, with one row more in its ledger.

    Raises
    ------
    SurveyDataError
        The step refuses, or leaves nobody.
    """
    change = STEPS[step](survey, parameters)
    values, reasons = survey.values, survey.reasons
    blank = change.blank
    n_blank = 0 if blank is None else int(blank.to_numpy().sum())
    if blank is not None and n_blank:
        hit = blank.columns[blank.any()]
        values = values.assign(**{name: values[name].mask(blank[name]) for name in hit})
        reasons = reasons.assign(**{name: reasons[name].mask(blank[name], "out_of_range") for name in hit})
    values, reasons = values.loc[change.stay], reasons.loc[change.stay]
    if values.empty:
        raise SurveyDataError(
            expected="at least one respondent after cleaning",
            found=f"nobody left after the step {step}: {change.rule}",
            where=survey.facts.name,
            todo="look at the rule, and at the values of its variable in the file",
        )
    ledger = record_step(
        survey.ledger,
        step,
        change.rule,
        reason,
        parameters,
        before=tally(survey.values),
        after=tally(values),
        cells_changed=n_blank,
        counts=change.counts(n_blank),
    )
    return replace(survey, values=values, reasons=reasons, ledger=ledger)


def _drop_system_rows(survey: Survey, parameters: Parameters) -> _Change:
    """Leave out what is no answer of a respondent: previews, tests, spam; and a response stored twice."""
    responses = _responses(survey)
    kinds = responses["kind"]
    unwanted = kinds.isin(parameters["drop"])
    counts = kinds[unwanted].value_counts().sort_index()
    listed = ", ".join(f"{kind} {count}" for kind, count in counts.items()) or "none"
    unknown = int((kinds == "unknown").sum())
    rule = f"left out as no answer of a respondent: {listed}" + (
        f"; of another status, and kept: {unknown}" if unknown else ""
    )
    again, n_others = pd.Series(False, index=kinds.index), 0
    if parameters["downloads"] == "keep_latest_complete":
        responses = responses.assign(response=response_of_rows(responses, parameters, survey.facts.name))
        numbered = ~unwanted & responses["response"].notna()
        again = _earlier_copies(survey, responses[numbered]).reindex(kinds.index, fill_value=False)
        rule += f"; stored more than once, of which the latest complete one stays: {int(again.sum())}"
        if responses.loc[again, "recorded"].isna().any():
            rule += " (without a time that can be read, the last in the order of the files)"
        n_others = n_other_people(responses[numbered & ~again])
        rule += f"; of one number in several files, and kept as other people: {n_others}" if n_others else ""
    left_out = {**{str(kind): count for kind, count in counts.items()}, "stored_twice": int(again.sum())}
    kept = {"unknown": unknown if "unknown" not in parameters["drop"] else 0, "one_number": n_others}
    return _Change(rule, ~(unwanted | again), left_out=left_out, kept=kept)


def _earlier_copies(survey: Survey, responses: pd.DataFrame) -> pd.Series[Any]:
    """Mark all but the latest complete copy of each response."""
    ordered = _by_completeness(survey, responses.index)
    key = [name for name in ("response", "wave") if name in responses]
    return responses.loc[ordered].duplicated(key, keep="last").reindex(responses.index)


def _by_completeness(survey: Survey, rows: pd.Index[Any]) -> pd.Index[Any]:
    """Return rows in rising order: finished, when stored (where known), answers given, place in the file."""
    order = pd.DataFrame({"answers": survey.values.loc[rows].notna().sum(axis=1)}, index=rows)
    if survey.responses is not None:
        known = survey.responses.loc[rows]
        order.insert(0, "recorded", known["recorded"].fillna(""))
        order.insert(0, "finished", known["finished"].fillna(False).astype(bool))
    return order.sort_values(list(order.columns), kind="stable").index


def _responses(survey: Survey) -> pd.DataFrame:
    """Return what the tool says of the rows that are still there."""
    if survey.responses is None:
        raise SurveyDataError(
            expected="columns of a survey tool, which say what is a preview or a test",
            found="a table without them",
            where=survey.facts.name,
            todo="use the export as it left the survey tool",
        )
    return survey.responses.loc[survey.values.index]


def _drop_without_consent(survey: Survey, parameters: Parameters) -> _Change:
    """Leave out who did not agree to take part; whoever did not answer has not agreed."""
    return _select(survey, parameters)


def _drop_duplicates(survey: Survey, parameters: Parameters) -> _Change:
    """Keep one row a respondent and wave; rows that name neither stay."""
    respondent, wave, keep = parameters["respondent"], parameters["wave"], parameters["keep"]
    if respondent is None:
        return _identical_rows(survey, parameters["identical_rows"])
    firm, within = parameters.get("organisation"), parameters.get("respondent_within")
    survey = with_people_apart(survey, respondent, within)
    values = survey.values
    by_firm = [firm] if within == "organisation" and firm is not None else []
    key = [respondent, *([wave] if wave is not None else []), *by_firm]
    known = values[key].notna().all(axis=1)
    repeated = known & values.duplicated(key, keep=False)
    groups = len(values.loc[repeated, key].drop_duplicates())
    if keep not in ("keep_all", "refuse") and groups:
        _refuse_doubtful(survey, values.loc[repeated], key, None if within else firm)
        if within is None:
            refuse_other_answers(survey, values.loc[repeated], key)
    if keep == "refuse" and groups:
        raise SurveyDataError(
            expected="one row a respondent" + (" and wave" if wave else ""),
            found=f"{groups} respondents with more than one ({named_rows(repeated)})",
            where=survey.facts.name,
            todo="mend the export, or choose under `cleaning: duplicates:` which row stays",
        )
    stay = ~repeated | _chosen(survey, key, keep)
    rule = f"{keep}: one row for each value of {' and '.join(key)}; {groups} had more than one"
    kept = {"repeated": int(repeated.sum()) if keep == "keep_all" else 0}
    return _Change(rule, stay, left_out={"repeated": int((~stay).sum())}, kept=kept)


def _refuse_doubtful(survey: Survey, repeated: pd.DataFrame, key: list[str], firm: str | None) -> None:
    """Refuse "duplicates" that are rather different people under one number."""
    in_one_firm = [*key, firm] if firm is not None else key
    most = int(repeated.groupby(in_one_firm, sort=False, dropna=False).size().max())
    if most > _MOST_ROWS:
        raise SurveyDataError(
            expected="a respondent's number that stands for one person",
            found=f"one that {most} rows share" + (" in one organisation" if firm is not None else ""),
            where=survey.facts.name,
            todo=f"if it means no number, list it under `missing_codes` of `{key[0]}` in the codebook; "
            "or write `duplicates: keep_all` under `cleaning` in the study file",
        )
    in_several = 0 if firm is None else int((repeated.groupby(key, sort=False)[firm].nunique() > 1).sum())
    if in_several:
        raise SurveyDataError(
            expected="each respondent in one organisation",
            found=f"{in_several} numbers of respondents that occur in several",
            where=survey.facts.name,
            todo="if each firm counts from 1 again, write `respondent_within: organisation` under `cleaning` "
            "in the study file; if they are the same people, `respondent_within: survey`",
        )


def _chosen(survey: Survey, key: list[str], keep: str) -> pd.Series[Any]:
    """Mark the row of each respondent that stays."""
    values = survey.values
    if keep == "keep_all":
        return pd.Series(True, index=values.index)
    if keep == "keep_first":
        return ~values.duplicated(key, keep="first")
    ordered = values
    if keep == "keep_latest_complete":
        ordered = values.loc[_by_completeness(survey, values.index)]
    if keep == "keep_most_complete":
        order = values.notna().sum(axis=1).sort_values(kind="stable").index
        ordered = values.loc[order]
    return (~ordered.duplicated(key, keep="last")).reindex(values.index)


def _identical_rows(survey: Survey, action: str) -> _Change:
    again = _repeats(survey.values) & survey.values.notna().any(axis=1)
    rule = f"no respondent is named; {int(again.sum())} rows equal an earlier one: {action}"
    n_again = int(again.sum())
    if action == "drop":
        return _Change(rule, ~again, left_out={"identical": n_again})
    return _Change(rule, pd.Series(True, index=again.index), kept={"identical": n_again})


def _repeats(values: pd.DataFrame) -> pd.Series[Any]:
    """Mark the rows that equal an earlier one; only rows whose weighted sum occurs twice are compared."""
    total = np.zeros(len(values))
    for place, name in enumerate(values, start=1):
        column = values[name]
        codes = column.to_numpy() if column.dtype == "float64" else pd.factorize(column)[0].astype(float)
        total += np.nan_to_num(codes, nan=-0.5) * math.sqrt(place + 0.5)
    suspects = pd.Series(total, index=values.index).duplicated(keep=False)
    return values[suspects].duplicated().reindex(values.index, fill_value=False)


def _blank_out_of_range(survey: Survey, parameters: Parameters) -> _Change:
    """Make numbers missing that their response format or range does not hold."""
    blank = pd.DataFrame(
        {name: _outside(survey.values[name], limits) for name, limits in parameters["ranges"].items()},
        index=survey.values.index,
    )
    counts = blank.sum()
    each = ", ".join(f"{name} {count}" for name, count in counts[counts > 0].items())
    rule = f"numbers outside their format or range: {int(counts.sum())}" + (f" ({each})" if each else "")
    if parameters["action"] == "refuse" and each:
        raise SurveyDataError(
            expected="answers within their response format or range",
            found=f"{rule}; {named_rows(blank.any(axis=1))}",
            where=survey.facts.name,
            todo="mend the codebook (a missing code that is not listed?), or let them become missing",
        )
    return _Change(rule, pd.Series(True, index=blank.index), blank)


def _outside(numbers: pd.Series[Any], limits: Mapping[str, Any]) -> pd.Series[Any]:
    if "values" in limits:
        return numbers.notna() & ~numbers.isin(limits["values"])
    outside = pd.Series(False, index=numbers.index)
    if limits["lowest"] is not None:
        outside |= numbers < limits["lowest"]
    if limits["highest"] is not None:
        outside |= numbers > limits["highest"]
    if limits["whole"]:
        outside |= numbers.notna() & (numbers != np.floor(numbers))
    return outside


def _select(survey: Survey, parameters: Parameters) -> _Change:
    """Keep who belongs to the study; whoever lacks the variable leaves."""
    name: str = parameters["variable"]
    if name not in survey.values:
        raise SurveyDataError(
            expected="a selection on an item or variable of the codebook",
            found=f"`{name}`",
            where="cleaning: select",
            todo=did_you_mean(name, survey.values.columns) or "add it to `variables` in the codebook",
        )
    answers = survey.values[name]
    known = answers.notna()
    if "keep" in parameters or "drop" in parameters:
        way = "keep" if "keep" in parameters else "drop"
        listed = is_one_of(answers, parameters[way])
        stay = known & (listed if way == "keep" else ~listed)
        words = f"{way} {name} = {', '.join(parameters[way])}"
    else:
        stay, words = _within(survey, name, parameters)
    left = int((known & ~stay).sum())
    unknown = int((~known).sum())
    return _Change(
        f"{words}; dropped: {left} others, {unknown} without an answer",
        stay,
        left_out={"others": left, "without_answer": unknown},
    )


def _within(survey: Survey, name: str, parameters: Parameters) -> tuple[pd.Series[Any], str]:
    numbers = survey.values[name]
    if numbers.dtype != "float64":
        raise SurveyDataError(
            expected=f"numbers in `{name}`, to compare with at_least or at_most",
            found="a category or an identifier",
            where="cleaning: select",
            todo="write `kind: number` for it in the codebook, or select with keep or drop",
        )
    low, high = parameters.get("at_least"), parameters.get("at_most")
    stay, words = numbers.notna(), f"keep {name}"
    if low is not None:
        stay, words = stay & (numbers >= low), f"{words} at least {low:g}"
    if high is not None:
        stay, words = stay & (numbers <= high), f"{words} at most {high:g}"
    return stay, words


def _drop_unfinished(survey: Survey, parameters: Parameters) -> _Change:
    """Leave out who answered too few of the items that were asked, or did not reach the end."""
    reasons = survey.reasons[parameters["items"]]
    asked = (~reasons.isin(["not_asked", "routed_past"])).sum(axis=1)
    answered = asked - (reasons == "unanswered").sum(axis=1)
    minimum = parameters["minimum_share_answered"]
    unfinished = answered < minimum * asked - 1e-9  # 11 of 20 is .55, whatever 0.55 * 20 gives
    left_out, kept = {"too_few": int(unfinished.sum())}, {}
    rule = f"fewer than {minimum:.0%} of the scale items that were asked"
    if survey.responses is not None:
        sent_in = _responses(survey)["finished"]
        not_sent_in = sent_in.notna() & ~sent_in.fillna(False).astype(bool) & ~unfinished
        n_not_sent_in = int(not_sent_in.sum())
        if parameters.get("finished_only"):
            unfinished |= not_sent_in
            left_out["not_sent_in"] = n_not_sent_in
            rule += ", or not finished by the tool's own account"
        elif n_not_sent_in:
            kept["not_sent_in"] = n_not_sent_in
            rule += f" (not finished by the tool's own account, and kept: {n_not_sent_in})"
    completed: str | None = parameters["completed"]
    ends: list[str] = parameters["completed_values"]
    if completed is not None and ends:
        not_completed = ~is_one_of(survey.values[completed], ends) & ~unfinished
        unfinished |= not_completed
        left_out["not_completed"] = int(not_completed.sum())
        rule += f", or {completed} is not {' or '.join(ends)}"
    if not parameters["drop"]:
        everybody = pd.Series(True, index=reasons.index)
        return _Change(f"{rule}: {int(unfinished.sum())}, who stay", everybody, kept={**left_out, **kept})
    return _Change(f"{rule}: {int(unfinished.sum())}", ~unfinished, left_out=left_out, kept=kept)


def _drop_careless(survey: Survey, parameters: Parameters) -> _Change:
    """Leave out who is marked by so many kinds of evidence of careless responding."""
    from si_research.survey.screening.flags import careless_rows, screen
    from si_research.survey.screening.plan import ScreeningPlan

    plan = ScreeningPlan.model_validate(parameters)
    screening = screen(survey, plan)
    least = 1 if plan.rules.drop is None else plan.rules.drop.at_least
    careless = careless_rows(screening, least)
    used = screening.indices.index[screening.indices["status"] == "used"]
    rule = f"marked by {least} or more kinds of evidence, of {', '.join(used)}: {int(careless.sum())}"
    return _Change(rule, ~careless, left_out={"careless": int(careless.sum())})


STEPS: Final[Mapping[str, Callable[[Survey, Parameters], _Change]]] = {
    "system_rows": _drop_system_rows,
    "consent": _drop_without_consent,
    "duplicates": _drop_duplicates,
    "out_of_range": _blank_out_of_range,
    "selection": _select,
    "unfinished": _drop_unfinished,
    "screening": _drop_careless,
}
"""The cleaning steps by the name they have in the ledger."""
