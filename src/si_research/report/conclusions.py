"""What a reader may and may not conclude, and what to bear in mind; one sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from si_research.model.fit_notes import is_of_firms
from si_research.report.describe import describe_scales, records
from si_research.report.flow import flow_of_study
from si_research.report.labels import Labels
from si_research.report.missing_words import filling_changes
from si_research.report.outcomes_words import hangs_on_measure, holm_sentence
from si_research.report.screening_counts import reading_changes
from si_research.report.suppression import is_small
from si_research.report.voice import sentence_case
from si_research.report.words import answer_of

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings

MANY_AT_END: Final = 0.15
"""Share at an end of the scale above which a ceiling or floor is named; a convention of reviewers."""
FEW_CLUSTERS: Final = 30


def may_conclude(findings: StudyFindings, labels: Labels) -> Iterator[str]:
    """Return what the data support."""
    speak, fit = labels.voice, findings.fit
    answer = answer_of(findings)
    if fit is None or answer is None or findings.corners is None:
        key = "conclude.refusal_describe" if findings.scales else "conclude.refusal_rows"
        yield speak.say(key, n=flow_of_study(findings).used)
        return
    outcome = labels.of(fit.outcome)
    key = "conclude.association_controls" if fit.controls else "conclude.association"
    yield speak.say(key, n=fit.n_used, r2=speak.rate(fit.r2), outcome=outcome)
    if answer.verdict != "untested":
        yield speak.say(f"conclude.{answer.verdict}")
    corrected = holm_sentence(findings, answer.verdict, labels)
    if corrected is not None:
        yield corrected
    difference = speak.number(findings.corners.smallest_difference)
    yield speak.say(f"conclude.corners_{answer.corners}", difference=difference, outcome=outcome)


def may_not_conclude(findings: StudyFindings, labels: Labels) -> Iterator[str]:
    """Return what the data cannot tell, the made-up data first."""
    speak, fit = labels.voice, findings.fit
    if findings.synthetic:
        yield speak.say("conclude.synthetic")
    if fit is None:
        yield speak.say("conclude.refusal", outcome=labels.of(findings.study.outcome))
        yield speak.say("conclude.sample")
        return
    answer = answer_of(findings)
    if answer is not None and answer.verdict == "untested":
        yield speak.say("conclude.untested")
    measured = None if findings.outcome_measure is None else findings.outcome_measure.compared
    if measured is not None and hangs_on_measure(measured):
        yield speak.say("conclude.yardstick", term=labels.term(measured.term))
    if findings.outcomes is not None and findings.outcomes.tested.exploratory:
        names = [labels.of(name) for name in findings.outcomes.tested.exploratory]
        yield speak.say("conclude.exploratory", names=speak.listed(names))
    yield speak.say("conclude.cross_section")
    if not is_of_firms(fit):
        yield speak.say("conclude.common_source")
    yield from _measurement(findings, labels)
    yield speak.say("conclude.power" if len(fit.predictors) > 2 else "conclude.power_two")
    codes = {note.code for note in fit.notes}
    if "one_cluster" in codes:
        yield speak.say("conclude.one_cluster")
    elif fit.clusters is not None and fit.clusters.n_clusters < FEW_CLUSTERS:
        yield speak.say("conclude.few_clusters", n_clusters=fit.clusters.n_clusters)
    yield speak.say("conclude.sample")


def _measurement(findings: StudyFindings, labels: Labels) -> Iterator[str]:
    speak = labels.voice
    error = findings.measurement_error
    if error is not None and error.known == "unknown":
        used = error.reliabilities
        unknown = [labels.of(str(name)) for name in used.index[used["status"] != "known"]]
        yield speak.say("conclude.measurement_unknown", scales=speak.listed(unknown))
        return
    if error is None or error.products is None:
        yield speak.say("conclude.measurement_overlap")
        return
    reliability, share = speak.bounded(error.product_reliability), speak.rate(error.share_kept)
    yield speak.say("conclude.measurement", reliability=reliability, share=share)


def note_sentences(findings: StudyFindings, labels: Labels) -> Iterator[str]:
    """Return the notes of the fit in words, and what the scales themselves bring along."""
    speak, fit = labels.voice, findings.fit
    assert fit is not None
    spelt = bool((findings.answers.table()["problem"] == "spellings").any())
    for note in fit.notes:
        if note.code == "firm_spellings" and spelt:
            continue  # said with the answers, by the name of the variable
        values = {
            name: labels.of(value) if isinstance(value, str) else value for name, value in note.values.items()
        }
        yield sentence_case(speak.say(f"notes.{note.code}", **values))
    yield from _doubtful_answers(findings, labels)
    for pair in records(findings.copies.table()):
        yield speak.say("notes.copy", item=pair["item"], other=pair["other"])
    compared = findings.screening_comparison
    if (
        compared is not None
        and compared.outcome == "compared"
        and reading_changes(compared, 1 - fit.conf_level)
    ):
        yield speak.say("notes.screening_changes")
    filled = None if findings.missing_answers is None else findings.missing_answers.pooled
    if filled is not None and filling_changes(filled):
        yield speak.say("notes.filling_changes")
    yield from _on_verdict(findings, labels)
    yield from _unused_roles(findings, labels)
    facts = findings.scores.scales[fit.outcome]
    if len(facts.items) < 2 and fit.rows[fit.outcome].nunique() <= 7:
        yield speak.say("notes.outcome_one_item")
    for row in records(describe_scales(findings)):
        for end, code in (("share_highest", "ceiling"), ("share_lowest", "floor")):
            if row[end] > MANY_AT_END:
                share = speak.percent(row[end])
                yield speak.say(f"notes.{code}", scale=labels.of(row["term"]), share=share)


def _on_verdict(findings: StudyFindings, labels: Labels) -> Iterator[str]:
    """Why there is no verdict, or what it does not take into account."""
    fit, speak = findings.fit, labels.voice
    assert fit is not None
    if findings.combination is None and is_of_firms(fit):
        return  # the note on the outcome says why
    if findings.combination is None:
        yield speak.say("notes.no_verdict_two" if len(fit.predictors) < 3 else "notes.no_verdict")
    elif fit.weight is not None:
        yield speak.say("notes.verdict_unweighted")


def _doubtful_answers(findings: StudyFindings, labels: Labels) -> Iterator[str]:
    """What became missing because it does not fit the codebook, where five answers or more did."""
    speak = labels.voice
    for problem, rows in findings.answers.table().groupby("problem", sort=False):
        n = int(rows["n"].sum())
        if problem == "no_answer":
            continue  # said beside the number of organisations
        if problem == "spellings" or not is_small(n):
            names = speak.listed([labels.of(str(name)) for name in rows["variable"]])
            yield speak.say(f"notes.{problem}", n=n, names=names)


def _unused_roles(findings: StudyFindings, labels: Labels) -> Iterator[str]:
    """What the codebook names and the tests pass over: controls, weights, people who are in twice."""
    speak, fit = labels.voice, findings.fit
    assert fit is not None
    used = findings.scores.table().loc[fit.rows.index]
    unused = [name for name in findings.study.named_controls if name not in fit.controls]
    if unused:
        yield speak.say("notes.controls_unused", controls=speak.listed([labels.of(name) for name in unused]))
    if "weight" in used:
        yield speak.say("notes.weight_unused" if fit.weight is None else "notes.weight_used")
    if "respondent_id" in used:
        repeated = int(used["respondent_id"].dropna().duplicated(keep=False).sum())
        if repeated and fit.clusters is None:
            yield speak.say("notes.repeated_people")
        elif repeated:
            yield speak.say("notes.repeated_people_in_firms")
