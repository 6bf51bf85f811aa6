"""Fuzzy-set configurations: which combinations of conditions go with the outcome, and which are needed."""
