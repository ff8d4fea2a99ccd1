"""A prepared dataset on disk: whole or not there, the same bytes from the same input.

    data/prepared/NAME/educator/train.jsonl, valid.jsonl    one example per line (poet/, rhyme_poet/ alike)
    data/prepared/NAME/card.md                               what it is, for people
    data/prepared/NAME/gate_report.json, .txt, rejected.jsonl
    data/prepared/NAME/manifest.json                         settings, counts, sha256 of every file

No file holds a time or a path of this machine.
"""

import json
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.corpus.load import write_poems
from workbench.education.datasets.data_card import data_card, token_figures
from workbench.education.datasets.dataset import CountTokens, Dataset, Measured, PrepareSettings, build_dataset
from workbench.education.gate_report import write_gate_report
from workbench.education.rows import PROMPTS
from workbench.education.types import ChatExample, Provenance, learner_named
from workbench.errors import DamagedError, InputError
from workbench.places import written
from workbench.prompts.roles import load_persona, prompt_id
from workbench.prompts.templates import load_prompt
from workbench.storage.atomic import disk_errors, new_folder, sha256_file, sync_folder
from workbench.types import Message, content_id

_BY_LEARNER = ("counts", "tokens")  # parts of the manifest
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A prepared dataset."""

    folder: Path
    learners: tuple[str, ...]
    digest: str  # of all files: equal datasets have equal digests
    manifest: dict[str, Any]

    def file(self, learner: str, *, valid: bool = False) -> Path:
        """The .jsonl of one model."""
        return self.folder / learner_named(learner) / f"{'valid' if valid else 'train'}.jsonl"

    def examples(self, learner: str, *, valid: bool = False) -> list[ChatExample]:
        """The examples of one model in their order.

        Raises:
            DamagedError: the file is not as it was written.
        """
        path = self.file(learner, valid=valid)
        with disk_errors(path):
            if sha256_file(path) != self.manifest["files"].get(_name(path, self.folder)):
                raise DamagedError(f"{path}: not as it was written; run `workbench educate prepare` again")
            lines = path.read_text(encoding="utf-8").split("\n")
        return [_example(json.loads(line)) for line in lines if line]


def prepare(settings: PrepareSettings, *, count_tokens: CountTokens | None = None) -> Prepared:
    """Makes the dataset of the settings and puts it in place of the one before.

    Args:
        settings: what it is made of.
        count_tokens: lengths in tokens; None = with the tokenizer of `settings.tokenizer`.

    Raises:
        InputError: rows or poems cannot be used, or there are too few.
        EngineError: the model of the tokenizer cannot be found.
        StoreError: the disk; what was there before is still there.
    """
    name = settings.name or settings.mix
    if not _NAME.fullmatch(name):
        raise InputError(f"the name {name!r} of the dataset: use small letters, digits, dot, dash and underscore")
    dataset = build_dataset(settings, count_tokens or tokens_of(settings.tokenizer))
    folder = written(settings.out) / name
    _recover(folder)
    fresh = folder.with_name(f".{name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    with disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with new_folder(fresh) as partial:
        _write(partial, settings, dataset)
    _replace(folder, fresh)
    return load_prepared(folder)


def load_prepared(folder: Path) -> Prepared:
    """Opens a prepared dataset; its files are checked when they are read.

    Raises:
        InputError: there is none.
    """
    _recover(folder)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return Prepared(
            folder=folder,
            learners=tuple(map(learner_named, manifest["learners"])),
            digest=manifest["digest"],
            manifest=manifest
            | {key: {learner_named(name): said for name, said in manifest[key].items()} for key in _BY_LEARNER},
        )
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise InputError(f"{folder}: no prepared dataset ({exc}); run `workbench educate prepare`") from exc


def tokens_of(model: str) -> CountTokens:
    """Counts with the renderer of a model, end-of-turn token included."""
    from workbench.engines.opening import open_renderer
    from workbench.engines.sources import ModelSettings

    renderer = open_renderer(ModelSettings(source=model))

    def count(prompt: tuple[Message, ...], target: str) -> tuple[int, int]:
        rendered = renderer.render(prompt, target)
        return len(rendered.context_ids), len(rendered.target_ids)

    return count


# ---------------------------------------------------------------- writing


def _write(folder: Path, settings: PrepareSettings, dataset: Dataset) -> None:
    for is_valid, side in ((False, dataset.train), (True, dataset.valid)):
        for learner, examples in side.items():
            path = folder / learner / f"{'valid' if is_valid else 'train'}.jsonl"
            path.parent.mkdir(exist_ok=True)
            path.write_text("".join(map(_line, examples)), encoding="utf-8")
    if dataset.strong_rhymes:
        write_poems(folder / "strong_rhymes.jsonl", dataset.strong_rhymes)
    write_gate_report(folder, dataset.rejected)
    report = dataset.gates
    (folder / "gate_report.json").write_text(json.dumps(report.to_data(), indent=1) + "\n", encoding="utf-8")
    (folder / "gate_report.txt").write_text(f"{report.to_text()}\n", encoding="utf-8")
    manifest = _manifest(folder, settings, dataset)
    (folder / "card.md").write_text(data_card(settings, dataset, manifest), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _manifest(folder: Path, settings: PrepareSettings, dataset: Dataset) -> dict[str, Any]:
    files = {_name(path, folder): sha256_file(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    shape = {key: value for key, value in asdict(settings).items() if key not in ("name", "out")}
    return {
        "settings": json.loads(json.dumps(shape)),
        "learners": list(dataset.train),
        "prompts": {name: load_prompt(name).digest for name in PROMPTS},
        "personas": {name: content_id(load_persona(name)) for name in (settings.persona, settings.poet_persona)},
        "counts": {learner: {"train": len(dataset.train[learner]), "valid": len(dataset.valid[learner])}
                   for learner in dataset.train},
        "tokens": {learner: token_figures(dataset.train[learner]) for learner in dataset.train},
        "remarks": list(dataset.remarks),
        "files": files,
        "digest": content_id(*(part for pair in sorted(files.items()) for part in pair)),
    }  # fmt: skip


def _line(one: Measured) -> str:
    example = one.example
    data = {
        "id": example.id,
        "task": example.task,
        "learner": example.learner,
        "poem_id": example.poem_ids[0] if example.poem_ids else "",
        "poem_ids": list(example.poem_ids),
        "messages": [asdict(message) for message in example.messages],
        "target": example.target,
        "n_tokens": one.n_tokens,
        "prompt_digest": prompt_id(example.messages),
        "row_id": example.row_id,
        "provenance": asdict(example.provenance),
    }
    return json.dumps(data, ensure_ascii=False) + "\n"


def _example(data: dict[str, Any]) -> ChatExample:
    told = data["provenance"] | {"parents": tuple(data["provenance"]["parents"])}
    return ChatExample(
        task=data["task"],
        learner=learner_named(data["learner"]),
        messages=tuple(Message(**message) for message in data["messages"]),
        target=data["target"],
        poem_ids=tuple(data["poem_ids"]),
        row_id=data["row_id"],
        provenance=Provenance(**told),
    )


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


# ---------------------------------------------------------------- one folder in place of another


def _replace(folder: Path, fresh: Path) -> None:
    """A crash between the two renames leaves the old one under a name that `_recover` knows."""
    old = _old(folder)
    with disk_errors(folder):
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
        sync_folder(folder.parent)
        shutil.rmtree(old, ignore_errors=True)


def _recover(folder: Path) -> None:
    old = _old(folder)
    if not folder.exists() and old.is_dir():
        with disk_errors(folder):
            old.rename(folder)


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def describe(prepared: Prepared) -> list[str]:
    """A few lines for people."""
    counts = prepared.manifest["counts"]
    lines = [f"{learner}: {counts[learner]['train']} examples to train on, {counts[learner]['valid']} held out"
             for learner in prepared.learners]  # fmt: skip
    lines += prepared.manifest.get("remarks", [])
    return [*lines, f"{prepared.folder}/card.md says the rest; digest {prepared.digest}"]
