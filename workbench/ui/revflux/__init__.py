"""The RevFlux tab."""
