"""Digit Lab: `streamlit run app.py`. Configures the page, draws the frame, runs the page that the address names."""

from pages.ui import shell
from pages.ui.text import explained


def main() -> None:
    """One run of the script: Streamlit calls it anew for every interaction."""
    page = shell.frame()
    explained(page.run)()


if __name__ == "__main__":
    main()
