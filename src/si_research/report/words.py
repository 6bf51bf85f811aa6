"""Sentences that are rendered from results: estimate and interval before p, n always, nothing causal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.errors import ModelSpecificationError
from si_research.report.answer import LARGE, Answer, read_answer
from si_research.report.describe import record
from si_research.report.factor_words import (
    fit_sentence,
    hints_sentence,
    invariance_sentence,
    validity_sentences,
)
from si_research.report.labels import Labels, labels_of
from si_research.report.measurement_error_words import (
    corrected_sentence,
    findings_sentence,
    latent_sentence,
    product_sentence,
)
from si_research.report.missing_words import of_imputed, of_missing_answers, of_pooled
from si_research.report.outcomes_words import holm_sentence, planned_sentence, sensitivity_sentences
from si_research.report.probing_words import (
    differences_sentence,
    inference_sentences,
    map_sentence,
    regions_sentence,
    split_sentences,
)
from si_research.report.reliability_words import (
    halves_in_words,
    omega_in_words,
    reservations,
    scales_in_words,
)
from si_research.report.robustness_words import firms_in_words
from si_research.report.suppression import is_small
from si_research.report.verdict_words import needed_sentences, verdict_sentences
from si_research.report.voice import Voice, digits_for, plain, sentence_case, voice

if TYPE_CHECKING:
    from si_research.measurement.aggregation import Aggregation
    from si_research.measurement.omega import Omega
    from si_research.measurement.reliability import Reliability
    from si_research.measurement.two_halves import SpearmanBrown
    from si_research.model.corners import CornerComparison
    from si_research.model.interaction import InteractionFit
    from si_research.model.joint import JointTest
    from si_research.report.findings import StudyFindings
    from si_research.survey.screening.flags import Screening


def sentence(result: object, language: str = "en") -> str:
    """Return one or a few factual sentences about a result.

    Use it in a notebook or a text, so that the words cannot drift from the numbers. It states what was
    found; it does not advise.

    Parameters
    ----------
    result : result object
        InteractionFit, JointTest, CornerComparison, Reliability, Omega, SpearmanBrown, Screening,
        Aggregation, FactorFit, Validity, ModificationHints, Invariance, Verdict or StudyFindings.
    language : {"nl", "en"}

    Returns
    -------
    str

    Raises
    ------
    ModelSpecificationError
        For another kind of result, or another language.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> fit = fit_interaction(simulate_scores(300, three_way=0.2, seed=1))
    >>> print(sentence(fit, "nl").split(",")[0])
    Kunnen × willen × mogen: b = 0
    """
    speak = voice(language)
    if type(result).__name__ == "StudyFindings":
        findings: StudyFindings = result  # type: ignore[assignment]
        return " ".join(plain(text) for text in answer_sentences(findings, language))
    write = _SENTENCES.get(type(result).__name__)
    if write is None:
        raise ModelSpecificationError(
            expected=f"a result: {', '.join(_SENTENCES)} or StudyFindings",
            found=f"a {type(result).__name__}",
            where="sentence(result)",
            todo="pass what fit_interaction, joint_test, corner_comparison or cronbach_alpha returns",
        )
    return plain(sentence_case(write(result, speak)))


def level_of(conf_level: float, speak: Voice) -> str:
    """Return a confidence level as ``95%``, with decimals only where it has them."""
    return speak.level(conf_level)


def _of_fit(fit: InteractionFit, speak: Voice) -> str:
    row = record(fit.coefficients, fit.tested_term)
    digits = digits_for(row["std_error"], 3)
    return speak.say(
        "sentences.fit",
        term=Labels(speak).term(fit.tested_term),
        estimate=speak.number(row["estimate"], digits),
        level=level_of(fit.conf_level, speak),
        interval=speak.interval(row["conf_low"], row["conf_high"], digits=digits),
        p=speak.p_value(row["p_value"]),
        gain=speak.bounded(fit.r2_gain, 3),
        method=fit.method,
        n_used=fit.n_used,
        n_rows=fit.n_rows,
    )


def _of_joint(joint: JointTest, speak: Voice) -> str:
    gain = speak.bounded(joint.r2_gain, 3)
    if math.isnan(joint.p_value):
        return speak.say("sentences.joint_untested", needed=len(joint.terms) + 1, gain=gain)
    return speak.say("sentences.joint", p=speak.p_value(joint.p_value), method=joint.method, gain=gain)


def _of_corners(corners: CornerComparison, speak: Voice) -> str:
    return speak.say(
        "sentences.corners",
        p_high=speak.p_value(corners.p_all_high),
        p_equal=speak.p_value(corners.p_equivalence),
        difference=speak.number(corners.smallest_difference),
    )


def _of_reliability(reliability: Reliability, speak: Voice) -> str:
    scale = Labels(speak).of(reliability.scale)
    counts = {"n_used": reliability.n_used, "n_rows": reliability.n_rows}
    if reliability.status != "estimated":
        return speak.say("sentences.reliability_unknown", scale=scale, **counts)
    return speak.say(
        "sentences.reliability",
        scale=scale,
        alpha=speak.bounded(reliability.alpha),
        level=level_of(reliability.conf_level, speak),
        interval=speak.interval(reliability.conf_low, reliability.conf_high, bounded=True),
        n_items=reliability.n_items,
        **counts,
    )


def _of_omega(omega: Omega, speak: Voice) -> str:
    values = {"scale": Labels(speak).of(omega.scale), "omega": omega_in_words(omega, speak)}
    return speak.say(
        "sentences.omega", n_items=omega.n_items, n_used=omega.n_used, n_rows=omega.n_rows, **values
    )


def _of_halves(halves: SpearmanBrown, speak: Voice) -> str:
    values = {"scale": Labels(speak).of(halves.scale), "halves": halves_in_words(halves, speak)}
    return speak.say("sentences.halves", n_used=halves.n_used, n_rows=halves.n_rows, **values)


def _of_screening(screening: Screening, speak: Voice) -> str:
    return marked_sentence(screening, 2, speak)


def _of_aggregation(found: Aggregation, speak: Voice) -> str:
    from si_research.report.aggregation_section import aggregation_sentence  # it is built on these words

    return aggregation_sentence(found, Labels(speak))


def marked_sentence(screening: Screening, at_least: int, speak: Voice) -> str:
    """Return how many people are marked by so many kinds of evidence, or that they are fewer than five."""
    n = int((screening.n_evidence >= at_least).sum())
    values = {"at_least": at_least, "n_rows": screening.n_rows}
    if is_small(n) or is_small(screening.n_rows - n):
        return speak.say("sentences.screening_few" if is_small(n) else "sentences.screening_most", **values)
    return speak.say("sentences.screening", n=n, share=speak.percent(n / screening.n_rows), **values)


UNDECIDED: Final = frozenset({"no_sign", "curvature", "beyond_sum"})
"""Verdicts that leave open how large a combination of all conditions may be."""
_SENTENCES: Final[dict[str, Callable[[Any, Voice], str]]] = {
    "InteractionFit": _of_fit,
    "JointTest": _of_joint,
    "CornerComparison": _of_corners,
    "Reliability": _of_reliability,
    "Omega": _of_omega,
    "SpearmanBrown": _of_halves,
    "Screening": _of_screening,
    "Aggregation": _of_aggregation,
    "ProductReliability": product_sentence,
    "CorrectedInteraction": corrected_sentence,
    "LatentInteraction": latent_sentence,
    "LatentModeration": latent_sentence,
    "MeasurementErrorFindings": lambda found, speak: findings_sentence(found, Labels(speak)),
    "FactorFit": lambda fit, speak: fit_sentence(fit, Labels(speak)),
    "Validity": lambda found, speak: " ".join(
        sentence_case(said) for said in validity_sentences(found, None, Labels(speak))
    ),
    "ModificationHints": lambda hints, speak: hints_sentence(hints, Labels(speak)),
    "Invariance": lambda found, speak: invariance_sentence(found, Labels(speak)),
    "SlopeDifferences": lambda found, speak: differences_sentence(found, Labels(speak)),
    "JohnsonNeyman": lambda found, speak: " ".join(regions_sentence(found, Labels(speak))),
    "SignificanceMap": lambda found, speak: map_sentence(found, Labels(speak)),
    "InferenceComparison": lambda found, speak: " ".join(inference_sentences(found, Labels(speak))),
    "WithinBetween": lambda found, speak: " ".join(split_sentences(found, Labels(speak))),
    "LeaveOneFirmOut": lambda found, speak: firms_in_words(found, Labels(speak)),
    "PlannedOutcomes": lambda found, speak: planned_sentence(found, Labels(speak)),
    "OutcomeSensitivity": lambda found, speak: " ".join(
        sentence_case(said) for said in sensitivity_sentences(found, Labels(speak))
    ),
    "Verdict": lambda found, speak: " ".join(
        sentence_case(said) for said in verdict_sentences(found, Labels(speak))
    ),
    "NeededN": lambda found, speak: " ".join(
        sentence_case(said) for said in needed_sentences(found, Labels(speak))
    ),
    "MissingAnswers": of_missing_answers,
    "ImputedScores": of_imputed,
    "PooledInteraction": of_pooled,
}


def answer_of(findings: StudyFindings) -> Answer | None:
    """Return the reading of the tests; None after a refusal."""
    if findings.fit is None or findings.joint is None or findings.corners is None:
        return None
    error = findings.measurement_error
    kept = math.nan if error is None else error.standardised_share_kept
    return read_answer(findings.fit, findings.joint, findings.corners, share_kept=kept)


def question_sentence(findings: StudyFindings, language: str) -> str:
    """Return the question, in the words of the researcher where there are any."""
    labels = labels_of(findings, language)
    if findings.study.question:
        return labels.in_language(findings.study.question)
    predictors = labels.voice.listed([labels.of(name) for name in findings.study.predictors])
    return labels.voice.say(
        "asked.question", predictors=predictors, outcome=labels.of(findings.study.outcome)
    )


def is_standard(findings: StudyFindings) -> bool:
    """Whether the study asks the question of the model itself."""
    asked = findings.study
    return tuple(asked.predictors) == CONDITIONS and asked.outcome == INNOVATIVE_BEHAVIOUR.name


def answer_sentences(findings: StudyFindings, language: str) -> list[str]:
    """Return the answer for somebody who reads nothing else: a few sentences."""
    if findings.refusal is not None:
        return [refusal_phrase(findings, part, language) for part in ("headline", "text")]
    answer = answer_of(findings)
    assert answer is not None
    labels = labels_of(findings, language)
    combined = findings.combination
    corners = _corner_answer(findings, answer, labels) if combined is None else ()
    return [
        *map(sentence_case, () if combined is None else verdict_sentences(combined.verdict, labels)),
        *_verdict(findings, answer, labels),
        *map(sentence_case, reservations(findings, labels)),
        *corners,
        *_mains(findings, answer, labels),
    ]


def _verdict(findings: StudyFindings, answer: Answer, labels: Labels) -> Iterator[str]:
    """Whether the combination adds anything, and what was not excluded; estimate before p."""
    joint, speak = findings.joint, labels.voice
    assert joint is not None
    outcome = labels.of(findings.study.outcome)
    if answer.verdict == "untested":
        yield untested_sentence(findings, labels)
        yield speak.say("answer.untested_open" if answer.reach == "open" else f"answer.{answer.reach}")
        return
    gain, p = speak.bounded(joint.r2_gain, 3), speak.p_value(joint.p_value)
    products = speak.say("answer.products", gain=gain, p=p)
    yield speak.say(f"answer.{answer.verdict}", outcome=outcome, products=products)
    corrected = holm_sentence(findings, answer.verdict, labels)
    if corrected is not None:
        yield corrected
    if answer.verdict in UNDECIDED:
        yield speak.say(f"answer.{answer.reach}")


def untested_sentence(findings: StudyFindings, labels: Labels) -> str:
    """Return why the products could not be tested together, and how many organisations that takes."""
    fit, joint = findings.fit, findings.joint
    assert fit is not None
    assert fit.clusters is not None
    assert joint is not None
    n_clusters, needed = fit.clusters.n_clusters, len(joint.terms) + 1
    return labels.voice.say("answer.untested", n_clusters=n_clusters, needed=needed)


def _corner_answer(findings: StudyFindings, answer: Answer, labels: Labels) -> Iterator[str]:
    assert findings.corners is not None
    difference = labels.voice.number(findings.corners.smallest_difference)
    yield labels.voice.say(f"answer.corners_{answer.corners}", difference=difference)


def _mains(findings: StudyFindings, answer: Answer, labels: Labels) -> Iterator[str]:
    """What each condition shows on its own."""
    outcome = labels.of(findings.study.outcome)
    for key in ("rising", "falling", "flat"):
        names: tuple[str, ...] = getattr(answer, key)
        if names:
            listed = labels.voice.listed([labels.of(name) for name in names])
            yield labels.voice.say(f"answer.{key}", outcome=outcome, **{key: listed})


def reach_sentence(fit: InteractionFit, reach: str, labels: Labels) -> str:
    """Return what the interval of the highest product leaves open."""
    speak, tested = labels.voice, record(fit.standardised, fit.tested_term)
    return speak.say(
        f"tests.{reach}",
        level=level_of(fit.conf_level, speak),
        low=speak.number(tested["conf_low"]),
        high=speak.number(tested["conf_high"]),
        bound=speak.number(LARGE),
    )


def refusal_phrase(findings: StudyFindings, part: str, language: str) -> str:
    """Return the headline, text or advice of a refusal."""
    assert findings.refusal is not None
    labels = labels_of(findings, language)
    shown: dict[str, str] = {}
    for name, value in findings.refusal.values.items():
        if isinstance(value, str):
            shown[name] = labels.of(value)
        elif isinstance(value, int):
            shown[name] = labels.voice.count(value)
        elif isinstance(value, float):
            shown[name] = labels.voice.bounded(value)
        elif isinstance(value, Mapping):
            floor = findings.refusal.values.get("floor", math.nan)
            shown[name] = scales_in_words(value, labels, floor)  # type: ignore[arg-type]
        elif isinstance(value, tuple | list):
            shown[name] = labels.voice.listed([labels.of(str(each)) for each in value])
    return labels.voice.say(f"refusals.{findings.refusal.code}.{part}", **shown)
