"""A poem by a model that only answers: the form check decides, and the record says what was enforced."""

import pytest

from tests.fakes import ScriptedSampler
from workbench.errors import Stopped
from workbench.writing.asked_lines import N_ANSWERS, N_ROUNDS
from workbench.writing.asked_poem import AskedPoet, most_answers
from workbench.writing.poem_search import CannotWriteError
from workbench.writing.settings import WritingSettings
from workbench.writing.wishes import Wishes, WriteJob

COUPLETS = {
    "line 1.": "The kettle ticks beside the light,",
    "line 2.": "The moths go round it half the night.",
    "line 3.": "My brother's coat is on the stair,",
    "line 4.": "And no one sees that I am there.",
}
ONE_COUPLET = WritingSettings(units=2)


def poet(answer, folder, *, writing=ONE_COUPLET):
    sampler = ScriptedSampler(lambda _, request: answer(request.prompt[-1].content))
    return AskedPoet(sampler, WriteJob(poems=str(folder), poet="scripted", writing=writing)), sampler


def by_line(content):
    return next(line for key, line in COUPLETS.items() if f"Write {key}" in content)


def wished(**given):
    return Wishes(**{"subject": "the last bus", "form": "couplets"} | given)


def test_lines_that_fit_make_a_poem_whose_form_was_enforced(tmp_path):
    told = []
    made, _ = poet(by_line, tmp_path)
    poem = made.write(wished(), on_line=lambda number, line: told.append((number, line.text)))
    assert (poem.is_kept, poem.is_enforced) == (True, True)
    assert poem.text.replace("\n\n", "\n").split("\n") == list(COUPLETS.values())
    assert told == list(enumerate(COUPLETS.values()))
    assert len(list(tmp_path.glob("*.json"))) == 1


def test_the_question_names_the_subject_the_poem_so_far_and_the_rhyme(tmp_path):
    made, sampler = poet(by_line, tmp_path)
    made.write(wished())
    asked = sampler.requests[N_ANSWERS].prompt[-1].content
    assert "The poem is about: the last bus." in asked
    assert "1  The kettle ticks beside the light," in asked
    assert 'It rhymes with "light"' in asked


def test_answers_that_never_fit_are_bounded_and_the_record_says_so(tmp_path):
    made, sampler = poet(lambda _: "A line of other things and nothing else at all today", tmp_path)
    wishes = wished(lines={0: COUPLETS["line 1."], 1: COUPLETS["line 2."], 2: COUPLETS["line 3."]})
    poem = made.write(wishes)
    assert len(sampler.requests) == most_answers(made.slots(wishes)) == N_ANSWERS * N_ROUNDS
    assert (poem.is_kept, poem.is_enforced) == (False, False)
    assert "1 of 4 lines got no answer that keeps its place." in poem.notes


def test_refrains_come_back_without_being_asked_for(tmp_path):
    made, _ = poet(by_line, tmp_path, writing=WritingSettings())
    lines = {0: "The gate is shut", 1: "the kettle ticks", 2: "a hut", 4: "a cut", 5: "it clicks", 6: "it flicks"}
    slots = made.slots(wished(form="triolet"))
    assert most_answers(slots) == 5 * N_ANSWERS * N_ROUNDS
    given = {number: lines[number] for number in (0, 1, 2, 4, 5) if slots[number].copy_of is None}
    text = made.write(wished(form="triolet", lines=given)).text.split("\n")
    assert text[3] == text[6] == text[0]
    assert text[7] == text[1]


def test_no_usable_answer_ends_in_one_sentence(tmp_path):
    made, _ = poet(lambda _: "…", tmp_path)
    with pytest.raises(CannotWriteError, match="line 1 of 4: none of the answers"):
        made.write(wished())


def test_a_stop_is_obeyed(tmp_path):
    made, _ = poet(by_line, tmp_path)
    with pytest.raises(Stopped):
        made.write(wished(), cancelled=lambda: True)


def test_a_sestina_asks_for_the_word_that_turns(tmp_path):
    made, sampler = poet(lambda _: "A plain line about a stone", tmp_path, writing=WritingSettings())
    words = ("key", "door", "rain", "bread", "sea", "light")
    own = {n: f"She left the house and took the {word}" for n, word in enumerate(words)}
    with pytest.raises(CannotWriteError):  # the same answer twice is not a line of its own
        made.write(wished(form="sestina", lines=own))
    assert 'Its last word is "light".' in sampler.requests[0].prompt[-1].content
