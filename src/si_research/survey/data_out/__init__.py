"""Cleaned data on their way out: with labels, and with the reason of every answer that is missing."""

from si_research.survey.data_out.cleaned import CleanedFiles, write_cleaned

__all__ = ["CleanedFiles", "write_cleaned"]
