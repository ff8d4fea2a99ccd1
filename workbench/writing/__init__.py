"""Verified writing: a form becomes a plan of lines, and only lines that keep their place in it are written."""
