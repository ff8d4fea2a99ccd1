"""The disk: atomic files, strict input, runs, records, checkpoints."""
