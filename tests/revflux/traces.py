"""Sessions written by hand: drafts, and critiques as (cited lines, verdict)."""

from random import Random

from workbench.revflux.study import StudySession
from workbench.revision.alignment import align
from workbench.revision.types import (
    Brief,
    Critique,
    CritiqueItem,
    Draft,
    Response,
    Round,
    StopReason,
    Trace,
    VerdictKind,
)

Said = tuple[tuple[int, ...], VerdictKind]  # lines that the critique cites, and its verdict


def draft(number: int, text: str, *, parent: str = "-", author: str = "poet") -> Draft:
    return Draft(
        id=f"d{number}{author}", number=number, title="T", text=text, author=author, engine="hand", prompt_digest="",
        parent_id="" if number == 0 else parent, critique_id="", seed=number,
    )  # fmt: skip


def critique(number: int, lines: tuple[int, ...], verdict: VerdictKind, *, strongest: int = 0) -> Critique:
    def item(line: int, failure: str) -> CritiqueItem:
        id_ = f"c{number}-{line}-{failure}"
        return CritiqueItem(id=id_, first_line=line, last_line=line, failure=failure, note="n", direction="")

    return Critique(
        id=f"c{number}", draft_id=f"d{number}poet", text="said", strongest=item(strongest, "strongest") if strongest
        else None, items=tuple(item(line, "cliche") for line in lines), verdict=verdict, reason="", said=verdict,
        form_passed=None, engine="hand", prompt_digest="", seed=0,
    )  # fmt: skip


def trace(
    drafts: list[str], said: list[Said] | None = None, *, request: str = "a poem", form: str = "",
    stop: StopReason = StopReason.LIMIT, seed: int = 1, strongest: int = 0,
) -> Trace:  # fmt: skip
    """A session with these drafts; items whose line changed were done, the others ignored."""
    rounds: list[Round] = []
    for number, text in enumerate(drafts):
        one = draft(number, text)
        changes = align(rounds[-1].draft.lines, one.lines) if rounds else ()
        before = rounds[-1].critique if rounds else None
        touched = {change.before_line for change in changes if change.kind != "kept"}
        responses = tuple(
            Response(item_id=item.id, outcome="done" if item.first_line in touched else "ignored", change_ids=(),
                     evidence="by line") for item in (before.items if before else ())
        )  # fmt: skip
        judged = critique(number, *said[number], strongest=strongest) if said else None
        rounds.append(Round(number=number, draft=one, changes=changes, responses=responses, critique=judged))
    brief = Brief(id="b", request=request, text="", form_name=form)
    return Trace(
        id=f"t-{request}-{seed}", request=request, seed=seed, educator="e", poet="p", brief=brief,
        rounds=tuple(rounds), best=len(rounds) - 1, final_note="", stop=stop,
    )  # fmt: skip


NOUNS = [
    "kettle",
    "ladder",
    "harbour",
    "orchard",
    "ticket",
    "gravel",
    "lantern",
    "ferry",
    "ledger",
    "window",
    "sparrow",
    "cellar",
]
VERBS = ["holds", "forgets", "carries", "opens", "counts", "borrows", "answers", "follows", "hides", "lifts"]
ENDS = "until the evening | before anyone wakes | as if it were paid | without a word | and nobody minds | under rain"


def line(random: Random) -> str:
    ends = [end.strip() for end in ENDS.split("|")]
    a, b = random.sample(NOUNS, 2)
    return f"The {a} {random.choice(VERBS)} the {b} {random.choice(ends)}"


def made_up_sessions(names: tuple[str, ...], *, n_prompts: int = 4, n_drafts: int = 6) -> list[StudySession]:
    """A study whose revisions are made by dice: each configuration edits, cuts and adds at its own rate."""
    held = []
    for which, name in enumerate(names):
        for prompt in range(3 * n_prompts):
            for sample in range(2):
                random = Random(f"{name}{prompt}{sample}")  # noqa: S311 - dice
                made = _drafts(random, 1 if which == 2 else n_drafts, rate=0.15 + 0.2 * which)
                verdicts: list[Said] = [((1 + random.randrange(8),), "revise") for _ in made]
                stop = StopReason.LIMIT
                if random.random() < 0.6 and len(made) > 1:
                    last = random.randrange(2, len(made) + 1)
                    made, verdicts, stop = made[:last], verdicts[:last], StopReason.APPROVED
                    verdicts[-1] = ((), "approve")
                whole = trace(made, None if which == 2 else verdicts, request=f"prompt {prompt} <b>&", stop=stop)
                category = ("canonical", "generic", "cliche")[prompt % 3]
                held.append(StudySession(id=f"{name}-{prompt}-{sample}", configuration=name, category=category,
                                         sample=sample, trace=whole))  # fmt: skip
    return held


def _drafts(random: Random, n: int, *, rate: float) -> list[str]:
    lines = [line(random) for _ in range(12)]
    made = []
    for _ in range(n):
        made.append("\n".join(text + ("\n" if i % 4 == 3 else "") for i, text in enumerate(lines)).strip())
        changed = []
        for text in lines:
            dice = random.random()
            if dice < rate:
                words = text.split()
                words[random.randrange(len(words))] = random.choice(NOUNS)
                text = " ".join(words)
            if dice > 0.96:
                changed.append(line(random))
            if dice < 1 - rate / 6:
                changed.append(text)
        lines = changed
    return made
