"""Text file → messages → token ids: templates, roles, renderers, tokenizer."""
