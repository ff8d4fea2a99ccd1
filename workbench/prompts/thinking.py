r"""What a model thought is taken out before anything is read: poem, brief, critique, verdict, row, description.

    <think>…</think>   also <thinking>, <thought>, <reasoning>, <|begin_of_thought|>, [THINK], ◁think▷, the words of
    Ollama's terminal, and the channels of gpt-oss; with its opening mark, without it (the prompt wrote it), more than
    once, or never closed

One function for all readers. It knows no engine and no format of an answer.
"""

import re

from workbench.types import Failed, Reason

_WORDS = (
    r"(?:think|thinking|thoughts?|reason|reasoning|reflection|analysis|scratchpad|plan|planning|(?:inner_)?monologue)"
)
_OPENING = (
    rf"<\s*(?:\w+:)?{_WORDS}\s*>|<\|(?:begin_of_thought|(?:start_)?think(?:ing)?)\|>|\[think\]|◁think▷|"
    r"<\|channel\|>\s*(?:analysis|commentary)\b[^<]*<\|message\|>|<\|channel>\s*thought|<unused94>\s*thought|"
    r"\AThinking\.\.\.[ \t]*(?=\n)"
)
_CLOSING = (
    rf"<\s*/\s*(?:\w+:)?{_WORDS}\s*>|<\|(?:end_of_thought|(?:end_|/)think(?:ing)?)\|>|\[/think\]|◁/think▷|<channel\|>|"
    r"<unused95>|^\.\.\.done thinking\.[ \t]*$|"
    r"(?:<\|end\|>\s*)?(?:<\|start\|>\s*assistant\s*)?<\|channel\|>\s*final\b[^<]*<\|message\|>"
)
_MARK = re.compile(rf"(?P<opening>{_OPENING})|(?P<closing>{_CLOSING})", re.IGNORECASE | re.MULTILINE)
_WRAPPED = re.compile(r"\s*<(?P<tag>answer|response|output)>(?P<answer>.*?)(?:</(?P=tag)>\s*)?", re.DOTALL)


def answer_after_thinking(text: str, *, is_opened: bool = False) -> str | Failed:
    r"""The answer proper, without white space around it; a thought without an end is no answer.

    Args:
        text: what the model wrote.
        is_opened: the prompt itself opened the thought, so that an answer without a closing mark is one.

    >>> answer_after_thinking("<think>rain is a clerk</think>\n\nRain."), answer_after_thinking("hm</think>Rain.")
    ('Rain.', 'Rain.')
    >>> answer_after_thinking("<thinking>a clerk, or")
    Failed(reason=<Reason.UNCLOSED_THINKING: 'unclosed_thinking'>, detail='')
    """
    outside, start, is_inside = "", 0, is_opened
    for mark in _MARK.finditer(text):
        if mark["closing"]:
            outside = outside if is_inside else ""  # a mark that was never opened: all before it was a thought
            is_inside, start = False, mark.end()
        elif not is_inside:
            outside, is_inside, start = outside + text[start : mark.start()], True, mark.end()
    if is_inside:
        return Failed(reason=Reason.UNCLOSED_THINKING)
    answer = (outside + text[start:]).strip()
    wrapped = _WRAPPED.fullmatch(answer)
    return wrapped["answer"].strip() if wrapped else answer


def without_thinking(text: str) -> str:
    """The answer proper; "" where there is none."""
    answer = answer_after_thinking(text)
    return "" if isinstance(answer, Failed) else answer
