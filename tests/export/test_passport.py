"""Faults planted in real files: each must be found by the check that is there for it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gguf
import pytest

from tests.tiny_exports import TEXTS, tiny_adapter, tiny_model
from workbench.engines.exporting.export_files import make_export_files
from workbench.engines.exporting.measurement import measure_trained
from workbench.export.modelfile import stops_in
from workbench.export.passport import Evidence, Limits, Passport, examine, measure
from workbench.export.texts import Questions, modelfile_of, questions

pytestmark = pytest.mark.model


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    file: Path
    evidence: Evidence
    asked: Questions
    modelfile: str


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A sound Q8_0 file of a tiny model with an adapter, and everything that it is held against."""
    work = tmp_path_factory.mktemp("case")
    model = tiny_model(work / "tiny")
    adapter = tiny_adapter(model, work / "adapter")
    make_export_files(model / "base.gguf", model, adapter, target=work, kind="Q8_0")
    asked = questions(model, TEXTS, ())
    modelfile = modelfile_of(asked, model="./x.gguf")
    asked.probe_for(modelfile).write(work / "probe.json")
    measure_trained(work / "probe.json", model, adapter, merged=work / "merged")
    evidence = asked.evidence(work, modelfile, steps=("merged", "full"), merged=work / "merged")
    measure(work / "full.gguf", evidence, prefix="full")
    return Case(file=work / "quantized.gguf", evidence=evidence, asked=asked, modelfile=modelfile)


def failed(case: Case, file: Path, **changes: Any) -> set[str]:
    passport = examined(case, file, **changes)
    assert not passport.passed
    return {check.name for check in passport.checks if not check.passed}


def examined(case: Case, file: Path, **changes: Any) -> Passport:
    return examine(file, replace(case.evidence, **changes), name="Q8_0", limits=Limits())


def rewritten(source: Path, target: Path, *, fields: dict[str, str], swap: tuple[str, str] = ("", "")) -> Path:
    """The same GGUF with other text fields, or with two tensors in each other's place."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, "llama")
    for key, field in reader.fields.items():
        if not key.startswith("GGUF.") and key != "general.architecture":
            is_array = field.types[0] == gguf.GGUFValueType.ARRAY
            sub_type: Any = field.types[-1] if is_array else None
            writer.add_key_value(key, fields.get(key, field.contents()), field.types[0], sub_type=sub_type)
    names = dict([swap, swap[::-1]])
    for tensor in reader.tensors:
        writer.add_tensor(names.get(tensor.name, tensor.name), tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def test_a_sound_file_passes_also_when_it_was_written_again(case: Case, tmp_path: Path) -> None:
    assert examined(case, rewritten(case.file, tmp_path / "again.gguf", fields={})).failures == ""


def test_a_wrong_template_fails(case: Case, tmp_path: Path) -> None:
    template = "{% for m in messages %}[INST] {{ m['content'] }} [/INST]{% endfor %}"
    file = rewritten(case.file, tmp_path / "wrong.gguf", fields={"tokenizer.chat_template": template})
    assert failed(case, file) == {"chat template"}


def test_a_swapped_tensor_fails(case: Case, tmp_path: Path) -> None:
    swap = ("blk.0.ffn_up.weight", "blk.1.ffn_up.weight")
    assert "Q8_0 tensors" in failed(case, rewritten(case.file, tmp_path / "swapped.gguf", fields={}, swap=swap))


@pytest.mark.parametrize("lost_bytes", [100, 2_000_000])
def test_a_truncated_file_fails(case: Case, tmp_path: Path, lost_bytes: int) -> None:
    file = tmp_path / "short.gguf"
    file.write_bytes(case.file.read_bytes()[:-lost_bytes])
    assert failed(case, file) == {"loads"}


def test_a_wrong_modelfile_template_fails(case: Case, tmp_path: Path) -> None:
    modelfile = case.modelfile.replace("<|im_start|>assistant\n", "<|im_start|>assistant")
    work = tmp_path / "work"
    work.mkdir()
    for path in case.evidence.folder.glob("*.*"):
        if path.suffix in (".json", ".npy"):
            (work / path.name).symlink_to(path)
    (work / "probe.json").unlink()
    case.asked.probe_for(modelfile).write(work / "probe.json")
    assert failed(case, case.file, folder=work) == {"Modelfile template"}


def test_a_modelfile_that_never_stops_fails(case: Case) -> None:
    assert stops_in(case.modelfile) == ["<|im_end|>", "<|im_start|>"]
    assert failed(case, case.file, stops=("###",)) == {"end of answer"}
