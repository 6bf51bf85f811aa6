"""The steps of a ledger and the reasons of a flow, in the words of a report: from step and parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from si_research.report.labels import Labels
from si_research.report.suppression import is_small


def rule_in_words(labels: Labels, row: Mapping[str, Any]) -> str:
    """Return what a step of the ledger did and why.

    Parameters
    ----------
    labels : Labels
    row : Mapping
        A row of the ledger: step, reason, parameters and counts.

    Returns
    -------
    str
        Nothing that a respondent typed; what was counted by kind only where no kind is small.
    """
    speak, step = labels.voice, str(row["step"])
    reason = labels.in_language(str(row["reason"]))
    key = f"ledger.{step}"
    if not speak.has(key):
        return f"{step}: {reason}"
    parameters = json.loads(str(row["parameters"]))
    more = _DETAILS[step](labels, parameters) if step in _DETAILS else ""
    counted = _counted(labels, step, json.loads(str(row["counts"])))
    return speak.say(key, reason=reason) + more + (f" ({counted})" if counted else "")


def reason_in_words(labels: Labels, code: str, detail: str) -> str:
    """Return why rows were left out; the code is ``step.why`` of the ledger, or ``no_score``."""
    speak = labels.voice
    if code == "no_score":
        if detail in {"firm_id", "team_id"}:
            return speak.say("flow.no_firm")
        if detail == "weight":
            return speak.say("flow.no_weight")
        return speak.say("flow.no_score", detail=labels.of(detail))
    step, _, why = code.partition(".")
    for key in (f"flow.why.{step}_{why}", f"flow.why.{why}", f"flow.{step}"):
        if speak.has(key):
            return speak.say(key, detail=labels.in_language(detail))
    return speak.say("flow.other", detail=step)


def _counted(labels: Labels, step: str, counts: Mapping[str, Mapping[str, int]]) -> str:
    """Return the kinds of change; with counts only if none is small, as their total stands beside them."""
    speak = labels.voice
    named = {
        speak.say(f"ledger_kinds.{kind}"): n
        for kind, n in shown_kinds(step, counts).items()
        if speak.has(f"ledger_kinds.{kind}")
    }
    return ", ".join(kind if n is None else f"{kind} {speak.count(n)}" for kind, n in named.items())


def shown_kinds(step: str, counts: Mapping[str, Mapping[str, int]]) -> dict[str, int | None]:
    """Return the kinds of change of a step, with their counts only where none of several is small."""
    of_file = step == "read_file"
    kinds = {kind: n for kind, n in counts.get("file" if of_file else "cells", {}).items() if n > 0}
    if not of_file and (len(kinds) < 2 or any(is_small(n) for n in kinds.values())):
        return dict.fromkeys(kinds)
    return dict(kinds)


def _duplicates(labels: Labels, parameters: Mapping[str, Any]) -> str:
    speak = labels.voice
    if parameters["respondent"] is None:
        return speak.say(f"ledger_more.identical_{parameters['identical_rows']}")
    key = f"ledger_more.{parameters['keep']}"
    return speak.say(key) if speak.has(key) else ""


def _selection(labels: Labels, parameters: Mapping[str, Any]) -> str:
    """Return which values stay; those that leave are not told, as one may be somebody's own."""
    speak, name = labels.voice, str(parameters["variable"])
    limits = {key: _number(labels, parameters[key]) for key in ("at_least", "at_most") if key in parameters}
    if limits:
        listed = speak.listed([speak.say(f"ledger_more.{key}", value=value) for key, value in limits.items()])
        return speak.say("ledger_more.bounds", variable=labels.of(name), limits=listed)
    if "keep" in parameters and name in labels.variables:
        values = speak.listed([labels.level(name, value) for value in parameters["keep"]])
        return speak.say("ledger_more.keep", variable=labels.of(name), values=values)
    return ""


def _number(labels: Labels, value: float) -> str:
    return labels.voice.number(value, 0 if float(value).is_integer() else 2)


def _unfinished(labels: Labels, parameters: Mapping[str, Any]) -> str:
    speak = labels.voice
    share = speak.rate(float(parameters["minimum_share_answered"]))
    kept = "" if parameters["drop"] else speak.say("ledger_more.kept")
    return speak.say("ledger_more.share", share=share) + kept


def _reverse(labels: Labels, parameters: Mapping[str, Any]) -> str:
    items = [f"`{item}`" for item in parameters["items"]]
    return labels.voice.say("ledger_more.items", items=labels.voice.listed(items)) if items else ""


_DETAILS = {
    "duplicates": _duplicates,
    "selection": _selection,
    "unfinished": _unfinished,
    "reverse": _reverse,
}
