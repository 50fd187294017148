"""How many threads the matrix products of a training use: at each moment as many as help.

On a quiet machine two threads do almost twice the work of one. Beside a browser, a server or another training they do a tenth:
each product waits for its slowest thread, and that one waits for a processor. Which is the case now, only trying can tell. As
mlp/blas.py gives the same bits on any number of threads, it may be tried at any time.
"""

from threadpoolctl import ThreadpoolController

from mlp.blas import PIECES

TRY_EVERY = 0.5  # seconds of training between two trials of the other number
TRY_STEPS = 4  # steps that a trial lasts
MEMORY = 0.9  # share of its past that the running mean of a step's time keeps in each step


class Threads:
    """The number of BLAS threads of this process, chosen between one and all while a training runs.

    Call `after_step` with the seconds of each step; it sets the number for the next. `release` sets what was before.
    """

    def __init__(self) -> None:
        self._libraries = [
            library for library in ThreadpoolController().lib_controllers if library.user_api == "blas" and PIECES > 1
        ]
        self._before = [library.num_threads for library in self._libraries]
        self.most = min([PIECES, *self._before])  # what the user has limited stays limited
        self._seconds = {1: 0.0, self.most: 0.0}
        self._since_trial = 0.0
        self._trial_steps = 0
        self.number = self.most

    def after_step(self, seconds: float) -> None:
        """Learns from the time that a step took, and chooses the number of threads for the next."""
        if self.most == 1:
            return
        known = self._seconds[self.number]
        self._seconds[self.number] = MEMORY * known + (1 - MEMORY) * seconds if known else seconds
        self._since_trial += seconds
        other = 1 if self.number == self.most else self.most
        if self._trial_steps:
            self._trial_steps -= 1
            if self._trial_steps == 0 and self._seconds[other] < self._seconds[self.number]:
                self._use(other)
        elif self._since_trial > TRY_EVERY or self._seconds[other] == 0:
            self._since_trial, self._trial_steps = 0.0, TRY_STEPS
            self._seconds[other] = 0.0
            self._use(other)
        elif self._seconds[other] < self._seconds[self.number]:
            self._use(other)

    def release(self) -> None:
        """Gives the process the number of threads back that it had."""
        for library, number in zip(self._libraries, self._before, strict=True):
            library.set_num_threads(number)

    def _use(self, number: int) -> None:
        self.number = number
        for library in self._libraries:
            library.set_num_threads(number)
