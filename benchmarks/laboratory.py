"""How long an edit takes in the laboratory, for the shipped network and the 10,000 test digits: what is calculated, edit by
edit, and in a browser from a key pressed at a control to the first answer on the screen (accuracy, confidence, connections and
size change; after edits of all weights they are those of the first 2,000 digits), and to the last of it. Medians, in
milliseconds. A slider of Streamlit's sends its value 200 ms after the key.

Needs Debian's chromium and requirements-dev.txt, and a machine that has nothing else to do:

    python benchmarks/laboratory.py [--rounds 9] [--no-browser]
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mlp import Recognizer, load_dataset
from mlp.inside.edits import AddNoise, Edit, Prune, Quantise, ScaleWeights, ShiftBias, SwitchOff, Temperature, apply
from mlp.inside.effects import KeptOutputs
from tests.browser.conftest import ARGUMENTS, Server, find_chromium, settle

EDITS: dict[str, Edit] = {
    "one neuron of layer 1 off": SwitchOff(1, (3,)),
    "a tenth of layer 1 off": SwitchOff(1, tuple(range(102))),
    "all but a tenth of layer 1 off": SwitchOff(1, tuple(range(102, 1024))),
    "a tenth of layer 2 off": SwitchOff(2, tuple(range(89))),
    "a bias of layer 1": ShiftBias(1, 3, 1.0),
    "a bias of the output": ShiftBias(3, 3, 1.0),
    "all weights scaled": ScaleWeights(None, 0.9),
    "half of each layer pruned": Prune(None, 0.5),
    "half of all pruned": Prune(None, 0.5, overall=True),
    "all rounded to 4 bits": Quantise(None, 4),
    "noise in all": AddNoise(None, 0.5),
    "temperature": Temperature(5.0),
}
SLIDERS = ("Shift a bias", "Scale", "Prune", "Quantise", "Noise", "Temperature")
METRICS = "[...document.querySelectorAll('[data-testid=stMetric]')].map(each => each.innerText).join()"
WORDS = "document.querySelector('[data-testid=stMain]').innerText"
IDLE = "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'"


def calculated(rounds: int) -> None:
    """Prints what each edit takes without a page: the edited network, and its effect."""
    network, digits = Recognizer.pretrained().network, load_dataset()
    x = network.as_input(digits.test_images)
    began = time.perf_counter()
    kept = KeptOutputs(network, x, digits.test_labels)
    print(f"{'once for a network':32s} {1000 * (time.perf_counter() - began):5.0f} ms")
    for name, edit in EDITS.items():
        seconds = []
        for _round in range(rounds):
            began = time.perf_counter()
            edited = apply(network, [edit])
            middle = time.perf_counter()
            kept.effect_of(edited)
            seconds.append((middle - began, time.perf_counter() - middle))
        edit_time, effect_time = (1000 * statistics.median(column) for column in zip(*seconds, strict=True))
        print(f"{name:32s} {edit_time + effect_time:5.0f} ms: the network {edit_time:4.0f}, its readings {effect_time:4.0f}")


def seen(page: Page, act: Callable[[], None], figures: str = METRICS) -> tuple[float, float]:
    """Milliseconds from the act until the figures are others, and until the page is at rest."""
    before = page.evaluate(figures)
    began = time.perf_counter()
    act()
    page.wait_for_function(f"before => {figures} !== before", arg=before, polling="raf")
    first = time.perf_counter()
    page.wait_for_function(IDLE, polling="raf")
    return 1000 * (first - began), 1000 * (time.perf_counter() - began)


def in_browser(page: Page, address: str, rounds: int) -> None:
    """Prints what each kind of edit takes from a key to the screen."""
    page.goto(f"{address}/inside?view=lab&layer=3&neuron=7&lang=en")
    settle(page)
    main = page.get_by_test_id("stMain")
    box = main.get_by_label("Neurons", exact=True)
    times = []
    for number in range(rounds):
        box.fill(f"{number}-{number + 99}" if number % 2 else f"0-{number + 9}")
        times.append(seen(page, lambda: box.press("Enter")))
        page.wait_for_timeout(300)
    _tell("Switch off", times)
    for kind in SLIDERS:
        main.get_by_text(kind, exact=True).first.click()
        page.wait_for_timeout(1500)
        slider = main.get_by_role("slider").first
        key = "ArrowLeft" if kind in ("Quantise", "Shift a bias") else "ArrowRight"
        times = []
        for _round in range(rounds):
            slider.focus()
            # A small shift of a bias may leave all figures as they were.
            figures = WORDS if kind == "Shift a bias" else METRICS
            times.append(seen(page, lambda slider=slider, key=key: slider.press(key), figures))
            page.wait_for_timeout(300)
        _tell(kind, times)
        page.locator(".st-key-lab_reset button").first.click()
        page.wait_for_timeout(1500)


def _tell(name: str, times: list[tuple[float, float]]) -> None:
    first, last = zip(*times, strict=True)
    words = f"first answer {statistics.median(first):5.0f} ms (most {max(first):5.0f})"
    print(f"{name:32s} {words}, all of it {statistics.median(last):5.0f} ms (most {max(last):5.0f})", flush=True)


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    print("Calculated:")
    calculated(options.rounds)
    if options.no_browser:
        return
    print("In the browser, from the key to the screen:")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "runs.sqlite")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        try:
            in_browser(
                browser.new_page(viewport={"width": 1400, "height": 900}, locale="en-US"), server.address, options.rounds
            )
        finally:
            browser.close()
            server.stop(patience=2.0)


if __name__ == "__main__":
    main()
