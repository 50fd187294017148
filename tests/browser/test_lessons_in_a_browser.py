"""The lessons as a pupil walks them, in French: a wrong answer first, then the right one, by mouse and by keyboard."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from mlp import Dataset
from mlp.digits.recognizer import Recognizer
from mlp.runs.store import Store
from tests.browser.conftest import PATIENCE, Server, settle

pytestmark = pytest.mark.browser

SHIPPED = Recognizer.pretrained().network


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser of its own, as what it keeps is what is tested."""
    made = chromium.new_context(viewport={"width": 1400, "height": 900}, locale="fr-FR")
    made.set_default_timeout(PATIENCE)
    yield made
    made.close()


def fill(page: Page, label: str, text: str) -> None:
    """Types into a field of the form; the answer is not sent yet."""
    page.get_by_label(label, exact=True).fill(text)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def said(page: Page) -> Locator:
    """What the check says."""
    return page.get_by_test_id("stAlert")


def french(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


def heading(page: Page, words: str) -> Locator:
    return page.get_by_test_id("stMain").get_by_role("heading", name=words)


KEPT = "(/digit_lab_lessons=([^;]+)/.exec(document.cookie)?.[1] ?? '').split('.').filter(Boolean).length"


def reload(page: Page, done: int) -> None:
    """Once the browser keeps that so many lessons are done: it is told so by the last element of the page."""
    page.wait_for_function(f"done => {KEPT} === done", arg=done)
    page.reload()
    settle(page)


def test_lessons_are_walked_and_kept_by_the_browser(server: Server, open_tab: Callable[[str], Page], mnist: Dataset) -> None:
    page = open_tab(f"{server.address}/inside?view=lessons&lang=fr")
    expect(page.get_by_text("Leçons terminées : 0 sur 8")).to_be_visible()

    fill(page, "Son numéro dans le vecteur", str(11 * 28 + 17))
    fill(page, "Sa valeur d’entrée, 2 décimales", "158")
    press(page, "Vérifier")
    expect(said(page)).to_contain_text("ligne et colonne sont échangées")
    expect(said(page)).to_contain_text("divisée par 255")
    fill(page, "Son numéro dans le vecteur", str(17 * 28 + 11))
    fill(page, "Sa valeur d’entrée, 2 décimales", french(mnist.test_images[7][17, 11] / 255))
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Leçon terminée")
    expect(page.get_by_text("Leçons terminées : 1 sur 8")).to_be_visible()

    page.get_by_role("button", name="Leçon suivante").press("Enter")
    expect(heading(page, "2 · Un neurone")).to_be_visible()
    press(page, "Voir le neurone dans « Vers l’avant »")
    expect(page.get_by_text("Leçon 2 : Un neurone")).to_be_visible()
    expect(page.get_by_label("Neurone", exact=True)).to_have_value("2")
    press(page, "Retour à la leçon")
    total = float((mnist.test_images[0].ravel() / 255) @ SHIPPED.weights[0][:, 2])
    z = total + float(SHIPPED.biases[0][2])
    fill(page, "Sa somme z, 2 décimales", french(total))
    fill(page, "Sa sortie, 2 décimales", french(z))
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("sans le biais")
    fill(page, "Sa somme z, 2 décimales", french(z))
    fill(page, "Sa sortie, 2 décimales", "0")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("le neurone est éteint")
    expect(page.get_by_text("Leçons terminées : 2 sur 8")).to_be_visible()

    reload(page, done=2)
    expect(page.get_by_text("Leçons terminées : 2 sur 8")).to_be_visible()
    again = open_tab(f"{server.address}/inside?view=lessons&lang=fr")
    expect(heading(again, "3 · Pourquoi non linéaire")).to_be_visible()
    press(again, "Recommencer")
    expect(again.get_by_text("Leçons terminées : 0 sur 8")).to_be_visible()
    reload(again, done=0)
    expect(again.get_by_text("Leçons terminées : 0 sur 8")).to_be_visible()


def test_link_opens_a_lesson_and_arrow_keys_lead_on(server: Server, open_tab: Callable[[str], Page], mnist: Dataset) -> None:
    page = open_tab(f"{server.address}/inside?view=lessons&lesson=softmax&lang=fr")
    expect(heading(page, "4 · Softmax")).to_be_visible()
    link = page.get_by_test_id("stCode").inner_text().strip()
    scores = SHIPPED.forward(SHIPPED.as_input(mnist.test_images[3:4]))[-1][0].astype(float)
    shares = {each: np.exp(scores / each).max() / np.exp(scores / each).sum() for each in (1, 5)}
    label = "Sa probabilité à la température 5, en\N{NARROW NO-BREAK SPACE}%"
    fill(page, label, french(100 * shares[1]))
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Mettez le curseur sur 5")
    fill(page, label, french(100 * shares[5], 1))
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Leçon terminée")

    page.get_by_role("radio", name="4 · Softmax").focus()
    page.keyboard.press("ArrowDown")
    expect(heading(page, "5 · Perte")).to_be_visible()
    losses = -np.log(SHIPPED.predict_proba(mnist.test_images)[np.arange(10_000), mnist.test_labels].astype(float))
    worst = int(losses.argmax())
    fill(page, "Numéro du chiffre", "0")
    fill(page, "Sa perte, 2 décimales", "3")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Prenez un chiffre mal lu")
    fill(page, "Numéro du chiffre", str(worst))
    fill(page, "Sa perte, 2 décimales", french(losses[worst]))
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Leçon terminée")
    expect(page.get_by_text("Leçons terminées : 2 sur 8")).to_be_visible()

    other = open_tab(link)
    expect(heading(other, "4 · Softmax")).to_be_visible()


def test_two_networks_are_trained_for_a_lesson(own_server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{own_server.address}/inside?view=lessons&lesson=why-non-linear&lang=fr")
    press(page, "Vérifier")
    expect(said(page)).to_contain_text("Je ne vois aucun entraînement terminé")
    press(page, "Sans couche cachée")
    expect(page.locator("h1")).to_have_text("Entraîner")
    for wanted, chosen in (("784-10 relu", ""), ("784-64-10 relu", "Avec une couche cachée")):
        if chosen:
            press(page, chosen)
            expect(page.get_by_label("Couches cachées", exact=True)).to_have_value("64")
        settle(page)
        page.get_by_test_id("stMain").get_by_role("button", name="Entraîner", exact=True).click()
        expect(page.get_by_test_id("stMain").get_by_text(f"{wanted} · terminé")).to_be_visible()
    press(page, "Retour à la leçon")
    expect(heading(page, "3 · Pourquoi non linéaire")).to_be_visible()
    bent, straight = (100 * run.validation_accuracy for run in Store(own_server.url_of_database).runs())
    field = "Différence de leur meilleure validation, en points de pourcentage"
    fill(page, field, french(bent))
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("exactitude d’un seul réseau")
    fill(page, field, french(bent - straight))
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("frontières courbes")
    expect(said(page)).to_contain_text("Leçon terminée")
