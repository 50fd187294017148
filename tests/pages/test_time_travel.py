"""Time travel: the network of each epoch, seen by the very digits that its training kept aside."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset, TrainConfig, Trainer
from mlp.metrics import accuracy
from mlp.moments import growing_pictures, kept_aside, largest_weights
from mlp.runs.store import Store
from mlp.runs.worker import train_run

SMALL = TrainConfig(hidden=(16,), train_size=1000, validation_size=500, epochs=3)


def script(run_id: str) -> None:
    from pages.ui import state
    from pages.ui.time_travel import time_travel

    time_travel(state.store().run(run_id))


@pytest.mark.parametrize("config", [TrainConfig(seed=5), TrainConfig(classes=(3, 8), label_noise=0.3, validation_size=700)])
def test_digits_kept_aside_are_those_of_the_trainer(config: TrainConfig, mnist: Dataset) -> None:
    images, labels = kept_aside(config, mnist)
    feed = Trainer(config, mnist).digits
    assert (images == mnist.train_images[feed.validation]).all()
    assert (labels == mnist.train_labels[feed.validation]).all()


@pytest.mark.parametrize("weight_average", [0.0, 0.9])
def test_network_of_each_epoch_has_the_accuracy_of_the_history(store: Store, mnist: Dataset, weight_average: float) -> None:
    config = replace(SMALL, weight_average=weight_average)
    run_id = store.create_run(config)
    train_run(store, run_id)
    images, labels = kept_aside(config, mnist)
    assert store.epochs_kept(run_id) == [0, 1, 2, 3]
    history = store.epochs(run_id).set_index("epoch").validation_accuracy
    found = [accuracy(store.network_at(run_id, epoch), images, labels) for epoch in (1, 2, 3)]
    assert found == pytest.approx(list(history), abs=1e-9)


def test_contrast_of_a_neuron_stays_while_its_weights_grow() -> None:
    early, late = MLP((784, 1, 10)), MLP((784, 1, 10))
    early.weights[0][0, 0], late.weights[0][0, 0] = 0.5, 1.0
    largest = largest_weights([early, late])
    assert growing_pictures(early, largest)[0, 0, 0] == round(127.5 * 1.5)
    assert growing_pictures(late, largest)[0, 0, 0] == 255


def test_weights_that_are_no_numbers_are_grey() -> None:
    broken = MLP((784, 1, 10))
    broken.weights[0][:] = np.nan
    assert set(growing_pictures(broken, np.ones(1)).ravel()) <= {127, 128}


def test_slider_shows_the_networks_accuracy_at_each_epoch(store: Store) -> None:
    run_id = store.create_run(SMALL)
    train_run(store, run_id)
    at = AppTest.from_function(script, args=(run_id,), default_timeout=60).run()
    assert not at.exception
    first = store.epochs(run_id).validation_accuracy.iloc[0]
    at.select_slider[0].set_value(1).run()
    assert not at.exception
    assert any(f"{100 * first:.2f}%" in each.value for each in at.markdown)


def test_buttons_go_one_epoch_back_and_forth(store: Store) -> None:
    run_id = store.create_run(SMALL)
    train_run(store, run_id)
    at = AppTest.from_function(script, args=(run_id,), default_timeout=60).run()
    at.button[0].click().run()
    assert at.select_slider[0].value == 2
    at.button[2].click().run()
    assert at.select_slider[0].value == 3


def test_run_that_has_not_begun_says_so(store: Store) -> None:
    at = AppTest.from_function(script, args=(store.create_run(SMALL),), default_timeout=60).run()
    assert not at.exception
    assert not at.select_slider
    assert len(at.markdown) == 1
