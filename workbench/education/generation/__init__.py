"""A model writes education: inputs, questions, answers on disk, within a budget."""
