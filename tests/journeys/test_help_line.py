"""The terminal's side of a call on virtual time: what covers the screen, and what staff may do."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import anyio.lowlevel
import msgspec
import pytest

from kiosk.help import messages
from kiosk.help.call import LINE_GONE_SECONDS
from kiosk.help.guidance import MOST_GARBAGE, guidance_of
from kiosk.help.line import LEFT_ALONE_SECONDS, Around, HelpLine
from kiosk.help.process import Media
from kiosk.link.client import HubAway, HubRefused
from kiosk.session import Stage
from kiosk.view import desk
from kiosk.view import help as view
from kiosk.view.common import CallStaff, Language, Next, Words
from kiosk.view.help import Guide, Help, Watch, Wish
from kiosk.view.screen import Intent, Screen, Touch
from kiosk.wire.events import CallbackNumber, CallbackWanted
from kiosk.wire.help import (
    TERMINAL,
    CallAsked,
    CallNow,
    Delivered,
    Message,
    MessageKind,
    News,
    Outcome,
    Party,
    Standing,
    TerminalState,
)
from kiosk.wire.sealing import new_identity, unseal

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
QUESTION = desk.Question(2, 6, "phone", Words("电话？", "電話？", "Telephone?"), Words("", "", ""), desk.Field.PHONE)
CHOICE = desk.Question(3, 6, "how", Words("怎样？", "怎樣？", "How?"), Words("", "", ""), desk.Field.CHOICE)


class Clock:
    def now(self) -> datetime:
        return NOW


@dataclass
class Hub:
    """The hub, at the wire: what it is asked, and what it answers."""

    standing: Standing = Standing.WAITING
    parties: tuple[Party, ...] = (Party(id=TERMINAL, name="desk-1"),)
    version: int = 1
    staffed: bool = True
    away: bool = False
    refuses: bool = False
    outcome: Outcome = Outcome.NONE
    opens: datetime | None = None
    posted: list[tuple[str, Any]] = field(default_factory=list)
    box: list[Delivered] = field(default_factory=list)
    changed: anyio.Event = field(default_factory=anyio.Event)
    asked: CallAsked | None = None

    def _now(self) -> CallNow:
        assert self.asked is not None
        return CallNow(
            id=self.asked.id,
            standing=self.standing,
            version=self.version,
            ahead=1,
            wait_seconds=130,
            staffed=self.staffed,
            opens=self.opens,
            parties=self.parties,
            outcome=self.outcome,
        )

    async def exchange(self, method: str, path: str, content: bytes | None = None) -> bytes:
        if self.away:
            raise HubAway("no line")
        if self.refuses:
            raise HubRefused(404, "no-such-call", "not known")
        if method == "POST":
            kind = path.rpartition("/")[2]
            if kind == "help":
                self.asked = msgspec.json.decode(content or b"", type=CallAsked)
            elif kind == "messages":
                self.posted.append((kind, msgspec.json.decode(content or b"", type=Message)))
            else:
                self.posted.append((kind, content))
            return msgspec.json.encode(self._now())
        seen = int(path.partition("after=")[2].partition("&")[0])
        tag = path.partition("tag=")[2]
        with anyio.move_on_after(10):
            while tag == str(self.version) and not [each for each in self.box if each.seq > seen]:
                self.changed = anyio.Event()
                await self.changed.wait()
        if self.away:
            raise HubAway("no line")
        new = tuple(each for each in self.box if each.seq > seen)
        last = self.box[-1].seq if self.box else 0
        return msgspec.json.encode(News(call=self._now(), messages=new, last=last, tag=str(self.version)))

    def change(self, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self, name, value)
        self.version += 1
        self.changed.set()

    def say(self, sender: str, kind: MessageKind, body: str, **more: Any) -> None:
        self.box.append(Delivered(seq=len(self.box) + 1, sender=sender, message=Message(kind=kind, body=body, **more)))
        self.changed.set()

    def states(self) -> list[TerminalState]:
        bodies = [said.body for kind, said in self.posted if kind == "messages" and said.kind is MessageKind.STATE]
        found = []
        for body in bodies:
            told = msgspec.json.decode(body)
            told.pop("tell")
            found.append(msgspec.convert(told, TerminalState))
        return found


@dataclass
class Process:
    """The process for pictures and sound, at its line."""

    session: int = 1
    told: list[messages.Order] = field(default_factory=list)
    report: Callable[[messages.Report], None] = lambda _: None

    def tell(self, order: messages.Order) -> None:
        self.told.append(order)

    def offers(self) -> list[messages.Offer]:
        return [each for each in self.told if isinstance(each, messages.Offer)]

    def connected(self, party: str, attempt: int, state: str = "connected") -> None:
        self.report(messages.State(party=party, attempt=attempt, state=state, channel=True, video=True, audio=True))


class World:
    """A stage, a hub and a process."""

    def __init__(self, role: str = "desk") -> None:
        self.screens: list[Screen] = []
        self.stage = Stage(role, self.screens.append, Language.ZH_HANS)
        self.hub, self.process = Hub(), Process()
        self.guided: list[Guide] = []
        self.watched: list[Watch] = []
        self.left: list[CallbackWanted] = []
        self.secret, recipient = new_identity()
        self.line = HelpLine(
            Around(
                stage=self.stage,
                hub=self.hub,
                media=self._media,
                guide=self.guided.append,
                watch=self.watched.append,
                leave=self._leave,
                recipient=recipient,
                away=lambda: self.hub.away,
                clock=Clock(),
                role=role,
            )
        )
        self.stage.show(QUESTION)

    @asynccontextmanager
    async def _media(self, report: Callable[[messages.Report], None]) -> AsyncIterator[Media]:
        self.process.report = report
        yield self.process

    async def _leave(self, event: CallbackWanted) -> None:
        self.left.append(event)

    def __getattr__(self, name: str) -> Any:
        """`shown`: what is on the screen now."""
        if name == "shown":
            return self.screens[-1].state
        raise AttributeError(name)

    @property
    def mark(self) -> Any:
        return self.screens[-1].helped

    def touch(self, intent: Intent) -> None:
        self.stage.touch(Touch(intent, self.screens[-1].number))

    async def wish(self, wish: Wish, words: str = "") -> None:
        self.touch(Help(wish, words))
        await anyio.sleep(0.2)

    async def answered(self) -> None:
        """Somebody has answered, and is connected."""
        await self.wish(Wish.OPEN)
        await self.wish(Wish.CALL)
        li = Party(id="weinan/li", name="李静", hall="weinan", page=1)
        self.hub.change(standing=Standing.RINGING, parties=(*self.hub.parties, li))
        await anyio.sleep(1.5)
        self.process.connected("weinan/li", self.process.offers()[-1].attempt)
        await anyio.sleep(0.2)

    async def guide(self, text: str) -> None:
        self.process.report(messages.Told(party="weinan/li", text=text))
        await anyio.sleep(0.2)


@pytest.fixture
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    made = World(getattr(request, "param", "desk"))
    async with anyio.create_task_group() as group:
        group.start_soon(made.line.run)
        await anyio.lowlevel.checkpoint()
        yield made
        group.cancel_scope.cancel()


async def test_a_call_covers_the_screen_and_gives_it_back(world: World) -> None:
    world.touch(CallStaff())
    await anyio.sleep(0.1)
    assert world.shown == view.Offer()
    await world.wish(Wish.CALL)
    assert world.shown == view.Waiting(1, 3)
    assert world.hub.asked is not None
    assert (world.hub.asked.view, world.hub.asked.role) == ("desk.Question", "desk")
    await world.wish(Wish.GO_ON)
    assert world.shown == QUESTION
    assert world.mark == view.Mark(ahead=1)
    world.stage.show(CHOICE)  # the journey goes on meanwhile
    await world.wish(Wish.LARGE)
    assert type(world.screens[-1].state) is view.Waiting
    await world.wish(Wish.CANCEL)
    assert world.shown == CHOICE
    assert world.mark is None
    assert world.hub.posted[-1][0] == "end"


async def test_staff_of_the_hall_can_still_be_called(world: World) -> None:
    await world.wish(Wish.OPEN)
    async with anyio.create_task_group() as group:
        seen: list[Intent] = []

        async def journey() -> None:
            seen.append(await world.stage.intent())

        group.start_soon(journey)
        await world.wish(Wish.ON_SITE)
    assert seen == [CallStaff()]
    assert world.shown == QUESTION


async def test_the_call_is_marked_and_told(world: World) -> None:
    await world.answered()
    assert world.shown == QUESTION
    assert world.mark == view.Mark(("李静",))
    assert world.stage.accompanied
    assert world.watched[-1] == Watch(on=True)
    assert world.hub.states()[-1] == TerminalState()
    world.hub.change(standing=Standing.ENDED, outcome=Outcome.SOLVED)
    await anyio.sleep(0.5)
    assert world.shown == view.Over(view.Ended.DONE)
    assert world.mark is None
    assert world.watched[-1] == Watch()
    await world.wish(Wish.GO_ON)
    assert world.shown == QUESTION


async def test_staff_press_only_with_consent_and_only_until_it_is_taken_back(world: World) -> None:
    await world.answered()
    press = '{"do":"press","x":0.5,"y":0.9}'
    await world.guide(press)
    assert not [each for each in world.guided if each.press]
    assert world.hub.states()[-1].note == "not_allowed"
    await world.guide('{"do":"ask_control"}')
    assert world.shown == view.Consent("李静")
    await world.wish(Wish.REFUSE)
    await world.guide(press)
    assert not [each for each in world.guided if each.press]
    await world.guide('{"do":"ask_control"}')
    await world.wish(Wish.ALLOW)
    assert world.shown == QUESTION
    assert world.mark.control
    await world.guide(press)
    assert [each.press for each in world.guided if each.press] == [(0.5, 0.9)]
    await world.wish(Wish.REVOKE)
    assert not world.mark.control
    await world.guide(press)
    assert len([each for each in world.guided if each.press]) == 1
    await world.wish(Wish.ALLOW)  # an old button: nobody has asked
    assert not world.mark.control


async def test_consent_ends_with_whoever_it_was_given_to(world: World) -> None:
    await world.answered()
    await world.guide('{"do":"ask_control"}')
    await world.wish(Wish.ALLOW)
    await world.wish(Wish.SHOW)
    assert world.watched[-1] == Watch(on=True, private=True)
    world.hub.change(standing=Standing.TRANSFERRED, parties=world.hub.parties[:1])
    await anyio.sleep(0.5)
    assert isinstance(world.shown, view.Waiting)
    assert world.shown.again
    assert world.watched[-1] == Watch()
    zhao = Party(id="xian/zhao", name="赵敏", page=1)
    world.hub.change(standing=Standing.RINGING, parties=(*world.hub.parties, zhao))
    await anyio.sleep(1.5)
    assert world.mark == view.Mark(("赵敏",))
    assert world.watched[-1] == Watch(on=True)


async def test_a_suggestion_is_filled_in_when_it_is_taken(world: World) -> None:
    await world.answered()
    await world.guide('{"do":"suggest","words":"13800138000"}')
    assert world.shown == view.Suggested("李静", "13800138000")
    await world.wish(Wish.DECLINE)
    assert world.shown == QUESTION
    await world.guide('{"do":"suggest","words":"13800138000"}')
    async with anyio.create_task_group() as group:
        seen: list[Intent] = []

        async def journey() -> None:
            seen.append(await world.stage.intent())

        group.start_soon(journey)
        await world.wish(Wish.ACCEPT)
    assert seen == [desk.Answer("phone", "13800138000")]
    assert world.hub.states()[-1].note == "accepted"
    world.stage.show(CHOICE)
    await world.guide('{"do":"suggest","words":"x"}')
    assert world.shown == CHOICE
    assert world.hub.states()[-1].note == "no_field"


async def test_garbage_moves_nothing_and_is_hung_up_on(world: World) -> None:
    await world.answered()
    before = len(world.screens)
    for text in ("", "{", "[]", '{"do":"format"}', '{"do":"press","x":2,"y":0}', '{"do":"point","x":NaN,"y":0}'):
        assert guidance_of(text) is None
        await world.guide(text)
    assert len(world.screens) == before
    for _ in range(MOST_GARBAGE):
        await world.guide("\x00" * 100)
    assert [each for each in world.process.told if isinstance(each, messages.Drop)]
    assert world.mark.staff == ("李静",), "the call itself goes on, as text"
    await world.guide('{"do":"suggest","words":"13800138000"}')


async def test_a_party_nobody_knows_is_not_heard(world: World) -> None:
    await world.answered()
    world.hub.say("weinan/stranger", MessageKind.GUIDE, '{"do":"ask_control"}')
    await anyio.sleep(0.5)
    assert world.shown == QUESTION


async def test_a_minute_without_a_line_ends_nothing(world: World) -> None:
    await world.answered()
    world.hub.away = True
    world.process.connected("weinan/li", 1, "failed")
    world.hub.changed.set()
    await anyio.sleep(60)
    assert world.mark.broken
    world.hub.away = False
    await anyio.sleep(8)
    assert world.process.offers()[-1].attempt > 1
    world.process.connected("weinan/li", world.process.offers()[-1].attempt)
    await anyio.sleep(2)
    assert not world.mark.broken
    world.hub.away = True
    world.process.connected("weinan/li", world.process.offers()[-1].attempt, "failed")
    world.hub.changed.set()
    await anyio.sleep(LINE_GONE_SECONDS + 30)
    assert world.shown == view.Over(view.Ended.LINE_DOWN)
    await world.wish(Wish.GO_ON)
    assert world.shown == QUESTION


async def test_nothing_gets_through_but_text(world: World) -> None:
    await world.wish(Wish.OPEN)
    await world.wish(Wish.CALL)
    li = Party(id="weinan/li", name="李静", page=1)
    world.hub.change(standing=Standing.RINGING, parties=(*world.hub.parties, li))
    await anyio.sleep(30)
    assert world.mark.talk is view.Talk.TEXT
    assert world.hub.states()[-1].means.value == "text"
    world.hub.say("weinan/li", MessageKind.CHAT, "您好")
    await anyio.sleep(0.5)
    assert world.shown == view.Chat("李静", (view.Said(mine=False, words="您好"),))
    await world.wish(Wish.SAY, "是")
    assert [said.body for kind, said in world.hub.posted if said and kind == "messages"][-1] == "是"
    world.hub.say("weinan/li", MessageKind.GUIDE, '{"do":"highlight","x":0.5,"y":0.5}')
    await anyio.sleep(0.5)
    assert world.guided[-1].mark == (0.5, 0.5)


async def test_the_process_is_started_again_and_everything_with_it(world: World) -> None:
    await world.answered()
    world.process.session = 2
    await anyio.sleep(3)
    assert len(world.process.offers()) == 2


async def test_a_browser_that_takes_no_pictures_is_talked_with(world: World) -> None:
    await world.answered()
    world.process.report(messages.State(party="weinan/li", attempt=1, state="failed", unsuited=True))
    await anyio.sleep(5)
    assert [each.pictures for each in world.process.offers()] == [True, False]
    world.process.report(messages.State(party="weinan/li", attempt=2, state="connected", channel=True, audio=True))
    await anyio.sleep(1)
    assert world.mark.talk is view.Talk.VOICE
    assert world.hub.states()[-1].means.value == "voice"
    again = Party(id="weinan/li", name="李静", hall="weinan", page=2)  # the page in another browser
    world.hub.change(parties=(world.hub.parties[0], again))
    await anyio.sleep(1)
    assert world.process.offers()[-1].pictures


async def test_a_new_page_of_theirs_is_connected_anew(world: World) -> None:
    await world.answered()
    again = Party(id="weinan/li", name="李静", page=2)
    world.hub.change(parties=(world.hub.parties[0], again))
    await anyio.sleep(1)
    assert [each.attempt for each in world.process.offers()] == [1, 2]
    world.process.connected("weinan/li", 1, "failed")  # news of the old one
    await anyio.sleep(5)
    assert len(world.process.offers()) == 2


async def test_out_of_hours_a_number_is_left(world: World) -> None:
    world.hub.staffed = False
    world.hub.opens = NOW + timedelta(hours=9, minutes=30)
    await world.wish(Wish.OPEN)
    await world.wish(Wish.CALL)
    await anyio.sleep(1)
    assert world.shown == view.LeaveNumber("11-23 08:30")
    await world.wish(Wish.NUMBER, "12")
    assert world.shown == view.LeaveNumber("11-23 08:30", wrong=True)
    await world.wish(Wish.NUMBER, "13800138000")
    assert world.shown == view.NumberLeft()
    (left,) = world.left
    assert world.hub.asked is not None
    assert left.call == world.hub.asked.id
    number = msgspec.json.decode(unseal(left.number_sealed, world.secret), type=CallbackNumber)
    assert number.phone == "13800138000"


async def test_without_a_line_a_number_is_left(world: World) -> None:
    world.hub.away = True
    await world.wish(Wish.OPEN)
    assert world.shown == view.Offer(line=False)
    await world.wish(Wish.NUMBER)
    await world.wish(Wish.NUMBER, "0913-1234567")
    assert world.shown == view.NumberLeft()
    assert len(world.left) == 1
    await world.wish(Wish.GO_ON)
    assert world.shown == QUESTION


async def test_a_hub_that_falls_silent_while_calling(world: World) -> None:
    await world.wish(Wish.OPEN)
    world.hub.away = True
    await world.wish(Wish.CALL)
    await anyio.sleep(10)
    assert isinstance(world.shown, view.LeaveNumber)


async def test_nobody_comes(world: World) -> None:
    await world.wish(Wish.OPEN)
    await world.wish(Wish.CALL)
    await anyio.sleep(901)
    assert world.shown == view.Over(view.Ended.NOBODY)


async def test_a_hub_that_does_not_know_the_call_any_more(world: World) -> None:
    await world.answered()
    world.hub.refuses = True
    world.hub.changed.set()
    await anyio.sleep(11)
    assert world.shown == view.Over(view.Ended.STAFF_GONE)


async def test_a_button_pressed_again_and_again_is_one_call(world: World) -> None:
    await world.wish(Wish.OPEN)
    for _ in range(10):
        world.touch(Help(Wish.CALL))
    await anyio.sleep(1)
    assert type(world.screens[-1].state) is view.Waiting
    await world.wish(Wish.CANCEL)
    assert world.shown == QUESTION


async def test_touches_meant_for_a_cover_do_not_reach_the_journey(world: World) -> None:
    await world.wish(Wish.OPEN)
    number = world.screens[-1].number
    world.touch(Next())
    await world.wish(Wish.GO_ON)
    world.stage.touch(Touch(Next(), number))
    with anyio.move_on_after(1) as scope:
        await world.stage.intent()
    assert scope.cancelled_caught


@pytest.mark.parametrize("world", ["gate"], indirect=True)
async def test_a_call_at_a_gate_ends_when_the_next_person_comes(world: World) -> None:
    await world.answered()
    world.stage.arrived()  # the one who called tries again
    await anyio.sleep(0.2)
    assert world.mark.staff == ("李静",)
    world.stage.reset()
    await anyio.sleep(0.2)
    assert world.mark.staff == ("李静",), "they may stand there still"
    world.stage.arrived()
    await anyio.sleep(0.2)
    assert world.mark is None
    assert world.shown == QUESTION
    assert world.hub.posted[-1][0] == "end"


@pytest.mark.parametrize("world", ["gate"], indirect=True)
async def test_what_covers_a_gate_is_gone_when_the_next_person_comes(world: World) -> None:
    await world.wish(Wish.OPEN)
    world.stage.arrived()
    assert world.shown == view.Offer(on_site=False)
    world.stage.reset()
    world.stage.arrived()
    assert world.shown == QUESTION


async def test_what_a_person_allowed_goes_with_them(world: World) -> None:
    await world.answered()
    await world.guide('{"do":"ask_control"}')
    await world.wish(Wish.ALLOW)
    await world.wish(Wish.SHOW)
    assert (world.mark.control, world.mark.showing) == (True, True)
    assert world.watched[-1] == Watch(on=True, private=True)
    world.stage.reset()
    await anyio.sleep(0.2)
    assert (world.mark.staff, world.mark.control, world.mark.showing) == (("李静",), False, False)
    assert world.watched[-1] == Watch(on=True, private=False)
    assert not world.hub.states()[-1].control


async def test_an_offer_that_nobody_touches_goes_by_itself(world: World) -> None:
    await world.wish(Wish.OPEN)
    await anyio.sleep(LEFT_ALONE_SECONDS - 10)
    assert world.shown == view.Offer()
    before = world.stage.accompanied
    await anyio.sleep(20)
    assert world.shown == QUESTION
    assert (before, world.stage.accompanied) == (True, False), "the journey may ask whether they are still there"
