"""One application at the desk, from top to bottom: card, item, questions, paper, check, submission, receipt."""

from functools import partial

import anyio

from drivers.kinds import IdCard
from kiosk.desk.desk import Desk
from kiosk.desk.handover import hand_over, submit
from kiosk.desk.identify import arrival
from kiosk.desk.session import Session, SessionOver
from kiosk.desk.visit import Visit
from kiosk.log import logger
from kiosk.view import desk as view
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
    greet = partial(_hand_over_earlier, desk, session)
    visit = Visit(desk, session, came if isinstance(came, IdCard) else None, greet)
    if not await _hand_over_earlier(desk, session, visit):
        draft = await visit.prepare(view.By.ALL if isinstance(came, IdCard) else came)
        desk.stage.show(view.Submitting())
        made = await submit(desk, draft, visit.person)
        await visit.forget(draft.item.key)
        await hand_over(desk, session, draft.item, made, mask_name(draft.card.name), earlier=False)
    desk.stage.show(view.TakeYourThings())
    await anyio.sleep(desk.pace.result_seconds)


async def _hand_over_earlier(desk: Desk, session: Session, visit: Visit) -> bool:
    """Whoever was interrupted after handing in gets the receipt first. Whether there was one."""
    if visit.card is None:
        return False
    earlier = await desk.ledger.without_receipt(visit.person)
    item = desk.catalogue().item(earlier.item) if earlier is not None else None
    if earlier is None or item is None:
        return False
    await hand_over(desk, session, item, earlier, mask_name(visit.card.name), earlier=True)
    return True
