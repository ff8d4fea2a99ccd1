"""Whatever the model answers, the record says what became of it, and only descriptions are called usable."""

import dataclasses

import pytest

from tests.fakes import ScriptedSampler, WordRenderer
from workbench.backtranslation import BacktranslationSettings, Describer, describe_poems, judge_answer, usable
from workbench.types import Completion, Failed, Poem, Reason

POEM = Poem(title="Hinge", text="The cold hinge sings\nof rain")
OTHER = Poem(title="Salt", text="A white road,\na dry well")
GOOD = "A short poem about an old door in bad weather."


def _describer(script, **settings) -> Describer:
    return Describer(
        sampler=ScriptedSampler(script), renderer=WordRenderer(), settings=BacktranslationSettings(**settings), seed=42
    )


def _different(place, _request):
    return f"{GOOD} It is told in {place} ways."


def test_every_slot_of_every_poem_is_filled_in_order():
    describer = _describer(_different, n_candidates=3)
    candidates = describe_poems(describer, [POEM, OTHER], iteration=2)
    assert [(c.poem_id, c.slot, c.attempt) for c in candidates] == [
        (poem.id, slot, 0) for poem in (POEM, OTHER) for slot in range(3)
    ]
    assert usable(candidates) == candidates
    assert describer.sampler.batches == [6]  # all at once, so that an engine can share prefills
    assert {(c.iteration, c.model, c.adapter) for c in candidates} == {(2, "scripted", "")}
    assert len({c.id for c in candidates}) == len({c.seed for c in candidates}) == 6


def test_no_poems_are_no_candidates():
    assert describe_poems(_describer(_different), [], iteration=0) == []


_BAD = {
    "empty": ("", Reason.EMPTY),
    "white space": (" \n\t ", Reason.EMPTY),
    "short": ("A sad poem.", Reason.TOO_SHORT),
    "seven words": ("one two three four five six seven", Reason.TOO_SHORT),
    "punctuation": ("— . — . — . — . — . —", Reason.TOO_SHORT),
    "endless": (Completion(text=GOOD * 50, n_tokens=320, ended=False), Reason.ENDLESS),
    "unclosed": (f"<think> {GOOD}", Reason.UNCLOSED_THINKING),
    "unclosed and endless": (Completion(text=f"<think> {GOOD}", n_tokens=320, ended=False), Reason.UNCLOSED_THINKING),
    "failed": (Failed(reason=Reason.ENGINE, detail="it broke"), Reason.ENGINE),
    "too long": (Failed(reason=Reason.PROMPT_TOO_LONG), Reason.PROMPT_TOO_LONG),
    "half a character": (f"{GOOD} \ud83d", Reason.BAD_TEXT),
    "broken bytes": (f"{GOOD} \ufffd", Reason.BAD_TEXT),
    "a nought": (f"{GOOD} \x00", Reason.BAD_TEXT),
    "an escape": (f"{GOOD} \x1b[31m", Reason.BAD_TEXT),
}


@pytest.mark.parametrize("name", _BAD)
def test_a_bad_answer_is_recorded_with_its_reason_and_tried_again(name):
    answer, reason = _BAD[name]
    describer = _describer([answer, GOOD], n_candidates=1)
    bad, good = describe_poems(describer, [POEM], iteration=1)
    assert (bad.failure, bad.slot, bad.attempt) == (reason.value, 0, 0)
    assert (good.failure, good.slot, good.attempt, good.text) == ("", 0, 1, GOOD)
    assert bad.seed != good.seed
    assert bad.prompt_digest == good.prompt_digest
    bad.raw.encode("utf-8")  # every record can be stored


def test_a_failure_keeps_what_the_engine_said():
    (bad,) = describe_poems(
        _describer([Failed(reason=Reason.ENGINE, detail="it broke")], n_candidates=1, retries=0), [POEM], iteration=1
    )
    assert (bad.raw, bad.text, bad.n_tokens) == ("it broke", "", 0)


def test_thinking_is_kept_in_the_raw_answer_only():
    (got,) = describe_poems(_describer([f"<think>rain?</think>\n{GOOD}"], n_candidates=1), [POEM], iteration=1)
    assert (got.text, got.raw, got.failure) == (GOOD, f"<think>rain?</think>\n{GOOD}", "")


def test_a_duplicate_is_replaced_but_other_poems_may_have_the_same_words():
    script = [GOOD, GOOD.upper(), GOOD, "Another" + GOOD, f"Once more. {GOOD}"]
    candidates = describe_poems(_describer(script, n_candidates=2), [POEM, OTHER], iteration=1)
    assert [(c.poem_id, c.slot, c.attempt, c.failure) for c in candidates] == [
        (POEM.id, 0, 0, ""), (POEM.id, 1, 0, "duplicate"), (POEM.id, 1, 1, ""),
        (OTHER.id, 0, 0, ""), (OTHER.id, 1, 0, ""),
    ]  # fmt: skip


def test_a_slot_that_stays_empty_is_given_up_after_the_retries():
    describer = _describer(lambda *_: "", n_candidates=3, retries=4)
    candidates = describe_poems(describer, [POEM], iteration=1)
    assert len(candidates) == 3 * 5
    assert usable(candidates) == []
    assert describer.sampler.batches == [3] * 5
    assert len({c.id for c in candidates}) == 15


def test_one_answer_over_and_over_is_one_description():
    candidates = describe_poems(_describer(lambda *_: GOOD, n_candidates=4), [POEM], iteration=1)
    assert [c.text for c in usable(candidates)] == [GOOD]


def test_a_cancelled_batch_is_not_tried_again():
    describer = _describer(_different, n_candidates=3)
    candidates = describe_poems(describer, [POEM], iteration=1, cancelled=lambda: True)
    assert [c.failure for c in candidates] == ["cancelled"] * 3
    assert describer.sampler.batches == [3]


def test_seeds_depend_on_what_they_are_for_and_not_on_the_company():
    def seeds(poems, iteration=1, **settings):
        found = describe_poems(_describer(_different, **settings), poems, iteration=iteration)
        return {(c.poem_id, c.slot): c.seed for c in found}

    both, alone = seeds([OTHER, POEM], n_candidates=4), seeds([POEM], n_candidates=2)
    assert alone.items() <= both.items()
    assert not set(alone.values()) & set(seeds([POEM], iteration=2, n_candidates=2).values())


def test_the_request_shows_the_poem_and_the_settings():
    describer = _describer([GOOD], n_candidates=1, words=77, temperature=0.0, top_k=0, max_new_tokens=99)
    describe_poems(describer, [POEM], iteration=1)
    (request,) = describer.sampler.requests
    shown = "\n".join(message.content for message in request.prompt)
    assert POEM.title in shown
    assert POEM.text in shown
    assert "77" in shown
    sampling = dataclasses.asdict(request.sampling)
    assert sampling == {"temperature": 0.0, "top_p": 0.95, "top_k": 0, "max_new_tokens": 99}


def test_wordings_and_temperatures_take_turns_and_measuring_knows_the_first_alone():
    spread = {"other_prompts": ("describe_long",), "other_temperatures": (0.5, 1.3)}
    describer = _describer(_different, n_candidates=7, **spread)
    candidates = describe_poems(describer, [POEM], iteration=1)
    requests = describer.sampler.requests
    assert [request.sampling.temperature for request in requests] == [0.9, 0.9, 0.5, 0.5, 1.3, 1.3, 0.9]
    wordings = [request.prompt[-1].content for request in requests]
    assert wordings == [*wordings[:2] * 3, wordings[0]]
    assert wordings[0] != wordings[1]
    assert [c.prompt_digest for c in candidates[:2]] == [describer.in_turn(slot).template.digest for slot in (0, 1)]
    plain = describe_poems(describer.plainly, [POEM], iteration=1)
    assert {c.prompt_digest for c in plain} == {candidates[0].prompt_digest}
    assert [c.seed for c in plain] == [c.seed for c in candidates]


def test_candidates_are_told_as_they_are_judged():
    told = []
    candidates = describe_poems(_describer(["", GOOD], n_candidates=1), [POEM], iteration=1, on_candidate=told.append)
    assert told == candidates


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{GOOD} And then it", (GOOD, "")),
        (f'{GOOD[:-1]}!" And then', (f'{GOOD[:-1]}!"', "")),
        ("it goes on and on and on and on and on", ("", "endless")),
        ("One. and then it goes on and on for ever", ("One.", "too_short")),
        ("A poem of some 3.5 lines. And then", ("A poem of some 3.5 lines.", "too_short")),
    ],
)
def test_an_endless_answer_may_be_cut_at_its_last_sentence(text, kept):
    settings = BacktranslationSettings(keep_endless=True)
    assert judge_answer(Completion(text=text, n_tokens=9, ended=False), WordRenderer(), settings) == kept


def test_the_defaults_are_the_published_ones():
    settings = BacktranslationSettings()
    assert (settings.n_candidates, settings.temperature, settings.top_p, settings.top_k) == (4, 0.9, 0.95, 40)
