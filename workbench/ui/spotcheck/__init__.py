"""The Spot-check tab."""
