"""Sentences on several outcomes, and on the main one measured in other ways, from the results themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from si_research.model.outcome_sensitivity import AS_IT_IS, ORDINAL
from si_research.model.several_outcomes import EXPLORATORY, HIGHEST, JOINT
from si_research.report.answer import Verdict, read_answer
from si_research.report.describe import record, records
from si_research.report.labels import Labels
from si_research.report.reliability_words import of_scales, scales_in_words

if TYPE_CHECKING:
    from si_research.model.outcome_sensitivity import OutcomeSensitivity
    from si_research.model.several_outcomes import PlannedOutcomes
    from si_research.report.findings import StudyFindings
    from si_research.report.outcomes_findings import OutcomeMeasure, OutcomesFindings

SAME: Final = frozenset({("curvature", "no_sign")})
"""Readings that differ in their grounds and not in what they answer: nothing found."""


def row_of(found: PlannedOutcomes, outcome: str, test: str) -> dict[str, Any]:
    """Return the row of one outcome and test, with what its estimate is shown by."""
    rows = found.outcomes[found.outcomes["test"] == test]
    row = record(rows, outcome)
    if outcome in found.fits:
        fit = found.fits[outcome]
        row["std_error"] = float(fit.coefficients["std_error"][fit.tested_term])
        row["gain"] = float(found.tests[outcome].r2_gain)
    return row


def verdict_after_holm(findings: StudyFindings) -> Verdict | None:
    """Return how the main outcome reads with p corrected over the planned outcomes; None with one outcome.

    Corrected are the joint test and the highest product, each in its family; the highest product with the
    squares beside it keeps its own p, as it is the same test looked at again.
    """
    found, fit, joint, corners = findings.outcomes, findings.fit, findings.joint, findings.corners
    if found is None or fit is None or joint is None or corners is None:
        return None
    corrected = {test: row_of(found.tested, found.main, test)["p_holm"] for test in (JOINT, HIGHEST)}
    highest = fit.highest_order.copy()
    highest.loc["without squares", "p_value"] = corrected[HIGHEST]
    fit, joint = replace(fit, highest_order=highest), replace(joint, p_value=corrected[JOINT])
    return read_answer(fit, joint, corners).verdict


def holm_sentence(findings: StudyFindings, verdict: str, labels: Labels) -> str | None:
    """Return what is left of the answer after correction, where that is another answer."""
    after, found = verdict_after_holm(findings), findings.outcomes
    if after is None or found is None or after == verdict or (verdict, after) in SAME:
        return None
    p = {test: row_of(found.tested, found.main, test)["p_holm"] for test in (JOINT, HIGHEST)}
    return labels.voice.say(
        "outcomes.headline",
        n=len(found.tested.planned),
        reading=labels.voice.say(f"outcomes.readings.{after}"),
        joint=labels.voice.p_value(p[JOINT]),
        highest=labels.voice.p_value(p[HIGHEST]),
    )


def lead_sentences(found: OutcomesFindings, labels: Labels) -> Iterator[str]:
    """Say which outcomes there are, and which were planned."""
    speak, planned, exploratory = labels.voice, found.tested.planned, found.tested.exploratory
    yield speak.say("outcomes.lead", n=len(found.states), main=labels.of(found.main))
    if len(planned) > 1:
        yield speak.say("outcomes.planned", names=speak.listed([labels.of(name) for name in planned[1:]]))
    if exploratory:
        yield speak.say("outcomes.exploratory", names=speak.listed([labels.of(name) for name in exploratory]))


def correction_sentences(found: OutcomesFindings, labels: Labels) -> Iterator[str]:
    """Say what is corrected, for which statement, and who can show that an outcome was planned."""
    n = len(found.tested.planned)
    yield labels.voice.say("outcomes.corrected" if n > 1 else "outcomes.one_planned", n=n)
    yield labels.voice.say("outcomes.only_researcher")


def standing_sentence(found: PlannedOutcomes, labels: Labels, test: str) -> str:
    """Return for which planned outcomes a test finds something after correction, of those it could test."""
    speak, key = labels.voice, "joint" if test == JOINT else "highest"
    rows = found.outcomes[(found.outcomes["test"] == test) & found.outcomes.index.isin(found.planned)]
    n_tested = int(rows["p_value"].notna().sum())
    if n_tested == 0:
        return speak.say(f"outcomes.untested_{key}", n=len(found.planned))
    among = "all" if n_tested == len(found.planned) else "one_tested" if n_tested == 1 else "some_tested"
    of_which = speak.say(f"outcomes.among.{among}", n=len(found.planned), n_tested=n_tested)
    level = next((fit.conf_level for fit in found.fits.values()), 0.95)
    names = [labels.of(str(name)) for name in rows.index[rows["p_holm"] < 1 - level]]
    stand = "some" if names else "none"
    return speak.say(f"outcomes.{stand}_{key}", of_which=of_which, names=speak.listed(names))


def role_in_words(outcome: str, found: PlannedOutcomes, labels: Labels) -> str:
    """Return "main outcome", "planned", or that it is exploratory and confirms nothing."""
    exploratory = outcome in found.exploratory
    role = EXPLORATORY if exploratory else "main" if outcome == found.planned[0] else "planned"
    return labels.voice.say(f"outcomes.roles.{role}")


def untested_lines(found: OutcomesFindings, labels: Labels) -> Iterator[str]:
    """Give a line for each outcome that was not tested, or not wholly: why, and whether it counts."""
    speak, tested = labels.voice, found.tested
    for name, state in found.states.items():
        if state == "tested":
            continue
        about = {"outcome": labels.of(name), "role": role_in_words(name, tested, labels)}
        said = speak.say("outcomes.not_tested", **about, reason=speak.say(f"outcomes.states.{state}"))
        counts = name in tested.planned and len(tested.planned) > 1
        yield f"{said} {speak.say('outcomes.keeps_place')}" if counts else said


def weak_sentence(findings: StudyFindings, labels: Labels) -> str | None:
    """Return which other outcomes were tested though their reliability lies below the floor."""
    found, study, speak = findings.outcomes, findings.study, labels.voice
    assert found is not None
    weak = [each for each in findings.unreliable if each.scale in found.states and each.scale != found.main]
    weak = [each for each in weak if each.scale in found.tested.fits]
    if not weak:
        return None
    scales = scales_in_words(of_scales(weak), labels, study.reliability_floor)
    return speak.say("page.unreliable", scales=scales, floor=speak.bounded(study.reliability_floor))


def planned_sentence(found: PlannedOutcomes, labels: Labels) -> str:
    """Return for which planned outcomes each test finds something after correction."""
    return " ".join(standing_sentence(found, labels, test) for test in (JOINT, HIGHEST))


def measure_sentences(found: OutcomeMeasure, labels: Labels) -> Iterator[str]:
    """Say whether the highest product hangs on how the outcome is measured, or why that cannot be told."""
    if found.compared is None:
        yield labels.voice.say(f"outcome_measure.states.{found.state}", outcome=labels.of(found.outcome))
        return
    yield from sensitivity_sentences(found.compared, labels)


def sensitivity_sentences(found: OutcomeSensitivity, labels: Labels) -> Iterator[str]:
    """Say what the three ways of taking the outcome find."""
    speak, term = labels.voice, labels.term(found.term)
    levels = "grouped" if found.grouped else "levels"
    yield speak.say("outcome_measure.lead", levels=speak.say(f"outcome_measure.{levels}", n=found.n_levels))
    if math.isnan(found.outcomes["p_value"][ORDINAL]):
        yield speak.say(f"outcome_measure.notes.{found.outcomes['note'][ORDINAL]}")
    if found.agreement in ("agree", "agree_on_nothing"):
        yield speak.say(f"outcome_measure.{found.agreement}", term=term)
        return
    known = found.outcomes[found.outcomes["p_value"].notna()]
    ways = [_way(row, labels) for row in records(known)]
    signs = speak.say(
        "outcome_measure.signs", ways=speak.listed([_sign(row, labels) for row in records(known)])
    )
    differ = bool((known["estimate"] > 0).nunique() > 1)
    rejected = known["p_value"] < 1 - found.conf_level
    if (rejected.all() and not differ) or not rejected.any():
        key = "found" if rejected.any() else "not_found"
        if ways:
            said = {"term": term, "first": ways[0], "second": ways[-1]}
            yield speak.say(f"outcome_measure.{key}_{'both' if len(ways) > 1 else 'one'}", **said)
        if differ:
            yield signs
        return
    hangs = hangs_on_measure(found)
    key = "lost" if hangs else "only_otherwise"
    yield speak.say(f"outcome_measure.{key}", term=term, ways="; ".join(ways))
    if differ:
        yield signs
    yield speak.say("outcome_measure.yardstick" if hangs else "outcome_measure.three_looks")
    if not hangs and bool(rejected.get(ORDINAL, False)) and found.outcomes["method"][ORDINAL] == "CR1":
        yield speak.say("outcome_measure.ordinal_errors")


def hangs_on_measure(found: OutcomeSensitivity) -> bool:
    """Whether the product is found with the outcome as it is, and not, or with the other sign, elsewhere."""
    known = found.outcomes[found.outcomes["p_value"].notna()]
    rejected = known["p_value"] < 1 - found.conf_level
    elsewhere = not rejected.all() or (known["estimate"] > 0).nunique() > 1
    return bool(rejected.get(AS_IT_IS, False)) and elsewhere


def _way(row: dict[str, Any], labels: Labels) -> str:
    way, speak = way_in_words(str(row["outcome"]), labels), labels.voice
    return speak.say("outcome_measure.way", way=way, p=speak.p_value(row["p_value"]))


def _sign(row: dict[str, Any], labels: Labels) -> str:
    sign = labels.voice.say(f"probing.{'positive' if row['estimate'] > 0 else 'negative'}")
    return labels.voice.say("outcome_measure.sign", sign=sign, way=way_in_words(str(row["outcome"]), labels))


def way_in_words(way: str, labels: Labels) -> str:
    """Return the name of a way to take the outcome."""
    keys = {AS_IT_IS: "as_it_is", ORDINAL: "ordinal"}
    return labels.voice.say(f"outcome_measure.ways.{keys.get(way, 'rescaled')}")
