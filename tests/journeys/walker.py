"""Walks a journey that is a list of steps, and disturbs it at each of them: back, another language, idleness, edits.

The first walk follows the list and notes at which place of the screen each step was taken. Every later walk only looks
where it is, and does there what the list did: so it finds its way after any disturbance.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

import anyio

from kiosk.desk.journey import serve_one
from kiosk.desk.session import SessionOver
from kiosk.view import afterwards as after
from kiosk.view import desk as view
from kiosk.view.common import Back, Cancel, ChangeLanguage, Language, Mode, Stay, SwitchMode
from kiosk.view.screen import Intent, State, place_of
from kiosk.wire.requests import OrderState
from tests.journeys.after_cast import After
from tests.journeys.cast import card
from tests.journeys.test_desk_drafts import Shelf
from tests.journeys.test_desk_fee import Office

Do = Callable[["Scene"], None]
Step = tuple[type, Intent | Do | None]
"""What is seen, and what is done there: an intent, something in the room, or nothing."""
MODES = tuple(Mode)
ONLY_FORWARD = (view.ItemChanged,)
"""Says something that cannot be gone back behind."""
LANGUAGES = (Language.EN, Language.ZH_HANT, Language.ZH_HANS)
MOST_LOOKS = 200_000


class Scene(After):
    """A desk with everything that a journey may need."""

    def __init__(self) -> None:
        super().__init__()
        self.shelf = Shelf()
        self.cashier = Office(self.desk)
        self.changes(shelf=self.shelf, office=self.cashier)
        self.cashier.desk = self.desk

    @property
    def state(self) -> State | None:
        return None if self.person.screen is None else self.person.screen.state

    def lay(self) -> None:
        """Lay the card down; the reader needs a moment with it."""
        self.reader.seconds = 0.4
        self.reader.driver.queue = [None, card()]

    def changes(self, **parts: object) -> None:
        self.desk = replace(self.desk, **parts)  # type: ignore[arg-type]  # a test's keyword arguments

    def outcome(self) -> dict[str, object]:
        """What is left of a visit; an order that was closed is nothing."""
        return {
            "submitted": [
                (made.item, [paper.kind for paper in made.papers], made.way) for made in self.notes.submissions
            ],
            "receipts": [printed for _, printed, _ in self.notes.receipts],
            "paid": [order.state for order in self.cashier.orders.values() if order.state is not OrderState.CLOSED],
            "drafts": sorted(key[1] for key in self.shelf.drafts),
            "supplements": [sorted(paper.kind for paper in one.papers) for one in self.tray.supplements],
            "opinions": [(one.kind, one.stars, one.reasons) for one in self.tray.opinions],
            "asked": [type(request.ask).__name__ for request in self.office.requests],
            "printed": len(self.pages.driver.jobs),
        }


@dataclass(frozen=True)
class Journey:
    """One journey.

    Attributes:
        steps: from the first screen that is touched to the last.
        make: puts the desk up as the journey needs it.
        first: so many steps at the beginning from which *back* leaves the desk.
        last: so many steps at the end that come after everything is done: idleness takes nothing away any more.
        edits: keys that are changed from the check page, one after the other.
        extras: what is done at places that only a disturbed walk comes to.
    """

    steps: Sequence[Step]
    make: Callable[[], Scene]
    first: int = 1
    last: int = 1
    edits: tuple[str, ...] = ()
    extras: tuple[tuple[str, Intent | Do], ...] = ()


@dataclass
class Walk:
    """One walk of a journey.

    Attributes:
        script: what is done at which place.
        at: what is done at a place instead, the first time: by place.
        each: is called before anything is done, with the state and the place.
    """

    journey: Journey
    scene: Scene
    script: dict[str, Intent | Do] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    kinds: set[type] = field(default_factory=set)
    over: str = ""

    # The first walk --------------------------------------------------------------------------------------------

    async def follow(self) -> None:
        """Follow the list, and note the places."""
        before: State | None = None
        for kind, act in self.journey.steps:
            before = await self._settled(kind, before)
            if act is None:
                continue
            place = place_of(before)
            self.order.append(place)
            assert self.script.get(place, act) == act, f"two things are done at {place}"
            self.script[place] = act
            while True:
                number = self._number
                self._do(act)
                await self._moved(before, number)
                state = self.scene.state
                # What is done in the room may take several touches: one after the other, until something else comes.
                if self.over or not callable(act) or state is None or place_of(state) != place:
                    break
                before = state
        await scene_over(self)

    # Later walks -----------------------------------------------------------------------------------------------

    async def find(self, each: Callable[[State, str], Awaitable[bool]]) -> None:
        """Do at each place what the list did there.

        Args:
            each: is told where one stands; True when it has done something instead.
        """
        while not self.over:
            state = self.scene.state
            place = "" if state is None else place_of(state)
            if state is None or place not in self.script or getattr(state, "slip", "") == "printing" or _busy(state):
                await anyio.sleep(0.02)
                continue
            number = self._number
            if not await each(state, place):
                self._do(self.script[place])
                if place == self.order[-1]:
                    await anyio.sleep(0.1)
                    return
            await self._moved(state, number)

    def _do(self, act: Intent | Do) -> None:
        if callable(act):
            act(self.scene)
        else:
            self.scene.person.touch(act)

    @property
    def _number(self) -> int:
        return 0 if self.scene.person.screen is None else self.scene.person.screen.number

    async def _settled(self, kind: type, before: State | None) -> State:
        for _ in range(MOST_LOOKS):
            state = self.scene.state
            if state is not None and isinstance(state, kind) and state != before and not _busy(state):
                return state
            assert not self.over, f"{kind.__name__} was not shown: {self.over}, {self.scene.person.kinds()[-6:]}"
            await anyio.sleep(0.02)
        raise AssertionError(f"{kind.__name__} was not shown: {self.scene.person.kinds()[-6:]}")

    async def _moved(self, before: State, number: int) -> None:
        for _ in range(MOST_LOOKS):
            await anyio.sleep(0.02)
            if self.over or self.scene.state != before or self._number != number:
                return
        raise AssertionError(f"nothing comes after {place_of(before)}")


def _busy(state: State) -> bool:
    """It goes on by itself in a moment."""
    match state:
        case view.Done(receipt=receipt) | view.AtWindow(receipt=receipt):
            return receipt is view.Receipt.PRINTING
        case view.ResultHere(printed=printed):
            return printed is view.Printed.PRINTING
        case view.PayFee(state=how):
            return how is view.PayState.ASKING
    return getattr(state, "slip", "") == "printing"


async def scene_over(walk: Walk, *, cancels: bool = True) -> None:
    """Wait until the visit is over; whoever is done says so."""
    while not walk.over:
        await anyio.sleep(0.5)
        if cancels and not walk.over and not isinstance(walk.scene.state, view.TakeYourThings):
            walk.scene.person.touch(Cancel())


async def visit(walk: Walk, citizen: Callable[[], Awaitable[None]]) -> str:
    """Serve one person; says how it ended."""
    scene = walk.scene

    async def serve() -> None:
        try:
            await serve_one(scene.desk)
        except SessionOver as ended:
            walk.over = str(ended) or "over"
        else:
            walk.over = "served"

    # A thread at work (sealing, drawing a page) lets virtual time run on.
    with anyio.fail_after(50_000_000):
        async with anyio.create_task_group() as group:
            group.start_soon(serve)
            await citizen()
            await scene_over(walk)
    walk.kinds = {type(state) for state in scene.person.seen}
    return walk.over


async def baseline(journey: Journey) -> Walk:
    """The journey as it is meant to go."""
    walk = Walk(journey, journey.make())
    await visit(walk, walk.follow)
    return walk


def again(base: Walk) -> Walk:
    """Another walk of the same journey."""
    script = {**dict(base.journey.extras), **base.script}
    return Walk(base.journey, base.journey.make(), script, base.order)


# Disturbances -------------------------------------------------------------------------------------------------------


async def with_language(base: Walk) -> Walk:
    """Another language, and larger type, at each step: nothing else changes."""
    walk = again(base)
    count = 0

    async def turn(state: State, place: str) -> bool:
        nonlocal count
        person = walk.scene.person
        before = person.screen
        assert before is not None
        count += 1
        person.touch(ChangeLanguage(LANGUAGES[count % 3]))
        person.touch(SwitchMode(MODES[count % 4], on=count % 3 > 0))
        assert person.screen is not None
        assert (person.screen.state, person.screen.number) == (state, before.number), place
        assert person.screen.language == LANGUAGES[count % 3]
        return False

    await visit(walk, lambda: walk.find(turn))
    return walk


async def with_back(base: Walk) -> tuple[Walk, set[str]]:
    """Back once at each step; the places where that was done."""
    walk = again(base)
    been: set[str] = set(base.order[: base.journey.first]) | set(base.order[len(base.order) - base.journey.last :])
    back: set[str] = set()
    forward: set[str] = set()

    async def turn(state: State, place: str) -> bool:
        if place in been or place not in base.order:
            return False
        been.add(place)
        if isinstance(state, ONLY_FORWARD):
            forward.add(place)
            return False
        back.add(place)
        walk.scene.person.touch(Back())
        return True

    await visit(walk, lambda: walk.find(turn))
    return walk, back | forward


async def with_pauses(base: Walk, times: int = 10) -> tuple[Walk, list[str]]:
    """At each step nobody touches anything until the warning comes, `times` times; the places where it came."""
    walk = again(base)
    left = dict.fromkeys(base.order[: len(base.order) - base.journey.last], times)
    warned: list[str] = []

    async def turn(state: State, place: str) -> bool:
        if not left.get(place) or isinstance(state, view.Start):
            return False
        left[place] -= 1
        await anyio.sleep(walk.scene.desk.pace.idle_seconds - 1.0)
        here = walk.scene.state
        assert not isinstance(here, view.StillThere), place
        if here is None or place_of(here) != place:  # it went on by itself: a code that has expired
            left[place] += 1
            return True
        for _ in range(200):
            if isinstance(walk.scene.state, view.StillThere):
                break
            await anyio.sleep(0.02)
        assert isinstance(walk.scene.state, view.StillThere), f"no warning at {place}: {walk.over} {walk.scene.state}"
        assert walk.scene.state.seconds == walk.scene.desk.pace.warning_seconds
        warned.append(place)
        walk.scene.person.touch(Stay())
        while isinstance(walk.scene.state, view.StillThere):
            await anyio.sleep(0.02)
        assert walk.scene.state is not None
        assert isinstance(walk.scene.state, type(state)), place
        return True

    await visit(walk, lambda: walk.find(turn))
    return walk, warned


async def leaving_at(base: Walk, place: str) -> Walk:
    """Somebody walks away there."""
    walk = again(base)

    async def turn(_state: State, here: str) -> bool:
        if here != place:
            return False
        await scene_over(walk, cancels=False)
        return True

    await visit(walk, lambda: walk.find(turn))
    return walk


async def with_edits(base: Walk) -> tuple[Walk, list[str]]:
    """From the check page every part is opened again, and what was there stays; the keys that were opened."""
    walk = again(base)
    left = list(base.journey.edits)
    opened: list[str] = []

    async def turn(state: State, _place: str) -> bool:
        if not isinstance(state, view.Review | after.Correction) or not left:
            return False
        opened.append(left.pop(0))
        walk.scene.person.touch(view.Edit(opened[-1]))
        return True

    await visit(walk, lambda: walk.find(turn))
    return walk, opened
