"""The same questions to the built-in model, in process and behind an OpenAI-shaped endpoint on the loopback."""

from collections.abc import Iterator

import pytest

from tests.education.endpoint import Endpoint, serving
from tests.education.rows import LIBRARY
from workbench.education.generation.answers import AnswerStore, Budget, Price, Purse
from workbench.education.generation.generate import Writer, write_rows_of
from workbench.education.rows import Personas
from workbench.education.types import Row
from workbench.engines.base_model import base_model
from workbench.engines.llama.sampler import LlamaCppSampler
from workbench.engines.remote import RemoteSampler
from workbench.engines.sources import ModelSettings
from workbench.prompts.renderers import renderer_for
from workbench.prompts.roles import load_persona
from workbench.types import Completion, Message, SampleRequest, Sampling

pytestmark = pytest.mark.model
GREEDY = Sampling(temperature=0, max_new_tokens=24)
QUESTIONS = [Row(task="lesson", question=question) for question in ("What is a line break?", "Why rhyme?")]
MENTOR = load_persona("mentor_short")


@pytest.fixture(scope="module")
def sampler() -> Iterator[LlamaCppSampler]:
    base = base_model(ModelSettings())
    made = LlamaCppSampler(base.gguf, renderer_for(base.checkpoint), n_seq=2, n_ctx_total=1024, digest=base.digest)
    yield made
    made.close()


def test_an_endpoint_before_the_model_gives_the_same_answers_and_is_asked_once(sampler, tmp_path):
    def behind(question: str) -> str:
        prompt = (Message(role="system", content=MENTOR), Message(role="user", content=question))
        (result,) = sampler.sample([SampleRequest(prompt=prompt, seed=0, sampling=GREEDY)])
        assert isinstance(result, Completion)
        return result.text

    with serving(Endpoint(answer=behind)) as endpoint:
        remote = RemoteSampler(endpoint.url, "tiny")
        local_texts = _texts(sampler, tmp_path / "local")
        remote_texts = [_texts(remote, tmp_path / "remote") for _ in range(2)]
        remote.close()
    assert all(local_texts)
    assert remote_texts == [local_texts, local_texts]
    assert endpoint.asked.total() == len(QUESTIONS)


def _texts(sampler, folder):
    store = AnswerStore(folder / "answers.sqlite")
    purse = Purse(budget=Budget(tokens=0, money=0), price=Price())
    writer = Writer(sampler=sampler, name="tiny", store=store, purse=purse, seed=1, sampling=GREEDY,
                    personas=Personas(mentor=MENTOR, poet=""))  # fmt: skip
    write_rows_of("lesson", QUESTIONS, LIBRARY, writer)
    texts = [answer.text for answer in sorted(store.all(), key=lambda answer: answer.seed)]
    store.close()
    return texts
