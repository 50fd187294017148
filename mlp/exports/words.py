"""The words and numbers of exported texts, which carry their languages with them: they are read where the app is not."""

import functools
import json
from pathlib import Path
from typing import Any

from mlp.errors import ConfigError

HERE = Path(__file__).parent
LANGUAGES = ("en", "fr")
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"


@functools.cache
def read_words(path: Path) -> dict[str, dict[str, str]]:
    """The words in a file of this package: language → name → sentence, which may have {fields}."""
    words: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return words


class Words:
    """The words of one file in one language; called with a name and the values of its fields.

    Raises ConfigError for a language that is not there.
    """

    def __init__(self, path: Path, language: str) -> None:
        words = read_words(path)
        if language not in words:
            raise ConfigError(
                "language: {value!r} is unknown; choose one of {choices}.", value=language, choices=", ".join(words)
            )
        self.language = language
        self._words = words[language]

    def __call__(self, name: str, /, **values: Any) -> str:
        return self._words[name].format(**values)

    def number(self, value: int) -> str:
        """10000 → 10,000 or 10 000."""
        return f"{value:,}".replace(",", THIN_SPACE if self.language == "fr" else ",")

    def decimal(self, value: float, digits: int) -> str:
        """0.5 → 0.50 or 0,50."""
        return f"{value:.{digits}f}".replace(".", "," if self.language == "fr" else ".")

    def percent(self, share: float, digits: int = 2) -> str:
        """0.978 → 97.80% or 97,80 %."""
        return f"{self.decimal(100 * share, digits)}{THIN_SPACE if self.language == 'fr' else ''}%"
