"""How to write it up: the paragraph for a Method section, and its sources, to be copied from the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from si_research.report.blocks import Block, text_block
from si_research.report.labels import Labels
from si_research.report.methods_paragraph import references, statements_of

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings


def write_up_blocks(findings: StudyFindings, labels: Labels) -> Iterator[Block]:
    """Give a heading, the paragraph and the list of sources; nothing after a refusal."""
    language = labels.voice.language
    said = [each.text for each in statements_of(findings, language)]
    if said:
        yield Block("heading", labels.voice.say("write_up.title"))
        yield text_block(labels, "write_up.lead")
        yield Block("text", " ".join(said))
        yield Block("list", labels.voice.say("write_up.sources"), tuple(references(findings, language)))
