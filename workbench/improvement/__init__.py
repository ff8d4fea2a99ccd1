"""The self-improving loop over backtranslation, scoring, selection, training and evaluation."""
