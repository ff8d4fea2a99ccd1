"""Rows that passed the gates, split by poem and made into examples, with a card of the data."""
