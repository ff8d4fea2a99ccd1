"""The Studio tab."""
