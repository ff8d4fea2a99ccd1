"""The Ollama Modelfile of an export: a model's chat template said again in Ollama's language, with its stop words.

Ollama's templates are Go's `text/template`. Only a few of its words are needed here: range, if, else if, else, end, eq,
and, index. `render` reads just these, so that what was written can be held against the model's own template without
Ollama. Knows no model and no token.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.errors import EngineError
from workbench.prompts.chat_template import ChatTemplate, Slot
from workbench.types import Sampling

Conversation = Sequence[tuple[str, str]]  # (role, content)

_QUOTES = '"""'
_ACTION = re.compile(r"(\s*\{\{-|\{\{)\s*(.*?)\s*\}\}", re.DOTALL)
_AFTER_SYSTEM = '{{ else if and (eq $i 1) (eq (index $.Messages 0).Role "system") }}'
_EMPTY_THOUGHT = "\n</think>\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a model wants to be spoken to: what it was taught with, for clients that know nothing of it."""

    system: str = ""  # the system message of its training; "" = none
    sampling: Sampling | None = None  # None = the client's own
    question: str = ""  # a prompt of its training as text, the system message left out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seams:
    """What a chat template writes around the contents of messages."""

    first_user: str  # before a user who begins
    first_system: str  # before a system message
    after_system: str  # between it and the user
    answer: str  # between a user and the model
    next_user: str  # between the model and the user
    tail: str  # after the last user, up to where the model begins


def ollama_template(template: ChatTemplate, *, thinks: bool = False) -> str:
    """The chat template in Ollama's language.

    Args:
        template: the model's own.
        thinks: the model thinks before it answers; it was trained with an empty thought, so it is given one.

    Raises:
        EngineError: the template does more than to stand around contents.
    """
    seams = _seams(template, thinks=thinks)
    if any("{{" in text or _QUOTES in text for text in _texts(seams)):
        raise EngineError(
            "the chat template holds {{ or quotes that an Ollama Modelfile cannot; write TEMPLATE by hand"
        )
    next_user = seams.next_user if seams.after_system == seams.next_user else ""
    after_system = "" if next_user else f"{_AFTER_SYSTEM}{seams.after_system}"
    return (
        "{{- range $i, $m := .Messages }}\n"
        f'{{{{- if eq .Role "system" }}}}{seams.first_system}{{{{ .Content }}}}\n'
        f'{{{{- else if eq .Role "user" }}}}{{{{ if eq $i 0 }}}}{seams.first_user}{after_system}'
        f"{{{{ else }}}}{seams.next_user}{{{{ end }}}}{{{{ .Content }}}}\n"
        f'{{{{- else if eq .Role "assistant" }}}}{seams.answer}{{{{ .Content }}}}\n'
        f"{{{{- end }}}}\n{{{{- end }}}}{seams.tail}"
    )


def stop_words(template: ChatTemplate, controls: Sequence[str]) -> list[str]:
    """The control tokens that stand between messages: a model that writes one has left its answer."""
    seams = _seams(template, thinks=False)
    between = seams.answer + seams.next_user + seams.tail
    return sorted({word for word in controls if word and word in between})


def modelfile_text(
    model: str, *, template: str, stops: Sequence[str], adapter: str = "", manner: Manner | None = None
) -> str:
    """The whole file; paths are relative to it."""
    manner = manner or Manner()
    lines = [f"FROM {model}"]
    lines += [f"ADAPTER {adapter}"] if adapter else []
    lines += [f"TEMPLATE {_QUOTES}{template}{_QUOTES}"] if template else []
    lines += [f"SYSTEM {_QUOTES}{manner.system}{_QUOTES}"] if manner.system and _QUOTES not in manner.system else []
    lines += [f'PARAMETER stop "{word}"' for word in stops]
    if manner.sampling:
        drawn = manner.sampling
        lines += [f"PARAMETER temperature {drawn.temperature:g}", f"PARAMETER top_p {drawn.top_p:g}"]
        lines += [f"PARAMETER top_k {drawn.top_k}"] if drawn.top_k else []
    if manner.question:
        lines += ["# It was taught with questions of this shape; it answers best when it is asked so:"]
        lines += [f"#   {line}".rstrip() for line in manner.question.split("\n")]
    return "\n".join(lines) + "\n"


def template_in(modelfile: str) -> str:
    """The TEMPLATE of a Modelfile; "" where it has none."""
    found = re.search(rf"^TEMPLATE {_QUOTES}(.*?){_QUOTES}$", modelfile, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def stops_in(modelfile: str) -> list[str]:
    """The stop words of a Modelfile."""
    return re.findall(r'^PARAMETER stop "(.*)"$', modelfile, re.MULTILINE)


def render(template: str, conversation: Conversation) -> str:
    """What Ollama makes of a conversation by this template, for the words listed above.

    Raises:
        EngineError: the template uses other words.
    """
    tokens = list(_tokens(template))
    opening = next((i for i, token in enumerate(tokens) if token[1].startswith("range ")), -1)
    if opening < 0:
        return _run(tokens, conversation, 0)
    depth, closing = 1, opening
    while depth:
        closing += 1
        if closing == len(tokens):
            raise EngineError("the Modelfile's TEMPLATE has a range without its end")
        word = tokens[closing][1].partition(" ")[0]
        depth += (word in ("range", "if")) - (word == "end")
    body = [*tokens[opening + 1 : closing], (tokens[closing][0], "")]
    rounds = [_run(body, conversation, i) for i in range(len(conversation))]
    return tokens[opening][0] + "".join(rounds) + _run(tokens[closing + 1 :], conversation, 0)


# ---------------------------------------------------------------- what is around the contents


def _seams(template: ChatTemplate, *, thinks: bool) -> _Seams:
    first_user, answer, next_user, tail = _around(template, ("user", "assistant", "user"), thinks=thinks)
    if template.holds_all(("system", "user"), thinks=thinks):
        first_system, after_system, _ = _around(template, ("system", "user"), thinks=thinks)
    else:  # its words go to the head of the user's, as the renderer does it
        first_system, after_system = first_user, "\n\n"
    if thinks:
        opening = "" if tail.rstrip().endswith("<think>") else "<think>\n"
        tail += opening + _EMPTY_THOUGHT
    return _Seams(
        first_user=first_user,
        first_system=first_system,
        after_system=after_system,
        answer=answer,
        next_user=next_user,
        tail=tail,
    )


def _around(template: ChatTemplate, roles: tuple[str, ...], *, thinks: bool) -> list[str]:
    """The texts before, between and after the contents."""
    texts, n_seen = [""], 0
    for piece in template.pieces(roles, is_answered=False, thinks=thinks):
        if not isinstance(piece, Slot):
            texts[-1] += piece
            continue
        if piece.message != n_seen:
            raise EngineError("the chat template changes the order of messages; write the Modelfile's TEMPLATE by hand")
        texts.append("")
        n_seen += 1
    if n_seen != len(roles):
        raise EngineError("the chat template drops messages; write the Modelfile's TEMPLATE by hand")
    return texts


def _texts(seams: _Seams) -> tuple[str, ...]:
    return (seams.first_user, seams.first_system, seams.after_system, seams.answer, seams.next_user, seams.tail)


# ---------------------------------------------------------------- the little of Go's text/template that is used


def _tokens(template: str) -> Iterator[tuple[str, str]]:
    """Pairs of text and the action after it, "" at the end."""
    at = 0
    for found in _ACTION.finditer(template):
        start = found.start() if found[1].endswith("-") else found.start(1)
        yield template[at:start], found[2]
        at = found.end()
    yield template[at:], ""


def _run(tokens: Sequence[tuple[str, str]], conversation: Conversation, index: int) -> str:
    """Text of a stretch without range, for the message at this index."""
    written, branches = [], [(True, True)]  # of each open if: is this branch taken, was one taken before
    for text, action in tokens:
        if all(is_taken for is_taken, _ in branches):
            written.append(text)
        word, _, rest = action.partition(" ")
        if word == "if":
            is_true = _holds(rest, conversation, index)
            branches.append((is_true, is_true))
        elif word == "else":
            is_true = not branches[-1][1] and (not rest or _holds(rest.removeprefix("if "), conversation, index))
            branches[-1] = (is_true, is_true or branches[-1][1])
        elif word == "end":
            branches.pop()
        elif action == ".Content" and all(is_taken for is_taken, _ in branches):
            written.append(conversation[index][1])
        elif action not in ("", ".Content"):
            raise EngineError(f"the Modelfile's TEMPLATE holds {{{{ {action} }}}}, which cannot be checked")
    return "".join(written)


def _holds(condition: str, conversation: Conversation, index: int) -> bool:
    if found := re.fullmatch(r'eq \.Role "(\w+)"', condition):
        return conversation[index][0] == found[1]
    if found := re.fullmatch(r"eq \$i (\d+)", condition):
        return index == int(found[1])
    if f"{{{{ else if {condition} }}}}" == _AFTER_SYSTEM:
        return index == 1 and conversation[0][0] == "system"
    raise EngineError(f"the Modelfile's TEMPLATE asks {condition!r}, which cannot be checked")
