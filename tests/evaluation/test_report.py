"""The report: one file, nothing from outside, and no word taken for markup."""

import re

import pandas as pd

from mlp.evaluation.report import Section, html_report

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>'


def page() -> str:
    table = pd.DataFrame({"network": ["<script>alert(1)</script>"], "a & b": ["1 < 2"]})
    sections = [Section(["It is 5 > 4."], [("<b>mine</b>", SVG)], table, title="First"), Section(title="Second")]
    return html_report("A <title>", "by & by", sections, "fr")


def test_every_chapter_has_its_title_and_a_link() -> None:
    text = page()
    for place, title in enumerate(("First", "Second")):
        assert f'<a href="#s{place}">{title}</a>' in text
        assert f'<section id="s{place}">\n<h2>{title}</h2>' in text


def test_words_are_shown_as_they_are() -> None:
    text = page()
    assert "<script" not in text
    assert "<b>" not in text
    for words in ("A &lt;title&gt;", "by &amp; by", "It is 5 &gt; 4.", "&lt;b&gt;mine&lt;/b&gt;", "a &amp; b", "1 &lt; 2"):
        assert words in text


def test_nothing_is_loaded_from_outside() -> None:
    text = page()
    assert re.findall(r'(?:src|href)="(?!#|data:)', text) == []
    assert "default-src 'none'" in text


def test_language_is_told() -> None:
    assert '<html lang="fr">' in page()
