"""Poems in: read, checked, without duplicates, split."""
