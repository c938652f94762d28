"""One application at the desk, from top to bottom: card, item, questions, paper, check, submission, receipt."""

import anyio

from drivers.errors import DeviceFault, DriverError
from drivers.kinds import IdCard
from kiosk.card import next_card, problem_of
from kiosk.desk.application import Application
from kiosk.desk.desk import Desk
from kiosk.desk.draft import Draft
from kiosk.desk.form import words
from kiosk.desk.handover import hand_over, submit
from kiosk.desk.session import Session, SessionOver
from kiosk.log import logger
from kiosk.view import desk as view
from kiosk.view.common import Back, CardProblem, Cause, OutOfService
from kiosk.wire.catalogue import Catalogue
from kiosk.wire.digest import person_digest
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
    card = await _identify(desk)
    session = Session(desk)
    person = person_digest(card.number, desk.trust.hall_key)
    earlier = await desk.ledger.without_receipt(person)
    if earlier is not None:
        item = next((i for i in desk.catalogue().items if i.key == earlier.item), None)
        if item is not None:
            await hand_over(desk, session, item, earlier, mask_name(card.name), earlier=True)
    else:
        draft = await _fill_in(desk, session, card)
        desk.stage.show(view.Submitting())
        made = await submit(desk, draft, person)
        await hand_over(desk, session, draft.item, made, mask_name(card.name), earlier=False)
    desk.stage.show(view.TakeYourThings())
    await anyio.sleep(desk.pace.result_seconds)


# Card ----------------------------------------------------------------------------------------------------------


async def _identify(desk: Desk) -> IdCard:
    problem = CardProblem.NONE
    while True:
        if not desk.reader.ready:
            desk.stage.show(OutOfService(Cause.DEVICE, "id_reader"))
            await desk.reader.until_ready()
        try:
            return await _card(desk, problem)
        except DeviceFault as fault:
            problem = problem_of(fault)
        except DriverError:
            reading = desk.stage.screen is not None and isinstance(desk.stage.screen.state, view.ReadingCard)
            problem = CardProblem.MOVED if reading else problem
            await anyio.sleep(0.1)


async def _card(desk: Desk, problem: CardProblem) -> IdCard:
    """Look for a card until one was read."""
    return await next_card(
        desk.reader,
        waiting=lambda: desk.stage.show(_start(desk, problem)),
        reading=lambda: desk.stage.show(view.ReadingCard()),
    )


def _summaries(catalogue: Catalogue) -> tuple[view.ItemSummary, ...]:
    return tuple(view.ItemSummary(item.key, words(item.title), words(item.line)) for item in catalogue.items)


def _start(desk: Desk, problem: CardProblem) -> view.Start:
    return view.Start(
        hall=desk.hall_name,
        items=_summaries(desk.catalogue()),
        problem=problem,
        printing=desk.printing(),
        offline=desk.offline(),
    )


# Filling in ----------------------------------------------------------------------------------------------------


async def _fill_in(desk: Desk, session: Session, card: IdCard) -> Draft:
    """From the choice of an item to a checked draft. Back from the first step chooses anew."""
    catalogue = desk.catalogue()
    began = desk.clock.now()
    while True:
        intent = await session.ask(view.ChooseItem(mask_name(card.name), _summaries(catalogue)))
        item = next((i for i in catalogue.items if isinstance(intent, view.Choose) and i.key == intent.key), None)
        if item is None:
            if isinstance(intent, Back):
                raise SessionOver("went back from the choice")
            continue
        draft = await Application(desk, session, Draft(card, item, began)).run()
        if draft is not None:
            return draft
