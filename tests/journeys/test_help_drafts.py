"""A call for help takes nothing from what one is busy with: whole journeys, with a call at each of their steps."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import pytest

from kiosk.help import messages
from kiosk.help.line import Around, HelpLine
from kiosk.help.process import Media
from kiosk.view import desk as view
from kiosk.view import help as remote
from kiosk.view.help import Help, Wish
from kiosk.view.screen import State, place_of
from kiosk.wire.events import CallbackWanted
from kiosk.wire.help import TERMINAL, CallAsked, MessageKind, Outcome, Party, Standing
from kiosk.wire.sealing import new_identity
from tests.journeys.table import JOURNEYS
from tests.journeys.test_help_line import Clock, Hub, Process
from tests.journeys.walker import Walk, again, baseline, visit

pytestmark = pytest.mark.anyio
LI = Party(id="weinan/li", name="李静", hall="weinan", page=1)
WALKS = ["1 by card from the list", "3 saved for another day", "4 both sides of a card", "5 a fee by code"]
_walked: dict[str, Walk] = {}


async def base(name: str) -> Walk:
    """The undisturbed walk, once a journey."""
    if name not in _walked:
        _walked[name] = await baseline(JOURNEYS[name])
    return _walked[name]


class NeverAnswers(Hub):
    """A hub that takes every question, and says nothing."""

    async def exchange(self, method: str, path: str, content: bytes | None = None) -> bytes:
        del method, path, content
        await anyio.sleep_forever()
        raise AssertionError


class Beside:
    """The help line on the stage of a journey that is walked."""

    def __init__(self, walk: Walk, hub: Hub) -> None:
        self.hub, self.process = hub, Process()
        self.person, self.stage = walk.scene.person, walk.scene.desk.stage
        self.line = HelpLine(
            Around(
                stage=self.stage,
                hub=hub,
                media=self._media,
                guide=lambda _guide: None,
                watch=lambda _watch: None,
                leave=self._leave,
                recipient=new_identity()[1],
                away=lambda: hub.away,
                clock=Clock(),
                role="desk",
            )
        )

    @asynccontextmanager
    async def _media(self, report: Callable[[messages.Report], None]) -> AsyncIterator[Media]:
        self.process.report = report
        yield self.process

    async def _leave(self, event: CallbackWanted) -> None:
        del event

    async def until(self, wanted: Callable[[], bool]) -> None:
        for _ in range(2000):
            if wanted():
                return
            await anyio.sleep(0.02)
        raise AssertionError(self.stage.covered)

    def wish(self, wish: Wish) -> None:
        self.person.touch(Help(wish))

    async def called(self) -> None:
        """A call is made, and somebody answers."""
        self.hub.standing, self.hub.parties, self.hub.box = Standing.WAITING, self.hub.parties[:1], []
        self.wish(Wish.OPEN)
        await self.until(lambda: isinstance(self.stage.covered, remote.Offer))
        self.wish(Wish.CALL)
        await self.until(lambda: isinstance(self.stage.covered, remote.Waiting))
        await self.answered()

    async def answered(self) -> None:
        offers = len(self.process.offers())
        self.hub.change(standing=Standing.RINGING, parties=(*self.hub.parties[:1], LI))
        await self.until(lambda: len(self.process.offers()) > offers)
        self.process.connected(LI.id, self.process.offers()[-1].attempt)
        await self.until(lambda: self.stage.covered is None)

    async def meddled(self) -> None:
        """Whoever helps asks for everything, and is refused everything."""
        for text, seen, no in (
            ('{"do":"ask_control"}', remote.Consent, Wish.REFUSE),
            ('{"do":"suggest","words":"13800138000"}', remote.Suggested, Wish.DECLINE),
        ):
            self.process.report(messages.Told(party=LI.id, text=text))
            await anyio.sleep(0.1)
            if isinstance(self.stage.covered, seen):  # there may be no field to fill in
                self.wish(no)
                await self.until(lambda: self.stage.covered is None)
        self.process.report(messages.Told(party=LI.id, text='{"do":"press","x":0.5,"y":0.5}'))
        self.hub.say(LI.id, MessageKind.CHAT, "请看这里")
        await self.until(lambda: isinstance(self.stage.covered, remote.Chat))
        self.wish(Wish.GO_ON)
        await self.until(lambda: self.stage.covered is None)

    async def over(self) -> None:
        """They hang up."""
        self.wish(Wish.END)
        await self.until(lambda: isinstance(self.stage.covered, remote.Over))
        self.wish(Wish.GO_ON)
        await self.until(lambda: self.stage.covered is None)


Disturbs = Callable[[Beside, State, int], Awaitable[None]]


async def walked_beside(whole: Walk, hub: Hub, disturb: Disturbs) -> Walk:
    """The journey again, with something done about help before each step."""
    walk = again(whole)
    beside, count = Beside(walk, hub), 0

    async def turn(state: State, place: str) -> bool:
        nonlocal count
        if not isinstance(state, view.Start) and place in whole.order:
            count += 1
            await disturb(beside, state, count)
            own = beside.stage.own
            assert own is not None
            if place_of(own) != place:  # a paper is taken by itself while one talks
                assert not isinstance(state, view.Question), place
                return True
        return False

    async def citizen() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(beside.line.run)
            await walk.find(turn)
            if beside.stage.covered is not None:
                beside.wish(Wish.GO_ON)
            group.cancel_scope.cancel()

    await visit(walk, citizen)
    assert count > 3
    return walk


def same(walk: Walk, whole: Walk) -> None:
    assert (walk.over, walk.scene.outcome()) == (whole.over, whole.scene.outcome())


@pytest.mark.parametrize("name", WALKS)
async def test_a_call_from_beginning_to_end_at_each_step(name: str) -> None:
    whole = await base(name)

    async def call(beside: Beside, _state: State, _count: int) -> None:
        await beside.called()
        await beside.meddled()
        await beside.over()

    same(await walked_beside(whole, Hub(), call), whole)


@pytest.mark.parametrize("name", WALKS)
async def test_one_call_during_all_of_it_over_a_line_that_comes_and_goes(name: str) -> None:
    whole = await base(name)

    async def go_on(beside: Beside, _state: State, count: int) -> None:
        if count == 1:
            await beside.called()
        match count % 4:
            case 1:
                beside.hub.away = True
                beside.hub.changed.set()
                beside.process.connected(LI.id, beside.process.offers()[-1].attempt, "failed")
            case 2:
                beside.hub.away = False
                await anyio.sleep(5)
            case 3:
                beside.process.session += 1  # it died, and was started again
            case _:
                await anyio.sleep(3)
                beside.process.connected(LI.id, beside.process.offers()[-1].attempt)

    same(await walked_beside(whole, Hub(), go_on), whole)


@pytest.mark.parametrize("name", WALKS)
async def test_a_hub_that_says_nothing_holds_nothing_up(name: str) -> None:
    whole = await base(name)

    async def press(beside: Beside, _state: State, count: int) -> None:
        """The button is pressed, and one goes on meanwhile; in the end a number is asked for, and not given."""
        if isinstance(beside.stage.covered, remote.LeaveNumber):
            beside.wish(Wish.GO_ON)
            await beside.until(lambda: beside.stage.covered is None)
        beside.wish(Wish.OPEN)
        await anyio.sleep(0.1)
        if count % 2:
            beside.wish(Wish.CALL)
            await anyio.sleep(0.1)
        beside.wish(Wish.GO_ON)
        await beside.until(lambda: beside.stage.covered is None)

    same(await walked_beside(whole, NeverAnswers(), press), whole)


async def test_a_call_that_is_lost_at_the_hub_leaves_the_form_as_it_is() -> None:
    whole = await base(WALKS[0])

    async def lose(beside: Beside, _state: State, count: int) -> None:
        if count != 4:
            return
        await beside.called()
        assert isinstance(beside.hub.asked, CallAsked)
        beside.hub.change(standing=Standing.ENDED, outcome=Outcome.LOST)
        await beside.until(lambda: isinstance(beside.stage.covered, remote.Over))
        beside.wish(Wish.GO_ON)
        await beside.until(lambda: beside.stage.covered is None)

    same(await walked_beside(whole, Hub(parties=(Party(id=TERMINAL, name="desk-1"),)), lose), whole)
