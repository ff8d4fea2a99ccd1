"""The sampler over llama.cpp: many sequences at once on one context with one owner thread."""
