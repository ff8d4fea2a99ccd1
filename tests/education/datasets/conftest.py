"""What tests of datasets prepare."""

import pytest

from tests.education.datasets.forty_poems import N_POEMS, all_but_empty_pass, poem, rows_of_tasks, write
from workbench.education.datasets.dataset import PrepareSettings
from workbench.education.rows import write_rows
from workbench.education.tasks import TASK_FIELDS


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Forty poems and a twin in rows of six tasks. Gates have their own tests; here every row but empty ones passes."""
    monkeypatch.setattr("workbench.education.datasets.dataset.judge_rows", all_but_empty_pass)
    (tmp_path / "good").mkdir()
    (tmp_path / "bad").mkdir()
    poems = [{"title": f"P{n}", "poem": poem(n)} for n in range(N_POEMS)]
    poems.append({"title": "Twin", "poem": poem(0).replace("more", "less")})
    write(tmp_path / "good" / "poems.jsonl", poems)
    write(tmp_path / "bad" / "poems.jsonl", [{"title": "Hearts", "poem": "My heart is a door\nthat closes."}])
    (tmp_path / "rows").mkdir()
    for task, rows in rows_of_tasks().items():
        write_rows(tmp_path / "rows" / f"{task}.jsonl", rows, TASK_FIELDS[task])
    return PrepareSettings(
        rows=(str(tmp_path / "rows"),), poems=str(tmp_path), out=str(tmp_path / "prepared"), min_samples=4
    )
