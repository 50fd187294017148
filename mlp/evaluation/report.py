"""An evaluation as one HTML file that needs nothing else: words, figures and tables. Knows not what they are about."""

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

STYLE = """
:root { color-scheme: light dark; --ink: #16202e; --paper: #ffffff; --line: #d5dce6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf2; --paper: #10151d; --line: #344154; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto; padding: 1.5rem;
  max-width: 60rem; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
figure { margin: 1rem 0; padding: 0.5rem; background: #ffffff; border-radius: 8px; overflow-x: auto; }
figcaption { color: #16202e; text-align: center; font-size: 0.9rem; }
figure img { display: block; max-width: 100%; height: auto; margin: 0 auto; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0.5rem 0; }
th, td { padding: 0.25rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; }
nav a { margin-right: 1rem; }
@media print { h2 { break-after: avoid; } figure, table { break-inside: avoid; } }
"""


@dataclass(frozen=True, eq=False)
class Section:
    """A chapter of a report: sentences, figures as SVG with what stands below them, a table whose cells are shown as they are,
    and its title.
    """

    sentences: Sequence[str] = ()
    figures: Sequence[tuple[str, bytes]] = ()
    table: pd.DataFrame | None = None
    title: str = ""


def html_report(title: str, lead: str, sections: Sequence[Section], language: str = "en") -> str:
    """The text of the page. All words are escaped: names of runs and files may hold anything."""
    links = "\n".join(f'<a href="#s{place}">{html.escape(each.title)}</a>' for place, each in enumerate(sections))
    body = "\n".join(_section(place, each) for place, each in enumerate(sections))
    return f"""<!doctype html>
<html lang="{html.escape(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{html.escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{html.escape(title)}</h1>
<p>{html.escape(lead)}</p>
<nav>
{links}
</nav>
{body}
</body>
</html>
"""


def _section(place: int, section: Section) -> str:
    parts = [f'<section id="s{place}">', f"<h2>{html.escape(section.title)}</h2>"]
    parts += [f"<p>{html.escape(sentence)}</p>" for sentence in section.sentences]
    for caption, figure in section.figures:
        words, content = html.escape(caption or section.title), base64.b64encode(figure).decode()
        below = f"<figcaption>{words}</figcaption>" if caption else ""
        parts.append(f'<figure><img alt="{words}" src="data:image/svg+xml;base64,{content}">{below}</figure>')
    if section.table is not None:
        parts.append(f'<div class="table">{section.table.to_html(index=False, border=0, justify="unset")}</div>')
    return "\n".join([*parts, "</section>"])
