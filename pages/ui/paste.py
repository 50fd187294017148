"""A place to paste pictures: with Ctrl+V anywhere on the page, or by a button. Knows nothing of what is on them."""

import base64
import binascii
from typing import Any

import streamlit as st

from pages.ui.text import _

CSS = """
button {
  width: 100%; min-height: 2.5rem; cursor: pointer; font: 1rem var(--st-font); color: var(--st-text-color);
  background: var(--st-background-color); border: 1px solid var(--st-border-color); border-radius: 8px;
}
button:hover { border-color: var(--st-primary-color); color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
p { margin: 0.3rem 0 0; font: 0.85rem/1.4 var(--st-font); color: var(--st-orange-text-color, #C2570C); }
p:empty { display: none; }
"""

JS = """
const LARGEST = 1280; // pixels: more than a digit needs

async function packed(blob) {
  const bitmap = await createImageBitmap(blob);
  const factor = Math.min(1, LARGEST / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * factor));
  canvas.height = Math.max(1, Math.round(bitmap.height * factor));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

export default function ({ data, parentElement, setTriggerValue }) {
  let button = parentElement.querySelector("button"), words = parentElement.querySelector("p");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    words = document.createElement("p");
    words.setAttribute("role", "status");
    parentElement.append(button, words);
  }
  button.textContent = data.label;
  button.title = data.help;
  const take = async (blobs) => {
    if (!blobs.length) {
      words.textContent = data.nothing;
      return;
    }
    words.textContent = "";
    try {
      setTriggerValue("pasted", await Promise.all(blobs.map(packed)));
    } catch {
      words.textContent = data.nothing;
    }
  };
  button.onclick = async () => {
    try {
      const found = [];
      for (const item of await navigator.clipboard.read()) {
        const kind = item.types.find((type) => type.startsWith("image/"));
        if (kind) found.push(await item.getType(kind));
      }
      await take(found);
    } catch { // the browser does not let pages read the clipboard by themselves
      words.textContent = data.refused;
    }
  };
  const listen = (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (!files.length) return;
    event.preventDefault();
    take(files);
  };
  document.addEventListener("paste", listen);
  return () => document.removeEventListener("paste", listen);
}
"""

_component = st.components.v2.component("paste_pictures", css=CSS, js=JS)


def pasted(key: str) -> list[bytes]:
    """Shows the button; returns the pictures, as PNG files, that were pasted just now, once."""
    data = {
        "label": _("Paste a picture (Ctrl+V)"),
        "help": _("A screenshot, or a picture copied in another program"),
        "nothing": _("There is no picture on the clipboard."),
        "refused": _("Your browser does not let a button paste: press Ctrl+V instead."),
    }
    result = _component(key=key, data=data, on_pasted_change=lambda: None)
    return [content for url in result.pasted or [] if (content := _decoded(url))]


def _decoded(url: Any) -> bytes:
    try:
        return base64.b64decode(str(url).partition(";base64,")[2], validate=True)
    except binascii.Error:
        return b""
