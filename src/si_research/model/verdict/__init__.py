"""The verdict: which reading of "only the combination" the evidence supports, and what would settle it."""
