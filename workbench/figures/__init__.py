"""Figures for notebooks, reports and the app: one look, one set of functions, drawn by plotly."""
