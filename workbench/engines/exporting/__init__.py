"""Merging, quantizing and measuring model files; each heavy step in a child process of its own."""
