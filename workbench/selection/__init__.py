"""Scores and verdicts → winners, their losers, examples; and whether a person agrees."""
