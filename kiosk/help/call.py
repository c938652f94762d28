"""One call: what the hub tells of it, the connections to those who help, and what they may do on the screen."""

import contextlib
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from uuid import UUID

import anyio
import msgspec

from kiosk.help import guidance, messages
from kiosk.help.guidance import Patience, guidance_of
from kiosk.help.process import Media
from kiosk.link.client import HubAway, HubRefused
from kiosk.log import logger
from kiosk.view import desk, typing
from kiosk.view import help as view
from kiosk.view.help import Wish
from kiosk.wire import routes
from kiosk.wire.help import (
    MOST_WORDS,
    TERMINAL,
    CallAsked,
    CallNow,
    Hangup,
    Means,
    Message,
    MessageKind,
    News,
    Outcome,
    Party,
    Standing,
    TerminalState,
)

if TYPE_CHECKING:
    from kiosk.help.line import Around

_log = logger("help")

LINE_GONE_SECONDS: Final = 110.0
"""A little less than the hub waits: both give up on each other."""
CONNECT_SECONDS: Final = 20.0
"""An offer that led nowhere is made anew."""
TEXT_AFTER_SECONDS: Final = 12.0
"""So long after somebody has answered, and nothing got through, it goes on as text."""
_PAUSE_SECONDS: Final = 1.0
_MOST_LINES: Final = 40
_WAITS: Final = frozenset({Standing.WAITING, Standing.TRANSFERRED})
_TALKS: Final = frozenset({Standing.RINGING, Standing.IN_CALL})
_FIELDS: Final = frozenset({
    desk.Field.TEXT, desk.Field.ADDRESS, desk.Field.PHONE, desk.Field.DIGITS, desk.Field.DATE, desk.Field.AMOUNT,
    desk.Field.ID_NUMBER, desk.Field.CREDIT_CODE, desk.Field.CODE,
})  # fmt: skip
"""Fields that something can be suggested for."""


class _Link:
    """The connection to one of the staff."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self.attempt = 0
        self.session = 0
        """Of the process that has it."""
        self.state = "new"
        self.since = -math.inf
        self.channel = False
        self.video = False
        self.audio = False
        self.patience = Patience()


class Call:
    """A call from its beginning to its end.

    Args:
        around: what the help line works with.
        asked: what was asked of the hub.
    """

    def __init__(self, around: "Around", asked: CallAsked) -> None:
        self.asked = asked
        self._around, self._stage = around, around.stage
        self._now: CallNow | None = None
        self._media: Media | None = None
        self._links: dict[str, _Link] = {}
        self._answered = math.inf
        self._folded = False
        self._end: view.Cover | None = None
        self._ended = anyio.Event()
        self._outgoing: list[Message] = []
        self._woken = anyio.Event()
        self._lines: list[view.Said] = []
        self._unread = False
        self._control = self._showing = False
        self._asking: str = ""
        """Who wants to press, while the person is asked."""
        self._suggested: tuple[str, str] | None = None
        self._told: TerminalState | None = None
        self._note = ""
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
        async with anyio.create_task_group() as group, self._around.media(self._reported) as self._media:
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
        self._showing, self._suggested, self._lines, self._unread = False, None, [], False
        if self._stage.covered is not None and not isinstance(self._stage.covered, view.Waiting):
            self._stage.cover(None)
        self._set_control(on=False, note="")
        self._watch()

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
                if now - lost_since > LINE_GONE_SECONDS and not self._connected():
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

    def _send(self, kind: MessageKind, body: str, to: str = "", attempt: int = 0) -> None:
        if len(self._outgoing) < 100:
            self._outgoing.append(Message(kind=kind, to=to, attempt=attempt, body=body))
            self._woken.set()

    def _line(self, *, up: bool) -> None:
        if up is not self._line_up:
            self._line_up = up
            self._show_mark()

    # Who takes part ---------------------------------------------------------------------------------------------

    def _changed(self, now: CallNow) -> None:
        before, self._now = self._now, now
        if now.standing in _WAITS:
            self._answered = math.inf
            self._forget_staff()
            again = now.standing is Standing.TRANSFERRED
            minutes = None if now.wait_seconds is None else max(1, math.ceil(now.wait_seconds / 60))
            if again and before is not None and before.standing in _TALKS:
                self._folded = False
            if not self._folded and not isinstance(self._stage.covered, view.LeaveNumber):
                self._stage.cover(view.Waiting(now.ahead, minutes, again=again))
        elif now.standing in _TALKS:
            self._answered = min(self._answered, anyio.current_time())
            if isinstance(self._stage.covered, view.Waiting):
                self._stage.cover(view.Chat("") if self.asked.means is Means.TEXT else None)
            self._meet(now.parties)
        else:
            self.stop(view.Over(view.Ended.DONE) if now.outcome is not Outcome.CANCELLED else None)
            return
        self._watch()
        self._show_mark()

    def _meet(self, parties: Iterable[Party]) -> None:
        """Connect to whoever is new, or has a new page; let go of who has gone."""
        staff = {each.id: each for each in parties if each.id != TERMINAL}
        for gone in [each for each in self._links if each not in staff]:
            self._let_go(gone)
        for party in staff.values():
            link = self._links.get(party.id)
            if link is None or link.party.page != party.page:
                attempt = 0 if link is None else link.attempt
                link = self._links[party.id] = _Link(party)
                link.attempt = attempt
                self._told = None  # a new page knows nothing yet
            if party.page and link.state == "new":
                self._connect(link)

    def _connect(self, link: _Link) -> None:
        if self._media is None or not self._media.session or self.asked.means is Means.TEXT:
            return
        link.attempt += 1
        link.state, link.since, link.session = "connecting", anyio.current_time(), self._media.session
        link.channel = link.video = link.audio = False
        relays = () if self._now is None else self._now.relays
        self._media.tell(messages.Offer(party=link.party.id, attempt=link.attempt, relays=relays))

    def _let_go(self, party: str) -> None:
        if self._links.pop(party, None) is not None and self._media is not None:
            self._media.tell(messages.Drop(party=party))

    def _forget_staff(self) -> None:
        """Nobody helps any more: consent was for them, and for this time."""
        for party in list(self._links):
            self._let_go(party)
        self._control = self._showing = False
        self._asking, self._suggested = "", None
        self._around.guide(view.Guide())

    async def _look(self) -> None:
        """Make connections anew that lead nowhere."""
        while True:
            await anyio.sleep(_PAUSE_SECONDS)
            now = anyio.current_time()
            session = 0 if self._media is None else self._media.session
            for link in self._links.values():
                stale = link.state == "connecting" and now - link.since > CONNECT_SECONDS
                dead = link.state == "failed" and now - link.since > 2 * _PAUSE_SECONDS
                if session and link.party.page and (stale or dead or link.state == "new" or link.session != session):
                    self._connect(link)
            self._show_mark()
            self._tell_staff()

    def _connected(self) -> bool:
        return any(link.state == "connected" for link in self._links.values())

    def _talk(self) -> view.Talk:
        links = self._links.values()
        if self.asked.means is Means.TEXT or not any(link.audio or link.video for link in links):
            waited = anyio.current_time() - self._answered
            patient = waited < TEXT_AFTER_SECONDS and self.asked.means is not Means.TEXT
            return view.Talk.VIDEO if patient else view.Talk.TEXT
        return view.Talk.VIDEO if any(link.video for link in links) else view.Talk.VOICE

    @property
    def _staff(self) -> tuple[str, ...]:
        return tuple(link.party.name for link in self._links.values())

    # What the process says --------------------------------------------------------------------------------------

    def _reported(self, said: messages.Report) -> None:
        match said:
            case messages.Made(party=party, attempt=attempt, sdp=sdp):
                self._send(MessageKind.OFFER, sdp, party, attempt)
            case messages.State(party=party):
                link = self._links.get(party)
                if link is None or link.attempt != said.attempt:
                    return
                if said.state != link.state:
                    link.state, link.since = said.state, anyio.current_time()
                link.channel, link.video, link.audio = said.channel, said.video, said.audio
                if link.channel:
                    self._told = None
                self._show_mark()
                self._tell_staff()
            case messages.Told(party=party, text=text):
                self._guided(party, text)
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
        link = self._links.get(sender)
        match message.kind:
            case MessageKind.ANSWER if link is not None and self._media is not None:
                self._media.tell(messages.Answered(party=sender, attempt=message.attempt, sdp=message.body))
            case MessageKind.GUIDE:
                self._guided(sender, message.body)
            case MessageKind.CHAT:
                self._say(view.Said(mine=False, words=message.body[:MOST_WORDS]))
            case _:
                pass

    # What staff may do ------------------------------------------------------------------------------------------

    def _guided(self, sender: str, text: str) -> None:
        """Somebody sent something to point, suggest or press with; garbage is counted."""
        link = self._links.get(sender)
        if link is None or not link.patience.takes(anyio.current_time()):
            return
        said = guidance_of(text)
        if said is None:
            link.patience.garbage()
            if link.patience.spent:
                _log.warning("a party that sends garbage is hung up on")
                link.state, link.since = "failed", math.inf
                if self._media is not None:
                    self._media.tell(messages.Drop(party=sender))
            return
        self._follow(said, link.party.name)

    def _follow(self, said: guidance.Guidance, who: str) -> None:
        match said:
            case guidance.Point(x=x, y=y):
                self._around.guide(view.Guide(point=(x, y), who=who))
            case guidance.Unpoint() | guidance.Clear():
                self._around.guide(view.Guide())
            case guidance.Highlight(x=x, y=y):
                self._around.guide(view.Guide(mark=(x, y), who=who))
            case guidance.Press(x=x, y=y) if self._control:
                self._around.guide(view.Guide(press=(x, y), who=who))
            case guidance.Press():
                self._tell_staff("not_allowed")
            case guidance.AskControl() if not self._control:
                self._asking = who
                self._stage.cover(view.Consent(who))
                self._tell_staff()
            case guidance.DropControl():
                self._set_control(on=False, note="")
            case guidance.Suggest(words=words):
                self._suggest(who, words)
            case guidance.AskControl():
                pass  # they may already

    def _suggest(self, who: str, words: str) -> None:
        key = field_of(self._stage.own)
        if key is None:
            self._tell_staff("no_field")
            return
        self._suggested = (key, words)
        self._stage.cover(view.Suggested(who, words))
        self._tell_staff()

    def _set_control(self, *, on: bool, note: str) -> None:
        self._control = on
        self._asking = ""
        self._show_mark()
        self._tell_staff(note)

    def marked(self, box: tuple[float, float, float, float] | None) -> None:
        """Where the frame is that staff wanted."""
        told = msgspec.json.encode({"tell": "marked", "box": box}).decode()
        if box is None:
            self._tell_staff("nothing_there")
        self._tell(told)

    def _tell(self, text: str) -> None:
        """Through the channel to those who have one, through the hub to the others."""
        if self._media is not None:
            self._media.tell(messages.Tell(text=text))
        for link in self._links.values():
            if not link.channel:
                self._send(MessageKind.GUIDE, text, link.party.id)

    def _tell_staff(self, note: str = "") -> None:
        """Tell staff how it is here, when it is another way than they were told."""
        ready = self._connected() or anyio.current_time() - self._answered > TEXT_AFTER_SECONDS
        if not self._links or not (ready or self.asked.means is Means.TEXT):
            return
        plain = TerminalState(
            control=self._control,
            private=self._showing,
            asked=bool(self._asking),
            suggested=self._suggested is not None,
            means=Means(self._talk().value),
        )
        if plain == self._told and not note:
            return
        self._told = plain
        state = msgspec.structs.replace(plain, note=note)
        body = msgspec.json.encode({"tell": "state", **msgspec.to_builtins(state)}).decode()
        self._send(MessageKind.STATE, body)

    # What the person wants --------------------------------------------------------------------------------------

    async def wish(self, wish: view.Help) -> None:  # noqa: C901, PLR0912  one line a wish
        """Do what the person wants of this call."""
        staff = ", ".join(self._staff)
        match wish.wish:
            case Wish.GO_ON:
                self._folded = True
                self._stage.cover(None)
            case Wish.CANCEL | Wish.END:
                await self._hang_up()
            case Wish.LARGE:
                self.large()
            case Wish.CHAT:
                self._unread = False
                self._stage.cover(view.Chat(staff, tuple(self._lines)))
            case Wish.SAY if wish.words:
                self._say(view.Said(mine=True, words=wish.words[:MOST_WORDS]))
                self._send(MessageKind.CHAT, wish.words[:MOST_WORDS])
            case Wish.SHOW | Wish.HIDE:
                self._showing = wish.wish is Wish.SHOW
                self._tell_staff()
                if isinstance(self._stage.covered, view.InCall):
                    self.large()
            case Wish.ALLOW if self._asking:
                self._stage.cover(None)
                self._set_control(on=True, note="granted")
            case Wish.REFUSE if self._asking:
                self._stage.cover(None)
                self._set_control(on=False, note="refused")
            case Wish.REVOKE:
                if isinstance(self._stage.covered, view.InCall):
                    self._stage.cover(None)
                self._set_control(on=False, note="revoked")
            case Wish.ACCEPT | Wish.DECLINE if self._suggested is not None:
                self._decide(accept=wish.wish is Wish.ACCEPT)
            case _:
                self._stage.cover(None)
        self._watch()
        self._show_mark()

    def _decide(self, *, accept: bool) -> None:
        assert self._suggested is not None
        (key, words), self._suggested = self._suggested, None
        self._stage.cover(None)
        if accept and field_of(self._stage.own) == key:
            self._stage.pass_on(desk.Answer(key, words))
            self._tell_staff("accepted")
        else:
            self._tell_staff("declined" if not accept else "no_field")

    async def _hang_up(self) -> None:
        call: UUID = self.asked.id
        waits = self._now is None or self._now.standing in _WAITS
        self.stop(None if waits else view.Over(view.Ended.DONE))
        with anyio.move_on_after(2.0), contextlib.suppress(HubAway, HubRefused):
            await self._around.hub.exchange("POST", f"{routes.HELP}/{call}/end", msgspec.json.encode(Hangup()))

    def large(self) -> None:
        """Show the call large."""
        now = self._now
        if now is None or now.standing in _WAITS:
            self._folded = False
            ahead = 0 if now is None else now.ahead
            minutes = None if now is None or now.wait_seconds is None else max(1, math.ceil(now.wait_seconds / 60))
            self._stage.cover(view.Waiting(ahead, minutes))
        elif self._talk() is view.Talk.TEXT:
            self._unread = False
            self._stage.cover(view.Chat(", ".join(self._staff), tuple(self._lines)))
        else:
            self._stage.cover(view.InCall(self._staff, self._talk(), self._showing, self._control))

    def _say(self, said: view.Said) -> None:
        self._lines = [*self._lines, said][-_MOST_LINES:]
        if isinstance(self._stage.covered, view.Chat):
            self._stage.cover(view.Chat(", ".join(self._staff), tuple(self._lines)))
        elif not said.mine:
            if self._stage.covered is None:  # somebody writes instead of speaking: it is to be seen
                self._stage.cover(view.Chat(", ".join(self._staff), tuple(self._lines)))
            else:
                self._unread = True
        self._show_mark()

    # What is seen of it -----------------------------------------------------------------------------------------

    def _show_mark(self) -> None:
        now = self._now
        if now is None or self._ended.is_set():
            return
        if now.standing in _WAITS:
            self._stage.mark(view.Mark(ahead=now.ahead))
            return
        talk = self._talk()
        broken = not self._line_up or (
            talk is not view.Talk.TEXT and any(link.state == "failed" for link in self._links.values())
        )
        self._stage.mark(view.Mark(self._staff, 0, talk, self._control, self._showing, broken, self._unread))

    def _watch(self) -> None:
        self._around.watch(view.Watch(on=bool(self._links), private=self._showing and bool(self._links)))


def field_of(state: object) -> str | None:
    """The key of the field before the person that can be filled in with words; None where there is none."""
    question = state.question if isinstance(state, typing.Write) else state
    if isinstance(question, desk.Question) and question.field in _FIELDS:
        return question.key
    return None
