"""An educator and a poet whose answers hang on the seed alone, so that they are the same in any batch and order."""

from random import Random

from tests.fakes import ScriptedSampler
from tests.revflux.traces import line
from workbench.types import Completion, SampleRequest

BRIEF = (
    "ANGLE: from below\nAVOID: tears; roses; stars; hearts; moons; dreams; wings; storms\nIMAGES FROM: a harbour\n"
    "FORM: free verse\nSOUND: short vowels\nTURN: from looking to leaving"
)


def educator() -> ScriptedSampler:
    """A brief, or a critique of line 1 or 2 that approves once in five times."""

    def answer(_: int, request: SampleRequest) -> Completion:
        asked = request.prompt[-1].content
        dice = Random(request.seed)  # noqa: S311 - dice
        critique = (
            'STRONGEST line 3: "the" is heard.\n'
            f"LINE {dice.randint(1, 2)} (cliche): it is worn. TRY: look again.\n"
            f"VERDICT {'approve' if dice.random() < 0.2 else 'revise'}: as it stands."
        )
        text = BRIEF if "brief for the poet" in asked else critique
        return Completion(text=text, n_tokens=len(text.split()), ended=True)

    return ScriptedSampler(answer)


def poet() -> ScriptedSampler:
    """Eight lines by dice."""

    def answer(_: int, request: SampleRequest) -> Completion:
        dice = Random(request.seed)  # noqa: S311 - dice
        text = "Title: Dice\nPoem: " + "\n".join(line(dice) for _ in range(8))
        return Completion(text=text, n_tokens=60, ended=True)

    return ScriptedSampler(answer)
