r"""What a model thought is taken out before anything is read: poem, brief, critique, verdict, row, description.

    <think>…</think>     also <thinking>, <reasoning type="x">, <|begin_of_thought|>, <start_of_thought>, [THINK],
                         ◁think▷, &lt;think&gt;, ＜think＞, the channels of gpt-oss, the words of Ollama's
                         terminal; with its opening mark, without it (the prompt wrote it), or never closed
    ```thinking … ```    also <details> with a summary that says so, Granite's "Here is my thought process:"
    Thought for 12 s     alone over the answer, as chat pages write it

A mark that is a word of a line ("I <think> therefore") is not a mark, nor is a closing one with nothing after several
lines. One function for all readers. It knows no engine and no format of an answer.
"""

import re

from workbench.prompts.turns import own_turn
from workbench.types import Failed, Reason

_WORDS = (
    r"(?:think|thinking|thoughts?|reason|reasoning|reflection|analysis|scratchpad|plan|planning|(?:inner_)?monologue|"
    r"cot)"
)
_NAME = rf"(?:[a-z]+[_▁-])*{_WORDS}(?:[_▁-][a-z]+)*"
_L, _R, _BAR = r"(?:<|＜|&lt;)\s*", r"\s*(?:>|＞|&gt;)", r"[|｜]?"
_ENDS = r"(?=(?:\w*[_▁])?end(?:[_▁|｜]|\b))"  # part of the name of a closing mark
_OPENING = (
    rf"{_L}{_BAR}(?!{_ENDS})(?:\w+:)?{_NAME}(?:\s+[\w-]+\s*=[^<>\n]{{0,80}})?{_BAR}{_R}|"
    r"\[(?:think(?:ing)?|thoughts?|reasoning)\]|◁think▷|"
    r"<\|channel\|>\s*(?:analysis|commentary)\b[^<]*<\|message\|>|<\|channel>\s*thought|<unused94>\s*thought|"
    r"\AThinking\.\.\.[ \t]*(?=\n)"
)
_CLOSING = (
    rf"{_L}(?:{_BAR}/{_BAR}\s*(?:\w+:)?|{_BAR}{_ENDS}){_NAME}{_BAR}{_R}|"
    r"\[/(?:think(?:ing)?|thoughts?|reasoning)\]|◁/think▷|<channel\|>|<unused95>|^\.\.\.done thinking\.[ \t]*$|"
    r"(?:<\|end\|>\s*)?(?:<\|start\|>\s*assistant\s*)?<\|channel\|>\s*final\b[^<]*<\|message\|>"
)
_MARK = re.compile(rf"(?P<opening>{_OPENING})|(?P<closing>{_CLOSING})", re.IGNORECASE | re.MULTILINE)
_SAYS_SO = r"(?:think|thought|reason|plan)"
#: Thoughts that are known by more than a pair of marks; the last of them has no end.
_BLOCKS = tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE | re.DOTALL) for pattern in (
    rf"^(?P<fence>```+|~~~+)[ \t]*{_WORDS}[ \t]*\n.*?^(?P=fence)[ \t]*(?:\n|\Z)",
    rf"<details\b[^<>]*>\s*<summary>(?:(?!</summary>).)*{_SAYS_SO}.*?</summary>.*?</details>\s*",
    rf"<details\b[^<>]*{_SAYS_SO}[^<>]*>.*?</details>\s*",
    r"\A\W*(?:(?:my )?thought process|thoughts|thinking|reasoning|brainstorm\w*|planning):\W*\n.*?^\s*-{3,}\s*$",
    r"\A>[ \t]*\W*(?:reasoning|thinking|thoughts?(?: process)?)\b\W*\n(?:>[^\n]*\n)+\s*\n",
    r"\A\s*/(?:no_)?think\s*\n",
    r"\A\s*Thought:.*?^Final Answer:\s*",
    r"\AHere is my thought process:.*?^Here is my response:\s*",
    r"\Aanalysis(?-i:(?=[A-Z])).*?assistantfinal",
    rf"{_L}{_WORDS}\s*/{_R}",
    r"\A[\s*_>]*(?:thought|reasoned|thinking)\s+for\s+(?:\d[\d.]*|a couple of|a few)\s*[sm](?:\b|ec|in)"
    r"[^\n]{0,30}\n\s*\n",
))  # fmt: skip
_UNCLOSED = re.compile(rf"\A\s*(?:```+|~~~+)[ \t]*{_WORDS}[ \t]*\n", re.IGNORECASE)
_WRAPPED = re.compile(
    r"\s*<(?P<tag>(?:final_)?(?:answer|response|output))>(?P<answer>.*?)(?:</(?P=tag)>(?P<rest>.*))?", re.DOTALL
)


def answer_after_thinking(text: str, *, is_opened: bool = False) -> str | Failed:
    r"""The model's own turn, without white space around it; a thought without an end is not an answer.

    Args:
        text: what the model wrote.
        is_opened: the prompt itself opened the thought, so that an answer without a closing mark is one.

    >>> answer_after_thinking("<think>rain is a clerk</think>\n\nRain."), answer_after_thinking("hm</think>Rain.")
    ('Rain.', 'Rain.')
    >>> answer_after_thinking("<thinking>a clerk, or")
    Failed(reason=<Reason.UNCLOSED_THINKING: 'unclosed_thinking'>, detail='')
    """
    said = _said(text, is_opened=is_opened)
    if said is None:
        return Failed(reason=Reason.UNCLOSED_THINKING)
    answer, _ = own_turn(said)
    wrapped = _WRAPPED.fullmatch(answer)
    if not wrapped or len((wrapped["rest"] or "").strip().split("\n")) > 1:
        return answer
    return wrapped["answer"].strip()


def without_thinking(text: str) -> str:
    """The answer proper; "" where there is none."""
    answer = answer_after_thinking(text)
    return "" if isinstance(answer, Failed) else answer


def other_turns(text: str) -> str:
    """What is left out of an answer because it is another turn of the talk, as one line."""
    _, others = own_turn(_said(text, is_opened=False) or "")
    return " ".join(others.split())


def mark_left_in(text: str, answer: str) -> str:
    r"""A mark that was taken for a word, or after which nothing came; "" = none, so nothing is in doubt.

    >>> mark_left_in("A rope.\nA pan.\n</think>", "A rope.\nA pan."), mark_left_in("hm</think>Rain.", "Rain.")
    ('</think>', '')
    """
    kept = _MARK.search(answer)
    if kept:
        return kept[0]
    marks = list(_MARK.finditer(text))
    is_stray = marks and marks[0]["closing"] and marks[0].start() >= _stray_from(text)
    return marks[0][0] if is_stray else ""


# ---------------------------------------------------------------- private


def _said(text: str, *, is_opened: bool) -> str | None:
    """The text without thoughts; None where one has no end."""
    for pattern in _BLOCKS:
        text = pattern.sub("", text)
    return None if _UNCLOSED.match(text) else _outside(text, is_inside=is_opened)


def _outside(text: str, *, is_inside: bool) -> str | None:
    """The text without what is between marks; None where a thought has no end."""
    outside, start, n_words, n_thoughts = "", 0, 0, 0
    stray_from = _stray_from(text)
    for mark in _MARK.finditer(text):
        if is_inside and mark["closing"]:
            is_inside, start, n_thoughts = False, mark.end(), n_thoughts + 1
            if outside.endswith("\n") and text[start : start + 1] == "\n":
                start += 1  # the thought's own line
        elif mark["opening"] and not is_inside:
            if _is_word(text, mark, start):
                n_words += 1
                continue
            outside, is_inside, start = outside + text[start : mark.start()], True, mark.end()
        elif mark["closing"] and n_words:
            n_words -= 1
        elif mark["closing"] and not _is_amid(text, mark, start):
            is_kept = not n_thoughts and mark.start() >= stray_from  # else all before it was a thought
            outside, start = outside + text[start : mark.start()] if is_kept else "", mark.end()
    return None if is_inside else outside + text[start:]


def _stray_from(text: str) -> int:
    """Where closing marks begin that have lines before them and nothing but one another after them."""
    end = len(text.rstrip())
    for mark in reversed(list(_MARK.finditer(text))):
        if mark.end() < end or mark["opening"]:
            break
        end = len(text[: mark.start()].rstrip())
    return end if "\n" in text[:end].strip() else len(text) + 1


def _is_word(text: str, opening: re.Match[str], start: int) -> bool:
    """Whether an opening mark is amid a line, and no thought ends after it but amid a line."""
    if not _is_amid(text, opening, start):
        return False
    closing = next((mark for mark in _MARK.finditer(text, opening.end()) if mark["closing"]), None)
    return closing is None or _is_amid(text, closing, opening.end())


def _is_amid(text: str, mark: re.Match[str], start: int) -> bool:
    """Whether there are words, with a blank between, on both sides of a mark in its line."""
    before = text[max(start, text.rfind("\n", 0, mark.start()) + 1) : mark.start()]
    after = text[mark.end() :].partition("\n")[0]
    return before.endswith(" ") and bool(before.strip()) and after.startswith(" ") and bool(after.strip())
