"""Adapter → GGUF, with a passport that proves it is what was trained, and a Modelfile."""
