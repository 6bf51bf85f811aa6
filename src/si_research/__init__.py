"""si_research: do people innovate when they kunnen, willen and mogen?

The public names of the toolkit, in the order in which a study uses them. Each is imported when it
is first used, so that ``import si_research`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from si_research.constructs import CONDITIONS, CONSTRUCTS
    from si_research.errors import SiResearchError
    from si_research.measurement.reliability import cronbach_alpha
    from si_research.model.corners import corner_comparison
    from si_research.model.interaction import fit_interaction
    from si_research.model.joint import joint_test
    from si_research.model.probing import simple_slopes
    from si_research.report.plots import (
        plot_coefficients,
        plot_corners,
        plot_distributions,
        plot_slopes,
    )
    from si_research.report.words import sentence
    from si_research.simulation.example import write_example
    from si_research.simulation.worlds import World, simulate_scores, simulate_survey
    from si_research.study.check import check_study
    from si_research.study.new import new_study
    from si_research.study.run import run_study
    from si_research.study.study_file import read_study
    from si_research.survey.cleaning import CleaningRules, clean_survey
    from si_research.survey.codebook import Codebook
    from si_research.survey.codebook_file import read_codebook
    from si_research.survey.data_out import write_cleaned
    from si_research.survey.direction import check_direction
    from si_research.survey.drafting import draft_codebook
    from si_research.survey.keying import keyed_items
    from si_research.survey.ledger import read_ledger
    from si_research.survey.reading import read_survey
    from si_research.survey.replay import replay
    from si_research.survey.scoring import pomp, score_scales
    from si_research.survey.screening.cut_offs import ScreeningRules
    from si_research.survey.screening.drop import drop_careless
    from si_research.survey.screening.flags import flag_careless
    from si_research.survey.waves.names import find_waves
    from si_research.survey.waves.shape import long_to_wide, wide_to_long

_HOMES = {
    "constructs": ("CONDITIONS", "CONSTRUCTS"),
    "errors": ("SiResearchError",),
    "survey.codebook": ("Codebook",),
    "survey.codebook_file": ("read_codebook",),
    "survey.data_out": ("write_cleaned",),
    "survey.reading": ("read_survey",),
    "survey.cleaning": ("CleaningRules", "clean_survey"),
    "survey.ledger": ("read_ledger",),
    "survey.replay": ("replay",),
    "survey.screening.cut_offs": ("ScreeningRules",),
    "survey.screening.drop": ("drop_careless",),
    "survey.screening.flags": ("flag_careless",),
    "survey.direction": ("check_direction",),
    "survey.drafting": ("draft_codebook",),
    "survey.keying": ("keyed_items",),
    "survey.scoring": ("pomp", "score_scales"),
    "survey.waves.names": ("find_waves",),
    "survey.waves.shape": ("long_to_wide", "wide_to_long"),
    "measurement.reliability": ("cronbach_alpha",),
    "model.interaction": ("fit_interaction",),
    "model.joint": ("joint_test",),
    "model.corners": ("corner_comparison",),
    "model.probing": ("simple_slopes",),
    "report.plots": ("plot_coefficients", "plot_corners", "plot_distributions", "plot_slopes"),
    "report.words": ("sentence",),
    "simulation.worlds": ("World", "simulate_scores", "simulate_survey"),
    "simulation.example": ("write_example",),
    "study.check": ("check_study",),
    "study.new": ("new_study",),
    "study.run": ("run_study",),
    "study.study_file": ("read_study",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # noqa: RUF022  (in the order of a study, not of the alphabet)
    "CONDITIONS",
    "CONSTRUCTS",
    "SiResearchError",
    "Codebook",
    "read_codebook",
    "draft_codebook",
    "read_survey",
    "CleaningRules",
    "clean_survey",
    "write_cleaned",
    "read_ledger",
    "replay",
    "ScreeningRules",
    "flag_careless",
    "drop_careless",
    "find_waves",
    "wide_to_long",
    "long_to_wide",
    "check_direction",
    "keyed_items",
    "pomp",
    "score_scales",
    "cronbach_alpha",
    "fit_interaction",
    "joint_test",
    "corner_comparison",
    "simple_slopes",
    "plot_coefficients",
    "plot_corners",
    "plot_distributions",
    "plot_slopes",
    "sentence",
    "World",
    "simulate_scores",
    "simulate_survey",
    "write_example",
    "check_study",
    "new_study",
    "read_study",
    "run_study",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("si-research")
    if name not in _HOME_OF:
        raise AttributeError(f"si_research has no {name!r}; see si_research.__all__")
    return getattr(import_module(f"si_research.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
