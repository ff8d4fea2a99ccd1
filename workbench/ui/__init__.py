"""The app: one file a tab, all of them listed in `pages.py`; handlers are plain functions that call the phases."""
