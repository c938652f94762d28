"""1:N, as the gate sees it: who of those who agreed to it stands before the camera."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from kiosk.vision import messages
from kiosk.vision.client import VisionProcess
from kiosk.vision.observation import KnownFace, Recognition, Reference


class Recogniser:
    """Asks the vision process about people who are known.

    Args:
        sight: the camera and the process.
    """

    def __init__(self, sight: VisionProcess) -> None:
        self._sight = sight
        self._told: int | None = None

    @property
    def knows(self) -> bool:
        """Whether the process that runs now was told whom to know."""
        return self._told == self._sight.session

    async def know(self, faces: Sequence[KnownFace], most: int, rate: float, now: datetime) -> tuple[int, int]:
        """Know these from now on, in the vision process's memory only, and nobody else.

        Args:
            faces: those who agreed.
            most: so many at most.
            rate: how often a stranger may be taken for one of them.
            now: the time, with its zone.

        Returns:
            How many are known now, and for how many the rate is proven.

        Raises:
            SightLost: the process died or is restarting.
        """
        reply = await self._sight.ask(partial(messages.KnowFaces, faces=tuple(faces), most=most, rate=rate, now=now))
        if not isinstance(reply, messages.FacesKnown):
            raise self._sight.failed(reply)
        self._told = self._sight.session
        return reply.known, reply.room

    async def recognise(self, after: int, now: datetime) -> Recognition:
        """Search the first picture with a number greater than `after`; wait at most 2 s for one.

        Raises:
            SightLost: no picture came, or the process died.
        """
        await self._sight.picture(after)
        reply = await self._sight.ask(partial(messages.Recognise, now=now))
        if not isinstance(reply, messages.Recognised):
            raise self._sight.failed(reply)
        return reply.found

    async def remember(self, key: str) -> Reference:
        """Take somebody who is known as the reference, as `Sight.remember` does with a card's photo.

        Raises:
            SightLost: the process died or is restarting.
        """
        self._sight.refer(known=False)
        reply = await self._sight.ask(partial(messages.RememberKnown, key=key))
        if not isinstance(reply, messages.Remembered):
            raise self._sight.failed(reply)
        self._sight.refer(known=reply.reference is Reference.READY)
        return reply.reference

    async def take_template(self, after: int) -> tuple[int, bytes]:
        """Make a template of the first picture after `after`, if it shows whom the reference shows.

        Returns:
            The picture's number, and 128 little-endian 32-bit floats; nothing where it does not serve.

        Raises:
            SightLost: no picture came, or the process died, or it lost the reference by a restart.
        """
        self._sight.same_process()
        await self._sight.picture(after)
        reply = await self._sight.ask(messages.TakeTemplate)
        if not isinstance(reply, messages.TemplateTaken):
            raise self._sight.failed(reply)
        self._sight.same_process()
        return reply.frame, reply.template
