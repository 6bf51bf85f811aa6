"""Scheme evaluation: the design and its rung, and every estimate that it allows."""
