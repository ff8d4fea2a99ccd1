"""Poem → its best description of N, by the score of the loop, with the evidence for it."""
