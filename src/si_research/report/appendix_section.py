"""The technical appendix of a report: methods, long tables, source and versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from si_research.report.blocks import Block, table_block, text_block
from si_research.report.labels import Labels
from si_research.report.model_tables import joint_table, slopes_table
from si_research.report.outcomes_section import outcome_measure_tables
from si_research.report.probing_section import probing_tables
from si_research.report.question_section import question_blocks
from si_research.report.readings_section import readings_tables
from si_research.report.robustness_section import robustness_tables
from si_research.report.suppression import is_published
from si_research.report.tables import flow_table, ledger_table
from si_research.report.words import level_of
from si_research.report.write_up_section import write_up_blocks

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings


def ledger_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give what became of the rows and answers."""
    yield text_block(labels, "appendix.ledger")
    yield from table_block(ledger_table(findings, labels))
    yield from table_block(flow_table(findings, labels))


def appendix_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the technical appendix: methods, long tables, and where the data come from."""
    fit = findings.fit
    if fit is not None and findings.joint is not None:
        yield from _methods(findings, labels)
        yield from table_block(joint_table(fit, findings.joint, labels))
        if findings.probing is not None:
            yield from probing_tables(findings.probing, labels)
        if findings.robustness is not None:
            yield from robustness_tables(findings.robustness, fit, labels)
        yield from outcome_measure_tables(findings, labels)
        yield from _simple_slopes(findings, labels)
        yield from write_up_blocks(findings, labels)
    yield from readings_tables(findings, labels)
    if not is_published():
        yield from _source(findings, labels)
    versions = ", ".join(f"{name} {version}" for name, version in findings.versions.items())
    yield text_block(labels, "appendix.versions", versions=versions)
    yield from question_blocks(findings, labels)


def _source(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give the file; not in a publication, where its size and fingerprint would confirm a guess of it."""
    speak, source = labels.voice, findings.source
    yield text_block(
        labels,
        "appendix.source",
        name=source.name,
        kind=speak.say(f"kinds.{source.kind}"),
        bytes=source.n_bytes,
        rows=source.n_rows,
        columns=source.n_columns,
        sha256=source.sha256,
    )
    facts = [
        speak.say(f"appendix.{key}", value=_written(labels, getattr(source, key)))
        for key in ("encoding", "separator", "decimal", "sheet")
        if getattr(source, key)
    ]
    if facts:
        yield text_block(labels, "appendix.written", facts=", ".join(facts))


def _simple_slopes(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    fit, slopes = findings.fit, findings.slopes
    if fit is None or slopes is None:
        return
    yield text_block(labels, "slopes.lines", outcome=labels.of(fit.outcome))
    for term in dict.fromkeys(str(term) for term in slopes.index):
        yield from table_block(slopes_table(fit, slopes, labels, term=term))


def _written(labels: Labels, value: str) -> str:
    names = {";": "semicolon", ",": "comma", "\t": "tab", "|": "pipe"}
    return labels.voice.say(f"separators.{names[value]}") if value in names else value


def _methods(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    fit, speak = findings.fit, labels.voice
    assert fit is not None
    yield text_block(labels, "appendix.model", formula=fit.formula, term=labels.term(fit.tested_term))
    level = level_of(fit.conf_level, speak)
    df, seed = speak.df(fit.df), str(findings.study.seed)
    yield text_block(labels, "appendix.method", method=fit.method, df=df, level=level, seed=seed)
    yield text_block(labels, "appendix.method_people" if fit.clusters is None else "appendix.method_firms")
    if fit.clusters is not None:
        if is_published():
            return
        effective = speak.number(fit.clusters.effective, 1)
        design = speak.number(fit.clusters.design_effect)
        yield text_block(labels, "appendix.clusters", effective=effective, design_effect=design)
