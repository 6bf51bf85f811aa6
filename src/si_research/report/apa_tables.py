"""Tables in the style of the American Psychological Association, ready to be pasted into a paper.

Each function takes results and returns a DataFrame of text: no leading zero where a figure cannot pass 1,
p to three decimals or ``< .001``, intervals in brackets, a decimal comma in Dutch. pandas writes it to a
spreadsheet, a page or the clipboard; ``attrs`` holds the ``title`` and the ``note`` that belong to it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from si_research.report.apa_notes import (
    about,
    df_in_words,
    df_of,
    df_of_steps,
    references_in_words,
    squares_in_words,
)
from si_research.report.describe import hidden_terms, records
from si_research.report.labels import Labels, labels_of
from si_research.report.missing_tables import pooled_coefficients_table
from si_research.report.model_tables import estimate_of, interval_of, joint_note
from si_research.report.probing_tables import combination_in_words, method_in_words, reasons_in_words
from si_research.report.tables import Table, correlation_table, make_table
from si_research.report.voice import digits_for, plain, sentence_case, voice

if TYPE_CHECKING:
    from si_research.model.inference_comparison import InferenceComparison
    from si_research.model.interaction import InteractionFit
    from si_research.model.joint import JointTest
    from si_research.model.missing.pool import PooledInteraction
    from si_research.model.slope_differences import SlopeDifferences
    from si_research.report.findings import StudyFindings

FIGURES = ("b", "se", "ci", "t", "p")


def apa_regression(
    fit: InteractionFit, language: str = "en", *, findings: StudyFindings | None = None
) -> pd.DataFrame:
    """Return the regression step by step: coefficients, and what each step adds.

    Parameters
    ----------
    fit : InteractionFit
    language : {"nl", "en"}
    findings : StudyFindings, optional
        The study whose codebook names scales and categories; without it, columns have their own names.

    Returns
    -------
    pandas.DataFrame of str
        A row for each step, with R², ΔR², F (with its degrees of freedom) and p of what the step adds by
        the test that allows for firms or unequal spread; below it a row for each term of the model so far,
        with b, its standard error, interval, β, t and p. ``attrs``: title, note.

    Notes
    -----
    Values of a control that fewer than five people have count in the model and are not shown.

    References
    ----------
    American Psychological Association (2020), Publication Manual, 7th ed., section 6.36 (decimals)
    and chapter 7 (tables).

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> table = apa_regression(fit_interaction(simulate_scores(300, seed=1)))
    >>> table.iloc[-1][["Term", "b", "SE", "95% CI", "t", "p"]].to_list()
    ['kunnen × willen × mogen', '0.13', '0.14', '[−0.15, 0.42]', '0.90', '.368']
    >>> table["R²"][table["R²"] != ""].to_list()
    ['.417', '.418', '.423']
    """
    from si_research.model.interaction import check_one_table
    from si_research.model.step_coefficients import step_coefficients

    check_one_table(fit, "apa_regression", "see apa_pooled, and its complete cases step by step")
    labels = _labels(language, findings)
    speak, hidden, rows = labels.voice, hidden_terms(fit), list[tuple[str, ...]]()
    found = step_coefficients(fit)
    for number, step in enumerate(records(fit.steps), start=1):
        rows.append(_step_row(labels, number, step))
        shown = found[(found["step"] == step["step"]) & ~found["term"].isin(hidden)]
        for row in records(shown):
            b, se, interval, t, p = _figures(labels, row)
            beta = "" if row["term"] == "intercept" else speak.number(row["beta"])
            rows.append((labels.term(row["term"]), b, se, interval, beta, t, p, "", "", ""))
    method = method_in_words(str(fit.steps["robust_method"].iloc[-1]), labels)
    said = [about(labels, fit), df_of_steps(labels, fit)]
    said.append(speak.say("table_notes.apa_regression", method=method))
    said += references_in_words(labels, fit)
    said += [speak.say("table_notes.hidden_levels")] if hidden else []
    columns = ("term", "b", "se", "ci", "beta", "t", "p", "r2", "r2_gain", "f_df")
    outcome = labels.of(fit.outcome)
    return _framed(labels, fit, "apa_regression", columns, rows, note=" ".join(said), outcome=outcome)


def _step_row(labels: Labels, number: int, step: dict[str, Any]) -> tuple[str, ...]:
    speak = labels.voice
    name = speak.say("apa.step", number=number, step=speak.say(f"steps.{step['step']}"))
    p = speak.p_value(step["robust_p_value"], bare=True)
    f = _f(labels, step["robust_statistic"], step["robust_df"], step["robust_df_residual"])
    return name, "", "", "", "", "", p, speak.bounded(step["r2"], 3), speak.bounded(step["r2_gain"], 3), f


def apa_pooled(
    pooled: PooledInteraction, language: str = "en", *, findings: StudyFindings | None = None
) -> pd.DataFrame:
    """Return the conditions and products from the complete cases and with missing scores filled in.

    Parameters
    ----------
    pooled : PooledInteraction
    language, findings
        As for :func:`apa_regression`.

    Returns
    -------
    pandas.DataFrame of str
        The table of the report (:func:`si_research.report.missing_tables.pooled_coefficients_table`).
        ``attrs``: title, note.
    """
    return _as_frame(pooled_coefficients_table(pooled, _labels(language, findings)))


def apa_correlations(findings: StudyFindings, language: str = "en") -> pd.DataFrame:
    """Return means, standard deviations, correlations below the diagonal and alpha on it.

    Parameters
    ----------
    findings : StudyFindings
    language : {"nl", "en"}

    Returns
    -------
    pandas.DataFrame of str
        The table of the report (:func:`si_research.report.tables.correlation_table`). ``attrs``: title,
        note.
    """
    return _as_frame(correlation_table(findings, labels_of(findings, language)))


def apa_slopes(
    fit: InteractionFit | PooledInteraction,
    slopes: pd.DataFrame,
    language: str = "en",
    *,
    findings: StudyFindings | None = None,
) -> pd.DataFrame:
    """Return simple slopes, of one or several conditions or products of two.

    Parameters
    ----------
    fit : InteractionFit or PooledInteraction
    slopes : pandas.DataFrame
        What :func:`si_research.simple_slopes` returns for this fit, or several of these below one another.
    language, findings
        As for :func:`apa_regression`.

    Returns
    -------
    pandas.DataFrame of str
        Term, the values of the others, b, its standard error, interval, t, p; ``*`` marks values outside the
        data. ``attrs``: title, note.

    Examples
    --------
    >>> from si_research import fit_interaction, simple_slopes, simulate_scores
    >>> fit = fit_interaction(simulate_scores(300, seed=1))
    >>> apa_slopes(fit, simple_slopes(fit, at={"willen": [2], "mogen": [4]})).iloc[0].to_list()[:2]
    ['kunnen', 'willen 2.00, mogen 4.00']
    """
    labels = _labels(language, findings)
    speak, rows = labels.voice, list[tuple[str, ...]]()
    for row in records(slopes):
        others = [name for name in fit.predictors if name not in row["term"].split(":")]
        at = ", ".join(f"{labels.of(name)} {speak.number(row[name])}" for name in others)
        mark = " *" if row["outside_data"] else ""
        rows.append((labels.term(row["term"]), at + mark, *_figures(labels, row)))
    note = f"{about(labels, fit)} {df_of(labels, slopes)}"
    note += f" {speak.say('slopes.outside')}." if slopes["outside_data"].any() else ""
    columns, outcome = ("term", "at", *FIGURES), labels.of(fit.outcome)
    return _framed(labels, fit, "apa_slopes", columns, rows, words=(0, 1), note=note, outcome=outcome)


def apa_slope_differences(
    fit: InteractionFit | PooledInteraction,
    found: SlopeDifferences,
    language: str = "en",
    *,
    findings: StudyFindings | None = None,
) -> pd.DataFrame:
    """Return the differences between the slopes of one condition, with Holm's correction.

    Parameters
    ----------
    fit : InteractionFit or PooledInteraction
    found : SlopeDifferences
        Of this fit.
    language, findings
        As for :func:`apa_regression`.

    Returns
    -------
    pandas.DataFrame of str
        One row a pair: the two combinations, their difference in slope, its standard error, interval, t,
        p and the p after Holm. ``attrs``: title, note.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> from si_research.model.slope_differences import slope_differences
    >>> fit = fit_interaction(simulate_scores(300, seed=1))
    >>> table = apa_slope_differences(fit, slope_differences(fit), "nl")
    >>> table.iloc[0, :2].to_list()
    ['willen hoog, mogen hoog', 'willen hoog, mogen laag']
    """
    labels = _labels(language, findings)
    speak = labels.voice
    rows = [
        (
            combination_in_words(found.points, row["first"], labels),
            combination_in_words(found.points, row["second"], labels),
            *_figures(labels, row),
            speak.p_value(row["p_holm"], bare=True),
        )
        for row in records(found.differences)
    ]
    points = "; ".join(
        f"{labels.of(str(row['term']))} {speak.listed([speak.number(row[end]) for end in ('low', 'high')])}"
        for row in records(found.points)
    )
    note = f"{about(labels, fit)} {df_of(labels, found.differences)} "
    note += speak.say("table_notes.apa_slope_differences", points=points)
    columns, term = ("first", "second", "difference", *FIGURES[1:], "p_holm"), labels.of(found.of)
    return _framed(labels, fit, "apa_slope_differences", columns, rows, words=(0, 1), note=note, term=term)


def apa_inference(
    fit: InteractionFit,
    comparison: InferenceComparison,
    language: str = "en",
    *,
    findings: StudyFindings | None = None,
) -> pd.DataFrame:
    """Return one coefficient under every method, with the one to read and why.

    Parameters
    ----------
    fit : InteractionFit
    comparison : InferenceComparison
        Of this fit.
    language, findings
        As for :func:`apa_regression`.

    Returns
    -------
    pandas.DataFrame of str
        Method (✓: the one to read), n, b, its standard error, interval, t, degrees of freedom, p. ``attrs``:
        title, note, in which every method without figures has its reason.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> from si_research.model.inference_comparison import compare_inference
    >>> fit = fit_interaction(simulate_scores(300, seed=1))
    >>> apa_inference(fit, compare_inference(fit, seed=1))["Method"].to_list()[-2:]
    ['HC3 ✓', 'HC4']
    """
    labels = _labels(language, findings)
    speak, rows, said = labels.voice, list[tuple[str, ...]](), [about(labels, fit)]
    for row in records(comparison.methods):
        name = method_in_words(row["method"], labels)
        b, se, interval, t, p = _figures(labels, row)
        n, df = speak.count(row["n_used"]), df_in_words(labels, row["df"])
        rows.append((name + (" ✓" if row["recommended"] else ""), n, b, se, interval, t, df, p))
    said += [sentence_case(f"{names}: {reason}.") for names, reason in reasons_in_words(comparison, labels)]
    recommended = method_in_words(comparison.recommended, labels)
    reason = speak.say(f"apa.reasons.{comparison.reason}")
    said.append(speak.say("table_notes.apa_inference", method=recommended, reason=reason))
    columns, term = ("method", "n", "b", "se", "ci", "t", "df", "p"), labels.term(comparison.term)
    return _framed(labels, fit, "apa_inference", columns, rows, note=" ".join(said), term=term)


def apa_joint(
    fit: InteractionFit, joint: JointTest, language: str = "en", *, findings: StudyFindings | None = None
) -> pd.DataFrame:
    """Return the test of all products together, by every method.

    Parameters
    ----------
    fit : InteractionFit
    joint : JointTest
        Of this fit.
    language, findings
        As for :func:`apa_regression`.

    Returns
    -------
    pandas.DataFrame of str
        Method (✓: the one to read), test with its degrees of freedom, p, ΔR². ``attrs``: title, note.

    Examples
    --------
    >>> from si_research import fit_interaction, joint_test, simulate_scores
    >>> fit = fit_interaction(simulate_scores(300, seed=1))
    >>> apa_joint(fit, joint_test(fit, seed=1)).iloc[0].to_list()
    ['Wald, HC3 ✓', 'F(4, 289) = 0.59', '.669', '.009']
    """
    labels = _labels(language, findings)
    speak, gain = labels.voice, labels.voice.bounded(joint.r2_gain, 3)
    rows = []
    for row in records(joint.tests):
        name = method_in_words(row["method"], labels) + (" ✓" if row["recommended"] else "")
        p = speak.p_value(row["p_value"], bare=True)
        rows.append((name, _test(labels, row), p, gain))
    said = [about(labels, fit), speak.say("table_notes.apa_joint", squares=squares_in_words(labels, fit))]
    untested = math.isnan(joint.p_value)
    if joint.n_draws and not untested:
        seed = str(joint.seed)
        said.append(speak.say("table_notes.apa_draws", draws=joint.n_draws, seed=seed))
    if untested:
        said.append(speak.say("apa.untested", needed=len(joint.terms) + 1))
    said.append(joint_note(joint, labels))
    columns = ("method", "test", "p", "r2_gain")
    return _framed(labels, fit, "apa_joint", columns, rows, words=(0, 1), note=" ".join(said).strip())


def _test(labels: Labels, row: dict[str, Any]) -> str:
    """Return ``F(4, 291) = 2.31``, or a Wald statistic that has no second degrees of freedom."""
    speak = labels.voice
    values = {"df": speak.whole(row["df"]), "value": speak.number(row["statistic"])}
    if pd.isna(row["df_residual"]):
        return speak.say("apa.wald", **values)
    return speak.say("apa.f_test", df_residual=df_in_words(labels, row["df_residual"]), **values)


def _labels(language: str, findings: StudyFindings | None) -> Labels:
    return Labels(voice(language)) if findings is None else labels_of(findings, language)


def _figures(labels: Labels, row: dict[str, Any]) -> tuple[str, str, str, str, str]:
    """Return b, its standard error, interval, t and p, with the decimals that the error needs."""
    speak = labels.voice
    return (
        estimate_of(labels, row),
        speak.number(row["std_error"], digits_for(row["std_error"], 2)),
        speak.say("numbers.none") if pd.isna(row["conf_low"]) else interval_of(labels, row),
        speak.number(row["statistic"]),
        speak.p_value(row["p_value"], bare=True),
    )


def _f(labels: Labels, value: float, df: float, df_residual: float) -> str:
    speak = labels.voice
    if pd.isna(value):
        return speak.number(value)
    values = {"df": speak.whole(df), "df_residual": df_in_words(labels, df_residual)}
    return speak.say("apa.f", value=speak.number(value), **values)


def _framed(
    labels: Labels,
    fit: InteractionFit | PooledInteraction,
    name: str,
    columns: Iterable[str],
    rows: Sequence[tuple[str, ...]],
    **values: Any,
) -> pd.DataFrame:
    level = labels.voice.level(fit.conf_level)
    heads = [labels.voice.say("columns.ci", level=level) if each == "ci" else each for each in columns]
    return _as_frame(make_table(name, heads, rows, labels=labels, **values))


def _as_frame(table: Table) -> pd.DataFrame:
    bare = replace(table, columns=tuple(plain(each) for each in table.columns))
    frame = bare.table().map(plain)
    frame.attrs = {"title": plain(table.caption), "note": plain(table.note)}
    return frame
