"""A browser tab without a browser: it speaks Streamlit's own websocket protocol as Streamlit's front end does. Knows how to
switch pages, press buttons and draw, and how long each took to be answered; knows nothing of what pages are for.

What a browser keeps, it keeps: the elements on the screen, the address's query, messages that the server need not send
twice, and a timer for each part of a page that asks to be looked at again and again. What a browser paints, it does not; of
files it fetches the pictures, not Streamlit's own code.
"""

import asyncio
import itertools
import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

PATIENCE = 60.0  # seconds after which what was asked counts as never answered
LIVE = 0.25  # seconds between two messages of one stroke, as in pages/ui/canvas.py
KEEP_RUNS = 2  # so many runs of the script a message is kept in a browser (Streamlit's global.maxCachedMessageAge)

Stroke = dict[str, Any]  # a path as Fabric.js has it


@dataclass
class Seen:
    """An element on the screen: what it is, which run of the script put it there, and which fragment it belongs to."""

    element: Any
    run: str
    fragment: str


@dataclass(frozen=True)
class Switch:
    """A change of page: to which, when it was asked for (time.perf_counter), and the seconds until it was there."""

    path: str
    asked: float
    seconds: float


@dataclass
class Figures:
    """What students met: seconds from a question to the last word of its answer, and what went wrong."""

    opened: list[float] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    ticks: list[float] = field(default_factory=list)
    strokes: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    received: int = 0  # bytes


class Student:
    """A tab of its own session at the address of an app. All it measures goes into `figures`."""

    def __init__(self, address: str, figures: Figures) -> None:
        self.address, self.figures = address, figures
        self.query = self.page = ""
        self.pages: dict[str, str] = {}  # the path of a page → the hash by which the protocol names it
        self._seen: dict[tuple[int, ...], Seen] = {}
        self._widgets: dict[str, WidgetState] = {}
        self._kept: dict[str, tuple[ForwardMsg, int]] = {}  # messages, and how many runs had finished when they were used
        self._timers: dict[str, tuple[float, asyncio.Task[None]]] = {}
        self._asked: dict[str, float] = {}  # fragments that were asked for and have not answered, and since when
        self._runs: dict[str, tuple[float, str]] = {}  # a run of the script → when it was heard of, and its page
        self._waiting: list[tuple[Callable[[ForwardMsg], bool], asyncio.Future[float]]] = []
        self._run = ""
        self._number = self._finished = 0
        self._socket: ClientConnection | None = None
        self._ear: asyncio.Task[None] | None = None
        self._pictures: set[asyncio.Task[None]] = set()

    # What a person does

    async def open(self, path: str = "", query: str = "") -> None:
        """Opens the app at a page."""
        self.query, began = query, time.perf_counter()
        stream = self.address.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = await connect(
            stream, origin=Origin(self.address), subprotocols=[Subprotocol("streamlit")], max_size=None
        )
        self._ear = asyncio.create_task(self._listen())
        answer = self._answer(lambda message: self._is_page(message, began))
        await self._ask(path=path)
        self.figures.opened.append(await answer - began)

    async def switch(self, path: str) -> None:
        """Chooses a page in the navigation."""
        page, began = self.pages[path], time.perf_counter()
        self._stop_timers()
        answer = self._answer(lambda message: self._is_page(message, began, page))
        self.page, self.query = page, ""
        await self._ask()
        self.figures.switches.append(Switch(path, began, await answer - began))

    def button(self, label: str) -> Any | None:
        """The button with these words, if there is one that can be pressed."""
        for seen in self._seen.values():
            element = seen.element
            if element.WhichOneof("type") == "button" and element.button.label == label and not element.button.disabled:
                return seen
        return None

    async def press(self, label: str) -> float:
        """Presses the button with these words; returns the seconds until the whole page has answered."""
        seen, began = self.button(label), time.perf_counter()
        assert seen is not None, f"there is no button {label!r} to press"
        answer = self._answer(lambda message: self._is_page(message, began))
        pressed = WidgetState(id=seen.element.button.id, trigger_value=True)
        await self._ask(fragment=seen.fragment, once=pressed)
        return await answer - began

    async def draw(self, component: str, strokes: list[Stroke]) -> None:
        """Draws on a canvas: the drawing is sent while a stroke lasts and at its end."""
        done: list[Stroke] = []
        for stroke in strokes:
            path = stroke["path"]
            for share in (0.4, 0.8):  # a stroke of a digit takes about half a second
                begun = stroke | {"path": path[: max(2, int(share * len(path)))]}
                await self._send_drawing(component, [*done, begun])
                await asyncio.sleep(LIVE)
            done.append(stroke)
            self.figures.strokes.append(await self._send_drawing(component, done))

    async def clear(self, component: str) -> None:
        """Takes all strokes from a canvas."""
        await self._send_drawing(component, [])

    def metrics(self) -> dict[str, str]:
        """The figures on the screen, by their labels."""
        shown = (seen.element.metric for seen in self._seen.values() if seen.element.WhichOneof("type") == "metric")
        return {metric.label: metric.body for metric in shown}

    async def leave(self) -> None:
        """Closes the tab."""
        self._stop_timers()
        for task in (self._ear, *self._pictures):
            if task:
                task.cancel()
        if self._socket:
            await self._socket.close()

    # What the protocol wants

    async def _ask(self, fragment: str = "", is_tick: bool = False, path: str = "", once: WidgetState | None = None) -> None:
        """Asks for a run of the script, or of one fragment of it."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.page_name = self.query, self.page, path
        state.fragment_id, state.is_auto_rerun = fragment, is_tick
        state.cached_message_hashes.extend(self._kept)
        state.widget_states.widgets.extend([*self._widgets.values(), *([once] if once else [])])
        context = state.context_info
        context.timezone, context.timezone_offset, context.locale = "UTC", 0, "en-US"
        context.url, context.color_scheme, context.is_embedded = f"{self.address}/", "light", False
        assert self._socket is not None, "the app is to be opened first"
        await self._socket.send(message.SerializeToString())

    def _answer(self, is_it: Callable[[ForwardMsg], bool]) -> asyncio.Future[float]:
        """The moment at which the end of a run of the script comes in, of which `is_it` says that it is the one."""
        moment: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append((is_it, moment))
        return asyncio.ensure_future(asyncio.wait_for(moment, PATIENCE))

    def _is_page(self, message: ForwardMsg, asked: float, page: str = "") -> bool:
        """Whether it is the end of a run of a whole page that began after it was asked for."""
        began, where = self._runs.get(message.metadata.run.script_run_id, (0.0, ""))
        is_whole = message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        return is_whole and began > asked and page in ("", where)

    async def _send_drawing(self, component: str, objects: list[Stroke]) -> float:
        """Tells what is on a canvas; returns the seconds until the fragment around it has answered."""
        seen = next(s for s in self._seen.values() if getattr(s.element.bidi_component, "component_name", "") == component)
        canvas, began = seen.element.bidi_component, time.perf_counter()
        self._number = max(self._number, json.loads(canvas.json)["number"]) + 1
        drawing = {"number": self._number, "revision": json.loads(canvas.json)["revision"], "raw": {"objects": objects}}
        self._widgets[canvas.id] = WidgetState(id=canvas.id, json_value=json.dumps({"drawing": drawing}))
        number = self._number
        answer = self._answer(lambda _message: self._number_shown(component) >= number)
        await self._ask(fragment=seen.fragment)
        return await answer - began

    def _number_shown(self, component: str) -> int:
        shown = (s.element.bidi_component for s in self._seen.values() if s.element.WhichOneof("type") == "bidi_component")
        return max((json.loads(each.json)["number"] for each in shown if each.component_name == component), default=-1)

    async def _listen(self) -> None:
        assert self._socket is not None
        try:
            async for content in self._socket:
                self.figures.received += len(content)
                self._take(ForwardMsg.FromString(content))
        except WebSocketException as error:
            self.figures.failures.append(f"the connection was lost: {error}")

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            if message.ref_hash not in self._kept:
                self.figures.failures.append("a message was not sent, as if it were still kept")
                return
            kept = ForwardMsg()
            kept.CopyFrom(self._kept[message.ref_hash][0])
            self._kept[message.ref_hash] = kept, self._finished
            kept.metadata.CopyFrom(message.metadata)
            message, kind = kept, kept.WhichOneof("type")
        elif message.metadata.cacheable:
            self._kept[message.hash] = message, self._finished
        if kind == "delta":
            self._show(message)
        elif kind == "new_session":
            self._begin(message)
        elif kind == "script_finished":
            self._finish(message)
        elif kind == "auto_rerun":
            self._start_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._stop_timer(fragment)
        elif kind == "navigation":
            self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string

    def _show(self, message: ForwardMsg) -> None:
        delta = message.delta
        if delta.WhichOneof("type") != "new_element":
            return
        element, place = delta.new_element, tuple(message.metadata.delta_path)
        self._seen[place] = Seen(element, self._run, delta.fragment_id)
        if element.WhichOneof("type") == "exception":
            self.figures.failures.append(f"{element.exception.type}: {element.exception.message}")
        for picture in element.imgs.imgs:
            if picture.url.startswith("/media/"):
                task = asyncio.create_task(self._fetch(picture.url))
                self._pictures.add(task)
                task.add_done_callback(self._pictures.discard)

    async def _fetch(self, path: str) -> None:
        """A picture, as a browser gets it. One that is gone before it was asked for is no failure: the page has changed."""
        try:
            content = await asyncio.to_thread(lambda: urllib.request.urlopen(self.address + path, timeout=PATIENCE).read())
        except OSError:
            return
        self.figures.received += len(content)

    def _begin(self, message: ForwardMsg) -> None:
        run, fragments = message.metadata.run.script_run_id, message.metadata.run.fragment_ids
        self._run = run
        if not fragments:
            self._stop_timers()
            self.page = message.new_session.page_script_hash
            self._runs[run] = time.perf_counter(), self.page

    def _finish(self, message: ForwardMsg) -> None:
        now, identity = time.perf_counter(), message.metadata.run
        if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.figures.failures.append("a page could not be compiled")
        if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self._forget(identity.script_run_id, set(identity.fragment_ids))
        for fragment in identity.fragment_ids:
            if fragment in self._asked:
                self.figures.ticks.append(now - self._asked.pop(fragment))
        for waits in [waits for waits in self._waiting if waits[0](message)]:
            self._waiting.remove(waits)
            if not waits[1].done():
                waits[1].set_result(now)

    def _forget(self, run: str, fragments: set[str]) -> None:
        """What this run of the script, or of fragments, has not put on the screen again is gone; and old messages are."""
        stale = [p for p, s in self._seen.items() if s.run != run and (not fragments or s.fragment in fragments)]
        for place in stale:
            del self._seen[place]
        if not fragments:
            ids = {_identity(seen.element) for seen in self._seen.values()}
            self._widgets = {name: state for name, state in self._widgets.items() if name in ids}
        self._finished += 1
        for name, (message, used) in list(self._kept.items()):
            is_concerned = not fragments or message.delta.fragment_id in fragments
            if is_concerned and self._finished - used > KEEP_RUNS:
                del self._kept[name]

    # Timers, one for each fragment that is to be looked at again and again

    def _start_timer(self, fragment: str, interval: float) -> None:
        if fragment in self._timers and self._timers[fragment][0] == interval:
            return
        self._stop_timer(fragment)
        self._timers[fragment] = interval, asyncio.create_task(self._tick(fragment, interval))

    async def _tick(self, fragment: str, interval: float) -> None:
        began = time.perf_counter()
        for number in itertools.count(1):
            await asyncio.sleep(max(0.0, began + number * interval - time.perf_counter()))
            self._asked.setdefault(fragment, time.perf_counter())
            try:
                await self._ask(fragment=fragment, is_tick=True)
            except WebSocketException:
                return  # told by the one who listens

    def _stop_timer(self, fragment: str) -> None:
        if fragment in self._timers:
            self._timers.pop(fragment)[1].cancel()

    def _stop_timers(self) -> None:
        for fragment in list(self._timers):
            self._stop_timer(fragment)
        self._asked.clear()


def _identity(element: Any) -> str:
    """The id of an element that is a widget, otherwise ""."""
    kind = element.WhichOneof("type")
    return str(getattr(getattr(element, kind), "id", "")) if kind else ""
