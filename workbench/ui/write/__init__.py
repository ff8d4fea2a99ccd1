"""Write: a poem in a form, line by line, with a person."""
