"""One call: what the hub tells of it, what the person wants of it, and what is seen of it."""

import contextlib
import math
from typing import TYPE_CHECKING, Final
from uuid import UUID

import anyio
import msgspec

from kiosk.help import messages
from kiosk.help.guided import Guided
from kiosk.help.links import Links
from kiosk.link.client import HubAway, HubRefused
from kiosk.log import logger
from kiosk.view import help as view
from kiosk.view.help import Wish
from kiosk.wire import routes
from kiosk.wire.help import (
    MOST_WORDS,
    CallAsked,
    CallNow,
    Hangup,
    Means,
    Message,
    MessageKind,
    News,
    Outcome,
    Standing,
)

if TYPE_CHECKING:
    from kiosk.help.line import Around

_log = logger("help")

LINE_GONE_SECONDS: Final = 110.0
"""A little less than the hub waits: both give up on each other."""
_PAUSE_SECONDS: Final = 1.0
_MOST_LINES: Final = 40
_MOST_UNSENT: Final = 100
_WAITS: Final = frozenset({Standing.WAITING, Standing.TRANSFERRED})
_TALKS: Final = frozenset({Standing.RINGING, Standing.IN_CALL})


class Call:
    """A call from its beginning to its end.

    Args:
        around: what the help line works with.
        asked: what was asked of the hub.
    """

    def __init__(self, around: "Around", asked: CallAsked) -> None:
        self.asked = asked
        self._around, self._stage = around, around.stage
        self._links = Links(asked.means)
        self._guided = Guided(around, self._links, self._send, self._show_mark)
        self._now: CallNow | None = None
        self._folded = False
        self._end: view.Cover | None = None
        self._ended = anyio.Event()
        self._outgoing: list[Message] = []
        self._woken = anyio.Event()
        self._lines: list[view.Said] = []
        self._unread = False
        self._line_up = True

    # Life -------------------------------------------------------------------------------------------------------

    async def serve(self, now: CallNow, waiting: anyio.CancelScope) -> view.Cover | None:
        """Run to the end.

        Args:
            now: as the hub answered.
            waiting: ends it when nobody comes; its deadline is taken away while somebody helps.

        Returns:
            What is shown at the end; None gives the screen back.
        """
        longest = waiting.deadline - anyio.current_time()
        async with anyio.create_task_group() as group, self._around.media(self._reported) as self._links.media:
            group.start_soon(self._speak)
            group.start_soon(self._look)
            self._changed(now)
            group.start_soon(self._hear, waiting, longest)
            await self._ended.wait()
            group.cancel_scope.cancel()
        return self._end

    def stop(self, end: view.Cover | None) -> None:
        """End it here."""
        self._end = end
        self._ended.set()

    def person_left(self) -> None:
        """The person has gone: what they allowed was theirs to allow, and what was written was theirs to read."""
        self._guided.showing, self._guided.suggested = False, None
        self._lines, self._unread = [], False
        if self._stage.covered is not None and not isinstance(self._stage.covered, view.Waiting):
            self._stage.cover(None)
        self._guided.set_control(on=False, note="")
        self._watch()

    def marked(self, box: tuple[float, float, float, float] | None) -> None:
        """Where the frame is that staff wanted."""
        self._guided.marked(box)

    async def _hear(self, waiting: anyio.CancelScope, longest: float) -> None:
        """Ask the hub for news, again and again."""
        seen, tag, lost_since = 0, "", math.inf
        path = f"{routes.HELP}/{self.asked.id}"
        while True:
            try:
                body = await self._around.hub.exchange("GET", f"{path}/news?after={seen}&tag={tag}")
                news = msgspec.json.decode(body, type=News)
            except (HubAway, msgspec.DecodeError):
                now = anyio.current_time()
                lost_since = min(lost_since, now)
                self._line(up=False)
                tag = ""  # the next answer comes at once, and says that the line is back
                if now - lost_since > LINE_GONE_SECONDS and not self._links.connected:
                    self.stop(view.Over(view.Ended.LINE_DOWN))
                    return
                await anyio.sleep(_PAUSE_SECONDS)
                continue
            except HubRefused as error:
                _log.warning("the hub does not know the call any more", why=str(error))
                self.stop(view.Over(view.Ended.STAFF_GONE))
                return
            lost_since = math.inf
            self._line(up=True)
            seen, tag = news.last, news.tag
            self._changed(news.call)
            waiting.deadline = (
                math.inf if news.call.standing in _TALKS else min(waiting.deadline, anyio.current_time() + longest)
            )
            for each in news.messages:
                self._delivered(each.sender, each.message)

    async def _speak(self) -> None:
        """Send what waits, in its order."""
        path = f"{routes.HELP}/{self.asked.id}/messages"
        while True:
            self._woken = anyio.Event()
            while self._outgoing:
                message = self._outgoing[0]
                try:
                    await self._around.hub.exchange("POST", path, msgspec.json.encode(message))
                except HubAway:
                    await anyio.sleep(_PAUSE_SECONDS)
                    continue
                except HubRefused as error:
                    _log.warning("a message was refused", why=str(error))
                self._outgoing.pop(0)
            await self._woken.wait()

    async def _look(self) -> None:
        """Make connections anew that lead nowhere."""
        while True:
            await anyio.sleep(_PAUSE_SECONDS)
            self._links.renew()
            self._show_mark()
            self._guided.tell_staff()

    def _send(self, message: Message) -> None:
        if len(self._outgoing) < _MOST_UNSENT:
            self._outgoing.append(message)
            self._woken.set()

    def _line(self, *, up: bool) -> None:
        if up is not self._line_up:
            self._line_up = up
            self._show_mark()

    # What the hub and the process say ----------------------------------------------------------------------------

    def _changed(self, now: CallNow) -> None:
        before, self._now = self._now, now
        self._links.relays = now.relays
        if now.standing in _WAITS:
            self._links.answered = math.inf
            self._links.clear()
            self._guided.forget()
            if now.standing is Standing.TRANSFERRED and before is not None and before.standing in _TALKS:
                self._folded = False
            if not self._folded and not isinstance(self._stage.covered, view.LeaveNumber):
                self._stage.cover(_waiting(now))
        elif now.standing in _TALKS:
            self._links.answered = min(self._links.answered, anyio.current_time())
            if isinstance(self._stage.covered, view.Waiting):
                self._stage.cover(view.Chat("") if self.asked.means is Means.TEXT else None)
            if self._links.meet(now.parties):
                self._guided.tell_anew()
        else:
            self.stop(view.Over(view.Ended.DONE) if now.outcome is not Outcome.CANCELLED else None)
            return
        self._watch()
        self._show_mark()

    def _reported(self, said: messages.Report) -> None:
        match said:
            case messages.Made(party=party, attempt=attempt, sdp=sdp):
                self._send(Message(kind=MessageKind.OFFER, to=party, attempt=attempt, body=sdp))
            case messages.State():
                link = self._links.is_now(said)
                if link is None:
                    return
                if link.channel:
                    self._guided.tell_anew()
                self._show_mark()
                self._guided.tell_staff()
            case messages.Told(party=party, text=text):
                self._guided.heard(party, text)
            case messages.Figures():
                _log.info(
                    "help figures",
                    seconds=said.seconds,
                    ms=round(1000 * said.cpu_seconds / said.seconds),
                    frames=[said.camera_frames, said.screen_frames, said.staff_frames],
                    count=said.heard_samples,
                    dead=said.lost,
                )
            case messages.Trouble(why=why):
                _log.error("pictures and sound failed", why=why)
            case messages.Ready():
                pass

    def _delivered(self, sender: str, message: Message) -> None:
        match message.kind:
            case MessageKind.ANSWER:
                self._links.answer(sender, message.attempt, message.body)
            case MessageKind.GUIDE:
                self._guided.heard(sender, message.body)
            case MessageKind.CHAT:
                self._say(view.Said(mine=False, words=message.body[:MOST_WORDS]))
            case _:
                pass

    # What the person wants --------------------------------------------------------------------------------------

    async def wish(self, wish: view.Help) -> None:  # noqa: C901, PLR0912  one line a wish
        """Do what the person wants of this call."""
        guided = self._guided
        match wish.wish:
            case Wish.GO_ON:
                self._folded = True
                self._stage.cover(None)
            case Wish.CANCEL | Wish.END:
                await self._hang_up()
            case Wish.LARGE:
                self.large()
            case Wish.CHAT:
                self._show_chat()
            case Wish.SAY if wish.words:
                self._say(view.Said(mine=True, words=wish.words[:MOST_WORDS]))
                self._send(Message(kind=MessageKind.CHAT, body=wish.words[:MOST_WORDS]))
            case Wish.SHOW | Wish.HIDE:
                guided.showing = wish.wish is Wish.SHOW
                guided.tell_staff()
                if isinstance(self._stage.covered, view.InCall):
                    self.large()
            case Wish.ALLOW if guided.asking:
                self._stage.cover(None)
                guided.set_control(on=True, note="granted")
            case Wish.REFUSE if guided.asking:
                self._stage.cover(None)
                guided.set_control(on=False, note="refused")
            case Wish.REVOKE:
                if isinstance(self._stage.covered, view.InCall):
                    self._stage.cover(None)
                guided.set_control(on=False, note="revoked")
            case Wish.ACCEPT | Wish.DECLINE if guided.suggested is not None:
                guided.decide(accept=wish.wish is Wish.ACCEPT)
            case _:
                self._stage.cover(None)
        self._watch()
        self._show_mark()

    async def _hang_up(self) -> None:
        call: UUID = self.asked.id
        waits = self._now is None or self._now.standing in _WAITS
        self.stop(None if waits else view.Over(view.Ended.DONE))
        with anyio.move_on_after(2.0), contextlib.suppress(HubAway, HubRefused):
            await self._around.hub.exchange("POST", f"{routes.HELP}/{call}/end", msgspec.json.encode(Hangup()))

    # What is seen of it -----------------------------------------------------------------------------------------

    def large(self) -> None:
        """Show the call large."""
        now, talk = self._now, self._links.talk()
        if now is None or now.standing in _WAITS:
            self._folded = False
            self._stage.cover(view.Waiting() if now is None else _waiting(now, again=False))
        elif talk is view.Talk.TEXT:
            self._show_chat()
        else:
            self._stage.cover(view.InCall(self._links.staff, talk, self._guided.showing, self._guided.control))

    def _show_chat(self) -> None:
        self._unread = False
        self._stage.cover(view.Chat(", ".join(self._links.staff), tuple(self._lines)))

    def _say(self, said: view.Said) -> None:
        self._lines = [*self._lines, said][-_MOST_LINES:]
        if isinstance(self._stage.covered, view.Chat):
            self._stage.cover(view.Chat(", ".join(self._links.staff), tuple(self._lines)))
        elif not said.mine:
            if self._stage.covered is None:  # somebody writes instead of speaking: it is to be seen
                self._stage.cover(view.Chat(", ".join(self._links.staff), tuple(self._lines)))
            else:
                self._unread = True
        self._show_mark()

    def _show_mark(self) -> None:
        now = self._now
        if now is None or self._ended.is_set():
            return
        if now.standing in _WAITS:
            self._stage.mark(view.Mark(ahead=now.ahead))
            return
        talk, guided = self._links.talk(), self._guided
        broken = not self._line_up or (talk is not view.Talk.TEXT and self._links.broken)
        mark = view.Mark(self._links.staff, 0, talk, guided.control, guided.showing, broken, self._unread)
        self._stage.mark(mark)

    def _watch(self) -> None:
        on = bool(self._links)
        self._around.watch(view.Watch(on=on, private=self._guided.showing and on))


def _waiting(now: CallNow, *, again: bool | None = None) -> view.Waiting:
    minutes = None if now.wait_seconds is None else max(1, math.ceil(now.wait_seconds / 60))
    return view.Waiting(now.ahead, minutes, again=now.standing is Standing.TRANSFERRED if again is None else again)
