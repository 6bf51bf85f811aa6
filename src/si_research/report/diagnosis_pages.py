"""The pages of a diagnosis: one of all organisations, and one for each, to be printed on A4."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from si_research.practice.diagnosis.profile import CLEAR, NOT_DISTINGUISHABLE
from si_research.report.diagnosis_beside import Beside, beside
from si_research.report.diagnosis_beside_tables import change_table, gap_table, group_table
from si_research.report.diagnosis_figures import UnitFigures, unit_figures
from si_research.report.diagnosis_gate import is_published
from si_research.report.diagnosis_picture import draw_profile
from si_research.report.diagnosis_tables import (
    heat_rows,
    machine_table,
    profile_table,
    target_table,
)
from si_research.report.diagnosis_words import DiagnosisWords
from si_research.report.html import _environment

if TYPE_CHECKING:
    from markupsafe import Markup

    from si_research.report.diagnosis_findings import DiagnosisFindings

EVERY: Final = 50
"""Pages between two reports of progress."""


def write_diagnosis(
    findings: DiagnosisFindings,
    folder: Path,
    language: str = "nl",
    *,
    progress: Callable[[float], None] = lambda done: None,
) -> int:
    """Write ``index.html``, ``units/1.html`` and so on, and ``units.csv``.

    Parameters
    ----------
    findings : DiagnosisFindings
    folder : Path
        Empty.
    language : {"nl", "en"}
    progress : callable
        Called with the share of the pages that is written.

    Returns
    -------
    int
        Pages of organisations.
    """
    words = DiagnosisWords(findings, findings.labels(language))
    units = unit_figures(findings.found)
    (folder / "units").mkdir()
    around = beside(findings)
    page = _unit_page(words, around)
    for place, unit in enumerate(units):
        (folder / "units" / f"{unit.number}.html").write_bytes(page(unit).encode("utf-8"))
        if place % EVERY == 0:
            progress(place / len(units))
    (folder / "index.html").write_bytes(render_index(words, units).encode("utf-8"))
    table = machine_table(units, around, findings.levels, of_years=words.of_years)
    (folder / "units.csv").write_bytes(table.encode("utf-8"))
    return len(units)


def render_index(words: DiagnosisWords, units: Sequence[UnitFigures]) -> str:
    """Return the page of all organisations."""
    heat = [row for unit in units for row in heat_rows(unit, words)]
    rows = {row["number"]: row for row in heat if not row["depth"]}
    found = words.findings
    return (
        _environment()
        .get_template("diagnosis_index.html.j2")
        .render(
            **_shared(words),
            title=words.labels.in_language(found.title),
            survey=words.labels.in_language(found.survey),
            lead=words.say("index.lead", limit=words.labels.voice.rate(CLEAR)),
            few=words.too_few(),
            wave_lead=words.wave("index.wave"),
            counts=_counts(words, units),
            ranked=[rows[unit.number] for unit in ranked(units)],
            heat=heat,
            conditions=[words.labels.of(name) for name in found.found.predictors],
            parts_word=words.parts(),
            limits=words.limits(),
        )
    )


def ranked(units: Sequence[UnitFigures]) -> list[UnitFigures]:
    """Return units with a single bottleneck first, the surest on top; those without figures last."""
    return sorted(
        units,
        key=lambda unit: (
            unit.state != "",
            unit.bottleneck == NOT_DISTINGUISHABLE,
            -unit.p if not unit.state else 0.0,
            unit.number,
        ),
    )


def _counts(words: DiagnosisWords, units: Sequence[UnitFigures]) -> list[tuple[str, str]]:
    count = Counter(unit.bottleneck for unit in units)
    names = [
        (words.say("index.clear_of", condition=words.labels.of(name)), count[name])
        for name in words.findings.found.predictors
    ]
    names += [(words.none(), count[NOT_DISTINGUISHABLE])]
    names += [] if is_published() else [(words.say("index.hidden"), count[""])]
    return [(name, words.labels.voice.whole(n)) for name, n in names]


def _unit_page(words: DiagnosisWords, around: Beside) -> Callable[[UnitFigures], str]:
    """Return what makes the page of an organisation; what all pages share is worked out once."""
    template = _environment().get_template("diagnosis_unit.html.j2")
    spread = words.findings.found.spread.reset_index()
    own = spread[spread["level"] == words.findings.levels[0]]
    normed = bool(words.findings.found.conditions["p_lowest_normed"].notna().any())
    average = dict(zip(own["condition"], own["grand_mean"], strict=True)) if normed else {}
    average = {
        name: round(mean) if is_published() else mean for name, mean in average.items() if math.isfinite(mean)
    }
    shared, limits = _shared(words), words.limits()
    survey = words.labels.in_language(words.findings.survey)
    conditions = [words.labels.of(name) for name in words.findings.found.predictors]

    def page(unit: UnitFigures) -> str:
        shown = not unit.state
        return template.render(
            **shared,
            name=words.name(unit),
            survey=survey,
            people=words.people(unit),
            wave=words.wave("wave") if shown else "",
            kind="refused"
            if unit.state
            else "several"
            if unit.bottleneck == NOT_DISTINGUISHABLE
            else "single",
            answer=words.answer(unit),
            picture=draw_profile(unit, words, average) if shown else None,
            caption=words.say("profile.caption" if average else "profile.caption_plain", level=words.level),
            profile=profile_table(unit, words) if shown else None,
            target=target_table(unit, words) if shown else None,
            groups=group_table(unit, around, words) if shown else None,
            change=change_table(unit, around, words) if shown else None,
            gap=gap_table(unit, around, words) if shown else None,
            binding=words.binding(unit) if shown else [],
            parts=list(heat_rows(unit, words))[1:] if shown else [],
            parts_word=words.parts() if shown else "",
            conditions=conditions,
            limits=limits if shown else [],
        )

    return page


def _shared(words: DiagnosisWords) -> dict[str, Any]:
    found = words.findings
    return {
        "lang": words.labels.voice.language,
        "say": words.say,
        "style": _style(),
        "synthetic": found.synthetic,
        "of_years": words.of_years,
        "version": found.version,
    }


@cache
def _style() -> Markup:
    from markupsafe import Markup

    text = files("si_research.report").joinpath("templates", "diagnosis.css").read_text("utf-8")
    return Markup(text)  # noqa: S704 (our own file)
