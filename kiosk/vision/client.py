"""Camera ring and vision process together, as journeys see them: `VisionProcess` is a `Sight`."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio
import msgspec

from kiosk.log import logger
from kiosk.vision import messages
from kiosk.vision.engines import CARDS
from kiosk.vision.faces import verdict
from kiosk.vision.frames import Ring, View
from kiosk.vision.id_photo_result import IdPhoto
from kiosk.vision.observation import (
    CodeSeen,
    FaceBand,
    FaceVerdict,
    Observation,
    PaperPage,
    PaperSeen,
    PassiveFiles,
    Reference,
    SightLost,
)
from kiosk.vision.process import WatchedProcess
from kiosk.vision.process_state import Limits, VisionHealth, VisionState
from kiosk.vision.reading import (
    LINES_WITHIN,
    READ_WITHIN,
    DocumentKind,
    PageLines,
    Reading,
    TextProblem,
)

__all__ = ["Limits", "VisionHealth", "VisionProcess", "VisionState"]

_log = logger("vision")

_POLL_SECONDS = 0.005


class VisionProcess:
    """The vision process, watched and replaced when it dies or falls silent.

    `async with VisionProcess(ring) as sight:` starts it; calls made while it starts wait for it. Use on one event loop.

    Args:
        ring: where the camera's pictures are put.
        engine: name of the face engine.
        decoder: `none`, `simulated`, or `vendor-library:` and the library's path.
        liveness: where the liveness networks are, if anywhere.
        desk: where the picture of the empty desk is kept over a restart; None keeps none.
    """

    def __init__(
        self,
        ring: Ring,
        *,
        engine: str = "sface",
        decoder: str = "none",
        liveness: PassiveFiles | None = None,
        limits: Limits | None = None,
        desk: Path | None = None,
    ) -> None:
        self._ring, self._card = ring, CARDS[engine]
        self._limits = limits or Limits()
        files = msgspec.json.encode(liveness or PassiveFiles()).decode()
        self._process = WatchedProcess(ring.fd, (self._card.name, decoder, files, str(desk or "")), self._limits)
        self._reference_session: int | None = None
        self._not_before = 0.0

    async def __aenter__(self) -> Self:
        await self._process.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._process.__aexit__(kind, error, trace)

    @property
    def health(self) -> VisionHealth:
        """How the process is now."""
        return self._process.health

    @property
    def pid(self) -> int | None:
        """The process's id, while there is one."""
        return self._process.pid

    async def until_ready(self) -> None:
        """Wait until the process answers."""
        await self._process.until_ready()

    # Sight ----------------------------------------------------------------------------------------------------------

    async def remember(self, photo: bytes) -> Reference:
        """Decode a card's photo block and keep its face as the reference, in the vision process's memory only.

        Raises:
            SightLost: the process died or is restarting.
        """
        self._reference_session = None
        reply = await self._process.ask(partial(messages.Remember, photo=photo))
        if not isinstance(reply, messages.Remembered):
            raise self._process.failed(reply)
        if reply.why:
            _log.warning("the card's photo does not serve", kind=reply.reference.value, why=reply.why)
        if reply.reference is Reference.READY:
            self._reference_session = self._process.session
            # What was taken before the card was read may show somebody else.
            self._not_before = time.monotonic()
        return reply.reference

    async def observe(self, after: int) -> Observation:
        """Look for faces in the first picture with a number greater than `after`; wait at most 2 s for one.

        Raises:
            SightLost: no picture came, the process died, or it lost the reference by a restart.
        """
        self.same_process()
        await self.picture(after)
        reply = await self._process.ask(messages.Observe)
        if not isinstance(reply, messages.Observed):
            raise self._process.failed(reply)
        self.same_process()
        return reply.observation

    async def challenge(self) -> None:
        """Begin a new active challenge; observations carry its state from now on, until `forget`.

        Raises:
            SightLost: the process died or is restarting.
        """
        reply = await self._process.ask(messages.Begin)
        if not isinstance(reply, messages.Done):
            raise self._process.failed(reply)

    def judge(self, similarities: tuple[float, ...]) -> FaceVerdict:
        """Turn similarities (at least one) into a verdict by the engine's table."""
        return verdict(similarities, self._card)

    def rejects(self, similarity: float) -> bool:
        """Whether one comparison by itself says that it is somebody else."""
        return self._card.bands.of(similarity) is FaceBand.REJECT

    async def forget(self) -> None:
        """Drop the reference face and the kept page. Never raises."""
        self._reference_session = None
        self._not_before = 0.0
        if self.health.state is not VisionState.READY:
            return  # they went with the process
        try:
            await self._process.ask(messages.Forget)
        except SightLost:
            return  # the same

    async def look_for_paper(self, after: int) -> PaperSeen:
        """Look for a page in the first picture with a number greater than `after`; wait at most 2 s for one.

        Raises:
            SightLost: no picture came, or the process died.
        """
        await self.picture(after)
        reply = await self._process.ask(messages.LookForPaper)
        if not isinstance(reply, messages.PaperFound):
            raise self._process.failed(reply)
        return reply.seen

    async def look_for_code(self, after: int) -> CodeSeen:
        """Look for a code in the first picture with a number greater than `after`; wait at most 2 s for one.

        Raises:
            SightLost: no picture came, or the process died.
        """
        await self.picture(after)
        reply = await self._process.ask(messages.LookForCode)
        if not isinstance(reply, messages.CodeFound):
            raise self._process.failed(reply)
        return reply.seen

    async def take_page(self) -> PaperPage:
        """Crop the page last seen by `look_for_paper` from that very picture.

        Raises:
            SightLost: there is none any more, or the process died.
        """
        reply = await self._process.ask(messages.TakePage)
        if not isinstance(reply, messages.PageTaken) or reply.page is None:
            raise self._process.failed(reply)
        return reply.page

    async def take_id_photo(self, after: int, wanted: str = "id_card") -> IdPhoto:
        """Make an ID photo of the first picture with a number greater than `after`; wait at most 2 s for one.

        Args:
            after: a picture's number.
            wanted: the document: a name of `id_photo_layout.FORMATS`.

        Raises:
            SightLost: no picture came, or the process died.
        """
        await self.picture(after)
        reply = await self._process.ask(partial(messages.TakePhoto, wanted=wanted))
        if not isinstance(reply, messages.PhotoTaken):
            raise self._process.failed(reply)
        return reply.photo

    async def read_page(
        self,
        page: bytes,
        kind: DocumentKind,
        today: date,
        *,
        wanted: Collection[str] | None = None,
        captions: Mapping[str, Sequence[str]] | None = None,
        within: float = READ_WITHIN,
    ) -> Reading:
        """Read the fields of a page; looking for papers and codes goes on meanwhile. One page at a time.

        A caller that is cancelled leaves at once, and the reading stops.

        Args:
            page: as a picture file (JPEG, PNG), cropped and straightened: `PaperPage.jpeg`.
            kind: what it shows.
            today: decides about the centuries of a machine readable zone.
            wanted: the fields that are needed (`Key`, or a form's captions), or None for all. Fewer are quicker.
            captions: for FORM: how the paper may call a field, by key.
            within: seconds; after them the answer is TOO_LATE.

        Raises:
            SightLost: the process died or is restarting.
        """
        if len(page) > messages.MOST_PAGE_BYTES:
            return Reading(kind, problem=TextProblem.NO_PICTURE)
        make = partial(
            messages.ReadPage,
            page=page,
            kind=kind,
            today=today,
            wanted=None if wanted is None else tuple(wanted),
            captions={key: tuple(texts) for key, texts in (captions or {}).items()},
        )
        reply: messages.Reply | None = None
        with anyio.move_on_after(within):
            reply = await self._process.ask_long(make)
        if reply is None:
            return Reading(kind, problem=TextProblem.TOO_LATE)
        if not isinstance(reply, messages.PageRead):
            raise self._process.failed(reply)
        return reply.reading

    async def read_lines(self, page: bytes, *, within: float = LINES_WITHIN) -> PageLines:
        """Read every line of a page, for a text layer. Else like `read_page`, with which it takes turns.

        Args:
            page: as a picture file (JPEG, PNG); the lines' corners are in its pixels.
            within: seconds; after them the answer is TOO_LATE.

        Raises:
            SightLost: the process died or is restarting.
        """
        if len(page) > messages.MOST_PAGE_BYTES:
            return PageLines(problem=TextProblem.NO_PICTURE)
        reply: messages.Reply | None = None
        with anyio.move_on_after(within):
            reply = await self._process.ask_long(partial(messages.ReadLines, page=page))
        if reply is None:
            return PageLines(problem=TextProblem.TOO_LATE)
        if not isinstance(reply, messages.LinesRead):
            raise self._process.failed(reply)
        return reply.found

    # For whoever asks beside these ----------------------------------------------------------------------------------

    @property
    def session(self) -> int:
        """Counts the processes: what one was told is not known to the next."""
        return self._process.session

    async def ask(self, make: Callable[[int], messages.Request]) -> messages.Reply:
        """Ask the process.

        Raises:
            SightLost: it died or is restarting.
        """
        return await self._process.ask(make)

    def failed(self, reply: messages.Reply) -> SightLost:
        """What to raise for a reply that is not the one that was asked for."""
        return self._process.failed(reply)

    def refer(self, *, known: bool) -> None:
        """Note whether the process has a reference from now on."""
        self._reference_session = self._process.session if known else None

    async def picture(self, after: int) -> None:
        """Wait until the ring holds a fresh picture with a greater number.

        Raises:
            SightLost: none came.
        """
        with anyio.move_on_after(self._limits.picture):
            while not self._fresh(self._ring.look(), after):  # noqa: ASYNC110  another thread puts it
                await anyio.sleep(_POLL_SECONDS)
            return
        raise SightLost("camera")

    def _fresh(self, view: View | None, after: int) -> bool:
        if view is None or view.number <= after:
            return False
        return view.taken >= max(self._not_before, time.monotonic() - self._limits.picture)

    def same_process(self) -> None:
        """A new process knows no reference: say so, once, rather than compare with nothing for ever.

        Raises:
            SightLost: it is a new one.
        """
        if self._reference_session is not None and self._reference_session != self._process.session:
            self._reference_session = None
            raise SightLost("vision")
