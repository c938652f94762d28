"""One application at the desk, from top to bottom: card, item, questions, paper, check, submission, receipt."""

from functools import partial

import anyio

from drivers.kinds import IdCard
from kiosk.desk.afterwards import services
from kiosk.desk.desk import Desk
from kiosk.desk.draft import Draft
from kiosk.desk.farewell import call_back, see_off
from kiosk.desk.handover import facts_from, facts_of, hand_over, submit
from kiosk.desk.identify import Look, arrival
from kiosk.desk.outcome import decided
from kiosk.desk.session import ServicesAsked, Session, SessionOver
from kiosk.desk.visit import Visit
from kiosk.log import logger
from kiosk.session import first
from kiosk.view import desk as view
from kiosk.view.afterwards import OpenServices
from kiosk.view.common import Cause, OutOfService
from kiosk.wire.masking import mask_name

_log = logger("desk")


async def serve(desk: Desk) -> None:
    """Serve one person after the other, until cancelled. Whatever fails, the next person is served."""
    while True:
        desk.stage.reset()
        try:
            await serve_one(desk)
        except SessionOver as over:
            _log.info("session over", why=str(over))
        except Exception as error:  # noqa: BLE001  whatever it was, the next person is served
            _log.exception("a session failed", exc_info=error)
            desk.stage.show(OutOfService(Cause.FAULT))
            await anyio.sleep(2.0)


async def serve_one(desk: Desk) -> None:
    """Wait for one person and serve them.

    Raises:
        SessionOver: they left before the end.
    """
    came = await arrival(desk)
    session = Session(desk)
    session.card = came if isinstance(came, IdCard) else None
    greet = partial(_hand_over_earlier, desk, session)
    visit = Visit(desk, session, came if isinstance(came, IdCard) else None, greet)
    try:
        await first(partial(_serve, desk, session, visit, came), session.transcript.run)
    except SessionOver:
        await call_back(desk, visit.card)
        raise


async def _serve(desk: Desk, session: Session, visit: Visit, came: IdCard | Look) -> None:
    """From the first screen to the last.

    Raises:
        SessionOver: they left before the end.
    """
    if not await _hand_over_earlier(desk, session, visit):
        draft = await _prepared(desk, session, visit, view.By.ALL if isinstance(came, IdCard) else came)
        desk.stage.show(view.Submitting())
        made = await submit(desk, draft, visit.person, session.transcript)
        await visit.forget(draft.item.key)
        facts = await decided(desk, session, draft, made, visit.person, facts_of(desk, draft, made.submitted))
        await hand_over(desk, session, draft.item, made, mask_name(draft.card.name), facts)
    await see_off(desk, visit.card)


async def _prepared(desk: Desk, session: Session, visit: Visit, came: Look) -> Draft:
    """A checked draft; the other services are on the way to it, or all that somebody came for.

    Raises:
        SessionOver: they left, or were served by the other services.
    """
    if isinstance(came, OpenServices):
        card = await services(desk, session, None)
        if card is not None:
            await see_off(desk, card)
        raise SessionOver("went back from the other services")
    while True:
        try:
            return await visit.prepare(came)
        except ServicesAsked:
            visit.card = await services(desk, session, visit.card)
            came = view.By.ALL


async def _hand_over_earlier(desk: Desk, session: Session, visit: Visit) -> bool:
    """Whoever was interrupted after handing in gets the receipt first. Whether there was one."""
    if visit.card is None:
        return False
    earlier = await desk.ledger.without_receipt(visit.person)
    item = desk.catalogue().item(earlier.item) if earlier is not None else None
    if earlier is None or item is None:
        return False
    facts = facts_from(earlier.receipt)
    await hand_over(desk, session, item, earlier, mask_name(visit.card.name), facts, earlier=True)
    return True
