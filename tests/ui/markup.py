"""What may be in a page of ours."""

import re

TAG = re.compile(r"<\s*/?\s*([a-z0-9]+)", re.IGNORECASE)
NAMES = (
    "section h1 h2 h3 h4 p a div span table caption thead tbody tr th td dl dt dd ul li article strong em small pre "
    "details summary progress figure figcaption svg line text g polyline hr q kbd br blockquote"
)
OURS = set(NAMES.split())


def is_ours(page):
    """Only elements that this app makes, no handler attribute, and no address that is a script."""
    assert {tag.lower() for tag in TAG.findall(page)} <= OURS
    inside = " ".join(re.findall(r"<[^>]*>", page))
    assert not re.search(r"href=\"?javascript", inside, re.IGNORECASE)
    names = re.sub(r'"[^"]*"', '""', inside)  # what stands in quotes is a value
    assert not re.search(r"\son\w+\s*=|srcdoc", names, re.IGNORECASE)
