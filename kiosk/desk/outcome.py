"""Items that are done at once (即办件): the result is waited for while the person stands there, and not for ever."""

from dataclasses import replace
from typing import Final

import anyio
import msgspec

from kiosk.desk.desk import Desk, Remembered
from kiosk.desk.draft import Draft
from kiosk.desk.form import words
from kiosk.desk.handover import Facts
from kiosk.desk.result import show_result
from kiosk.desk.session import Session
from kiosk.log import logger
from kiosk.session import first
from kiosk.view import desk as view
from kiosk.view.common import CallStaff, Next
from kiosk.view.screen import Intent
from kiosk.wire.events import Person
from kiosk.wire.progress import Mine, Progress, Standing, WhoAsks
from kiosk.wire.requests import LineDown
from kiosk.wire.sealing import seal

_log = logger("desk")

ASK_SECONDS: Final = 1.0
_OUTCOMES: Final = {
    Standing.GRANTED: view.Outcome.GRANTED,
    Standing.RESULT: view.Outcome.GRANTED,
    Standing.SENT: view.Outcome.GRANTED,
    Standing.DELIVERED: view.Outcome.GRANTED,
    Standing.COLLECTED: view.Outcome.GRANTED,
    Standing.REFUSED: view.Outcome.REFUSED,
    Standing.CORRECTING: view.Outcome.RETURNED,
}


async def decided(desk: Desk, session: Session, draft: Draft, made: Remembered, person: str, facts: Facts) -> Facts:
    """What the receipt says, with the result where the office gives it while one waits.

    Args:
        desk: the desk.
        session: of the person, who can go without waiting.
        draft: what was handed in.
        made: the submission.
        person: digest of their number.
        facts: what the receipt says so far.
    """
    if draft.item.working_days or draft.owed() or desk.office is None or desk.offline():
        return facts
    card = draft.card
    identified = Person(name=card.name, number=card.number, document=card.document.value)
    who = WhoAsks(
        person=person,
        number_sealed=seal(msgspec.json.encode(identified), desk.trust.recipient),
    )

    async def ask() -> Progress | Intent | None:
        return await _asked(desk, draft, made, who)

    async def touched() -> Progress | Intent | None:
        while True:
            match await desk.stage.intent():
                case Next() | CallStaff() as said:
                    return said

    match await first(ask, touched):
        case Progress() as progress:
            _log.info("decided at once", submission=str(made.id), standing=progress.standing.value)
            await show_result(desk, session, words(draft.item.title), progress, who)
            return replace(facts, outcome=_OUTCOMES[progress.standing], result=progress.reason[:200])
        case CallStaff():
            await session.staff()
    return facts


async def _asked(desk: Desk, draft: Draft, made: Remembered, who: WhoAsks) -> Progress | None:
    """Ask how it stands until it is decided; None when that takes too long, or the line is down."""
    office = desk.office
    assert office is not None
    down = 0
    for left in range(desk.pace.decide_seconds, 0, -1):
        desk.stage.show(view.Deciding(words(draft.item.title), made.number, left))
        await anyio.sleep(ASK_SECONDS)
        found = await office.mine(who, made.number)
        down = down + 1 if isinstance(found, LineDown) else 0
        if down > 1:
            break
        if isinstance(found, Mine):
            progress = next((one for one in found.submissions if one.number == made.number), None)
            if progress is not None and progress.standing in _OUTCOMES:
                return progress
    return None
