"""Missing answers: why they are missing, together with which others, and what that does to the scores."""
