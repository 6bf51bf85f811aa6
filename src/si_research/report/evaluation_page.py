"""The page of an evaluation, to be printed on A4, and the files that machines read."""

from __future__ import annotations

import json
import math
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from si_research.practice.scheme.binding import BINDING_NORM
from si_research.practice.scheme.design import LOTTERY
from si_research.report.diagnosis_gate import is_published
from si_research.report.evaluation_beside import errors_table, estimators_table, overlap_table, words_table
from si_research.report.evaluation_figures import (
    ARMS,
    EvaluationFigures,
    as_records,
    evaluation_figures,
)
from si_research.report.evaluation_picture import course
from si_research.report.evaluation_words import EvaluationWords
from si_research.report.html import _environment

if TYPE_CHECKING:
    from markupsafe import Markup

    from si_research.report.evaluation_findings import EvaluationFindings


def write_evaluation(findings: EvaluationFindings, folder: Path, language: str = "nl") -> bool:
    """Write ``report.html``, ``results.json``, ``effects.csv`` and, over several waves, two more tables.

    Parameters
    ----------
    findings : EvaluationFindings
    folder : Path
        Empty.
    language : {"nl", "en"}

    Returns
    -------
    bool
        Whether the page says what is missing instead of an effect.
    """
    figures = evaluation_figures(findings.found)
    words = EvaluationWords(findings, figures, findings.labels(language))
    (folder / "report.html").write_bytes(render_evaluation(words).encode("utf-8"))
    effects = figures.effects
    if findings.by_dose is not None:
        line = evaluation_figures(findings.by_dose, findings.found).effects.assign(recommended=False)
        effects = pd.concat([effects, line], ignore_index=True)
    _write_table(folder / "effects.csv", effects)
    for name in ("event_study", "group_time"):
        _write_table(folder / f"{name}.csv", getattr(figures, name))
    text = json.dumps(_results(findings, figures), indent=2, ensure_ascii=False) + "\n"
    (folder / "results.json").write_bytes(text.encode("utf-8"))
    return bool(figures.refusals)


def _write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table to six digits, with whole numbers of people and organisations; nothing without rows."""
    if not len(table):
        return
    rounded = table.map(lambda each: float(f"{each:.6g}") if isinstance(each, float) else each)
    for name in ("n_used", "n_firms", "n_treated", "n_comparison"):
        if name in rounded:
            rounded[name] = rounded[name].astype("Int64")
    path.write_bytes(rounded.to_csv(index=False, lineterminator="\n").encode("utf-8"))


def render_evaluation(words: EvaluationWords) -> str:
    """Return the page."""
    found, figures = words.findings, words.figures
    return (
        _environment()
        .get_template("evaluation.html.j2")
        .render(
            lang=words.labels.voice.language,
            say=words.say,
            style=_style(),
            title=words.labels.in_language(found.title),
            survey=words.labels.in_language(found.survey),
            synthetic=found.synthetic,
            published=is_published(),
            version=found.version,
            refused=bool(figures.refusals),
            answers=words.answers(),
            ladder=words.ladder(),
            assumed=words.assumed(),
            broken=words.broken(),
            effects=_effects(words),
            errors=errors_table(words),
            estimators=estimators_table(words),
            overlap=overlap_table(words),
            course=course(words),
            by_dose=words.by_dose(),
            binding=words.bottleneck(),
            bottleneck=_bottleneck(words),
            description=_description(words),
            balance=_balance(words),
            attrition=_attrition(words),
            trends=words.trends(),
            costs=_costs(words),
            limits=words.limits(),
        )
    )


def _style() -> Markup:
    """Return the style, which is that of the pages of a diagnosis."""
    from markupsafe import Markup

    text = files("si_research.report").joinpath("templates", "diagnosis.css").read_text("utf-8")
    return Markup(text)  # noqa: S704 (our own file)


def _effects(words: EvaluationWords) -> dict[str, Any] | None:
    if words.figures.refusals:
        return None
    speak, rows = words.labels.voice, []
    found: list[Any] = words.figures.recommended().to_dict("records")
    for row in found:
        name = words.name(row["outcome"])
        if row["role"] == "exploratory":
            name = words.say("exploratory", outcome=name)
        if row["state"]:
            rows.append([name, words.say(f"untold.{row['state']}"), *["–"] * 5])
            continue
        p = speak.p_value(row["p_holm"], bare=True)
        counts = [*words.sides(row), words.count(row["n_used"])]
        apart = speak.number(row["effect_sd"], words.digits(row["effect_sd"]))
        rows.append([name, words.with_interval(row), apart, p, *counts])
    people = "people" if words.findings.people else "rows"
    drawn = "_drawn" if words.findings.found.design.kind == LOTTERY else ""
    sides = " ".join(f"firms_{arm}{drawn}" for arm in ARMS)
    return words_table(words, "effects", f"outcome effect effect_sd p_holm {sides} {people}", rows)


def _bottleneck(words: EvaluationWords) -> dict[str, Any] | None:
    if words.figures.refusals or not len(words.figures.bottleneck):
        return None
    found: list[Any] = words.figures.bottleneck.reset_index().to_dict("records")
    rows = [
        [words.name(row["condition"]), words.with_interval(row), words.with_interval(row, "_where_binding")]
        for row in found
    ]
    return words_table(words, "bottleneck", "condition effect where_binding", rows)


def _description(words: EvaluationWords) -> dict[str, Any] | None:
    """Return a row an outcome and arm, a column a wave."""
    table = words.figures.description
    if not len(table):
        return None
    table = table[table["outcome"] != BINDING_NORM]
    waves = list(table["wave"].drop_duplicates())
    rows = []
    for (outcome, arm), own in table.groupby(["outcome", "arm"], sort=False):
        there: dict[Any, Any] = own.set_index("wave").to_dict("index")
        cells = [_mean(words, there[wave]) if wave in there else "–" for wave in waves]
        rows.append([words.name(str(outcome)), words.arm(str(arm)), *cells])
    effect = words.findings.people and not words.figures.refusals
    told = words_table(words, "description_effect" if effect else "description", "outcome arm", rows)
    if told is not None:
        told["head"] += [words.labels.level("wave", str(wave)) or words.say("heads.mean") for wave in waves]
    return told


def _mean(words: EvaluationWords, row: dict[Any, Any]) -> str:
    """Return a mean with the number of people, where that may be told."""
    speak = words.labels.voice
    n = f" ({speak.count(row['n'])})" if math.isfinite(row["n"]) else ""
    return f"{speak.number(row['mean'])}{n}"


def _balance(words: EvaluationWords) -> dict[str, Any] | None:
    speak, rows = words.labels.voice, []
    found: list[Any] = words.figures.balance.reset_index().to_dict("records")
    for row in found:
        apart = speak.number(row["standardised_difference"])
        means = [speak.number(row[key]) for key in ("mean_treated", "mean_comparison")]
        large = words.say("large") if row["large"] else ""
        rows.append([words.name(row["variable"]), *means, f"{apart}{large}"])
    return words_table(words, "balance", "outcome treated comparison apart", rows)


def _attrition(words: EvaluationWords) -> dict[str, Any] | None:
    speak = words.labels.voice
    found: list[Any] = words.figures.attrition.reset_index().to_dict("records")
    rows = [
        [
            words.arm(str(row["arm"])),
            *(words.count(row[key]) for key in ("n_before", "n_lost")),
            speak.percent(row["share"]) if math.isfinite(row["share"]) else "–",
        ]
        for row in found
    ]
    few = words.figures.attrition["n_lost"].isna().any() if rows else False
    return words_table(words, "attrition_few" if few else "attrition", "arm n_before n_lost share", rows)


def _costs(words: EvaluationWords) -> dict[str, Any] | None:
    if words.figures.refusals:
        return None
    speak, rows = words.labels.voice, []
    found: list[Any] = words.figures.costs.to_dict("records")
    for row in found:
        bounded = not row["note"]
        told = (
            f"{speak.number(row['cost_per_unit'], 0)} "
            f"{speak.interval(row['conf_low'], row['conf_high'], digits=0)}"
            if bounded
            else words.say(f"costs.{row['note']}")
        )
        rows.append([words.name(row["outcome"]), told])
    return words_table(words, "costs", "outcome cost", rows)


def _results(findings: EvaluationFindings, figures: EvaluationFigures) -> dict[str, Any]:
    """Return the figures of the page for machines: only what the page may tell."""
    found = findings.found
    design = found.design
    return {
        "design": {
            "kind": design.kind,
            "rung": design.rung,
            "rung_name": design.rung_name,
            "assumptions": list(design.assumptions),
            "breaks": list(design.breaks),
            "firms": figures.n_arms,
        },
        "refusals": list(figures.refusals),
        "planned": list(found.planned),
        "effects": as_records(figures.recommended()),
        "by_dose": []
        if findings.by_dose is None
        else as_records(evaluation_figures(findings.by_dose, findings.found).recommended()),
        "binding_before": {
            arm: [{"conditions": list(names), "firms": n} for names, n in groups]
            for arm, groups in figures.binding.items()
        },
        "bottleneck": as_records(figures.bottleneck),
        "description": as_records(figures.description),
        "balance": as_records(figures.balance),
        "overlap": as_records(figures.overlap),
        "attrition": as_records(figures.attrition),
        "event_study": as_records(figures.event_study),
        "group_time": as_records(figures.group_time),
        "pre_trends": as_records(figures.pre_trends),
        "costs": as_records(figures.costs),
        "notes": sorted({note.code for note in found.notes}),
        "conf_level": found.conf_level,
        "draws": found.draws,
        "seed": found.seed,
    }
