"""Composed and described for real, with short limits: the shipped poet beside its base, and one poem described."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.composing.compose import ComposingSettings
from workbench.composing.run import ComposeJob, open_composer
from workbench.describing.run import DescribeJob, as_record, open_reader
from workbench.engines.sources import ModelSettings
from workbench.errors import InputError
from workbench.prompts.roles import load_persona
from workbench.taught_model import find_taught, open_taught
from workbench.types import Message, Poem

pytestmark = pytest.mark.model

POEM = Poem(title="Ferry", text="A bell, then the ramp.\nThe deckhand coils a rope of fog\nand counts nobody aboard.")


def job(tmp_path: Path, **changes) -> ComposeJob:
    settings = ComposingSettings(tries=2, others=1, max_new_tokens=40)
    return replace(ComposeJob(poems=str(tmp_path), model="built-in+models/poet", composing=settings), **changes)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("composed")
    with open_composer(job(folder)) as composer:
        return folder, [composer.compose("a ferry in fog", beside_base=True) for _ in range(2)]


def test_the_same_seed_writes_the_same_poems(made):
    _, (first, second) = made
    assert [one.raw for one in first.tries] == [one.raw for one in second.tries]


def test_base_and_trained_have_the_same_seeds_and_other_words(made):
    _, (first, _) = made
    trained, base = (sorted(first.of(voice), key=lambda one: one.number) for voice in ("trained", "base"))
    assert [one.seed for one in trained] == [one.seed for one in base]
    assert [one.raw for one in trained] != [one.raw for one in base]
    assert trained[0].adapter
    assert not base[0].adapter


def test_every_try_is_on_disk_once(made):
    folder, (first, _) = made
    (record,) = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    assert [one["id"] for one in record["tries"]] == [one.id for one in first.tries]


def test_a_poem_that_was_measured_says_by_how_many_tokens(made):
    _, (first, _) = made
    measured = [one.given_back for one in first.tries if one.given_back]
    assert all(0 < one.n_tokens < one.n_all_tokens and one.n_others == 1 for one in measured)


def test_without_an_adapter_there_is_no_base_to_be_beside(tmp_path):
    with open_composer(job(tmp_path, model="built-in")) as composer, pytest.raises(InputError, match="no adapter"):
        composer.compose("a ferry in fog", beside_base=True)


def test_a_poem_is_described_with_its_evidence():
    usual = DescribeJob()
    few = replace(usual.backtranslation, n_candidates=2, words=20, max_new_tokens=40)
    with open_reader(replace(usual, backtranslation=few, scoring=replace(usual.scoring, others=1))) as reader:
        (found,) = reader.describe([POEM])
    record = json.loads(json.dumps(as_record(found)))
    assert len(record["candidates"]) >= 2
    assert found.best is None or record["identified"]["n_poems"] == 2


def test_the_scorer_is_the_base_whatever_was_learned():
    with (
        open_taught(find_taught("built-in+models/poet"), seed=1) as taught,
        open_taught(replace(find_taught("built-in"), model=ModelSettings()), seed=2) as base,
    ):
        asked = [taught.renderer.render((Message(role="user", content="A poem?"),), "Title: Ferry")]
        assert taught.scorer.score(asked) == base.scorer.score(asked)


def test_a_poet_of_the_education_is_asked_by_a_brief_and_no_other_model_is(tmp_path):
    with open_composer(job(tmp_path)) as poet, open_composer(job(tmp_path, model="built-in")) as base:
        assert (poet.prompt, base.prompt) == ("follow_as_brief", "follow")
        (asked,) = poet._follower("trained").requests("a ferry in fog", 1)[:1]
    assert asked.prompt[-1].content.startswith("ANGLE: a ferry in fog\n\nWrite the poem.")
    assert asked.prompt[0].content == load_persona("poet")
