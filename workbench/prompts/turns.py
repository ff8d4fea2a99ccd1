r"""The model's own turn of a talk: without the marks of chat templates, and without turns that it wrote for others.

    <|im_start|>user … <|im_end|>      Qwen and others; also <|user|> (Phi, Zephyr), <start_of_turn>user (Gemma),
                                       <|start_header_id|>user<|end_header_id|> (Llama 3), <｜User｜> (DeepSeek)
    [INST] … [/INST]                   Llama 2 and Mistral; `### Instruction:` and `### Response:` as Alpaca has it
    assistant                          alone over the answer, or glued to its end, where a library dropped the marks

The first turn of its own that has words is the answer. Names without marks ("User: …") are not read here: a poem may be
a talk of two people. Pure.
"""

import re

_NAMES = r"(?P<role>assistant|model|user|human|system|tool|developer|ipython)"
_L, _BAR, _R = r"<", r"[|｜]", r">"
_HEAD = re.compile(
    rf"(?:{_L}{_BAR}(?:im_start|start_header_id|start|role_start){_BAR}{_R}|<start_of_turn>)\s*{_NAMES}\b[ \t]*"
    rf"(?:{_L}{_BAR}(?:end_header_id|message|role_end){_BAR}{_R})?\s*|"
    rf"{_L}{_BAR}{_NAMES.replace('role', 'named')}{_BAR}{_R}\s*|"
    r"(?P<inst>\[INST\])\s*|(?P<answer>\[/INST\])\s*|"
    r"^#{2,3} (?P<titled>Instruction|Input|Response|User|Human|Assistant):[ \t]*$\s*|"
    r"(?<=[.!?,;:”\"’])(?P<glued>assistant|user)(?=\n|\Z)\s*",
    re.IGNORECASE | re.MULTILINE,
)
#: What begins or ends a turn or a text, and says nothing of who speaks.
_MARK = re.compile(
    r"<[|｜][a-z_▁]{2,30}[|｜]>|</?s>|<(?:eos|bos|pad|end_of_turn|endoftext)>|\[/?INST\]|<<?/?SYS>>?", re.IGNORECASE
)
_LEFT_OVER = re.compile(r"\A\s*(?:assistant|model)[ \t]*\n\s*\n\s*")
_OWN = {"assistant", "model", "response", "[/inst]", ""}


def own_turn(text: str) -> tuple[str, str]:
    r"""What the model said for itself, and what it wrote in the name of others or again after them.

    >>> own_turn("The rope is wet.<|im_end|>\n<|im_start|>user\nLonger!<|im_end|>")
    ('The rope is wet.', 'Longer!')
    >>> own_turn("[INST] Write. [/INST] The rope is wet.</s>"), own_turn("assistant\n\nThe rope is wet.")
    (('The rope is wet.', 'Write.'), ('The rope is wet.', ''))
    """
    turns = _turns(text)
    place = next((at for at, (role, said) in enumerate(turns) if role in _OWN and re.search(r"\w", said)), -1)
    if place < 0:
        return "" if len(turns) > 1 else turns[0][1], ""
    others = [said for at, (_, said) in enumerate(turns) if at != place and said]
    return turns[place][1], "\n".join(others)


def _turns(text: str) -> list[tuple[str, str]]:
    """Who speaks, "" where no mark says so, and what is said, without marks."""
    marks = list(_HEAD.finditer(text))
    roles = ["", *("".join(filter(None, mark.groups())).casefold() for mark in marks)]
    if "[/inst]" in roles and roles.index("[/inst]") == 1:
        roles[0] = "user"  # the prompt, whose opening mark was not given back
    starts, ends = [0, *(mark.end() for mark in marks)], [*(mark.start() for mark in marks), len(text)]
    said = [_without_marks(text[start:end]) for start, end in zip(starts, ends, strict=True)]
    return list(zip(roles, said, strict=True))


def _without_marks(text: str) -> str:
    return _LEFT_OVER.sub("", _MARK.sub("", text)).strip()
