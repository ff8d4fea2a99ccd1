"""The Improve tab."""
