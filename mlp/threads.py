"""How many threads the matrix products of a training use: at each moment as many as help.

On a quiet machine two threads do almost twice the work of one. Beside a browser, a server or another training they do a tenth:
each product waits for its slowest thread, and that one waits for a processor. Which is the case now, only trying can tell. As
mlp/blas.py gives the same bits on any number of threads, it may be tried at any time.
"""

from threadpoolctl import ThreadpoolController

from mlp.blas import PIECES

TRY_EVERY = 0.5  # seconds of training until the other number is tried again; twice as long after each trial in vain,
TRY_AT_LEAST_EVERY = 2.0  # but not longer than so many seconds,
BRIEF = 1.0  # seconds: all threads, chosen and given up within so short a time, were chosen in a gap of other work,
BRIEF_LIMIT = 8.0  # and are tried later after each time, but at least every so many seconds
TRY_COST = 20  # unless a trial takes so long that more than a 20th of the time would go into trials
TRY_STEPS = 4  # steps that a trial lasts at most
HOPELESS = 2.0  # a trial ends with a step that takes so many times as long as usual
SETTLING = 2  # steps after a change that are not looked at: a thread that slept has to wake up
MEMORY = 0.9  # share of its past that the running mean of a step's time keeps in each step
SPIKE = 3.0  # what takes longer than so many times the mean counts as no more than that
CLEARLY = 1.2  # without a trial, the number is only changed where the other was so many times as fast


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
        self._until_trial = TRY_EVERY
        self._since_trial = self._trial_seconds = 0.0
        self._clock = self._chosen_at = 0.0  # seconds of training; when all threads were chosen last
        self._trial_steps = 0
        self._settling = SETTLING
        self.number = self.most

    def after_step(self, seconds: float) -> None:
        """Learns from the time that a step took, and chooses the number of threads for the next."""
        if self.most == 1:
            return
        self._clock += seconds
        other = 1 if self.number == self.most else self.most
        usual = self._seconds[other]
        if self._trial_steps:
            self._trial_seconds += seconds
        else:
            self._since_trial += seconds
        if self._settling:
            self._settling -= 1
            return
        known = self._seconds[self.number]
        mean = MEMORY * known + (1 - MEMORY) * min(seconds, SPIKE * known) if known else seconds
        self._seconds[self.number] = mean
        if self._trial_steps:
            self._trial_steps -= 1
            if self._trial_steps == 0 or (usual and seconds > HOPELESS * usual):
                self._end_trial(won=mean < usual, other=other)
        elif usual == 0 or self._since_trial > max(self._until_trial, TRY_COST * self._trial_seconds):
            self._trial_steps, self._trial_seconds = TRY_STEPS, 0.0
            self._seconds[other] = 0.0
            self._use(other)
        elif CLEARLY * usual < mean:
            self._change(other)

    def _end_trial(self, won: bool, other: int) -> None:
        self._since_trial, self._trial_steps = 0.0, 0
        if won:
            self._change(self.number)
        else:
            self._until_trial = max(self._until_trial, min(2 * self._until_trial, TRY_AT_LEAST_EVERY))
            self._use(other)

    def _change(self, number: int) -> None:
        """From now on this number is used, and it is decided when the other one will be tried.

        A page that redraws itself, say, keeps a processor busy in bursts: in the gaps two threads look better, and then they
        wait for each other. After each such disappointment they are left alone for twice as long.
        """
        if number == self.most:
            self._chosen_at = self._clock
        elif self._clock - self._chosen_at < BRIEF:
            self._until_trial = min(2 * self._until_trial, BRIEF_LIMIT)
        else:
            self._until_trial = TRY_EVERY
        if number != self.number:
            self._use(number)

    def release(self) -> None:
        """Gives the process the number of threads back that it had."""
        for library, number in zip(self._libraries, self._before, strict=True):
            library.set_num_threads(number)

    def _use(self, number: int) -> None:
        self.number, self._settling = number, SETTLING
        for library in self._libraries:
            library.set_num_threads(number)
