"""A poem by our own server: the same plan, asked line by line over HTTP, the form check as judge."""

from contextlib import closing

import pytest

from workbench.prosody import check_form
from workbench.writing.run import open_writer
from workbench.writing.wishes import Wishes, WriteJob

pytestmark = pytest.mark.model


def test_a_line_is_asked_of_an_endpoint_and_the_record_says_whether_it_fits(served, tmp_path):
    own = {0: "The rope is still wet.", 1: "Nobody waves from the gate."}
    wishes = Wishes(subject="a ferry in fog", form="haiku", lines=own)
    with closing(open_writer(WriteJob(poet=f"{served.url}/v1#poet", poems=str(tmp_path)))) as poet:
        poem = poet.write(wishes)
    lines = poem.text.split("\n")
    assert lines[:2] == list(own.values())
    assert len(lines) == 3
    assert poem.is_enforced == (not poem.notes)
    assert poem.is_kept == (check_form(poem.text, "haiku").faults == ())
