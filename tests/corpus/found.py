"""Poems as they are found in files, and how the tests read them."""

from workbench.corpus.load import load_poems

GATE = "The gate forgot its latch at noon,\nthe nettles kept it in a week."
SHED = "A shed keeps rakes and keeps the dark,\none window full of last year's wasps."


def read(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return load_poems(path)


def said(poems):
    return [(poem.title, poem.text) for poem in poems]


def quoted(text):
    return '"' + text.replace('"', '""') + '"'
