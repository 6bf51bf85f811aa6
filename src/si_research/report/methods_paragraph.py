"""The Method section of a paper, as far as a fit can tell it, and the sources that it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from si_research.report.describe import record, records, reference_levels
from si_research.report.references import REFERENCES, Reference
from si_research.report.suppression import is_small
from si_research.report.voice import plain, sentence_case
from si_research.report.written_up import WrittenUp, write_up_fit, write_up_pooled, write_up_study

if TYPE_CHECKING:
    from si_research.model.corners import CornerComparison
    from si_research.model.interaction import InteractionFit
    from si_research.model.joint import JointTest
    from si_research.model.missing.pool import PooledInteraction
    from si_research.model.slope_differences import SlopeDifferences
    from si_research.report.findings import StudyFindings

RELEASED = 2026
ERRORS = {
    "OLS": (),
    "HC0": ("hc0",),
    **dict.fromkeys(("HC1", "HC2", "HC3"), ("hc3",)),
    "HC4": ("hc4",),
}
"""Sources of the standard errors over people."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or two, and the sources that it cites.

    Attributes
    ----------
    text : str
    sources : tuple of Reference
    """

    text: str
    sources: tuple[Reference, ...] = ()


def methods_paragraph(
    result: InteractionFit | PooledInteraction | StudyFindings,
    language: str = "en",
    *,
    joint: JointTest | None = None,
    corners: CornerComparison | None = None,
    slopes: pd.DataFrame | None = None,
    differences: SlopeDifferences | None = None,
) -> str:
    """Return what was done, for the Method section of a paper, in the past tense.

    Use it so that text and analysis cannot drift apart. What was decided beforehand, and why, only the
    researcher can say.

    Parameters
    ----------
    result : InteractionFit, PooledInteraction or StudyFindings
        A study has its own tests, and a pooled fit its joint test; with a fit, give those that were done.
    language : {"nl", "en"}
    joint, corners, slopes, differences : result objects, optional
        Of this fit: what ``joint_test``, ``corner_comparison``, ``simple_slopes`` and ``slope_differences``
        returned.

    Returns
    -------
    str
        Empty for a study that was refused: nothing was tested. No count below five is told.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> text = methods_paragraph(fit_interaction(simulate_scores(300, seed=1)))
    >>> print(text.partition(". ")[0])
    Scores on innovative behaviour were regressed on kunnen, willen and mogen, their three two-way products \
and their three-way product by ordinary least squares (Cohen et al., 2003)
    """
    given = (joint, corners, slopes, differences)
    return " ".join(plain(each.text) for each in statements_of(result, language, *given))


def references(
    result: InteractionFit | PooledInteraction | StudyFindings,
    language: str = "en",
    *,
    joint: JointTest | None = None,
    corners: CornerComparison | None = None,
    slopes: pd.DataFrame | None = None,
    differences: SlopeDifferences | None = None,
) -> list[str]:
    """Return the sources that :func:`methods_paragraph` cites for the same results, and no others.

    Parameters
    ----------
    result, language, joint, corners, slopes, differences
        As for the paragraph.

    Returns
    -------
    list of str
        In APA style, by author; with DOI where one is known.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> [each.partition(" (")[0] for each in references(fit_interaction(simulate_scores(300, seed=1)))]
    ['Cohen, J., Cohen, P., West, S. G., & Aiken, L. S.', 'MacKinnon, J. G., & White, H.', \
'The si_research developers.']
    """
    found = statements_of(result, language, joint, corners, slopes, differences)
    return sorted({str(source) for each in found for source in each.sources}, key=str.casefold)


def statements_of(
    result: InteractionFit | PooledInteraction | StudyFindings,
    language: str,
    joint: JointTest | None = None,
    corners: CornerComparison | None = None,
    slopes: pd.DataFrame | None = None,
    differences: SlopeDifferences | None = None,
) -> list[Statement]:
    """Return the paragraph in pieces, with the marks around the Dutch terms of the model."""
    kind = type(result).__name__  # the classes are loaded when there is a result
    if kind == "StudyFindings":
        about = write_up_study(result, language, differences)  # type: ignore[arg-type]
    elif kind == "PooledInteraction":
        about = write_up_pooled(result, language, corners, slopes, differences)  # type: ignore[arg-type]
    else:
        given = (joint, corners, slopes, differences)
        about = write_up_fit(result, language, *given)  # type: ignore[arg-type]
    if about is None:
        return []
    parts = (_model, _controls, _people, _firms, _weights, _imputed, _level, _joint, _pooled_joint, _corners)
    later = (_slopes, _differences, _probing, _outcomes, _software)
    return [each for part in (*parts, *later) for each in part(about)]


def _cited(about: WrittenUp, *keys: str) -> dict[str, str]:
    """Return the slots of a phrase that cite sources, ``cite`` and ``cite_2``."""
    others = about.labels.voice.say("write_up.and_others")
    texts = [REFERENCES[key].cited(others) for key in keys]
    return {"cite" if not place else f"cite_{place + 1}": text for place, text in enumerate(texts)}


def _state(about: WrittenUp, key: str, *keys: str, **values: object) -> Statement:
    """Return a phrase as a statement that cites the sources of these names."""
    text = about.labels.voice.say(f"write_up.{key}", **_cited(about, *keys), **values)
    return Statement(sentence_case(text), tuple(REFERENCES[each] for each in keys))


def _number(about: WrittenUp, n: int) -> str:
    """Return a number below ten in words, where the language has the word."""
    key = f"write_up.in_words.{n}"
    return about.labels.voice.say(key) if about.labels.voice.has(key) else about.labels.voice.count(n)


def _names(about: WrittenUp, names: tuple[str, ...]) -> str:
    return about.labels.voice.listed([about.labels.of(name) for name in names])


def _model(about: WrittenUp) -> Iterator[Statement]:
    fit, labels, speak = about.fit, about.labels, about.labels.voice
    key = "model_three" if len(fit.predictors) > 2 else "model_two"
    named = {"outcome": labels.of(fit.outcome), "predictors": _names(about, fit.predictors)}
    yield _state(about, key, "regression", **named)
    centres = [f"{labels.of(name)} {speak.number(fit.centres[name])}" for name in fit.predictors]
    yield _state(about, "centred", centres=speak.listed(centres))
    steps = [speak.say(f"write_up.steps.{step}") for step in about.steps]
    if steps:
        yield _state(about, "entered", steps=speak.listed(steps))


def _controls(about: WrittenUp) -> Iterator[Statement]:
    fit, labels, speak = about.fit, about.labels, about.labels.voice
    if not fit.controls:
        return
    known, said = reference_levels(fit), []
    for name in fit.controls:
        numeric = name in fit.coefficients.index
        key = "number" if numeric else "category" if name in known else "category_small"
        level = labels.level(name, known[name]) if name in known else ""
        said.append(speak.say(f"write_up.control.{key}", name=labels.of(name), level=level))
    yield _state(about, "controls", controls=speak.listed(said))


def _people(about: WrittenUp) -> Iterator[Statement]:
    speak, used = about.labels.voice, about.fit.n_used
    if about.synthetic:
        yield _state(about, "synthetic")
    rows = speak.say(f"write_up.{about.rows}")
    out = about.offered - used
    if not out:
        yield _state(about, "everybody", used=used, rows=rows)
        return
    share = speak.percent(used / about.offered)
    yield _state(about, "analysed", offered=about.offered, used=used, share=share, rows=rows)
    if about.fit is about.pooled:
        return
    told = [
        reasons if is_small(n) or n == out else speak.say("write_up.reason", reasons=reasons, n=n)
        for reasons, n in about.reasons
    ]
    n = speak.say("write_up.few") if is_small(out) else speak.count(out)
    yield _state(about, "left_out", n=n, reasons="; ".join(told))


def _firms(about: WrittenUp) -> Iterator[Statement]:
    fit, speak = about.fit, about.labels.voice
    df = speak.df(about.df)
    if fit.clusters is None:
        one = any(note.code == "one_cluster" for note in fit.notes)
        yield _state(about, "one_firm" if one else "no_firms")
        sources = ERRORS[fit.method]
        yield _state(about, "people" if sources else "people_classical", *sources, df=df, method=fit.method)
        return
    few = speak.say("write_up.few")
    smallest, largest = (
        few if is_small(n) else speak.count(n) for n in (fit.clusters.smallest, fit.clusters.largest)
    )
    size = "firms_few" if is_small(fit.clusters.largest) else "firms"
    yield _state(about, size, n_clusters=fit.clusters.n_clusters, smallest=smallest, largest=largest)
    yield _state(about, "jackknife", "jackknife", "guide", df=df)


def _imputed(about: WrittenUp) -> Iterator[Statement]:
    pooled, speak = about.pooled, about.labels.voice
    if pooled is not None:
        key = "imputed" if about.fit is pooled else "imputed_beside"
        few = is_small(pooled.n_used - pooled.n_complete)
        how = "write_up.filled_few" if few else "write_up.filled"
        filled = speak.say(how) if few else speak.say(how, complete=pooled.n_complete)
        yield _state(about, key, "smcfcs", "pooling", n_imputations=pooled.n_imputations, filled=filled)


def _weights(about: WrittenUp) -> Iterator[Statement]:
    if about.fit.weight is not None:
        yield _state(about, "weighted", "weights", weight=about.labels.of(about.fit.weight))


def _level(about: WrittenUp) -> Iterator[Statement]:
    speak, level = about.labels.voice, about.fit.conf_level
    alpha = 1 - level
    digits = 2 if round(100 * alpha, 6).is_integer() else 3
    yield _state(about, "level", level=speak.level(level), alpha=speak.bounded(alpha, digits))


def _joint(about: WrittenUp) -> Iterator[Statement]:
    joint, fit, speak = about.joint, about.fit, about.labels.voice
    if joint is None:
        return
    if math.isnan(joint.p_value):
        yield _state(about, "joint_untested", needed=len(joint.terms) + 1)
        return
    squares = speak.say("write_up.no_squares")
    if joint.squares:
        squares = speak.say("write_up.squares", count=len(joint.squares), names=_names(about, joint.squares))
    products = speak.say("write_up.products", count=len(joint.terms), number=_number(about, len(joint.terms)))
    if not joint.n_draws:
        yield _state(about, "joint_people", "hc3", products=products, squares=squares)
        return
    assert fit.clusters is not None
    draws = {"draws": joint.n_draws, "seed": str(joint.seed)}
    yield _state(about, "joint_firms", "bootstrap", products=products, squares=squares, **draws)
    if _uses_webb(fit.clusters.n_clusters):
        yield _state(about, "webb", "webb")
    else:
        yield _state(about, "signs")


def _pooled_joint(about: WrittenUp) -> Iterator[Statement]:
    pooled, speak = about.pooled, about.labels.voice
    if pooled is None or about.fit is not pooled:
        return
    from si_research.model.design import product_terms

    test, terms = record(pooled.joint, "imputed"), product_terms(pooled.predictors)
    if pd.isna(test["p_value"]):
        yield _state(about, "joint_untested", needed=len(terms) + 1)
        return
    products = speak.say("write_up.products", count=len(terms), number=_number(about, len(terms)))
    names = tuple(name for name in pooled.predictors if name not in pooled.squares_left_out)
    squares = speak.say("write_up.no_squares")
    if names:
        squares = speak.say("write_up.squares", count=len(names), names=_names(about, names))
    key = "joint_pooled" if pooled.clusters is None else "joint_pooled_firms"
    yield _state(about, key, "pooled_joint", products=products, squares=squares)


def _uses_webb(n_clusters: int) -> bool:
    from si_research.model.wild_bootstrap import WEBB_UP_TO  # numpy is loaded when a fit is there

    return n_clusters <= WEBB_UP_TO


def _corners(about: WrittenUp) -> Iterator[Statement]:
    found, labels, speak = about.corners, about.labels, about.labels.voice
    if found is None:
        return
    points: dict[str, list[str]] = {}
    for row in records(found.points):
        values = speak.listed([speak.number(row[end]) for end in ("low", "high")])
        said = speak.say("write_up.at", name=labels.of(str(row["term"])), values=values)
        points.setdefault(str(row["how"]), []).append(said)
    told = [f"{'; '.join(each)} ({speak.say(f'write_up.how.{how}')})" for how, each in points.items()]
    yield _state(about, "corners", n=_number(about, len(found.corners)), points="; ".join(told))
    difference = speak.number(found.smallest_difference)
    yield _state(about, "corner_tests", "equivalence", difference=difference)


def _slopes(about: WrittenUp) -> Iterator[Statement]:
    slopes = about.slopes
    if slopes is None or slopes.empty:
        return
    product = slopes.index.str.contains(":")
    if not product.all():
        yield _probed(about, slopes[~product], "slopes")
    if product.any():
        yield _probed(about, slopes[product], "slope_products")


def _probed(about: WrittenUp, slopes: pd.DataFrame, key: str) -> Statement:
    labels, speak, points = about.labels, about.labels.voice, []
    for name in about.fit.predictors:
        if name in slopes and slopes[name].notna().any():
            values = sorted(float(value) for value in slopes[name].dropna().unique())
            listed = speak.listed([speak.number(value) for value in values])
            points.append(speak.say("write_up.at", name=labels.of(name), values=listed))
    terms = [labels.term(str(term)) for term in dict.fromkeys(slopes.index)]
    said = {"terms": speak.listed(terms), "points": "; ".join(points)}
    return _state(about, key, "probing", count=len(terms), **said)


def _differences(about: WrittenUp) -> Iterator[Statement]:
    found = about.differences
    if found:
        n, names = len(found[0].differences), _names(about, tuple(each.of for each in found))
        values: dict[str, object] = {"count": n, "n": _number(about, n), "name": names}
        yield _state(about, "differences", "slope_differences", "holm", **values)


def _probing(about: WrittenUp) -> Iterator[Statement]:
    probing = about.probing
    if probing is None:
        return
    if probing.regions:
        yield _state(about, "regions" if len(about.fit.predictors) > 2 else "regions_two", "regions")
    if probing.maps:
        yield _state(about, "maps", "false_discovery")
    if probing.split is not None:
        yield _state(about, "split", "split")


def _outcomes(about: WrittenUp) -> Iterator[Statement]:
    if about.measured_otherwise:
        yield _state(about, "measured_otherwise", "ordinal")
    if about.outcomes is None:
        return
    planned, exploratory = about.outcomes.tested.planned, about.outcomes.tested.exploratory
    if len(planned) > 1:
        others = _names(about, planned[1:])
        yield _state(about, "planned", "holm", names=others, n=_number(about, len(planned)))
    if exploratory:
        yield _state(about, "exploratory", names=_names(about, exploratory), count=len(exploratory))


def _software(about: WrittenUp) -> Iterator[Statement]:
    speak = about.labels.voice
    (_, own), *others = about.versions
    title = speak.say("write_up.toolkit", version=own)
    source = Reference(("The si_research developers",), RELEASED, title, "")
    cite = source.cited(speak.say("write_up.and_others"))
    listed = speak.listed([f"{name} {each}" for name, each in others])
    key = "analysed_with" if others else "analysed_alone"
    text = speak.say(f"write_up.{key}", version=own, cite=cite, packages=listed)
    yield Statement(text, (source,))
