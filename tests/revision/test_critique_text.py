import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.revision.critique_text import (
    ParsedCritique,
    critique_prose,
    failure_named,
    parse_critique,
    write_critique,
)
from workbench.revision.types import FAILURES, CritiqueItem

TEXT = """STRONGEST line 4: The "wet rope" holds, because it is only a rope.
LINE 7 (cliche): "heart of stone" was carried in by everybody. TRY: ask what the stone was for.
LINES 9-10 (false closure): They shut the door. TRY: stop at the hinge.
VERDICT revise: A trouble of revision, not of conception."""

_WORDS = st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=6).map(" ".join)


def _item(first, last, *, failure, note, direction=""):
    return CritiqueItem(id="", first_line=first, last_line=last, failure=failure, note=note, direction=direction)


@st.composite
def _critiques(draw):
    """Well-formed critiques of a poem of twelve lines."""
    spans = draw(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 2)), max_size=4, unique_by=lambda one: one[0]))
    items = [
        _item(first, min(first + more, 12), failure=draw(st.sampled_from(FAILURES)), note=f"{draw(_WORDS)} {n}.",
              direction=draw(_WORDS) + ".")
        for n, (first, more) in enumerate(spans)
    ]  # fmt: skip
    strongest = _item(draw(st.integers(1, 12)), 0, failure="strongest", note=draw(_WORDS) + ".")
    strongest = _item(strongest.first_line, strongest.first_line, failure="strongest", note=strongest.note)
    verdict = draw(st.sampled_from(["approve", "revise", "start over"]))
    return ParsedCritique(strongest=strongest, items=tuple(items), verdict=verdict, reason=draw(_WORDS), dropped=())


def test_the_format_is_read():
    found = parse_critique(TEXT, n_lines=10)
    assert (found.strongest.first_line, found.verdict, found.dropped) == (4, "revise", ())
    assert [(i.first_line, i.last_line, i.failure, i.direction) for i in found.items] == [
        (7, 7, "cliche", "ask what the stone was for."),
        (9, 10, "false closure", "stop at the hinge."),
    ]
    assert found.reason == "A trouble of revision, not of conception."


def test_what_is_read_is_written_back_as_it_was():
    assert write_critique(parse_critique(TEXT, n_lines=10)) == TEXT


@given(_critiques())
def test_reading_undoes_writing(critique):
    found = parse_critique(write_critique(critique), n_lines=12)
    bare = [(i.first_line, i.last_line, i.failure, i.note, i.direction) for i in (found.strongest, *found.items)]
    assert bare == [(i.first_line, i.last_line, i.failure, i.note, i.direction)
                    for i in (critique.strongest, *critique.items)]  # fmt: skip
    assert (found.verdict, found.reason, found.dropped) == (critique.verdict, critique.reason, ())


@given(st.text(max_size=400) | st.lists(st.sampled_from([
    "STRONGEST ", "line ", "LINES ", "3", "99", "-", "(cliche)", ": ", "TRY: ", "VERDICT ", "approve", "\n", "* ",
    "word. ",
])).map("".join), st.integers(0, 20))  # fmt: skip
def test_whatever_a_model_writes_no_line_is_cited_that_does_not_exist(text, n_lines):
    found = parse_critique(text, n_lines=n_lines)
    for item in (*found.items, *([found.strongest] if found.strongest else [])):
        assert 1 <= item.first_line <= item.last_line <= n_lines
    assert len(found.items) <= 4
    assert found.verdict in ("approve", "revise", "start over")


def test_a_line_that_does_not_exist_is_dropped_and_noted():
    found = parse_critique("LINE 11 (cliche): old. TRY: new.\nVERDICT approve: done", n_lines=10)
    assert found.items == ()
    assert found.dropped == ("line 11 does not exist; the poem has 10",)


def test_a_missing_verdict_never_approves():
    found = parse_critique("STRONGEST line 1: good.", n_lines=3)
    assert found.verdict == "revise"
    assert "no verdict" in found.dropped[0]


def test_a_refused_approval_is_no_approval():
    assert parse_critique("VERDICT not approved: too soon", n_lines=3).verdict == "revise"
    assert parse_critique("VERDICT: do not start over", n_lines=3).verdict == "revise"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("[ ] approve [x] revise", "revise"), ("[x] approve [ ] revise", "approve"),
     ("(approve / revise / start over): revise", "revise"), ("~~approve~~ revise", "revise"),
     ("approve? No – revise.", "revise"), ("approve", "approve"), ("I cannot approve this yet.", "revise"),
     ("Approved, pending a new line 3.", "revise"), ("I would approve once line 3 is cut.", "revise"),
     ("Not only do I approve, I envy it.", "approve"), ("Yes, it is ready.", "approve"), ("not ready.", "revise"),
     ("approve: if anything, a breath is missing", "approve"), ("no need to revise; approved", "approve"),
     ("The poem is done.", "approve"),
     ("approve with minor changes", "revise"), ("it needs no revision, approve", "approve"),
     ("(approve) the last line holds", "approve")],
)  # fmt: skip
def test_a_verdict_is_what_was_chosen_and_not_what_there_was_to_choose_from(said, verdict):
    assert parse_critique(f"STRONGEST line 1: exact.\nVERDICT: {said}", n_lines=3).verdict == verdict


def test_small_models_are_understood():
    text = (
        "**Strongest** (line 2): it holds.\n- **line 3** (Clichéd): tired. Try: cut it.\nverdict - Approved. It stands."
    )
    found = parse_critique(text, n_lines=3)
    assert found.strongest.note == "it holds."
    assert [(i.first_line, i.failure, i.direction) for i in found.items] == [(3, "cliche", "cut it.")]
    assert (found.verdict, found.reason) == ("approve", "It stands.")


def test_parts_run_together_in_one_line_are_parted():
    found = parse_critique(
        "STRONGEST line 1: good. LINE 2 (padding): thin. TRY: cut. VERDICT start over: no.", n_lines=2
    )
    assert (found.strongest.note, found.items[0].direction, found.verdict) == ("good.", "cut.", "start over")


@pytest.mark.parametrize(("where", "spans"), [
    ("LINES 1 and 4", [(1, 1), (4, 4)]), ("LINES 3 and 4", [(3, 4)]), ("LINES 2, 3 and 5", [(2, 3), (5, 5)]),
    ("Lines 1 & 3", [(1, 1), (3, 3)]), ("line 2 to 4", [(2, 4)]),
    ("LINES 1/3", [(1, 1), (3, 3)]), ("LINE 1; LINE 3", [(1, 1), (3, 3)]),
])  # fmt: skip
def test_of_several_lines_only_those_that_are_named_are_cited(where, spans):
    found = parse_critique(f"{where} (padding): slack. TRY: cut.\nVERDICT revise", n_lines=5)
    assert [(item.first_line, item.last_line) for item in found.items] == spans


def test_what_is_said_of_a_line_keeps_its_words():
    said = "the speaker of lines one to four would not say it"
    found = parse_critique(f"Line five (mixed tone): {said}. TRY: ask line two.\nVERDICT revise: once more", n_lines=10)
    assert [(item.first_line, item.note, item.direction) for item in found.items] == [(5, f"{said}.", "ask line two.")]


def test_a_line_counted_in_a_later_stanza_is_not_guessed():
    found = parse_critique("STANZA 2, LINE 1 (padding): slack. TRY: cut.\nVERDICT revise", n_lines=5)
    assert found.items == ()
    assert "within a stanza" in found.dropped[0]


def test_the_same_thing_is_not_said_twice():
    found = parse_critique("LINE 1 (padding): thin. TRY: cut.\nLINE 1 (padding): slack. TRY: cut.", n_lines=2)
    assert len(found.items) == 1


def test_every_kind_of_failure_is_known_by_its_name():
    assert [failure_named(kind.upper()) for kind in FAILURES] == list(FAILURES)


def test_prose_names_the_lines_without_the_keywords():
    prose = critique_prose(parse_critique(TEXT, n_lines=10))
    assert "Lines 9-10, false closure: They shut the door. Try this: stop at the hinge." in prose
    assert not any(word in prose for word in ("STRONGEST", "LINE ", "TRY", "VERDICT"))


POEM = ("The brass pan came back,", "one rope holds it,", "the clock is at noon,", "the till is dead quiet.")
SHAPES = {
    "as asked": "STRONGEST line 1: exact.\nLINE 4 (cliche): old. TRY: why?\nVERDICT revise: x.",
    "headings": "## Strongest\nLine 1: exact.\n\n## Weaknesses\n- Line 4 (cliché): old.\n  - Try: why?\n\n"
    "## Verdict\nRevise.",
    "numbers and dashes": "1. Strongest: line 1 – exact.\n2. Line 4 – cliché – old. Suggestion: why?\n"
    "3. Verdict: Revise.",
    "an object": '{"strongest": {"line": 1, "why": "exact"}, "items": [{"line": 4, "failure": "cliche", "note": "old", '
    '"try": "why?"}], "verdict": "revise", "reason": "x"}',
    "a table": "| Line | Failure | Note | Try |\n|---|---|---|---|\n| 1 | strongest | exact | |\n"
    "| 4 | cliche | old | why? |\n\nVERDICT revise",
    "another order": "VERDICT revise: no.\nLINE 4 (cliche): old. TRY: why?\nSTRONGEST line 1: exact.",
    "letters": "L1 is the strongest: exact.\nL4 (cliche): old. TRY: why?\nVERDICT: REVISE",
    "words for numbers": "Strongest: the first line – exact.\nThe last line (cliché): old. TRY: why?\nVerdict: revise",
    "words of the line": "STRONGEST “brass pan came back”: exact.\n“dead quiet” (cliche): old. TRY: why?\n"
    "VERDICT revise",
    "number signs": "STRONGEST line #1: exact.\nLINE #4 (cliche): old. TRY: why?\nVERDICT revise: x",
    "bare numbers": "Strongest line: 1 (exact)\nWeak lines:\n- 4 (cliche): old. TRY: why?\nVerdict: revise",
    "dashes for colons": "STRONGEST — line 1 — exact.\nLINE 4 — cliche — old. TRY — why?\nVERDICT — revise — x",
    "stars": "* **STRONGEST** line 1: exact.\n* **LINE 4** (cliche): old. *TRY:* why?\n* **VERDICT** revise: x",
    "XML": '<critique><strongest line="1">exact</strongest><line number="4" failure="cliche">old<try>why?</try></line>'
    "<verdict>revise</verdict></critique>",
    "XML of lists": "<strongest><line>1</line><why>exact</why></strongest>\n<items>\n<item><line>4</line>"
    "<kind>cliche</kind><note>old</note><try>why?</try></item>\n</items>\n<verdict>revise</verdict>",
    "YAML": "strongest:\n  line: 1\n  why: exact\nlines:\n  - line: 4\n    failure: cliche\n    note: old\n"
    "    try: why?\nverdict: revise",
    "as Python writes it": "{'strongest': {'line': 1, 'why': 'exact'}, 'items': [{'line': 4, 'failure': 'cliche', "
    "'note': 'old', 'try': 'why?'}], 'verdict': 'revise'}",
    "a list": '[{"strongest": {"line": 1, "why": "exact"}}, {"line": 4, "kind": "cliche: old", "fix": "why?"}, '
    '{"verdict": "revise"}]',
    "other names": '{"strongest_line": 1, "strongest_reason": "exact", "issues": [{"line_number": "4", "problem": '
    '"cliche: old", "suggestion": "why?"}], "verdict": {"decision": "revise"}}',
    "prose": "The strongest is the first line: exact. The last line is a cliche; consider why? I would revise this.",
    "arrows": "Strongest: L1 – exact.\nL4 – cliche – old → why?\n→ revise",
    "signs": "- #1 is the strongest: exact.\n- #4 (cliche): old. TRY: why?\nRecommendation: revise",
    "weakest": "**Strongest line:** “The brass pan came back,” – exact.\n**Weakest line:** “the till is dead quiet.” – "
    "cliche, old. *Try:* why?\n**Verdict:** needs revision",
    "a score": "STRONGEST line 1, exact.\nLine 4: cliche, old. Try: why?\nScore: 6/10\nVerdict: needs work",
    "within a stanza": "STRONGEST stanza 1, line 1: exact.\nSTANZA 1, LINE 4 (cliche): old. TRY: why?\n"
    "VERDICT: not approved",
    "the quotation first": 'STRONGEST line 1: exact.\n"the till is dead quiet." (line 4): cliche; old. TRY: why?\n'
    "VERDICT revise",
    "an object a line": '{"strongest": {"line": 1, "why": "exact"}}\n{"line": 4, "kind": "cliche", "note": "old", '
    '"try": "why?"}\n{"verdict": "revise"}',
    "CSV": "line,failure,note,try\n1,strongest,exact,\n4,cliche,old,why?\nverdict,revise,,",
    "words for figures": "1. Line one is the strongest: exact.\n2. Line four (cliche): old. TRY: why?\n"
    "Verdict: one more revision",
    "a label a line": "Strongest: 1 — exact.\nLine: 4\nFailure: cliche\nNote: old\nTry: why?\nVerdict: revise",
    "pictures": "💪 Strongest line 1: exact.\n⚠️ Line 4 (cliche): old. Try: why?\n🔁 Verdict: revise",
    "another language's lines": "STRONGEST Zeile 1: exact.\nZeile 4 (cliche): old. TRY: why?\nVERDICT revise",
    "a thought before it": "<think>VERDICT approve</think>STRONGEST line 1: exact.\n"
    "LINE 4 (cliche): old. TRY: why?\nVERDICT revise",
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_a_critique_says_the_same(name):
    found = parse_critique(SHAPES[name], n_lines=4, lines=POEM)
    assert found.strongest
    (item,) = found.items
    assert (found.strongest.first_line, item.first_line, item.failure, found.verdict) == (1, 4, "cliche", "revise")
    assert item.direction.strip("* ") == "why?"


ROPE = ["The rope is wet, the day is old,", "nobody waves.", "The boat is cold as any key,", "the harbour saves."]


@pytest.mark.parametrize(("text", "strongest", "spans"), [
    ("Strongest: line 2.\nline 3 (cliché): cold again.\nVerdict: revise", 2, [(3, 3)]),
    ('Strongest: "nobody waves" – bare.\n\n"cold as any key" – borrowed. Whose key?\n\nVerdict: revise.', 2, [(3, 3)]),
    ("Strongest: line 2: bare.\nLines 3 through 4 (padding): thin.\nVerdict: revise", 2, [(3, 4)]),
    ("Strongest moment: #2\nWeak: #3 – cliché.\nWeak: #1 – flat.\nVerdict: revise", 2, [(3, 3), (1, 1)]),
    ("The strongest moment is line 2. Line 3, however, leans on a cliché. Line 1 is flat. I would revise.", 2,
     [(3, 3), (1, 1)]),
    ('Strongest: stanza 2, line 1 – "nobody waves".\nline 3: cold.\nVerdict: revise', 2, [(3, 3)]),
    ("**Strongest moment**\n“nobody waves” (line 2) – bare.\n\n**Failures**\n1. **Line 3 – cliché.** Cold.\n\n"
     "**Verdict: Revise.**", 2, [(3, 3)]),
    ("## Line 2 – Strongest\nBare.\n\n## Line 3 – Cliché\nCold.\n\n## Verdict\nRevise", 2, [(3, 3)]),
    ("Strongest: (2) bare.\n(3) cliché: cold.\n(1) padding.\nVerdict: revise", 2, [(3, 3), (1, 1)]),
    ("STRONGEST final line: it saves.\nline 3: cold.\nVERDICT revise", 4, [(3, 3)]),
    ('{"strongestMoment": {"lineNumber": 2, "comment": "bare"}, "weaknesses": [{"lineNumber": 3, "issue": "cliché"}], '
     '"verdict": "Revise"}', 2, [(3, 3)]),
    ("| Line | Issue |\n|---|---|\n| 3 | cliché |\n\n**Strongest line:** 2\n**Verdict:** revise", 2, [(3, 3)]),
])  # fmt: skip
def test_other_ways_of_naming_a_line_are_read(text, strongest, spans):
    found = parse_critique(text, n_lines=len(ROPE), lines=ROPE)
    assert found.strongest is not None
    assert found.strongest.first_line == strongest
    assert [(item.first_line, item.last_line) for item in found.items] == spans


def test_an_offer_under_a_critique_is_not_of_its_verdict():
    found = parse_critique(
        "STRONGEST line 1: exact.\nVERDICT revise: once more.\n\nLet me know if you want more!", n_lines=2
    )
    assert found.reason == "once more."
