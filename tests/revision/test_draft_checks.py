import pytest

from workbench.revision.draft_checks import (
    FormVerdict,
    best_round,
    gated,
    judge,
    judge_form,
    n_avoided_cliches,
    plain_form,
    staleness,
    without_brief,
)
from workbench.revision.types import Brief, Draft, Round, StopReason

HAIKU = "An old iron pump\ngives one long cough of red rust\nand then the whole well."
PETRARCHAN = """The ladder leans against the orchard wall,
a thing of rungs that nobody will climb,
and all the wood has taken on the rime
that settles on whatever waits to fall.
My father kept a saw, a plumb, an awl,
and marked his hours in pencil and in lime;
he said a joint will tell you in its time
if it was cut to hold, or cut at all.
I put my boot upon the lowest rung
and hear the nails complain along the grain,
a little language that I never learned.
The apples that he left are overhung;
the wasps have had their sugar in the rain.
I take the ladder in. The page is turned."""


def _draft(text, number=0):
    return Draft(id=str(number), number=number, title="T", text=text, parent_id="", critique_id="", author="poet",
                 engine="e", prompt_digest="", seed=0)  # fmt: skip


def _round(text, number, verdict="revise"):
    draft = _draft(text, number)
    critique = judge(draft, f"VERDICT {verdict}: so", form="", engine="e", prompt_digest="", seed=0)
    return Round(number=number, draft=draft, critique=critique)


def test_a_petrarchan_sonnet_is_not_held_against_the_shakespearean_scheme():
    held = judge_form(PETRARCHAN, "sonnet")
    assert held.passed is True, held.reason
    assert judge_form(PETRARCHAN, "petrarchan sonnet").passed is True
    assert judge_form(PETRARCHAN, "shakespearean sonnet").passed is False


def test_without_a_form_there_is_nothing_to_pass():
    assert judge_form(HAIKU, "").passed is None


def test_a_language_that_is_not_judged_is_no_fault():
    german = "Der alte Brunnen hustet in der Nacht\nund niemand weiß, was er im Dunkeln macht,\n" * 4
    assert judge_form(german, "couplets").passed is None


@pytest.mark.parametrize(("said", "passed", "verdict"), [
    ("approve", True, "approve"), ("approve", None, "approve"), ("approve", False, "revise"),
    ("revise", True, "revise"), ("start over", False, "start over"),
])  # fmt: skip
def test_the_gate_takes_approvals_away_and_gives_none(said, passed, verdict):
    assert gated(said, FormVerdict(passed=passed)) == verdict


def test_a_broken_form_gives_its_reason():
    critique = judge(_draft("one\ntwo"), "VERDICT approve: yes", form="haiku", engine="e", prompt_digest="", seed=0)
    assert critique.reason.startswith("As haiku:")


BRIEF = Brief(id="b", request="r", text="", avoid=("all aboard", "winter"))


def test_the_best_draft_keeps_the_form_before_anything_else():
    rounds = [
        _round(HAIKU + "\nall aboard now", 0, "approve"),
        _round(HAIKU, 1, "start over"),
        _round("x\ny", 2, "approve"),
    ]
    assert best_round(rounds, BRIEF, "haiku") == 1


def test_a_draft_with_the_lines_of_its_form_goes_before_one_without():
    """A wrong number of lines hides every other fault, so that one fault is worse than many."""
    whole, short = "\n".join(f"A line that ends on {n}" for n in range(19)), "\n".join(["A line"] * 18)
    assert judge_form(short, "villanelle").n_faults < judge_form(whole, "villanelle").n_faults
    assert best_round([_round(whole, 0), _round(short, 1)], None, "villanelle") == 0


@pytest.mark.parametrize(("text", "form"), [
    (HAIKU, "haiku"), (PETRARCHAN, "petrarchan sonnet"),
    ("I came by bus.\nNobody had the key,\nso we all stood there with the shopping\nuntil it rained.", ""),
    ("", ""), ("One line alone.", ""),
])  # fmt: skip
def test_a_draft_is_in_a_form_only_where_it_plainly_keeps_it(text, form):
    assert plain_form(text) == form


def test_then_fewer_cliches_then_the_verdict_then_the_later_one():
    clean, stale = "a rope\na bell", "a rope\nall aboard"
    assert best_round([_round(clean, 0), _round(stale, 1, "approve")], BRIEF, "") == 0
    assert best_round([_round(clean, 0, "approve"), _round("a rope\na gull", 1)], BRIEF, "") == 0
    assert best_round([_round(clean, 0), _round("a rope\na gull", 1)], BRIEF, "") == 1
    assert best_round([], BRIEF, "") == -1


def test_a_single_word_is_no_cliche():
    assert n_avoided_cliches("Winter: all aboard!", BRIEF.avoid) == 1


def test_white_space_and_capitals_make_no_new_poem():
    earlier = [_draft("A rope\na bell", 0), _draft("a gull\na bell", 1)]
    assert staleness("A gull \n\na Bell", earlier) is StopReason.NO_CHANGE
    assert staleness("a rope\na bell", earlier) is StopReason.CYCLE
    assert staleness("a rope\na bell.", earlier) is None


def test_what_is_said_of_a_brief_that_nobody_wrote_is_left_out():
    """A person's own poem is written to no brief: advice that leans on one is untrue."""
    text = (
        "STRONGEST 2: the brief asks for this.\n"
        "LINE 1 (dead metaphor): nobody sees anything. TRY: Take the comparison from the trade that the brief names.\n"
        "LINE 2 (slack verb): The brief wants harbours.\nVERDICT revise: Far from the brief."
    )
    told = {"form": "", "engine": "e", "prompt_digest": "p", "seed": 1}
    asked = judge(_draft("The kettle is on.\nNobody comes."), text, **told)
    own = without_brief(asked)
    assert [(item.first_line, item.direction) for item in own.items] == [(1, "")]
    assert "brief" not in f"{own.strongest} {own.items} {own.reason}"
    assert any("there is none" in line for line in own.dropped)
    assert len(asked.items) == 2
    assert asked.items[0].direction
