"""The learner: LoRA on any checkpoint in torch, scoring and training the same weights."""
