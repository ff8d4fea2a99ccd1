"""How many threads to compute with while other programs use the same processors.

llama.cpp's threads wait for each other about a thousand times a pass, spinning. Where one of two is not running because
another program has its core, both stand still: measured with three busy programs on 2 cores, two threads decode 24
tokens/s and one 175. The texts are the same with any number (tests/engines/test_llamacpp.py).

Knows no clock: it is told what each pass took.
"""

_ENOUGH = 0.85  # of the processor time that the threads could have had
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0  # seconds between two tries of something else
_PAUSE_A_COST = 20.0  # so that tries that fail cost a twentieth of the time at most


class ThreadShare:
    """Lowers the number of threads when they wait for the processors, and tries all of them again from time to time.

    Attributes:
        threads: for the next pass.
    """

    def __init__(self, most: int) -> None:
        self.threads = self._most = most
        self._pause = _SHORTEST_PAUSE
        self._until_try = 0.0  # seconds of computing before something else may be tried
        self._slow_pass: tuple[int, float] | None = None  # rows and seconds of the pass that made us try fewer

    def spent(self, n_rows: int, *, seconds: float, processor_seconds: float) -> int:
        """Takes in one pass; the number of threads for the next.

        Args:
            n_rows: passes are compared with passes of as many rows.
            seconds: by the clock.
            processor_seconds: of all threads together.
        """
        self._until_try -= seconds
        if self._slow_pass:
            slow_rows, slow_seconds = self._slow_pass
            self._slow_pass = None
            if n_rows == slow_rows and seconds >= slow_seconds:  # fewer are no better: leave it for a while
                self.threads, self._until_try = self._most, self._pause
        elif self.threads < self._most:
            if self._until_try <= 0:  # perhaps the others are gone
                self.threads = self._most
        elif processor_seconds >= _ENOUGH * seconds * self.threads:
            self._pause = _SHORTEST_PAUSE
        elif self._most > 1 and self._until_try <= 0:
            self._slow_pass = (n_rows, seconds)
            self._pause = min(_LONGEST_PAUSE, max(2 * self._pause, _PAUSE_A_COST * seconds))
            self.threads, self._until_try = max(1, min(self._most - 1, int(processor_seconds / seconds))), self._pause
        return self.threads
