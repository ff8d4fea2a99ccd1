"""Gates for what a row promises besides its prose: its poem, brief, form, choice, verdict and revision."""

import re
from collections.abc import Collection, Iterator, Sequence

from rapidfuzz.distance import Indel

from workbench.education.gates.cases import Case, Part, lines_of, read_cached
from workbench.education.gates.spoken_gates import critique_complaints
from workbench.education.types import Finding, Gate, GateReason
from workbench.errors import InputError
from workbench.prompts.templates import poem_target
from workbench.prosody import FORMS, check_form, rhyme_class, scheme
from workbench.prosody.rhyme import verse_rhyme_class
from workbench.prosody.scheme import rhyming_end
from workbench.prosody.types import SLANT_CLASSES
from workbench.scoring.leaks import find_leak
from workbench.types import Poem
from workbench.words import words_of

Findings = Iterator[Finding]

BRIEF_FIELDS = ("ANGLE", "AVOID", "IMAGES FROM", "FORM", "SOUND", "TURN")
N_CLICHES = 8
_KEPT = 0.5  # share of lines that a revision keeps, unless it changes all that was asked for
_SAME_LINE = 0.85  # likeness from which a line counts as kept
_LEAST_LINES = 2
_CHOICE = re.compile(r"STRONGER: ([AB])")


def bad_poem(case: Case) -> Findings:
    """Only what was written to fail can have an autopsy."""
    for poem in case.poems:
        if not poem.failure:
            detail = f"'{poem.title}' is of data/poems/good"
            yield Finding(gate=Gate.POEM, reason=GateReason.WRONG_POEM, detail=detail)


def good_poem(case: Case) -> Findings:
    """Only what was not written to fail is approved, and taught to the poet."""
    for poem in case.poems:
        if poem.failure:
            detail = f"'{poem.title}' is of data/poems/bad ({poem.failure})"
            yield Finding(gate=Gate.POEM, reason=GateReason.WRONG_POEM, detail=detail)


def written(case: Case) -> Findings:
    """There is a poem, and its own critique does not send it back to its beginning."""
    n_lines = sum(map(len, map(lines_of, case.poems)))
    if n_lines < _LEAST_LINES:
        yield Finding(gate=Gate.POEM, reason=GateReason.NOT_A_POEM, detail=f"{n_lines} lines")
    if read_cached(case.row.critique).verdict == "start over":
        yield Finding(gate=Gate.CHOICE, reason=GateReason.WRONG_VERDICT, detail="its critique says start over")


def rejectable_poem(case: Case) -> Findings:
    """A good poem may be sent back for revision, never to its beginning."""
    if case.row.verdict == "start over":
        yield from bad_poem(case)


def verdict(case: Case) -> Findings:
    """The critique ends in the verdict of the row; an approval holds one complaint at most."""
    critique = case.speeches[0].critique
    wanted = case.row.verdict
    known = ("approve",) if case.row.task == "approval" else ("revise", "start over")
    if wanted not in known or critique.verdict != wanted:
        detail = (
            f"verdict '{wanted}', the critique says '{critique.verdict}', a {case.row.task} is {' or '.join(known)}"
        )
        yield Finding(gate=Gate.CHOICE, reason=GateReason.WRONG_VERDICT, detail=detail)
    if wanted == "approve" and len(critique.parts) > 1:
        detail = f"an approval with {len(critique.parts)} LINE parts"
        yield Finding(gate=Gate.CHOICE, reason=GateReason.WRONG_VERDICT, detail=detail)


def given_critique(case: Case) -> Findings:
    """The critique that is answered keeps the format too."""
    yield from critique_complaints(case.row.critique)


# ---------------------------------------------------------------- briefs and pairs


def brief_fields(text: str) -> dict[str, str]:
    r"""The parts of a brief by their names.

    >>> brief_fields("ANGLE: from below\nTURN: at the door")
    {'ANGLE': 'from below', 'TURN': 'at the door'}
    """
    found = {}
    for line in text.strip().split("\n"):
        name, sign, value = line.partition(":")
        if sign and name.strip() in BRIEF_FIELDS and value.strip():
            found[name.strip()] = value.strip()
    return found


def brief(case: Case) -> Findings:
    """Six lines in their order, eight different clichés."""
    for speech in case.speeches:
        if speech.kind != "brief":
            continue
        found = brief_fields(speech.text)
        for name in BRIEF_FIELDS:
            if name not in found:
                yield Finding(gate=Gate.BRIEF, reason=GateReason.BRIEF_FIELD, detail=name)
        n_lines = len([line for line in speech.text.split("\n") if line.strip()])
        if n_lines != len(BRIEF_FIELDS) or tuple(found) != tuple(name for name in BRIEF_FIELDS if name in found):
            detail = f"{n_lines} lines; a brief is the six lines {', '.join(BRIEF_FIELDS)}, in this order"
            yield Finding(gate=Gate.FORMAT, reason=GateReason.BAD_FORMAT, detail=detail)
        cliches = {part.strip().casefold() for part in found.get("AVOID", "").split(";") if part.strip()}
        if "AVOID" in found and len(cliches) < N_CLICHES:
            detail = f"{len(cliches)}, separated by semicolons"
            yield Finding(gate=Gate.BRIEF, reason=GateReason.FEW_CLICHES, detail=detail)


def no_copy(case: Case) -> Findings:
    """Request and brief lead to the poem without quoting it."""
    for poem in case.poems:
        leak = find_leak(f"{case.row.request}\n{case.row.brief}", poem_target(poem))
        if leak.is_leak:
            words = [poem_target(poem)[start:end] for start, end in leak.spans]
            longest = " ".join(max(words, key=len, default="many of its words").split())
            yield Finding(gate=Gate.COPY, reason=GateReason.COPIES_POEM, detail=f'"{longest[:80]}"')


def form(case: Case) -> Findings:
    """The poem keeps the form, the scheme is the form's or the poem's, end words end lines."""
    for poem in case.poems:
        try:
            check = check_form(poem.text, case.row.form)
        except InputError as exc:
            yield Finding(gate=Gate.FORM, reason=GateReason.BROKEN_FORM, detail=str(exc))
            return
        if not check.passed:
            detail = f"{case.row.form}: {check.faults[0].sentence}"
            yield Finding(gate=Gate.FORM, reason=GateReason.BROKEN_FORM, detail=detail)
        known = {check.scheme, *(rhyme for row in FORMS if row.name == check.variant for rhyme in row.rhyme.split("|"))}
        if not is_scheme_of(case.row.scheme, poem, known=known):
            detail = f"'{case.row.scheme}'; measured is {scheme(poem.text.split(chr(10))).text}"
            yield Finding(gate=Gate.FORM, reason=GateReason.FALSE_FORM_SCHEME, detail=detail)
        yield from _end_words(poem, case.row.end_words)


def is_scheme_of(claimed: str, poem: Poem, *, known: Collection[str] = ()) -> bool:
    r"""Whether a scheme is one of `known`, that of a stanza, or fits the poem line by line.

    Line by line: x is a line without partner, digits mark refrains, small letters are the same rhyme as capital ones.
    Lines of one letter must rhyme, fully or nearly; lines of two letters must not rhyme fully.

    >>> poem = Poem(title="", text="a cat\na dog\na hat\na tree")
    >>> [is_scheme_of(claimed, poem) for claimed in ("xAxA", "AxAx", "AAAA", "AB")]
    [False, True, False, False]
    """
    heard = scheme(poem.text.split("\n"))
    if _bare(claimed) and _bare(claimed) in {_bare(one) for one in (*known, heard.text, *heard.stanza_schemes)}:
        return True
    letters = [char.upper() for char in claimed if char.isalpha()]
    ends = [rhyming_end(line) for line in lines_of(poem)]
    if len(letters) != len(ends):
        return False
    return all(
        _may_share(ends[one], ends[two]) if letters[one] == letters[two] else heard.letters[one] != heard.letters[two]
        for two in range(len(ends)) for one in range(two) if "X" not in (letters[one], letters[two])
    )  # fmt: skip


def _may_share(a: str, b: str) -> bool:
    return bool({rhyme_class(a, b), verse_rhyme_class(a, b)} & SLANT_CLASSES)


def _bare(text: str) -> str:
    return "".join(text.split())


def _end_words(poem: Poem, end_words: Sequence[str]) -> Findings:
    ends = {words[-1].folded for line in lines_of(poem) if (words := words_of(line))}
    for word in end_words:
        if [each.folded for each in words_of(word)][-1:] != [word.casefold()] or word.casefold() not in ends:
            yield Finding(gate=Gate.FORM, reason=GateReason.FALSE_END_WORD, detail=f"'{word}'")


# ---------------------------------------------------------------- comparisons and dialogues


def choice(case: Case) -> Findings:
    """Two different poems, the last line agrees with `stronger`, and a failed poem does not beat a sound one."""
    row = case.row
    last = row.text.strip().split("\n")[-1].strip()
    found = _CHOICE.fullmatch(last)
    if found is None:
        yield Finding(
            gate=Gate.FORMAT, reason=GateReason.BAD_FORMAT, detail='the last line is not "STRONGER: A" or "B"'
        )
    elif found[1] != row.stronger:
        yield Finding(
            gate=Gate.CHOICE, reason=GateReason.CHOICE_DIFFERS, detail=f"{found[1]}, not {row.stronger or 'none'}"
        )
    if row.poem_a == row.poem_b:
        yield Finding(gate=Gate.POEM, reason=GateReason.WRONG_POEM, detail="it compares a poem with itself")
    if len(case.poems) == 2 and row.stronger in ("A", "B"):
        winner, loser = case.poems if row.stronger == "A" else case.poems[::-1]
        if winner.failure and not loser.failure:
            yield Finding(gate=Gate.CHOICE, reason=GateReason.WEAKER_CHOSEN, detail=f"'{winner.title}'")


def revision(case: Case) -> Findings:
    """A poem that changes lines which the critique named, and keeps the rest or does all that was asked."""
    revised = lines_of(case.revised)
    if len(revised) < _LEAST_LINES or not case.row.revised_title.strip():
        yield Finding(gate=Gate.REVISION, reason=GateReason.NOT_A_POEM, detail=f"{len(revised)} lines")
        return
    for poem in case.poems:
        before = lines_of(poem)
        asked = [part for part in case.speeches[0].critique.parts if part.last_line <= len(before)]
        changed = [part for part in asked if _is_changed(part, before, revised)]
        if asked and not changed:
            yield Finding(
                gate=Gate.REVISION, reason=GateReason.UNCHANGED, detail=f"of {len(asked)} parts none was answered"
            )
        kept = sum(_is_kept(line, revised) for line in before) / max(len(before), 1)
        if kept < _KEPT and len(changed) < len(asked):
            yield Finding(gate=Gate.REVISION, reason=GateReason.REWRITTEN, detail=f"{kept:.0%} of the lines are left")


def _is_changed(part: Part, before: Sequence[str], after: Sequence[str]) -> bool:
    whole = {line.strip() for line in after}
    return any(line.strip() not in whole for line in before[part.first_line - 1 : part.last_line])


def _is_kept(line: str, after: Sequence[str]) -> bool:
    return any(Indel.normalized_similarity(line.strip(), other.strip()) >= _SAME_LINE for other in after)
