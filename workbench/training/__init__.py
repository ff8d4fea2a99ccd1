"""Examples → adapter: supervised and preference steps, the plan, the run."""
