"""Cleaning by declared rules: each step a row in the ledger, also when it changes nothing.

The order is fixed: rows that the survey tool marks, consent, duplicates, out of range, selections (who
belongs to the study), unfinished
(who of those did not answer enough). Rules are data; nothing in a study file is evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from si_research.survey.cleaning_steps import apply_step
from si_research.survey.codebook import Codebook, Part
from si_research.survey.ledger import Parameters
from si_research.survey.listed_values import value_in_survey
from si_research.survey.survey_data import Survey

DuplicateRule = Literal[
    "keep_latest_complete", "keep_most_complete", "keep_first", "keep_last", "keep_all", "refuse"
]
SystemRow = Literal["preview", "test", "spam", "unknown"]


class Unfinished(Part):
    """Who did not answer enough to take part."""

    drop: bool = True
    """Whether they are left out."""
    minimum_share_answered: float = Field(default=0.5, ge=0, le=1)
    """Share of the scale items that were asked and must be answered."""
    completed_values: tuple[str, ...] = ()
    """Values of the variable with the role `completed` that mean finished."""
    finished_only: bool = False
    """Whether to leave out who did not send the questionnaire in, by the survey tool's own account."""


class SystemRows(Part):
    """Rows of a survey tool that are no answer of a respondent, or one answer stored more than once."""

    drop: tuple[SystemRow, ...] = ("preview", "test", "spam")
    """Kinds that leave; `unknown` is a status that this toolkit does not know."""
    downloads: Literal["keep_latest_complete", "keep_all"] = "keep_latest_complete"
    """Which copy stays of a response that overlapping downloads hold more than once."""
    response_within: Literal["survey", "file"] | None = None
    """Where the number of a response stands for one: over all files, or only within its file; by default what
    the files themselves show."""


class Consent(Part):
    """Who agreed to take part."""

    variable: str
    """Item or variable of the codebook that asked for it."""
    given: tuple[str, ...] = Field(min_length=1)
    """Values that mean yes; whoever answered otherwise, or not at all, leaves."""


class Selection(Part):
    """Who belongs to the study, by one variable."""

    variable: str
    """Item or variable of the codebook."""
    keep: tuple[str, ...] = ()
    """Values that stay; all others leave."""
    drop: tuple[str, ...] = ()
    """Values that leave; all others stay."""
    at_least: float | None = None
    """Lowest number that stays."""
    at_most: float | None = None
    """Highest number that stays."""
    reason: str
    """Why, in words for the report."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        lists = bool(self.keep) + bool(self.drop)
        has_bounds = self.at_least is not None or self.at_most is not None
        if lists + has_bounds != 1:
            raise ValueError("one of keep, drop, or at_least and at_most")
        return self


class CleaningRules(Part):
    """The `cleaning:` part of a study file.

    Examples
    --------
    >>> rules = CleaningRules(
    ...     select=(Selection(variable="employed", keep=("1",), reason="only people with a job"),)
    ... )
    >>> rules.duplicates, rules.unfinished.minimum_share_answered
    ('keep_latest_complete', 0.5)
    """

    system_rows: SystemRows = SystemRows()
    """What to do with previews, tests and responses stored twice, where a survey tool marks them."""
    consent: Consent | None = None
    """Who agreed to take part, where the questionnaire asked."""
    duplicates: DuplicateRule = "keep_latest_complete"
    """Which row of one respondent (in one wave) stays: by default a finished one, the latest, the fullest."""
    respondent_within: Literal["survey", "organisation", "file"] | None = None
    """Where a respondent's number stands for one person: in the whole survey, the firm or the file."""
    identical_rows: Literal["keep", "drop"] = "keep"
    """What to do with wholly identical rows where no respondent is named; two people may agree."""
    unfinished: Unfinished = Unfinished()
    """Who did not answer enough."""
    out_of_range: Literal["missing", "refuse"] = "missing"
    """What to do with numbers outside their response format or range."""
    select: tuple[Selection, ...] = ()
    """Who belongs to the study; each selection is a step."""


def clean_survey(survey: Survey, codebook: Codebook, rules: CleaningRules | None = None) -> Survey:
    """Apply the cleaning rules of a study, and record each in the ledger.

    Call it once, after :func:`read_survey` and before :func:`score_scales`. It repairs nothing
    and fills in nothing: rows leave, or numbers that cannot be answers become missing.

    Parameters
    ----------
    survey : Survey
        Answers as read.
    codebook : Codebook
        The codebook they were read with.
    rules : CleaningRules, optional
        The `cleaning:` part of the study file; the defaults are careful.

    Returns
    -------
    Survey
        Rows keep their number in the file.

    Raises
    ------
    SurveyDataError
        A rule says `refuse` and there is something to refuse, a selection names an unknown
        variable, or nobody is left.

    Notes
    -----
    A respondent counts once a wave; a row without a respondent (or wave) is never a duplicate. Numbers
    that occur in several firms, and a number that very many rows share, are refused until
    ``respondent_within`` or ``duplicates: keep_all`` says what they are.
    Unfinished is who left items unanswered: *weet niet*, *n.v.t.* and refusals were answered, and
    items that were not asked or routed past do not count, nor do scales and items with
    ``confirm: false``. Whoever lacks the selection variable
    leaves, counted apart.
    """
    rules = rules or CleaningRules()
    if survey.responses is not None:
        marked = rules.system_rows.model_dump(mode="json")
        survey = apply_step(survey, "system_rows", "marked so by the survey tool", marked)
    for step, reason, parameters in _steps(codebook, rules):
        survey = apply_step(survey, step, reason, parameters)
    return survey


def _steps(codebook: Codebook, rules: CleaningRules) -> Iterator[tuple[str, str, Parameters]]:
    """Give every step with its reason and with parameters that need no codebook any more."""
    if rules.consent is not None:
        agreed = Selection(variable=rules.consent.variable, keep=rules.consent.given, reason="consent")
        yield "consent", "only who agreed to take part", _selection(codebook, agreed)
    yield (
        "duplicates",
        "a respondent counts once",
        {
            "keep": rules.duplicates,
            "identical_rows": rules.identical_rows,
            "respondent": codebook.variable_of_role("respondent"),
            "wave": codebook.variable_of_role("wave"),
            "organisation": codebook.variable_of_role("organisation"),
            "respondent_within": rules.respondent_within,
        },
    )
    yield (
        "out_of_range",
        "no answer that could be given",
        {
            "ranges": {name: _range(codebook, name) for name in _numeric(codebook)},
            "action": rules.out_of_range,
        },
    )
    for selection in rules.select:
        yield "selection", selection.reason, _selection(codebook, selection)
    yield (
        "unfinished",
        "too few answers to be scored",
        {
            **rules.unfinished.model_dump(mode="json"),
            "items": list(scale_columns(codebook)),
            "completed": codebook.variable_of_role("completed"),
        },
    )


def scale_columns(codebook: Codebook) -> tuple[str, ...]:
    """Return the items and ready-made scores of all scales, each once, without proposals left open."""
    decided = (scale for scale in codebook.scales.values() if scale.confirm)
    parts = (scale.items or ((scale.score,) if scale.score else ()) for scale in decided)
    return tuple(dict.fromkeys(name for part in parts for name in part if codebook.is_decided(name)))


def _numeric(codebook: Codebook) -> tuple[str, ...]:
    numbers = (name for name in codebook.used_names if name not in codebook.items)
    return (*codebook.items, *(name for name in numbers if codebook.variable(name).kind == "number"))


def _range(codebook: Codebook, name: str) -> dict[str, Any]:
    """Return which numbers are possible: the values of closed answers, or two ends."""
    if name in codebook.items:
        form = codebook.format_of(name)
        if form.options:
            return {"values": list(form.values)}
        return {"lowest": form.lowest, "highest": form.highest, "whole": form.whole}
    variable = codebook.variable(name)
    return {"lowest": variable.lowest, "highest": variable.highest, "whole": False}


def _selection(codebook: Codebook, selection: Selection) -> Parameters:
    """Return a selection in the values of the file: a word of the report stands for its value."""
    name = selection.variable
    listed = {
        key: [value_in_survey(codebook, name, value) for value in getattr(selection, key)]
        for key in ("keep", "drop")
    }
    return {
        "variable": name,
        **{key: values for key, values in listed.items() if values},
        **{key: bound for key in ("at_least", "at_most") if (bound := getattr(selection, key)) is not None},
    }
