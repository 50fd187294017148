"""What the app sees in a run, in words: what it is, what to do, and a button that does it."""

import streamlit as st

from mlp.observations import CHANGE, CONTINUE, PROBLEM, STOP, Observation, Remedy, Story, observe
from mlp.runs import commands
from mlp.runs.look import Look
from mlp.runs.run import QUEUED, Run
from pages.ui import run_controls, state
from pages.ui.panels import MOST
from pages.ui.run_curves import MOST as MOST_STEPS
from pages.ui.setting_words import setting_name, setting_value
from pages.ui.text import _, localized_numbers

HEIGHT = 196  # pixels while a run goes on, so that nothing jumps when something is seen


def story(run: Run, look: Look) -> Story:
    """A run as the observations want it."""
    return Story(
        config=run.settings,
        state=run.state,
        epochs=look.epochs(run.id),
        progress=look.progress(run.id, MOST_STEPS),
        layers=look.layers(run.id, MOST),
        diverged=run.has_diverged,
    )


def advice(run: Run, look: Look) -> None:
    """A card with what is seen, the most urgent first."""
    with st.container(border=True, height=HEIGHT if run.is_active else "content", key=f"advice-{run.id}"):
        if run.state == QUEUED:
            st.caption(_("As soon as it trains, here stands what there is to see."))
            return
        seen = observe(story(run, look))
        if not seen:
            words = _("Nothing stands out: it learns as it should.") if run.is_active else _("Nothing stood out in this run.")
            st.markdown(f":material/check_circle: {words}")
        for observation in seen:
            _show(run, observation)


def _show(run: Run, observation: Observation) -> None:
    icon = ":orange[:material/warning:]" if observation.urgency == PROBLEM else ":blue[:material/lightbulb:]"
    seen, advised = (
        localized_numbers(_(words).format(**observation.values)) for words in (observation.template, observation.advice)
    )
    st.markdown(f"{icon} **{seen}**")
    with st.container(horizontal=True, gap="small"):
        for place, remedy in enumerate(observation.remedies):
            st.button(
                remedy_words(run, remedy),
                on_click=carry_out,
                args=(run, remedy),
                key=f"remedy-{run.id}-{observation.name}-{place}",
                type="primary" if place == 0 and observation.urgency == PROBLEM else "secondary",
            )
    st.caption(advised)


def remedy_words(run: Run, remedy: Remedy) -> str:
    """What a button says that it does."""
    values = ", ".join(f"{setting_name(name)} → {setting_value(name, value)}" for name, value in remedy.settings.items())
    if remedy.kind == STOP:
        return _("Stop it")
    if remedy.kind == CONTINUE:
        return _("Go on, {epochs} epochs in all").format(epochs=remedy.settings["epochs"])
    if remedy.kind == CHANGE and run.is_active:
        return _("Change now: {settings}").format(settings=values)
    return _("Train again: {settings}").format(settings=values)


def carry_out(run: Run, remedy: Remedy) -> None:
    """Does what a button says. In a callback."""
    settings = dict(remedy.settings)
    if remedy.kind == STOP:
        state.store().command(run.id, commands.STOP)
    elif remedy.kind == CONTINUE and not run.is_active:
        run_controls.go_on(run, **settings)
    elif remedy.kind in (CHANGE, CONTINUE) and run.is_active:
        run_controls.change(run, **settings)
    else:
        run_controls.again(run, **settings)
