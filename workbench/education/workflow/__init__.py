"""`educate run`: gates, generation, three fine-tunings, evaluation and publication, each step resumable."""
