"""A codebook proposed from the file itself: each proposal with its reason, open where people must decide."""

from si_research.survey.drafting.draft import draft_codebook
from si_research.survey.drafting.summary import describe_draft
from si_research.survey.drafting.unmeasured import unmeasured_constructs

__all__ = ["describe_draft", "draft_codebook", "unmeasured_constructs"]
