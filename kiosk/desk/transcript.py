"""What is printed on the pages of one session, read beside everything else, for the text layer of their documents.

Nobody ever waits for it: a page that was not read when it is handed in goes without. It is forgotten with the session.
"""

from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import NoReturn

import anyio

from kiosk.desk.draft import Page
from kiosk.log import logger
from kiosk.vision.observation import SightLost
from kiosk.vision.reading import LineReader, PageLines, PrintedLine, TextProblem
from kiosk.vision.sheets import Sheet

_log = logger("desk")


class Transcript:
    """The lines of one session's pages; `run` reads them one after the other, in the order they were photographed.

    Args:
        reader: reads them; None where nothing does, and every page goes without.
    """

    def __init__(self, reader: LineReader | None) -> None:
        self._reader = reader
        self._waiting: deque[bytes] = deque()
        self._known: dict[bytes, tuple[PrintedLine, ...]] = {}
        """By the picture's digest; nothing until it was read."""
        self._changed = anyio.Event()
        self._aside = 0
        self._reading: anyio.CancelScope | None = None

    def want(self, pages: Iterable[Page]) -> None:
        """Have pages read, as soon as those before them are; pages that are known already are not read again."""
        if self._reader is None:
            return
        for page in pages:
            for picture in _pictures(page):
                key = _key(picture)
                if key not in self._known:
                    self._known[key] = ()
                    self._waiting.append(picture)
        self._tell()

    def drop(self, pages: Iterable[Page]) -> None:
        """Do not read pages that were taken away, unless they are being read."""
        unwanted = {_key(picture) for page in pages for picture in _pictures(page)}
        for picture in [picture for picture in self._waiting if _key(picture) in unwanted]:
            if self._reading is None or picture is not self._waiting[0]:
                self._waiting.remove(picture)
                del self._known[_key(picture)]

    def sheet(self, page: Page) -> Sheet:
        """A page on its way into a document, with what was read of it so far."""
        back = page.back.jpeg if page.back is not None else b""
        return Sheet(page.page.jpeg, back, self._known.get(_key(page.page.jpeg), ()), self._known.get(_key(back), ()))

    @property
    def settled(self) -> bool:
        """Nothing waits to be read."""
        return not self._waiting

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """Stand back while somebody waits for a reading of theirs: a page half read is read again afterwards."""
        self._aside += 1
        if self._reading is not None:
            self._reading.cancel()
        try:
            yield
        finally:
            self._aside -= 1
            self._tell()

    async def run(self) -> NoReturn:
        """Read what is wanted, until cancelled."""
        while True:
            while self._aside or not self._waiting:
                self._changed = anyio.Event()
                await self._changed.wait()
            await self._read(self._waiting[0])

    async def _read(self, picture: bytes) -> None:
        assert self._reader is not None
        found: PageLines | None = None
        with anyio.CancelScope() as self._reading:
            try:
                found = await self._reader.read_lines(picture)
            except SightLost:
                found = PageLines(problem=TextProblem.NOT_AVAILABLE)
            except Exception as error:  # noqa: BLE001  a text layer is not worth a session
                _log.exception("a page cannot be read", exc_info=error)
                found = PageLines(problem=TextProblem.NOT_AVAILABLE)
        self._reading = None
        if found is None:
            return  # somebody else's reading goes first
        self._waiting.popleft()
        self._known[_key(picture)] = found.lines
        if found.problem not in {TextProblem.NONE, TextProblem.NO_TEXT}:
            _log.warning("a page goes without text layer", why=found.problem.value)

    def _tell(self) -> None:
        self._changed.set()


def _pictures(page: Page) -> tuple[bytes, ...]:
    return tuple(side.jpeg for side in (page.page, page.back) if side is not None)


def _key(picture: bytes) -> bytes:
    return sha256(picture).digest()
