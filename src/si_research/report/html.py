"""The report as one page: no request leaves it, no script runs in it, and it prints on A4."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterator, Sequence
from functools import cache, partial
from importlib.resources import files
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from si_research.report.describe import is_stacked, record, rows_offered
from si_research.report.figures import Picture, draw_figures
from si_research.report.labels import Labels, labels_of
from si_research.report.sections import sections_of
from si_research.report.suppression import is_published, is_small
from si_research.report.voice import MARKED, NAMED, plain
from si_research.report.words import answer_sentences, level_of, question_sentence

GLUED: Final = re.compile(r"\[[^\[\] ]+ [^\[\] ]+\]|(?<![\w²])(?:Δ?R²|n|p\u0302?|b|r|α|β|ICC) [=<>] ")
"""Intervals and short equations, which no line should break."""

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from si_research.report.findings import StudyFindings


def render_report(
    findings: StudyFindings, language: str = "nl", *, pictures: Sequence[Picture] | None = None
) -> str:
    """Return the report of a study as a page that stands on its own.

    Parameters
    ----------
    findings : StudyFindings
    language : {"nl", "en"}
    pictures : sequence of Picture, optional
        The figures, when they were drawn already; else they are drawn here.

    Returns
    -------
    str
        HTML with its style and figures inside; the same text for the same findings.

    Raises
    ------
    KeyError
        A result needs a phrase that the locale file lacks.
    """
    labels = labels_of(findings, language)
    drawn = draw_figures(findings, language) if pictures is None else pictures
    page = _environment().get_template("report.html.j2")
    return page.render(
        lang=labels.voice.language,
        say=labels.voice.say,
        title=labels.in_language(findings.study.title),
        survey=labels.in_language(findings.study.survey),
        findings=findings,
        question=question_sentence(findings, language),
        answer=answer_sentences(findings, language),
        facts=list(_facts(findings, labels)),
        sections=sections_of(findings, labels),
        published=is_published(),
        pictures={picture.name: picture for picture in drawn},
        next_figure=partial(next, count(1)),
        next_table=partial(next, count(1)),
        version=findings.versions.get("si-research", ""),
    )


def _facts(findings: StudyFindings, labels: Labels) -> Iterator[dict[str, str]]:
    """The few numbers that stand beside the answer."""
    fit, joint, speak = findings.fit, findings.joint, labels.voice
    if fit is None or joint is None:
        return
    people_of = "facts.people_of_waves" if is_stacked(findings) else "facts.people_of"
    offered = speak.say(people_of, offered=rows_offered(findings))
    yield {"value": speak.count(fit.n_used), "name": speak.say("facts.people"), "more": offered}
    if fit.clusters is not None:
        few = is_small(fit.clusters.smallest)
        smallest = speak.say("numbers.few") if few else speak.count(fit.clusters.smallest)
        more = speak.say("facts.firms_of", smallest=smallest, largest=speak.people(fit.clusters.largest))
        yield {"value": speak.count(fit.clusters.n_clusters), "name": speak.say("facts.firms"), "more": more}
    more = speak.say("facts.r2_of")
    yield {"value": speak.rate(fit.r2), "name": speak.say("facts.r2"), "more": more}
    if not math.isnan(joint.p_value):
        p = speak.p_value(joint.p_value)
        yield {"value": p, "name": speak.say("facts.joint"), "more": speak.say("facts.joint_of")}
    tested = record(fit.standardised, fit.tested_term)
    interval = speak.interval(tested["conf_low"], tested["conf_high"])
    level = level_of(fit.conf_level, speak)
    yield {
        "value": f"β = {speak.number(tested['estimate'])}",
        "name": speak.say("facts.highest"),
        "more": speak.say("facts.highest_of", level=level, interval=interval),
    }


@cache
def _environment() -> Environment:
    """Templates of the package; everything is escaped unless the code marks it as safe."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("si_research.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"terms": _terms, "plain": plain, "data_uri": _data_uri}
    environment.globals["style"] = _style
    return environment


def _terms(text: Any, language: str) -> Markup:
    """Escape a text; set the Dutch terms of the model in italics, and names of columns as code."""
    from markupsafe import Markup, escape

    text = GLUED.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), str(text))
    lang = "" if language == "nl" else ' lang="nl"'
    marked = MARKED.sub(rf"<i{lang}>\1</i>", str(escape(text)))
    return Markup(NAMED.sub(r"<code>\1</code>", marked))  # noqa: S704 (escaped here)


def _data_uri(picture: Picture) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(picture.svg).decode("ascii")


def _style() -> Markup:
    from markupsafe import Markup

    text = files("si_research.report").joinpath("templates", "report.css").read_text("utf-8")
    return Markup(text)  # noqa: S704 (our own file)
