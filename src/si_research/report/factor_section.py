"""The section on factors: do the questions of a scale measure one thing, and scales different things?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from si_research.report.blocks import Block, table_block, text_block
from si_research.report.describe import records
from si_research.report.factor_findings import MAIN
from si_research.report.factor_plot import has_loadings
from si_research.report.factor_tables import (
    hints_table,
    invariance_table,
    models_table,
    pairs_table,
    validity_table,
)
from si_research.report.factor_words import (
    fit_sentence,
    hints_sentence,
    instrument_sentence,
    loadings_of,
    reading_of,
    shown_fit,
    validity_sentences,
)
from si_research.report.labels import Labels
from si_research.report.question_section import to_questions
from si_research.report.voice import sentence_case

if TYPE_CHECKING:
    from si_research.measurement.factors.factor_fit import FactorFit, Finding
    from si_research.report.factor_findings import InstrumentComparison, StudyFactors
    from si_research.report.findings import StudyFindings

OF_SCALES: Final = frozenset({"single_score", "single_item", "no_scale_left", "two_item_factor"})
"""Findings that name scales; the others name questions."""
SERIOUS: Final = frozenset({"negative_variance", "correlation_beyond_one", "not_converged", "not_identified"})


def factor_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the section; nothing where a row is an organisation, or the question has no scale."""
    factors, outcome = findings.factors, labels.of(findings.study.outcome)
    if factors is None:
        return
    yield text_block(labels, "factors.lead")
    yield from _found(factors.findings, labels)
    if factors.reason:
        yield text_block(labels, f"factors.not_fitted.{factors.reason}")
        return
    yield text_block(labels, f"factors.missing.{factors.missing}")
    yield text_block(labels, f"factors.clusters.{factors.clusters or 'none'}")
    yield text_block(
        labels, "factors.models" if len(factors.models) > 1 else "factors.model", outcome=outcome
    )
    yield from table_block(models_table(factors, labels))
    yield from _comparison(factors, labels)
    yield from _found_in_models(factors, labels)
    yield from _main(findings, factors, labels)
    for found in factors.instruments:
        yield from _instrument(found, labels)


def _comparison(factors: StudyFactors, labels: Labels) -> Iterator[Block]:
    """Say how the model of all scales fits, and whether one factor does as well."""
    main, one = factors.main, factors.models.get("one")
    assert main is not None
    name = labels.voice.say(f"factor_models.{MAIN}")
    if reading_of(main) != "lost":
        yield Block("text", sentence_case(f"{name}: {fit_sentence(main, labels)}"))
    if one is None or not main.usable or one.fit["bic"] != one.fit["bic"]:
        return
    gain = shown_fit(one).bic - shown_fit(main).bic
    key = "factors.apart_better" if gain > 0 else "factors.one_as_good"
    yield text_block(labels, key, gain=labels.voice.number(abs(gain), 1))


def _main(findings: StudyFindings, factors: StudyFactors, labels: Labels) -> Iterator[Block]:
    """Loadings, validity and hints of the model of all scales."""
    main = factors.main
    if main is None or not has_loadings(findings):
        return
    yield text_block(labels, "factors.loadings")
    yield Block("figure", "loadings")
    if main.usable:
        yield Block("text", _weakest(main, labels))
    yield to_questions(labels)
    if factors.validity is not None:
        for said in validity_sentences(factors.validity, factors.htmt, labels):
            yield Block("text", sentence_case(said))
    yield from table_block(validity_table(factors, labels))
    yield from table_block(pairs_table(factors, labels))
    if factors.hints is not None:
        yield Block("text", sentence_case(hints_sentence(factors.hints, labels)))
        yield from table_block(hints_table(factors.hints, labels))


def _weakest(fit: FactorFit, labels: Labels) -> str:
    """Name the question that goes with its factor least."""
    speak, table = labels.voice, loadings_of(fit)
    row = records(table.loc[[table["estimate"].abs().idxmin()]])[0]
    said = speak.say(
        "factors.weakest",
        item=f"`{row['item']}`",
        scale=labels.of(row["factor"]),
        loading=speak.bounded(row["estimate"]),
        share=speak.rate(row["r2"]),
    )
    return sentence_case(said)


def _found(found: tuple[Finding, ...], labels: Labels, model: str = "", n_models: int = 0) -> Iterator[Block]:
    """Say what a reader must know, in a sentence each."""
    speak = labels.voice
    for each in found:
        if not speak.has(f"factor_findings.{each.name}"):
            continue
        where = speak.listed([where_words(each, name, labels) for name in each.where])
        count = n_models or len(each.where)
        text = speak.say(f"factor_findings.{each.name}", where=where, model=model, count=count)
        yield Block("warning" if each.name in SERIOUS else "text", sentence_case(text))


def _found_in_models(factors: StudyFactors, labels: Labels) -> Iterator[Block]:
    """Say what was found in the models, once where it holds for several."""
    models: dict[Finding, list[str]] = {}
    for name, fit in factors.models.items():
        for each in fit.findings:
            models.setdefault(each, []).append(labels.voice.say(f"factor_models.{name}"))
    and_ = labels.voice.phrases["numbers"]["and"]
    for each, names in models.items():
        quoted = "’, ‘".join(names[:-1]) + f"’ {and_} ‘" * (len(names) > 1) + names[-1]
        yield from _found((each,), labels, model=quoted, n_models=len(names))


def where_words(finding: Finding, name: str, labels: Labels) -> str:
    """Return the words for a scale, a question or a pair of scales that a finding names."""
    first, joined, second = name.partition(" with ")
    if joined:
        return labels.voice.say("factors.pair", first=labels.of(first), second=labels.of(second))
    of_scale = finding.name in OF_SCALES or name in labels.scales
    return labels.of(name) if of_scale else f"`{name}`"


def _instrument(found: InstrumentComparison, labels: Labels) -> Iterator[Block]:
    yield text_block(labels, "instruments.lead", groups=labels.of(found.name))
    yield from table_block(invariance_table(found, labels))
    yield Block("text", sentence_case(instrument_sentence(found, labels)))
    if found.invariance is not None and any(each.name == "small_groups" for each in found.findings):
        yield text_block(labels, "instrument_findings.small_groups", groups=labels.of(found.name))
