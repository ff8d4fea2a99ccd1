"""A run, a session and a study made by hand, without any model.

Poems that try to be scripts are among those of the run; its tokenizer knows whole words.
"""

import json
from contextlib import closing
from pathlib import Path

from tests.fakes import candidate, scored
from tests.revision.scripts import APPROVE, BRIEF, FIRST, NOTE, REVISE, SECOND, sampler, session
from workbench.config import as_data
from workbench.improvement.settings import settings_from
from workbench.prompts.templates import poem_target
from workbench.prompts.tokenizer import TextTokenizer
from workbench.revflux.study import trace_path, write_trace
from workbench.revision.settings import RevisionSettings
from workbench.revision.store import SessionStore
from workbench.selection.select import SelectionSettings, pair_up, select_winners
from workbench.storage.runs import Run
from workbench.studio.steps import StepModels, begin, take_step
from workbench.types import Measurement, Poem, StepRecord

ATTACKS = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    '"><svg onload=window.hacked=1>',
    "${window.hacked=1} {{constructor.constructor('window.hacked=1')()}}",
    "[a](javascript:window.hacked=1) **bold** $\\href{javascript:window.hacked=1}{x}$",
    "</div></article><iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
)


def word_tokenizer(folder: Path) -> Path:
    """A checkpoint folder with a tokenizer alone: a token a word or sign."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "<end>": 1}, unk_token="[UNK]"))  # noqa: S106 - a word
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["<end>"])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"eos_token": "<end>"}))
    return folder


def make_run(root: Path, name: str = "made", *, n_poems: int = 12, attacks: tuple[str, ...] = (), **more) -> Path:
    """A finished run: four descriptions of each poem, of which two win and one copies, a report, samples."""
    checkpoint = word_tokenizer(root.parent / "words")
    poems = [Poem(title=f"Harbour {n}", text=f"The boats of {n} come home,\n   heavy with rain.", author="A. N. Other")
             for n in range(n_poems)]  # fmt: skip
    poems += [Poem(title=f"{attack} {n}", text=f"{attack}\n{attack}", author=attack, form=attack)
              for n, attack in enumerate(attacks)]  # fmt: skip
    tokenizer = TextTokenizer(checkpoint)
    candidates, scores = [], []
    for poem in poems:
        n_tokens = len(tokenizer.contents(poem_target(poem))[1]) + 1
        for slot, gain in enumerate((60.0, 40.0, 0.0, 90.0)):
            text = f"Describe {poem.title}, variant {slot} {poem.author if attacks else ''}"
            made = candidate(poem, text, slot=slot)
            losses = tuple(3.0 - (i % 4) * (slot - 1) * 0.4 for i in range(n_tokens))
            candidates.append(made)
            scores.append(
                scored(
                    made, guarded_gain_nats=gain, is_leak=slot == 3, nll_T=losses, n_tokens=n_tokens,
                    baseline_T=(3.2,) * n_tokens, copied_spans=((7, 14),) if slot == 3 else (),
                )
            )  # fmt: skip
    settings = settings_from({"model": {"source": str(checkpoint)}, "runs": str(root)})
    facts = {"settings": as_data(settings), "training": [p.id for p in poems], "held_out": [], "model": "words"} | more
    with Run.create(root, name, facts, begin_with=poems) as run:
        run.records.put(candidates, scores, select_winners(pair_up(candidates, scores), SelectionSettings()))
        run.records.put([_step(n, arm) for arm in ("top", "random") for n in range(5)], [_measured(n) for n in (0, 1)])
        run.records.note("progress", position=3, of=4, text="iteration 1, top: measuring on held-out poems")
        run.records.note("sample", description=poems[-1].title, text=poems[-1].text)
        run.records.note("finished", text="finished")
        return run.folder


def make_session(sessions: Path) -> str:
    """A session of the studio by scripted models: a draft, its critique, a second draft that waits for decisions."""
    with closing(SessionStore(sessions)) as store:
        trace = begin(store, "a railway station", RevisionSettings())
        first = StepModels(educator=sampler(BRIEF, REVISE), poet=sampler(FIRST))
        judged = take_step(trace, RevisionSettings(), "critique", models=first)
        second = StepModels(educator=sampler(), poet=sampler(SECOND))
        store.save(take_step(judged, RevisionSettings(), "draft", models=second))
    return trace.id


def make_study(runs: Path, name: str = "small") -> str:
    """A study of two configurations, one session each."""
    for configuration, poems in (("tiny", [FIRST, SECOND]), ("tiny, plain", [FIRST])):
        trace, _, _ = session([BRIEF, *[REVISE] * (len(poems) - 1), APPROVE, NOTE], poems)
        path = trace_path(runs / "revflux" / name, configuration.replace(", ", "-"))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_trace(path, trace, configuration=configuration, category="cliche", sample=0)
    return name


def _step(number: int, arm: str) -> StepRecord:
    return StepRecord(id=f"{arm}{number}", arm=arm, iteration=1, step=number + 1, learning_rate=1e-4,
                      loss_nats=300.0 - 20 * number, n_tokens=100, gradient_norm=1.0, examples=("a", "b"))  # fmt: skip


def _measured(iteration: int) -> Measurement:
    return Measurement(id=f"m{iteration}", arm="top", iteration=iteration, weights="current", metric="loss_fixed",
                       value=3.0 - iteration, low=2.5 - iteration, high=3.5 - iteration, n_poems=6,
                       per_poem=(3.0 - iteration,) * 6)  # fmt: skip
