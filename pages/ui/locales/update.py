"""Brings the French catalogue up to date with the code: `python -m pages.ui.locales.update`. A tool for developers.

It collects every message in the code, merges them into messages.po, where new ones wait for their French, and compiles
messages.mo, which the app reads. Needs Babel, from requirements-dev.txt.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PROJECT = Path(__file__).resolve().parents[3]
FRENCH = Path(__file__).parent / "fr" / "LC_MESSAGES" / "messages.po"
ERRORS = ("ConfigError", "DatasetError", "CheckpointError", "PictureError", "TrainingDiverged", "RunError", "kind")
KEYWORDS = dict.fromkeys(("_", "translatable", *ERRORS))


def collect() -> Catalog:
    """All messages in app.py, pages/ and mlp/, with the files they stand in."""
    catalog = Catalog()
    for folder in ("pages", "mlp"):
        found = extract_from_dir(PROJECT / folder, [("**.py", "python")], keywords=KEYWORDS)
        for file, _line, message, _comments, _context in found:
            # Without line numbers: they would change the catalogue with every edit of the code.
            catalog.add(message, locations=[(f"{folder}/{file}", None)])
    return catalog


def read_french() -> Catalog:
    """The catalogue as it is on disk."""
    if not FRENCH.exists():
        return Catalog(locale="fr", project="Digit Lab", fuzzy=False)
    with FRENCH.open("rb") as stream:
        return read_po(stream, locale="fr")


def main() -> None:
    """Merges, writes and compiles; says what still waits for its French."""
    french = read_french()
    french.update(collect(), no_fuzzy_matching=True)
    french.obsolete.clear()
    french.header_comment = "# French for Digit Lab, under the licence of the project."
    french.msgid_bugs_address, french.last_translator, french.language_team = "", "Digit Lab", "French"
    FRENCH.parent.mkdir(parents=True, exist_ok=True)
    with FRENCH.open("wb") as stream:
        write_po(stream, french, width=120, sort_output=True, omit_header=False)
    with FRENCH.with_suffix(".mo").open("wb") as stream:
        write_mo(stream, french)
    missing = [message.id for message in french if message.id and not message.string]
    print(f"{len(french)} messages, {len(missing)} without French")
    for message in missing:
        print("-", message)


if __name__ == "__main__":
    main()
