"""What a generated or written row must pass: form, claims about sound, quotations, the mentor's voice."""
