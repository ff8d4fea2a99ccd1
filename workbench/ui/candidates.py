"""Candidates: a poem beside its descriptions, where each of two of them helped the model, what copies, who won.

The heat-map of a description marks each token by tint, thickness of the underline and a number.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from workbench.errors import WorkbenchError
from workbench.places import located, written
from workbench.scoring.heatmap import TokenHelp, token_helps, token_spans
from workbench.storage.records import RecordStore
from workbench.storage.runs import Run
from workbench.types import Candidate, Choice, Poem, Reason, ScoredCandidate
from workbench.ui.events import in_turn, on_input
from workbench.ui.folders import AppFolders
from workbench.ui.html import facts_html, html_area, link, note_html, poem_html, prose_html
from workbench.ui.poems import label_of

INTRODUCTION = (
    "<h1 class='wb-name'>What was tried</h1><p class='wb-note'>Every description that a run wrote of a poem, and word "
    "by word where it helped the model to predict the poem. Choose two to see them side by side.</p>"
)
FILTERS = ("all", "winners", "copies", "close calls", "unusable")
_STEPS = (0.05, 0.25, 0.75, 1.5)  # nats from which a token is shown as helped, in four degrees


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateView:
    """A candidate with all that the run knows about it."""

    candidate: Candidate
    score: ScoredCandidate | None
    choice: Choice | None

    def belongs_to(self, wanted: str) -> bool:
        """Whether it passes a filter; a close call was ranked and did not win."""
        choice, score = self.choice, self.score
        return {
            "winners": bool(choice and choice.is_winner),
            "copies": bool(score and score.is_leak),
            "close calls": bool(choice and choice.rank and not choice.is_winner),
            "unusable": bool(self.candidate.failure),
        }.get(wanted, True)

    @property
    def label(self) -> str:
        """It in a list: place, state, figure."""
        place = f"iteration {self.candidate.iteration}, no. {self.candidate.slot + 1}"
        if self.candidate.failure:
            return f"{place} · unusable: {self.candidate.failure}"
        out = f"says the {self.score.says}" if self.score and self.score.says else "copy"
        state = "★ winner" if self.belongs_to("winners") else out if self.belongs_to("copies") else ""
        score = self.score if self.score and not self.score.unscored else None
        figure = f"specificity {score.specificity:+.3f}" if score else "not scored"
        return " · ".join(filter(None, (place, state, figure)))


def build(folders: AppFolders, tab: Any) -> Any:
    """Lays the tab out; returns the list of runs."""
    import gradio as gr

    html_area(INTRODUCTION)
    with gr.Row():
        run = gr.Dropdown([], label="Run", allow_custom_value=True, elem_id="candidates-run")
        kept = gr.Dropdown(list(FILTERS), value="all", label="Only poems with", elem_id="candidates-filter")
        poem = gr.Dropdown([], label="Poem", allow_custom_value=True, elem_id="candidates-poem", scale=2)
    with gr.Row():
        first = gr.Dropdown([], label="Description A", allow_custom_value=True, elem_id="candidate-a")
        second = gr.Dropdown([], label="Beside it: description B", allow_custom_value=True, elem_id="candidate-b")
    shown = html_area(elem_id="candidates")
    address = gr.Textbox(label="Address of this view", interactive=False, buttons=["copy"], elem_id="address")

    def opened(shown_run: str | None, wanted: str, request: gr.Request) -> list[Any]:
        query = {} if shown_run else dict(request.query_params)
        names = folders.loops()
        if shown_run in names:  # opened before: the choice stays
            return [gr.Dropdown(names), gr.skip(), gr.skip(), gr.skip()]
        name = folders.newest(query.get("run", ""), names=names)
        return [gr.Dropdown(names, value=name or None), *choices(folders, name, wanted, query)]

    def turned(name: str, poem_id: str) -> list[Any]:
        return _two(folders, name, poem_id, {})

    def look(name: str, poem_id: str, a: str, b: str) -> tuple[str, str]:
        return view_html(folders, name, poem_id, a, b), address_of(name, a, b)

    shared, lists = in_turn("candidates"), [poem, first, second]
    view, filled = ([run, *lists], [shown, address]), (lambda name, only: choices(folders, name, only, {}))
    tab.select(opened, [run, kept], [run, *lists], **shared).then(look, *view, **shared)
    on_input([run, kept], filled, [run, kept], lists, **shared).then(look, *view, **shared)
    on_input([poem], turned, [run, poem], [first, second], **shared).then(look, *view, **shared)
    on_input([first, second], look, *view, **shared)
    address.change(None, address, address, js="(told) => new URL(told, location.href).href", api_visibility="private")
    return run


def choices(folders: AppFolders, name: str, wanted: str, query: Mapping[str, str]) -> list[Any]:
    """The lists of poems and of candidates A and B, opened where the address says."""
    import gradio as gr

    poems = poems_with(folders, name, wanted) if name else []
    ids = [poem_id for _, poem_id in poems]
    asked = poem_of(folders, name, query["candidate"]) if query.get("candidate") and name else ""
    poem_id = asked if asked in ids else (ids[0] if ids else None)
    return [gr.Dropdown(poems, value=poem_id), *_two(folders, name, poem_id or "", query)]


def poems_with(folders: AppFolders, name: str, wanted: str) -> list[tuple[str, str]]:
    """Titles and ids of the poems that have a candidate which passes the filter."""
    try:
        with folders.records(name) as records:
            counted: dict[str, int] = {}
            for each in _all_shown(records):
                if each.belongs_to(wanted):
                    counted[each.candidate.poem_id] = counted.get(each.candidate.poem_id, 0) + 1
            poems = sorted(records.all(Poem), key=lambda poem: (poem.title.casefold(), poem.id))
    except WorkbenchError:
        return []
    return [(f"{label_of(poem)} ({counted[poem.id]})", poem.id) for poem in poems if poem.id in counted]


def poem_of(folders: AppFolders, name: str, candidate_id: str) -> str:
    """The poem that a candidate describes; "" where there is no such candidate."""
    try:
        with folders.records(name) as records:
            return next((c.poem_id for c in records.all(Candidate, id=candidate_id)), "")
    except WorkbenchError:
        return ""


def candidates_of(records: RecordStore, poem_id: str) -> list[CandidateView]:
    """A poem's candidates: winners first, then by rank, what failed last."""
    found = _all_shown(records, poem_id=poem_id)
    return sorted(found, key=lambda s: (bool(s.candidate.failure), not s.belongs_to("winners"), s.candidate.iteration,
                                        (s.choice.rank if s.choice else 0) or 99, s.candidate.slot))  # fmt: skip


def view_html(folders: AppFolders, name: str | None, poem_id: str | None, a: str | None, b: str | None) -> str:
    """The poem under the eyes of two descriptions, and every candidate with its figures."""
    if not name or not poem_id:
        return note_html("No descriptions here. Choose another run or filter; a new run begins in Home or Teach.")
    try:
        with folders.records(name) as records:
            found = candidates_of(records, poem_id)
            poems = records.all(Poem, id=poem_id)
        if not poems:
            return note_html("this poem is not of this run; choose one from the list", "bad")
        chosen = [each for key in dict.fromkeys((a, b)) for each in found if key and each.candidate.id == key]
        heats = "".join(_heat(folders, name, poems[0], each) for each in chosen)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    cards = "".join(card_html(each, name) for each in found)
    left = heats or f'<div class="wb-card">{poem_html(poems[0].title, poems[0].text)}</div>'
    return (
        f'{LEGEND}<div class="wb-two">{left}</div>'
        f'<h2>All {len(found)} answers for this poem</h2><div class="wb-cards">{cards}</div>'
    )


def card_html(shown: CandidateView, run: str) -> str:
    """One candidate with its figures."""
    candidate, score, choice = shown.candidate, shown.score, shown.choice
    why = Reason(candidate.failure).sentence if candidate.failure in {*Reason} else candidate.failure
    facts = _facts(score) if score and not score.unscored else []
    verdict = f"{'★ winner' if choice.is_winner else 'not chosen'}: {choice.why}" if choice else why
    door = link("open", tab="candidates", run=run, candidate=candidate.id)
    return (
        f'<article class="wb-card" id="c-{escape(candidate.id)}"><p class="wb-by">{escape(shown.label)} · {door}</p>'
        f"{prose_html(candidate.text or '(nothing)')}{facts_html(facts)}{note_html(verdict)}</article>"
    )


def address_of(name: str | None, a: str | None, b: str | None) -> str:
    """The query that opens this view again; the browser knows what stands before it."""
    given = {"tab": "candidates", "run": name, "candidate": a, "beside": b}
    return "?" + urlencode({key: value for key, value in given.items() if value})


def checkpoint_of(folders: AppFolders, name: str) -> Path:
    """Where the tokenizer lies of the model that a run was scored with; nothing is made or loaded."""
    with closing(Run.open(folders.runs, name, read_only=True)) as run:
        facts = run.facts
    model = facts.get("settings", {}).get("model", {})
    source = located(str(model.get("source", "")))
    if (source / "tokenizer.json").is_file():
        return source
    cache = written(str(model.get("cache") or "models/base"))
    return cache / str(facts.get("model", "")) / "checkpoint"


def heat_html(tokens: Sequence[TokenHelp], *, label: str) -> str:
    """The poem, each token marked by how much the description helped with it."""
    spans = "".join(_token_html(token) for token in tokens)
    box = f'<div class="wb-heat" role="group" tabindex="0" aria-label="{escape(label)}">'
    return f'{box}<div class="wb-lines">{spans}</div></div><p class="wb-heat-said" role="status"></p>'


def most_html(tokens: Sequence[TokenHelp], *, n: int = 6) -> str:
    """The tokens that gained and lost most, in figures: the same without any colour."""
    spoken = [token for token in tokens if token.text.strip() and not token.is_label]
    best = sorted(spoken, key=lambda token: -token.help_nats)
    rows = (
        ("helped most", [t for t in best[:n] if t.help_nats > 0]),
        ("hindered most", [t for t in best[: -n - 1 : -1] if t.help_nats < 0]),
    )
    return "".join(
        f'<p class="wb-most"><strong>{name}:</strong> '
        + ", ".join(f"<q>{escape(t.text.strip())}</q> {t.help_nats:+.2f}" for t in listed)
        + "</p>"
        for name, listed in rows
        if listed
    )


LEGEND = (
    '<p class="wb-note wb-legend-heat"><span class="wb-t wb-h2">helped</span> '
    '<span class="wb-t wb-h4">helped much</span> <span class="wb-t wb-x2">hindered</span> '
    '<span class="wb-t wb-x4">hindered much</span> <span class="wb-t wb-copied">copied from the poem</span> '
    "· more: thicker line and stronger tint; hindered: dotted line. Point at a word, tap it, or use the arrow keys.</p>"
)


def degree(help_nats: float) -> str:
    """The class of a token: h1 … h4 helped, x1 … x4 hindered, "" neither."""
    return f"wb-{'h' if help_nats > 0 else 'x'}{step}" if (step := sum(abs(help_nats) >= s for s in _STEPS)) else ""


def _facts(score: ScoredCandidate) -> list[tuple[str, str]]:
    return [
        ("loss", f"{score.nll_nats / score.n_tokens:.3f}"),
        ("without", f"{score.baseline_nats / score.n_tokens:.3f}"),
        ("gain", f"{score.gain:+.3f}"),
        ("guarded gain", f"{score.guarded_gain:+.3f}"),
        ("specificity", f"{score.specificity:+.3f}"),
        ("picks its poem", {None: "–", True: "yes", False: "no"}[score.picks_its_poem] + f", of {score.n_others + 1}"),
        ("longest copied run, in words", str(score.longest_run_words)),
        ("4-grams shared", f"{score.ngram_share:.1%}"),
    ]


def _heat(folders: AppFolders, name: str, poem: Poem, shown: CandidateView) -> str:
    head = f'<p class="wb-by">{escape(shown.label)}</p>{prose_html(shown.candidate.text or "(nothing)")}'
    score = shown.score
    if score is None or score.unscored or not score.nll_T:
        return f'<section class="wb-card">{head}{poem_html(poem.title, poem.text)}</section>'
    try:
        tokens = token_helps(poem, score, token_spans(checkpoint_of(folders, name), poem))
    except WorkbenchError as exc:
        poem_and_why = note_html(str(exc), "bad") + poem_html(poem.title, poem.text)
        return f'<section class="wb-card">{head}{poem_and_why}</section>'
    label = f"The poem {poem.title}, marked where this description helped; gain {score.gain:+.3f} nats per token"
    return f'<section class="wb-card">{head}<hr>{heat_html(tokens, label=label)}{most_html(tokens)}</section>'


def _two(folders: AppFolders, name: str, poem_id: str, query: Mapping[str, str]) -> list[Any]:
    import gradio as gr

    found: list[CandidateView] = []
    with suppress(WorkbenchError):
        if name and poem_id:
            with folders.records(name) as records:
                found = candidates_of(records, poem_id)
    listed = [(each.label, each.candidate.id) for each in found]
    ids = [key for _, key in listed]
    first = query.get("candidate") if query.get("candidate") in ids else (ids[0] if ids else None)
    rival = next((each.candidate.id for each in found if each.belongs_to("copies")), ids[1] if len(ids) > 1 else "")
    second = query.get("beside", "") if query.get("candidate") else rival
    return [
        gr.Dropdown(listed, value=first),
        gr.Dropdown([("nothing", ""), *listed], value=second if second in ids and second != first else ""),
    ]


def _all_shown(records: RecordStore, **where: str) -> list[CandidateView]:
    scores: dict[str, ScoredCandidate] = {}
    for score in records.all(ScoredCandidate, **where):
        scores.setdefault(score.candidate_id, score)
    chosen = {choice.candidate_id: choice for choice in records.all(Choice, arm="top", **where)}
    found = records.all(Candidate, **where)
    return [CandidateView(candidate=one, score=scores.get(one.id), choice=chosen.get(one.id)) for one in found]


def _token_html(token: TokenHelp) -> str:
    text = token.text
    if not (bare := text.strip()):
        return escape(text)
    if token.is_label:
        return f'<span class="wb-note">{escape(text)}</span>'
    before, after = text[: text.index(bare)], text[text.index(bare) + len(bare) :]
    names = f"wb-t {degree(token.help_nats)}{' wb-copied' * token.is_copied}"
    said = f"{token.help_nats:+.2f} nats{', copied' if token.is_copied else ''}"
    return (
        f'{escape(before)}<span class="{names}" data-said="{said}" title="{said}">{escape(bare)}</span>{escape(after)}'
    )
