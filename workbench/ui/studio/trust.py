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


def toy_html(*engines: str | None) -> str:
    """What the built-in model is, for as long as it is one of those who speak; "" where it is none of them.

    >>> toy_html("remote:http://127.0.0.1:11434/v1#llama3.1", None)
    ''
    """
    if not any(_is_built_in(engine) for engine in engines):
        return ""
    return (
        '<aside class="wb-card wb-toy" aria-label="About the built-in model"><p><strong>The model that comes with the '
        "workbench is a toy.</strong> It shows how the work goes; its praise is worth nothing, and its remarks on a "
        "poem are mostly wrong. What you can trust here is the prosody: syllables, rhymes and forms are worked out "
        "from a dictionary, by no model. A short list of words keeps the worst from the page; cruelty in other words "
        f"passes it. For a real reader, {link('bring a stronger model', tab='models')}.</p></aside>"
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
