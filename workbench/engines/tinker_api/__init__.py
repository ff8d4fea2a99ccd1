"""A Tinker server as sampler, scorer and learner: LoRA over an open model whose weights are there, not here."""
