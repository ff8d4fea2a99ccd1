"""What a reviewer sees in the spot-check: the next item without its score. `verdicts.py` says what comes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from workbench.errors import WorkbenchError
from workbench.selection.spotcheck import (
    Item,
    Pair,
    draw_items,
    draw_pairs,
    judge,
    judge_pair,
    order_for,
    read_pool,
)
from workbench.selection.verdicts import judged_by, pairs_judged_by, undo, undo_pair
from workbench.storage.records import RecordStore
from workbench.storage.runs import SITTING
from workbench.types import Choice, seed_for
from workbench.ui.folders import AppFolders
from workbench.ui.html import note_html, poem_html, prose_html

SINGLE, PAIRS = "one at a time", "pairs"
WHO = "Say who you are first, under “Reviewer”: verdicts are kept by name, and nobody is shown another person's."
SINCE = (
    "The run has chosen or refused {} more since you began. Yours stays the sample it was; another number under “How "
    "many to judge” draws anew from all of them."
)
_HEARD = {
    "approve": "You approved it.", "reject": "You rejected it.", "edit": "You edited it.", "skip": "You skipped it.",
    "a": "You preferred the left one.", "b": "You preferred the right one.", "tie": "A tie.", "both bad": "Both bad.",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Who reviews what, and how."""

    run: str
    reviewer: str
    mode: str = SINGLE
    n: int = 40

    @property
    def seed(self) -> int:
        """Of the sample: the same for everybody who reviews this run."""
        return seed_for(0, "spot-check", self.run)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is on the page."""

    key: str  # of the item that is shown; a verdict says which one it means
    item: str  # HTML
    progress: str
    text: str  # the description, to edit


def next_view(folders: AppFolders, review: Review) -> View:
    """The next item that this reviewer has not judged."""
    if not review.run:
        return View(key="", item=note_html("There is no run to check yet. Start one in Teach."), progress="", text="")
    if not review.reviewer:
        return View(key="", item=note_html(WHO), progress="", text="")
    try:
        with folders.records(review.run) as records:
            open_items, n_all = still_open(records, review)
            n_since = len(read_pool(records)) - len(_pool_of(records, review))
    except WorkbenchError as exc:
        return View(key="", item=note_html(str(exc), "bad"), progress="", text="")
    progress = _progress(n_all - len(open_items), n_all) + (note_html(SINCE.format(n_since)) if n_since else "")
    if not open_items:
        empty = "This run has not chosen any description yet; choose another run, or wait for it." if not n_all else (
            "All judged. Thank you. How often you agreed with the run is below, under “What the verdicts say”. Draw "
            "more above, change to the other way of judging, or ask a second reviewer."
        )  # fmt: skip
        return View(key="", item=note_html(empty, "good" if n_all else "note"), progress=progress, text="")
    first = open_items[0]
    text = first.candidate.text if isinstance(first, Item) else ""
    return View(key=key_of(first), item=_item_html(first), progress=progress, text=text)


def give(folders: AppFolders, review: Review, key: str, verdict: str, *, text: str = "", note: str = "") -> str:
    """Puts a verdict on the item shown on record. What the selection had said is told when the sitting ends.

    A key that is no longer that of the next item is a second press on the first one: it is passed over.
    """
    try:
        if not review.reviewer:
            return note_html(WHO, "bad")
        with folders.judging(review.run) as records:
            open_items, _ = still_open(records, review)
            if not open_items or key_of(open_items[0]) != key:
                return note_html("")
            first = open_items[0]
            _begin(records, review)
            if isinstance(first, Item) and verdict == "edit" and text.strip() == first.candidate.text.strip():
                return note_html("Change the text first; or press A, if it is good as it stands.", "bad")
            if isinstance(first, Pair):
                judge_pair(records, first, verdict, reviewer=review.reviewer, note=note.strip())
            else:
                judge(records, first, verdict, reviewer=review.reviewer, note=note.strip(),
                      edited_text=text if verdict == "edit" else "")  # fmt: skip
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return f'<p class="wb-note wb-reveal" role="status">{escape(_HEARD[verdict])}</p>'


def take_back(folders: AppFolders, review: Review) -> str:
    """Undoes the reviewer's last verdict."""
    try:
        with folders.judging(review.run) as records:
            done = (undo_pair if review.mode == PAIRS else undo)(records, review.reviewer)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return note_html("Taken back." if done else "There is nothing to take back.")


def key_of(item: Item | Pair) -> str:
    """What names an item."""
    return f"{item.a.candidate.id} {item.b.candidate.id}" if isinstance(item, Pair) else item.candidate.id


def still_open(records: RecordStore, review: Review) -> tuple[Sequence[Item | Pair], int]:
    """What is left to judge, in this reviewer's order, and how many there are in all."""
    pool = _pool_of(records, review)
    if review.mode == PAIRS:
        pairs = order_for(draw_pairs(pool, review.n, seed=review.seed), review.reviewer, seed=review.seed)
        done = pairs_judged_by(records, review.reviewer)
        return [p for p in pairs if frozenset((p.a.candidate.id, p.b.candidate.id)) not in done], len(pairs)
    items = order_for(draw_items(pool, review.n, seed=review.seed), review.reviewer, seed=review.seed)
    judged = judged_by(records, review.reviewer)
    return [item for item in items if item.candidate.id not in judged], len(items)


def _begin(records: RecordStore, review: Review) -> None:
    """Keeps how much the run had chosen at the first verdict: its sample stays while the run chooses more."""
    if _begun_at(records, review) is None:
        n_chosen = len(records.all(Choice, arm="top"))
        records.note(SITTING, reviewer=review.reviewer, mode=review.mode, n=review.n, n_chosen=n_chosen)


def _begun_at(records: RecordStore, review: Review) -> int | None:
    for _, _, data in records.events(SITTING):
        if (data["reviewer"], data["mode"], data["n"]) == (review.reviewer, review.mode, review.n):
            return int(data["n_chosen"])
    return None


def _pool_of(records: RecordStore, review: Review) -> list[Item]:
    """What the sample is drawn from: all that is chosen, or all that was when this sitting began."""
    chosen = {choice.candidate_id for choice in records.all(Choice, arm="top")[: _begun_at(records, review)]}
    return [item for item in read_pool(records) if item.candidate.id in chosen]


def _item_html(item: Item | Pair) -> str:
    if isinstance(item, Pair):
        sides = "".join(
            f'<div class="wb-card"><h3>{name}</h3>{prose_html(side.candidate.text)}</div>'
            for name, side in (("Left", item.a), ("Right", item.b))
        )
        poem = poem_html(item.a.poem.title, item.a.poem.text)
        return f'<div class="wb-two"><div class="wb-card">{poem}</div><div class="wb-sides">{sides}</div></div>'
    poem = poem_html(item.poem.title, item.poem.text)
    text = prose_html(item.candidate.text)
    return (
        f'<div class="wb-two"><div class="wb-card">{poem}</div>'
        f'<div class="wb-card"><h3>Would this description lead a poet to this poem?</h3>{text}</div></div>'
    )


def _progress(done: int, n: int) -> str:
    if not n:
        return ""
    return (
        f'<div class="wb-run-head wb-run"><progress max="{n}" value="{done}" aria-label="judged"></progress>'
        f'<span class="wb-count">{done} of {n} judged</span></div>'
    )
