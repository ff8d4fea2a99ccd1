"""An adapter's way into a GGUF file: names, files, what is left behind, other architectures."""

import json
from pathlib import Path

import pytest

from tests.engines.families import family_checkpoint
from tests.tiny_exports import TEXTS, built_in, tiny_adapter, tiny_model
from workbench.config import load_job
from workbench.engines.exporting.export_files import make_adapter_file, make_export_files, merge_adapter
from workbench.engines.exporting.gguf_measurement import measure_gguf
from workbench.engines.exporting.measurement import greedy_parting, mean_kl_nats, measure_trained, read_answers
from workbench.engines.gguf_header import make_gguf
from workbench.engines.sources import ModelSettings
from workbench.errors import ConfigError, EngineError, InputError
from workbench.export.adapters import ExportJob, find_source
from workbench.export.export import Exported, ExportSettings, export_adapter
from workbench.export.passport import is_done, read_passport
from workbench.export.texts import modelfile_of, questions

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model and an adapter on it."""
    folder = tmp_path_factory.mktemp("llama")
    return (model := tiny_model(folder / "tiny")), tiny_adapter(model, folder / "adapter")


@pytest.fixture(scope="module")
def exported(tiny: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Exported:
    out = tmp_path_factory.mktemp("out")
    settings = ExportSettings(quantize="Q8_0")
    model = ModelSettings(source=str(tiny[0]), cache=str(out / "cache"))
    return export_adapter(
        tiny[1], task="poet", out=out, texts=TEXTS, calibration=TEXTS[:1], model=model, settings=settings
    )


def test_a_sound_export_passes_and_bears_the_name_of_base_task_and_quantization(exported: Exported) -> None:
    assert exported.path.name.startswith("tiny-")
    assert exported.path.name.endswith("-poet-Q8_0.gguf")
    assert [form.name for form in exported.passport.forms] == ["trained", "merged", "f16", "Q8_0"]
    assert exported.passport.failures == ""
    assert is_done(exported.path, exported.passport_file)


def test_nothing_but_the_three_files_and_the_lock_is_left(exported: Exported) -> None:
    names = {path.name for path in exported.path.parent.iterdir()} - {"cache"}
    stem = exported.path.stem
    assert names == {f"{stem}.gguf", f"{stem}.Modelfile", f"{stem}.passport.json", f".{stem}.lock"}


def test_the_passport_can_be_read_again(exported: Exported) -> None:
    assert read_passport(exported.passport_file) == exported.passport


def test_a_passport_does_not_cover_other_bytes(exported: Exported, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(exported.path.read_bytes()[:-1] + b"!")
    assert not is_done(other, exported.passport_file)


def test_the_modelfile_names_the_file_the_template_and_the_stops(exported: Exported) -> None:
    text = exported.modelfile.read_text()
    assert text.startswith(f"FROM ./{exported.path.name}\n")
    assert 'PARAMETER stop "<|im_end|>"' in text
    assert "<|im_start|>assistant\n" in text


def test_a_failed_export_keeps_the_old_files_and_says_which_check(exported: Exported, tiny, tmp_path: Path) -> None:
    from workbench.export.passport import Limits, PassportError

    stem = exported.path.stem.replace("Q8_0", "adapter")  # the quickest to make
    old = tmp_path / f"{stem}.gguf"
    old.write_bytes(b"the old export")
    model = ModelSettings(source=str(tiny[0]), cache=str(exported.path.parent / "cache"))
    settings = ExportSettings(adapter_only=True, limits=Limits(full_kl_nats=0.0))
    with pytest.raises(PassportError, match=r"base \+ adapter KL: ") as caught:
        export_adapter(tiny[1], task="poet", out=tmp_path, texts=TEXTS, model=model, settings=settings)
    assert [check.name for check in caught.value.passport.checks if not check.passed] == ["base + adapter KL"]
    assert old.read_bytes() == b"the old export"
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {old.name, f"{stem}.passport.failed.json", f".{stem}.lock"}


def test_the_adapter_alone_passes_over_its_base(exported: Exported, tiny, tmp_path: Path) -> None:
    model = ModelSettings(source=str(tiny[0]), cache=str(exported.path.parent / "cache"))
    settings = ExportSettings(adapter_only=True)
    done = export_adapter(tiny[1], task="poet", run="ebb-2", out=tmp_path, texts=TEXTS, model=model, settings=settings)
    assert done.path.name.endswith("-poet-ebb-2-adapter.gguf")  # another run's export is not written over
    assert done.passport.facts["task"] == "poet"
    assert done.path.stat().st_size < 1_000_000
    assert f"ADAPTER ./{done.path.name}\n" in done.modelfile.read_text()
    assert done.passport.forms[-1].kl_nats < 1e-3


@pytest.mark.parametrize("kind", ["qwen2", "qwen3"])
def test_qwen_comes_out_as_it_was_trained(kind: str, tmp_path: Path) -> None:
    model = tiny_model(tmp_path / "tiny", kind)
    adapter = tiny_adapter(model, tmp_path / "adapter")
    make_export_files(model / "base.gguf", model, adapter, target=tmp_path, kind="F16")
    asked = questions(model, TEXTS, ())
    probe = tmp_path / "probe.json"
    asked.probe_for(modelfile_of(asked, model="x")).write(probe)
    measure_trained(probe, model, adapter, merged=None)
    measure_gguf(probe, tmp_path / "full.gguf", prefix="full", adapter=None, merged=tmp_path / "merged")
    assert mean_kl_nats(tmp_path, "full", reference="adapter") < 1e-3
    assert greedy_parting(tmp_path, "full", reference="adapter")[1] < 0.01
    assert read_answers(tmp_path, "full").worst_error < 1e-3


@pytest.mark.parametrize("family", ["phi3", "gemma3_text", "olmo2"])  # joined matrices, norms from one, norms behind
def test_a_family_comes_out_as_it_was_trained(family: str, tmp_path: Path) -> None:
    model, base = family_checkpoint(tmp_path / "tiny", family), tmp_path / "base.gguf"
    make_gguf(model, base)
    adapter = tiny_adapter(model, tmp_path / "adapter")
    make_export_files(base, model, adapter, target=tmp_path, kind="F16")
    asked = questions(model, TEXTS, ())
    probe = tmp_path / "probe.json"
    asked.probe_for(modelfile_of(asked, model="x")).write(probe)
    measure_trained(probe, model, adapter, merged=None)
    measure_gguf(probe, tmp_path / "full.gguf", prefix="full", adapter=None, merged=tmp_path / "merged")
    over_base = make_adapter_file(base, model, adapter)
    measure_gguf(probe, base, prefix="over", adapter=over_base, merged=None)
    for form in ("full", "over"):
        assert mean_kl_nats(tmp_path, form, reference="adapter") < 5e-3, form
    assert read_answers(tmp_path, "full").worst_error < 1e-3


def test_a_model_without_a_gguf_is_not_exported_and_no_setting_is_blamed(tmp_path: Path) -> None:
    model = family_checkpoint(tmp_path / "granite", "granite")
    adapter = tiny_adapter(model, tmp_path / "adapter")
    settings = ModelSettings(source=str(model), cache=str(tmp_path / "cache"))
    said = rf"'granite'; known: .*used without an export as {model}\+{adapter}"
    with pytest.raises(EngineError, match=said) as caught:
        export_adapter(adapter, task="poet", out=tmp_path / "out", texts=TEXTS, model=settings)
    assert "model.weights" not in str(caught.value)


def test_an_adapter_of_another_model_is_one_line(tiny, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"another shape|is not in"):
        merge_adapter(built_in().checkpoint, tiny[1], tmp_path)


@pytest.mark.parametrize("change", [{"use_dora": True}, {"bias": "all"}, {"rank_pattern": {"q_proj": 2}}])
def test_what_is_more_than_plain_lora_is_refused(tiny, tmp_path: Path, change: dict[str, object]) -> None:
    config = json.loads((tiny[1] / "adapter_config.json").read_text()) | change
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    (tmp_path / "adapter_model.safetensors").write_bytes((tiny[1] / "adapter_model.safetensors").read_bytes())
    with pytest.raises(EngineError, match="only plain LoRA"):
        merge_adapter(tiny[0], tmp_path, tmp_path)


def test_an_unknown_quantization_names_those_that_are_known(tiny, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Q4_K_M"):
        export_adapter(tiny[1], task="poet", out=tmp_path, texts=TEXTS, settings=ExportSettings(quantize="Q4"))


@pytest.mark.parametrize("task", ["", "../poet", "a b"])
def test_a_task_that_cannot_be_part_of_a_file_name_is_refused(tiny, tmp_path: Path, task: str) -> None:
    with pytest.raises(InputError, match="file name"):
        export_adapter(tiny[1], task=task, out=tmp_path, texts=TEXTS)


def test_the_settings_that_ship_can_be_read_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    assert load_job(ExportJob, Path("config/export.yaml")).export == ExportSettings()
    (tmp_path / "job.yaml").write_text("export:\n  quantise: Q8_0\n")
    with pytest.raises(ConfigError, match="did you mean 'quantize'"):
        load_job(ExportJob, tmp_path / "job.yaml")


def test_a_run_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run 'nobody'"):
        find_source("nobody", load_job(ExportJob, Path("config/export.yaml")), runs=tmp_path)


def test_rows_that_are_left_out_of_the_texts_are_named(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    (tmp_path / "texts.csv").write_text("title,poem\nQuay,the quay is dry\nLost,\n")
    job = ExportJob(held_out=str(tmp_path / "texts.csv"), calibration=str(tmp_path / "texts.csv"))
    source = find_source(str(tmp_path), job, runs=tmp_path)
    assert len(source.held_out) == 1
    assert source.remarks == (f"{tmp_path / 'texts.csv'}:3: the poem is empty, write it or remove the entry: left out",)


def test_unsloth_needs_cuda(tmp_path: Path) -> None:
    import torch

    from workbench.engines.learning.unsloth_model import export_with_unsloth

    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(EngineError, match="needs a CUDA GPU"):
        export_with_unsloth(tmp_path, tmp_path, tmp_path, kind="Q4_K_M")
