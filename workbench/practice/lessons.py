"""What an arm learns of its requests: an example a pass to imitate, and pairs of a poem that kept its form and one not.

    verified     the enforced poem, or one of the arm's own plain answers that kept the form
                 pairs: one of these against an answer of its own that did not keep it
    shuffled     lines of the enforced poems of the same form, each from another poem and from another place:
                 the same words and lengths as the verified poems, no rhyme and no order of lengths
    unverified   one of the arm's own answers, whether or not it kept the form; pairs by chance

The two controls have what training on poems brings anyway: the layout, the number of lines, the tone. What the verified
arm has beside that is the verification. Every arm learns of the same requests, one example each.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from workbench.practice.poems import VERIFIED, PoemFile, PracticePoem, example_of
from workbench.practice.settings import PracticeSettings, Request
from workbench.types import Example, seed_for


class Lessons:
    """The examples of an arm in a round.

    Args:
        poems: of the run.
        settings: of the practice.
        requests: all that are practised.
        arm: verified, shuffled or unverified.
        voice: whose answers are learned from: the arm's after the round before.
    """

    def __init__(
        self, poems: PoemFile, settings: PracticeSettings, requests: Sequence[Request], *, arm: str, voice: str
    ) -> None:
        self._poems, self._settings, self._arm, self._voice = poems, settings, arm, voice
        self._written = {poem.request_id: poem for poem in poems.of(VERIFIED, requests) if poem.is_kept}

    def examples(self, requests: Sequence[Request], *, turn: int = 0) -> list[Example]:
        """What there is to imitate; requests whose enforced poem could not be written teach no arm anything.

        Args:
            requests: of this step.
            turn: number of the step, so that a request may bring another of its poems in the next pass.
        """
        found = []
        for request in requests:
            good = self._good(request)
            if good:
                poem = good[self._chance(request, turn).randrange(len(good))]
                found.append(self._example(request, poem))
        return found

    def pairs(self, requests: Sequence[Request]) -> list[Example]:
        """Chosen, rejected, chosen, rejected; a request without either teaches nothing."""
        found = []
        for request in requests:
            chosen, rejected = self._pair(request)
            if chosen and rejected:
                first = self._example(request, chosen)
                found += [first, self._example(request, rejected, rejected_for=first.id)]
        return found

    def _example(self, request: Request, poem: PracticePoem, *, rejected_for: str = "") -> Example:
        rhymes_first = self._settings.rhymes_first
        return example_of(request, poem.title, poem.text, rejected_for=rejected_for, rhymes_first=rhymes_first)

    def _good(self, request: Request) -> list[PracticePoem]:
        """What the arm may imitate."""
        written = self._written.get(request.id)
        if written is None:
            return []
        if self._arm == "unverified":
            return self._answers(request)
        if self._arm == "shuffled":
            return [self._shuffled(written)]
        return [written, *(poem for poem in self._answers(request) if poem.is_kept)]

    def _pair(self, request: Request) -> tuple[PracticePoem | None, PracticePoem | None]:
        """One that is better for the arm, own ones before enforced ones, and one that is worse."""
        good, answers = self._good(request), self._answers(request)
        if self._arm == "unverified":
            drawn = self._chance(request, -1).sample(answers, len(answers))
            return (drawn[0], drawn[1]) if good and len(drawn) > 1 else (None, None)
        failed = [poem for poem in answers if not poem.is_kept]
        return (good[-1] if good else None), (failed[0] if failed else None)

    def _answers(self, request: Request) -> list[PracticePoem]:
        found = self._poems.of(self._voice, [request], n=self._settings.n_answers)
        return [poem for poem in found if poem.text]

    def _chance(self, request: Request, turn: int) -> Random:
        seed = seed_for(self._settings.seed, "lesson", self._arm, self._voice, request.id, str(turn))
        return Random(seed)  # noqa: S311 - no secret

    def _shuffled(self, poem: PracticePoem) -> PracticePoem:
        """Its lines taken from the next poems of the form, each one place further."""
        others = [each for each in self._written.values() if each.form == poem.form]
        at = others.index(poem)
        lines = []
        for number in range(1, len(poem.lines) + 1):
            source = others[(at + number) % len(others)].lines
            lines.append(source[number % len(source)])
        return replace(poem, text="\n".join(lines))
