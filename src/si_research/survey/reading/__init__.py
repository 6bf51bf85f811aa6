"""Reading a survey file as it leaves the survey tool: one module a kind of file."""

from si_research.survey.reading.raw import read_raw
from si_research.survey.reading.read import read_survey

__all__ = ["read_raw", "read_survey"]
