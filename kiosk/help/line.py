"""Remote help as the terminal sees it: the person's wishes, the call at the hub, and what stands on the screen of it.

The journey beneath goes on as it is: nothing here touches a draft.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID, uuid4

import anyio
import msgspec
from uuid6 import uuid7

from kiosk.clock import CHINA, Clock
from kiosk.help.call import Call
from kiosk.help.process import Starts
from kiosk.link.client import HubAway, HubRefused
from kiosk.log import logger
from kiosk.session import Stage
from kiosk.view import common, desk
from kiosk.view import help as view
from kiosk.view.help import Wish
from kiosk.view.screen import State, name_of
from kiosk.wire import routes
from kiosk.wire.events import CallbackNumber, CallbackWanted
from kiosk.wire.help import CallAsked, CallNow, Hangup, Means
from kiosk.wire.sealing import seal

_log = logger("help")

ASK_WITHIN_SECONDS: Final = 8.0
WAIT_MOST_SECONDS: Final = 900.0
"""After a quarter of an hour nobody is to come any more: a number is left instead."""
LEFT_ALONE_SECONDS: Final = 120.0
"""So long an offer, or the word that a call is over, stays that nobody touches; then the journey asks who is there."""
_PHONE_DIGITS: Final = range(7, 16)
_ON_SITE_ONLY: Final = (desk.StaffCalled, desk.StillThere, desk.TakeYourThings)


class HubCalls(Protocol):
    """What is needed of `kiosk.link.client.HubClient`."""

    async def exchange(self, method: str, path: str, content: bytes | None = None) -> bytes:
        """Ask anything of the hub."""
        ...


@dataclass(frozen=True, slots=True)
class Around:
    """What the help line works with.

    Attributes:
        stage: the screen.
        hub: the hub.
        media: starts the process for pictures and sound.
        guide: shows a pointer or a frame on the screen; called on the event loop, must not block.
        leave: puts an event into the outbox.
        recipient: the hub's public key.
        away: whether the hub is known to be away.
        role: `gate` or `desk`.
        watch: tells the screens how they are shown to staff; called on the event loop, must not block.
    """

    stage: Stage
    hub: HubCalls
    media: Starts
    guide: Callable[[view.Guide], None]
    leave: Callable[[CallbackWanted], Awaitable[None]]
    recipient: str
    away: Callable[[], bool]
    clock: Clock
    role: str
    watch: Callable[[view.Watch], None]


class HelpLine:
    """Takes the person's wishes, one call at a time. All methods belong to the core thread.

    `await run()` beside the journey; then `stage.on_help` is served.
    """

    def __init__(self, around: Around) -> None:
        self._around = around
        self._stage = around.stage
        self._call: Call | None = None
        self._asked: UUID | None = None
        """The call whose number is being left, or that is to be made."""
        self._opens = ""
        self._wishes: list[view.Help] = []
        self._forsaken: list[UUID] = []
        """Calls to be ended at the hub, whose person has gone."""
        self._visit = 0
        """Of the person who wished for something last."""
        self._woken = anyio.Event()

    async def run(self) -> None:
        """Serve until cancelled."""
        stage = self._stage
        stage.on_help, stage.on_reset, stage.on_arrival = self.take, self._left, self._arrived
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._clear_up)
                while True:
                    self._woken = anyio.Event()
                    while self._forsaken:
                        await self._cancel(self._forsaken.pop())
                    while self._wishes:
                        wish = self._wishes.pop(0)
                        if wish.wish in {Wish.CALL, Wish.CALL_TEXT} and self._call is None:
                            means = Means.TEXT if wish.wish is Wish.CALL_TEXT else Means.VIDEO
                            self._call = Call(self._around, self._asking(means))
                            group.start_soon(self._make, self._call)
                        else:
                            await self._do(wish)
                    await self._woken.wait()
        finally:
            stage.on_help, stage.on_reset, stage.on_arrival = None, _nothing, _nothing

    async def _clear_up(self) -> None:
        """Take away what covers the screen without a call when nobody touches it: nobody may be there any more."""
        seen, since = self._stage.covered, anyio.current_time()
        while True:
            await anyio.sleep(1.0)
            now, covered = anyio.current_time(), self._stage.covered
            if covered is not seen or self._call is not None:
                seen, since = covered, now
            elif covered is not None and now - since >= LEFT_ALONE_SECONDS:
                self._stage.cover(None)

    def _left(self) -> None:
        """The person has gone; what they allowed goes with them."""
        if self._call is not None:
            self._call.person_left()

    def _arrived(self) -> None:
        """At a gate the next person is somebody else: a call of the one before them is over, and what it covered."""
        if self._around.role != "gate" or self._visit == self._stage.visit:
            return
        self._visit = self._stage.visit
        if self._call is None:
            self._stage.cover(None)
            return
        self._forsaken.append(self._call.asked.id)
        self._call.stop(None)
        self._woken.set()

    def take(self, wish: view.Help) -> None:
        """The person wants something. What nobody serves in time is dropped: a button that is pressed ten times."""
        self._visit = self._stage.visit
        if len(self._wishes) < 16:
            self._wishes.append(wish)
            self._woken.set()

    def marked(self, box: tuple[float, float, float, float] | None) -> None:
        """The screen tells where it put the frame that staff wanted; None: there was nothing."""
        if self._call is not None:
            self._call.marked(box)

    # Wishes -----------------------------------------------------------------------------------------------------

    async def _do(self, wish: view.Help) -> None:
        match wish.wish:
            case Wish.OPEN:
                self._open()
            case Wish.ON_SITE:
                self._stage.cover(None)
                self._stage.pass_on(common.CallStaff())
            case Wish.NUMBER if wish.words:
                await self._leave_number(wish.words)
            case Wish.NUMBER:
                self._stage.cover(view.LeaveNumber(self._opens))
            case _ if self._call is not None:
                await self._call.wish(wish)
            case _:  # a button of a call that has just ended
                self._stage.cover(None)

    def _open(self) -> None:
        if self._call is not None:
            self._call.large()
            return
        self._opens = ""
        on_site = self._around.role == "desk" and not isinstance(self._stage.own, _ON_SITE_ONLY)
        self._stage.cover(view.Offer(line=not self._around.away(), on_site=on_site))

    def _asking(self, means: Means) -> CallAsked:
        state = self._stage.own
        return CallAsked(
            id=uuid4(),
            role=self._around.role,
            language=self._stage.language.value,
            view="" if state is None else name_of(state),
            item=item_of(state),
            first=self._stage.modes != common.Modes(),
            means=means,
        )

    # The call ---------------------------------------------------------------------------------------------------

    async def _make(self, call: Call) -> None:
        """Make a call, to its end; whatever happens, the screen is the journey's again or says what now."""
        self._stage.cover(view.Waiting())
        self._asked = call.asked.id
        over: view.Cover | None = view.Over(view.Ended.LINE_DOWN)
        try:
            now = await self._ask(call.asked)
            if now is None:
                over = view.LeaveNumber(self._opens)
            elif not now.staffed:
                self._opens = _clock_text(now.opens)
                await self._cancel(call.asked.id)
                over = view.LeaveNumber(self._opens)
            else:
                with anyio.move_on_after(WAIT_MOST_SECONDS) as waiting:
                    over = await call.serve(now, waiting)
                if waiting.cancelled_caught:
                    await self._cancel(call.asked.id)
                    over = view.Over(view.Ended.NOBODY)
        except Exception as error:  # noqa: BLE001  help that fails must not take the journey with it
            _log.exception("remote help failed", exc_info=error)
        finally:
            self._call = None
            self._stage.mark(None)
            self._around.guide(view.Guide())
            self._around.watch(view.Watch())
            self._stage.cover(over)

    async def _ask(self, asked: CallAsked) -> CallNow | None:
        """Call; None when the hub is away."""
        with anyio.move_on_after(ASK_WITHIN_SECONDS):
            while True:
                try:
                    body = await self._around.hub.exchange("POST", routes.HELP, msgspec.json.encode(asked))
                    return msgspec.json.decode(body, type=CallNow)
                except HubAway:
                    await anyio.sleep(0.5)
                except (HubRefused, msgspec.DecodeError) as error:
                    _log.warning("the hub does not take calls", why=str(error))
                    return None
        return None

    async def _cancel(self, call: UUID) -> None:
        with anyio.move_on_after(2.0):
            try:
                await self._around.hub.exchange("POST", f"{routes.HELP}/{call}/end", msgspec.json.encode(Hangup()))
            except (HubAway, HubRefused):
                return  # it notices by itself

    async def _leave_number(self, typed: str) -> None:
        digits = "".join(each for each in typed if each.isascii() and each.isdigit())
        if len(digits) not in _PHONE_DIGITS:
            self._stage.cover(view.LeaveNumber(self._opens, wrong=True))
            return
        call = self._call
        asked = call.asked if call is not None else self._asking(Means.TEXT)
        await self._around.leave(
            CallbackWanted(
                id=uuid7(),
                call=self._asked or asked.id,
                role=asked.role,
                language=asked.language,
                view=asked.view,
                item=asked.item,
                at=self._around.clock.now(),
                number_sealed=seal(msgspec.json.encode(CallbackNumber(phone=digits)), self._around.recipient),
            )
        )
        self._asked = None
        if call is not None:
            call.stop(view.NumberLeft())
        else:
            self._stage.cover(view.NumberLeft())


def _nothing() -> None:
    return


def item_of(state: State | None) -> str:
    """The item that somebody is busy with, as far as their screen says."""
    key = getattr(state, "item", "")
    return key[:64] if isinstance(key, str) else ""


def _clock_text(moment: datetime | None) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(CHINA)
    return f"{local.month}-{local.day} {local:%H:%M}"
