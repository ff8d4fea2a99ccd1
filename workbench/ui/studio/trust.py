"""What a person is told before a model speaks: what the built-in one is worth, which language it does not know.

Both stay on the page for as long as they are true; neither is said by a model.
"""

from workbench.engines.names import BUILT_IN, parse_engine
from workbench.errors import WorkbenchError
from workbench.prosody.types import Unsupported
from workbench.revision.types import Trace
from workbench.studio.models import ModelCatalog
from workbench.studio.queue import Live, WorkQueue
from workbench.studio.steps import OWN_REQUEST
from workbench.ui.html import link, note_html

_LONGEST_NAME = 70  # characters of a session in the list


def toy_html(*engines: str | None) -> str:
    """What the built-in model is, for as long as it is one of those who speak; "" where it is none of them.

    >>> toy_html("remote:http://127.0.0.1:11434/v1#llama3.1", None)
    ''
    """
    if not any(_is_built_in(engine) for engine in engines):
        return ""
    return (
        '<aside class="wb-card wb-toy" aria-label="About the built-in model"><p><strong>The model that comes with the '
        "workbench is a toy.</strong> Its praise is worth nothing, its remarks are mostly wrong, and a short list of "
        "words stops the worst of them, not every cruelty. What you can trust here is the prosody, which no model "
        f"makes. For a real reader, {link('bring a stronger model', tab='models')}.</p></aside>"
    )


def foreign_html(why: Unsupported) -> str:
    """What is said of a poem in another language before any model reads it."""
    reason = why.reason.removeprefix("not supported: ")
    return note_html(
        f"Nothing has begun: {reason}. The prosody knows no other language, and the small models here answer in "
        "English, mostly with another poem. A strong model may read it: then press “Begin all the same”.",
        "bad",
    )


def heading_of(trace: Trace) -> str:
    """What a session is called: the request, or the title of the poem that a person brought and said nothing about."""
    own = trace.rounds[0].draft if trace.rounds and trace.rounds[0].draft.author == "person" else None
    return own.title if own and trace.request.startswith(OWN_REQUEST) else trace.request


def listed(request: str) -> str:
    """A session in the list: a poem of one's own by its title, any other by the first words of what was asked for.

    >>> listed("A better version of my poem “Ferry”"), listed(" a poem about frost ")
    ('Ferry', 'a poem about frost')
    """
    text = request.strip()
    own = text.removeprefix(OWN_REQUEST).strip()
    text = own[1:-1] if own != text and own[:1] == "“" and own[-1:] == "”" else text
    return (
        text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME].rpartition(' ')[0] or text[:_LONGEST_NAME]} …"
    )


def usable(catalog: ModelCatalog, queue: WorkQueue) -> list[tuple[str, str]]:
    """Title and engine of the models that can be educator or poet and have not failed their test."""
    failed = {one.engine for one in catalog.models() if has_failed(queue.live(one.test_name))}
    return [(title, engine) for title, engine in catalog.choices() if engine not in failed]


def has_failed(test: Live) -> bool:
    """Whether the last test of a model came to nothing."""
    return test.kind == "test" and test.state == "failed"


def _is_built_in(engine: str | None) -> bool:
    try:
        return bool(engine) and parse_engine(engine or "").kind == BUILT_IN
    except WorkbenchError:
        return False
