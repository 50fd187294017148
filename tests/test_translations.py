"""Every message has its French, with the same placeholders, and pages show no words that bypass the catalogue."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from pages.ui.locales.update import FRENCH, collect, read_french

PROJECT = Path(__file__).parents[1]
SCREENS = [PROJECT / "app.py", *sorted((PROJECT / "pages").rglob("*.py"))]
WORDS_WITHOUT_LANGUAGE = {"CSV", "**ROC**", "Digit Lab", "F1", "Adam", "SGD", "✏️"}
SHOWN_KEYWORDS = {"label", "help", "alt", "caption", "title", "text", "placeholder"}
SHOWING = {
    "title", "header", "subheader", "markdown", "caption", "write", "text", "info", "warning", "error", "success", "toast",
    "button", "metric", "selectbox", "slider", "toggle", "number_input", "text_input", "file_uploader", "expander", "popover",
    "segmented_control", "download_button",
}  # fmt: skip


@pytest.fixture(scope="module")
def code() -> Catalog:
    return collect()


@pytest.fixture(scope="module")
def french() -> Catalog:
    return read_french()


def test_messages_are_found(code: Catalog) -> None:
    assert len(code) > 200


def test_every_message_has_its_french(code: Catalog, french: Catalog) -> None:
    missing = [message.id for message in code if message.id and (message.id not in french or not french[message.id].string)]
    assert missing == []


def test_catalogue_holds_nothing_else(code: Catalog, french: Catalog) -> None:
    assert [message.id for message in french if message.id and message.id not in code] == []


def test_placeholders_are_the_same(french: Catalog) -> None:
    def fields(text: str) -> list[str]:
        return sorted(re.findall(r"\{[^}]*\}", text))

    assert [message.id for message in french if message.id and fields(message.id) != fields(message.string)] == []


def test_compiled_catalogue_is_up_to_date(french: Catalog) -> None:
    with FRENCH.with_suffix(".mo").open("rb") as stream:
        compiled = gettext.GNUTranslations(stream)
    assert [message.id for message in french if message.id and compiled.gettext(message.id) != message.string] == []


def literal_words(node: ast.expr | None) -> str:
    """The letters of a string literal, outside of the placeholders of an f-string; empty for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(part.value for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str))
    else:
        return ""
    text = re.sub(r":material/\w+:|:(blue|orange|small)\[", "", text)
    return text if re.search(r"[^\W\d_]{2}", text) and text not in WORDS_WITHOUT_LANGUAGE else ""


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_screens_show_no_untranslated_words(path: Path) -> None:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        shown = [keyword.value for keyword in node.keywords if keyword.arg in SHOWN_KEYWORDS]
        if node.func.attr in SHOWING and node.args:
            shown.append(node.args[0])
        found += [f"line {node.lineno}: {words}" for each in shown if (words := literal_words(each))]
    assert found == []
