"""Description → nll, gain, leaks, specificity, heat-map."""
