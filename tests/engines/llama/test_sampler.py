"""LlamaCppSampler with the built-in model."""

import threading
from collections.abc import Iterator

import pytest

from workbench.engines.base_model import BaseModel, base_model
from workbench.engines.llama.sampler import LlamaCppSampler
from workbench.engines.protocols import Sampler
from workbench.engines.sources import ModelSettings
from workbench.errors import EngineError
from workbench.prompts.renderers import renderer_for
from workbench.types import Completion, Failed, Message, Prompt, Reason, SampleRequest, Sampling

pytestmark = pytest.mark.model

SHORT = Sampling(max_new_tokens=12)
GREEDY = Sampling(temperature=0.0, max_new_tokens=24)


@pytest.fixture(scope="module")
def base() -> BaseModel:
    return base_model(ModelSettings(weights="bf16"))


@pytest.fixture(scope="module")
def sampler(base: BaseModel) -> Iterator[LlamaCppSampler]:
    made = LlamaCppSampler(base.gguf, renderer_for(base.checkpoint), n_seq=6, n_ctx_total=6 * 256)
    yield made
    made.close()


def prompt(text: str) -> Prompt:
    return (Message(role="system", content="You are a poet."), Message(role="user", content=text))


def asking(text: str, seed: int = 0, *, sampling: Sampling = SHORT, grammar: str = "") -> SampleRequest:
    return SampleRequest(prompt=prompt(text), seed=seed, sampling=sampling, grammar=grammar)


MIXED = [asking(f"Describe the {thing}.", seed) for thing in ("sea", "old bridge", "snow") for seed in range(4)]


def test_it_is_a_sampler(sampler: LlamaCppSampler) -> None:
    assert isinstance(sampler, Sampler)


def test_the_same_call_gives_the_same_text_whatever_came_before(sampler: LlamaCppSampler) -> None:
    first = sampler.sample(MIXED)
    sampler.sample([asking("Something else.", 9, sampling=Sampling(max_new_tokens=20))] * 3)
    "".join(sampler.stream(asking("Chat with me.", 1)))
    assert sampler.sample(MIXED) == first


def test_seeds_make_different_completions_of_one_prompt(sampler: LlamaCppSampler) -> None:
    texts = [result.text for result in sampler.sample(MIXED[:4]) if isinstance(result, Completion)]
    assert len(set(texts)) == 4


def test_greedy_completions_of_one_prompt_are_equal(sampler: LlamaCppSampler) -> None:
    results = sampler.sample([asking("Name a colour.", seed, sampling=GREEDY) for seed in range(4)])
    assert all(result == results[0] for result in results)


def test_a_prompt_keeps_its_answer_beside_other_prompts(sampler: LlamaCppSampler) -> None:
    questions = ["What is the capital of Italy?", "What is the capital of Japan?"]
    results = sampler.sample([asking(question, sampling=GREEDY) for question in questions for _ in range(3)])
    texts = [result.text for result in results if isinstance(result, Completion)]
    assert all(
        city in text for city, group in zip(("Rome", "Tokyo"), (0, 3), strict=True) for text in texts[group : group + 3]
    )


def test_the_end_of_the_turn_ends_the_completion(sampler: LlamaCppSampler) -> None:
    (result,) = sampler.sample([asking("Say only yes.", sampling=Sampling(temperature=0.0, max_new_tokens=80))])
    assert isinstance(result, Completion)
    assert result.ended
    assert "<|im_end|>" not in result.text
    assert 0 < result.n_tokens < 80


def test_the_token_limit_cuts_and_says_so(sampler: LlamaCppSampler) -> None:
    (result,) = sampler.sample([asking("Tell a long story.", sampling=Sampling(temperature=0.0, max_new_tokens=5))])
    assert isinstance(result, Completion)
    assert (result.n_tokens, result.ended) == (5, False)


def test_more_requests_than_sequences_all_come_back(sampler: LlamaCppSampler) -> None:
    results = sampler.sample(
        [asking(f"Count to {i % 5}.", i, sampling=Sampling(max_new_tokens=3 + i % 4)) for i in range(20)]
    )
    assert [type(result) for result in results] == [Completion] * 20


def test_a_prompt_that_does_not_fit_fails_alone(base: BaseModel) -> None:
    tight = LlamaCppSampler(base.gguf, renderer_for(base.checkpoint), n_seq=2, n_ctx_per_seq=128)
    long, short = tight.sample([asking("word " * 300), asking("word")])
    tight.close()
    assert isinstance(long, Failed)
    assert long.reason is Reason.PROMPT_TOO_LONG
    assert isinstance(short, Completion)


def test_long_and_short_prompts_run_in_one_call(sampler: LlamaCppSampler) -> None:
    longer, longest = (" ".join(f"Verse {i} tells of the rain." for i in range(n)) for n in (40, 100))
    results = sampler.sample([asking(longest), asking("Tell of the rain."), asking(longer)])
    assert [type(result) for result in results] == [Completion] * 3


def test_a_grammar_binds_the_answer_of_its_request_only(sampler: LlamaCppSampler) -> None:
    bound, free = sampler.sample(
        [
            asking("Do you like rain?", 3, grammar='root ::= "yes" | "no"'),
            asking("Do you like rain?", 3),
        ]
    )
    assert isinstance(bound, Completion)
    assert isinstance(free, Completion)
    assert bound.text in ("yes", "no")
    assert free.text not in ("yes", "no")


def test_a_broken_grammar_is_one_line(sampler: LlamaCppSampler) -> None:
    with pytest.raises(EngineError, match="grammar"):
        sampler.sample([asking("x", grammar="root ::= (")])


def test_completions_are_reported_as_they_end(sampler: LlamaCppSampler) -> None:
    seen: dict[int, Completion | Failed] = {}
    results = sampler.sample(MIXED, on_completion=seen.__setitem__)
    assert [seen[index] for index in range(len(MIXED))] == results


def test_a_stop_keeps_what_is_finished_and_names_the_rest(sampler: LlamaCppSampler) -> None:
    done: list[int] = []
    results = sampler.sample(MIXED, on_completion=lambda index, _: done.append(index), cancelled=lambda: len(done) > 0)
    kinds = {result.reason if isinstance(result, Failed) else "completion" for result in results}
    assert kinds == {Reason.CANCELLED, "completion"}


def test_calling_from_inside_on_completion_is_refused(sampler: LlamaCppSampler) -> None:
    def again(_: int, __: Completion | Failed) -> None:
        sampler.sample([asking("x")])

    with pytest.raises(EngineError, match="on_completion"):
        sampler.sample([asking("x")], on_completion=again)


def test_threads_wait_for_their_turn_and_get_their_own_answers(sampler: LlamaCppSampler) -> None:
    alone = [sampler.sample([asking(f"Describe number {i}.", i)]) for i in range(4)]
    together: dict[int, list[Completion | Failed]] = {}
    threads = [
        threading.Thread(
            target=lambda i=i: together.__setitem__(i, sampler.sample([asking(f"Describe number {i}.", i)]))
        )
        for i in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[i] for i in range(4)] == alone


def test_a_stream_joins_to_the_sampled_text(sampler: LlamaCppSampler) -> None:
    (result,) = sampler.sample([asking("Hello.", 5)])
    assert isinstance(result, Completion)
    assert "".join(sampler.stream(asking("Hello.", 5))) == result.text
    assert sampler.last == result  # tokens counted, and whether it ended by itself


def test_a_reader_who_leaves_frees_the_model(sampler: LlamaCppSampler) -> None:
    pieces = sampler.stream(asking("Tell a long story.", sampling=Sampling(max_new_tokens=120)))
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]  # it is a generator
    assert isinstance(sampler.sample([asking("x")])[0], Completion)


def test_a_stream_that_cannot_start_raises(sampler: LlamaCppSampler) -> None:
    with pytest.raises(EngineError, match="does not fit"):
        list(sampler.stream(asking("word " * 9000)))


def test_no_requests_give_no_results(sampler: LlamaCppSampler) -> None:
    assert sampler.sample([]) == []


def test_a_closed_sampler_refuses_work_and_closes_twice(base: BaseModel) -> None:
    made = LlamaCppSampler(base.gguf, renderer_for(base.checkpoint))
    made.close()
    made.close()
    with pytest.raises(EngineError, match="closed"):
        made.sample([asking("x")])


def test_a_missing_file_says_what_to_do(base: BaseModel, tmp_path) -> None:
    with pytest.raises(EngineError, match="doctor"):
        LlamaCppSampler(tmp_path / "none.gguf", renderer_for(base.checkpoint))


def test_a_completion_does_not_depend_on_its_company(sampler: LlamaCppSampler) -> None:
    together = sampler.sample(MIXED)
    assert [sampler.sample([request])[0] for request in MIXED[::4]] == together[::4]
    assert sampler.sample(MIXED[::-1])[::-1] == together


def test_a_completion_does_not_depend_on_the_number_of_threads(sampler: LlamaCppSampler, base: BaseModel) -> None:
    alone = LlamaCppSampler(base.gguf, renderer_for(base.checkpoint), n_seq=4, threads=1)
    results = alone.sample(MIXED[:6])
    alone.close()
    assert results == sampler.sample(MIXED)[:6]


@pytest.mark.parametrize("n_extra", [-1, 0, 1])
def test_prompts_around_the_edge_of_a_block_keep_their_answers(sampler: LlamaCppSampler, n_extra: int) -> None:
    words = "rain " * 200
    base_length = len(sampler._renderer.context(prompt(words)))
    requests = [asking(words[: -5 * (base_length - 129 - n_extra)] + end) for end in ("", " falls", "")]
    together = sampler.sample(requests)
    assert together[0] == together[2]
    assert [sampler.sample([request])[0] for request in requests] == together
