"""Pictures that came from elsewhere, looked at in the vision process: `SentPictures`."""

from functools import partial

from kiosk.vision import messages
from kiosk.vision.client import VisionProcess
from kiosk.vision.sent import SentPage


class SentInProcess:
    """Makes pages of pictures in the vision process, where hostile ones do no harm.

    Args:
        process: the vision process.
    """

    def __init__(self, process: VisionProcess) -> None:
        self._process = process

    async def page_of(self, picture: bytes, *, whole: bool) -> SentPage | None:
        """See `SentPictures`."""
        if len(picture) > messages.MOST_PAGE_BYTES:
            return None
        reply = await self._process.ask(partial(messages.CropSent, picture=picture, whole=whole))
        if not isinstance(reply, messages.SentCropped):
            raise self._process.failed(reply)
        return None if reply.page is None else SentPage(reply.page, reply.problem)
