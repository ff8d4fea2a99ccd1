import pytest

from workbench.revision.alignment import align
from workbench.revision.draft_checks import judge
from workbench.revision.ledger import keeps_strongest, respond, responses_to
from workbench.revision.types import CritiqueItem, Draft

BEFORE = [
    "The rope is wet with rain.",
    "Nobody waves from the quay.",
    "The engine counts to seven.",
    "Its one idea is noon.",
]


def _item(first, last=0):
    return CritiqueItem(id="i", first_line=first, last_line=last or first, failure="padding", note="n", direction="d")


@pytest.mark.parametrize(("after", "item", "outcome", "evidence"), [
    ([BEFORE[0], "Nobody waves, though one hat lifts.", *BEFORE[2:]], _item(2), "done", "became line 2"),
    ([BEFORE[0], *BEFORE[2:]], _item(2), "done", "was cut"),
    ([BEFORE[0], "Nobody waves, though one hat lifts.", *BEFORE[2:]], _item(2, 3), "partly", "became line 2"),
    ([BEFORE[0], "Nobody waves from the quay!", *BEFORE[2:]], _item(2), "partly", "became line 2"),
    ([*BEFORE[1:], BEFORE[0]], _item(1), "partly", "moved to line 4"),
    ([*BEFORE[:2], "A gull decides.", *BEFORE[2:]], _item(2), "elsewhere", "A gull decides."),
    (BEFORE[:3], _item(3), "elsewhere", "was cut"),
    (["A bell, once.", *BEFORE], _item(4), "ignored", "stands as it stood"),
    (BEFORE, _item(1, 4), "ignored", "stands as it stood"),
])  # fmt: skip
def test_what_happened_at_the_lines_that_were_cited(after, item, outcome, evidence):
    response = respond(item, align(BEFORE, after))
    assert response.outcome == outcome
    assert evidence in response.evidence
    assert response.change_ids


def _critique(text):
    draft = Draft(id="d", number=0, title="T", text="\n".join(BEFORE), parent_id="", critique_id="", author="poet",
                  engine="e", prompt_digest="", seed=0)  # fmt: skip
    return judge(draft, text, form="", engine="e", prompt_digest="", seed=0)


def test_every_item_gets_its_response():
    critique = _critique("LINE 1 (padding): a. TRY: b.\nLINE 3 (padding): c. TRY: d.\nVERDICT revise: no")
    responses = responses_to(critique, align(BEFORE, BEFORE[1:]))
    assert [(one.item_id, one.outcome) for one in responses] == [
        (critique.items[0].id, "done"), (critique.items[1].id, "ignored")]  # fmt: skip


def test_the_strongest_line_is_kept_wherever_it_stands():
    critique = _critique("STRONGEST line 4: it holds.\nVERDICT revise: no")
    assert keeps_strongest(critique, align(BEFORE, [BEFORE[3], *BEFORE[:3]])) is True
    assert keeps_strongest(critique, align(BEFORE, BEFORE[:3])) is False
    assert keeps_strongest(_critique("VERDICT revise: no"), ()) is None
