"""The Candidates tab."""
