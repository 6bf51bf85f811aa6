"""Does the tested product hang on taking the outcome as evenly spaced?"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import check_number
from si_research.model.design import INTERCEPT, design_matrix
from si_research.model.fit_notes import FEW_CLUSTERS
from si_research.model.inference import COLUMNS, Array, coefficient_table, linear_combinations
from si_research.model.interaction import InteractionFit, check_one_table, regress
from si_research.model.proportional_odds import Whole, proportional_odds

AS_IT_IS, RESCALED, ORDINAL = "as it is", "logit-rescaled", "ordinal"
MOST_LEVELS: Final = 10
DIGITS: Final = 9


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeSensitivity:
    """The tested product under three views of the outcome. Made by :func:`outcome_sensitivity`.

    Attributes
    ----------
    term : str
    outcomes : pandas.DataFrame, indexed by ``outcome``
        ``as it is``, ``logit-rescaled`` (log odds of the range), ``ordinal`` (log odds of a higher level);
        each in its own unit: estimate, std_error, statistic, df (infinite for z), p_value, conf_low,
        conf_high, n_used, method, note. ``not_converged`` where the search found no top, ``one_level`` where
        grouping left fewer than two, ``only_for_many_firms`` (no p and no interval) with fewer than 10.
    agreement : str
        ``agree`` (all reject, with one sign), ``agree_on_nothing`` (none rejects), ``conclusion_differs``
        (one sign, some reject), ``sign_differs`` (some reject, and the signs differ), ``not_all`` (a view
        gives no p).
    lowest, highest, offset : float
        Ends of the outcome, and what keeps the log odds finite at them.
    n_levels : int
        Ordered levels of the ordinal view.
    grouped : bool
        Whether scores were grouped into these levels, at deciles.
    conf_level : float
        Of the intervals; one less it is the level of the tests.
    """

    term: str
    outcomes: pd.DataFrame = field(repr=False)
    agreement: str
    lowest: float
    highest: float
    offset: float
    n_levels: int
    grouped: bool
    conf_level: float

    def table(self) -> pd.DataFrame:
        """Return a copy of the rows."""
        return self.outcomes.copy()

    def _head(self) -> str:
        levels = f"{self.n_levels} {'grouped ' if self.grouped else ''}levels"
        return f"{self.term} by outcome from {self.lowest:g} to {self.highest:g}, {levels}: {self.agreement}"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.outcomes.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.outcomes.round(3).to_html()}"


def outcome_sensitivity(
    fit: InteractionFit, *, lowest: float, highest: float, step: float | None = None
) -> OutcomeSensitivity:
    """Return the highest product with the outcome as it is, with its ends stretched, and as ordered levels.

    Use it when a conclusion rests on a product: a product that comes or goes as the outcome is stretched
    tells of the yardstick as much as of people.

    Parameters
    ----------
    fit : InteractionFit
    lowest, highest : float
        The possible ends of the outcome.
    step : float, optional
        Distance between neighbouring scores; by default the median distance between scores that occur.

    Returns
    -------
    OutcomeSensitivity

    Raises
    ------
    ModelSpecificationError
        For a pooled fit, ends that are turned round or that scores lie beyond, or a step that is not above 0.

    Notes
    -----
    Logit-rescaled: log((y - lowest + d)/(highest - y + d)), d half a step and at least the range/(2n), with
    the fit's own method. Ordinal: logit P(level <= j) = threshold - x'b on the scores that occur, grouped at
    deciles where there are more than 10; z, with firms or weights robust over firms (CR1, t(G - 1), which
    with few firms rejects too often, and gives no p with fewer than 10) or over people. A product with the
    same sign in the outcome as it is may vanish on another scale when the lines do not cross; crossing lines
    stay.

    References
    ----------
    Loftus (1978), https://doi.org/10.3758/BF03197461; McCullagh (1980),
    https://doi.org/10.1111/j.2517-6161.1980.tb01109.x; Liddell & Kruschke (2018),
    https://doi.org/10.1016/j.jesp.2018.08.009.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> scores = simulate_scores(1000, three_way=0.4, seed=1)
    >>> scores["innovative_behaviour"] = scores["innovative_behaviour"].clip(1, 5).round()
    >>> found = outcome_sensitivity(fit_interaction(scores), lowest=1, highest=5)
    >>> found.agreement, found.n_levels, found.offset
    ('agree', 5, 0.5)
    """
    check_one_table(fit, "outcome_sensitivity")
    y = fit.rows[fit.outcome].to_numpy(dtype="float64")
    _check_ends(y, lowest, highest, step)
    scores = np.unique(y.round(DIGITS))
    usual = float(np.median(np.diff(scores))) if step is None else step
    offset = max(usual / 2, (highest - lowest) / (2 * len(y)))
    levels, grouped = ordered_levels(y)
    stretched = np.log((y - lowest + offset) / (highest - y + offset))
    rows = [
        {"outcome": AS_IT_IS, **_least_squares_row(fit, y)},
        {"outcome": RESCALED, **_least_squares_row(fit, stretched)},
        {"outcome": ORDINAL, **_ordinal_row(fit, levels)},
    ]
    table = pd.DataFrame(rows).set_index("outcome").assign(n_used=len(y))
    return OutcomeSensitivity(
        term=fit.tested_term,
        outcomes=table[[*COLUMNS, "n_used", "method", "note"]],
        agreement=_agreement(table, 1 - fit.conf_level),
        lowest=lowest,
        highest=highest,
        offset=offset,
        n_levels=int(levels.max()) + 1,
        grouped=grouped,
        conf_level=fit.conf_level,
    )


def _check_ends(y: Array, lowest: float, highest: float, step: float | None) -> None:
    for name, value in (("lowest", lowest), ("highest", highest), ("step", 1.0 if step is None else step)):
        check_number(value, f"`{name}` of outcome_sensitivity")
    inside = -np.inf < lowest < highest < np.inf and lowest - 1e-9 <= y.min() and y.max() <= highest + 1e-9
    if not inside or (step is not None and not 0 < step < np.inf):
        raise ModelSpecificationError(
            expected="the lowest and highest possible score of the outcome, with all scores between them",
            found=f"{lowest:g} and {highest:g}" + ("" if inside else ", which do not hold all scores"),
            where="`lowest`, `highest` or `step` of outcome_sensitivity",
            todo="give the ends of the response format in scale points, and a step above 0",
        )


def ordered_levels(y: Array) -> tuple[Whole, bool]:
    """Return the level of each score, from 0, and whether scores were grouped, at deciles."""
    scores, places = np.unique(y.round(DIGITS), return_inverse=True)
    if len(scores) <= MOST_LEVELS:
        return places, False
    deciles = np.unique(np.quantile(y, np.arange(1, MOST_LEVELS) / MOST_LEVELS))
    return np.unique(np.searchsorted(deciles, y, side="right"), return_inverse=True)[1], True


def _least_squares_row(fit: InteractionFit, outcome: Array) -> dict[str, object]:
    model = regress(fit.rows.assign(**{fit.outcome: outcome}), fit.roles)
    table = coefficient_table(model, fit.method, fit.conf_level)
    figures = {column: float(table[column][fit.tested_term]) for column in COLUMNS}
    return {**figures, "method": fit.method, "note": ""}


def _ordinal_row(fit: InteractionFit, levels: Whole) -> dict[str, object]:
    design = design_matrix(fit.rows, fit.roles).drop(columns=INTERCEPT)
    firms = None if fit.cluster is None else pd.factorize(fit.rows[fit.cluster], sort=True)[0]
    weights = None if fit.weight is None else fit.rows[fit.weight].to_numpy(dtype="float64")
    method = "CR1" if firms is not None else "information" if weights is None else "HC1"
    if levels.max() < 1:
        return {**dict.fromkeys(COLUMNS, np.nan), "method": method, "note": "one_level"}
    found = proportional_odds(design.to_numpy(dtype="float64"), levels, clusters=firms, weights=weights)
    place = np.eye(design.shape[1])[[list(design.columns).index(fit.tested_term)]]
    df = np.inf if firms is None else float(firms.max())
    table = linear_combinations(
        place, [fit.tested_term], found.estimate, found.covariance, df=df, conf_level=fit.conf_level
    )
    figures = {column: float(table[column].iloc[0]) for column in COLUMNS}
    note = "" if found.converged else "not_converged"
    if found.converged and firms is not None and firms.max() + 1 < FEW_CLUSTERS:
        figures |= dict.fromkeys(("p_value", "conf_low", "conf_high"), np.nan)
        note = "only_for_many_firms"
    return {**figures, "method": method, "note": note}


def _agreement(table: pd.DataFrame, alpha: float) -> str:
    if table["p_value"].isna().any():
        return "not_all"
    rejected = table["p_value"] < alpha
    if not rejected.any():
        return "agree_on_nothing"
    if np.sign(table["estimate"]).nunique() > 1:
        return "sign_differs"
    return "agree" if rejected.all() else "conclusion_differs"
