"""Which model fits this machine, and what for: `workbench models`.

    parameters   V·h·(1 or 2) + L·(h·a·(2q + 2k) + 3·h·i + 2·h) + h        L layers, h hidden, i intermediate,
                                                                           q heads, k key-value heads of a, V words
    answers      weights·bits/8 + keys and values of the context + output buffer + the program
    LoRA         weights in bf16 + adapter·16 bytes + activations (checkpointed) + losses of the targets + the program
    QLoRA        the same with the layers in NF4; wants a CUDA card
    split        LoRA on N cards (`learner.split`), each with an N-th of the layers and two whole; never run on cards

Known within a factor of 1.5 (`tests/test_model_fit.py` compares it with `bench/results`): enough to say what is out of
the question, not to fill a card to the brim. The models are `config/models.yaml`; a Hugging Face folder works as well.
"""

import contextlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from annotated_types import Ge, Le
from rich.table import Table
from rich.text import Text

from workbench.config import load_job
from workbench.errors import InputError
from workbench.places import ROOT, located
from workbench.terminal import console, say

GIB = 1024**3
REGISTRY = ROOT / "config" / "models.yaml"
BITS = {"Q4_K_M": 4.9, "Q8_0": 8.5, "bf16": 16.0}  # a weight, with what the format adds
_NF4_BYTES = 0.56  # a weight with its scales
_ADAPTER_BYTES = 16  # weight, gradient and two moments in fp32
_PROGRAM_BYTES = {"answers": 0.4 * GIB, "teaching": 1.0 * GIB}  # interpreter, libraries, compute buffers
_ROOM = 0.85  # share of the memory that a model may fill

_MOST = 10_000_000
Count = Annotated[int, Ge(1), Le(_MOST)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The shape of a decoder with gated layers and shared keys and values, as in its config.json."""

    layers: Count
    hidden: Count
    heads: Count
    kv_heads: Count
    head: Count
    intermediate: Count
    vocabulary: Count
    tied: bool = True

    @property
    def parameters(self) -> int:
        """How many weights it has.

        >>> Shape(layers=30, hidden=576, heads=9, kv_heads=3, head=64, intermediate=1536, vocabulary=49152).parameters
        134515008
        """
        return self.vocabulary * self.hidden * (1 if self.tied else 2) + self.layers * self._layer + self.hidden

    @property
    def _layer(self) -> int:
        attention = self.hidden * self.head * (2 * self.heads + 2 * self.kv_heads)
        return attention + 3 * self.hidden * self.intermediate + 2 * self.hidden

    def adapter(self, rank: int) -> int:
        """Weights of a LoRA adapter on all linear layers."""
        q, kv = self.heads * self.head, self.kv_heads * self.head
        sides = 2 * (self.hidden + q) + 2 * (self.hidden + kv) + 3 * (self.hidden + self.intermediate)
        return self.layers * rank * sides

    def answers(self, bits: float, *, context: int = 4096) -> float:
        """Bytes that a sampler of these weights takes."""
        cache = 2 * 2 * self.layers * self.kv_heads * self.head * context
        buffer = 4 * 512 * self.vocabulary
        return self.parameters * bits / 8 + cache + buffer + _PROGRAM_BYTES["answers"]

    def teaching(self, *, in_four_bits: bool, rank: int = 32, tokens: int = 2048, cards: int = 1) -> float:
        """Bytes that a LoRA training step over so many tokens takes, activations checkpointed; of each of the cards."""
        words = self.vocabulary * self.hidden * (1 if self.tied else 2)
        layers = self.parameters - words
        weights = 2 * words + layers * (_NF4_BYTES if in_four_bits else 2)
        kept = 2 * tokens * self.hidden * self.layers
        one_layer = 4 * tokens * (3 * self.intermediate + 8 * self.hidden)
        losses = 8 * tokens * self.vocabulary
        adapter = _ADAPTER_BYTES * self.adapter(rank)
        if cards > 1:
            weights = 2 * words + 2 * layers / cards + 2 * 2 * self._layer
            adapter += 4 * self.adapter(rank)  # its gradient once more, while it is summed
        return weights + adapter + kept + one_layer + losses + _PROGRAM_BYTES["teaching"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """One open model."""

    id: str = ""
    shape: Shape
    licence: str = ""
    good_for: str = ""
    gguf: str = ""  # ORG/REPOSITORY/FILE on the hub, for those that the app offers to fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """config/models.yaml."""

    models: tuple[KnownModel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a machine has, in GiB."""

    memory: float
    card: float = 0.0  # the largest CUDA card; 0 = none
    cards: int = 1  # how many there are

    @property
    def sentence(self) -> str:
        """For a person."""
        cards = f"{self.cards} cards" if self.cards > 1 else "a card"
        return (
            f"{self.memory:.1f} GiB of memory, {f'{cards} with {self.card:.1f} GiB' if self.card else 'no CUDA card'}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What one model can do on one machine; memory in GiB."""

    model: KnownModel
    answers: dict[str, float]  # format → memory
    lora: float
    qlora: float
    best_answer: str  # the finest format that fits; "" = none
    teaches: str  # how it can be taught here; "" = not


def fit(model: KnownModel, machine: Machine) -> Fit:
    """What a model can do on a machine."""
    shape, largest = model.shape, max(machine.memory, machine.card) * _ROOM
    answers = {name: shape.answers(bits) / GIB for name, bits in BITS.items()}
    lora, qlora = (shape.teaching(in_four_bits=four) / GIB for four in (False, True))
    teaches = ""
    if lora <= machine.card * _ROOM:
        teaches = "LoRA on the card"
    elif qlora <= machine.card * _ROOM:
        teaches = "QLoRA on the card"
    elif machine.cards > 1 and shape.teaching(in_four_bits=False, cards=machine.cards) / GIB <= machine.card * _ROOM:
        teaches = f"LoRA split over {machine.cards} cards"
    elif lora <= machine.memory * _ROOM:
        teaches = "LoRA, slowly" if shape.parameters > 500_000_000 else "LoRA"
    best = next((name for name in reversed(BITS) if answers[name] <= largest), "")
    return Fit(model=model, answers=answers, lora=lora, qlora=qlora, best_answer=best, teaches=teaches)


def memory_gib() -> float:
    """Memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB


def this_machine() -> Machine:
    """Memory and the largest card of this machine."""
    tool, cards = shutil.which("nvidia-smi"), [0.0]
    if tool:
        query = [tool, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):  # a driver that hangs counts as no card
            shown = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - fixed words
            cards = [float(line) / 1024 for line in shown.stdout.split() if line.isdigit()] or cards
    return Machine(memory=memory_gib(), card=max(cards), cards=len(cards))


def known_models(path: Path = REGISTRY) -> tuple[KnownModel, ...]:
    """The models of the registry.

    Raises:
        ConfigError: the file cannot be read, or a shape does not fit; one line, with the place.
    """
    return load_job(Registry, path, ()).models


def model_of(folder: Path) -> KnownModel:
    """A Hugging Face folder by its config.json.

    Raises:
        InputError: there is none, or it has not the shape of a decoder that is known here.
    """
    path = folder / "config.json"
    if not path.is_file():
        raise InputError(f"{path}: no such file; name a folder with a Hugging Face model")
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        data = data.get("text_config", data)
        heads, hidden = int(data["num_attention_heads"]), int(data["hidden_size"])
        shape = Shape(
            layers=int(data["num_hidden_layers"]), hidden=hidden, heads=heads,
            kv_heads=int(data.get("num_key_value_heads") or heads), head=int(data.get("head_dim") or hidden // heads),
            intermediate=int(data["intermediate_size"]), vocabulary=int(data["vocab_size"]),
            tied=bool(data.get("tie_word_embeddings", False)),
        )  # fmt: skip
        _check(shape)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as exc:
        raise InputError(f"{path}: not the config.json of a decoder whose size can be computed ({exc})") from exc
    return KnownModel(id=str(folder), shape=shape)


def _check(shape: Shape) -> None:
    for name in (field.name for field in fields(shape)):
        if not 1 <= getattr(shape, name) <= _MOST and name != "tied":
            raise ValueError(f"{name} is {getattr(shape, name):.3g}")


def models(
    memory: Annotated[float, typer.Option(help="GiB of memory to plan for; 0 = this machine's.", min=0, max=1e6)] = 0.0,
    card: Annotated[
        float, typer.Option(help="GiB of a CUDA card to plan for; 0 = this machine's.", min=0, max=1e6)
    ] = 0.0,
    cards: Annotated[int, typer.Option(help="How many such cards; 0 = this machine's.", min=0, max=1024)] = 0,
    model: Annotated[str, typer.Option(help="A Hugging Face folder to look at as well.", metavar="FOLDER")] = "",
) -> None:
    """Which open models fit this machine, and what each is good for."""
    here = this_machine()
    card = card or (0.0 if memory else here.card)
    machine = replace(here, memory=memory or here.memory, card=card, cards=cards or here.cards)
    wanted = [*known_models(), *([model_of(located(model))] if model else [])]
    say(f"{machine.sentence}. Memory in GiB, within a factor of 1.5; a context of 4,096 tokens, LoRA of rank 32.")
    table = Table("model", "weights", "answers\nQ4 / Q8 / bf16", "taught\nLoRA / QLoRA", "here")
    for found in (fit(each, machine) for each in wanted):
        table.add_row(*(Text(cell) for cell in row_of(found)))
    console.print(table)
    say("By size and card, for only the built-in one was measured here:")
    for each in wanted:
        if each.good_for:
            say(f"{each.id}: {each.good_for}. {each.licence}.")
    say("Educator and poet as two models want the sum of both, as adapters of one model hardly more than one; "
        "engines.one_at_a_time in config/revise.yaml swaps two.")  # fmt: skip
    say("Take one: model.source: ID in a YAML file, with model.allow_download: true the first time.")


def row_of(found: Fit) -> tuple[str, str, str, str, str]:
    """A model for people: name, weights, memory to answer and to teach, what fits."""
    said = [f"answers in {found.best_answer}" if found.best_answer else "too large to answer",
            found.teaches or "cannot be taught"]  # fmt: skip
    answers = " / ".join(f"{value:.1f}" for value in found.answers.values())
    taught = f"{found.lora:.1f} / {found.qlora:.1f}"
    return found.model.id.rpartition("/")[2], count(found.model.shape.parameters), answers, taught, "; ".join(said)


def count(parameters: int) -> str:
    """A number of weights for people.

    >>> count(134515008), count(8030261248)
    ('135 M', '8.0 B')
    """
    return f"{parameters / 1e9:.1f} B" if parameters >= 1e9 else f"{parameters / 1e6:.0f} M"
