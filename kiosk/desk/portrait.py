"""The photograph of the person, to the rules of a document: for itself, or as a paper of an application."""

from collections.abc import Callable
from typing import Final

import anyio

from kiosk.desk.afterwards_parts import PhotoSight
from kiosk.desk.desk import Desk
from kiosk.desk.session import Session
from kiosk.log import logger
from kiosk.session import first
from kiosk.view import afterwards as view
from kiosk.view.afterwards import PhotoHint
from kiosk.view.common import Back, CallStaff, Words
from kiosk.view.screen import Intent
from kiosk.vision.id_photo_result import IdPhoto, PhotoProblem
from kiosk.vision.observation import PaperPage, SightLost

_log = logger("desk")
STEADY: Final = 3
"""So many pictures in a row without a fault, and the last is taken."""
DEVICE: Final = "id_photo"
"""What a page says it was captured with that is such a photograph: no scan of a paper."""
_HINTS: Final = {
    PhotoProblem.NO_PICTURE: PhotoHint.CAMERA_AWAY,
    PhotoProblem.NO_FACE: PhotoHint.NO_FACE,
    PhotoProblem.SEVERAL_FACES: PhotoHint.SEVERAL_FACES,
    PhotoProblem.TOO_SMALL: PhotoHint.CLOSER,
    PhotoProblem.CUT_OFF: PhotoHint.MOVE_INSIDE,
    PhotoProblem.TURNED: PhotoHint.LOOK_STRAIGHT,
    PhotoProblem.TILTED: PhotoHint.HEAD_UPRIGHT,
    PhotoProblem.COVERED: PhotoHint.UNCOVER,
    PhotoProblem.BLURRED: PhotoHint.HOLD_STILL,
    PhotoProblem.TOO_DARK: PhotoHint.TOO_DARK,
    PhotoProblem.TOO_BRIGHT: PhotoHint.TOO_BRIGHT,
    PhotoProblem.UNEVEN_LIGHT: PhotoHint.UNEVEN_LIGHT,
    PhotoProblem.GLASSES_GLARE: PhotoHint.GLASSES,
    PhotoProblem.COLOURLESS: PhotoHint.COLOURLESS,
    PhotoProblem.BACKGROUND_NOT_PLAIN: PhotoHint.BACKGROUND,
    PhotoProblem.BACKGROUND_NOT_WHITE: PhotoHint.BACKGROUND,
}


class NoPhotosHere(Exception):
    """This desk cannot cut ID photos: a package is missing or altered."""


class Brought(Exception):
    """The person has brought a photograph along, or brings one another time: nothing is taken here."""


async def taken(
    desk: Desk, session: Session, photos: PhotoSight, wanted: str, title: Words, *, instead: bool = False
) -> IdPhoto | None:
    """Guide the person until some pictures in a row are good; None is back.

    Args:
        desk: the desk.
        session: of the person.
        photos: makes them.
        wanted: for which document: `id_card`, `social_card`, `passport` or `visa`.
        title: of what it is for.
        instead: a photograph that was brought along serves, too.

    Raises:
        Brought: it does, and there is one.
        NoPhotosHere: see there.
    """

    def draw(hint: PhotoHint, progress: float) -> None:
        desk.stage.show(view.TakePhoto(title, hint, progress, instead=instead))

    async def look() -> IdPhoto | Intent | None:
        return await _until_good(photos, wanted, draw)

    async def touched() -> IdPhoto | Intent | None:
        return await session.on_screen()

    while True:
        match await first(look, touched):
            case IdPhoto() as photo:
                return photo
            case Back():
                return None
            case view.Do(act=view.Act.LAY) if instead:
                raise Brought
            case CallStaff():
                await session.staff()
            case None:
                await session.still_there()


async def portrait(desk: Desk, session: Session, wanted: str, title: Words) -> PaperPage | None:
    """The photograph that an application wants. None is back.

    Raises:
        Brought: it does not come from this camera.
    """
    photos = None if desk.after is None else desk.after.photos
    if photos is None:
        raise Brought
    try:
        photo = await taken(desk, session, photos, wanted, title, instead=True)
    except NoPhotosHere:
        _log.warning("no photograph can be taken here; one can be laid down")
        raise Brought from None
    if photo is None or photo.jpeg is None:
        return None
    return PaperPage(photo.frame, photo.jpeg, photo.jpeg)


async def _until_good(photos: PhotoSight, wanted: str, draw: Callable[[PhotoHint, float], None]) -> IdPhoto:
    after = good = 0
    draw(PhotoHint.LOOK, 0.0)
    while True:
        try:
            tried = await photos.take_id_photo(after, wanted)
        except SightLost:
            good = 0
            draw(PhotoHint.CAMERA_AWAY, 0.0)
            await anyio.sleep(0.3)
            continue
        after, hint = tried.frame, _hint(tried)
        good = good + 1 if hint is PhotoHint.GOOD else 0
        draw(hint, good / STEADY)
        if good >= STEADY:
            return tried


def _hint(tried: IdPhoto) -> PhotoHint:
    if PhotoProblem.NOT_AVAILABLE in tried.problems:
        raise NoPhotosHere
    if tried.problems:
        return _HINTS[tried.problems[0]]
    return PhotoHint.GOOD if tried.jpeg is not None else PhotoHint.MOVE_INSIDE
