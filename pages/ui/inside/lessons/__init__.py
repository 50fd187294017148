"""Eight guided lessons: each a few sentences, a thing to do on this page or another, and a check that looks at what was done.

`view` shows them; `way_back` stands on top of every place that a lesson sends a person to.
"""

from urllib.parse import urlencode, urlsplit

import streamlit as st

from pages.ui.inside.lessons import progress, ways
from pages.ui.inside.lessons.first_lessons import NEURON, PIXEL
from pages.ui.inside.lessons.lesson import RIGHT, WAITING, WRONG, Finding, Lesson, Question, Verdict, is_passed
from pages.ui.inside.lessons.score_lessons import GRADIENT, LOSS, SOFTMAX
from pages.ui.inside.lessons.training_lessons import BENT, HEART, RATE
from pages.ui.inside.subject import Subject
from pages.ui.text import _, language

LESSONS = (PIXEL, NEURON, BENT, SOFTMAX, LOSS, GRADIENT, RATE, HEART)
SLUGS = tuple(lesson.slug for lesson in LESSONS)
PARAMETER = "lesson"  # in the address
CHOICE = "lesson_choice"  # the list's key
CHECKED = "lesson_checked"  # in the session: the slug and the answers that the check was last pressed for


def view(subject: Subject) -> None:
    """The list of lessons, and the one that is open."""
    st.session_state.pop(ways.LEFT, None)
    opened = _opened()
    with st.container(key="lessons"):
        left, right = st.columns([1, 2.7], gap="medium")
        with right:
            if opened is None:
                st.info(_("There is no lesson of the name in the address: choose one of the list."), icon=":material/info:")
            else:
                st.query_params[PARAMETER] = opened.slug
                with st.container(border=True):
                    _lesson(opened, subject)
        with left:
            _list(opened)
    progress.remember(SLUGS)


def way_back() -> None:
    """Where somebody does the task of a lesson: which lesson it is, and a button back to it. Nothing if there is none."""
    slug = st.session_state.get(ways.LEFT)
    if slug not in SLUGS:
        return
    lesson = LESSONS[SLUGS.index(slug)]
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="lesson_way_back"):
        st.markdown(_title(lesson), width="content")
        if lesson.prepare and st.session_state.get("page") == "train":
            lesson.prepare()
        ways.back(_("Back to the lesson"), slug)
        ways.close(_("Do without the lesson"))


def _opened() -> Lesson | None:
    """The lesson chosen last, or else that of the address, or else the first that is not done; None if the address names none
    that there is.
    """
    slug = st.session_state.get(ways.OPEN)
    if slug not in SLUGS:
        slug = st.query_params.get(PARAMETER, "")
        if slug and slug not in SLUGS:
            return None
        known = progress.done(SLUGS)
        slug = st.session_state[ways.OPEN] = slug or next((each for each in SLUGS if each not in known), SLUGS[0])
    return LESSONS[SLUGS.index(slug)]


def _open(slug: str) -> None:
    st.session_state[ways.OPEN] = slug


def _title(lesson: Lesson) -> str:
    words = _("Lesson {number}: {title}")
    return "**" + words.format(number=SLUGS.index(lesson.slug) + 1, title=lesson.title()) + "**"


def _list(opened: Lesson | None) -> None:
    """All lessons, with a tick for those that are done."""
    known = progress.done(SLUGS)

    def change() -> None:
        if st.session_state[CHOICE] in SLUGS:
            _open(st.session_state[CHOICE])

    def words(slug: str) -> str:
        tick = " :blue[:material/check_circle:]" if slug in known else ""
        return f"{SLUGS.index(slug) + 1} · {LESSONS[SLUGS.index(slug)].title()}{tick}"

    st.session_state[CHOICE] = opened.slug if opened else None
    words_done = _("**{done} of {count}** lessons done").format(done=len(known), count=len(SLUGS))
    st.progress(len(known) / len(SLUGS), text=words_done)
    st.radio(_("Lessons"), SLUGS, format_func=words, key=CHOICE, on_change=change, label_visibility="collapsed")
    st.button(
        _("Start over"),
        icon=":material/restart_alt:",
        key="lessons_restart",
        on_click=_start_over,
        type="tertiary",
        disabled=not known,
        help=_("Takes all ticks away. Your runs stay."),
    )


def _start_over() -> None:
    progress.start_over()
    st.session_state.pop(CHECKED, None)
    _open(SLUGS[0])


def _lesson(lesson: Lesson, subject: Subject) -> None:
    st.subheader(f"{SLUGS.index(lesson.slug) + 1} · {lesson.title()}", anchor=False)
    words, figure = st.columns([1.75, 1], gap="medium") if lesson.beside else (st.container(), None)
    if lesson.beside and figure:
        with figure:
            lesson.beside(subject)
    with words:
        st.markdown(lesson.idea())
        _task(lesson, subject)
    _check(lesson, subject)
    _neighbours(lesson)
    st.caption(_("A link to this lesson, for a class:"))
    st.code(link(lesson.slug), language=None, wrap_lines=True)


def _task(lesson: Lesson, subject: Subject) -> None:
    """What is to be done, and the buttons that lead there."""
    st.markdown("**:material/edit: " + _("Do this") + "**  \n" + lesson.task(subject))
    with st.container(horizontal=True, gap="small"):
        if lesson.go:
            lesson.go(subject)
        if lesson.prepare:
            lesson.prepare()


def _check(lesson: Lesson, subject: Subject) -> None:
    """What is asked, and what the check says of the answers."""
    questions = lesson.questions(subject)
    row = {"horizontal": True, "vertical_alignment": "bottom", "gap": "small"}
    with st.form(f"lesson_form_{lesson.slug}", border=False), st.container(**row):
        for question in questions:
            _ask(lesson, question)
        pressed = st.form_submit_button(_("Check"), icon=":material/fact_check:", key=f"lesson_check_{lesson.slug}")
    answers = {question.name: _answer(lesson, question) for question in questions}
    if pressed:
        st.session_state[CHECKED] = (lesson.slug, answers)
    if st.session_state.get(CHECKED) == (lesson.slug, answers):
        _say(lesson, lesson.check(subject, answers))


def _key(lesson: Lesson, question: Question) -> str:
    return f"lesson_{lesson.slug}_{question.name}"


def _ask(lesson: Lesson, question: Question) -> None:
    key = _key(lesson, question)
    if question.choices:
        words = question.choices
        st.radio(
            question.label,
            list(words),
            format_func=lambda name: words.get(name, name),
            key=key,
            index=None,
            horizontal=True,
            width="content",
            persist_state="session",
        )
    else:
        st.text_input(question.label, key=key, width=235, persist_state="session")


def _answer(lesson: Lesson, question: Question) -> str:
    value = st.session_state.get(_key(lesson, question))
    return value if isinstance(value, str) else ""


def _say(lesson: Lesson, verdict: Verdict) -> None:
    """What the check found, line by line; a lesson that is passed is done."""
    passed = is_passed(verdict)
    if passed:
        progress.mark(lesson.slug, SLUGS)
    lines = "  \n".join(_line(finding) for finding in verdict)
    if passed:
        st.success(lines + "  \n" + _("**Lesson done.**"), icon=":material/task_alt:")
    else:
        st.warning(lines, icon=":material/lightbulb:")


def _line(finding: Finding) -> str:
    icon = {RIGHT: ":material/check:", WRONG: ":material/close:", WAITING: ":material/hourglass_empty:"}[finding.state]
    return f"{icon} {finding.words}"


def _neighbours(lesson: Lesson) -> None:
    """Buttons to the lessons before and after."""
    place = SLUGS.index(lesson.slug)
    steps = [
        (_("Previous lesson"), ":material/chevron_left:", "left", place - 1),
        (_("Next lesson"), ":material/chevron_right:", "right", place + 1),
    ]
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        for words, icon, side, target in steps:
            there = 0 <= target < len(SLUGS)
            args = [SLUGS[target]] if there else None
            st.button(words, icon=icon, icon_position=side, key=f"lesson_{side}", on_click=_open, args=args, disabled=not there)


def link(slug: str) -> str:
    """The address that opens a lesson, in the session's language."""
    here = urlsplit(st.context.url or "")
    base = f"{here.scheme}://{here.netloc}" if here.netloc else ""
    below = here.path.removesuffix("/").removesuffix("/inside")  # a server may have a path of its own (server.baseUrlPath)
    return f"{base}{below}/inside?{urlencode({'view': 'lessons', PARAMETER: slug, 'lang': language()})}"
