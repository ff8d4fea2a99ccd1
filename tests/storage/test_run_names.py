"""Names of runs."""

import re

import pytest

from workbench.storage.run_names import checked_name, free_name, new_name


@pytest.mark.parametrize("name", ["a", "0", "a.b_c-d", "a..b", "a" * 64])
def test_a_plain_name_is_taken(name):
    assert checked_name(name) == name


def test_new_names_are_names():
    names = {new_name(seed) for seed in range(300)}
    assert len(names) > 280
    for name in names:
        assert re.fullmatch(r"[a-z]+-[a-z]+-\d{4}", checked_name(name))


def test_a_free_name_is_free(tmp_path):
    assert not (tmp_path / free_name(tmp_path)).exists()
