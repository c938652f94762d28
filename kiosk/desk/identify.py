"""Who it is: at the start screen, where one may also look around first, or when an item asks for the card."""

from collections.abc import Callable
from functools import partial

import anyio

from drivers.errors import DeviceFault, DriverError
from drivers.kinds import IdCard
from kiosk.card import next_card, problem_of
from kiosk.desk.desk import Desk
from kiosk.desk.finding import closed, summaries
from kiosk.desk.form import words
from kiosk.desk.session import Session
from kiosk.session import first
from kiosk.view import desk as view
from kiosk.view.afterwards import OpenServices
from kiosk.view.common import Back, CallStaff, CardProblem, Cause, OutOfService, Words
from kiosk.view.screen import DeskState, Intent
from kiosk.wire.catalogue import Item

DISK_SECONDS = 5.0
"""How often a full disk is looked at again."""
LOCK_SECONDS = 0.2
"""How often it is asked whether a card is still being read."""
Look = view.By | Item | OpenServices
"""How somebody looks around before they identify."""


async def arrival(desk: Desk) -> IdCard | Look:
    """Wait for a card, or for somebody who touches the start screen."""
    problem = CardProblem.NONE

    async def touched() -> IdCard | Look | CardProblem:
        while True:
            look = _look(desk, await desk.stage.intent())
            if look is not None:
                return look

    while True:
        await _until_open(desk)
        found = await first(
            partial(_read, desk, partial(_start, desk, problem), problem), touched, partial(_locked, desk)
        )
        if not isinstance(found, CardProblem):
            return found
        problem = found


async def _until_open(desk: Desk) -> None:
    """Wait, and say so, while nobody can be served."""
    while desk.lock.on:
        words = desk.lock.words
        desk.stage.show(OutOfService(Cause.LOCKED, words=words))
        await desk.lock.until(on=False, words=words)
    while not desk.room():
        desk.stage.show(OutOfService(Cause.DISK))
        await anyio.sleep(DISK_SECONDS)
    if not desk.reader.ready:
        desk.stage.show(OutOfService(Cause.DEVICE, "id_reader"))
        await desk.reader.until_ready()


async def _locked(desk: Desk) -> IdCard | Look | CardProblem:
    """Wait until the desk is locked and nobody's card is being read: whoever has laid one down is served."""
    await desk.lock.until(on=True)
    while isinstance(desk.stage.own, view.ReadingCard):  # noqa: ASYNC110  the stage has no event for it
        await anyio.sleep(LOCK_SECONDS)
    return CardProblem.NONE


async def lay_card(desk: Desk, session: Session, item: Item) -> IdCard | None:
    """Ask for the card of somebody who has chosen an item. None is back.

    Raises:
        SessionOver: they left.
    """
    return await ask_card(desk, session, words(item.title))


async def ask_card(desk: Desk, session: Session, title: Words) -> IdCard | None:
    """Ask for the card, for what the title names. None is back.

    Raises:
        SessionOver: they left.
    """
    problem = CardProblem.NONE

    async def touched() -> IdCard | CardProblem | Intent | None:
        return await session.on_screen()

    async def read() -> IdCard | CardProblem | Intent | None:
        return await _read(desk, lambda: view.LayCard(title, problem), problem)

    while True:
        match await first(read, touched):
            case IdCard() as card:
                session.card = card
                return card
            case CardProblem() as found:
                problem = found
            case Back():
                return None
            case CallStaff():
                await session.staff()
            case None:
                await session.still_there()


async def _read(desk: Desk, waiting: Callable[[], DeskState], problem: CardProblem) -> IdCard | CardProblem:
    """One card, or what went wrong with it."""
    try:
        return await next_card(
            desk.reader,
            waiting=lambda: desk.stage.show(waiting()),
            reading=lambda: desk.stage.show(view.ReadingCard()),
        )
    except DeviceFault as fault:
        return problem_of(fault)
    except DriverError:
        reading = desk.stage.screen is not None and isinstance(desk.stage.screen.state, view.ReadingCard)
        await anyio.sleep(0.1)
        return CardProblem.MOVED if reading else problem


def _look(desk: Desk, intent: Intent) -> Look | None:
    match intent:
        case view.Browse(by=by):
            return by
        case view.Choose(key=key):
            item = desk.catalogue().item(key)
            return None if item is None or closed(item, camera=desk.camera()) else item
        case OpenServices() if desk.after is not None:
            return intent
    return None


def _start(desk: Desk, problem: CardProblem) -> view.Start:
    return view.Start(
        hall=desk.hall_name,
        items=summaries(desk.catalogue().items, camera=desk.camera()),
        problem=problem,
        printing=desk.printing(),
        offline=desk.offline(),
        services=desk.after is not None,
    )
