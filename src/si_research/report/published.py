"""What a publication leaves out, and how coarsely it tells what stays (decision 0017).

The page rounds numbers of people where they are written (:class:`~si_research.report.voice.Voice`). Here the
same is done for ``results.json``, the ledger and the pictures, for every number that is there: one that
nobody thought of is rounded too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from si_research.privacy.profiles import people_in_force, profile_in_force, told_people
from si_research.report.describe import records
from si_research.report.suppression import is_small

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings

LEFT_OUT_FIGURES: Final = frozenset(
    {"leave_one_firm_out", "missing_patterns", "person_mean", "agreement", "pooled"}
)
"""Pictures with a mark an organisation or a bar a pattern of answers, or of a section that is left out."""
LEFT_OUT_SECTIONS: Final = frozenset({"screening", "missing_answers", "ledger"})
"""Who answered carelessly, who left what open, and what each step of the cleaning changed."""
_LEFT_OUT_KEYS: Final = frozenset(
    {
        *("source", "cleaning", "screening", "screening_comparison", "missing_answers", "covariance"),
        *("firms", "small_firms_together", "bars", "diagnostics", "one_person_weighs"),
        *("aic", "bic", "bic_adjusted", "log_likelihood", "effective", "design_effect", "median", "largest"),
        *("smallest", "scaling_factor", "baseline_scaling_factor", "answers_as_given", "missing"),
    }
)
"""Keys of ``results.json``: of the file, of organisations one by one, and figures that tell n."""
_WHOLE: Final = frozenset(
    {
        *("version", "seed", "draws", "n_draws", "simex_draws", "n_items", "min_answered", "n_terms", "rank"),
        *("n_parameters", "n_folds", "n_levels", "conditions_necessary", "slopes_rising", "points", "merged"),
        *("tests_for_reinforcing", "positive", "negative", "supported", "at_least", "fewest_people"),
        *("n_imputations", "iterations", "out", "n_times", "columns"),
    }
)
"""Keys of whole numbers that are none of people."""
_DEGREES: Final = frozenset({"df", "df_residual", "robust_df_residual", "df_complete", "robust_df"})
_RATES: Final = frozenset({"share_kept", "share_best", "share_sufficient", "share_only", "share_between"})
"""Shares that are none of people."""
_COARSER: Final = ("r2", "f2", "rmsea", "pomp", "variance")
"""In keys of figures that tell n beside a test: two digits of these are too few for that."""
_UNITS: Final = ("firm", "cluster", "group")
"""In keys of numbers of organisations, which are none of people."""
_NUMBER: Final = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")
_PLACES: Final = re.compile(r'\b(d|x|y|points|width|height)="([^"]*)"')


def published_json(content: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Return the content of ``results.json`` as everybody may have it.

    Parameters
    ----------
    content : Mapping
        Of plain values.
    names : frozenset of str
        Scales and items: numbers under such a key are values and marks, and not people.

    Returns
    -------
    dict
        Without what tells of single organisations, of cleaning and of the file; numbers of people rounded,
        shares in steps, figures to three digits, and no degrees of freedom of a residual.
    """
    return {key: _published(value, key, names) for key, value in content.items() if key not in _LEFT_OUT_KEYS}


def _published(value: Any, key: str, names: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        return published_json(value, names)
    if isinstance(value, list):
        return [_published(each, key, names) for each in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return _number(value, key, names)


def _number(value: float, key: str, names: frozenset[str]) -> float | int | None:
    if key in _DEGREES:
        return None
    if key in _WHOLE and value == int(value):
        return value
    if key in names and isinstance(value, int) and abs(value) <= 1:
        return value
    counts = key == "n" or key.startswith("n_")
    if key not in _WHOLE and (isinstance(value, int) or counts):
        few = is_small(value) and (value > 0 or counts)  # a gap beside a 0 would say that there are a few
        of_people = not any(word in key for word in _UNITS)
        return None if few else told_people(value) if of_people else profile_in_force().rounded(value)
    if (key.startswith("share") and key not in _RATES) or key == "height":
        step = profile_in_force().share_step(people_in_force())
        return round(round(value / step) * step, 2)
    return coarse_figure(value, 2 if any(part in key for part in _COARSER) else 3)


def coarse_figure(value: float, digits: int = 3) -> float:
    """Return a figure to so many decimals below 1, and so many digits above.

    Examples
    --------
    >>> coarse_figure(0.123456), coarse_figure(3.14159), coarse_figure(1234.5), coarse_figure(0.000456)
    (0.123, 3.14, 1230.0, 0.0)
    """
    if not math.isfinite(value) or value == 0:
        return value
    before = max(math.floor(math.log10(abs(value))) + 1, 0)
    return round(value, digits - before)


def published_ledger(findings: StudyFindings) -> pd.DataFrame:
    """Return the steps of the cleaning by name, without a rule, a count or a value.

    Returns
    -------
    pandas.DataFrame
        place, step, changed ("yes", or empty for few cells and none alike).
    """
    rows = [
        (place, row["step"], _changed(int(row["cells_changed"])))
        for place, row in enumerate(records(findings.ledger.steps), start=1)
    ]
    return pd.DataFrame(rows, columns=["place", "step", "changed"])


def _changed(n_cells: int) -> str:
    return "" if is_small(n_cells) else "yes"


def coarse_svg(svg: bytes) -> bytes:
    """Return a picture whose places are told to a tenth of a point: no bar gives its number away.

    Examples
    --------
    >>> coarse_svg(b'<path d="M 12.345678 3.05 L 1 2" transform="scale(0.015625)"/>')
    b'<path d="M 12.3 3.0 L 1 2" transform="scale(0.015625)"/>'
    """

    def shorter(found: re.Match[str]) -> str:
        told = _NUMBER.sub(lambda number: f"{float(number[0]):.1f}", found[2])
        return f'{found[1]}="{told}"'

    return _PLACES.sub(shorter, svg.decode("utf-8")).encode("utf-8")


def ledger_text(findings: StudyFindings) -> bytes:
    """Return the ledger of a publication as it is written."""
    return published_ledger(findings).to_csv(index=False, lineterminator="\n").encode("utf-8")
