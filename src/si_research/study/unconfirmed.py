"""Proposals of a draft codebook on which nobody has decided yet: nothing that uses one is tested."""

from __future__ import annotations

from collections.abc import Iterator

from si_research.errors import CodebookError, Problem
from si_research.study.study_file import StudyFile
from si_research.survey.codebook import ROLE_NAMES, Codebook
from si_research.survey.scoring import score_columns


def check_confirmed(study: StudyFile, codebook: Codebook) -> None:
    """Refuse a study that uses a proposal which nobody has confirmed.

    Used are the scales of the tests with their items, the roles, the controls, what selections, consent,
    routes of used items and a list of questions to screen ask for, and attention checks.

    Raises
    ------
    CodebookError
        With every such proposal, its line and its reason.
    """
    problems = list(_open_proposals(study, codebook))
    if problems:
        raise CodebookError(problems, where=study.codebook, expected="proposals that somebody has decided on")


def lines_on_unconfirmed(codebook: Codebook) -> Iterator[str]:
    """Say that proposals which may stay open decide about nobody: neither who is unfinished nor careless."""
    counts = {
        "items": sum(not item.confirm for item in codebook.items.values()),
        "scales": sum(not scale.confirm for scale in codebook.scales.values()),
    }
    if any(counts.values()):
        listed = ", ".join(f"{kind} {count}" for kind, count in counts.items() if count)
        yield (
            f"not decided on yet: {listed}; these count neither for who is unfinished nor for "
            "careless answers until somebody decides (`si-research codebook --confirm`)"
        )


def _open_proposals(study: StudyFile, codebook: Codebook) -> Iterator[Problem]:
    scales = _scales_used(study, codebook)
    for scale in scales:
        if not codebook.scales[scale].confirm:
            yield _problem(codebook, f"scales.{scale}", codebook.scales[scale].proposed)
    for name in _names_used(study, codebook, scales):
        section = "items" if name in codebook.items else "variables"
        entry = codebook.items.get(name) or codebook.variables.get(name)
        if entry is not None and not entry.confirm:
            yield _problem(codebook, f"{section}.{name}", entry.proposed)


def _scales_used(study: StudyFile, codebook: Codebook) -> tuple[str, ...]:
    columns = score_columns(codebook)
    asked = (study.analysis.outcome, *study.analysis.predictors, *study.controls_of(codebook))
    return tuple(dict.fromkeys(columns[name] for name in asked if name in columns))


def _names_used(study: StudyFile, codebook: Codebook, scales: tuple[str, ...]) -> tuple[str, ...]:
    """Return the items and variables that a run uses, each once, in the order of the scales and roles."""
    names: list[str | None] = []
    for scale in scales:
        names += [*codebook.scales[scale].items, codebook.scales[scale].score]
    names += [codebook.variable_of_role(role) for role in ROLE_NAMES]
    names += [*study.controls_of(codebook), *(each.variable for each in study.cleaning.select)]
    if study.cleaning.consent is not None:
        names.append(study.cleaning.consent.variable)
    names += [*codebook.attention_checks, *(study.screening.items or ())]
    used = set(names)
    names += [route.variable for route in codebook.routing if used.intersection(route.items)]
    return tuple(dict.fromkeys(name for name in names if name is not None))


def _problem(codebook: Codebook, where: str, reason: str) -> Problem:
    return Problem(
        where=where,
        expected="a decision",
        found=f"`confirm: false` ({reason.rstrip('.') or 'no reason given'})",
        todo="Decide with `si-research codebook --confirm`, or delete the key when you agree.",
        line=codebook.line_of(where),
    )
