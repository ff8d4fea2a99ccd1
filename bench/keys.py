"""How long a key takes on the writing page: what the server does for the next letter of a poem of 40 lines.

    python -m bench.keys

Milliseconds of `heard` alone; the way to the browser and its own work come on top.
"""

import time
from statistics import median, quantiles

from workbench.ui.write.heard import heard

STANZA = """The kettle ticks beside the window light,
my brother's coat is hanging on the stair,
the moths go round and round it half the night
and no one but the cat can see me there.
Something in the evening keeps its word:
a violet bruise of cloud, a closing door,
the quiet road where nobody is heard
and rain that says what it has said before."""
LINE = "The ferry comes in late and nobody waits for it at all tonight"


def key_milliseconds(form: str = "") -> list[float]:
    """The time of every letter of one more line."""
    poem = "\n".join([STANZA] * 5) + "\n"
    heard(poem, form)
    found = []
    for n in range(1, len(LINE)):
        began = time.perf_counter()
        heard(poem + LINE[:n], form)
        found.append(1000 * (time.perf_counter() - began))
    return found


if __name__ == "__main__":
    for form in ("", "heroic couplets"):
        times = key_milliseconds(form)
        print(f"{form or 'no form'}: median {median(times):.1f} ms, ninth decile {quantiles(times, n=10)[-1]:.1f} ms, "
              f"most {max(times):.1f} ms, {len(times)} keys")  # fmt: skip
