"""The figures of missing answers in a report, each with its caption and its alternative text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from si_research.model.missing.pool import COMPLETE, IMPUTED
from si_research.report.describe import record, records
from si_research.report.missing_counts import of_columns, question_items, shown_person_mean, shown_reasons
from si_research.report.missing_plot import (
    height_of_names,
    plot_missing_patterns,
    plot_missing_reasons,
    plot_person_mean,
    plot_pooled,
)
from si_research.report.missing_tables import (
    anything_missing,
    shown_item_patterns,
    tested_terms,
)
from si_research.report.model_tables import estimate_of, interval_of
from si_research.report.plot_style import new_figure
from si_research.report.voice import Voice, sentence_case
from si_research.survey.missing.patterns import ABSENT, MISSING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from si_research.report.findings import StudyFindings
    from si_research.report.labels import Labels


def with_patterns(findings: StudyFindings) -> bool:
    """Whether an answer to a question of the study is missing."""
    found = findings.missing_answers
    columns = [] if found is None else list(question_items(findings))
    return (
        found is not None
        and bool(columns)
        and anything_missing(shown_reasons(found.answers, "item").loc[columns])
    )


def with_person_mean(findings: StudyFindings) -> bool:
    """Whether a scale is made of items."""
    found = findings.missing_answers
    return found is not None and not found.answers.person_mean.empty


def with_pooled(findings: StudyFindings) -> bool:
    """Whether missing scores were filled in."""
    return findings.missing_answers is not None and findings.missing_answers.pooled is not None


def draw_missing_patterns(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw reasons above, and patterns below, over the same questions."""
    found, shown = findings.missing_answers, shown_item_patterns(findings)
    assert found is not None
    assert shown is not None
    columns = question_items(findings)
    n_rows = len(shown.patterns) + bool(shown.n_other)
    figure = new_figure(3.2 + height_of_names(columns) + 0.28 * n_rows)
    above, below = figure.subplots(2, 1, height_ratios=[2.0, 0.6 + 0.28 * n_rows])
    plot_missing_reasons(found.answers, above, names=columns, labels=labels)
    above.set_xticks([])  # the names stand below the patterns
    plot_missing_patterns(of_columns(found.answers.items, columns), below, names=columns, labels=labels)
    return figure


def describe_missing_patterns(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return the caption, and the commonest patterns in words."""
    speak, shown, found = labels.voice, shown_item_patterns(findings), findings.missing_answers
    assert found is not None
    assert shown is not None
    n_answered = shown_reasons(found.answers, "item").loc[list(shown.columns), "n_answered"].fillna(0)
    n = found.answers.items.n_rows
    parts = [
        speak.say(
            "figures.missing_patterns.alt_part",
            n=row["n_rows"],
            marks="; ".join(_marks_in_words(row, shown.columns, speak))
            or speak.say("figures.missing_patterns.alt_none"),
        )
        for row in records(shown.patterns)
    ]
    alt = speak.say(
        "figures.missing_patterns.alt",
        most=speak.percent(1 - float(n_answered.min()) / n, 1),
        name=str(n_answered.idxmin()),
        parts=" ".join(parts),
    )
    return speak.say("figures.missing_patterns.caption", n=n), alt


def _marks_in_words(row: dict[str, Any], columns: tuple[str, ...], speak: Voice) -> Iterator[str]:
    """Give what a pattern lacks: answers that are missing, and those that there could not be."""
    for mark, word in ((MISSING, "missing"), (ABSENT, "absent")):
        names = [name for name in columns if row[name] == mark]
        if names:
            of = speak.say(f"missing_marks.{word}")
            yield speak.say("figures.missing_patterns.alt_marks", mark=of, names=speak.listed(names))


def draw_person_mean(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw on how many answers the scores rest."""
    assert findings.missing_answers is not None
    answers = findings.missing_answers.answers
    figure = new_figure(1.5 + 0.36 * len(answers.person_mean))
    plot_person_mean(answers, figure.subplots(), labels=labels)
    return figure


def describe_person_mean(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return the caption, and the share of each scale that rests on part of its questions."""
    assert findings.missing_answers is not None
    speak, answers = labels.voice, findings.missing_answers.answers
    parts = [
        speak.say(
            "figures.person_mean.alt_part",
            scale=sentence_case(labels.of(str(row["score"]))),
            n=speak.say("numbers.few") if math.isnan(row["n_scored"]) else int(row["n_scored"]),
            share=speak.percent(row["share_part"], 1),
        )
        for row in records(shown_person_mean(answers))
    ]
    caption = speak.say("figures.person_mean.caption", n=answers.items.n_rows)
    return caption, speak.say("figures.person_mean.alt", parts=" ".join(parts))


def draw_pooled(findings: StudyFindings, labels: Labels) -> Figure:
    """Draw the coefficients with and without missing scores filled in."""
    assert findings.missing_answers is not None
    pooled = findings.missing_answers.pooled
    assert pooled is not None
    figure = new_figure(1.4 + 0.42 * len(tested_terms(pooled)))
    plot_pooled(pooled, figure.subplots(), labels=labels)
    return figure


def describe_pooled(findings: StudyFindings, labels: Labels) -> tuple[str, str]:
    """Return the caption, and both estimates of each term."""
    assert findings.missing_answers is not None
    pooled, speak = findings.missing_answers.pooled, labels.voice
    assert pooled is not None
    parts = []
    for term in tested_terms(pooled):
        rows = {IMPUTED: record(pooled.coefficients, term), COMPLETE: record(pooled.complete_cases, term)}
        shown = {data: f"{estimate_of(labels, row)} {interval_of(labels, row)}" for data, row in rows.items()}
        name = sentence_case(labels.term(term))
        parts.append(
            speak.say("figures.pooled.alt_part", term=name, complete=shown[COMPLETE], imputed=shown[IMPUTED])
        )
    level = speak.level(pooled.conf_level)
    caption = speak.say("figures.pooled.caption", level=level, n_imputations=pooled.n_imputations)
    return caption, speak.say("figures.pooled.alt", parts=" ".join(parts))
