"""Where a submission stands, by card or by receipt; and what the person can still do with it."""

from collections.abc import Callable
from typing import Final

import anyio

from drivers.kinds import PageJob
from kiosk.desk.afterwards_correction import correct
from kiosk.desk.afterwards_visitor import Visitor
from kiosk.desk.afterwards_words import RECEIPT_HELP, RECEIPT_NUMBER
from kiosk.session import first
from kiosk.view import afterwards as view
from kiosk.view import desk
from kiosk.view.afterwards import Service
from kiosk.view.common import Back, CallStaff, Next, Words
from kiosk.view.screen import Intent
from kiosk.vision.observation import SightLost
from kiosk.wire.progress import Asked, Mine, Part, Progress, Standing
from kiosk.wire.requests import Changed, MoreTime, NotDone, Withdraw

_QR: Final = "KR1:"
"""How a receipt's code begins (`kiosk.desk.receipt.qr_payload`)."""
_NUMBER: Final = (12, 20)
"""How many digits a receipt's number has."""


async def progress(visitor: Visitor) -> None:
    """Everything of one person, by card."""
    if await visitor.identified(Service.PROGRESS) is None:
        return
    while True:
        mine = await visitor.ask_hub(lambda: visitor.after.office.mine(visitor.who()))
        if mine is None:
            return
        if isinstance(mine, NotDone):
            await visitor.refused(mine)
            return
        if not mine.submissions:
            await visitor.told(view.Told(view.News.NO_SUBMISSIONS))
            return
        lines = tuple(sorted((_line(visitor, one) for one in mine.submissions), key=lambda line: not line.wants))
        found = {one.number: one for one in mine.submissions}
        match await visitor.session.ask(view.Submissions(visitor.name_masked, lines)):
            case desk.Choose(key=key) if key in found:
                await _one(visitor, found[key])
            case Back():
                return


async def by_receipt(visitor: Visitor) -> None:
    """One submission: the receipt's code or number, and the card of whose it is."""
    typed = ""
    while True:
        number = await _scanned(visitor)
        if number is None:
            return
        if not number:
            typed = await _typed(visitor, typed) or ""
            number = typed
        if not number:
            continue
        if await visitor.identified(Service.RECEIPT) is None:
            continue
        found = await _fetched(visitor, number)
        if found is not None:
            await _one(visitor, found)
            return


async def _fetched(visitor: Visitor, number: str) -> Progress | None:
    mine: Mine | NotDone | None = await visitor.ask_hub(lambda: visitor.after.office.mine(visitor.who(), number))
    if isinstance(mine, NotDone):
        await visitor.refused(mine)
        return None
    return mine.submissions[0] if mine is not None and mine.submissions else None


# The receipt --------------------------------------------------------------------------------------------------------


async def _scanned(visitor: Visitor) -> str | None:
    """The number in the code before the camera; empty is: type it. None is back."""
    session = visitor.session

    async def look() -> str | Intent | None:
        return await _code(visitor, lambda hint: visitor.desk.stage.show(view.ScanReceipt(hint)))

    async def touched() -> str | Intent | None:
        return await session.on_screen()

    while True:
        match await first(look, touched):
            case str() as number:
                return number
            case view.Do(act=view.Act.TYPE):
                return ""
            case Back():
                return None
            case CallStaff():
                await session.staff()
            case None:
                await session.still_there()


async def _code(visitor: Visitor, draw: Callable[[view.ScanHint], None]) -> str:
    after, hint = 0, view.ScanHint.HOLD
    while True:
        draw(hint)
        try:
            seen = await visitor.desk.sight.look_for_code(after)
        except SightLost:
            draw(view.ScanHint.CAMERA_AWAY)
            await anyio.sleep(0.3)
            continue
        after = seen.frame
        if seen.text is None:
            hint = view.ScanHint.NOT_A_RECEIPT if seen.payload else hint
            continue
        number = seen.text.strip().removeprefix(_QR)
        if _is_number(number):
            return number
        hint = view.ScanHint.NOT_A_RECEIPT


async def _typed(visitor: Visitor, value: str) -> str | None:
    """The number as typed; None is back."""
    problem = desk.AnswerProblem.NONE
    while True:
        state = desk.Question(
            step=0,
            steps=0,
            key="number",
            title=RECEIPT_NUMBER,
            explanation=RECEIPT_HELP,
            field=desk.Field.DIGITS,
            value=value,
            max_length=_NUMBER[1],
            problem=problem,
        )
        match await visitor.session.ask(state):
            case desk.Answer(key="number", value=given):
                value = "".join(given.split())
                if _is_number(value):
                    return value
                problem = desk.AnswerProblem.TOO_SHORT if len(value) < _NUMBER[0] else desk.AnswerProblem.WRONG_FORM
            case Back():
                return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and _NUMBER[0] <= len(text) <= _NUMBER[1]


# One submission -----------------------------------------------------------------------------------------------------


async def _one(visitor: Visitor, found: Progress) -> None:
    """Show it until they leave it; whatever is done leads back to the list, which asks the hub anew."""
    done = False
    while not done:
        state = shown(visitor, found)
        match await visitor.session.ask(state):
            case Back() | Next():
                return
            case view.Do(act=act):
                done = await _do(visitor, found, state, act)


async def _do(visitor: Visitor, found: Progress, state: view.ProgressShown, act: view.Act) -> bool:
    """Do what was touched, where it can be done; whether what is shown may be no longer so."""
    match act:
        case view.Act.CORRECT if state.asked:
            return await correct(visitor, found, wanted(visitor, found))
        case view.Act.BRING if state.deferred:
            return await correct(visitor, found, promised(found))
        case view.Act.WITHDRAW if found.may_withdraw:
            return await _withdrawn(visitor, found, state.title)
        case view.Act.MORE_TIME if state.may_have_more_time:
            return await _more_time(visitor, found, state.title)
        case view.Act.FETCH if state.printable:
            await _printed(visitor, found)
    return False


def wanted(visitor: Visitor, found: Progress) -> tuple[Asked, ...]:
    """What the office asks for and has not come; nothing once it was handed in here."""
    if found.number in visitor.handed_in or found.standing is not Standing.CORRECTING:
        return ()
    return tuple(one for one in found.asked if not one.done)


def promised(found: Progress) -> tuple[Asked, ...]:
    """Papers that were to follow."""
    return tuple(Asked(part=Part.PAPER, key=one.kind, words="") for one in found.deferred)


def shown(visitor: Visitor, found: Progress) -> view.ProgressShown:
    """One submission as a view state."""
    parcel = found.parcel
    deferred = () if found.number in visitor.handed_in else found.deferred
    return view.ProgressShown(
        number=found.number,
        title=visitor.title(found.item),
        standing=found.standing.value,
        since=found.since,
        steps=tuple(view.StepLine(step.what, step.at) for step in found.steps),
        due=found.due or found.acceptance_due,
        provisional=found.provisional,
        asked=tuple(one.words for one in wanted(visitor, found)),
        asked_due=found.asked_due,
        deferred=tuple(visitor.paper_title(found.item, one.kind) for one in deferred),
        deferred_due=min((one.due for one in deferred), default=None),
        reason=found.reason,
        parcel="" if parcel is None else f"{parcel.carrier} {parcel.label}".strip(),
        may_withdraw=found.may_withdraw,
        may_have_more_time=found.may_have_more_time and found.number not in visitor.handed_in,
        results=len(found.results),
        printable=bool(found.results) and visitor.printable,
    )


def _line(visitor: Visitor, found: Progress) -> view.SubmissionLine:
    return view.SubmissionLine(
        number=found.number,
        title=visitor.title(found.item),
        standing=found.standing.value,
        since=found.since,
        wants=bool(wanted(visitor, found)),
    )


async def _withdrawn(visitor: Visitor, found: Progress, title: Words) -> bool:
    if not await visitor.told(view.Sure(view.Act.WITHDRAW, title, found.number)):
        return False
    match await visitor.request(Withdraw(who=visitor.who(), number=found.number)):
        case Changed():
            await visitor.told(view.Told(view.News.WITHDRAWN, title))
        case NotDone() as error:
            await visitor.refused(error)
    return True


async def _more_time(visitor: Visitor, found: Progress, title: Words) -> bool:
    if not await visitor.told(view.Sure(view.Act.MORE_TIME, title, found.number)):
        return False
    match await visitor.request(MoreTime(who=visitor.who(), number=found.number)):
        case Changed(due=day):
            await visitor.told(view.Told(view.News.MORE_TIME, title, day=day))
        case NotDone() as error:
            await visitor.refused(error)
    return True


async def _printed(visitor: Visitor, found: Progress) -> None:
    """Print the documents of the result, one after the other."""
    for result in found.results:
        pdf = await visitor.ask_hub(
            lambda place=result.place: visitor.after.office.result(visitor.who(), found.number, place)  # type: ignore[misc]  # mypy cannot type a lambda's default
        )
        if pdf is None:
            return
        if isinstance(pdf, NotDone):
            await visitor.refused(pdf)
            return
        job = PageJob(name=f"result-{found.number}-{result.place}", pdf=pdf)
        if not await visitor.print_pages(job, 0, tell=False):
            return
    await visitor.told(view.Told(view.News.PRINTED))
