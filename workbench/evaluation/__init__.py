"""Evaluation: what changed on poems that were never trained on."""
