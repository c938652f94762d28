"""Reads pages in a thread of its own, so that the preview goes on meanwhile.

Thread, networks and everything they need are loaded at the first page, and given back when no page came for a while: a
gate's process, which reads none, never has them.
"""

import io
import queue
import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image as Pictures

from kiosk.vision import messages
from kiosk.vision.faces import Image
from kiosk.vision.reading import PageLines, Reading, TextProblem

if TYPE_CHECKING:
    from kiosk.vision.text.lines import TextEngine

KEPT_SECONDS = 180.0
"""The networks stay loaded for so long after a page."""
MOST_PIXELS = 60_000_000
"""Of a page; its header is asked before anything is unpacked."""


class Scribe:
    """Reads one page after the other.

    Args:
        send: takes each answer; called from the scribe's thread, and from the caller's for a page that waits in vain.
        kept: seconds for which the networks stay loaded after a page.
    """

    def __init__(self, send: Callable[[messages.Reply], None], kept: float = KEPT_SECONDS) -> None:
        self._send, self._kept = send, kept
        self._waiting: queue.SimpleQueue[messages.ReadPage | messages.ReadLines] = queue.SimpleQueue()
        self._unwanted: set[int] = set()
        self._known: set[int] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def read(self, request: messages.ReadPage | messages.ReadLines) -> None:
        """Read a page as soon as those before it are read or stopped."""
        with self._lock:
            self._known.add(request.number)
        self._waiting.put(request)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="scribe", daemon=True)
            self._thread.start()

    def stop(self, number: int | None = None) -> None:
        """Do not go on with that page, or with any; each is answered all the same."""
        with self._lock:
            self._unwanted |= self._known if number is None else self._known & {number}

    def _is_wanted(self, number: int) -> bool:
        with self._lock:
            return number not in self._unwanted

    def _work(self) -> None:
        from kiosk.vision.text.engine import RapidText  # noqa: PLC0415  a gate reads nothing

        current = 0
        engine = RapidText(go_on=lambda: self._is_wanted(current))
        while True:
            try:
                request = self._waiting.get(timeout=self._kept if engine.loaded else None)
            except queue.Empty:
                engine.close()
                continue
            current = request.number
            answer: messages.Reply
            try:
                if isinstance(request, messages.ReadLines):
                    answer = messages.LinesRead(current, lines_of(request.page, engine))
                else:
                    answer = messages.PageRead(current, read(request, engine))
            except Exception as error:  # noqa: BLE001  a hostile picture may raise anything out of OpenCV
                answer = messages.Failed(current, f"{type(error).__name__} in {type(request).__name__}")
            if not self._is_wanted(current):
                answer = messages.Done(current)
            with self._lock:
                self._known.discard(current)
                self._unwanted.discard(current)
            try:
                self._send(answer)
            except OSError:
                return  # the terminal has gone
            del request, answer  # nothing of a page stays while the next is waited for


def read(request: messages.ReadPage, engine: "TextEngine") -> Reading:
    """Read one page.

    Args:
        request: the page and what is asked of it.
        engine: a `RapidText`, or another `TextEngine`.
    """
    from kiosk.vision.text.fields import read_document  # noqa: PLC0415  a gate reads nothing

    image = unpacked(request.page)
    if image is None:
        return Reading(request.kind, problem=TextProblem.NO_PICTURE)
    found = read_document(image, request.kind, engine, request.today, request.wanted, request.captions)
    return Reading(request.kind, dict(found.values), found.problem)


def lines_of(page: bytes, engine: "TextEngine") -> PageLines:
    """Read every line of a page, a picture file."""
    from kiosk.vision.text.whole import read_lines  # noqa: PLC0415  a gate reads nothing

    image = unpacked(page)
    return PageLines(problem=TextProblem.NO_PICTURE) if image is None else read_lines(image, engine)


def unpacked(page: bytes) -> Image | None:
    """A picture file as BGR, (height, width, 3) uint8; None where it is none, or one that no camera makes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, of pictures that are too large: they are refused here
            with Pictures.open(io.BytesIO(page), formats=("JPEG", "PNG")) as shown:
                across, down = shown.size
    except (OSError, ValueError, SyntaxError, Pictures.DecompressionBombError):
        return None
    if across * down > MOST_PIXELS:
        return None
    image = cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None or image.size == 0 else np.asarray(image, np.uint8)
