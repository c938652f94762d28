"""The menu of the desk's other services. *Back* leads up, and from the first menu out."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from drivers.kinds import IdCard
from kiosk.desk.afterwards_appointments import appointments, take_number
from kiosk.desk.afterwards_opinion import complain, rate, replies, suggest
from kiosk.desk.afterwards_papers import copy_papers, id_photo, print_form
from kiosk.desk.afterwards_progress import by_receipt, progress
from kiosk.desk.afterwards_visitor import Visitor
from kiosk.desk.desk import Desk
from kiosk.desk.session import Session
from kiosk.log import logger
from kiosk.view import afterwards as view
from kiosk.view.afterwards import Service
from kiosk.view.common import Back, Next

_log = logger("desk")

PARTS: Final[Mapping[Service | None, tuple[Service, ...]]] = MappingProxyType(
    {
        None: (Service.MINE, Service.WINDOW, Service.TOOLS, Service.SAY, Service.GUIDE),
        Service.MINE: (Service.PROGRESS, Service.RECEIPT),
        Service.WINDOW: (Service.APPOINTMENT, Service.NUMBER),
        Service.TOOLS: (Service.PHOTO, Service.COPY, Service.FORM),
        Service.SAY: (Service.RATING, Service.SUGGESTION, Service.COMPLAINT, Service.REPLIES),
        Service.GUIDE: (
            Service.FIRST_TIME,
            Service.WHAT_BRING,
            Service.WHAT_RECEIPT,
            Service.WHAT_CORRECTION,
            Service.WHO_HELPS,
            Service.PRIVACY,
        ),
    }
)
"""What leads to what."""
SERVED: Final[Mapping[Service, Callable[[Visitor], Awaitable[None]]]] = MappingProxyType(
    {
        Service.PROGRESS: progress,
        Service.RECEIPT: by_receipt,
        Service.APPOINTMENT: appointments,
        Service.NUMBER: take_number,
        Service.PHOTO: id_photo,
        Service.COPY: copy_papers,
        Service.FORM: print_form,
        Service.RATING: rate,
        Service.SUGGESTION: suggest,
        Service.COMPLAINT: complain,
        Service.REPLIES: replies,
    }
)
_NEED_THE_LINE: Final = frozenset(
    {
        Service.MINE,
        Service.PROGRESS,
        Service.RECEIPT,
        Service.WINDOW,
        Service.APPOINTMENT,
        Service.NUMBER,
        Service.REPLIES,
    }
)
_NEED_THE_CAMERA: Final = frozenset({Service.PHOTO, Service.COPY})
_NEED_PAPER: Final = frozenset({Service.COPY, Service.FORM})


def closed(visitor: Visitor, service: Service) -> view.Closed:
    """Why a service cannot be used now."""
    if service in _NEED_THE_LINE and visitor.desk.offline():
        return view.Closed.OFFLINE
    if service in _NEED_PAPER and not visitor.printable:
        return view.Closed.NO_PAGE_PRINTER
    if service is Service.PHOTO and visitor.after.photos is None:
        return view.Closed.NO_PHOTOS
    if service in _NEED_THE_CAMERA and not visitor.desk.camera():
        return view.Closed.CAMERA_AWAY
    return view.Closed.NO


async def services(desk: Desk, session: Session, card: IdCard | None) -> IdCard | None:
    """Serve somebody until they go back from the first menu.

    Args:
        desk: the desk; it has other services.
        session: of the person.
        card: theirs, where it was read before.

    Returns:
        Their card, where it was read by now.

    Raises:
        SessionOver: they left.
    """
    visitor = Visitor(desk, session, card)
    part: Service | None = None
    while True:
        match await session.ask(_menu(visitor, part)):
            case Back() if part is None:
                return visitor.card
            case Back():
                part = None
            case view.Open(service=chosen) if chosen in PARTS[part] and closed(visitor, chosen) is view.Closed.NO:
                if chosen in PARTS:
                    part = chosen
                elif chosen in SERVED:
                    _log.info("other service", service=chosen.value)
                    await SERVED[chosen](visitor)
                else:
                    await _guide(visitor, chosen)


def _menu(visitor: Visitor, part: Service | None) -> view.Menu:
    rows = tuple(view.MenuRow(service, closed(visitor, service)) for service in PARTS[part])
    return view.Menu(rows=rows, part=part, name_masked=visitor.name_masked, offline=visitor.desk.offline())


async def _guide(visitor: Visitor, topic: Service) -> None:
    while not isinstance(await visitor.session.ask(view.GuidePage(topic)), Next | Back):
        pass
