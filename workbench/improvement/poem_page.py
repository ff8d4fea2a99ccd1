"""One poem of a run at the terminal: its candidates with their scores, copied spans marked, winners starred."""

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from workbench.errors import InputError
from workbench.prompts.templates import poem_target
from workbench.storage.records import RecordStore
from workbench.types import Candidate, Choice, Poem, Reason, ScoredCandidate, Span


def find_poem(records: RecordStore, wanted: str) -> Poem:
    """The poem with this id, this title, or the only one whose title holds the words.

    Raises:
        InputError: none or several fit; the message names some.
    """
    poems = records.all(Poem)
    exact = [poem for poem in poems if wanted == poem.id or wanted.casefold() == poem.title.casefold()]
    found = exact or [poem for poem in poems if wanted.casefold() in poem.title.casefold()]
    if len(found) == 1:
        return found[0]
    near = ", ".join(repr(poem.title) for poem in (found or poems)[:6])
    raise InputError(f"{len(found) or 'no'} poems fit {wanted!r}; titles are, for example, {near}")


def print_poem(records: RecordStore, wanted: str, console: Console) -> None:
    """Prints the poem and everything the run knows about its descriptions.

    Raises:
        InputError: no such poem.
    """
    poem = find_poem(records, wanted)
    scores: dict[str, ScoredCandidate] = {}
    for score in records.all(ScoredCandidate, poem_id=poem.id):
        scores.setdefault(score.candidate_id, score)
    choices = {choice.candidate_id: choice for choice in records.all(Choice, poem_id=poem.id, arm="top")}
    spans = [span for score in scores.values() for span in score.copied_spans]
    console.print(Panel(_marked(poem_target(poem), spans), title=Text(poem.title), title_align="left",
                        subtitle="underlined: words in a row that some description copies"))  # fmt: skip
    for candidate in records.all(Candidate, poem_id=poem.id):
        _print_candidate(console, candidate, scores.get(candidate.id), choices.get(candidate.id))


def _print_candidate(
    console: Console, candidate: Candidate, score: ScoredCandidate | None, choice: Choice | None
) -> None:
    star = "★ " if choice and choice.is_winner else ""
    leak = " · COPIES" if score and score.is_leak else ""
    title = f"{star}iteration {candidate.iteration}, candidate {candidate.slot + 1}{leak}"
    lines = [candidate.text or "(nothing)"]
    if candidate.failure:
        lines.append(f"→ {Reason(candidate.failure).sentence}")
    elif score and not score.unscored:
        lines.append(
            f"→ loss {score.nll_nats / score.n_tokens:.3f} (without: {score.baseline_nats / score.n_tokens:.3f}) · "
            f"gain {score.gain:+.3f} · guarded {score.guarded_gain:+.3f} · specificity {score.specificity:+.3f} · "
            f"copied run {score.longest_run_words} words · {score.ngram_share:.1%} of 4-grams"
        )
    if choice:
        lines.append(f"→ {'winner' if choice.is_winner else 'not chosen'}: {choice.why}")
    console.print(Panel(Text("\n".join(lines)), title=Text(title), title_align="left"))


def _marked(text: str, spans: list[Span]) -> Text:
    shown = Text(text)
    for start, end in spans:
        shown.stylize("underline", start, end)
    return shown
