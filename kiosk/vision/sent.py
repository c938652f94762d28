"""Pages of pictures that came from elsewhere. Plain data; imports no OpenCV, so that journeys may know it."""

from dataclasses import dataclass
from typing import Protocol

from kiosk.vision.observation import PaperPage, PaperProblem


@dataclass(frozen=True, slots=True)
class SentPage:
    """A page as it is kept, and what is to be doubted about it, or NONE."""

    page: PaperPage
    problem: PaperProblem


class SentPictures(Protocol):
    """Makes pages of such pictures."""

    async def page_of(self, picture: bytes, *, whole: bool) -> SentPage | None:
        """Find, crop, straighten and finish the page in a JPEG; None where the bytes are no picture.

        Args:
            picture: the JPEG.
            whole: it is a page already (of a PDF): nothing is cropped.

        Raises:
            SightLost: the vision process died or is restarting.
        """
        ...
