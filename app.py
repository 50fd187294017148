"""Digit Lab: `streamlit run app.py`. Configures the page, draws the frame, runs the page that the address names."""

import streamlit as st

from pages.ui import shell


def main() -> None:
    """One run of the script: Streamlit calls it anew for every interaction."""
    st.set_page_config(page_title="Digit Lab", page_icon="✏️", layout="wide")
    shell.frame().run()


if __name__ == "__main__":
    main()
