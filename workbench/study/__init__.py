"""A study: does choosing teach? A plan written down before, its runs, and one table."""
