"""What the changes did about a critique, and what a person decided about them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.revision.alignment import align
from workbench.revision.draft_checks import judge
from workbench.revision.ledger import apply_decisions, is_decided, keeps_strongest, respond, responses_to
from workbench.revision.types import CritiqueItem, Draft

BEFORE = [
    "The rope is wet with rain.",
    "Nobody waves from the quay.",
    "The engine counts to seven.",
    "Its one idea is noon.",
]
OLD_TEXT = "The rope is wet.\nNobody waves.\n\nThe engine counts\nits one idea."
AFTER = "A bell, once.\nThe rope is wet.\n\nNobody ever waves.\nThe engine counts"
_LINE = st.lists(st.from_regex(r"[a-z]{3,7}", fullmatch=True), min_size=2, max_size=5).map(" ".join)
_TEXT = st.lists(_LINE, min_size=1, max_size=8).map("\n".join)


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
    (["A bell, once.", *BEFORE], _item(4), "ignored", "is unchanged"),
    (BEFORE, _item(1, 4), "ignored", "is unchanged"),
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


def _changes(before=OLD_TEXT, after=AFTER):
    return align(_lines(before), _lines(after))


def _lines(text):
    return [line for line in text.split("\n") if line.strip()]


def _deciding(changes, decision, kinds=("edited", "new", "cut", "moved", "kept")):
    return tuple(replace(one, decision=decision) if one.kind in kinds else one for one in changes)


@given(_TEXT, _TEXT)
def test_accepting_everything_is_the_later_draft_and_rejecting_everything_the_earlier(before, after):
    changes = _changes(before, after)
    assert apply_decisions(before, after, _deciding(changes, "accepted")) == after
    assert apply_decisions(before, after, _deciding(changes, "rejected")) == before


def test_what_is_not_decided_stays_as_the_poet_wrote_it():
    assert apply_decisions(OLD_TEXT, AFTER, _changes()) == AFTER
    assert not is_decided(_changes())


@pytest.mark.parametrize(("kinds", "expected"), [
    (["new"], "The rope is wet.\n\nNobody ever waves.\nThe engine counts"),
    (["cut"], AFTER + "\nits one idea."),
    (["edited"], "A bell, once.\nThe rope is wet.\n\nNobody waves.\nThe engine counts"),
])  # fmt: skip
def test_one_kind_of_change_is_rejected_alone(kinds, expected):
    assert apply_decisions(OLD_TEXT, AFTER, _deciding(_changes(), "rejected", kinds)) == expected


def test_a_rejected_move_goes_back():
    before, after = (
        "the first line here\nsecond of the lot\nthird and last one",
        "third and last one\nthe first line here\nsecond of the lot",
    )
    changes = _changes(before, after)
    assert [one.kind for one in changes].count("moved") == 1
    again = (*_deciding(changes, "rejected", ["moved"]),)
    assert apply_decisions(before, after, again) == before


def test_an_edited_line_has_the_persons_words_and_an_emptied_one_goes():
    def edited(words):
        return tuple(replace(one, decision="edited", after=words) if one.kind == "new" else one for one in _changes())

    assert apply_decisions(OLD_TEXT, AFTER, edited("Two bells.")).startswith("Two bells.\nThe rope is wet.")
    assert apply_decisions(OLD_TEXT, AFTER, edited(" ")).startswith("The rope is wet.")


def test_a_rejected_line_that_began_a_stanza_leaves_the_stanza():
    before, after = "one rope is wet", "one rope is wet\n\na bell rings out\nnobody waves at all"
    changes = _changes(before, after)
    without = tuple(replace(one, decision="rejected") if "bell" in one.after else one for one in changes)
    assert apply_decisions(before, after, without) == "one rope is wet\n\nnobody waves at all"


def test_one_line_of_ones_own_leaves_the_stanzas_as_they_were():
    before = "a one\na two\na three\na four\n\nb one\nb two\nb three\nb four"
    after = "x quick\n\ny slow moon\ny river\n\nz end"
    changes = [replace(change, decision="rejected") for change in align(_full(before), _full(after), of=("p", "q"))]
    at = next(place for place, change in enumerate(changes) if change.before == "a two")
    changes[at] = replace(changes[at], decision="edited", after="mine")
    assert apply_decisions(before, after, changes) == before.replace("a two", "mine")


def _full(text):
    return [line for line in text.split("\n") if line]
