"""A paper that was handed in before: offered to the person whose it is, and used again when they agree.

Nothing is copied: the submission names the same sealed file at the hub, with the provenance that it had.
"""

import msgspec

from kiosk.clock import local_date
from kiosk.desk.desk import Desk
from kiosk.desk.draft import Draft
from kiosk.desk.form import words
from kiosk.desk.session import Session
from kiosk.log import logger
from kiosk.view import afterwards
from kiosk.view import desk as view
from kiosk.view.common import Back, Next
from kiosk.wire.catalogue import PaperWanted, Source
from kiosk.wire.digest import person_digest
from kiosk.wire.earlier import EarlierOffer, EarlierOffers
from kiosk.wire.events import Person
from kiosk.wire.progress import WhoAsks
from kiosk.wire.requests import LineDown
from kiosk.wire.sealing import seal

_log = logger("desk")


def earlier_way(desk: Desk, paper: PaperWanted) -> view.EarlierWay:
    """Whether a paper that was handed in before may serve now."""
    if desk.earlier is None or Source.EARLIER not in paper.sources:
        return view.EarlierWay.NO
    return view.EarlierWay.LINE_DOWN if desk.offline() else view.EarlierWay.YES


def _who(desk: Desk, draft: Draft) -> WhoAsks:
    card = draft.card
    identified = Person(name=card.name, number=card.number, document=card.document.value)
    return WhoAsks(
        person=person_digest(card.number, desk.trust.hall_key),
        number_sealed=seal(msgspec.json.encode(identified), desk.trust.recipient),
    )


def shown(offer: EarlierOffer) -> view.EarlierPaper:
    """An offer as it is shown."""
    return view.EarlierPaper(
        key=offer.sha256,
        item=words(offer.item_title),
        number=offer.number,
        handed_in=local_date(offer.handed_in),
        pages=offer.pages,
        grade=offer.grade,
    )


async def chosen_earlier(
    desk: Desk, session: Session, draft: Draft, paper: PaperWanted, place: tuple[int, int]
) -> EarlierOffer | None:
    """Let the person choose among their own papers and agree. None is back, or there is none.

    Raises:
        SessionOver: they left.
    """
    assert desk.earlier is not None
    desk.stage.show(afterwards.Asking())
    found = await desk.earlier.earlier(_who(desk, draft), draft.item.key, paper.key)
    if not isinstance(found, EarlierOffers) or not found.papers:
        news = afterwards.News.LINE_DOWN if isinstance(found, LineDown) else afterwards.News.NO_EARLIER
        while not isinstance(await session.ask(afterwards.Told(news, words(paper.title))), Next | Back):
            pass
        return None
    offers = {offer.sha256: offer for offer in found.papers}
    state = view.EarlierPapers(
        *place, words(paper.title), tuple(shown(offer) for offer in found.papers), can_save=session.can_save
    )
    while True:
        match await session.ask(state):
            case view.Choose(key=key) if key in offers:
                said = await show_earlier(desk, session, draft, paper, place, offers[key], chosen=False)
                if isinstance(said, Next):
                    _log.info("an earlier paper is used again", paper=paper.key, grade=offers[key].grade)
                    return offers[key]
                if isinstance(said, view.Retake):
                    return None
            case Back():
                return None


async def show_earlier(
    desk: Desk,
    session: Session,
    draft: Draft,
    paper: PaperWanted,
    place: tuple[int, int],
    offer: EarlierOffer,
    *,
    chosen: bool,
) -> Next | Back | view.Retake:
    """Show its first page and ask whether it may be used for this, too.

    Raises:
        SessionOver: they left.
    """
    page = b""
    if desk.earlier is not None:
        desk.stage.show(afterwards.Asking())
        found = await desk.earlier.earlier_page(_who(desk, draft), offer)
        page = found if isinstance(found, bytes) else b""
    state = view.ReuseEarlier(*place, words(paper.title), shown(offer), page, can_save=session.can_save, chosen=chosen)
    while True:
        match await session.ask(state):
            case (Next() | Back() | view.Retake()) as said:
                return said
