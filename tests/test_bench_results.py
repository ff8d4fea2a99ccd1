"""What the benches left behind: every file of figures says on which machine and at which commit."""

import json

from workbench.places import ROOT

FILES = sorted((ROOT / "bench" / "results").glob("*.json"))


def test_figures_name_their_machine_and_commit():
    assert len(FILES) > 10
    told = {file.name: json.loads(file.read_text("utf-8")).keys() for file in FILES}
    assert {name for name, keys in told.items() if "commit" not in keys or not keys & {"machine", "card"}} == set(), (
        'run the bench anew, or write "not recorded" where nobody knows'
    )
