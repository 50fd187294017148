"""What is learnt, and one step of learning: parameters, the optimizer's memory, the moving average, the best so far.

Knows the network and its settings; nothing of where batches come from, of epochs, or of when to stop. Pixels that are black in
all digits are left out of the products (see mlp/pixels.py): what is trained is the *core*, which only sees the others.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.blas import add_scaled
from mlp.config import TrainConfig
from mlp.errors import ConfigError
from mlp.losses import softmax_cross_entropy
from mlp.network import MLP, Buffers
from mlp.optimizers import FORGET_EVERY, forget_traces, make_optimizer
from mlp.pixels import spread, without_pixels

Array = NDArray[Any]


class Learner:
    """A network that learns, step by step.

    network: the first weights; those of pixels that are left out stay as they are. pixels: indices of the inputs that are
    looked at. core: the network that is trained, for these pixels only. judged: the one that counts, the core itself or the
    moving average of its weights. best (P,): the judged parameters when `keep_best` was called.
    """

    def __init__(self, config: TrainConfig, network: MLP, pixels: Array) -> None:
        self._network, self.pixels = network, pixels
        self.core = without_pixels(network, pixels)
        self.judged = self.core.copy() if config.weight_average else self.core
        self.best: Array = self.core.parameters.copy()
        self.averaged = 0  # steps in the moving average
        self._optimizer_name = config.optimizer
        self.optimizer = make_optimizer(config.optimizer, self.core.parameters.size, config.momentum)
        self._buffers = Buffers(self.core, 1, self.optimizer.gradient)

    def make_room(self, rows: int) -> None:
        """Memory for batches of up to so many digits. To be called before the first step."""
        self._buffers = Buffers(self.core, rows, self.optimizer.gradient)

    def step(self, x: Array, targets: Array, masks: list[Array], rate: float, settings: TrainConfig) -> tuple[float, Array]:
        """One step downhill on a batch x (N, pixels) with targets (N, classes); the loss before it, and the logits.

        masks: of dropout, as `MLP.forward` takes them. rate: the learning rate. Where the loss is no finite number, nothing is
        changed.
        """
        core, optimizer = self.core, self.optimizer
        with np.errstate(over="ignore", invalid="ignore"):
            outputs = core.forward(x, masks, self._buffers)
            loss, delta = softmax_cross_entropy(outputs[-1], targets)
            if not math.isfinite(loss):
                return loss, outputs[-1]
            core.backward(outputs, delta, masks, self._buffers, optimizer.keep)
            optimizer.step(core.parameters, rate)
            if settings.weight_decay:
                for weight in core.weights:  # biases are left alone: they make nothing steep
                    weight *= 1 - rate * settings.weight_decay
                if optimizer.steps % FORGET_EVERY == 0:
                    forget_traces(core.parameters)  # decay makes weights that are never used smaller without end
            if settings.weight_average:
                self._average(settings.weight_average)
        return loss, outputs[-1]

    def _average(self, share: float) -> None:
        """The moving average of the weights (Polyak and Juditsky, 1992): what the noise of single steps hides.

        In the first steps it forgets faster, lest it remember the random start.
        """
        self.averaged += 1
        keep = min(share, self.averaged / (self.averaged + 10))
        add_scaled(self.core.parameters, 1 - keep, self.judged.parameters, keep)

    def keep_best(self) -> None:
        """The judged parameters are the best so far."""
        self.best[:] = self.judged.parameters

    @property
    def is_sound(self) -> bool:
        """Whether all parameters are finite."""
        return bool(np.isfinite(self.core.parameters).all())

    def write(self, parameters: Array, network: MLP) -> MLP:
        """Writes the core's parameters, or its best ones, into a whole network; returns it."""
        return spread(parameters, self.pixels, network)

    def look_at_all_pixels(self) -> None:
        """The pixels that were left out come back, with the weights that they had; the optimizer remembers nothing of them."""
        core, judged, old = self.core, self.judged, self.optimizer
        nothing = MLP(self._network.sizes, self._network.activation)
        self.core = self.write(core.parameters, self._network.copy())
        self.best = self.write(self.best, self._network.copy()).parameters
        self.judged = self.core if judged is core else self.write(judged.parameters, self._network.copy())
        self.optimizer = make_optimizer(self._optimizer_name, self.core.parameters.size, old.momentum)
        self.optimizer.steps = old.steps
        for name, array in old.memory.items():
            self.optimizer.memory[name][:] = self.write(array, nothing.copy()).parameters
        self.pixels = np.arange(self._network.sizes[0])

    def arrays(self) -> Iterator[tuple[str, Array]]:
        """All arrays (P,) that make up its state, by name."""
        yield "parameters", self.core.parameters
        yield "best", self.best
        if self.judged is not self.core:
            yield "judged", self.judged.parameters
        for name, array in self.optimizer.memory.items():
            yield f"memory_{name}", array

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Takes over what `arrays` gave. Raises KeyError or ValueError if it is another network's."""
        for name, array in self.arrays():
            array[:] = arrays[name]


def first_network(config: TrainConfig, inputs: int, classes: int, rng: np.random.Generator, start: MLP | None) -> MLP:
    """A copy of the network to go on from, `start`, or one with random weights. Raises ConfigError if that does not fit."""
    sizes = (inputs, *config.hidden, classes)
    if start is None:
        initialization = None if config.initialization == "auto" else config.initialization
        return MLP(sizes, config.activation, initialization, rng=rng)
    if (start.sizes, start.activation) != (sizes, config.activation):
        raise ConfigError(
            "hidden: the network to go on from has the layers {found} ({found_activation}), the settings ask for {asked}"
            " ({asked_activation}).",
            found="-".join(map(str, start.sizes)),
            found_activation=start.activation,
            asked="-".join(map(str, sizes)),
            asked_activation=config.activation,
        )
    return start.copy()
