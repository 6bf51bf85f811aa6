"""A questionnaire to field, with the codebook that reads what comes back."""

from si_research.survey.questionnaire.codebook import codebook_of_questionnaire, write_questionnaire
from si_research.survey.questionnaire.questionnaire import Questionnaire, starter_questionnaire

__all__ = ["Questionnaire", "codebook_of_questionnaire", "starter_questionnaire", "write_questionnaire"]
